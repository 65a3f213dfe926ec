// Requests that platforms and tests make in the form of node:http, bodies that other code has read, and answers that a
// handler sends by itself while a guard holds them back.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import { Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { describe, test } from 'node:test'

import express from 'express'
import express4 from 'express-4'
import { fastify } from 'fastify'
import { fastify as fastify4 } from 'fastify-4'
import { Receiver, ReplayGuard, sign } from 'hookseal'
import { webhook as expressWebhook } from 'hookseal/express'
import { webhook as fastifyWebhook } from 'hookseal/fastify'
import { webhook as fetchWebhook } from 'hookseal/fetch'
import { webhook as lambdaWebhook } from 'hookseal/lambda'
import httpMocks from 'node-mocks-http'
import serverless from 'serverless-http'

import { BODY, SALT, benji, send } from './requests.js'
import { listening } from './servers.js'

const json = (body = BODY) => ({ ...sign.benji(SALT, body), 'content-type': 'application/json' })
const WEBHOOKS = [expressWebhook, fastifyWebhook, fetchWebhook, lambdaWebhook]
const unwanted = () => assert.fail('it was handed on')

/** What an Express app answers. */
async function answered(t, app, request) {
  const { url, close } = await listening(createServer(app), '/')
  t.after(close)
  return send(url, request)
}

describe('requests without rawHeaders', () => {
  const eventOf = (headers, body = BODY) => ({ version: '2.0', requestContext: { http: { method: 'POST', path: '/', sourceIp: '127.0.0.1' } }, rawPath: '/', headers, body: body.toString(), isBase64Encoded: false })

  for (const [name, framework] of [['express', express], ['express 4', express4]]) {
    test(`${name} behind serverless-http`, async () => {
      const refused = []
      const app = framework().use(expressWebhook(benji(), (delivery) => assert.equal(delivery.length, 1), { onRejection: ({ code }) => refused.push(code) }))
      const handler = serverless(app)
      assert.equal((await handler(eventOf(json()), {})).statusCode, 204)
      assert.equal((await handler(eventOf(json(), '{}'), {})).statusCode, 401)
      assert.equal((await handler(eventOf({}), {})).statusCode, 401)
      assert.deepEqual(refused, ['signature_mismatch', 'missing_signature'])
    })
  }

  test('a guard behind serverless-http', async () => {
    const outcomes = []
    const app = express().use(expressWebhook(benji(), (_delivery, _request, response) => response.json({ done: true }), { guard: new ReplayGuard({ capacity: 9 }), onDelivery: (_delivery, outcome) => outcomes.push(outcome) }))
    const handler = serverless(app)
    const event = eventOf(json())
    const first = await handler(event, {})
    assert.deepEqual([first.statusCode, first.body, (await handler(event, {})).statusCode, outcomes], [200, '{"done":true}', 200, ['handled', 'duplicate']])
  })

  test('a request of node-mocks-http', async () => {
    for (const [body, status] of [[BODY, 204], [Buffer.from('{}'), 401]]) {
      const response = httpMocks.createResponse()
      await expressWebhook(benji(), () => {})(httpMocks.createRequest({ method: 'POST', headers: json(), body }), response)
      assert.equal(response.statusCode, status)
    }
  })

  test('a request of node-mocks-http with a parsed body is an error that says so', async () => {
    const errors = []
    await expressWebhook(benji(), unwanted)(httpMocks.createRequest({ method: 'POST', headers: json(), body: JSON.parse(BODY) }), httpMocks.createResponse(), (error) => errors.push(error))
    assert.match(errors[0].message, /the body was read before hookseal could check it/)
  })

  test('a request that fastify injects', async () => {
    for (const framework of [fastify, fastify4]) {
      const server = framework()
      server.register(fastifyWebhook(benji(), () => {}, { url: '/hook' }))
      assert.equal((await server.inject({ method: 'POST', url: '/hook', headers: json(), payload: BODY })).statusCode, 204)
      assert.equal((await server.inject({ method: 'POST', url: '/hook', headers: json(), payload: '{}' })).statusCode, 401)
    }
  })

  test('empty rawHeaders beside headers are as absent, and full ones count', async (t) => {
    const { 'x-benji-signature': signature, ...others } = json()
    const forms = [
      [undefined, { 'x-benji-signature': signature, ...others }, 204],
      [[], { 'x-benji-signature': signature, ...others }, 204],
      [[], { 'x-benji-signature': [signature], ...others }, 204],
      [[], { 'X-Benji-Signature': signature, ...others }, 204],
      [[], { 'x-benji-signature': [signature, signature], ...others }, 400],
      [[], {}, 401],
      [['host', 'a'], { 'x-benji-signature': signature, ...others }, 401],
    ]
    for (const [rawHeaders, headers, status] of forms) {
      const app = express().use((request, _response, next) => {
        for (const [name, value] of Object.entries({ rawHeaders, headers })) Object.defineProperty(request, name, { value })
        next()
      }, expressWebhook(benji(), () => {}))
      assert.equal((await answered(t, app, { body: BODY })).status, status, JSON.stringify([rawHeaders, Object.keys(headers)]))
    }
  })

  test('numbers as values of headers are read as their texts', async () => {
    const receiver = Receiver.bento({ header: { name: 'x-secret', keys: '20260101' } })
    for (const value of [20260101, [20260101], '20260101']) {
      const headers = { 'x-secret': value, 'content-length': 2 }
      const response = httpMocks.createResponse()
      await expressWebhook(receiver, () => {})(httpMocks.createRequest({ method: 'POST', headers, body: Buffer.from('{}') }), response)
      assert.equal(response.statusCode, 204)
      for (const event of [{ headers }, { multiValueHeaders: { 'x-secret': [value].flat() } }]) {
        assert.equal((await lambdaWebhook(receiver, () => {})({ httpMethod: 'POST', body: '{"event":"e"}', ...event })).statusCode, 204)
      }
    }
    const response = httpMocks.createResponse()
    const raw = Object.assign(httpMocks.createRequest({ method: 'POST', headers: { 'x-secret': 'forged' }, body: Buffer.from('{}') }), { rawHeaders: ['x-secret', 20260101, 'content-length', 2] })
    await expressWebhook(receiver, () => {})(raw, response)
    assert.equal(response.statusCode, 204)
    const large = { httpMethod: 'POST', body: '{}', headers: { 'x-secret': '20260101', 'content-length': 99_000_000 } }
    assert.equal((await lambdaWebhook(receiver, unwanted)(large)).statusCode, 413)
    const twice = { httpMethod: 'POST', body: '{}', multiValueHeaders: { 'x-secret': [20260101, 20260101] } }
    assert.equal((await lambdaWebhook(receiver, unwanted)(twice)).statusCode, 400)
  })
})

