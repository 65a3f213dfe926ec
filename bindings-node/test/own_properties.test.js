// Only an object's own properties are options, headers or parts of a request. So a program that an attacker made write
// to Object.prototype or Array.prototype accepts no more than before.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'

import BetterSqlite3 from 'better-sqlite3'
import express from 'express'
import { fastify } from 'fastify'
import { Key, Receiver, ReplayGuard, fromTrustedRecord, sign } from 'hookseal'
import { webhook as expressWebhook } from 'hookseal/express'
import { webhook as fastifyWebhook } from 'hookseal/fastify'
import { webhook as fetchWebhook } from 'hookseal/fetch'
import { Inbox as PgInbox } from 'hookseal/inbox/pg'
import { Inbox as SqliteInbox, tables } from 'hookseal/inbox/sqlite'
import { webhook as lambdaWebhook } from 'hookseal/lambda'
import { ReplayGuard as RedisGuard } from 'hookseal/redis'

import { BODY, SALT, benji, send } from './requests.js'
import { listening } from './servers.js'

const NOW = Date.UTC(2026, 2, 4, 5, 6, 7)
const LONG_AGO = NOW - 1e9
const ID_KEY = 'an id key of thirty-two bytes, ok'
const signature = (body) => createHmac('sha256', SALT).update(body).digest('hex')
const date = new Date(NOW).toUTCString()
const genuine = sign.benjiBodyOnly(SALT, BODY, { time: NOW })
const LIST = Buffer.from('[{"id":1,"item":"ticket","action":"add","timestamp":1}]')
const WORKFLOW = Buffer.from('{"event":"e"}')

/** Every name that hookseal reads from an object that it gets, and names that it might read. */
const NAMES = [
  // Options, and names inside of them.
  'window', 'past', 'future', 'signatureEncoding', 'requireSignedTime', 'allowMissingDate', 'utcOffsetMinutes', 'allowUnsignedHandshake', 'requireEventOrEmail',
  'maxBodyBytes', 'maxEvents', 'maxDepth', 'maxNumberLength', 'source', 'replayPolicy', 'replayRetentionSeconds', 'idKey',
  'basic', 'bearer', 'header', 'user', 'name', 'keys', 'scheme', 'exact', 'id', 'notBefore', 'notAfter', 'secret', 'time', 'encoding',
  'onRejection', 'url', 'capacity', 'leaseSeconds', 'seed', 'prefix', 'guard', 'kept', 'settled', 'claim', 'retentionSeconds', 'secondsLeft', 'cause',
  // Parts of requests and of Lambda events.
  'method', 'headers', 'rawHeaders', 'body', 'bodyUsed', 'httpMethod', 'http', 'requestContext', 'elb', 'multiValueHeaders', 'isBase64Encoded',
  // Headers, and hookseal's internal names for them.
  'x-benji-signature', 'x-benji-timestamp', 'x-webhook-datetime', 'x-hook-signature', 'x-inbenta-challenge', 'authorization', 'x-own',
  'content-encoding', 'content-length', 'X-Benji-Signature', 'X-Webhook-Datetime', 'X-Hook-Signature',
  'proof', 'own', 'date', 'length', 'lengths', 'outcome', 'status', 'code', 'writable', 'enumerable', 'configurable', 'value',
  Symbol.iterator, Symbol.toStringTag, '0', '1', '2', '3',
]

const VALUES = [
  true, 'off', 'strict', 'none', 'POST', 'GET', 'secret', 'Bearer token', 'gzip', '9999999', date, signature(BODY), genuine, WORKFLOW, 1, 1e12,
  new Date(NOW + 1e12), { past: 1e9, future: 1e9 }, [], [1e9, 1e9], [signature(BODY)], ['x-benji-signature', signature(BODY)],
  { user: 'u', keys: 'k' }, { name: 'x-own', keys: 'k' }, { method: 'POST' }, SALT, ID_KEY, () => 7,
]

const text = (value) => (typeof value === 'symbol' ? value.toString() : typeof value === 'function' ? 'a function' : JSON.stringify(value))

