// Sends requests with outgoing_fetch.mjs over real sockets, to a stand-in that misbehaves.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { outgoing } from 'hookseal'

import { send, sendUntilDone } from './outgoing_fetch.mjs'

const { Benji, Benti, Bento, BentoEvent, RateLimit, Refusal } = outgoing
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
const requestTo = (url) => new Bento('publishable', 'secret-key', SITE, { apiHost: url }).events([event()])[0]

/** Sends with a clock of the test's own. Returns the answer or the refusal, and the waits in seconds. */
async function sends(request, { limit = new RateLimit(), isRepeatable = true, ...options } = {}) {
  const waits = []
  let time = NOW
  const wait = async (milliseconds) => {
    waits.push(milliseconds / 1000)
    time += milliseconds
  }
  try {
    return { answer: await sendUntilDone(request, { limit, isRepeatable, wait, now: () => time, ...options }), waits }
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    return { refusal, waits }
  }
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
    const { answer: sent, waits } = await sends(requestTo(url), { isRepeatable: false })
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
    for (const first of [answer(500), cut]) {
      const { got, url } = await standIn(first, DONE)
      const { refusal } = await sends(requestTo(url), { isRepeatable: false })
      assert.ok(refusal.mayBeDone)
      assert.equal(got.length, 1)
    }
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
    await sendUntilDone(request, { limit, isRepeatable: true, wait, now: () => time })
    times.push(time)
    time += 100
  }
  assert.ok(waits.length > 0)
  times.forEach((from, at) => assert.ok(times[at + 100] === undefined || times[at + 100] - from >= 60_000))
})

test('the program sends the lines that it can, and hands the others back', async () => {
  const { got, url } = await standIn(answer(200, '{"results":0,"failed":1}'))
  const env = { ...process.env, BENTO_PUBLISHABLE_KEY: 'publishable', BENTO_SECRET_KEY: 'secret-key', BENTO_SITE_UUID: SITE, BENTO_API_HOST: url }
  const program = spawn(process.execPath, [fileURLToPath(new URL('outgoing_fetch.mjs', import.meta.url))], { env })
  const printed = Promise.all([text(program.stdout), text(program.stderr), once(program, 'exit')])
  const line = event({ details: { unique: { key: '1' } } }).toJson()
  program.stdin.end(`{"type":"x"}\n${line}\n`)
  const [out, errors, [code]] = await printed
  assert.equal(out, `{"type":"x"}\n${line}\n`)
  assert.match(errors, /^line 1: missing_member: .*\naccepted 0, failed 1\n$/)
  assert.equal(code, 1)
  assert.equal(got[0].body, `{"events":[${line}],"site_uuid":"${SITE}"}`)
  assert.doesNotMatch(errors, /secret-key|example\.com/)
})