describe('a body that other code has read', () => {
  const keeping = express.json({ verify: (request, _response, bytes) => { request.rawBody = bytes } })

  test('is taken from request.rawBody', async (t) => {
    for (const framework of [express, express4]) {
      const app = framework().use(keeping, expressWebhook(benji(), (delivery, request) => {
        assert.deepEqual([Buffer.from(delivery.body), request.rawBody, request.body], [BODY, BODY, JSON.parse(BODY)])
      }))
      assert.equal((await answered(t, app, { headers: json(), body: BODY })).status, 204)
      assert.equal((await answered(t, app, { headers: json(), body: '{}' })).status, 401)
    }
  })

  test('is too large in request.rawBody', async (t) => {
    const app = express().use(keeping, expressWebhook(Receiver.benji(SALT, { maxBodyBytes: 10 }), unwanted))
    assert.equal((await answered(t, app, { headers: json(), chunks: [BODY] })).status, 413)
  })

  const kept = {
    'a text': (request) => { request.rawBody = BODY.toString() },
    'a list of numbers': (request) => { request.rawBody = [...BODY] },
    'a Uint16Array': (request) => { request.rawBody = new Uint16Array(4) },
    'inherited bytes': (request) => void Object.setPrototypeOf(request, Object.create(Object.getPrototypeOf(request), { rawBody: { value: BODY } })),
    'nothing': () => {},
  }
  for (const [what, keep] of Object.entries(kept)) {
    test(`is an error that names rawBody if it has ${what}`, async (t) => {
      const errors = []
      const app = express().use(express.json(), (request, _response, next) => next(keep(request)), expressWebhook(benji(), unwanted))
      app.use((error, _request, response, _next) => {
        errors.push(error)
        response.sendStatus(500)
      })
      assert.equal((await answered(t, app, { headers: json(), body: BODY })).status, 500)
      assert.equal(errors[0].name, 'TypeError')
      assert.match(errors[0].message, /the body was read before hookseal could check it, .*request\.rawBody/)
    })
  }

  test('may be a property that cannot be changed', async (t) => {
    const keptAs = (property) => express.json({ verify: (request, _response, bytes) => void Object.defineProperty(request, 'rawBody', property(bytes)) })
    const app = express().use(keptAs((value) => ({ value })), expressWebhook(benji(), (_delivery, request) => assert.deepEqual(request.rawBody, BODY)))
    assert.equal((await answered(t, app, { headers: json(), body: BODY })).status, 204)
    assert.equal((await answered(t, app, { headers: json(), body: '{}' })).status, 401)
    // The handler would take other bytes for the accepted ones.
    const errors = []
    const other = express().use(express.raw({ type: '*/*', verify: (request) => void Object.defineProperty(request, 'rawBody', { value: Buffer.from('{}') }) }), expressWebhook(benji(), unwanted))
    other.use((error, _request, response, _next) => {
      errors.push(`${error.name}: ${error.message}`)
      response.sendStatus(500)
    })
    assert.equal((await answered(t, other, { headers: json(), body: BODY })).status, 500)
    assert.deepEqual(errors, ['TypeError: request.rawBody cannot be set to the accepted body: keep the exact bytes there, or make the property configurable'])
  })

  test('a frozen request is read, or an error that says so', async () => {
    const response = httpMocks.createResponse()
    await expressWebhook(benji(), (delivery) => assert.deepEqual(Buffer.from(delivery.body), BODY))(Object.freeze({ method: 'POST', headers: json(), body: BODY }), response)
    assert.equal(response.statusCode, 204)
    const request = Object.freeze(new Request('http://localhost/', { method: 'POST', headers: json(), body: BODY }))
    await assert.rejects(fetchWebhook(benji(), unwanted)(request), { name: 'TypeError', message: /^the request is frozen or keeps its own \w+, so the handler could not read it: hand hookseal\/fetch request\.clone\(\)$/ })
  })

  test('rawBody does not count where the stream is unread', async (t) => {
    const app = express().use((request, _response, next) => {
      request.rawBody = BODY
      next()
    }, expressWebhook(benji(), unwanted))
    assert.equal((await answered(t, app, { headers: json(), body: '{}' })).status, 401)
  })

  test('a hook of fastify keeps it as request.rawBody', async (t) => {
    for (const framework of [fastify, fastify4]) {
      for (const [keep, status] of [[true, 204], [false, 500]]) {
        const server = framework()
        server.addHook('preParsing', async (request, _reply, payload) => {
          const chunks = []
          for await (const chunk of payload) chunks.push(chunk)
          if (keep) request.rawBody = Buffer.concat(chunks)
          return payload
        })
        server.register(fastifyWebhook(benji(), () => {}, { url: '/' }))
        const url = await server.listen({ port: 0, host: '127.0.0.1' })
        t.after(() => server.close())
        const answer = await send(url, { headers: json(), body: BODY })
        assert.equal(answer.status, status)
        if (!keep) assert.match(answer.body, /the body was read before hookseal could check it, .*request\.rawBody/)
      }
    }
  })

  test('a later error handler and middleware read the checked bytes', async (t) => {
    const bodies = []
    const app = express().use(expressWebhook(benji(), () => { throw new Error('no database') }))
    app.use((_error, request, response, _next) => {
      bodies.push(request.rawBody)
      response.sendStatus(503)
    })
    assert.equal((await answered(t, app, { headers: json(), body: BODY })).status, 503)
    assert.deepEqual(bodies, [BODY])
  })

  test('a refused body is not kept, and no log of a request shows an accepted one', async (t) => {
    const seen = []
    const hook = expressWebhook(benji(), (_delivery, request) => void seen.push(Object.keys(request).includes('rawBody')), { onRejection: (_rejection, request) => void seen.push('rawBody' in request) })
    for (const body of [BODY, '{}']) await answered(t, express().use(hook), { headers: json(), body })
    assert.deepEqual(seen, [false, false])
  })
})

