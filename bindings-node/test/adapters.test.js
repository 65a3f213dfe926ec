// Every adapter with its real framework, over real sockets.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { Agent, createServer } from 'node:http'
import { after, describe, test } from 'node:test'
import { types } from 'node:util'
import { runInNewContext } from 'node:vm'

import express from 'express'
import { fastify } from 'fastify'
import { fastify as fastify4 } from 'fastify-4'
import { Receiver, ReplayGuard, sign } from 'hookseal'
import { webhook as expressWebhook } from 'hookseal/express'
import { webhook as fastifyWebhook } from 'hookseal/fastify'
import { webhook as fetchWebhook } from 'hookseal/fetch'
import { webhook as lambdaWebhook } from 'hookseal/lambda'

import { BODY, SALT, begin, benji, benjiRequest, send } from './requests.js'
import { STARTERS, listening } from './servers.js'

// Web Headers and Lambda's second form join repeated fields before hookseal can see them.
const JOINING = ['hono', 'fetch', 'lambda 2.0']
// These pass on the request of node:http. The adapter reads and discards the rest of it.
const STREAMING = ['express', 'express 4', 'node:http', 'fastify', 'fastify 4']

/** Values other than a usual Error that a program may throw, and the text that is printed for each. */
const THROWN = {
  undefined: { value: undefined, printed: 'undefined was thrown' },
  null: { value: null, printed: 'null was thrown' },
  'a text': { value: 'secretword', printed: 'a string was thrown' },
  'a symbol': { value: Symbol('secretword'), printed: 'a symbol was thrown' },
  'an object': { value: { body: 'secretword' }, printed: 'an object was thrown' },
  'a revoked proxy': { value: revoked({}), printed: 'an object was thrown' },
  'a revoked proxy of a function': { value: revoked(() => {}), printed: 'a function was thrown' },
  'an Error whose stack throws': {
    value: Object.defineProperty(new Error('secretword'), 'stack', { get: () => { throw new Error('secretword') } }),
    printed: 'an object was thrown',
  },
  'an Error whose stack is no text': {
    value: Object.assign(new Error('secretword'), { stack: { toString: () => { throw new Error('secretword') } } }),
    printed: 'an object was thrown',
  },
  'an Error without a stack': { value: Object.assign(new Error('secretword'), { stack: undefined }), printed: 'an object was thrown' },
  'an Error of another realm': { value: runInNewContext("const e = new Error('x'); e.stack = 'Error: no log'; e"), printed: 'Error: no log' },
}

function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

