// Every adapter with its real framework, over real sockets.

import assert from 'node:assert/strict'
import { Agent, createServer } from 'node:http'
import { connect } from 'node:net'
import { after, describe, test } from 'node:test'

import express from 'express'
import { fastify } from 'fastify'
import { Receiver, sign } from 'hookseal'
import { webhook as expressWebhook } from 'hookseal/express'
import { webhook as fastifyWebhook } from 'hookseal/fastify'
import { webhook as fetchWebhook } from 'hookseal/fetch'
import { webhook as lambdaWebhook } from 'hookseal/lambda'

import { BODY, SALT, benji, send } from './requests.js'
import { STARTERS, listening } from './servers.js'

// Web Headers and Lambda's second form join repeated fields before anybody can see them.
const JOINING = ['hono', 'fetch', 'lambda 2.0']
// These hand on node:http's own request, whose rest the adapter reads away.
const STREAMING = ['express', 'node:http', 'fastify', 'fastify 4']

for (const [name, start] of Object.entries(STARTERS)) {
  describe(name, async () => {
    const servers = []
    after(() => Promise.all(servers.map((close) => close())))

    /** A server with this receiver: its address, the deliveries that it handled and the codes that it refused with. */
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

    test('a genuine request is handed on and answered with 204', async () => {
      const { url, handled, refused } = await serving(benji())
      const answer = await send(url, { headers: signed(BODY), body: BODY })
      assert.deepEqual([answer.status, answer.body], [204, ''])
      assert.deepEqual(handled.map((delivery) => [...delivery].map((event) => `${event.kind} ${event.subject}`)), [['transaction.updated transaction/243']])
      assert.deepEqual(refused, [])
    })

    test('a genuine request in chunks and without a content-type is handed on', async () => {
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

    test('a refusal says which credentials it wants', async () => {
      const { url } = await serving(Receiver.bento({ bearer: 'token' }))
      const answer = await send(url, { body: '{}' })
      assert.deepEqual([answer.status, answer.headers['www-authenticate'], answer.body], [401, 'Bearer', ''])
    })

    test('a connection lives on after a refusal', async () => {
      const { url } = await serving(benji())
      for (const status of [401, 204, 401, 204]) {
        const response = await fetch(url, { method: 'POST', headers: signed(status === 204 ? BODY : Buffer.from('x')), body: BODY })
        assert.equal(response.status, status)
        await response.text()
      }
    })

    if (!STREAMING.includes(name)) return
    test('a connection lives on after a body over the limit', { timeout: 60_000 }, async (t) => {
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

    test('of a body over the limit only some more is read', { timeout: 60_000 }, async (t) => {
      const { url } = await serving(benji())
      const socket = begin(url)
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

test('a body that another parser has eaten is refused with a message that says so', async (t) => {
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
  await assert.rejects(lambdaWebhook(benji(), () => {})(event), /the body was read before hookseal could check it/)

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

describe('a sender that left before the adapter came to its body is an error of the request', () => {
  const hook = expressWebhook(benji(), () => assert.fail('it was handed on'))
  /** What an application does before the adapter has the request. `failed` gets the error of the request. */
  const servers = {
    async express(before, failed) {
      const app = express()
      app.use(async (request, _response, next) => next(await before(request)))
      app.use(hook)
      app.use((error, _request, _response, _next) => failed(error))
      return listening(createServer(app), '/')
    },
    'node:http': (before, failed) => listening(createServer(async (request, response) => {
      await before(request)
      await hook(request, response, failed)
    }), '/'),
    async fastify(before, failed) {
      const server = fastify()
      server.addHook('onRequest', (request) => before(request.raw))
      server.setErrorHandler((error) => failed(error))
      server.register(fastifyWebhook(benji(), () => assert.fail('it was handed on')))
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
          socket = begin(url)
        }, reject)
      })
      assert.match(error.message, /the sender closed the connection within the body/)
    })
  }
})

test('express.raw on the route leaves the bytes', async (t) => {
  const app = express()
  app.use('/hook', express.raw({ type: '*/*' }), expressWebhook(benji(), () => {}))
  const { url, close } = await listening(createServer(app), '/hook')
  t.after(close)
  assert.equal((await send(url, { headers: { ...signed(BODY), 'content-type': 'application/json' }, body: BODY })).status, 204)
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
  const answers = { 'content-type': 'text/plain', 'x-inbenta-challenge': 'c4f1e7d2' }
  const cases = [
    [refusing, 'POST', {}, 401, { 'www-authenticate': 'Bearer' }, ''],
    [handling, 'POST', signature, 204, {}, ''],
    [shaking, 'GET', challenge, 200, answers, 'c4f1e7d2'],
  ]
  for (const [hook, httpMethod, headers, statusCode, answered, body] of cases) {
    const event = { httpMethod, headers, body: bytes }
    assert.deepEqual(await hook(event), { statusCode, headers: answered, body })
    assert.deepEqual(await hook({ ...event, ...elb }), { statusCode, headers: answered, body })
    const multiValueHeaders = inLists(headers)
    assert.deepEqual(await hook({ ...event, multiValueHeaders }), { statusCode, headers: answered, body })
    assert.deepEqual(await hook({ ...event, ...elb, headers: undefined, multiValueHeaders }), { statusCode, multiValueHeaders: inLists(answered), body })
  }
})

test('a plugin of Fastify leaves the rest of the application its parsers', async (t) => {
  const server = fastify()
  server.register(fastifyWebhook(benji(), () => {}, { url: '/hook' }))
  server.post('/other', (request) => ({ type: request.headers['content-type'], body: request.body }))
  const url = await server.listen({ port: 0, host: '127.0.0.1' })
  t.after(() => server.close())
  const json = { headers: { 'content-type': 'application/json' }, body: '[1]' }
  assert.equal((await send(`${url}/other`, json)).body, '{"type":"application/json","body":[1]}')
  assert.equal((await send(`${url}/other`, { headers: { 'content-type': 'garbage' }, body: '[1]' })).status, 415)
})

test('a mistake in the program is found when it starts', () => {
  for (const webhook of [expressWebhook, fastifyWebhook, fetchWebhook, lambdaWebhook]) {
    assert.throws(() => webhook({}, () => {}), /must be a Receiver/)
    assert.throws(() => webhook(benji()), /must be a function/)
    assert.throws(() => webhook(benji(), () => {}, { onrejection: () => {} }), /onrejection is no option/)
  }
})

/** A connection with the head of a request whose body is still to come. */
function begin(url) {
  const { port, pathname } = new URL(url)
  const head = Object.entries(signed(BODY)).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const socket = connect(port, '127.0.0.1').on('error', () => {}).resume()
  socket.write(`POST ${pathname} HTTP/1.1\r\nhost: localhost\r\n${head}transfer-encoding: chunked\r\n\r\n`)
  return socket
}

function signed(body, time) {
  return sign.benji(SALT, body, { time })
}
