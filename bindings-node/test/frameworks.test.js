// What each framework offers with its adapter, over real sockets, and the table of the README that says so.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

import BetterSqlite3 from 'better-sqlite3'
import { Receiver, ReplayGuard, sign } from 'hookseal'
import { Inbox, tables } from 'hookseal/inbox/sqlite'
import { ReplayGuard as RedisGuard } from 'hookseal/redis'

import { OPENERS } from './redis_clients.js'
import { hasRedis, startRedis } from './redis_server.js'
import { BODY, SALT, begin, benji, send } from './requests.js'
import { STARTERS } from './servers.js'

/** How a handler answers, and where it reads the accepted body. */
const NODE = {
  answer: (status, text) => (_delivery, _request, response) => void response.writeHead(status).end(text),
  bodyOf: ({ rawBody }) => rawBody,
}
const FASTIFY = { answer: (status, text) => (_delivery, _request, reply) => reply.code(status).send(text), bodyOf: ({ rawBody }) => rawBody }
const WEB = { answer: (status, text) => () => new Response(text, { status }), bodyOf: async (request) => Buffer.from(await request.arrayBuffer()) }
const LAMBDA = {
  answer: (statusCode, body) => () => ({ statusCode, body, headers: {}, multiValueHeaders: {} }),
  bodyOf: ({ body, isBase64Encoded }) => Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
}
/** The rows of the table: the servers that a row needs, and how a handler is written for them. */
const FRAMEWORKS = {
  'Express 5': { servers: ['express'], ...NODE },
  'Express 4': { servers: ['express 4'], ...NODE },
  'node:http': { servers: ['node:http'], ...NODE },
  'Fastify 5': { servers: ['fastify'], ...FASTIFY },
  'Fastify 4': { servers: ['fastify 4'], ...FASTIFY },
  'fetch': { servers: ['fetch', 'hono'], ...WEB },
  'Lambda': { servers: ['lambda 1.0', 'lambda 2.0', 'lambda of a load balancer'], ...LAMBDA },
}
/** Answers in parts, and breaks after them or ends. */
function streamed(response, parts, breaks) {
  const made = (async function* () {
    for (const part of parts) {
      await sleep(5)
      yield Buffer.from(part)
    }
    if (breaks) throw new Error('no database')
  })()
  if (response === undefined) {
    return new Response(new ReadableStream({
      async pull(controller) {
        const { done, value } = await made.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
    }))
  }
  const source = Readable.from(made)
  // A reply of Fastify is no stream.
  if (typeof response.end !== 'function') return void response.send(source)
  source.on('error', () => response.destroy())
  source.pipe(response)
}
const COLUMNS = ['raw body', 'limit while reading', 'handshake', 'refusal', 'guard', 'inbox', 'body afterwards', 'callbacks']
/** Cells that a platform forbids. */
const IMPOSSIBLE = { Lambda: { 'limit while reading': 'not possible, because Lambda hands over the whole body: its length is looked at first' } }

/** How many tests of a cell there are, and how many passed. */
const cells = new Map()
/** A test that shows a cell of the table. */
function shows(row, column, name, run, options = {}) {
  assert.ok(COLUMNS.includes(column))
  const cell = cells.get(`${row}, ${column}`) ?? { tests: 0, passed: 0 }
  cells.set(`${row}, ${column}`, cell)
  cell.tests += 1
  test(`${column}: ${name}`, { timeout: 60_000, ...options }, async (t) => {
    await run(t)
    cell.passed += 1
  })
}

const signed = (body = BODY, time) => ({ headers: sign.benji(SALT, body, { time }), body })
/** A request that no other test has. */
let drawn = 0
const fresh = () => signed(Buffer.from(`{"event":"reward_transaction_updated","entity":3,"entity_id":${(drawn += 1)}}`))
const memory = (options) => new ReplayGuard({ capacity: 100, ...options })
/** A guard with other methods. */
const guardWith = (methods, guard = memory()) => ({
  claim: (key) => guard.claim(key),
  confirm: (claim) => guard.confirm(claim),
  release: (claim) => guard.release(claim),
  ...methods,
})
const printed = (t) => {
  const mock = t.mock.method(console, 'error', () => {})
  // Express prints errors of handlers, also late ones of other tests.
  return () => mock.mock.calls.map(({ arguments: words }) => words.join(' ').split('\n')[0]).filter((line) => line.startsWith('hookseal'))
}

const folder = mkdtempSync(join(tmpdir(), 'hookseal-frameworks-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let databases = 0
/** A database for an inbox, and the number of its rows. */
function database(t) {
  const path = join(folder, `${(databases += 1)}.db`)
  const connection = new BetterSqlite3(path)
  connection.exec(tables('sqlite'))
  t.after(() => connection.close())
  return { path, rows: () => connection.prepare('SELECT count(*) AS count FROM hookseal_inbox').get().count }
}

let redis
const redisClient = async (t) => {
  redis ??= startRedis()
  const { client, close } = await OPENERS.ioredis((await redis).port)
  t.after(close)
  return client
}
after(async () => (await redis)?.stop())
const skip = !hasRedis('guards on Redis in the adapters of Node')

for (const [row, { servers, answer, bodyOf }] of Object.entries(FRAMEWORKS)) {
  for (const server of servers) {
    describe(`${row}, ${server}`, () => {
      /** A server with these arguments of the adapter. `outcomes` and `refused` are what the callbacks heard. */
      async function serving(t, handler, options = {}, receiver = benji()) {
        const outcomes = []
        const refused = []
        const callbacks = { onDelivery: (_delivery, outcome) => void outcomes.push(outcome), onRejection: ({ code }) => void refused.push(code), ...options }
        const arguments_ = handler === undefined ? [callbacks] : [handler, callbacks]
        const { url, close } = await STARTERS[server](receiver, ...arguments_)
        t.after(close)
        return { url, outcomes, refused }
      }
      /** The outcomes, once there are so many: some are told after the answer. */
      async function told(outcomes, count) {
        for (let round = 0; outcomes.length < count && round < 500; round++) await sleep(10)
        return outcomes
      }
      const isStreaming = row !== 'Lambda'
      const joinsHeaders = ['fetch', 'Lambda'].includes(row)

      shows(row, 'raw body', 'the exact bytes are checked', async (t) => {
        const spaced = Buffer.from('{ "event" : "reward_transaction_updated" , "entity":3,"entity_id":243 }\n')
        const { url, refused } = await serving(t, (delivery) => assert.deepEqual(Buffer.from(delivery.body), spaced))
        assert.equal((await send(url, signed(spaced))).status, 204)
        assert.equal((await send(url, { ...signed(spaced), body: spaced.toString().trim() })).status, 401)
        assert.deepEqual(refused, ['signature_mismatch'])
      })

      if (isStreaming) {
        shows(row, 'limit while reading', 'a body without an end is refused', async (t) => {
          const { url, refused } = await serving(t, () => assert.fail('it was handed on'), {}, Receiver.benji(SALT, { maxBodyBytes: 1000 }))
          const socket = begin(url, signed().headers)
          socket.write(`7d0\r\n${'x'.repeat(2000)}\r\n`)
          const [answered] = await once(socket, 'data').finally(() => socket.destroy())
          assert.match(`${answered}`, /^HTTP\/1\.1 413 /)
          assert.deepEqual(await told(refused, 1), ['payload_too_large'])
        })
      }

      shows(row, 'handshake', 'it is answered, and claims and stores nothing', async (t) => {
        const guard = memory()
        const { path, rows } = database(t)
        for (const [handler, options] of [[() => {}, {}], [() => {}, { guard }], [undefined, { inbox: new Inbox(path, BetterSqlite3) }]]) {
          const { url, outcomes } = await serving(t, handler, options, Receiver.benti('secret'))
          const reply = await send(url, { method: 'GET', headers: sign.bentiHandshake('secret', 'c4f1e7d2') })
          assert.deepEqual([reply.status, reply.body, reply.headers['x-inbenta-challenge']], [200, 'c4f1e7d2', 'c4f1e7d2'])
          assert.deepEqual([outcomes, guard.held, rows()], [[], 0, 0])
        }
      })

      shows(row, 'refusal', 'status and headers are those of the rejection, and nothing is claimed or stored', async (t) => {
        const guard = memory()
        const { path, rows } = database(t)
        for (const [handler, options] of [[() => assert.fail('it was handed on'), { guard }], [undefined, { inbox: new Inbox(path, BetterSqlite3) }]]) {
          const { url, outcomes, refused } = await serving(t, handler, options, Receiver.bento({ bearer: 'token' }))
          const forged = await send(url, { body: '{}' })
          assert.deepEqual([forged.status, forged.headers['www-authenticate'], forged.body], [401, 'Bearer', ''])
          const other = await send(url, { method: 'PUT', body: '{}' })
          assert.deepEqual([other.status, other.headers.allow, other.body], [405, 'POST', ''])
          assert.deepEqual([outcomes, guard.held, rows()], [[], 0, 0])
          assert.equal((await told(refused, 2)).at(-1), 'method_not_allowed')
        }
      })

      shows(row, 'guard', 'a repetition is answered with 200, and not handled', async (t) => {
        const handled = []
        const { url, outcomes } = await serving(t, (delivery) => void handled.push(delivery.keyId), { guard: memory() })
        const request = fresh()
        assert.equal((await send(url, request)).status, 204)
        const again = await send(url, request)
        assert.deepEqual([again.status, again.body, handled.length], [200, '', 1])
        assert.deepEqual(await told(outcomes, 2), ['handled', 'duplicate'])
      })

      shows(row, 'guard', 'on Redis, two servers share it', async (t) => {
        const client = await redisClient(t)
        const prefix = `${row} ${server}:`
        const handled = []
        const urls = []
        for (const _ of [1, 2]) urls.push((await serving(t, (delivery) => void handled.push(delivery.keyId), { guard: new RedisGuard(client, { prefix }) })).url)
        const request = fresh()
        const statuses = []
        for (const url of [...urls, ...urls]) statuses.push((await send(url, request)).status)
        assert.deepEqual([statuses, handled.length], [[204, 200, 200, 200], 1])
      }, { skip })

      const failures = {
        'throws': () => { throw new Error('no database') },
        'rejects': async () => { throw new Error('no database') },
        'answers 400': answer(400, 'no'),
        'answers 503': answer(503, 'no'),
      }
      for (const [what, fail] of Object.entries(failures)) {
        shows(row, 'guard', `a handler that ${what} loses nothing`, async (t) => {
          printed(t)
          let isFirst = true
          const handler = (...given) => {
            if (!isFirst) return undefined
            isFirst = false
            return fail(...given)
          }
          const request = fresh()
          const plain = (await send((await serving(t, handler)).url, request)).status
          isFirst = true
          const { url, outcomes } = await serving(t, handler, { guard: memory() })
          assert.equal((await send(url, request)).status, plain)
          assert.ok(plain >= 400)
          assert.equal((await send(url, request)).status, 204)
          assert.equal((await send(url, request)).status, 200)
          assert.deepEqual(await told(outcomes, 3), ['failed', 'handled', 'duplicate'])
        })
      }

      shows(row, 'guard', "the handler's answer comes after the confirmation", async (t) => {
        const steps = []
        const guard = guardWith({ confirm: async () => {
          await sleep(30)
          steps.push('confirmed')
          return true
        } })
        for (const [handler, status, text] of [[() => {}, 204, ''], [answer(200, 'done'), 200, 'done'], [answer(302, ''), 302, '']]) {
          const { url } = await serving(t, handler, { guard })
          const reply = await send(url, fresh())
          steps.push('answered')
          assert.deepEqual([reply.status, reply.body], [status, text])
        }
        assert.deepEqual(steps, ['confirmed', 'answered', 'confirmed', 'answered', 'confirmed', 'answered'])
      })

      shows(row, 'guard', 'a confirmation that fails is reported, and does not change the answer', async (t) => {
        const lines = printed(t)
        const confirms = { 'Error: no store': () => Promise.reject(new Error('no store')), 'Error: the lease was over': () => false }
        for (const [line, confirm] of Object.entries(confirms)) {
          const { url, outcomes } = await serving(t, answer(201, 'done'), { guard: guardWith({ confirm }) })
          const reply = await send(url, fresh())
          assert.deepEqual([reply.status, reply.body, await told(outcomes, 1)], [201, 'done', ['handled']])
          assert.ok(lines().at(-1).startsWith(`hookseal: a claim could not be confirmed: ${line}`), lines().at(-1))
        }
      })

      shows(row, 'guard', 'while a delivery is handled, a repetition is answered with 503 and the rest of the lease', async (t) => {
        const { promise, resolve } = Promise.withResolvers?.() ?? withResolvers()
        const { url, outcomes } = await serving(t, () => promise, { guard: memory({ leaseSeconds: 40 }) })
        const request = fresh()
        const first = send(url, request)
        let again
        do again = await send(url, request)
        while (again.status === 204)
        assert.equal(again.status, 503)
        assert.ok(Number(again.headers['retry-after']) > 30 && Number(again.headers['retry-after']) <= 40)
        resolve()
        assert.equal((await first).status, 204)
        assert.deepEqual(await told(outcomes, 2), ['in_progress', 'handled'])
      })

      shows(row, 'guard', 'one that is full, or cannot be used, is answered with 503', async (t) => {
        const lines = printed(t)
        let asked = 0
        const away = guardWith({ claim: async () => {
          asked += 1
          throw new Error('no store')
        } })
        const full = memory({ capacity: 1 })
        full.claim(benji().receive({ method: 'POST', ...fresh() }).replayKey())
        for (const [guard, outcome] of [[full, 'full'], [away, 'unavailable']]) {
          const { url, outcomes } = await serving(t, () => assert.fail('it was handed on'), { guard })
          const reply = await send(url, fresh())
          assert.deepEqual([reply.status, reply.headers['retry-after'], reply.body], [503, '5', ''])
          assert.deepEqual(await told(outcomes, 1), [outcome])
        }
        assert.deepEqual([asked, lines()], [1, [
          'hookseal: full: the guard is full: build it with a greater capacity',
          'hookseal: unavailable: the guard cannot be used: Error: no store',
        ]])
      })

      if (row !== 'Lambda' && server !== 'fetch') {
        shows(row, 'guard', 'a sender that left before the answer loses nothing', async (t) => {
          let isFirst = true
          const begun = Promise.withResolvers?.() ?? withResolvers()
          const left = Promise.withResolvers?.() ?? withResolvers()
          const { url, outcomes } = await serving(t, async () => {
            if (!isFirst) return
            isFirst = false
            begun.resolve()
            await left.promise
          }, { guard: memory() })
          const request = fresh()
          const socket = begin(url, request.headers)
          socket.write(`${request.body.length.toString(16)}\r\n${request.body}\r\n0\r\n\r\n`)
          await begun.promise
          socket.destroy()
          await sleep(100)
          // The handler goes on, and a repetition must not be handled beside it.
          assert.equal((await send(url, request)).status, 503)
          left.resolve()
          assert.deepEqual(await told(outcomes, 2), ['in_progress', 'failed'])
          assert.equal((await send(url, request)).status, 204)
          assert.deepEqual(await told(outcomes, 3), ['in_progress', 'failed', 'handled'])
        })
      }

      if (answer === NODE.answer) {
        shows(row, 'guard', 'what a failed handler answers while its claim is released is discarded', async (t) => {
          printed(t)
          const inner = memory()
          const release = async (claim) => {
            await sleep(100)
            return inner.release(claim)
          }
          const { url, outcomes } = await serving(t, (_delivery, _request, response) => {
            setTimeout(() => response.end('done'), 20)
            throw new Error('no database')
          }, { guard: guardWith({ release }, inner) })
          assert.equal((await send(url, fresh())).status, 500)
          assert.deepEqual(await told(outcomes, 1), ['failed'])
        })

        shows(row, 'guard', 'a handler can wait for a part to be written, and send trailers', async (t) => {
          const { url, outcomes } = await serving(t, async (_delivery, _request, response) => {
            response.setHeader('trailer', 'x-sum')
            await new Promise((resolve) => response.write('one ', resolve))
            response.addTrailers({ 'x-sum': '2' })
            response.end('two')
          }, { guard: memory() })
          const reply = await send(url, fresh())
          assert.deepEqual([reply.status, reply.body, await told(outcomes, 1)], [200, 'one two', ['handled']])
        })

        shows(row, 'guard', 'while it confirms, a long answer waits until it can be sent', async (t) => {
          const inner = memory()
          const refusals = []
          const confirm = async (claim) => {
            await sleep(50)
            return inner.confirm(claim)
          }
          const { url, outcomes } = await serving(t, async (_delivery, _request, response) => {
            for (let part = 0; part < 4; part++) {
              if (response.write('x'.repeat(60 * 1024))) continue
              refusals.push(part)
              await new Promise((resolve) => response.once('drain', resolve))
            }
            response.end()
          }, { guard: guardWith({ confirm }, inner) })
          const reply = await send(url, fresh())
          assert.deepEqual([reply.status, reply.body.length, await told(outcomes, 1)], [200, 240 * 1024, ['handled']])
          assert.equal(refusals[0], 1)
        })
      }

      if (row !== 'Lambda') {
        shows(row, 'guard', 'an answer that is made while it is sent is confirmed at its end, and released if it breaks', async (t) => {
          printed(t)
          const text = { short: 'x'.repeat(100), long: 'x'.repeat(100_000) }
          for (const length of ['short', 'long']) {
            let breaks = true
            // A handler that returns before anything was read.
            const { url, outcomes } = await serving(t, (_delivery, _request, response) => {
              const isBroken = breaks
              breaks = false
              return streamed(response, [text[length], text[length]], isBroken)
            }, { guard: memory() })
            const request = fresh()
            const broken = await send(url, request).catch(() => undefined)
            assert.ok(broken === undefined || broken.status === 500, length)
            assert.deepEqual(await told(outcomes, 1), ['failed'])
            const whole = await send(url, request)
            assert.deepEqual([whole.status, whole.body], [200, text[length] + text[length]])
            assert.deepEqual(await told(outcomes, 2), ['failed', 'handled'])
            assert.equal((await send(url, request)).status, 200)
            assert.deepEqual(await told(outcomes, 3), ['failed', 'handled', 'duplicate'])
          }
        })
      }

      shows(row, 'inbox', 'a delivery is stored before 202, a repetition is 200, and a worker handles it', async (t) => {
        const { path, rows } = database(t)
        const inbox = new Inbox(path, BetterSqlite3)
        const { url, outcomes } = await serving(t, undefined, { inbox })
        const request = fresh()
        const first = await send(url, request)
        assert.deepEqual([first.status, first.body, rows()], [202, '', 1])
        const again = await send(url, request)
        assert.deepEqual([again.status, again.body, rows()], [200, '', 1])
        assert.deepEqual(await told(outcomes, 2), ['stored', 'duplicate'])
        const bodies = []
        await inbox.work((delivery) => {
          bodies.push(Buffer.from(delivery.body))
          void inbox.stop()
        })
        assert.deepEqual(bodies, [request.body])
      })

      shows(row, 'inbox', 'one that is full, or cannot be used, is answered with 503', async (t) => {
        const lines = printed(t)
        const full = new Inbox(database(t).path, BetterSqlite3, { maxWaiting: 1 })
        await full.put(benji().receive({ method: 'POST', ...fresh() }))
        const empty = join(folder, `${(databases += 1)}.db`)
        new BetterSqlite3(empty).close()
        for (const [inbox, outcome] of [[full, 'full'], [new Inbox(empty, BetterSqlite3), 'unavailable']]) {
          const { url, outcomes } = await serving(t, undefined, { inbox })
          const reply = await send(url, fresh())
          assert.deepEqual([reply.status, reply.headers['retry-after'], reply.body], [503, '5', ''])
          assert.deepEqual(await told(outcomes, 1), [outcome])
        }
        const [isFull, isAway, ...more] = lines()
        assert.deepEqual([isFull, more], ['hookseal: full: the inbox is full: add workers, or raise maxWaiting', []])
        assert.match(isAway, /^hookseal: unavailable: the inbox cannot be used: InboxUnavailableError:/)
      })

      shows(row, 'body afterwards', 'a handler reads the accepted body', async (t) => {
        const bodies = []
        const { url } = await serving(t, async (_delivery, request) => void bodies.push(await bodyOf(request)))
        const request = fresh()
        assert.equal((await send(url, request)).status, 204)
        assert.equal((await send(url, { headers: request.headers, chunks: [request.body.subarray(0, 9), request.body.subarray(9)] })).status, 204)
        assert.deepEqual(bodies, [request.body, request.body])
      })

      shows(row, 'callbacks', 'a rejection tells code, vendor, source and status', async (t) => {
        const rejections = []
        const receiver = Receiver.benji(SALT, { source: 'shop', maxBodyBytes: 1000 })
        const { url } = await serving(t, () => {}, { onRejection: ({ code, vendor, source, status }) => void rejections.push({ code, vendor, source, status }) }, receiver)
        await send(url, { body: BODY })
        await send(url, { ...signed(), body: '{}' })
        await send(url, { headers: signed().headers, chunks: [Buffer.alloc(800), Buffer.alloc(800)] })
        const of = { vendor: 'benji', source: 'shop' }
        assert.deepEqual(await told(rejections, 3), [
          { code: 'missing_signature', ...of, status: 401 },
          { code: 'signature_mismatch', ...of, status: 401 },
          { code: 'payload_too_large', ...of, status: 413 },
        ])
      })

      if (isStreaming) {
        shows(row, 'callbacks', 'a body that does not arrive whole is told too, and claims nothing', async (t) => {
          const rejections = []
          const guard = memory()
          const { url } = await serving(t, () => assert.fail('it was handed on'), { guard, onRejection: (rejection) => void rejections.push(rejection) })
          const broken = begin(url, signed().headers)
          broken.write('zz\r\n')
          const left = begin(url, signed().headers)
          left.write('5\r\n{"eve')
          await sleep(100)
          left.destroy()
          for (const { code, vendor, source, status, message, headers, outcome } of await told(rejections, 2)) {
            assert.deepEqual([code, vendor, source, status, headers, outcome], ['unreadable_request', 'benji', 'urn:hookseal:benji', 400, {}, 'rejection'])
            assert.equal(message, 'the sender left before the body was whole, or sent a malformed one')
          }
          assert.deepEqual([rejections.length, guard.held], [2, 0])
          broken.destroy()
        })
      }

      shows(row, 'callbacks', 'a delivery and its outcome are told without a guard too', async (t) => {
        printed(t)
        const handlers = [[() => {}, 'handled'], [answer(200, 'done'), 'handled'], [answer(404, 'no'), 'failed'], [failures.rejects, 'failed']]
        for (const [handler, outcome] of handlers) {
          const heard = []
          const { url } = await serving(t, handler, { onDelivery: (delivery, became) => void heard.push([delivery.vendor, became]) })
          await send(url, fresh())
          assert.deepEqual(await told(heard, 1), [['benji', outcome]])
        }
      })

      shows(row, 'callbacks', 'one that fails is reported, and never changes the answer', async (t) => {
        const lines = printed(t)
        const failing = [() => { throw new Error('no log') }, async () => { throw new Error('no log') }]
        const { path } = database(t)
        for (const onDelivery of failing) {
          for (const [handler, options, status] of [[answer(201, 'done'), {}, 201], [answer(201, 'done'), { guard: memory() }, 201], [undefined, { inbox: new Inbox(path, BetterSqlite3) }, 202]]) {
            const before = lines().length
            const { url } = await serving(t, handler, { ...options, onDelivery, onRejection: onDelivery })
            assert.equal((await send(url, fresh())).status, status)
            assert.equal((await send(url, { ...fresh(), body: '{}' })).status, 401)
            for (let round = 0; lines().length < before + 2 && round < 500; round++) await sleep(10)
            assert.deepEqual(lines().slice(before).sort(), ['hookseal: onDelivery failed: Error: no log', 'hookseal: onRejection failed: Error: no log'])
          }
        }
      })

      if (!joinsHeaders) {
        shows(row, 'refusal', 'a repeated header is refused', async (t) => {
          const { url, refused } = await serving(t, () => assert.fail('it was handed on'))
          const { headers, body } = signed()
          assert.equal((await send(url, { headers: { ...headers, 'x-benji-signature': [headers['x-benji-signature'], headers['x-benji-signature']] }, body })).status, 400)
          assert.deepEqual(await told(refused, 1), ['repeated_header'])
        })
      }
    })
  }
}

function withResolvers() {
  const made = {}
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}

test('the table in the README is what the tests have shown', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const shown = Object.keys(FRAMEWORKS).map((row) => COLUMNS.map((column) => {
    const { tests, passed } = cells.get(`${row}, ${column}`) ?? { tests: 0, passed: 0 }
    if (IMPOSSIBLE[row]?.[column] !== undefined) return tests === 0 ? IMPOSSIBLE[row][column] : 'there are tests of what is not possible'
    return tests > 0 && tests === passed ? 'yes' : `${passed} of ${tests} tests`
  }))
  const lines = [['', ...COLUMNS], ['---', ...COLUMNS.map(() => '---')], ...Object.keys(FRAMEWORKS).map((row, at) => [row, ...shown[at]])]
  const table = lines.map((fields) => `| ${fields.join(' | ')} |`.replace(/ {2,}/g, ' ').replaceAll(' --- ', '---')).join('\n')
  assert.ok(readme.includes(table), `the README must have this table:\n${table}`)
})