for (const [name, start] of Object.entries(STARTERS)) {
  describe(name, async () => {
    const servers = []
    after(() => Promise.all(servers.map((close) => close())))

    /** A server with this receiver: its address, the deliveries that it handled, and the codes of its refusals. */
    async function serving(receiver) {
      const handled = []
      const refused = []
      const { url, close } = await start(receiver, (delivery) => void handled.push(delivery), {
        onRejection: ({ code }) => refused.push(code),
      })
      servers.push(close)
      return { url, handled, refused }
    }

    const refusals = [
      ['a forged request', 'signature_mismatch', 401, () => ({ headers: signed(Buffer.from('other')), body: BODY })],
      ['an unsigned request', 'missing_signature', 401, () => ({ body: BODY })],
      ['a stale request', 'stale', 400, () => ({ headers: signed(BODY, Date.now() - 400_000), body: BODY })],
      ['a request from the future', 'from_the_future', 400, () => ({ headers: signed(BODY, Date.now() + 400_000), body: BODY })],
      ['a compressed request', 'unsupported_content_encoding', 415, () => ({ headers: { ...signed(BODY), 'content-encoding': 'gzip' }, body: BODY })],
      ['an oversized request', 'payload_too_large', 413, () => ({ headers: { ...signed(BODY), 'content-length': 200_000 }, body: Buffer.alloc(200_000) })],
      ['an oversized chunked request', 'payload_too_large', 413, () => ({ headers: signed(BODY), chunks: Array.from({ length: 20 }, () => Buffer.alloc(10_000)) })],
      ['a body that is no JSON', 'malformed_payload', 400, () => ({ headers: signed(Buffer.from('{')), body: '{' })],
      ['another method', 'method_not_allowed', 405, () => ({ method: 'PUT', headers: signed(BODY), body: BODY })],
    ]

    test('a genuine request reaches the handler and is answered with 204', async () => {
      const { url, handled, refused } = await serving(benji())
      const answer = await send(url, { headers: signed(BODY), body: BODY })
      assert.deepEqual([answer.status, answer.body], [204, ''])
      assert.deepEqual(handled.map((delivery) => [...delivery].map((event) => `${event.kind} ${event.subject}`)), [['transaction.updated transaction/243']])
      assert.deepEqual(refused, [])
    })

    test('a genuine request in chunks and without a content-type reaches the handler', async () => {
      const { url, handled } = await serving(benji())
      const chunks = [BODY.subarray(0, 10), BODY.subarray(10, 11), BODY.subarray(11)]
      assert.equal((await send(url, { headers: signed(BODY), chunks })).status, 204)
      assert.equal((await send(url, { headers: { ...signed(BODY), 'content-type': 'application/json' }, body: BODY })).status, 204)
      assert.equal(handled.length, 2)
    })

    for (const type of ['text/plain', 'garbage', 'a/b, c/d', 'application/json; charset', '']) {
      test(`the content-type "${type}" is not read`, async () => {
        const { url, handled, refused } = await serving(benji())
        const headers = { ...signed(BODY), 'content-type': type }
        assert.equal((await send(url, { headers, body: BODY })).status, 204)
        assert.equal((await send(url, { headers, body: '{}' })).status, 401)
        assert.deepEqual([handled.length, refused], [1, ['signature_mismatch']])
      })
    }

    for (const [what, code, status, request] of refusals) {
      test(`${what} is refused with an empty body`, async () => {
        const { url, handled, refused } = await serving(benji())
        const answer = await send(url, request())
        assert.deepEqual([answer.status, answer.body, handled.length], [status, '', 0])
        assert.deepEqual(refused, [code])
        assert.equal(answer.headers.allow, status === 405 ? 'POST' : undefined)
      })
    }

    test('a repeated header is refused', async () => {
      const { url, handled, refused } = await serving(benji())
      const headers = signed(BODY)
      const twice = { ...headers, 'x-benji-signature': [headers['x-benji-signature'], headers['x-benji-signature']] }
      const answer = await send(url, { headers: twice, body: BODY })
      assert.deepEqual([answer.body, handled.length], ['', 0])
      assert.deepEqual([answer.status, ...refused], JOINING.includes(name) ? [401, 'malformed_signature'] : [400, 'repeated_header'])
    })

    test('a handshake is answered', async () => {
      const { url, handled, refused } = await serving(Receiver.benti('secret'))
      const answer = await send(url, { method: 'GET', headers: sign.bentiHandshake('secret', 'c4f1e7d2') })
      assert.deepEqual([answer.status, answer.body, answer.headers['x-inbenta-challenge']], [200, 'c4f1e7d2', 'c4f1e7d2'])
      assert.match(answer.headers['content-type'], /^text\/plain/)
      assert.deepEqual([answer.headers['x-content-type-options'], answer.headers['cache-control']], ['nosniff', 'no-store'])
      assert.deepEqual([handled, refused], [[], []])
      const wrong = await send(url, { method: 'GET', headers: sign.bentiHandshake('wrong', 'c4f1e7d2') })
      assert.deepEqual([wrong.status, wrong.body], [401, ''])
    })

    test('two challenges are refused', async () => {
      const { url, handled, refused } = await serving(Receiver.benti('secret'))
      const headers = { ...sign.bentiHandshake('secret', 'abc'), 'x-inbenta-challenge': ['abc', 'def'] }
      const answer = await send(url, { method: 'GET', headers })
      assert.deepEqual([answer.status, answer.body, answer.headers['x-inbenta-challenge'], handled.length], [400, '', undefined, 0])
      assert.deepEqual(refused, [JOINING.includes(name) ? 'malformed_challenge' : 'repeated_header'])
    })

    test('a refusal names the scheme of the credentials', async () => {
      const { url } = await serving(Receiver.bento({ bearer: 'token' }))
      const answer = await send(url, { body: '{}' })
      assert.deepEqual([answer.status, answer.headers['www-authenticate'], answer.body], [401, 'Bearer', ''])
    })

    const failures = {
      'throws': () => { throw new Error('no log') },
      'rejects': async () => { throw new Error('no log') },
      'throws what is no error': () => { throw { body: 'secretword' } },
    }
    for (const [what, onRejection] of Object.entries(failures)) {
      test(`a refusal is sent even if onRejection ${what}`, async (t) => {
        const printed = t.mock.method(console, 'error', () => {})
        const { url, close } = await start(benji(), () => assert.fail('it was handed on'), { onRejection })
        servers.push(close)
        for (const headers of [{}, signed(Buffer.from('other'))]) {
          const answer = await send(url, { headers, body: BODY })
          assert.deepEqual([answer.status, answer.body], [401, ''])
        }
        const lines = printed.mock.calls.map(({ arguments: words }) => words.join(' '))
        assert.equal(lines.length, 2)
        for (const line of lines) assert.match(line, /^hookseal: onRejection failed: (Error: no log\n|an object was thrown$)/)
      })
    }

    for (const [what, { value, printed: expected }] of Object.entries(THROWN)) {
      test(`a refusal is sent even if onRejection throws ${what}`, async (t) => {
        const printed = t.mock.method(console, 'error', () => {})
        const { url, close } = await start(benji(), () => assert.fail('it was handed on'), { onRejection: () => { throw value } })
        servers.push(close)
        for (const headers of [{}, signed(Buffer.from('other'))]) {
          const answer = await send(url, { headers, body: BODY })
          assert.deepEqual([answer.status, answer.body], [401, ''])
        }
        const line = `hookseal: onRejection failed: ${expected}`
        assert.deepEqual(printed.mock.calls.map(({ arguments: words }) => words.join(' ')), [line, line])
      })
    }

    test('a refusal is sent even if onRejection and console.error throw', async (t) => {
      t.mock.method(console, 'error', () => { throw new Error('no console') })
      const { url, close } = await start(benji(), () => {}, { onRejection: () => { throw new Error('no log') } })
      servers.push(close)
      assert.equal((await send(url, { headers: {}, body: BODY })).status, 401)
    })

    test('onRejection is awaited', async () => {
      const steps = []
      const onRejection = async () => {
        await new Promise(setImmediate)
        steps.push('told')
      }
      const { url, close } = await start(benji(), () => {}, { onRejection })
      await send(url, { headers: {}, body: BODY })
      await close()
      assert.deepEqual(steps, ['told'])
    })

    if (STREAMING.includes(name)) {
      test('a refusal does not wait for onRejection', async () => {
        const { url, close } = await start(benji(), () => {}, { onRejection: () => new Promise(() => {}) })
        servers.push(close)
        for (const headers of [{}, signed(Buffer.from('other'))]) {
          assert.equal((await send(url, { headers, body: BODY })).status, 401)
        }
      })
    }

    const dates = {
      'IMF-fixdate': (date) => date.toUTCString(),
      'RFC 850': (date) => rfc850(date),
      asctime: (date) => asctime(date),
      'RFC 3339': (date) => date.toISOString(),
      'a date of Python': (date) => date.toISOString().replace('T', ' ').replace(/\..*/, ' UTC'),
    }
    // If fields are joined, the date is refused as malformed, or because it was not signed.
    const schemes = [
      ['x-webhook-datetime', () => '', 400, 'malformed_timestamp'],
      ['x-benji-timestamp', (date) => date, 401, 'signature_mismatch'],
    ]
    for (const [header, signedTime, joinedStatus, joinedCode] of schemes) {
      /** A request with the date `value`, while the vendor signed `date`. */
      const dated = (value, date) => {
        const signature = createHmac('sha256', SALT).update(signedTime(date)).update(BODY).digest('hex')
        return { headers: { 'x-benji-signature': signature, [header]: value }, body: BODY }
      }
      for (const [what, format] of Object.entries(dates)) {
        test(`a date in two fields is refused: ${header}, ${what}`, async () => {
          const { url, handled, refused } = await serving(benji())
          const date = format(new Date())
          assert.equal((await send(url, dated(date, date))).status, 204)
          const pairs = [[date, date], ['', date], [date, ''], [date.slice(0, 8), date.slice(8)]]
          for (const pair of pairs) {
            const answer = await send(url, dated(pair, date))
            assert.equal(answer.status, JOINING.includes(name) ? joinedStatus : 400, pair.join('|'))
          }
          assert.equal(handled.length, 1)
          assert.deepEqual(new Set(refused), new Set([JOINING.includes(name) ? joinedCode : 'repeated_header']))
        })
      }

      test(`a date that was cut at its comma into two fields is refused if the fields can be seen: ${header}`, async () => {
        const { url } = await serving(benji())
        const date = new Date().toUTCString()
        const answer = await send(url, dated(date.split(', '), date))
        // The declarations of hookseal/fetch and hookseal/lambda say that they cannot see it.
        assert.equal(answer.status, JOINING.includes(name) ? 204 : 400)
      })
    }

    test('a connection stays open after a refusal', async () => {
      const { url } = await serving(benji())
      for (const status of [401, 204, 401, 204]) {
        const response = await fetch(url, { method: 'POST', headers: signed(status === 204 ? BODY : Buffer.from('x')), body: BODY })
        assert.equal(response.status, status)
        await response.text()
      }
    })

    if (!STREAMING.includes(name)) return
    test('a connection stays open after a body over the limit', { timeout: 60_000 }, async (t) => {
      const { url } = await serving(benji())
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      t.after(() => agent.destroy())
      for (const round of [0, 1]) {
        const chunks = Array.from({ length: 60 }, () => Buffer.alloc(10_000))
        const refused = await send(url, { headers: signed(BODY), chunks, agent })
        assert.deepEqual([refused.status, refused.reusedSocket], [413, round > 0])
        const answer = await send(url, { headers: signed(BODY), body: BODY, agent })
        assert.deepEqual([answer.status, answer.reusedSocket], [204, true])
      }
    })

    test('only a part of a body far over the limit is read', { timeout: 60_000 }, async (t) => {
      const { url } = await serving(benji())
      const socket = begin(url, signed(BODY)).resume()
      t.after(() => socket.destroy())
      const chunk = Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`)
      const writing = () => {
        while (!socket.destroyed && socket.write(chunk)) continue
      }
      socket.on('drain', writing)
      writing()
      await new Promise((resolve) => socket.once('close', resolve))
    })
  })
}

test('a body that another parser has read is an error that says so', async (t) => {
  const messages = []
  const app = express().use(express.json())
  app.use('/hook', expressWebhook(benji(), () => assert.fail('it was handed on')))
  app.use((error, _request, response, _next) => {
    messages.push(error.message)
    response.sendStatus(500)
  })
  const { url, close } = await listening(createServer(app), '/hook')
  t.after(close)
  const headers = { ...signed(BODY), 'content-type': 'application/json' }
  assert.equal((await send(url, { headers, body: BODY })).status, 500)

  const request = new Request('http://localhost/', { method: 'POST', headers, body: BODY })
  await request.text()
  await assert.rejects(fetchWebhook(benji(), () => {})(request), /the body was read before hookseal could check it/)

  const event = { httpMethod: 'POST', headers, body: JSON.parse(BODY) }
  await assert.rejects(lambdaWebhook(benji(), () => {})(event), /the body of the event was parsed before: hand on the event as Lambda delivers it/)

  const server = fastify()
  server.addHook('preParsing', async (incoming) => {
    for await (const _chunk of incoming.raw) continue
    return incoming.raw
  })
  server.setErrorHandler((error, _request, reply) => {
    messages.push(error.message)
    return reply.code(500).send()
  })
  server.register(fastifyWebhook(benji(), () => assert.fail('it was handed on'), { url: '/hook' }))
  await server.listen({ port: 0, host: '127.0.0.1' })
  t.after(() => server.close())
  const answer = await send(`http://127.0.0.1:${server.server.address().port}/hook`, { headers, body: BODY })
  assert.equal(answer.status, 500)
  assert.equal(messages.length, 2)
  for (const message of messages) assert.match(message, /the body was read before hookseal could check it/)
})

describe('a sender that left before its body was read causes no answer and no error', () => {
  const unwanted = () => assert.fail('it was handed on')
  const hook = expressWebhook(benji(), unwanted, { onRejection: unwanted })
  /** Servers whose application does something before the adapter gets the request. The adapter's end calls `done`. */
  const servers = {
    async express(before, done) {
      const app = express()
      app.use(async (request, _response, next) => next(await before(request)))
      app.use((request, response, next) => void hook(request, response, next).then(done))
      app.use((error, _request, _response, _next) => done(error))
      return listening(createServer(app), '/')
    },
    'node:http': (before, done) => listening(createServer(async (request, response) => {
      await before(request)
      await hook(request, response, done)
      done()
    }), '/'),
    async fastify(before, done) {
      const server = fastify()
      server.addHook('preHandler', (request) => before(request.raw))
      server.addHook('onSend', async () => done())
      server.setErrorHandler((error) => done(error))
      server.register(fastifyWebhook(benji(), unwanted, { onRejection: unwanted }))
      return { url: await server.listen({ port: 0, host: '127.0.0.1' }), close: () => server.close() }
    },
  }
  for (const [name, start] of Object.entries(servers)) {
    test(name, { timeout: 60_000 }, async (t) => {
      let socket
      const gone = (request) => new Promise((resolve) => {
        request.once('close', () => resolve())
        socket.destroy()
      })
      const error = await new Promise((resolve, reject) => {
        start(gone, resolve).then(({ url, close }) => {
          t.after(close)
          socket = begin(url, signed(BODY))
        }, reject)
      })
      assert.equal(error, undefined)
    })
  }
})

describe('a plain server', () => {
  /** Runs a server as in the README: the answer to a genuine request, and the printed text. */
  async function answered(t, hook) {
    const printed = t.mock.method(console, 'error', () => {})
    const { url, close } = await listening(createServer(hook), '/')
    t.after(close)
    const answer = await send(url, { headers: signed(BODY), body: BODY })
    const { status, body, headers } = answer
    return { status, body, headers, url, printed: printed.mock.calls.map(({ arguments: words }) => words.join(' ')) }
  }

  const failing = {
    'throws': () => { throw new Error('no database') },
    'rejects': async () => { throw new Error('no database') },
    'throws after it has set headers': (_delivery, _request, response) => {
      response.setHeader('content-encoding', 'gzip')
      throw new Error('no database')
    },
  }
  for (const [what, handler] of Object.entries(failing)) {
    test(`answers 500 and reports the error if the handler ${what}`, async (t) => {
      const { status, body, headers, printed } = await answered(t, expressWebhook(benji(), handler))
      assert.deepEqual([status, body, headers['content-encoding']], [500, '', undefined])
      assert.equal(printed.length, 1)
      assert.match(printed[0], /^hookseal: a webhook could not be handled: Error: no database\n/)
    })
  }

  for (const [what, { value, printed: expected }] of Object.entries(THROWN)) {
    test(`answers 500 and never rejects if the handler throws ${what}`, async (t) => {
      const hook = expressWebhook(benji(), () => { throw value })
      let settled
      const { status, printed } = await answered(t, (request, response) => void (settled = hook(request, response)).catch(() => response.destroy()))
      await settled
      assert.deepEqual([status, printed], [500, [`hookseal: a webhook could not be handled: ${expected}`]])
    })

    test(`answers 500 and never rejects if next throws ${what}`, async (t) => {
      const hook = expressWebhook(benji(), failing.throws)
      const next = () => { throw value }
      let settled
      const { status, printed } = await answered(t, (request, response) => void (settled = hook(request, response, next)).catch(() => response.destroy()))
      await settled
      assert.deepEqual([status, printed[0], printed.length], [500, `hookseal: next failed: ${expected}`, 2])
    })
  }

  test('answers 500 and never rejects if console.error throws', async (t) => {
    t.mock.method(console, 'error', () => { throw new Error('no console') })
    const hook = expressWebhook(benji(), failing.throws)
    let settled
    const { url, close } = await listening(createServer((request, response) => void (settled = hook(request, response)).catch(() => response.destroy())), '/')
    t.after(close)
    assert.equal((await send(url, { headers: signed(BODY), body: BODY })).status, 500)
    await settled
  })

  test('answers 500 and reports both errors if next throws another error', async (t) => {
    const hook = expressWebhook(benji(), failing.throws)
    const next = () => { throw new Error('no page') }
    const { status, printed } = await answered(t, (request, response) => hook(request, response, next))
    assert.equal(status, 500)
    assert.deepEqual(printed.map((line) => line.split('\n')[0]), ['hookseal: next failed: Error: no page', 'hookseal: a webhook could not be handled: Error: no database'])
  })

  test('answers 500 if the promise of next rejects', async (t) => {
    const hook = expressWebhook(benji(), failing.throws)
    const { status, printed } = await answered(t, (request, response) => hook(request, response, async (error) => { throw error }))
    assert.deepEqual([status, printed.length], [500, 1])
  })

  test('escapes control characters in a printed error', async (t) => {
    const { printed } = await answered(t, expressWebhook(benji(), () => {
      throw new Error('no place for \u001b]0;title\u0007\r\u007f\u009b2J')
    }))
    assert.match(printed[0], /^hookseal: a webhook could not be handled: Error: no place for \\x1b\]0;title\\x07\\x0d\\x7f\\x9b2J\n {4}at /)
    assert.doesNotMatch(printed[0], /[^\P{Cc}\n]/u)
  })

  test('closes the connection if an answer has begun', async (t) => {
    const hook = expressWebhook(benji(), (_delivery, _request, response) => {
      response.writeHead(200, { 'content-length': 10 })
      response.write('half')
      throw new Error('no database')
    })
    await assert.rejects(answered(t, hook), { code: 'ECONNRESET' })
    assert.equal(console.error.mock.callCount(), 1)
  })
})

test('an answer that other code has sent meanwhile is not changed', async (t) => {
  const failed = []
  for (const body of [BODY, Buffer.from('{}')]) {
    const app = express()
    app.use((request, response, next) => {
      next()
      request.once('end', () => response.status(503).end('too slow'))
    })
    app.use(expressWebhook(benji(), () => {}))
    app.use((error, _request, _response, _next) => failed.push(error))
    const { url, close } = await listening(createServer(app), '/')
    t.after(close)
    const answer = await send(url, { headers: signed(BODY), body })
    assert.deepEqual([answer.status, answer.body], [503, 'too slow'])

    const server = fastify({ logger: false })
    server.addHook('preHandler', async (request, reply) => {
      request.raw.once('end', () => reply.code(503).send('too slow'))
    })
    server.addHook('onError', async (_request, _reply, error) => failed.push(error))
    server.register(fastifyWebhook(benji(), (_delivery, _request, reply) => reply, { url: '/hook' }))
    const address = await server.listen({ port: 0, host: '127.0.0.1' })
    t.after(() => server.close())
    const replied = await send(`${address}/hook`, { headers: signed(BODY), body })
    assert.deepEqual([replied.status, replied.body], [503, 'too slow'])
  }
  assert.deepEqual(failed, [])
})

describe('an adapter changes nothing in the objects that it gets', () => {
  for (const [name, framework] of [['fastify', fastify], ['fastify 4', fastify4]]) {
    for (const type of [undefined, 'application/json', 'garbage', 'a/b, c/d']) {
      test(`${name}, content-type ${type}`, async (t) => {
        const seen = []
        const server = framework()
        const see = async (request) => void seen.push({ ...request.headers })
        server.addHook('onRequest', async (request) => {
          if (request.headers['x-set'] !== undefined) request.headers = { 'x-internal': undefined, 'x-set': 'by a hook' }
          await see(request)
        })
        for (const hook of ['preParsing', 'preValidation', 'preHandler', 'onSend', 'onResponse']) server.addHook(hook, see)
        server.register(fastifyWebhook(benji(), async (_delivery, request) => {
          await see(request)
          if (request.headers['x-set'] === undefined) assert.equal(request.headers, request.raw.headers)
        }, { url: '/hook' }))
        const url = `${await server.listen({ port: 0, host: '127.0.0.1' })}/hook`
        t.after(() => server.close())
        const own = { 'x-internal': 'of the sender', ...(type !== undefined && { 'content-type': type }) }
        const empty = sign.benji(SALT, '')
        for (const [request, status] of [
          [{ headers: { ...signed(BODY), ...own }, body: BODY }, 204],
          [{ headers: { ...signed(BODY), ...own }, chunks: [BODY] }, 204],
          [{ headers: { ...empty, ...own } }, 400],
          [{ headers: { ...signed(BODY), ...own }, body: '{}' }, 401],
          [{ method: 'PUT', headers: { ...signed(BODY), ...own }, body: BODY }, 405],
          [{ method: 'GET', headers: { ...signed(BODY), ...own } }, 405],
        ]) {
          for (const set of [{}, { 'x-set': 'by the sender' }]) {
            seen.length = 0
            const answer = await send(url, { ...request, headers: { ...request.headers, ...set } })
            assert.deepEqual([answer.status, answer.body], [status, ''])
            // onRequest, onSend and onResponse at least.
            assert.ok(seen.length >= 3)
            for (const headers of seen) {
              const isSet = set['x-set'] !== undefined
              assert.deepEqual([headers['content-type'], headers['x-internal'], headers['x-set']], [type, isSet ? undefined : 'of the sender', isSet ? 'by a hook' : undefined])
              assert.deepEqual(headers, { ...seen[0] })
            }
          }
        }
      })
    }
  }

  test('express', async (t) => {
    const copies = []
    const copy = (request) => copies.push([request.method, request.url, request.body, { ...request.headers }, [...request.rawHeaders], Object.keys(request).sort()])
    const app = express()
    app.use((request, _response, next) => {
      copy(request)
      next()
    })
    app.use(expressWebhook(benji(), (_delivery, request) => copy(request), { onRejection: (_rejection, request) => copy(request) }))
    const { url, close } = await listening(createServer(app), '/')
    t.after(close)
    for (const body of [BODY, Buffer.from('{}')]) {
      copies.length = 0
      await send(url, { headers: { ...signed(BODY), 'content-type': 'garbage' }, body })
      assert.equal(copies.length, 2)
      const [before, after] = copies.map(([method, path, body, headers, raw]) => [method, path, body, headers, raw])
      assert.deepEqual(after, before)
    }
  })

  test('fetch', async () => {
    const seen = (request) => [request.method, request.url, [...request.headers]]
    for (const body of [BODY, Buffer.from('{}')]) {
      const request = new Request('http://localhost/', { method: 'POST', headers: signed(BODY), body })
      const before = seen(request)
      await fetchWebhook(benji(), (_delivery, given) => assert.equal(given, request))(request)
      assert.deepEqual(seen(request), before)
    }
  })

  test('lambda', async () => {
    for (const body of ['{}', BODY.toString(), BODY.toString('base64')]) {
      for (const multiValueHeaders of [undefined, {}, { 'x-benji-signature': ['a', 'b'] }]) {
        const event = { httpMethod: 'POST', headers: signed(BODY), multiValueHeaders, body, isBase64Encoded: !body.startsWith('{'), requestContext: { elb: {} } }
        for (const part of [event, event.headers, event.multiValueHeaders, event.requestContext]) Object.freeze(part)
        const before = structuredClone(event)
        await lambdaWebhook(benji(), () => {})(event)
        assert.deepEqual(event, before)
      }
    }
  })
})

test('a body that was read as text, or that other code reads, is an error that says so', async (t) => {
  const errors = []
  const app = express()
  app.use((request, _response, next) => {
    request.setEncoding('utf8')
    next()
  })
  app.use(expressWebhook(benji(), () => assert.fail('it was handed on')))
  app.use((error, _request, response, _next) => {
    errors.push(error)
    response.sendStatus(500)
  })
  const { url, close } = await listening(createServer(app), '/')
  t.after(close)
  assert.equal((await send(url, { headers: signed(BODY), body: BODY })).status, 500)
  assert.match(errors[0].message, /the body was read before hookseal could check it/)

  const request = new Request('http://localhost/', { method: 'POST', headers: signed(BODY), body: BODY })
  request.body.getReader()
  await assert.rejects(fetchWebhook(benji(), () => {})(request), /the body was read before hookseal could check it/)

  const text = new ReadableStream({
    start(controller) {
      controller.enqueue(BODY.toString())
      controller.close()
    },
  })
  const ofText = new Request('http://localhost/', { method: 'POST', headers: signed(BODY), body: text, duplex: 'half' })
  await assert.rejects(fetchWebhook(benji(), () => {})(ofText), { name: 'TypeError', message: /must be a stream of Uint8Array/ })
})

test('a body whose stream fails is answered with 400', async () => {
  const failing = new ReadableStream({ pull: (controller) => controller.error(new Error('the sender is gone')) })
  const request = new Request('http://localhost/', { method: 'POST', headers: signed(BODY), body: failing, duplex: 'half' })
  const unwanted = () => assert.fail('nothing was checked')
  const response = await fetchWebhook(benji(), unwanted, { onRejection: unwanted })(request)
  assert.deepEqual([response.status, await response.text()], [400, ''])
})

test('a body from express.raw of another realm is accepted', async (t) => {
  const app = express()
  app.use((request, _response, next) => {
    request.body = runInNewContext('Uint8Array').from(BODY)
    next()
  })
  app.use(expressWebhook(benji(), () => {}))
  const { url, close } = await listening(createServer(app), '/')
  t.after(close)
  assert.equal((await send(url, { headers: signed(BODY), body: BODY })).status, 204)
})

test('a body from express.raw on the route is accepted', async (t) => {
  const app = express()
  app.use('/hook', express.raw({ type: '*/*' }), expressWebhook(benji(), () => {}))
  const { url, close } = await listening(createServer(app), '/hook')
  t.after(close)
  assert.equal((await send(url, { headers: { ...signed(BODY), 'content-type': 'application/json' }, body: BODY })).status, 204)
})

test('Benti needs app.use or app.all: with app.post its handshake is answered with 404', async (t) => {
  const hook = expressWebhook(Receiver.benti('secret'), () => {})
  const app = express().use('/use', hook).all('/all', hook).post('/post', hook)
  const { url, close } = await listening(createServer(app), '')
  t.after(close)
  for (const [path, status] of [['use', 200], ['all', 200], ['post', 404]]) {
    const answer = await send(`${url}/${path}`, { method: 'GET', headers: sign.bentiHandshake('secret', 'c4f1e7d2') })
    assert.equal(answer.status, status, path)
    const delivered = await send(`${url}/${path}`, { headers: sign.benti('secret'), body: '[]' })
    assert.equal(delivered.status, 204, path)
  }
})

test('an error of the handler goes to the framework', async (t) => {
  const app = express()
  app.use('/hook', expressWebhook(benji(), async () => { throw new Error('no database') }))
  app.use((error, _request, response, _next) => response.status(503).send(error.message))
  const { url, close } = await listening(createServer(app), '/hook')
  t.after(close)
  const answer = await send(url, { headers: signed(BODY), body: BODY })
  assert.deepEqual([answer.status, answer.body], [503, 'no database'])
})

describe('if a handler throws a value that is not an Error, the request is not passed on to a later route', () => {
  const values = { ...THROWN, "'route'": { value: 'route' }, "'router'": { value: 'router' }, 'an empty text': { value: '' }, zero: { value: 0 }, false: { value: false } }
  const isError = types.isNativeError
  for (const [what, { value }] of Object.entries(values)) {
    test(`express, ${what}`, async (t) => {
      t.mock.method(console, 'error', () => {})
      const errors = []
      const app = express()
      const router = express.Router()
      router.all('/hook', expressWebhook(benji(), async () => { throw value }), (_request, response) => response.send('the same route'))
      router.all('/hook', (_request, response) => response.send('a later route'))
      app.use(router)
      app.all('/hook', (_request, response) => response.send('a later router'))
      app.use((error, _request, response, _next) => {
        errors.push(error)
        response.status(503).send('the error handler')
      })
      const { url, close } = await listening(createServer(app), '/hook')
      t.after(close)
      const answer = await send(url, { headers: signed(BODY), body: BODY })
      assert.deepEqual([answer.status, answer.body], [503, 'the error handler'])
      assert.equal(errors.length, 1)
      const [error] = errors
      if (isError(value)) return assert.ok(Object.is(error, value))
      assert.ok(error instanceof Error)
      assert.equal(error.message, 'the handler failed without an Error')
    })
  }

  // In these the platform answers, and never with 2xx.
  for (const [name, start] of Object.entries(STARTERS).filter(([name]) => ['fastify', 'fastify 4', 'hono', 'fetch'].includes(name))) {
    for (const value of [undefined, null, 'route', false]) {
      test(`${name}, ${value}`, async (t) => {
        t.mock.method(console, 'error', () => {})
        const { url, close } = await start(benji(), async () => { throw value })
        t.after(close)
        assert.equal((await send(url, { headers: signed(BODY), body: BODY })).status, 500)
      })
    }
  }
})

test('the answer of a handler is the answer', async (t) => {
  const server = fastify()
  server.register(fastifyWebhook(benji(), async (delivery) => ({ events: delivery.length })), { prefix: '/hook' })
  await server.listen({ port: 0, host: '127.0.0.1' })
  t.after(() => server.close())
  const answer = await send(`http://127.0.0.1:${server.server.address().port}/hook`, { headers: signed(BODY), body: BODY })
  assert.deepEqual([answer.status, answer.body], [200, '{"events":1}'])
})

test('Lambda answers in the form of the event', async () => {
  const refusing = lambdaWebhook(Receiver.bento({ bearer: 'token' }), () => {})
  const handling = lambdaWebhook(benji(), () => {})
  const shaking = lambdaWebhook(Receiver.benti('secret'), () => {})
  const bytes = BODY.toString()
  const signature = signed(BODY)
  const challenge = sign.bentiHandshake('secret', 'c4f1e7d2')
  const inLists = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))
  const elb = { requestContext: { elb: { targetGroupArn: 'arn' } } }
  const isBase64Encoded = false
  const answers = {
    'content-type': 'text/plain',
    'x-inbenta-challenge': 'c4f1e7d2',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  }
  const cases = [
    [refusing, 'POST', {}, 401, { 'www-authenticate': 'Bearer' }, ''],
    [handling, 'POST', signature, 204, {}, ''],
    [shaking, 'GET', challenge, 200, answers, 'c4f1e7d2'],
  ]
  for (const [hook, httpMethod, headers, statusCode, answered, body] of cases) {
    const event = { httpMethod, headers, body: bytes }
    assert.deepEqual(await hook(event), { statusCode, headers: answered, body, isBase64Encoded })
    assert.deepEqual(await hook({ ...event, ...elb }), { statusCode, headers: answered, body, isBase64Encoded })
    const multiValueHeaders = inLists(headers)
    assert.deepEqual(await hook({ ...event, multiValueHeaders }), { statusCode, headers: answered, body, isBase64Encoded })
    assert.deepEqual(await hook({ ...event, ...elb, headers: undefined, multiValueHeaders }), { statusCode, multiValueHeaders: inLists(answered), body, isBase64Encoded })
  }
})

