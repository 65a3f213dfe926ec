// Senders without the secret attack servers over raw sockets. Each server runs in its own process. The tests check the
// memory, the printed text, and that later requests are served. hardening/hostile has the whole table.

import assert from 'node:assert/strict'
import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { sign } from 'hookseal'

import { BODY, SALT, begin, send, statusOf } from './requests.js'
import { STARTERS } from './servers.js'

const PROGRAM = fileURLToPath(new URL('hostile_server.js', import.meta.url))
const LIMIT = 16 * 1024
const CONNECTIONS = 40
/** Memory that Node uses for a while in any case. One object for each chunk would use four times as much. */
const SLACK_BYTES = 48 * 1024 * 1024
const MIB = 1024 * 1024

const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
const END = '0\r\n\r\n'
const wrong = () => sign.benji(SALT, 'other')

for (const name of Object.keys(STARTERS).filter((name) => !name.startsWith('lambda'))) {
  describe(name, { timeout: 120_000 }, () => {
    let server, url, printed, rest
    before(async () => {
      server = fork(PROGRAM, [name, LIMIT], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
      for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => (printed += text));
      [url] = await once(server, 'message')
      for (let round = 0; round < 100; round++) await stillServes()
      rest = await peakBytes()
    })
    after(() => server.kill())

    async function peakBytes() {
      server.send('peak')
      const [bytes] = await once(server, 'message')
      return bytes
    }

    async function stillServes() {
      assert.equal((await send(url, { headers: sign.benji(SALT, BODY), body: BODY })).status, 204)
      assert.equal((await send(url, { headers: wrong(), body: BODY })).status, 401)
      assert.equal(server.exitCode ?? server.signalCode, null)
    }

    /**
     * Sends this number of one-byte chunks on each connection, and then `last`. Checks the memory; returns the
     * statuses.
     */
    async function floodedWith(chunks, last) {
      const sockets = Array.from({ length: CONNECTIONS }, () => begin(url, { ...wrong(), connection: 'close' }))
      const flood = chunk('x').repeat(chunks)
      const answers = sockets.map(statusOf)
      for (const socket of sockets) socket.write(flood)
      // All connections stay open until later requests have been answered.
      for (let round = 0; round < 10; round++) await stillServes()
      for (const socket of sockets) socket.write(last)
      const statuses = new Set(await Promise.all(answers))
      const grown = (await peakBytes()) - rest
      const bound = CONNECTIONS * 2 * LIMIT + SLACK_BYTES
      assert.ok(grown < bound, `${Math.round(grown / MIB)} MiB above rest; ${Math.round(bound / MIB)} are allowed`)
      return statuses
    }

    test('one-byte chunks cost no more memory than the body limit', async () => {
      assert.deepEqual(await floodedWith(LIMIT, END), new Set([401]))
    })

    test('one-byte chunks beyond the limit cost no more memory either', async () => {
      assert.deepEqual(await floodedWith(2 * LIMIT, ''), new Set([413]))
    })

    test('a sender that leaves half-way causes no printed error', async () => {
      printed = ''
      for (const leave of ['destroy', 'end', 'resetAndDestroy']) {
        const sockets = Array.from({ length: 10 }, () => begin(url, wrong()))
        for (const socket of sockets) {
          await new Promise((resolve) => socket.write(chunk('x'.repeat(1000)) + 'ffff\r\nxx', resolve))
        }
        await stillServes()
        for (const socket of sockets) socket[leave]()
        await Promise.all(sockets.map((socket) => socket.destroyed || once(socket.resume(), 'close')))
        await stillServes()
      }
      assert.equal(printed, '')
    })

    for (const [what, bad] of [['a size that is no number', 'zz\r\n'], ['data without its end', '1\r\nxyz'], ['a size beyond all', `${'f'.repeat(17)}\r\n`], ['a size below zero', '-1\r\nx\r\n']]) {
      test(`a malformed chunk is answered with 400 and causes no printed error: ${what}`, async () => {
        printed = ''
        const socket = begin(url, wrong())
        socket.write(chunk('x'.repeat(1000)) + bad)
        assert.equal(await statusOf(socket), 400)
        await stillServes()
        assert.equal(printed, '')
      })
    }

    test('a handler that fails ends no process', async () => {
      const body = Buffer.from('{"event":"fail"}')
      assert.equal((await send(url, { headers: sign.benji(SALT, body), body })).status, 500)
      await stillServes()
    })
  })
}

test('empty chunks cost no memory', () => {
  const program = `
    import { Receiver, sign } from 'hookseal'
    import { webhook } from 'hookseal/fetch'
    const body = Buffer.from('{"event":"user_partner_connected"}')
    const hook = webhook(Receiver.benji('salt'), () => {})
    let left = 1_000_000
    const stream = new ReadableStream({
      pull(controller) {
        if (left === 500_000) controller.enqueue(new Uint8Array(body))
        if (left-- > 0) return controller.enqueue(new Uint8Array(0))
        controller.close()
      },
    })
    const request = new Request('http://localhost/', { method: 'POST', headers: sign.benji('salt', body), body: stream, duplex: 'half' })
    const before = process.resourceUsage().maxRSS
    const { status } = await hook(request)
    process.stdout.write(JSON.stringify({ status, grown: (process.resourceUsage().maxRSS - before) * 1024 }))`
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd, encoding: 'utf8' })
  const { status, grown } = JSON.parse(output)
  assert.equal(status, 204)
  assert.ok(grown < SLACK_BYTES, `${Math.round(grown / MIB)} MiB for a million empty chunks`)
})