describe('a Web Request that the adapter has read', () => {
  const request = (headers = json()) => new Request('http://localhost/hook?a=1', { method: 'POST', headers, body: BODY })
  const reads = {
    json: async (given) => assert.deepEqual(await given.json(), JSON.parse(BODY)),
    text: async (given) => assert.equal(await given.text(), BODY.toString()),
    arrayBuffer: async (given) => assert.deepEqual(Buffer.from(await given.arrayBuffer()), BODY),
    blob: async (given) => assert.equal((await given.blob()).size, BODY.length),
    body: async (given) => {
      assert.equal(given.bodyUsed, false)
      const chunks = []
      for await (const chunk of given.body) chunks.push(chunk)
      assert.deepEqual([Buffer.concat(chunks), given.bodyUsed], [BODY, true])
    },
    clone: async (given) => {
      const copy = given.clone()
      assert.deepEqual([copy.url, copy.method, copy.headers.get('x-benji-signature')], [given.url, 'POST', given.headers.get('x-benji-signature')])
      assert.deepEqual([await copy.text(), await given.text()], [BODY.toString(), BODY.toString()])
    },
    formData: async (given) => assert.rejects(given.formData(), TypeError),
  }
  for (const [how, read] of Object.entries(reads)) {
    test(`is read by ${how}`, async () => {
      const response = await fetchWebhook(benji(), async (_delivery, given) => {
        assert.ok(given instanceof Request)
        await read(given)
      })(request())
      assert.equal(response.status, 204)
    })
  }

  test('is read once', async () => {
    await fetchWebhook(benji(), async (_delivery, given) => {
      await given.text()
      await assert.rejects(given.text(), TypeError)
    })(request())
  })
})