/** Runs while every object, or every list, has this property. */
function polluted(prototype, name, value, run) {
  const before = Object.getOwnPropertyDescriptor(prototype, name)
  if (before !== undefined) return run()
  Object.defineProperty(prototype, name, { __proto__: null, value, enumerable: true, configurable: true, writable: true })
  const restore = () => delete prototype[name]
  let result
  try {
    result = run()
    return result instanceof Promise ? result.finally(restore) : result
  } finally {
    if (!(result instanceof Promise)) restore()
  }
}

/** Objects that leave out properties which hookseal might look for on a prototype. */
const { 'x-benji-signature': proof } = genuine
const gap = (...elements) => {
  const list = new Array(elements.length)
  elements.forEach((element, at) => element !== undefined && (list[at] = element))
  return list
}
const REQUESTS = {
  genuine: { method: 'POST', headers: genuine, body: BODY },
  'in upper case': { method: 'POST', headers: { 'X-Benji-Signature': proof, 'X-Webhook-Datetime': date }, body: BODY },
  'without anything': {},
  'that is none': undefined,
  'without a method': { headers: genuine, body: BODY },
  'without headers': { method: 'POST', body: BODY },
  'without a body': { method: 'POST', headers: genuine },
  'without a header': { method: 'POST', headers: {}, body: BODY },
  'without a signature': { method: 'POST', headers: { 'x-webhook-datetime': date }, body: BODY },
  'without a date': { method: 'POST', headers: { 'x-benji-signature': proof }, body: BODY },
  'stale': { method: 'POST', headers: { ...genuine, 'x-webhook-datetime': new Date(LONG_AGO).toUTCString() }, body: BODY },
  'in a list': { method: 'POST', headers: Object.entries(genuine), body: BODY },
  'in turn': { method: 'POST', headers: Object.entries(genuine).flat(), body: BODY },
  'in turn, without the last value': { method: 'POST', headers: ['x-webhook-datetime', date, 'x-benji-signature'], body: BODY },
  'in turn, with a gap': { method: 'POST', headers: gap('x-webhook-datetime', date, 'x-benji-signature', undefined), body: BODY },
  'in turn, with a gap for a name': { method: 'POST', headers: gap('x-webhook-datetime', date, undefined, proof), body: BODY },
  'in a list with a gap': { method: 'POST', headers: [gap('x-benji-signature', undefined)], body: BODY },
  'in a list without the last pair': { method: 'POST', headers: gap(['x-webhook-datetime', date], undefined), body: BODY },
  'in a list without the first pair': { method: 'POST', headers: gap(undefined, ['x-webhook-datetime', date]), body: BODY },
  'in a list of a class without a pair': { method: 'POST', headers: Object.assign(new (class extends Array {})(2), [['x-webhook-datetime', date]]), body: BODY },
  'with no value': { method: 'POST', headers: { ...genuine, 'x-benji-signature': [] }, body: BODY },
  'with a gap behind a value': { method: 'POST', headers: { 'x-webhook-datetime': date, 'x-benji-signature': gap('00', undefined) }, body: BODY },
  'with a gap for a value': { method: 'POST', headers: { ...genuine, 'x-benji-signature': new Array(1) }, body: BODY },
  'of Web Headers': { method: 'POST', headers: new Headers({ 'x-webhook-datetime': date }), body: BODY },
  'of a Map': { method: 'POST', headers: new Map([['x-webhook-datetime', date]]), body: BODY },
}

const HANDSHAKE = { method: 'GET', headers: { 'x-inbenta-challenge': 'abc' } }
const attempt = (run) => {
  try {
    return run()
  } catch (error) {
    return `${error.name}: ${error.message}`
  }
}
const outcomeOf = (received) => {
  if (received === undefined || typeof received === 'string') return `${received}`
  if (received.outcome !== 'delivery') return `${received.outcome} ${received.code}`
  const [event] = received
  const key = received.replayKey()
  return `${received.outcome} ${received.keyId} ${received.assurance} ${event.source} ${event.id} ${key.value} ${key.retentionSeconds}`
}

