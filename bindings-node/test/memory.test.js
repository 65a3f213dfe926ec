// Many deliveries do not increase the memory. HOOKSEAL_DELIVERIES=1000000 is the full run.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'

const DELIVERIES = Number(process.env.HOOKSEAL_DELIVERIES ?? 100_000)
const PROGRAM = fileURLToPath(new URL('deliveries.js', import.meta.url))

for (const what of ['single', 'batch', 'refused', 'receivers', 'claims', 'guards', 'records', 'requests']) {
  test(`the memory does not increase: ${what}`, () => {
    // With more arenas the resident bytes depend on how many threads of Node run at the same time.
    const output = execFileSync(process.execPath, ['--expose-gc', PROGRAM, what, String(DELIVERIES)], { encoding: 'utf8', env: { ...process.env, MALLOC_ARENA_MAX: '1' } })
    const { settled, resident } = JSON.parse(output)
    assert.ok(settled, `the resident bytes still grow: ${resident.join(' ')}`)
  })
}
