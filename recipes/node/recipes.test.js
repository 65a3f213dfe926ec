// Starts each recipe as a process of its own, and sends it requests byte by byte.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

import { Receiver, sign } from 'hookseal'

import { hasRedis, startRedis } from '../../bindings-node/test/redis_server.js'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const LONGEST_MILLISECONDS = 60_000
const SALT = 'salt-7f3c9b1e'
const SECRET = 'secret-4d1a'
const LIMIT_BYTES = Receiver.benji(SALT).bodyLimit
const benji = (number) => Buffer.from(`{"event":"transaction_created","entity_type":3,"entity_id":${number}}`)
const BODY = benji(1)

/** Runs in a recipe before its own code. The first event cannot be printed: so the handler fails, as a test wants it. */
const FIRST_EVENT_FAILS = `data:text/javascript,${encodeURIComponent(`
  const { log } = console
  let failed = false
  console.log = (format, ...values) => {
    if (format !== '%s %o' || failed) return log(format, ...values)
    failed = true
    throw new Error('the first event cannot be printed')
  }`)}`

// Web Headers join repeated fields before hookseal can see them.
const REPEATED = { separate: [400, 'repeated_header'], joined: [401, 'malformed_signature'] }
const RECIPES = {
  Koa: { program: ['koa.js'], repeated: REPEATED.separate },
  Hono: { program: ['hono.js'], repeated: REPEATED.joined },
  'Nest on Express': { program: ['target/nest_express.js'], repeated: REPEATED.separate },
  'Nest on Fastify': { program: ['target/nest_fastify.js'], repeated: REPEATED.separate },
}

/** A recipe that runs. `output` is what it has printed. */
class Program {
  output = ''
  #process

  constructor([file, ...given], environment = {}) {
    const env = { ...process.env, PORT: '0', BENJI_SALT: SALT, BENTI_SECRET: SECRET, ...environment }
    this.#process = spawn(process.execPath, [at(file), ...given], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.output += stripVTControlCharacters(text)))
    }
  }

  /** What the pattern finds in the output, as soon as it is there. */
  async printed(pattern) {
    const found = await until(() => {
      assert.deepEqual([this.#process.exitCode, this.#process.signalCode], [null, null], this.output)
      return pattern.exec(this.output)
    }, () => `${pattern} is not in: ${this.output}`)
    return found
  }

  async port() {
    return Number((await this.printed(/^(?:listening on|- Local: +\S+:)\s*(\d+)$/m))[1])
  }

  /** Ends it, and returns how it ended. */
  async stop(signal = 'SIGKILL') {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit')
      this.#process.kill(signal)
      await ended
    }
    return this.#process.exitCode
  }
}

async function until(found, message) {
  for (const end = Date.now() + LONGEST_MILLISECONDS; Date.now() < end; await sleep(10)) {
    const result = await found()
    if (result) return result
  }
  return assert.fail(message())
}

/** A connection that sends exactly the given bytes. */
class Client {
  #socket
  #received = Buffer.alloc(0)

  constructor(port) {
    this.#socket = connect(port, '127.0.0.1').setTimeout(LONGEST_MILLISECONDS, () => this.close())
    // A server may close a connection on which a body was not sent to its end.
    this.#socket.on('error', () => {}).on('data', (bytes) => (this.#received = Buffer.concat([this.#received, bytes])))
  }