const RECEIVERS = {
  benji: () => Receiver.benji(SALT),
  'benji with options': () => Receiver.benji([new Key(SALT)], {}),
  benti: () => Receiver.benti('secret'),
  bento: () => Receiver.bento({ bearer: 'token' }),
  'bento with nothing': () => Receiver.bento(),
  'bento with no credentials': () => Receiver.bento({}),
  'bento with no user': () => Receiver.bento({ basic: { keys: 'k' } }),
  'bento with no name': () => Receiver.bento({ header: { keys: 'k' } }),
  'bento with no keys': () => Receiver.bento({ basic: { user: 'u' } }),
  'a window without sides': () => Receiver.benji(SALT, { window: {} }),
  'a window with one side': () => Receiver.benji(SALT, { window: { past: 1 } }),
  'no key': () => Receiver.benji([]),
  'a gap among keys': () => Receiver.benji(new Array(1)),
  'a gap behind a key': () => Receiver.benji(gap(SALT, undefined)),
  'an object for a key': () => Receiver.benji({}),
  'a key with a mistake': () => Receiver.benji(new Key(`${SALT}\n`)),
}

/** The results of hookseal for all of these objects, as texts. */
function behaviour() {
  const seen = []
  for (const [name, make] of Object.entries(RECEIVERS)) {
    const receiver = attempt(make)
    seen.push(`${name}: ${receiver instanceof Receiver ? receiver.bodyLimit : receiver}`)
    if (!(receiver instanceof Receiver)) continue
    for (const [what, request] of Object.entries(REQUESTS)) {
      seen.push(`${name}, ${what}: ${outcomeOf(attempt(() => receiver.tryReceive(request, NOW)))}`)
      seen.push(`${name}, head ${what}: ${outcomeOf(attempt(() => receiver.checkHead(request)))}`)
    }
  }
  const benti = Receiver.benti('secret')
  seen.push(`a handshake: ${outcomeOf(attempt(() => benti.tryReceive(HANDSHAKE)))}`)
  seen.push(`of long ago: ${outcomeOf(attempt(() => benti.tryReceive({ method: 'POST', headers: { 'x-hook-signature': 'secret' }, body: LIST }, NOW)))}`)
  for (const options of [undefined, {}]) {
    const key = new Key('k', options)
    seen.push(`a key: ${key.id} ${key.notBefore} ${key.notAfter}`)
    for (const scheme of [sign.benji, sign.benjiBodyOnly]) {
      const [[, made], [, time]] = Object.entries(scheme(SALT, BODY, options))
      seen.push(`signed: ${made.length} ${Math.abs(Date.parse(time) - Date.now()) < 1e7}`)
    }
  }
  seen.push(`Basic: ${sign.bentoBasic('u', 'p').authorization}`)
  const key = Receiver.benji(SALT).receive(REQUESTS.genuine, NOW).replayKey()
  for (const options of [{}, { capacity: 1 }, { capacity: 1, leaseSeconds: 2 }]) {
    seen.push(`a guard: ${attempt(() => {
      const guard = new ReplayGuard(options)
      const { outcome, claim } = guard.claim(key, NOW)
      const again = guard.claim(key, NOW)
      return [outcome, again.outcome, again.secondsLeft, Object.keys(again), guard.confirm(claim, NOW), guard.release(claim), guard.claim(key, NOW).outcome, guard.capacity]
    })}`)
  }
  seen.push(`no key: ${attempt(() => new ReplayGuard({ capacity: 1 }).claim({}))}`)
  const recorded = fromTrustedRecord(Receiver.benji(SALT).receive(REQUESTS.genuine, NOW).toRecord())
  seen.push(`a record: ${recorded.toRecord()} ${recorded.replayKey()} ${[...recorded].map(({ id, source, kind, subject }) => `${id} ${source} ${kind} ${subject}`)}`)
  const { name, code, version } = attempt(() => { try { fromTrustedRecord('{}') } catch (error) { return error } })
  seen.push(`no record: ${name} ${code} ${version}`)
  return seen
}