describe('an event that is no HTTP request is an error that says so', () => {
  const WORDS = 'the event is no HTTP request of API Gateway, a function URL or a load balancer: it has no headers and no method'
  for (const event of [{}, { source: 'serverless-plugin-warmup' }, { warmer: true, concurrency: 3 }, { Records: [] }, undefined, null, 'warm', []]) {
    test(JSON.stringify(event) ?? 'undefined', async () => {
      await assert.rejects(lambdaWebhook(benji(), unwanted)(event, {}), { name: 'TypeError', message: WORDS })
    })
  }

  test('a parsed body', async () => {
    for (const body of [JSON.parse(BODY), [], BODY, 7]) {
      await assert.rejects(lambdaWebhook(benji(), unwanted)({ httpMethod: 'POST', headers: json(), body }), { name: 'TypeError', message: 'the body of the event was parsed before: hand on the event as Lambda delivers it' })
    }
  })

  test('empty lists of headers do not hide the headers', async () => {
    for (const multiValueHeaders of [{}, null, undefined]) {
      assert.equal((await lambdaWebhook(benji(), () => {})({ httpMethod: 'POST', headers: json(), multiValueHeaders, body: BODY.toString() })).statusCode, 204)
    }
  })
})

describe('mistakes in the set-up are told when the program starts', () => {
  const guard = new ReplayGuard({ capacity: 9 })
  const inbox = { put: async () => ({ outcome: 'stored', number: 1 }) }
  const mistakes = {
    'a guard and an inbox': [{ guard, inbox }, /^guard and inbox cannot be combined/],
    'a handler and an inbox': [() => {}, { inbox }, /^with an inbox there is no handler: give the options in its place, and hand the function to inbox\.work$/],
    'options without an inbox': [{ guard }, /^the second argument must be a function that takes a Delivery, or options with an inbox$/],
    'options twice': [{ inbox }, {}, /^the second argument must be a function/],
    'a guard that is null': [() => {}, { guard: null }, /^guard must be a ReplayGuard/],
    'a guard that lacks a method': [() => {}, { guard: { claim: () => {}, confirm: () => {} } }, /^guard must be a ReplayGuard: it has the methods claim, confirm and release$/],
    'an inbox that is null': [{ inbox: null }, /^inbox must be an Inbox/],
    'an inbox that is undefined, and no handler': [{ inbox: undefined }, /^inbox must be an Inbox/],
    'an inbox that is null beside a handler': [() => {}, { inbox: null }, /^inbox must be an Inbox/],
    'the class of a guard': [() => {}, { guard: ReplayGuard }, /^guard must be a ReplayGuard/],
    'a promise of a guard': [() => {}, { guard: Promise.resolve(guard) }, /^guard must be a ReplayGuard/],
    'a database in place of an inbox': [{ inbox: { query: () => {} } }, /^inbox must be an Inbox: it has the method put$/],
    'an unknown option beside an inbox': [{ inbox, onrejection: () => {} }, /^onrejection is not an option of webhook/],
    'a callback that is a text': [() => {}, { onDelivery: 'log' }, /^onDelivery must be a function$/],
    'a callback that takes another one': [() => {}, { onDelivery: (_delivery, _outcome, _done) => {} }, /^onDelivery takes 3 arguments and gets 2/],
    'a fourth argument': [() => {}, {}, { guard }, /^webhook takes receiver, handler, options: the options are guard, inbox, onDelivery, onRejection(, url)?$/],
    'options after none': [() => {}, undefined, { guard }, /^webhook takes receiver, handler, options/],
    'a callback that is a generator': [{ inbox, onDelivery: function* () {} }, /^onDelivery must not be a generator function/],
  }
  for (const [what, given] of Object.entries(mistakes)) {
    test(what, () => {
      const message = given.at(-1)
      for (const webhook of WEBHOOKS) assert.throws(() => webhook(benji(), ...given.slice(0, -1)), { name: 'TypeError', message })
    })
  }

  test('an option that is undefined is not given', () => {
    for (const webhook of WEBHOOKS) {
      assert.ok(webhook(benji(), () => {}, { guard: undefined, inbox: undefined, onDelivery: undefined, onRejection: undefined }))
      assert.ok(webhook(benji(), () => {}, { guard, inbox: undefined }))
      assert.ok(webhook(benji(), { guard: undefined, inbox }))
    }
  })

  test("a guard for a receiver with the replayPolicy 'none'", () => {
    const receivers = [Receiver.benji(SALT, { replayPolicy: 'none' }), Receiver.bento({ bearer: 'token', replayPolicy: 'none' })]
    for (const receiver of receivers) {
      for (const webhook of WEBHOOKS) {
        assert.throws(() => webhook(receiver, () => {}, { guard }), { name: 'TypeError', message: 'a guard recognizes deliveries by their replay keys, and with the replay policy `none` there are none: take another policy, or leave the guard out' })
        assert.ok(webhook(receiver, { inbox }))
      }
    }
  })
})

