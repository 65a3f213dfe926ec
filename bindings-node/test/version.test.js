import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'

import { version } from 'hookseal'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

test('the native module and the package have one version', () => {
  assert.equal(version, manifest.version)
})

test('import and require load the same module', () => {
  assert.equal(createRequire(import.meta.url)('hookseal').version, version)
})