/** The names that change a result of hookseal, with the prototype and the first result that differs. */
function changes(names, prototypes, values = VALUES) {
  const usual = behaviour()
  const found = []
  for (const prototype of prototypes) {
    for (const name of names) {
      for (const value of values) {
        const seen = polluted(prototype, name, value, () => attempt(behaviour))
        if (typeof seen === 'string') {
          found.push(`${text(name)} = ${text(value)}: ${seen}`)
          continue
        }
        const at = seen.findIndex((line, number) => line !== usual[number])
        if (at !== -1) found.push(`${text(name)} = ${text(value)}: ${seen[at]}`)
      }
    }
  }
  return found
}

test('without a change to a prototype, the objects of this file have different results', () => {
  const seen = behaviour()
  assert.ok(seen.some((line) => line.startsWith('benji, genuine: delivery 0 body signed')))
  assert.ok(seen.includes('benji, without a date: rejection missing_timestamp'))
  assert.ok(seen.includes('benji, stale: rejection stale'))
  assert.ok(seen.includes('benji, without a signature: rejection missing_signature'))
  assert.ok(seen.includes('a handshake: rejection missing_signature'))
  assert.ok(seen.some((line) => /^of long ago: delivery/.test(line)))
  assert.deepEqual(behaviour(), seen)
})

for (const name of NAMES) {
  test(`Object.prototype with ${text(name)} switches nothing on or off`, () => {
    assert.deepEqual(changes([name], [Object.prototype]), [])
  })
}

test('a property of Array.prototype switches nothing on or off either', () => {
  assert.deepEqual(changes(['0', '1', '2', '3', 'x-benji-signature', 'window', 'method'], [Array.prototype]), [])
})

for (const name of ['leaseSeconds', 'prefix', 'EX', 'PX', 'XX', 'KEEPTTL', 'expiration', 'condition', 'keys', 'arguments', 'cause', 'masters', 'nodes']) {
  test(`a guard on Redis with ${name} on Object.prototype asks for the same`, async () => {
    const ask = async () => {
      const asked = []
      const names = ['PX', 'EX', 'NX', 'XX', 'GET', 'KEEPTTL', 'expiration', 'condition']
      const client = {
        async set(key, _value, options) {
          asked.push([key, ...names.map((option) => options[option])])
          return null
        },
        async evalSha(sha1, { keys, arguments: given }) {
          asked.push([sha1, ...keys, given[1]])
          return 1
        },
        eval() {},
        pTTL() {},
        info: async () => '',
      }
      const key = Receiver.benji(SALT).receive(REQUESTS.genuine, NOW).replayKey()
      const guard = new RedisGuard(client)
      const { claim } = await guard.claim(key)
      asked.push(await guard.confirm(claim), await guard.release(claim))
      return asked
    }
    const usual = await ask()
    assert.deepEqual(usual[0].slice(1, 3), [30_000, undefined])
    for (const value of ['other:', 1, { type: 'PX', value: 1 }, [], () => []]) {
      // A list or a function is what `masters` and `nodes` of a cluster are.
      assert.deepEqual(await polluted(Object.prototype, name, value, async () => ask()), usual, text(value))
    }
  })
}