test('the plugin for Fastify keeps the parsers of the other routes', async (t) => {
  const server = fastify()
  server.register(fastifyWebhook(benji(), () => {}, { url: '/hook' }))
  server.post('/other', (request) => ({ type: request.headers['content-type'], body: request.body }))
  const url = await server.listen({ port: 0, host: '127.0.0.1' })
  t.after(() => server.close())
  const json = { headers: { 'content-type': 'application/json' }, body: '[1]' }
  assert.equal((await send(`${url}/other`, json)).body, '{"type":"application/json","body":[1]}')
  assert.equal((await send(`${url}/other`, { headers: { 'content-type': 'garbage' }, body: '[1]' })).status, 415)
})

test('a guard that gives no answer is answered with 503 after 5 s, and a claim that it gives later is released', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const mock = t.mock.method(console, 'error', () => {})
  const inner = new ReplayGuard({ capacity: 1 })
  let answer
  const guard = {
    claim: (key) => new Promise((resolve) => (answer = () => resolve(inner.claim(key)))),
    confirm: (claim) => inner.confirm(claim),
    release: (claim) => inner.release(claim),
  }
  const { headers, body } = benjiRequest()
  const asked = fetchWebhook(benji(), () => assert.fail('it was handed on'), { guard })(new Request('http://localhost/', { method: 'POST', headers, body }))
  while (answer === undefined) await new Promise(setImmediate)
  t.mock.timers.tick(5000)
  const response = await asked
  assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '5'])
  const [line] = mock.mock.calls.at(-1).arguments.join(' ').split('\n')
  assert.equal(line, 'hookseal: unavailable: the guard cannot be used: Error: no answer within 5 s')
  answer()
  await new Promise(setImmediate)
  assert.equal(inner.held, 0)
})