describe('an answer that a handler sends by itself, with a guard', () => {
  const LONG = Buffer.alloc(300_000, 'x')
  const handlers = {
    'end, and waits for it': async (_delivery, _request, response) => {
      response.end('done')
      await finished(response)
    },
    'end with a callback': (_delivery, _request, response) => new Promise((resolve) => response.end('done', resolve)),
    'write with a callback': async (_delivery, _request, response) => {
      await new Promise((resolve) => {
        response.write('do', resolve)
        response.end('ne')
      })
    },
    'a stream': (_delivery, _request, response) => pipeline(Readable.from(['do', 'ne']), response),
    'parts': async (_delivery, _request, response) => {
      response.write('do')
      await new Promise(setImmediate)
      response.end('ne')
    },
    'parts with a length': (_delivery, _request, response) => {
      response.writeHead(200, { 'content-length': 4 })
      response.write('do')
      response.write('ne')
      response.end()
    },
    'parts after it has returned': (_delivery, _request, response) => {
      response.write('do')
      setTimeout(() => response.end('ne'), 20)
    },
    'res.send': (_delivery, _request, response) => void response.send('done'),
    'a long stream': (_delivery, _request, response) => pipeline(Readable.from([LONG.subarray(0, 100_000), LONG.subarray(100_000)]), response),
    'a long text': (_delivery, _request, response) => void response.end(LONG),
  }
  for (const [what, handler] of Object.entries(handlers)) {
    test(what, { timeout: 20_000 }, async (t) => {
      const plain = await answered(t, express().use(expressWebhook(benji(), handler)), { headers: json(), body: BODY })
      const outcomes = []
      const app = express().use(expressWebhook(benji(), handler, { guard: new ReplayGuard({ capacity: 9 }), onDelivery: (_delivery, outcome) => outcomes.push(outcome) }))
      const request = { headers: json(), body: BODY }
      const { status, headers, body } = await answered(t, app, request)
      for (const of of [headers, plain.headers]) delete of.date
      assert.deepEqual([status, headers, body], [plain.status, plain.headers, plain.body])
      assert.equal((await answered(t, app, request)).status, 200)
      assert.deepEqual(outcomes, ['handled', 'duplicate'])
    })
  }

  test('before it fails is not sent, and the delivery is handled again', async (t) => {
    t.mock.method(console, 'error', () => {})
    const steps = [(response) => response.end('done'), (response) => response.writeHead(200, { 'content-length': 4 }).write('done')]
    for (const answer of steps) {
      let isFirst = true
      const outcomes = []
      const app = express().use(expressWebhook(benji(), async (_delivery, _request, response) => {
        if (!isFirst) return
        isFirst = false
        answer(response)
        throw new Error('no database')
      }, { guard: new ReplayGuard({ capacity: 9 }), onDelivery: (_delivery, outcome) => outcomes.push(outcome) }))
      const request = { headers: json(), body: BODY }
      await assert.rejects(answered(t, app, request), { code: 'ECONNRESET' })
      assert.equal((await answered(t, app, request)).status, 204)
      assert.deepEqual(outcomes, ['failed', 'handled'])
    }
  })

  test('before it fails is not sent by fastify either', async (t) => {
    for (const framework of [fastify, fastify4]) {
      let isFirst = true
      const server = framework({ logger: { level: 'silent' } })
      server.register(fastifyWebhook(benji(), async (_delivery, _request, reply) => {
        if (!isFirst) return
        isFirst = false
        reply.send('done')
        throw new Error('no database')
      }, { url: '/', guard: new ReplayGuard({ capacity: 9 }) }))
      const url = await server.listen({ port: 0, host: '127.0.0.1' })
      t.after(() => server.close())
      const request = { headers: json(), body: BODY }
      await assert.rejects(send(url, request), { code: 'ECONNRESET' })
      assert.equal((await send(url, request)).status, 204)
      assert.equal((await send(url, request)).status, 200)
    }
  })

  const TIMEOUTS = {
    'express': async (t, handler, options) => {
      const app = express().use((_request, response, next) => {
        setTimeout(() => response.headersSent || response.sendStatus(503), 20)
        next()
      }, expressWebhook(benji(), handler, options))
      const { url, close } = await listening(createServer(app), '/')
      t.after(close)
      return url
    },
    'fastify': async (t, handler, options) => {
      const server = fastify()
      server.addHook('onRequest', (_request, reply, done) => {
        setTimeout(() => reply.raw.headersSent || reply.raw.writeHead(503).end(), 20)
        done()
      })
      server.register(fastifyWebhook(benji(), handler, { url: '/', ...options }))
      t.after(() => server.close())
      return server.listen({ port: 0, host: '127.0.0.1' })
    },
  }
  for (const [name, start] of Object.entries(TIMEOUTS)) {
    test(`by a timeout goes out while the handler runs, and the claim lasts until it ends: ${name}`, { timeout: 20_000 }, async (t) => {
      const outcomes = []
      const endings = []
      const url = await start(t, () => new Promise((resolve) => endings.push(resolve)), { guard: new ReplayGuard({ capacity: 9 }), onDelivery: (_delivery, outcome) => outcomes.push(outcome) })
      const request = { headers: json(), body: BODY }
      assert.equal((await send(url, request)).status, 503)
      // No repetition is handled beside the handler that still runs.
      assert.equal((await send(url, request)).status, 503)
      assert.deepEqual([outcomes, endings.length], [['in_progress'], 1])
      endings[0]()
      while (outcomes.length < 2) await new Promise(setImmediate)
      const again = send(url, request)
      while (endings.length < 2) await new Promise(setImmediate)
      endings[1]()
      assert.equal((await again).status, 204)
      while (outcomes.length < 3) await new Promise(setImmediate)
      assert.deepEqual(outcomes, ['in_progress', 'failed', 'handled'])
    })
  }

  test('as a stream of a Response confirms at its end, and with a status of 400 or above releases at once', async () => {
    const short = ['one ', 'two']
    const long = ['x'.repeat(40_000), 'y'.repeat(40_000), 'z']
    const cases = [
      // It is read before it is answered.
      [short, 200, undefined, ['confirm', 'handled', 'answered', 'read']],
      [short, 200, 'error', ['release', 'failed', 'answered', 'broken']],
      [short, 503, undefined, ['release', 'failed', 'answered', 'read']],
      [[], 200, undefined, ['confirm', 'handled', 'answered', 'read']],
      // It is answered while it is read.
      [long, 200, undefined, ['answered', 'confirm', 'handled', 'read']],
      [long, 200, 'error', ['answered', 'release', 'failed', 'broken']],
      [long, 200, 'cancel', ['answered', 'release', 'failed', 'cancelled', 'left']],
      [['text'], 200, 'text', ['release', 'failed', 'answered', 'broken']],
    ]
    for (const [parts, status, end, expected] of cases) {
      const guard = new ReplayGuard({ capacity: 9 })
      const steps = []
      const noting = { claim: (key) => guard.claim(key), confirm: (claim) => steps.push('confirm') && guard.confirm(claim), release: (claim) => steps.push('release') && guard.release(claim) }
      const left = parts.map((part) => (end === 'text' ? part : Buffer.from(part)))
      const body = new ReadableStream({
        async pull(controller) {
          await new Promise(setImmediate)
          if (left.length > 0) controller.enqueue(left.shift())
          else if (end === 'error') controller.error(new Error('no database'))
          else if (end !== 'cancel') controller.close()
        },
        cancel: () => void steps.push('cancelled'),
      })
      const headers = { 'content-type': 'text/x', 'set-cookie': 'a=b' }
      const options = { guard: noting, onDelivery: (_delivery, outcome) => void steps.push(outcome) }
      const response = await fetchWebhook(benji(), () => new Response(body, { status, headers }), options)(new Request('http://localhost/', { method: 'POST', headers: json(), body: BODY }))
      steps.push('answered')
      assert.deepEqual([response.status, response.headers.get('content-type'), response.headers.getSetCookie()], [status, 'text/x', ['a=b']])
      if (end === 'cancel') {
        await response.body.cancel()
        steps.push('left')
      } else {
        const read = await response.text().catch(() => undefined)
        assert.equal(read, end === undefined ? parts.join('') : undefined)
        steps.push(read === undefined ? 'broken' : 'read')
      }
      assert.deepEqual(steps, expected)
    }
  })

  test('twice is the error that it is without a guard', async (t) => {
    const errors = []
    const app = express().use(expressWebhook(benji(), (_delivery, _request, response) => {
      response.send('one')
      try {
        response.send('two')
      } catch ({ code }) {
        errors.push(code)
      }
    }, { guard: new ReplayGuard({ capacity: 9 }) }))
    const { status, body } = await answered(t, app, { headers: json(), body: BODY })
    assert.deepEqual([status, body, errors], [200, 'one', ['ERR_HTTP_HEADERS_SENT']])
  })

  test('that is no text and no bytes is the error of Node', async (t) => {
    const errors = []
    for (const call of [(response) => response.end(7), (response) => response.write(null), (response) => response.write({})]) {
      const app = express().use(expressWebhook(benji(), (_delivery, _request, response) => {
        try {
          call(response)
        } catch ({ code }) {
          errors.push(code)
        }
      }, { guard: new ReplayGuard({ capacity: 9 }) }))
      await answered(t, app, { headers: json(), body: BODY }).catch(() => {})
    }
    assert.deepEqual(errors, ['ERR_INVALID_ARG_TYPE', 'ERR_STREAM_NULL_VALUES', 'ERR_INVALID_ARG_TYPE'])
  })

  test('a sender that leaves while the delivery is confirmed gets it again', { timeout: 20_000 }, async (t) => {
    const guard = new ReplayGuard({ capacity: 9 })
    const confirmed = []
    const app = createServer(expressWebhook(benji(), async (_delivery, _request, response) => {
      sent.destroy()
      await once(response, 'close')
    }, {
      guard: { claim: (key) => guard.claim(key), confirm: (claim) => confirmed.push('confirm') && guard.confirm(claim), release: (claim) => confirmed.push('release') && guard.release(claim) },
      onDelivery: (_delivery, outcome) => { confirmed.push(outcome) },
    }))
    const { url, close } = await listening(app, '/')
    t.after(close)
    const sent = httpRequest(url, { method: 'POST', headers: json() }).on('error', () => {})
    sent.end(BODY)
    while (confirmed.length < 2) await new Promise(setImmediate)
    assert.deepEqual(confirmed, ['release', 'failed'])
  })
})