const OF_INBOXES = [
  'name', 'maxWaiting', 'rowsPerTake', 'leaseSeconds', 'connection', 'onFailure', 'signal', 'after', 'limit', 'isCertain', 'cause', 'code', 'severity', 'errcode', 'text', 'values',
  'types', 'rows', 'rowMode', 'binary', 'max', 'totalCount', 'inTransaction', 'isTransaction', 'safeIntegers', 'setReturnArrays', 'reader', 'timer', 'thrown',
]
for (const name of OF_INBOXES) {
  test(`an inbox with ${name} on Object.prototype asks for the same`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'hookseal-own-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const row = { number: '7', turn: '1', attempts: 1, state: 'taken', error: null, record: '{}', body: Buffer.of(0) }
    let files = 0
    const ask = async () => {
      const asked = []
      let status = 'I'
      const client = {
        async query(config) {
          // Wake-ups come when they do.
          if (/pg_notify/.test(config.text)) return { rows: [] }
          if (/^[BCR]/.test(config.text)) status = /^B/.test(config.text) ? 'T' : 'I'
          asked.push(config.text, config.values, ...['name', 'rowMode', 'binary', 'rows', 'queryMode', 'query_timeout'].map((option) => config[option]))
          if (/hookseal_version/.test(config.text)) return { rows: [{ version: 1 }] }
          if (/count\(\*\) FROM \(/.test(config.text)) return { rows: [{ count: 1 }] }
          return { rows: [{ ...row, waiting: 1, taken: 1, done: 1, dead: 1, oldest_waiting_seconds: null, oldest_transaction_seconds: null }], command: 'COMMIT' }
        },
        getTransactionStatus: () => status, on() {}, off() {}, release() {},
      }
      const pool = { query() {}, connect: async () => client, on() {}, listeners: () => [], totalCount: 1, options: { max: 5 } }
      const delivery = Receiver.benji(SALT).receive(REQUESTS.genuine, NOW)
      const inbox = new PgInbox(pool)
      asked.push(await inbox.put(delivery), await inbox.take(), await inbox.dead(), await inbox.counts(), await inbox.transaction(() => 7))
      const path = join(folder, `${(files += 1)}.db`)
      const made = new BetterSqlite3(path)
      made.exec(tables('sqlite'))
      made.close()
      const file = new SqliteInbox(path, BetterSqlite3)
      asked.push(await file.put(delivery), await file.put(delivery))
      const [taken] = await file.take()
      const stopping = new AbortController()
      asked.push(await file.giveBack(taken))
      await file.work((recorded, _connection, context) => {
        asked.push(recorded.length, Object.keys(context))
        stopping.abort()
      }, { signal: stopping.signal })
      asked.push(await file.counts())
      return asked
    }
    const shown = (asked) => asked.map((value) => inspect(value, { depth: 4 }).replace(/Seconds: [\d.]+/, 'Seconds'))
    const usual = shown(await ask())
    for (const value of ['other', 1, () => []]) {
      assert.deepEqual(shown(await polluted(Object.prototype, name, value, async () => ask())), usual, text(value))
    }
  })
}

test('an option that is inherited from any other object is refused, not ignored', () => {
  const refused = (use, name) => assert.throws(use, { name: 'TypeError', message: new RegExp(`^${name} is inherited`) })
  const config = Object.create({ notAfter: new Date(NOW) })
  refused(() => new Key('k', config), 'notAfter')
  refused(() => Receiver.benji(SALT, Object.create({ requireSignedTime: true })), 'requireSignedTime')
  refused(() => Receiver.bento(Object.create({ bearer: 'token' })), 'bearer')
  refused(() => Receiver.bento({ basic: Object.create({ user: 'u', keys: 'k' }) }), 'user')
  refused(() => sign.benji(SALT, BODY, Object.create({ time: NOW })), 'time')
  refused(() => expressWebhook(benji(), () => {}, Object.create({ onRejection: () => {} })), 'onRejection')
  class Config {
    requireSignedTime = true
    get maxEvents() {
      return 7
    }
  }
  refused(() => Receiver.benji(SALT, new Config()), 'maxEvents')
  assert.ok(Receiver.benji(SALT, Object.assign(Object.create(null), { requireSignedTime: true })))
  for (const options of [null, 'text', 7]) {
    for (const use of [() => new Key('k', options), () => Receiver.benji(SALT, options), () => Receiver.bento(options), () => sign.benji(SALT, BODY, options), () => expressWebhook(benji(), () => {}, options)]) {
      assert.throws(use, { name: 'TypeError', message: /must be an object: it has / })
    }
  }
  assert.throws(() => sign.benji(SALT, BODY, { tiem: NOW }), { name: 'TypeError', message: 'tiem is not an option of sign.benji: it has time, encoding' })
})

