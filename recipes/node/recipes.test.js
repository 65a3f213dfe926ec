// Starts each recipe as a process of its own, and sends it requests byte by byte.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify, stripVTControlCharacters } from 'node:util'

import { Receiver, sign } from 'hookseal'
import { Redis } from 'ioredis'

import { hasRedis, startRedis } from '../../bindings-node/test/redis_server.js'

const run = promisify(execFile)
const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const LONGEST_MILLISECONDS = 60_000
const ENVIRONMENT = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
const SALT = 'salt-7f3c9b1e'
const SECRET = 'secret-4d1a'
const LIMIT_BYTES = Receiver.benji(SALT).bodyLimit
const benji = (number) => Buffer.from(`{"event":"transaction_created","entity_type":3,"entity_id":${number}}`)
const BODY = benji(1)

/** Runs in a recipe before its own code: the handler fails for the first event, because printing it fails. */
const FIRST_EVENT_FAILS = `data:text/javascript,${encodeURIComponent(`
  const { log } = console
  let failed = false
  console.log = (format, ...values) => {
    if (format !== '%s %o' || failed) return log(format, ...values)
    failed = true
    throw new Error('the first event cannot be printed')
  }`)}`

// Node shows each field of a repeated header. Web Headers join them before hookseal can see them.
const SEPARATE = [400, 'repeated_header']
const JOINED = [401, 'malformed_signature']
const NEXT = 'next/node_modules/next/dist/bin/next'

// hookseal refuses methods that the vendor does not use. Next.js answers those that a route does not export.
const REFUSED = { PUT: [405, 'POST', 'method_not_allowed'], OPTIONS: [405, 'POST', 'method_not_allowed'] }
const NOT_EXPORTED = { PUT: [405, undefined, undefined], OPTIONS: [204, 'OPTIONS, POST', undefined] }

/** How each recipe is started, and how it answers a repeated header and other methods. */
const RECIPES = {
  Koa: { program: ['koa.js'], repeated: SEPARATE, methods: REFUSED },
  Hono: { program: ['hono.js'], repeated: JOINED, methods: REFUSED },
  'Nest on Express': { program: ['target/nest_express.js'], repeated: SEPARATE, methods: REFUSED },
  'Nest on Fastify': { program: ['target/nest_fastify.js'], repeated: SEPARATE, methods: REFUSED },
  'Next.js': {
    program: [NEXT, 'start', at('next'), '--port=0', '--hostname=127.0.0.1'],
    repeated: JOINED,
    methods: NOT_EXPORTED,
  },
}

/** A recipe that runs. `output` is what it has printed. */
class Program {
  output = ''
  #process

