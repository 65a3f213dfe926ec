// A panic in the native module becomes an ordinary error, and the process continues.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))

test('a panic becomes an error, and the next request is received', (t) => {
  // The published module cannot panic on purpose, so the test builds another one.
  const folder = mkdtempSync(join(tmpdir(), 'hookseal-panic-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const part of ['index.cjs', 'lib']) cpSync(at(`../${part}`), join(folder, part), { recursive: true })
  execFileSync(process.execPath, [at('../scripts/build.mjs'), join(folder, 'hookseal.node'), 'forced-panic'], { stdio: ['ignore', 'ignore', 'pipe'] })

  const program = `
    const { Receiver, Rejection, sign } = require('./index.cjs')
    const receiver = Receiver.benji('salt')
    const receive = (body) => receiver.receive({ method: 'POST', headers: sign.benji('salt', body), body: Buffer.from(body) })
    for (let round = 0; round < 100; round++) {
      try {
        receive('panic')
        console.log('no error')
      } catch (error) {
        if (round === 0) console.log(error.constructor === Error, error instanceof Rejection, error.message)
      }
    }
    console.log([...receive('{"event":"transaction_created"}')][0].kind)`
  const output = execFileSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const [first, second] = output.split('\n')
  assert.match(first, /^true false .*forced by a test/)
  assert.equal(second, 'transaction.created')
})

test('the published module does not panic on purpose', async () => {
  const { Receiver, sign } = await import('hookseal')
  const rejection = Receiver.benji('salt').tryReceive({ method: 'POST', headers: sign.benji('salt', 'panic'), body: Buffer.from('panic') })
  assert.equal(rejection.code, 'malformed_payload')
})
