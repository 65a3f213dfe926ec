// attw and publint find no fault in the package that is published.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { folder, published } from './project.js'

const { main } = published()

/** What a tool prints about the package. The test fails with it if the tool finds a fault. */
function judged(tool, ...options) {
  const path = fileURLToPath(new URL(`node_modules/.bin/${tool}`, import.meta.url))
  try {
    return execFileSync(path, [main, ...options], { encoding: 'utf8', cwd: folder })
  } catch (error) {
    assert.fail(error.stdout + error.stderr)
  }
}

test('every entry point has types under each resolution', { timeout: 120_000 }, () => {
  assert.match(judged('attw', '--format=ascii', '--no-color'), /hookseal\/inbox\/sqlite/)
})

test('the manifest fits the files', () => {
  judged('publint', '--strict')
})