describe('an option that is inherited from an object without a prototype', () => {
  const bare = (options) => Object.create({ __proto__: null, ...options })
  const refused = (use, name) => assert.throws(use, { name: 'TypeError', message: new RegExp(`^${name} is inherited`) })
  const past = new Date(LONG_AGO)

  test('is refused, not ignored', () => {
    for (const inheriting of [bare, (options) => Object.create(bare(options)), (options) => Object.create({ __proto__: null, hasOwnProperty: Object.hasOwn, ...options })]) {
      refused(() => new Key('k', inheriting({ notAfter: past })), 'notAfter')
      refused(() => new Key('k', inheriting({ exact: true })), 'exact')
      refused(() => Receiver.benji(SALT, inheriting({ requireSignedTime: true })), 'requireSignedTime')
      refused(() => Receiver.benti(SALT, inheriting({ window: { past: 1, future: 1 } })), 'window')
      refused(() => Receiver.bento(inheriting({ bearer: 'token' })), 'bearer')
      refused(() => Receiver.bento({ bearer: 'token', __proto__: inheriting({ idKey: ID_KEY }) }), 'idKey')
      refused(() => Receiver.bento({ basic: inheriting({ user: 'u', keys: 'k' }) }), 'user')
      refused(() => Receiver.bento({ header: inheriting({ name: 'x-own', keys: 'k' }) }), 'name')
      refused(() => sign.benji(SALT, BODY, inheriting({ time: NOW })), 'time')
      refused(() => sign.benjiBodyOnly(SALT, BODY, inheriting({ encoding: 'base64' })), 'encoding')
      for (const webhook of [expressWebhook, fastifyWebhook, fetchWebhook, lambdaWebhook]) {
        refused(() => webhook(benji(), () => {}, inheriting({ onRejection: () => {} })), 'onRejection')
      }
      refused(() => fastifyWebhook(benji(), () => {}, inheriting({ url: '/hook' })), 'url')
    }
    class Config {}
    Object.setPrototypeOf(Config.prototype, { __proto__: null, requireSignedTime: true })
    refused(() => Receiver.benji(SALT, new Config()), 'requireSignedTime')
  })

  test('is ignored if that object is Object.prototype of any realm', () => {
    const other = runInNewContext(`
      Object.assign(Object.prototype, { allowMissingDate: true, requireSignedTime: true, notAfter: new Date(0) });
      ({ maxEvents: 7 })`)
    assert.equal(Object.getPrototypeOf(other) === Object.prototype, false)
    assert.equal(Receiver.benji(SALT, other).tryReceive(REQUESTS['without a date'], NOW).code, 'missing_timestamp')
    assert.equal(Receiver.benji(SALT, other).tryReceive(REQUESTS.genuine, NOW).outcome, 'delivery')
    assert.equal(new Key('k', runInNewContext('Object.prototype.notAfter = new Date(0); ({})')).notAfter, undefined)
  })
})

test('headers that an object inherits are ignored', () => {
  const headers = Object.assign(Object.create({ 'x-benji-signature': proof }), { 'x-webhook-datetime': date })
  assert.equal(benji().tryReceive({ method: 'POST', headers, body: BODY }, NOW).code, 'missing_signature')
})

test('a request whose class has its parts is read', () => {
  class Incoming {
    #headers = genuine
    get method() {
      return 'POST'
    }
    get headers() {
      return this.#headers
    }
    get body() {
      return BODY
    }
  }
  assert.equal(benji().receive(new Incoming(), NOW).length, 1)
  assert.equal(benji().checkHead(new Incoming()), undefined)
  // The headers of a Web Request are a getter of its class.
  const incoming = new IncomingMessage()
  Object.assign(incoming, { method: 'POST', rawHeaders: Object.entries(genuine).flat(), body: BODY })
  for (const [name, value] of Object.entries(genuine)) incoming._addHeaderLine(name, value, incoming.headers)
  assert.equal(Object.hasOwn(incoming, 'headers'), false)
  assert.equal(benji().receive(incoming, NOW).length, 1)
  assert.equal(polluted(Object.prototype, 'headers', {}, () => benji().receive(incoming, NOW).length), 1)
})

test('a header or member with the name __proto__ is read like any other', () => {
  const receiver = Receiver.bento({ header: { name: '__proto__', keys: 'k' } })
  const headers = sign.bentoHeader('__PROTO__', 'k')
  assert.deepEqual(Object.entries(headers), [['__proto__', 'k']])
  assert.equal(receiver.receive({ method: 'POST', headers, body: WORKFLOW }).length, 1)
  assert.equal(receiver.tryReceive({ method: 'POST', headers: {}, body: WORKFLOW }).code, 'missing_signature')
  const [event] = Receiver.bento({ bearer: 'token' }).receive({
    method: 'POST', headers: sign.bentoBearer('token'), body: Buffer.from('{"event":"e","__proto__":{"window":"off"}}'),
  })
  for (const data of [event.data, event.toJSON().data]) {
    assert.deepEqual(Object.getOwnPropertyDescriptor(data, '__proto__').value, { window: 'off' })
    assert.equal(data.window, undefined)
  }
})