  /** Sends a head. Fields are pairs, or an object. */
  head(method, path, fields) {
    const pairs = Array.isArray(fields) ? fields : Object.entries(fields)
    return this.write(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${pairs.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  }

  /** Sends a whole POST to Benji's route. */
  post(headers, body) {
    return this.head('POST', '/webhooks/benji', { ...headers, 'content-type': 'application/json', 'content-length': body.length }).write(body)
  }

  chunk(bytes) {
    return this.write(`${bytes.length.toString(16)}\r\n`).write(bytes).write('\r\n')
  }

  write(bytes) {
    this.#socket.write(bytes)
    return this
  }

  /** The next answer: its status, its headers and its body. */
  async answer() {
    const head = await this.#upTo('\r\n\r\n')
    const [first, ...fields] = head.trimEnd().split('\r\n')
    const headers = Object.fromEntries(fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]))
    const status = Number(first.split(' ')[1])
    return { status, headers, body: await this.#body(status, headers) }
  }

  async #body(status, headers) {
    if (status === 204) return ''
    if (headers['transfer-encoding'] !== 'chunked') return this.#take(Number(headers['content-length']))
    let body = ''
    for (;;) {
      const length = parseInt(await this.#upTo('\r\n'), 16)
      const piece = await this.#take(length + 2)
      if (length === 0) return body
      body += piece.slice(0, -2)
    }
  }

  async #upTo(end) {
    await this.#until(() => this.#received.includes(end))
    return this.#take(this.#received.indexOf(end) + end.length)
  }