test('wrong arguments of an adapter are an error when the program starts', () => {
  for (const webhook of [expressWebhook, fastifyWebhook, fetchWebhook, lambdaWebhook]) {
    for (const receiver of [{}, undefined, Object.create(benji()), new Proxy(benji(), {}), Object.create(Receiver.prototype), revoked({})]) {
      assert.throws(() => webhook(receiver, () => {}), { name: 'TypeError', message: 'the first argument must be a Receiver' })
    }
    assert.throws(() => webhook(benji()), /must be a function/)
    assert.throws(() => webhook(benji(), () => {}, { onrejection: () => {} }), /onrejection is not an option/)
    assert.throws(() => webhook(benji(), () => {}, { onRejection: 'log' }), /onRejection must be a function/)
  }
})

test('a generator function is an error when the program starts, because nothing would run it', () => {
  const generators = {
    generator: function* () {},
    'async generator': async function* () {},
    'bound generator': function* () {}.bind(undefined),
    'bound async generator': async function* () {}.bind(undefined),
    'generator of another realm': runInNewContext('(function* () {})'),
    'bound generator of another realm': runInNewContext('(function* () {}).bind(undefined)'),
  }
  for (const webhook of [expressWebhook, fastifyWebhook, fetchWebhook, lambdaWebhook]) {
    for (const [what, generator] of Object.entries(generators)) {
      assert.throws(() => webhook(benji(), generator), {
        name: 'TypeError',
        message: 'the handler must not be a generator function: nothing would run it; make it async',
      }, what)
      assert.throws(() => webhook(benji(), () => {}, { onRejection: generator }), {
        name: 'TypeError',
        message: 'onRejection must not be a generator function: nothing would run it; make it async',
      }, what)
    }
    for (const plain of [() => {}, async () => {}, function () {}, async function () {}.bind(undefined), runInNewContext('async () => {}')]) {
      assert.ok(webhook(benji(), plain, { onRejection: plain }))
    }
  }
})

