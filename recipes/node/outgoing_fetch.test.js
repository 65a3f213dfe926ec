// Sends requests with outgoing_fetch.mjs over real sockets, to a stand-in that misbehaves.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'

import { outgoing } from 'hookseal'

import { send, sendAll, sendUntilDone } from './outgoing_fetch.mjs'

const { Benji, Benti, Bento, BentoEvent, RateLimit } = outgoing
const SITE = '11111111222233334444555555555555'
const NOW = Date.UTC(2026, 2, 4, 5, 6, 7)
const started = []
afterEach(async () => {
  for (const server of started.splice(0)) {
    server.close().closeAllConnections()
  }
})

/** A stand-in whose answers are given in turn; the last one is repeated. It counts what it gets. */
async function standIn(...answers) {
  const got = []
  const server = createServer(async (request, response) => {
    const parts = []
    for await (const part of request) parts.push(part)
    got.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(parts).toString() })
    answers[Math.min(got.length, answers.length) - 1](response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  started.push(server)
  return { got, url: `http://127.0.0.1:${server.address().port}` }
}

const answer = (status, body = '', headers = {}) => (response) => response.writeHead(status, headers).end(body)
const DONE = answer(200, '{"results":1,"failed":0}')
const cut = (response) => response.writeHead(200, { 'content-length': 24 }).write('{"results"', () => response.destroy())
const event = (members = {}) => new BentoEvent({ type: 'x', email: 'a@example.com', ...members })
const unique = (key = '1') => event({ details: { unique: { key } } })
const bentoAt = (url) => new Bento('publishable', 'secret-key', SITE, { apiHost: url })
const requestTo = (url, value = unique()) => bentoAt(url).events([value])[0]

/** A clock of the test's own, as options. It counts the waits in seconds. */
function clock(limit = new RateLimit()) {
  const waits = []
  let time = NOW
  const wait = async (milliseconds) => {
    waits.push(milliseconds / 1000)
    time += milliseconds
  }
  return { limit, waits, wait, now: () => time }
}

/** The answer or the refusal, whether it may be done, and the waits in seconds. */
async function sends(request, options) {
  const { waits, ...times } = clock()
  return { ...(await sendUntilDone(request, { ...times, ...options })), waits }
}

describe('an answer decides whether the request is sent again', () => {
  test('a success is read, and the request arrived as it was built', async () => {
    const { got, url } = await standIn(DONE)
    const request = requestTo(url)
    const { answer, waits } = await sends(request)
    assert.deepEqual([answer.accepted, waits, got.length], [1, [], 1])
    const [{ method, url: path, headers, body }] = got
    assert.deepEqual([method, path, body], ['POST', '/batch/events', request.body.toString()])
    for (const [name, value] of Object.entries(request.headers)) assert.equal(headers[name], value)
  })

  test('429 is tried again after Retry-After, or after 1 to 2 seconds', async () => {
    const { got, url } = await standIn(answer(429, '', { 'retry-after': '30' }), answer(429), DONE)
    const { answer: sent, waits } = await sends(requestTo(url, event()))
    assert.equal(sent.accepted, 1)
    assert.equal(waits[0], 30)
    assert.ok(waits[1] >= 2 && waits[1] <= 4, `${waits}`)
    assert.equal(got.length, 3)
  })

  test('500 is tried again with growing waits, and in the end handed back as the last refusal', async () => {
    const { got, url } = await standIn(answer(500))
    const { refusal, waits } = await sends(requestTo(url), { attempts: 4 })
    assert.deepEqual([refusal.code, refusal.status, got.length], ['server_error', 500, 4])
    assert.equal(waits.length, 3)
    waits.forEach((wait, at) => assert.ok(wait >= 2 ** at && wait <= 2 * 2 ** at, `${waits}`))
  })

  test('what may be done is not sent again unless it is repeatable', async () => {
    for (const key of [undefined, null, '', {}]) {
      for (const first of [answer(500), cut]) {
        const { got, url } = await standIn(first, DONE)
        const { refusal, mayBeDone } = await sends(requestTo(url, event({ details: { unique: { key } } })))
        assert.ok(refusal.mayBeDone && mayBeDone)
        assert.equal(got.length, 1)
      }
    }
  })

  test('what one attempt may have done, no later answer takes back', async () => {
    for (const last of [answer(401), answer(200, '{"results":0,"failed":1}')]) {
      const { url } = await standIn(cut, answer(429), last)
      const { refusal, answer: sent, mayBeDone } = await sends(requestTo(url))
      assert.ok(refusal === undefined ? !sent.isUndecided : !refusal.mayBeDone)
      assert.ok(mayBeDone)
    }
    const { url } = await standIn(answer(429), answer(401))
    assert.equal((await sends(requestTo(url))).mayBeDone, false)
  })

  test('an answer that is cut is no answer', async () => {
    const { got, url } = await standIn(cut, cut, DONE)
    const { answer, waits } = await sends(requestTo(url))
    assert.deepEqual([answer.accepted, waits.length, got.length], [1, 2, 3])
    await assert.rejects(send(requestTo((await standIn(cut)).url)), { code: 'no_answer', status: null })
  })

  test('a server that does not answer, or that is not there, is no answer', async () => {
    const { url } = await standIn(() => {})
    await assert.rejects(send(requestTo(url), { timeoutMilliseconds: 100 }), ({ code, cause }) => code === 'no_answer' && cause.name === 'TimeoutError')
    await assert.rejects(send(requestTo('http://127.0.0.1:1')), { code: 'no_answer' })
  })

  test('an answer that never ends is read up to the limit', { timeout: 10_000 }, async () => {
    let closed
    const { url } = await standIn((response) => {
      const block = Buffer.alloc(65_536, ' ')
      const more = () => response.destroyed || response.write(block, more)
      response.on('close', () => (closed = true)).writeHead(200)
      more()
    })
    const { refusal } = await sends(requestTo(url))
    assert.deepEqual([refusal.code, refusal.isFinal], ['unexpected_answer', true])
    while (!closed) await new Promise(setImmediate)
  })

  test('a refusal that is final is not tried again', async () => {
    for (const [status, body, code] of [[400, '{}', 'bad_request'], [401, '', 'unauthorized'], [403, 'BLOCKED', 'blocked'], [200, '<html>', 'unexpected_answer']]) {
      const { got, url } = await standIn(answer(status, body))
      const { refusal } = await sends(requestTo(url))
      assert.deepEqual([refusal.code, got.length], [code, 1])
    }
  })
})

describe('the start of a refused answer is kept', () => {
  test('up to 2 KiB, and a log of the refusal does not show it', async () => {
    const { url } = await standIn(answer(422, `{"error":"a@example.com"${' '.repeat(5000)}}`))
    await assert.rejects(send(requestTo(url)), (refusal) => {
      assert.ok(refusal.body.startsWith('{"error":"a@example.com"'))
      assert.equal(refusal.body.length, 2048)
      assert.doesNotMatch(inspect(refusal), /a@example/)
      return refusal.code === 'bad_request'
    })
  })

  test('whatever bytes it has', async () => {
    const { url } = await standIn(answer(400, Buffer.from([0xff, 0x00, 0x41])))
    await assert.rejects(send(requestTo(url)), { body: '\ufffd\0A' })
  })
})

describe('what Bento did not accept is handed back', () => {
  async function all(outcomes) {
    const found = []
    for await (const outcome of outcomes) found.push(outcome)
    return found
  }

  /** A stand-in for Bento. It refuses the events with these keys, and knows those that it has had. */
  async function bento(bad, { countsKnown = true } = {}) {
    const known = new Set()
    const sizes = []
    const server = createServer(async (request, response) => {
      const { events } = JSON.parse(await text(request))
      sizes.push(events.length)
      const keys = events.map(({ details, type }) => details?.unique?.key ?? type)
      const taken = keys.filter((key) => !bad.includes(key) && (countsKnown || !known.has(key)))
      for (const key of taken) known.add(key)
      response.end(JSON.stringify({ results: taken.length, failed: keys.filter((key) => bad.includes(key)).length }))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    started.push(server)
    return { sizes, known, build: (values) => bentoAt(`http://127.0.0.1:${server.address().port}`).events(values) }
  }
  const keysOf = (values) => values.map((value) => value.toJSON().details.unique.key)
  const values = Array.from({ length: 100 }, (_, at) => unique(`${at}`))

  test('halves are sent until each answer is decided', async () => {
    const { sizes, known, build } = await bento(['7', '70'])
    const outcomes = await all(sendAll(values, build, clock()))
    assert.deepEqual(outcomes.flatMap(({ handedBack }) => keysOf(handedBack)), ['7', '70'])
    assert.ok(outcomes.every(({ handedBack, mayBeDone, refusal }) => mayBeDone === (handedBack.length > 0) && refusal === undefined))
    assert.deepEqual(outcomes.flatMap(({ accepted, handedBack }) => [...accepted, ...handedBack]), values)
    assert.equal(known.size, 98)
    assert.ok(sizes.length < 30, `${sizes}`)
  })

  test('halves of which Bento counts none are handed back, and may be done', async () => {
    const { sizes, build } = await bento(['7'], { countsKnown: false })
    const outcomes = await all(sendAll(values, build, clock()))
    assert.deepEqual(sizes, [100, 50, 50])
    assert.deepEqual(outcomes.flatMap(({ handedBack }) => handedBack), values)
    assert.ok(outcomes.every(({ mayBeDone }) => mayBeDone))
  })

  test('values that are not repeatable are not sent again', async () => {
    const { sizes, build } = await bento(['bad'])
    const given = [event(), event({ type: 'bad' }), unique()]
    assert.deepEqual(await all(sendAll(given, build, clock())), [{ accepted: [], handedBack: given, mayBeDone: true, refusal: undefined }])
    assert.deepEqual(sizes, [3])
  })

  test('a value that Bento refuses at once is not done', async () => {
    const { sizes, build } = await bento(['7'])
    assert.deepEqual(await all(sendAll([values[7]], build, clock())), [{ accepted: [], handedBack: [values[7]], mayBeDone: false, refusal: undefined }])
    assert.deepEqual(sizes, [1])
  })

  test('all that failed after an attempt that may be done, and a half that is refused', async () => {
    const first = await standIn(cut, answer(200, '{"results":0,"failed":2}'))
    const pair = [unique('1'), unique('2')]
    const build = (url) => (given) => bentoAt(url).events(given)
    assert.deepEqual(await all(sendAll(pair, build(first.url), clock())), [{ accepted: [], handedBack: pair, mayBeDone: true, refusal: undefined }])
    const { url } = await standIn(answer(200, '{"results":1,"failed":1}'), answer(401), DONE)
    const outcomes = await all(sendAll(pair, build(url), clock()))
    assert.deepEqual(outcomes.map(({ accepted, handedBack, mayBeDone, refusal }) => [keysOf(accepted), keysOf(handedBack), mayBeDone, refusal?.code]), [[[], ['1'], true, 'unauthorized'], [['2'], [], false, undefined]])
  })
})

describe('credentials follow no redirect', () => {
  const hosts = (url) => ({ notificationsHost: url, usersHost: url, campaignsHost: url, transactionsHost: url })
  for (const status of [301, 302, 303, 307, 308]) {
    test(`${status}`, async () => {
      const elsewhere = await standIn(DONE)
      const { got, url } = await standIn(answer(status, '', { location: `${elsewhere.url}/stolen` }))
      for (const request of [requestTo(url), new Benji('partner-key', hosts(url)).subscribe('https://example.com/hooks')]) {
        const { refusal, waits } = await sends(request)
        assert.deepEqual([refusal.code, refusal.isFinal, refusal.status, waits], ['redirected', true, status, []])
      }
      assert.equal(got.length, 2)
      assert.deepEqual(elsewhere.got, [])
    })
  }

  test('without redirect: manual, fetch sends the key of an API along', async () => {
    const elsewhere = await standIn(DONE)
    const { url } = await standIn(answer(307, '', { location: `${elsewhere.url}/stolen` }))
    const request = new Benti(url, { apiKey: 'api-key', token: 'token' }).list()
    await fetch(request.url, { method: request.method, headers: request.headers })
    assert.equal(elsewhere.got[0].headers['x-inbenta-key'], 'api-key')
  })
})

test('never more than 100 calls of a group in 60 seconds', async () => {
  const { url } = await standIn(DONE)
  const limit = new RateLimit()
  const [times, waits] = [[], []]
  let time = NOW
  const wait = async (milliseconds) => {
    waits.push(milliseconds)
    time += milliseconds
  }
  const request = requestTo(url)
  for (let call = 0; call < 250; call++) {
    await sendUntilDone(request, { limit, wait, now: () => time })
    times.push(time)
    time += 100
  }
  assert.ok(waits.length > 0)
  times.forEach((from, at) => assert.ok(times[at + 100] === undefined || times[at + 100] - from >= 60_000))
})

describe('the program', () => {
  /** Runs it with these lines. Gives what it printed, its exit code, and the bodies that came. */
  async function run(lines, ...answers) {
    const { got, url } = await standIn(...answers)
    const env = { ...process.env, BENTO_PUBLISHABLE_KEY: 'publishable', BENTO_SECRET_KEY: 'secret-key', BENTO_SITE_UUID: SITE, BENTO_API_HOST: url }
    const program = spawn(process.execPath, [fileURLToPath(new URL('outgoing_fetch.mjs', import.meta.url))], { env })
    const printed = Promise.all([text(program.stdout), text(program.stderr), once(program, 'exit')])
    program.stdin.end(lines.map((line) => `${line}\n`).join(''))
    const [out, errors, [code]] = await printed
    assert.doesNotMatch(errors, /secret-key|example\.com/)
    return { out, errors, code, bodies: got.map(({ body }) => body) }
  }

  test('it sends the lines that it can, and hands the others back', async () => {
    const line = unique().toJson()
    const { out, errors, code, bodies } = await run(['{"type":"x"}', line], answer(200, '{"results":0,"failed":1}'))
    assert.equal(out, `{"type":"x"}\n${line}\n`)
    assert.match(errors, /^line 1: missing_member: .*\naccepted 0, handed back 1\n$/)
    assert.equal(code, 1)
    assert.deepEqual(bodies, [`{"events":[${line}],"site_uuid":"${SITE}"}`])
  })

  test('all that is accepted is printed no more', async () => {
    assert.deepEqual(await run([unique().toJson()], DONE), { out: '', errors: 'accepted 1, handed back 0\n', code: 0, bodies: [`{"events":[${unique().toJson()}],"site_uuid":"${SITE}"}`] })
  })

  test('it shows why a request is refused, without control characters', async () => {
    const { out, errors } = await run([event().toJson()], answer(400, '{"error":"no \u001b[2J\u009b2J such"}'))
    assert.equal(out, `${event().toJson()}\n`)
    assert.match(errors, /^accepted 0, handed back 1\nbad_request: status 400: .*\nthe answer: .*no .*x1B.*x9B.* such.*\n$/)
    assert.ok([...errors].every((character) => character === '\n' || !/\p{Cc}/u.test(character)))
  })

  test('it says that an event may be there already', async () => {
    const { out, errors, code } = await run([event().toJson()], answer(500))
    assert.equal(out, `${event().toJson()}\n`)
    assert.match(errors, /server_error: .*\nBento may have them: look before you send them again\n$/)
    assert.equal(code, 1)
  })
})