  constructor([file, ...given], environment = {}) {
    const env = { ...ENVIRONMENT, PORT: '0', BENJI_SALT: SALT, BENTI_SECRET: SECRET, ...environment }
    this.#process = spawn(process.execPath, [at(file), ...given], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.output += stripVTControlCharacters(text)))
    }
  }

  /** What the pattern finds in the output after a position, as soon as it is there. */
  printed(pattern, from = 0) {
    return until(() => {
      assert.deepEqual([this.#process.exitCode, this.#process.signalCode], [null, null], this.output)
      return pattern.exec(this.output.slice(from))
    }, () => `${pattern} is not in: ${this.output.slice(from)}`)
  }

  async port() {
    return Number((await this.printed(/^(?:listening on|- Local: +\S+:)\s*(\d+)$/m))[1])
  }

  /** Ends it, and returns its exit code, or null if it had to be killed. */
  async stop(signal = 'SIGKILL') {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit')
      this.#process.kill(signal)
      const late = setTimeout(() => this.#process.kill('SIGKILL'), LONGEST_MILLISECONDS)
      await ended
      clearTimeout(late)
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
    const lines = pairs.map(([name, value]) => `${name}: ${value}\r\n`)
    return this.write(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}\r\n`)
  }

  /** Sends a whole POST to Benji's route. */
  post(headers, body) {
    const all = { ...headers, 'content-type': 'application/json', 'content-length': body.length }
    return this.head('POST', '/webhooks/benji', all).write(body)
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
    const headers = Object.fromEntries(fields.map((field) => {
      const [name, ...value] = field.split(':')
      return [name.toLowerCase(), value.join(':').trim()]
    }))
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

for (const [name, { program, repeated, methods }] of Object.entries(RECIPES)) {
  describe(name, () => {
    const started = []
    let recipe
    let port
    before(async () => {
      // Without the secrets, as on a machine that only builds.
      if (name === 'Next.js') await run(process.execPath, [at(NEXT), 'build', at('next')], { env: ENVIRONMENT })
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
      return { client, code: async () => (await recipe.printed(/^([a-z_]+) /m, before))[1] }
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
      client.head('POST', '/webhooks/benji', [...pairs, ['content-length', BODY.length]]).write(BODY)
      const { status, body } = await client.answer()
      assert.deepEqual([[status, await code()], body], [repeated, ''])
    })

    test('a handshake is answered, and one with another secret refused', async (t) => {
      const { client, code } = connected(t)
      const shaken = (secret) => client.head('GET', '/webhooks/benti', sign.bentiHandshake(secret, 'c4f1e7d2')).answer()
      const { status, headers, body } = await shaken(SECRET)
      assert.deepEqual([status, headers['x-inbenta-challenge'], body], [200, 'c4f1e7d2', 'c4f1e7d2'])
      const refused = await shaken('another')
      assert.deepEqual([refused.status, refused.body, await code()], [401, '', 'signature_mismatch'])
    })

    for (const [method, [expected, allow, expectedCode]] of Object.entries(methods)) {
      test(`${method} is answered with the methods that are allowed`, async (t) => {
        const { client, code } = connected(t)
        const { status, headers, body } = await client.head(method, '/webhooks/benji', {}).answer()
        assert.deepEqual([status, headers.allow, body], [expected, allow, ''])
        if (expectedCode !== undefined) assert.equal(await code(), expectedCode)
      })
    }

    test('a connection is used again after refusals', async (t) => {
      const { client } = connected(t)
      // A forged delivery, one without a signature, and one that is too large.
      const signed = sign.benji(SALT, BODY)
      const refused = [[signed, benji(999)], [{}, BODY], [signed, Buffer.alloc(LIMIT_BYTES + 1)]]
      const statuses = []
      for (const request of refused.flatMap((one) => [one, [signed, BODY]])) {
        statuses.push((await client.post(...request).answer()).status)
      }
      assert.deepEqual(statuses, [401, 204, 401, 204, 413, 204])
    })

    test('a handler that fails is answered with 500, and the next delivery is handled', async (t) => {
      const failing = new Program(program, { NODE_OPTIONS: `--import=${FIRST_EVENT_FAILS}` })
      started.push(failing)
      const { client } = connected(t, await failing.port())
      const answers = []
      for (const body of [benji(40), benji(41)]) answers.push(await client.post(sign.benji(SALT, body), body).answer())
      assert.deepEqual(answers.map(({ status }) => status), [500, 204])
      assert.doesNotMatch(answers[0].body, /printed/)
      // The framework has logged the failure.
      await failing.printed(/the first event cannot be printed/)
      await failing.printed(/^transaction\.created 'transaction\/41'$/m)
    })

    if (name === 'Koa') {
      test("Koa's middleware sees the status of the answer", async (t) => {
        const { client } = connected(t)
        const before = recipe.output.length
        const statuses = []
        for (const headers of [sign.benji(SALT, BODY), {}]) {
          statuses.push((await client.post(headers, BODY).answer()).status)
        }
        assert.deepEqual(statuses, [204, 401])
        await recipe.printed(/^POST '\/webhooks\/benji' 204\n(?:.*\n)*POST '\/webhooks\/benji' 401$/m, before)
      })
    }

    if (!name.startsWith('Nest')) return
    test('controllers keep their parsers', async (t) => {
      const { client } = connected(t)
      const note = Buffer.from('{"text":"four"}')
      client.head('POST', '/notes', { 'content-type': 'application/json', 'content-length': note.length }).write(note)
      const { status, body } = await client.answer()
      assert.deepEqual([status, JSON.parse(body)], [201, { length: 4 }])
    })
  })
}

if (hasRedis('the recipe for BullMQ')) {
  describe('BullMQ', () => {
    const running = []
    let redis
    let queue
    let gate
    let service
    let worker
    let port
    let events

    before(async () => {
      redis = await startRedis()
      queue = new Redis(redis.url)
      gate = await startGate(redis.port)
      events = await startEvents()
      service = start('bullmq_service.js', gate.url)
      port = await service.port()
    })
    after(async () => {
      await Promise.all(running.map((one) => one.stop()))
      events.server.closeAllConnections()
      events.server.close()
      await gate.shut()
      queue.disconnect()
      await redis.stop()
    })

    function start(file, url = redis.url) {
      const program = new Program([file], { REDIS_URL: url, EVENTS_URL: events.url })
      running.push(program)
      return program
    }

    async function post(number, headers = sign.benji(SALT, benji(number))) {
      const client = new Client(port)
      try {
        const { status, body } = await client.post(headers, benji(number)).answer()
        assert.equal(body, '')
        return status
      } finally {
        client.close()
      }
    }

    /** Waits until the service for events has got these, in any order. */
    async function received(...numbers) {
      await until(() => events.subjects.length >= numbers.length, () => `${events.subjects}: ${worker?.output}`)
      assert.deepEqual(events.subjects.splice(0).sort(), numbers.map((number) => `transaction/${number}`))
    }

    test('a delivery waits in the queue for a worker', async () => {
      assert.equal(await post(1), 202)
      assert.equal(await post(2, sign.benji(SALT, BODY)), 401)
      worker = start('bullmq_worker.js')
      await received(1)
    })

    test('a delivery that comes twice is handled once', async () => {
      const headers = sign.benji(SALT, benji(3))
      assert.deepEqual([await post(3, headers), await post(3, headers), await post(4)], [202, 202, 202])
      await worker.printed(/^job [23] is a duplicate$/m)
      await received(3, 4)
    })

    test('a delivery that comes twice at the same time is handled once', async () => {
      const headers = sign.benji(SALT, benji(5))
      const finish = events.hold()
      assert.equal(await post(5, headers), 202)
      await received(5)
      assert.equal(await post(5, headers), 202)
      // The second job has claimed the key while the first one has it, and waits.
      await until(async () => (await queue.zcard('bull:webhooks:delayed')) === 1, () => worker.output)
      finish()
      await worker.printed(/^job 6 is a duplicate$/m)
      assert.deepEqual(events.subjects, [])
    })

    test('a delivery is tried again after a failure', async () => {
      events.failures = 2
      assert.equal(await post(7), 202)
      await worker.printed(/^job 7 has failed 2 times: the events' service answered 500$/m)
      await worker.printed(/^job 7 is done$/m)
      await received(7, 7, 7)
    })

    test('a worker ends when it is told to, and another one goes on', async () => {
      assert.equal(await worker.stop('SIGTERM'), 0)
      assert.equal(await post(8), 202)
      worker = start('bullmq_worker.js')
      await received(8)
    })

    test('a service without Redis answers 503, and receives again when Redis is back', async () => {
      await gate.shut()
      assert.equal(await post(9), 503)
      await gate.open()
      await until(async () => (await post(9)) === 202, () => service.output)
      await received(9)
    })
  })
}

/** Hands connections on to Redis while it is open. */
async function startGate(port) {
  const sockets = new Set()
  const server = createTcpServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      sockets.add(from.on('error', () => {}).on('close', () => to.destroy()))
      from.pipe(to)
    }
  })
  const listen = (at) => once(server.listen(at, '127.0.0.1'), 'listening')
  await listen(0)
  const at = server.address().port
  return {
    url: `redis://127.0.0.1:${at}`,
    open: () => listen(at),
    async shut() {
      const closed = once(server.close(), 'close')
      for (const socket of sockets) socket.destroy()
      sockets.clear()
      await closed
    },
  }
}

/** A service that the worker posts events to. */
async function startEvents() {
  const events = { subjects: [], failures: 0, hold: undefined }
  let held
  events.hold = () => {
    let finish
    held = new Promise((resolve) => (finish = resolve))
    return finish
  }
  events.server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request.setEncoding('utf8')) text += part
    events.subjects.push(JSON.parse(text).subject)
    await held
    response.writeHead(events.failures-- > 0 ? 500 : 204).end()
  }).listen(0, '127.0.0.1')
  await once(events.server, 'listening')
  events.url = `http://127.0.0.1:${events.server.address().port}/`
  return events
}