  async #take(length) {
    await this.#until(() => this.#received.length >= length)
    const taken = this.#received.subarray(0, length)
    this.#received = this.#received.subarray(length)
    return taken.toString()
  }

  async #until(arrived) {
    while (!arrived()) {
      assert.ok(!this.#socket.closed, `the connection was closed after: ${this.#received}`)
      await Promise.race([once(this.#socket, 'data'), once(this.#socket, 'close')])
    }
  }

  close() {
    this.#socket.destroy()
  }
}

for (const [name, { program, repeated }] of Object.entries(RECIPES)) {
  describe(name, () => {
    const started = []
    let recipe
    let port
    before(async () => {
      recipe = new Program(program)
      started.push(recipe)
      port = await recipe.port()
    })
    after(() => Promise.all(started.map((one) => one.stop())))

    /** A new connection, and the code of the refusal that the recipe prints next. */
    function connected(t, to = port) {
      const client = new Client(to)
      t.after(() => client.close())
      const before = recipe.output.length
      const code = async () => (await until(() => /^([a-z_]+) /m.exec(recipe.output.slice(before)), () => recipe.output))[1]
      return { client, code }
    }

    test('a genuine delivery reaches the handler', async (t) => {
      const { client } = connected(t)
      const body = benji(20)
      const { status, body: answered } = await client.post(sign.benji(SALT, body), body).answer()
      assert.deepEqual([status, answered], [204, ''])
      await recipe.printed(/^transaction\.created 'transaction\/20'$/m)
    })

    test('a genuine delivery in chunks reaches the handler', async (t) => {
      const { client } = connected(t)
      const body = benji(21)
      client.head('POST', '/webhooks/benji', { ...sign.benji(SALT, body), 'transfer-encoding': 'chunked' })
      client.chunk(body.subarray(0, 10)).chunk(body.subarray(10)).write('0\r\n\r\n')
      assert.equal((await client.answer()).status, 204)
      await recipe.printed(/^transaction\.created 'transaction\/21'$/m)
    })

    test('a forged delivery is refused', async (t) => {
      const { client, code } = connected(t)
      const { status, body } = await client.post(sign.benji(SALT, BODY), benji(999)).answer()
      assert.deepEqual([status, body, await code()], [401, '', 'signature_mismatch'])
      assert.doesNotMatch(recipe.output, /transaction\/999/)
    })

    test('a stale delivery is refused', async (t) => {
      const { client, code } = connected(t)
      const { status, body } = await client.post(sign.benji(SALT, BODY, { time: Date.now() - 400_000 }), BODY).answer()
      assert.deepEqual([status, body, await code()], [400, '', 'stale'])
    })

    test('a head without a signature is refused before the body is sent', async (t) => {
      const { client, code } = connected(t)
      const { status, body } = await client.head('POST', '/webhooks/benji', { 'content-length': BODY.length }).answer()
      assert.deepEqual([status, body, await code()], [401, '', 'missing_signature'])
    })

    test('a body with a length over the limit is refused before it is sent', async (t) => {
      const { client, code } = connected(t)
      const headers = { ...sign.benji(SALT, BODY), 'content-length': LIMIT_BYTES + 1 }
      const { status, body } = await client.head('POST', '/webhooks/benji', headers).answer()
      assert.deepEqual([status, body, await code()], [413, '', 'payload_too_large'])
    })

    test('a body without a length is refused at the first byte over the limit', async (t) => {
      const { client, code } = connected(t)
      client.head('POST', '/webhooks/benji', { ...sign.benji(SALT, BODY), 'transfer-encoding': 'chunked' })
      // The last chunk and the end of the body are never sent, so a server that waits for them gives no answer.
      client.chunk(Buffer.alloc(LIMIT_BYTES)).chunk(Buffer.alloc(1))
      const { status, body } = await client.answer()
      assert.deepEqual([status, body, await code()], [413, '', 'payload_too_large'])
    })

    test('a repeated header is refused', async (t) => {
      const { client, code } = connected(t)
      const pairs = Object.entries(sign.benji(SALT, BODY)).flatMap((pair) => [pair, pair])
      const { status, body } = await client.head('POST', '/webhooks/benji', [...pairs, ['content-length', BODY.length]]).write(BODY).answer()
      assert.deepEqual([[status, await code()], body], [repeated, ''])
    })

    test('a handshake is answered, and one with another secret refused', async (t) => {
      const { client, code } = connected(t)
      const { status, headers, body } = await client.head('GET', '/webhooks/benti', sign.bentiHandshake(SECRET, 'c4f1e7d2')).answer()
      assert.deepEqual([status, headers['x-inbenta-challenge'], body], [200, 'c4f1e7d2', 'c4f1e7d2'])
      const refused = await client.head('GET', '/webhooks/benti', sign.bentiHandshake('another', 'c4f1e7d2')).answer()
      assert.deepEqual([refused.status, refused.body, await code()], [401, '', 'signature_mismatch'])
    })

    for (const method of ['PUT', 'OPTIONS']) {
      test(`${method} is refused with the methods that are allowed`, async (t) => {
        const { client, code } = connected(t)
        const { status, headers, body } = await client.head(method, '/webhooks/benji', {}).answer()
        assert.deepEqual([status, headers.allow, body, await code()], [405, 'POST', '', 'method_not_allowed'])
      })
    }

    test('a connection is used again after refusals', async (t) => {
      const { client } = connected(t)
      for (const [number, status] of [[30, 204], [31, 401], [32, 204], [33, 401], [34, 204]]) {
        const headers = status === 401 && number === 33 ? {} : sign.benji(SALT, status === 401 ? BODY : benji(number))
        const answer = await client.post(headers, benji(number)).answer()
        assert.deepEqual([answer.status, answer.body], [status, ''])
      }
      await recipe.printed(/'transaction\/34'/)
    })

    test('a handler that fails is answered with 500, and the next delivery is handled', async (t) => {
      const failing = new Program(program, { NODE_OPTIONS: `--import=${FIRST_EVENT_FAILS}` })
      started.push(failing)
      const { client } = connected(t, await failing.port())
      const answers = []
      for (const number of [40, 41]) answers.push(await client.post(sign.benji(SALT, benji(number)), benji(number)).answer())
      assert.deepEqual(answers.map(({ status }) => status), [500, 204])
      assert.doesNotMatch(answers[0].body, /printed/)
      // The framework has logged the failure.
      await failing.printed(/the first event cannot be printed/)
      await failing.printed(/^transaction\.created 'transaction\/41'$/m)
    })

    if (!name.startsWith('Nest')) return
    test('controllers keep their parsers', async (t) => {
      const { client } = connected(t)
      const note = Buffer.from('{"text":"four"}')
      const { status, body } = await client.head('POST', '/notes', { 'content-type': 'application/json', 'content-length': note.length }).write(note).answer()
      assert.deepEqual([status, JSON.parse(body)], [201, { length: 4 }])
    })
  })
}