describe('adapters', () => {
  const names = ['onRejection', 'url', 'method', 'headers', 'rawHeaders', 'body', 'bodyUsed', 'httpMethod', 'http', 'requestContext', 'elb', 'multiValueHeaders', 'isBase64Encoded', 'x-benji-signature', 'x-webhook-datetime', 'authorization', 'outcome', 'locked']
  const values = [true, 'POST', '/other', { method: 'POST' }, { http: { method: 'POST' } }, genuine, { 'x-benji-signature': [proof] }, WORKFLOW, WORKFLOW.toString(), () => { throw new Error('it was called') }]

  const vendors = [['benji', benji(), sign.benji(SALT, BODY)], ['bento', Receiver.bento({ bearer: 'token' }), sign.bentoBearer('token')]]

  /** Makes the requests before a prototype changes, because a platform reads inherited properties of its arguments. */
  const requests = () => vendors.map(([, , headers]) => {
    const parts = [{ method: 'POST', headers, body: BODY }, { method: 'POST', headers }, { method: 'POST', body: BODY }, { method: 'GET' }]
    return parts.map((init) => new Request('http://localhost/', init))
  })

  /** The answers, and the arguments of the callbacks. */
  async function answers(requests) {
    const seen = []
    const hear = (what) => (received) => void seen.push(`${what} ${received.outcome} ${received.code ?? received.length}`)
    for (const [at, [vendor, receiver, headers]] of vendors.entries()) {
      const fetched = fetchWebhook(receiver, hear(`fetch ${vendor}`))
      for (const request of requests[at]) seen.push(await fetched(request))
      const lambda = lambdaWebhook(receiver, hear(`lambda ${vendor}`))
      const events = [
        {}, { httpMethod: 'POST' }, { httpMethod: 'POST', headers }, { httpMethod: 'POST', headers, body: BODY.toString() }, { headers, body: BODY.toString() },
        { requestContext: {}, headers, body: BODY.toString() }, { requestContext: { http: { method: 'POST' } }, headers, body: BODY.toString() },
        { httpMethod: 'POST', body: BODY.toString() },
      ]
      for (const event of events) seen.push(`lambda ${vendor} ${text(await lambda(event, {}).catch(({ name, message }) => `${name}: ${message}`))}`)
    }
    return seen
  }

  /** The answers as texts. A Response is read for that, and the platform looks for its body on Object.prototype. */
  const shown = (seen) => Promise.all(seen.map(async (answer) => (answer instanceof Response ? `fetch ${answer.status} ${[...answer.headers]} ${await answer.text()}` : answer)))

  for (const name of names) {
    test(`fetch and lambda with ${name} on Object.prototype`, async () => {
      const usual = await shown(await answers(requests()))
      const found = []
      for (const value of values) {
        const made = requests()
        const seen = await shown(await polluted(Object.prototype, name, value, async () => answers(made).catch((error) => [`${error.stack}`])))
        const at = seen.findIndex((line, number) => line !== usual[number])
        if (at !== -1) found.push(`${text(value)}: ${seen[at]}`)
      }
      assert.deepEqual(found, [])
    })
  }

  const servers = {
    async express(receiver, handler, options) {
      const app = express()
      app.use('/hook', expressWebhook(receiver, handler, options))
      return listening(createServer(app), '/hook')
    },
    'node:http': (receiver, handler, options) => listening(createServer(expressWebhook(receiver, handler, options)), '/'),
    async fastify(receiver, handler, options) {
      const server = fastify()
      server.register(fastifyWebhook(receiver, handler, options), { prefix: '/hook' })
      return { url: `${await server.listen({ port: 0, host: '127.0.0.1' })}/hook`, close: () => server.close() }
    },
  }
  for (const [name, start] of Object.entries(servers)) {
    test(`${name}: a body that nobody sent is ignored`, async (t) => {
      const handled = []
      const { url, close } = await start(Receiver.bento({ bearer: 'token' }), (delivery) => void handled.push(...[...delivery].map(({ name }) => name)), {})
      t.after(close)
      const headers = sign.bentoBearer('token')
      const answer = await polluted(Object.prototype, 'body', Buffer.from('{"event":"of nobody"}'), () => send(url, { headers, body: '{"event":"sent"}' }))
      assert.deepEqual([answer.status, handled], [204, ['sent']])
    })

    test(`${name}: a callback or a route that nobody gave is ignored`, async (t) => {
      const called = []
      for (const [option, value] of [['onRejection', () => void called.push('onRejection')], ['url', '/other']]) {
        const { url, close } = await polluted(Object.prototype, option, value, () => start(benji(), () => {}))
        t.after(close)
        const answer = await polluted(Object.prototype, option, value, () => send(url, { headers: {}, body: BODY }))
        assert.deepEqual([answer.status, answer.body, called], [401, '', []])
      }
    })
  }
})