test('the error for an unknown option of an adapter lists its options', () => {
  const all = 'guard, inbox, onDelivery, onRejection'
  for (const [webhook, names] of [[expressWebhook, all], [fastifyWebhook, `${all}, url`], [fetchWebhook, all], [lambdaWebhook, all]]) {
    assert.throws(() => webhook(benji(), () => {}, { onError: () => {} }), { name: 'TypeError', message: `onError is not an option of webhook: it has ${names}` })
    for (const options of [() => {}, null, [], new Map([['onRejection', () => {}]])]) {
      assert.throws(() => webhook(benji(), () => {}, options), { name: 'TypeError', message: `the options of webhook must be an object: it has ${names}` })
    }
  }
})

test('a handler or onRejection that takes a callback is an error when the program starts', () => {
  for (const webhook of [expressWebhook, fastifyWebhook, lambdaWebhook]) {
    assert.throws(() => webhook(benji(), (_delivery, _request, _response, _done) => {}), {
      name: 'TypeError',
      message: 'the handler takes 4 arguments and gets 3: it must return a promise, not take a callback',
    })
    assert.ok(webhook(benji(), (_delivery, _request, _response) => {}))
  }
  for (const webhook of [expressWebhook, fastifyWebhook, fetchWebhook, lambdaWebhook]) {
    assert.throws(() => webhook(benji(), () => {}, { onRejection: (_rejection, _request, _done) => {} }), {
      name: 'TypeError',
      message: 'onRejection takes 3 arguments and gets 2: it must return a promise, not take a callback',
    })
  }
  // Its handler gets all arguments of the function.
  assert.ok(fetchWebhook(benji(), (_delivery, _request, _environment, _context) => {}))
})

function rfc850(date) {
  const [, day, month, year, time] = date.toUTCString().split(/,? /)
  const weekday = date.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' })
  return `${weekday}, ${day}-${month}-${year.slice(2)} ${time} GMT`
}

function asctime(date) {
  const [weekday, day, month, year, time] = date.toUTCString().split(/,? /)
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`
}

function signed(body, time) {
  return sign.benji(SALT, body, { time })
}