describe('an answer over HTTP/2, with a guard', () => {
  /** A guard that notes what is asked of it, and takes a while for the end of a claim. */
  function noting() {
    const guard = new ReplayGuard({ capacity: 9 })
    const steps = []
    const ending = (name) => async (claim) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      steps.push(name)
      return guard[name](claim)
    }
    return { guard: { claim: (key) => guard.claim(key), confirm: ending('confirm'), release: ending('release') }, steps }
  }
  const SERVERS = {
    'node:http2': async (t, handler, options) => {
      const server = createHttp2Server(expressWebhook(benji(), handler, options))
      endSessions(t, server)
      t.after(() => server.close())
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
      return `http://127.0.0.1:${server.address().port}`
    },
    ...Object.fromEntries([['fastify', fastify], ['fastify 4', fastify4]].map(([name, framework]) => [name, async (t, handler, options) => {
      const server = framework({ http2: true, logger: { level: 'silent' } })
      server.register(fastifyWebhook(benji(), (delivery, request, reply) => handler(delivery, request.raw, reply.raw), { url: '/', ...options }))
      endSessions(t, server.server)
      t.after(() => server.close())
      return server.listen({ port: 0, host: '127.0.0.1' })
    }])),
  }
  /** Ends the connections of a server, for which its `close` would wait. */
  function endSessions(t, server) {
    const sessions = new Set()
    server.on('session', (session) => sessions.add(session))
    t.after(() => {
      for (const session of sessions) session.destroy()
    })
  }
  /** Status, body and trailers of an answer; the status is undefined if the stream was closed without an answer. */
  function sendOverHttp2(t, url, headers = json(), steps = []) {
    const session = connect(url)
    t.after(() => session.destroy())
    const stream = session.request({ ':method': 'POST', ':path': '/', ...headers })
    const told = { status: undefined, body: '', trailers: undefined }
    stream.on('response', ({ ':status': status }) => {
      steps.push('answered')
      told.status = status
    })
    stream.on('trailers', ({ 'x-sum': sum }) => (told.trailers = sum))
    stream.on('data', (part) => (told.body += part)).on('error', () => {})
    stream.end(BODY)
    return { stream, told: new Promise((resolve) => stream.on('close', () => resolve(told))) }
  }

  const THIS_FILE = fileURLToPath(import.meta.url)
  const handlers = {
    'nothing': [() => {}, 204, ''],
    'end': [(_delivery, _request, response) => void response.end('done'), 200, 'done'],
    'a head and parts': [(_delivery, _request, response) => {
      response.writeHead(202, { 'x-kind': 'parts' })
      response.write('do')
      response.end('ne')
    }, 202, 'done'],
    'only a head at first': [async (_delivery, _request, response) => {
      response.flushHeaders()
      await new Promise(setImmediate)
      response.end('done')
    }, 200, 'done'],
    'end, and waits for it': [async (_delivery, _request, response) => {
      response.end('done')
      await once(response, 'finish')
    }, 200, 'done'],
    'end with a callback': [(_delivery, _request, response) => new Promise((resolve) => response.end('done', resolve)), 200, 'done'],
    'a stream': [(_delivery, _request, response) => pipeline(Readable.from(['do', 'ne']), response.stream), 200, 'done'],
    'a file': [async (_delivery, _request, { stream }) => {
      stream.respondWithFile(THIS_FILE, { ':status': 201 }, { length: 12 })
      await once(stream, 'close')
    }, 201, '// Requests '],
    'a long text': [(_delivery, _request, response) => void response.end('x'.repeat(300_000)), 200, 'x'.repeat(300_000)],
  }
  for (const [name, start] of Object.entries(SERVERS)) {
    for (const [what, [handler, status, body]] of Object.entries(handlers)) {
      test(`${name}: ${what}`, { timeout: 20_000 }, async (t) => {
        const { guard, steps } = noting()
        const url = await start(t, handler, { guard })
        const headers = json()
        const { told } = sendOverHttp2(t, url, headers, steps)
        assert.deepEqual(await told, { status, body, trailers: undefined })
        // A file is confirmed when it was sent.
        while (steps.length < 2) await new Promise(setImmediate)
        assert.deepEqual(steps, what === 'a file' ? ['answered', 'confirm'] : ['confirm', 'answered'])
        assert.equal((await sendOverHttp2(t, url, headers).told).status, 200)
      })
    }

    test(`${name}: of a handler that fails afterwards is not sent`, { timeout: 20_000 }, async (t) => {
      t.mock.method(console, 'error', () => {})
      const answers = [
        (response) => response.end('done'),
        (response) => response.writeHead(200).write('done'),
        ({ stream }) => stream.respond({ ':status': 200 }),
        ({ stream }) => stream.write('done'),
      ]
      for (const answer of answers) {
        let isFirst = true
        const { guard, steps } = noting()
        const outcomes = []
        const url = await start(t, (_delivery, _request, response) => {
          if (!isFirst) return
          isFirst = false
          answer(response)
          throw new Error('no database')
        }, { guard, onDelivery: (_delivery, outcome) => outcomes.push(outcome) })
        const headers = json()
        assert.deepEqual(await sendOverHttp2(t, url, headers, steps).told, { status: undefined, body: '', trailers: undefined })
        assert.equal((await sendOverHttp2(t, url, headers, steps).told).status, 204)
        assert.deepEqual(steps, ['release', 'confirm', 'answered'])
        while (outcomes.length < 2) await new Promise(setImmediate)
        assert.deepEqual(outcomes, ['failed', 'handled'])
      }
    })

    test(`${name}: with a status of 400 or above releases`, { timeout: 20_000 }, async (t) => {
      for (const answer of [(response) => response.writeHead(503).end(), ({ stream }) => stream.respond({ ':status': 503 }, { endStream: true })]) {
        const { guard, steps } = noting()
        const url = await start(t, (_delivery, _request, response) => void answer(response), { guard })
        assert.equal((await sendOverHttp2(t, url, json(), steps).told).status, 503)
        assert.deepEqual(steps, ['release', 'answered'])
      }
    })

    test(`${name}: a sender that leaves gets it again`, { timeout: 20_000 }, async (t) => {
      for (const isGuarded of [true, false]) {
        const { guard, steps } = noting()
        const outcomes = []
        const begun = Promise.withResolvers?.() ?? withResolvers()
        const url = await start(t, async (_delivery, _request, response) => {
          begun.resolve()
          await once(response.stream, 'close')
        }, { ...(isGuarded ? { guard } : {}), onDelivery: (_delivery, outcome) => outcomes.push(outcome) })
        const { stream } = sendOverHttp2(t, url)
        await begun.promise
        stream.close()
        while (outcomes.length < 1) await new Promise(setImmediate)
        assert.deepEqual([steps, outcomes], [isGuarded ? ['release'] : [], ['failed']])
      }
    })
  }

  test('node:http2: a stream that is piped is confirmed at its end, and released if it breaks', { timeout: 20_000 }, async (t) => {
    for (const text of ['x'.repeat(100), 'x'.repeat(100_000)]) {
      for (const [breaks, into] of [[true, (response) => response], [false, (response) => response], [true, ({ stream }) => stream], [false, ({ stream }) => stream]]) {
        const { guard, steps } = noting()
        const outcomes = []
        const url = await SERVERS['node:http2'](t, (_delivery, _request, response) => {
          const source = Readable.from((async function* () {
            for (let part = 0; part < 2; part++) {
              await new Promise(setImmediate)
              yield text
            }
            if (breaks) throw new Error('no database')
          })())
          source.on('error', () => response.stream.close(2)).pipe(into(response))
        }, { guard, onDelivery: (_delivery, outcome) => outcomes.push(outcome) })
        const { body } = await sendOverHttp2(t, url).told
        if (!breaks) assert.equal(body.length, 2 * text.length)
        while (outcomes.length < 1) await new Promise(setImmediate)
        assert.deepEqual([steps, outcomes], breaks ? [['release'], ['failed']] : [['confirm'], ['handled']])
      }
    }
  })

  test('node:http2: trailers are sent', async (t) => {
    const { guard } = noting()
    const url = await SERVERS['node:http2'](t, (_delivery, _request, response) => {
      response.write('one ')
      response.setTrailer('x-sum', '2')
      response.end('two')
    }, { guard })
    assert.deepEqual(await sendOverHttp2(t, url).told, { status: 200, body: 'one two', trailers: '2' })
  })

  function withResolvers() {
    const made = {}
    made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }))
    return made
  }
})
