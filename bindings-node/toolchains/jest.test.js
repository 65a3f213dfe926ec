// hookseal in real Jest, which loads the JavaScript in a realm of its own, and the native module outside of it.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'

import { project, published } from './project.js'

const require = createRequire(import.meta.url)
const jest = join(dirname(require.resolve('jest/package.json')), 'bin/jest.js')
const { main, native } = published()

const TESTS = `
const { Receiver, Rejection, Key, ReplayGuard, fromTrustedRecord, RecordError, sign } = require('hookseal')
const { webhook } = require('hookseal/express')
const { webhook: lambda } = require('hookseal/lambda')
const { Inbox, tables } = require('hookseal/inbox/sqlite')
const BetterSqlite3 = require('better-sqlite3')

const BODY = '{"event":"transaction_created","entity_type":3,"entity_id":"7"}'
const request = (body = Buffer.from(BODY)) => ({ method: 'POST', headers: sign.benji('salt', body), body })

test('it runs in the environment that was asked for', () => {
  expect(typeof window).toBe(process.env.EXPECTED === 'jsdom' ? 'object' : 'undefined')
})

test('errors are errors of this realm', () => {
  const mistakes = [
    [() => Receiver.benji(''), TypeError], [() => Receiver.benji('null'), TypeError], [() => Receiver.benji('salt', { window: 7 }), TypeError],
    [() => Receiver.benji('salt', { maxEvents: 0 }), RangeError], [() => Receiver.benji('salt', { source: '' }), TypeError],
    [() => Receiver.benji('salt', { replayRetentionSeconds: 0 }), RangeError], [() => Receiver.bento({ basic: { user: 'a:b', keys: 'secret' } }), TypeError],
    [() => new Key('salt', { id: '' }), TypeError], [() => new ReplayGuard({ capacity: 0 }), RangeError], [() => sign.benji('salt', 7), TypeError],
    [() => Receiver.benji('salt').receive({}), TypeError], [() => Receiver.benji('salt').receive(request(), new Date(NaN)), RangeError],
    [() => Receiver.benji([]), TypeError],
  ]
  for (const [mistake, of] of mistakes) {
    let thrown
    try { mistake() } catch (error) { thrown = error }
    expect([String(mistake), thrown instanceof Error, thrown instanceof of, thrown.constructor.name]).toEqual([String(mistake), true, true, expect.any(String)])
  }
  // The names of options are those of JavaScript.
  expect(() => Receiver.benji('salt', { maxEvents: 0 })).toThrow(/maxEvents/)
  expect(() => fromTrustedRecord('{}')).toThrow(RecordError)
  expect(() => Receiver.benji('salt').receive({ ...request(), body: Buffer.from('{}') })).toThrow(Rejection)
  expect(Receiver.benji('salt').tryReceive({ ...request(), body: Buffer.from('{}') })).toBeInstanceOf(Error)
})

test('bytes and dates are recognized, whatever realm they are of', () => {
  const receiver = Receiver.benji(Buffer.from('salt'), { idKey: Buffer.alloc(32, 1) })
  const now = new Date()
  for (const body of [Buffer.from(BODY), Uint8Array.from(Buffer.from(BODY)), Uint8Array.from(Buffer.from(BODY)).buffer]) {
    const delivery = receiver.receive({ ...request(), body }, now)
    expect(delivery.receivedAt).toEqual(now)
    expect(delivery.receivedAt).toBeInstanceOf(Date)
    for (const event of delivery) expect([event.kind, event.data, event.raw.length]).toEqual(['transaction.created', JSON.parse(BODY), BODY.length])
    expect(fromTrustedRecord(delivery.toRecord()).replayKey().value).toBe(delivery.replayKey().value)
  }
  expect(new Key('salt', { notAfter: now }).notAfter).toEqual(now)
  expect(new ReplayGuard({ capacity: 9, seed: new Uint8Array(16) }).claim(receiver.receive(request()).replayKey(), now).outcome).toBe('claimed')
})

test('different events are not equal, and equal ones are', () => {
  const time = new Date('2026-03-04T05:06:07Z')
  const of = (body) => [...Receiver.benji('salt').receive({ method: 'POST', headers: sign.benji('salt', body, { time }), body: Buffer.from(body) }, time)]
  const other = BODY.replace('7', '8')
  expect(of(BODY)).toEqual(of(BODY))
  expect(of(BODY)).toStrictEqual(of(BODY))
  expect(of(BODY)).not.toEqual(of(other))
  expect(of(BODY)).not.toStrictEqual(of(other))
  const handle = jest.fn()
  handle(of(BODY)[0])
  expect(handle).toHaveBeenCalledWith(of(BODY)[0])
  expect(handle).not.toHaveBeenCalledWith(of(other)[0])
})

test('the clock follows fake timers', () => {
  jest.useFakeTimers({ now: new Date('2026-03-04T05:06:07Z') })
  const made = request()
  expect(Receiver.benji('salt').receive(made).receivedAt.toISOString()).toBe('2026-03-04T05:06:07.000Z')
  jest.setSystemTime(new Date('2026-03-04T06:06:07Z'))
  expect(() => Receiver.benji('salt').receive(made)).toThrow(expect.objectContaining({ code: 'stale' }))
  jest.useRealTimers()
})

test('an adapter answers', async () => {
  const outcomes = []
  const handler = lambda(Receiver.benji('salt'), () => {}, { guard: new ReplayGuard({ capacity: 9 }), onDelivery: (_delivery, outcome) => { outcomes.push(outcome) } })
  const event = { httpMethod: 'POST', headers: request().headers, body: BODY }
  expect([(await handler(event)).statusCode, (await handler(event)).statusCode, outcomes]).toEqual([204, 200, ['handled', 'duplicate']])
  await expect(handler({})).rejects.toThrow(TypeError)
  expect(() => webhook({}, () => {})).toThrow(TypeError)
  const errors = []
  await webhook(Receiver.benji('salt'), () => { throw new TypeError('no database') })(
    { method: 'POST', rawHeaders: Object.entries(request().headers).flat(), body: Buffer.from(BODY) },
    { once() {}, on() {}, headersSent: false },
    (error) => errors.push(error),
  )
  expect(errors[0]).toBeInstanceOf(TypeError)
})

test('a mistake in a guard is one, whatever realm it is of', async () => {
  let asked = 0
  // Node throws a TypeError of its own realm.
  const guard = { claim: () => { asked += 1; Buffer.alloc('no size') }, confirm: () => true, release: () => true }
  const handler = lambda(Receiver.benji('salt'), () => {}, { guard })
  await expect(handler({ httpMethod: 'POST', headers: request().headers, body: BODY })).rejects.toThrow(/"size" argument/)
  expect(asked).toBe(1)
})

test('an inbox stores and hands out', async () => {
  const path = require('node:path').join(require('node:fs').mkdtempSync(require('node:path').join(require('node:os').tmpdir(), 'hookseal-jest-')), 'inbox.db')
  new BetterSqlite3(path).exec(tables('sqlite')).close()
  const inbox = new Inbox(path, BetterSqlite3)
  const answer = await lambda(Receiver.benji('salt'), { inbox })({ httpMethod: 'POST', headers: request().headers, body: BODY })
  expect(answer.statusCode).toBe(202)
  const failures = []
  await inbox.work((delivery) => {
    expect([Buffer.from(delivery.body).toString(), delivery.length]).toEqual([BODY, 1])
    void inbox.stop()
    throw require('node:vm').runInNewContext("new RangeError('of another realm')")
  }, { onFailure: (row) => { failures.push(row.error) } })
  expect(failures).toEqual(['RangeError'])
})

test('another copy after resetModules works, and beside the first one', () => {
  const first = Receiver.benji('salt')
  jest.resetModules()
  const copy = require('hookseal')
  expect(copy.Receiver).not.toBe(Receiver)
  const second = copy.Receiver.benji('salt')
  for (let round = 0; round < 100; round++) {
    for (const receiver of [first, second]) expect([...receiver.receive(request())][0].kind).toBe('transaction.created')
  }
  expect(() => copy.Receiver.benji('')).toThrow(TypeError)
  expect(() => second.receive({ ...request(), body: Buffer.from('{}') })).toThrow(copy.Rejection)
  jest.resetModules()
  expect(require('hookseal').sign.benti('secret')).toEqual({ 'x-hook-signature': 'secret' })
})
`

describe('Jest', () => {
  const path = project('jest', [main, native], { 'hookseal.test.js': TESTS }, ['better-sqlite3'])
  for (const environment of ['node', 'jsdom']) {
    test(environment, { timeout: 120_000 }, () => {
      const options = [`--env=${require.resolve(`jest-environment-${environment}`)}`, '--ci', '--no-cache', '--json', '--silent', `--rootDir=${path}`]
      let output
      try {
        output = execFileSync(process.execPath, [jest, ...options], { encoding: 'utf8', cwd: path, env: { ...process.env, EXPECTED: environment }, stdio: ['ignore', 'pipe', 'pipe'] })
      } catch (error) {
        output = error.stdout
      }
      const { numPassedTests, testResults } = JSON.parse(output)
      assert.deepEqual(testResults.flatMap(({ message, assertionResults }) => (assertionResults.length > 0 ? assertionResults.flatMap(({ failureMessages }) => failureMessages) : [message])), [])
      assert.equal(numPassedTests, 9)
    })
  }
})