test('a read-only property of Object.prototype breaks nothing', () => {
  // Without an index, because with one no push to a list succeeds.
  const names = [
    ...NAMES.filter((name) => !['0', '1', '2', '3'].includes(name)), 'entity', 'allow', 'www-authenticate', 'content-type', 'line', 'column', 'path', 'message',
    'retentionSeconds', 'encoding', 'first', 'second', 'bytes', 'words', 'doubles', 'next', 'macs', 'endpoint', 'slab', 'region', 'index', 'signedTime',
    'receive', 'checkHead', 'replayKey', 'eventId', 'eventReplayKey', 'cloudevent', 'headerNames', 'headNames', 'keyIds', 'bodyLimit', 'vendor', 'malformed',
    'toRecord', 'kept', 'keyId', 'assurance', 'receivedAt', 'bodyAt', 'guard', 'settled', 'how', 'answer', 'claim', 'secondsLeft', 'version',
  ]
  const use = () => {
    const [event] = Receiver.benji([new Key(SALT, { id: 'a' })]).receive(REQUESTS.genuine, NOW)
    const bento = Receiver.bento({ basic: { user: 'u', keys: 'k' } })
    const authorized = { method: 'POST', headers: sign.bentoBasic('u', 'k'), body: Buffer.from('{') }
    const batch = { ...authorized, body: Buffer.from('{"events":[{"type":"$purchase","email":"a@example.com"},7]}') }
    const { line, column, path } = bento.tryReceive(authorized)
    const guard = new ReplayGuard({ capacity: 1, leaseSeconds: 2 })
    const { claim } = guard.claim(bento.receive(batch, NOW).replayKey(), NOW)
    const outcomes = [guard.claim(claim.key, NOW), guard.confirm(claim, NOW), guard.release(claim), guard.claim(claim.key, NOW)]
    const recorded = fromTrustedRecord(bento.receive(batch, NOW).toRecord())
    const { code } = attempt(() => { try { fromTrustedRecord('') } catch (error) { return error } })
    const handshake = Receiver.benti('k').receive({ method: 'GET', headers: sign.bentiHandshake('k', 'abc') })
    return JSON.stringify([
      event.id, event.subject, event.toJSON(), bento.receive(batch), bento.receive(batch).malformed, bento.receive({ ...batch, body: Buffer.concat([batch.body, Buffer.alloc(40_000, 32)]) }).length,
      [line, column, path], bento.tryReceive({ ...authorized, headers: {} }).headers, bento.tryReceive({ ...authorized, method: 'PUT' }).headers, handshake.headers, handshake.body,
      outcomes, recorded, recorded.toRecord(), recorded.malformed, code,
    ])
  }
  const usual = use()
  for (const name of names) {
    Object.defineProperty(Object.prototype, name, { __proto__: null, value: 7, configurable: true })
    let seen
    try {
      seen = attempt(use)
    } finally {
      delete Object.prototype[name]
    }
    assert.equal(seen, usual, text(name))
  }
})
