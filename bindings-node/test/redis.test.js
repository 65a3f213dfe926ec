// The guard on Redis, with a real server, a server that answers nonsense, and a connection that breaks.

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'

import { Receiver, ReplayGuard as MemoryGuard, sign } from 'hookseal'
import { GuardUnavailableError, ReplayGuard } from 'hookseal/redis'
import { Cluster, Redis } from 'ioredis'
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5'
import { RESP_TYPES, createCluster, createSentinel } from 'redis'
import { createCluster as createCluster5, createSentinel as createSentinel5 } from 'redis-5'

import { MORE_OPENERS, OPENERS } from './redis_clients.js'
import { CLOSE, SILENCE, bulk, hasRedis, startCluster, startFake, startLossyProxy, startRedis, startSentinel } from './redis_server.js'
import { SALT, benji, benjiRequest, send } from './requests.js'
import { STARTERS } from './servers.js'

const skip = !hasRedis('the tests of the guard on Redis in Node')
const TOKEN = 'a_token-of-somebody-7'

let count = 0
/** A new replay key, kept for 300 s. */
function newKey() {
  count += 1
  return Receiver.bento({ bearer: 'token' }).receive({ method: 'POST', headers: sign.bentoBearer('token'), body: Buffer.from(`{"event":"${count}"}`) }).replayKey()
}

/** Of the older scheme, to be kept without end. */
function endlessKey() {
  count += 1
  const body = Buffer.from(`{"event":"${count}"}`)
  const key = Receiver.benji(SALT, { replayPolicy: 'strict' }).receive({ method: 'POST', headers: sign.benjiBodyOnly(SALT, body), body }).replayKey()
  assert.equal(key.retentionSeconds, undefined)
  return key
}

async function claimOf(guard, key) {
  const outcome = await guard.claim(key)
  assert.equal(outcome.outcome, 'claimed')
  return outcome.claim
}

/** A claim that was made a moment ago, for 30 s. */
function assertInProgress({ outcome, secondsLeft }) {
  assert.equal(outcome, 'in_progress')
  assert.ok(secondsLeft <= 30 && secondsLeft > 15, `${secondsLeft}`)
}

const isUnavailable = (message, cause) => (error) => {
  assert.ok(error instanceof GuardUnavailableError, `${error}`)
  assert.equal(error.name, 'GuardUnavailableError')
  assert.match(error.message, message)
  if (cause === undefined) assert.equal(error.cause, undefined)
  else assert.match(`${error.cause}`, cause)
  return true
}
const WITHOUT_ANSWER = "the guard's store gave no answer that can be used"
const NO_ANSWER = new RegExp(`^${WITHOUT_ANSWER}$`)

describe('on a server', { skip }, () => {
  let server, reader
  before(async () => {
    server = await startRedis()
    reader = await OPENERS.ioredis(server.port)
  })
  after(async () => {
    reader?.close()
    await server?.stop()
  })

  for (const [name, open] of Object.entries({ ...OPENERS, ...MORE_OPENERS })) {
    describe(name, () => {
      let client, close
      before(async () => ({ client, close } = await open(server.port)))
      beforeEach(() => reader.client.flushall())
      after(() => close())

      test('a key is claimed once, then in progress, then a duplicate', async () => {
        const guard = new ReplayGuard(client)
        const key = newKey()
        const outcome = await guard.claim(key)
        assert.equal(outcome.outcome, 'claimed')
        assert.equal(outcome.claim.key, key)
        assert.ok(Object.isFrozen(outcome) && Object.isFrozen(outcome.claim))
        assertInProgress(await guard.claim(key))
        assert.equal(await guard.confirm(outcome.claim), true)
        assert.deepEqual(await guard.claim(key), { outcome: 'duplicate' })
        assert.equal((await guard.claim(newKey())).outcome, 'claimed')
      })

      test('a key that was released is claimed anew', async () => {
        const guard = new ReplayGuard(client)
        const key = newKey()
        assert.equal(await guard.release(await claimOf(guard, key)), true)
        assert.equal(await reader.client.exists(`hookseal:${key}`), 0)
        await claimOf(guard, key)
      })

      test('of many claims at once exactly one wins each key', async () => {
        const keys = Array.from({ length: 50 }, newKey)
        const guards = Array.from({ length: 8 }, () => new ReplayGuard(client))
        const outcomes = await Promise.all(keys.flatMap((key) => guards.map(async (guard) => [`${key}`, (await guard.claim(key)).outcome])))
        for (const key of keys) {
          const told = outcomes.filter(([of]) => of === `${key}`).map(([, outcome]) => outcome)
          assert.deepEqual(told.sort(), ['claimed', ...Array(7).fill('in_progress')])
        }
      })

      test('keys and values have the form that all languages share', async () => {
        const guard = new ReplayGuard(client)
        const key = newKey()
        const claim = await claimOf(guard, key)
        const token = await reader.client.get(`hookseal:${key.value}`)
        assert.match(token, /^[\w-]{16}$/)
        assert.ok(Math.abs((await reader.client.pttl(`hookseal:${key}`)) - 30_000) < 5000)
        await guard.confirm(claim)
        assert.equal(await reader.client.get(`hookseal:${key}`), `+${token}`)
        assert.ok(Math.abs((await reader.client.pttl(`hookseal:${key}`)) - 300_000) < 5000)
        // The other way round.
        const [leased, confirmed, gone] = [newKey(), newKey(), newKey()]
        await reader.client.set(`hookseal:${leased}`, TOKEN, 'PX', 3_600_500)
        await reader.client.set(`hookseal:${confirmed}`, `+${TOKEN}`, 'PX', 3_600_500)
        const { outcome, secondsLeft } = await new ReplayGuard(client, { leaseSeconds: 7200 }).claim(leased)
        assert.equal(outcome, 'in_progress')
        // Rounded up, however long the answer took.
        const least = Math.ceil((await reader.client.pttl(`hookseal:${leased}`)) / 1000)
        assert.ok(secondsLeft >= least && secondsLeft <= 3601, `${secondsLeft}, not ${least} to 3601`)
        assert.deepEqual(await guard.claim(confirmed), { outcome: 'duplicate' })
        // Its lease ends in Redis.
        await reader.client.set(`hookseal:${gone}`, TOKEN, 'PX', 1)
        await sleep(10)
        await claimOf(guard, gone)
      })

      test('a key without an end has no expiry, and a token without an end counts as one lease', async () => {
        const guard = new ReplayGuard(client)
        const key = endlessKey()
        await guard.confirm(await claimOf(guard, key))
        assert.equal(await reader.client.pttl(`hookseal:${key}`), -1)
        assert.deepEqual(await guard.claim(key), { outcome: 'duplicate' })
        const forgotten = newKey()
        await reader.client.set(`hookseal:${forgotten}`, TOKEN)
        assert.deepEqual(await guard.claim(forgotten), { outcome: 'in_progress', secondsLeft: 30 })
      })

      test('the claim of a lease that ended confirms an absent key, and none that another holds', async () => {
        const guard = new ReplayGuard(client)
        for (const [value, confirmed] of [[undefined, true], [TOKEN, false], [`+${TOKEN}`, false]]) {
          const key = newKey()
          const claim = await claimOf(guard, key)
          await reader.client.del(`hookseal:${key}`)
          if (value !== undefined) await reader.client.set(`hookseal:${key}`, value)
          assert.equal(await guard.confirm(claim), confirmed, value)
          const kept = await reader.client.get(`hookseal:${key}`)
          if (confirmed) assert.match(kept, /^\+/)
          else assert.equal(kept, value)
        }
      })

      test('nor does it release one', async () => {
        const guard = new ReplayGuard(client)
        for (const value of [undefined, TOKEN, `+${TOKEN}`]) {
          const key = newKey()
          const claim = await claimOf(guard, key)
          await reader.client.del(`hookseal:${key}`)
          if (value !== undefined) await reader.client.set(`hookseal:${key}`, value)
          assert.equal(await guard.release(claim), false, value)
          assert.equal(await reader.client.get(`hookseal:${key}`), value ?? null)
        }
      })

      test('a second confirm or release changes nothing and gives the first answer', async () => {
        const guard = new ReplayGuard(client)
        const first = newKey()
        const confirmed = await claimOf(guard, first)
        assert.deepEqual(await Promise.all([guard.confirm(confirmed), guard.confirm(confirmed), guard.release(confirmed)]), [true, true, false])
        assert.deepEqual([await guard.confirm(confirmed), await guard.release(confirmed)], [true, false])
        assert.deepEqual(await guard.claim(first), { outcome: 'duplicate' })
        // Not even once the key is free again.
        await reader.client.del(`hookseal:${first}`)
        assert.equal(await guard.confirm(confirmed), true)
        assert.equal(await reader.client.exists(`hookseal:${first}`), 0)

        const second = newKey()
        const released = await claimOf(guard, second)
        assert.deepEqual(await Promise.all([guard.release(released), guard.release(released), guard.confirm(released)]), [true, true, false])
        await claimOf(guard, second)
        assert.deepEqual([await guard.release(released), await guard.confirm(released)], [true, false])
        assert.equal((await guard.claim(second)).outcome, 'in_progress')

        const third = newKey()
        const lost = await claimOf(guard, third)
        await reader.client.set(`hookseal:${third}`, TOKEN)
        assert.deepEqual([await guard.confirm(lost), await guard.release(lost)], [false, false])
        await reader.client.del(`hookseal:${third}`)
        assert.deepEqual([await guard.confirm(lost), await guard.release(lost)], [false, false])
      })

      test('a claim of another guard is refused, and what is no claim is an error', async () => {
        const guard = new ReplayGuard(client)
        const key = newKey()
        const memory = new MemoryGuard({ capacity: 1 })
        const claims = [await claimOf(guard, key), memory.claim(key).claim]
        for (const claim of claims) {
          assert.deepEqual([await new ReplayGuard(client).confirm(claim), await new ReplayGuard(client).release(claim)], [false, false])
        }
        assert.deepEqual([memory.confirm(claims[0]), memory.release(claims[0])], [false, false])
        assert.deepEqual([await guard.confirm(claims[0]), memory.confirm(claims[1])], [true, true])
        for (const claim of [undefined, null, {}, 'claim', key, { ...claims[0] }, Object.create(claims[0])]) {
          await assert.rejects(guard.confirm(claim), { name: 'TypeError', message: /^this is no claim/ })
          await assert.rejects(guard.release(claim), { name: 'TypeError', message: /^this is no claim/ })
        }
      })

      test('prefixes keep guards apart, and an equal prefix joins them', async () => {
        const key = newKey()
        const [shop, office, again] = ['shop:', 'office:', 'shop:'].map((prefix) => new ReplayGuard(client, { prefix }))
        await shop.confirm(await claimOf(shop, key))
        assert.deepEqual(await again.claim(key), { outcome: 'duplicate' })
        await claimOf(office, key)
        assert.deepEqual((await reader.client.keys('*')).sort(), [`office:${key}`, `shop:${key}`])
      })

      test('a lease is as long as the guard says, and ends', async () => {
        const long = newKey()
        await claimOf(new ReplayGuard(client, { leaseSeconds: 3600 }), long)
        const left = await reader.client.pttl(`hookseal:${long}`)
        assert.ok(left <= 3_600_000 && left > 3_500_000, `${left}`)
        const guard = new ReplayGuard(client, { leaseSeconds: 1 })
        const key = newKey()
        const slow = await claimOf(guard, key)
        await reader.client.pexpire(`hookseal:${key}`, 0)
        const second = await claimOf(guard, key)
        assert.equal(await guard.confirm(slow), false)
        // A short lease ends by itself.
        const outcomes = []
        while (outcomes.at(-1) !== 'claimed' && outcomes.length < 1000) {
          const found = await guard.claim(key)
          outcomes.push(found.outcome)
          if (found.outcome === 'claimed') assert.equal(await guard.confirm(second), false)
          else assert.deepEqual(found, { outcome: 'in_progress', secondsLeft: 1 })
          await sleep(20)
        }
        assert.equal(outcomes.at(-1), 'claimed')
        await claimOf(new ReplayGuard(client, { leaseSeconds: 2 ** 32 - 1 }), newKey())
      })

      test('scripts that the server has forgotten are sent again', async () => {
        const guard = new ReplayGuard(client)
        for (let round = 0; round < 2; round++) {
          const [first, second] = [await claimOf(guard, newKey()), await claimOf(guard, newKey())]
          await reader.client.script('FLUSH')
          assert.equal(await guard.confirm(first), true)
          await reader.client.script('FLUSH')
          assert.equal(await guard.release(second), true)
        }
      })

      test('a key that holds something else is an error', async () => {
        const guard = new ReplayGuard(client)
        const key = newKey()
        const claim = await claimOf(guard, key)
        await reader.client.del(`hookseal:${key}`)
        await reader.client.lpush(`hookseal:${key}`, 'an element')
        await assert.rejects(guard.claim(key), isUnavailable(NO_ANSWER, /WRONGTYPE/))
        await assert.rejects(guard.confirm(claim), isUnavailable(NO_ANSWER, /WRONGTYPE/))
        await assert.rejects(guard.release(claim), isUnavailable(NO_ANSWER, /WRONGTYPE/))
        for (const value of ['', 'OK', '+', '+OK']) {
          await reader.client.set(`hookseal:${key}`, value)
          await assert.rejects(guard.claim(key), isUnavailable(/SET with a text that is no token/))
        }
      })

      test('a server with an eviction policy is refused, and taken once it has another', async () => {
        const guard = new ReplayGuard(client)
        await reader.client.config('SET', 'maxmemory', '100mb')
        try {
          for (const policy of ['allkeys-lru', 'volatile-lru', 'volatile-ttl', 'allkeys-random']) {
            await reader.client.config('SET', 'maxmemory-policy', policy)
            const message = new RegExp(`maxmemory-policy ${policy}.*: set maxmemory-policy to noeviction`)
            const key = newKey()
            await assert.rejects(guard.claim(key), isUnavailable(message))
            assert.equal(await reader.client.exists(`hookseal:${key}`), 0)
          }
          await reader.client.config('SET', 'maxmemory', '0')
          await claimOf(new ReplayGuard(client), newKey())
          await reader.client.config('SET', 'maxmemory', '100mb', 'maxmemory-policy', 'noeviction')
          await claimOf(guard, newKey())
          // A guard asks once.
          await reader.client.config('SET', 'maxmemory-policy', 'allkeys-lru')
          await claimOf(guard, newKey())
        } finally {
          await reader.client.config('SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction')
        }
      })

      test('a server that is full is an error', async () => {
        const guard = new ReplayGuard(client)
        await claimOf(guard, newKey())
        await reader.client.config('SET', 'maxmemory', '1')
        try {
          await assert.rejects(guard.claim(newKey()), isUnavailable(NO_ANSWER, /OOM/))
        } finally {
          await reader.client.config('SET', 'maxmemory', '0')
        }
      })
    })
  }

  test('of many claims by many clients exactly one wins each key', async (t) => {
    const opened = await Promise.all(Object.values({ ...OPENERS, ...MORE_OPENERS }).map((open) => open(server.port)))
    t.after(() => opened.forEach(({ close }) => void close()))
    const guards = opened.map(({ client }) => new ReplayGuard(client))
    for (const key of Array.from({ length: 30 }, newKey)) {
      const outcomes = await Promise.all(guards.map((guard) => guard.claim(key)))
      assert.equal(outcomes.filter(({ outcome }) => outcome === 'claimed').length, 1)
      const at = outcomes.findIndex(({ outcome }) => outcome === 'claimed')
      assert.equal(await guards[at].confirm(outcomes[at].claim), true)
      for (const guard of guards) assert.deepEqual(await guard.claim(key), { outcome: 'duplicate' })
    }
  })

  for (const [name, RESP] of [['RESP2', 2], ['RESP3', 3]]) {
    test(`a client of redis with ${name} that makes Buffers of texts and texts of numbers`, async (t) => {
      const { client, close } = await OPENERS[`redis with ${name}`](server.port)
      t.after(close)
      const mapped = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.NUMBER]: String, [RESP_TYPES.VERBATIM_STRING]: Buffer })
      assert.ok(Buffer.isBuffer(await mapped.info('memory')), `${RESP}`)
      const guard = new ReplayGuard(mapped)
      const [first, second] = [newKey(), newKey()]
      const claim = await claimOf(guard, first)
      assertInProgress(await guard.claim(first))
      assert.equal(await guard.confirm(claim), true)
      assert.deepEqual(await guard.claim(first), { outcome: 'duplicate' })
      assert.equal(await guard.release(await claimOf(guard, second)), true)
    })
  }

  for (const name of ['ioredis', 'ioredis 5', 'redis with RESP3']) {
    test(`${name} with a keyPrefix puts it before the guard's own, in every command`, async (t) => {
      const { client, close } = await OPENERS[name](server.port, { keyPrefix: 'app:' })
      t.after(close)
      await reader.client.flushall()
      const guard = new ReplayGuard(client)
      const [first, second] = [newKey(), newKey()]
      const claim = await claimOf(guard, first)
      assertInProgress(await guard.claim(first))
      assert.equal(await guard.confirm(claim), true)
      assert.equal(await guard.release(await claimOf(guard, second)), true)
      assert.deepEqual(await reader.client.keys('*'), [`app:hookseal:${first}`])
      assert.deepEqual(await new ReplayGuard(reader.client, { prefix: 'app:hookseal:' }).claim(first), { outcome: 'duplicate' })
    })
  }

  test('a server that does not allow the question about its memory is taken', async (t) => {
    await reader.client.acl('SETUSER', 'guard', 'on', '>password', '~hookseal:*', '+set', '+get', '+del', '+pttl', '+eval', '+evalsha')
    for (const [name, options] of [['ioredis', { username: 'guard', password: 'password', enableReadyCheck: false }], ['redis with RESP2', { username: 'guard', password: 'password' }]]) {
      const { client, close } = await OPENERS[name](server.port, options)
      t.after(close)
      const guard = new ReplayGuard(client)
      assert.equal(await guard.confirm(await claimOf(guard, newKey())), true)
      await assert.rejects(new ReplayGuard(client, { prefix: 'not:allowed:' }).claim(newKey()), isUnavailable(NO_ANSWER, /NOPERM/))
    }
  })

  test('forged requests leave the store as it is', async () => {
    await reader.client.flushall()
    const guard = new ReplayGuard(reader.client)
    const receiver = benji()
    const forged = { ...benjiRequest(), body: Buffer.from('{"event":"e"}') }
    for (let at = 0; at < 1000; at++) {
      const received = receiver.tryReceive(forged)
      if (received.outcome === 'delivery') await guard.claim(received.replayKey())
    }
    assert.equal(await reader.client.dbsize(), 0)
  })
})

describe('bad arguments', () => {
  const client = { set() {}, evalSha() {}, eval() {}, pTTL() {}, info: async () => '' }

  test('a client that is none of the two is refused', () => {
    for (const bad of [undefined, null, {}, 'redis://localhost', () => {}, { set() {}, get() {} }, { ...client, info: undefined }, { ...client, pTTL: undefined }]) {
      assert.throws(() => new ReplayGuard(bad), { name: 'TypeError', message: /^the first argument must be a client of redis/ })
    }
  })

  test('options are checked as elsewhere', () => {
    assert.throws(() => new ReplayGuard({ set() {}, eval() {}, info() {}, evalsha() {}, pttl() {} }, {}, {}), { name: 'TypeError', message: 'ReplayGuard takes client, options' })
    const refused = (options, name, message) => assert.throws(() => new ReplayGuard(client, options), { name, message })
    for (const options of [null, 7, 'prefix:']) refused(options, 'TypeError', /must be an object: it has leaseSeconds, prefix/)
    refused({ lease: 7 }, 'TypeError', 'lease is not an option of ReplayGuard: it has leaseSeconds, prefix')
    refused(Object.create({ prefix: 'a' }), 'TypeError', /^prefix is inherited/)
    refused({ prefix: 7 }, 'TypeError', 'prefix must be a string')
    refused({ prefix: null }, 'TypeError', 'prefix must be a string')
    refused({ prefix: '\ud800' }, 'TypeError', /surrogate pair/)
    for (const leaseSeconds of ['30', null, 30n]) refused({ leaseSeconds }, 'TypeError', 'leaseSeconds must be a number')
    for (const leaseSeconds of [-1, 0, 0.5, NaN, Infinity, 2 ** 32]) refused({ leaseSeconds }, 'RangeError', /leaseSeconds/)
    assert.ok(new ReplayGuard(client, { leaseSeconds: undefined, prefix: undefined }))
  })

  test('a key must be a replay key, and the clock is the server\'s', async () => {
    const guard = new ReplayGuard(client)
    await assert.rejects(guard.claim(undefined), { name: 'TypeError', message: /replayPolicy is 'none'/ })
    await assert.rejects(guard.claim(`${newKey()}`), { name: 'TypeError', message: /its text, which has no retention/ })
    await assert.rejects(guard.claim({ value: 'a', retentionSeconds: 7 }), { name: 'TypeError' })
    await assert.rejects(guard.claim(newKey(), Date.now()), { name: 'TypeError', message: /the server's clock/ })
    await assert.rejects(guard.confirm({}, Date.now()), { name: 'TypeError', message: /the server's clock/ })
  })

  test('it shows its prefix alone', () => {
    assert.equal(inspect(new ReplayGuard(client)), 'ReplayGuard(hookseal:)')
  })
})

/** Options with which a client keeps no commands while it connects again, and sends none twice. */
const AT_ONCE = {
  redis: { disableOfflineQueue: true },
  ioredis: { enableOfflineQueue: false, maxRetriesPerRequest: 0 },
}
/** They send a script again whose answer was lost. */
const RETRYING = ['ioredis', 'ioredis 5']
describe('a connection that breaks after the server executed a command', { skip }, () => {
  let server
  before(async () => {
    server = await startRedis()
  })
  after(() => server?.stop())

  for (const [name, open] of Object.entries(OPENERS)) {
    /** A guard whose first commands with this text are executed, and their answers lost. */
    async function lossy(t, text, options, times = 1) {
      let lost = 0
      const proxy = await startLossyProxy(server.port, (sent) => lost < times && sent.toLowerCase().includes(text) && (lost += 1) > 0)
      t.after(proxy.stop)
      const { client, close } = await open(proxy.port, options)
      t.after(close)
      // Without a queue, ioredis refuses commands until it is connected.
      while (name.startsWith('ioredis') && client.status !== 'ready') await sleep(10)
      return new ReplayGuard(client)
    }

    test(`${name}: without a queue of commands a claim is claimed too, once the client has connected again`, async (t) => {
      const guard = await lossy(t, '\r\nset\r\n', AT_ONCE[name.split(' ')[0]])
      const claim = await claimOf(guard, newKey())
      assert.equal(await guard.confirm(claim), true)
    })

    // A client of redis connects again at once.
    if (name.startsWith('ioredis')) test(`${name}: a claim that nobody has is released before its lease ends`, async (t) => {
      const guard = await lossy(t, '\r\nset\r\n', { ...AT_ONCE.ioredis, retryStrategy: () => 1_000 })
      const key = newKey()
      await assert.rejects(guard.claim(key), isUnavailable(NO_ANSWER, /./))
      // The lease is 30 s.
      const end = performance.now() + 15_000
      let outcome
      do {
        await sleep(100)
        outcome = await guard.claim(key).then((found) => found.outcome, () => 'away')
      } while (outcome !== 'claimed' && performance.now() < end)
      assert.equal(outcome, 'claimed')
    })

    // Such a client never answers a command whose connection broke.
    const never = { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: null, enableOfflineQueue: false }
    if (name === 'ioredis') test(`${name}: a command that is never answered holds no key, and no other claim`, { timeout: 60_000 }, async (t) => {
      const mock = t.mock.method(console, 'error', () => {})
      await Promise.all([['set', 1], ['set', 2], ['memory', 1], ['evalsha', 1]].map(async ([lost, times]) => {
        const guard = await lossy(t, `\r\n${lost}\r\n`, never, times)
        const request = benjiRequest(Buffer.from(JSON.stringify({ event: 'e', name, lost, times })))
        let fails = lost === 'evalsha'
        const { url, close } = await STARTERS['node:http'](benji(), (_delivery, _request, response) => void response.writeHead(fails ? 500 : 204).end(), { guard })
        t.after(close)
        let { status } = await send(url, request)
        assert.equal(status, fails ? 500 : times > 1 ? 503 : 204, lost)
        fails = false
        // The lease is 30 s.
        for (const end = performance.now() + 10_000; status >= 500 && performance.now() < end; await sleep(100)) status = (await send(url, request)).status
        assert.equal(status, 204, lost)
      }))
      assert.match(mock.mock.calls.map(({ arguments: words }) => words.join(' ')).join('\n'), /^hookseal: unavailable: the guard cannot be used: GuardUnavailableError: .*$/m)
    })

    test(`${name}: a claim is still claimed, and never finds itself in progress`, async (t) => {
      const guard = await lossy(t, '\r\nset\r\n')
      const key = newKey()
      const claim = await claimOf(guard, key)
      assert.equal((await guard.claim(key)).outcome, 'in_progress')
      assert.equal(await guard.confirm(claim), true)
    })

    test(`${name}: a confirmation is true, or an error, and then true`, async (t) => {
      const guard = await lossy(t, '\r\nevalsha\r\n')
      const claim = await claimOf(guard, newKey())
      if (!RETRYING.includes(name)) await assert.rejects(guard.confirm(claim), isUnavailable(NO_ANSWER, /./))
      assert.equal(await guard.confirm(claim), true)
      assert.deepEqual(await guard.claim(claim.key), { outcome: 'duplicate' })
      assert.equal(await guard.release(claim), false)
    })
  }
})

describe('a server that goes away between claim and confirm', { skip }, () => {
  const away = {
    'redis with RESP2': { disableOfflineQueue: true, socket: { reconnectStrategy: () => 50 } },
    'redis with RESP3': { disableOfflineQueue: true, socket: { reconnectStrategy: () => 50 } },
    'redis 5 with RESP2': { disableOfflineQueue: true, socket: { reconnectStrategy: () => 50 } },
    'redis 5 with RESP3': { disableOfflineQueue: true, socket: { reconnectStrategy: () => 50 } },
    ioredis: { enableOfflineQueue: false, maxRetriesPerRequest: 0, retryStrategy: () => 50 },
    'ioredis 5': { enableOfflineQueue: false, maxRetriesPerRequest: 0, retryStrategy: () => 50 },
  }
  for (const [name, open] of Object.entries(OPENERS)) {
    test(`${name}: an error with its cause, and later an answer`, async (t) => {
      const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always')
      t.after(server.stop)
      const { client, close } = await open(server.port, away[name])
      t.after(close)
      const guard = new ReplayGuard(client)
      // Without a queue, ioredis refuses commands until it is connected.
      const claim = await eventually(() => claimOf(guard, newKey()))
      const stopped = server.restart()
      await assert.rejects(repeated(() => guard.confirm(claim)), isUnavailable(NO_ANSWER, /./))
      await stopped
      assert.equal(await eventually(() => guard.confirm(claim)), true)
      assert.deepEqual(await guard.claim(claim.key), { outcome: 'duplicate' })
    })
  }

  /** Asks until it fails: the connection may live a little longer than the server. */
  async function repeated(ask) {
    for (let round = 0; round < 1000; round++) {
      await ask()
      await sleep(1)
    }
  }

  async function eventually(ask) {
    for (const end = Date.now() + 10_000; ; await sleep(50)) {
      try {
        return await ask()
      } catch (error) {
        if (Date.now() > end) throw error
      }
    }
  }
})

describe('a server that answers nonsense', () => {
  for (const name of ['redis with RESP2', 'redis 5 with RESP2', 'ioredis', 'ioredis 5']) {
    /** A guard whose server answers so; ioredis asks for RESP3 only where it is told to. */
    async function guardOn(t, answers, options) {
      const server = await startFake((command, ...given) => {
        const answer = answers[command]
        return typeof answer === 'function' ? answer(...given) : answer
      })
      t.after(server.stop)
      const { client, close } = await OPENERS[name](server.port, options)
      t.after(close)
      return new ReplayGuard(client)
    }

    test(`${name}: a claim is no verdict`, async (t) => {
      const answers = {
        '+OK\r\n': /SET with a text that is no token/,
        ':1\r\n': /SET with a value of type number/,
        '*1\r\n$2\r\nab\r\n': /SET with a value of type object/,
        [bulk('')]: /SET with a text that is no token/,
        [bulk('+hello, world')]: /SET with a text that is no token/,
        [bulk('12345678')]: /SET with a text that is no token/,
        [bulk('{"state":1}')]: /SET with a text that is no token/,
        [bulk(`${TOKEN}\n`)]: /SET with a text that is no token/,
        '-ERR syntax error\r\n': /Redis 7\.0 or later, or Valkey/,
        '-OOM command not allowed\r\n': NO_ANSWER,
        '-READONLY You can\'t write against a read only replica.\r\n': NO_ANSWER,
        '-LOADING Redis is loading the dataset in memory\r\n': NO_ANSWER,
      }
      for (const [answer, message] of Object.entries(answers)) {
        const guard = await guardOn(t, { SET: answer })
        await assert.rejects(guard.claim(newKey()), isUnavailable(message, answer.startsWith('-') ? /./ : undefined))
      }
    })

    test(`${name}: nor is what is left of a lease`, async (t) => {
      const left = { ':-2\r\n': 1, ':-1\r\n': 30, ':0\r\n': 1, ':1\r\n': 1, ':1000\r\n': 1, ':1001\r\n': 2, ':86400000\r\n': 30, ':4294967295000\r\n': 30 }
      for (const [answer, secondsLeft] of Object.entries(left)) {
        const guard = await guardOn(t, { SET: bulk(TOKEN), PTTL: answer })
        assert.deepEqual(await guard.claim(newKey()), { outcome: 'in_progress', secondsLeft })
      }
      for (const answer of [':-3\r\n', '+OK\r\n', bulk('1.5'), '$-1\r\n', '*0\r\n']) {
        const guard = await guardOn(t, { SET: bulk(TOKEN), PTTL: answer })
        await assert.rejects(guard.claim(newKey()), isUnavailable(/PTTL with no number of milliseconds/))
      }
    })

    test(`${name}: nor are a confirmation and a release`, async (t) => {
      for (const answer of [':2\r\n', ':-1\r\n', '+OK\r\n', '$-1\r\n', '*0\r\n', bulk('')]) {
        const guard = await guardOn(t, { SET: '$-1\r\n', EVALSHA: answer })
        await assert.rejects(guard.confirm(await claimOf(guard, newKey())), isUnavailable(/a script with neither 0 nor 1/))
        await assert.rejects(guard.release(await claimOf(guard, newKey())), isUnavailable(/a script with neither 0 nor 1/))
      }
      for (const EVAL of [':7\r\n', '-NOSCRIPT again\r\n']) {
        const guard = await guardOn(t, { SET: '$-1\r\n', EVALSHA: '-NOSCRIPT No matching script\r\n', EVAL })
        await assert.rejects(guard.confirm(await claimOf(guard, newKey())), GuardUnavailableError)
      }
    })

    test(`${name}: nor is what it says of its memory`, async (t) => {
      // ioredis asks for INFO itself, to see whether the server is ready.
      const memory = (answer) => ({ INFO: (section) => (section === 'memory' ? answer : undefined), SET: '$-1\r\n' })
      for (const answer of ['-NOPERM this user has no permissions\r\n', "-ERR unknown command 'INFO'\r\n", bulk(''), bulk('# Memory\r\nused_memory:7\r\n')]) {
        await claimOf(await guardOn(t, memory(answer)), newKey())
      }
      for (const answer of ['$-1\r\n', ':7\r\n', '*0\r\n']) {
        await assert.rejects((await guardOn(t, memory(answer))).claim(newKey()), isUnavailable(/INFO with no text/))
      }
      await assert.rejects((await guardOn(t, memory('-LOADING dataset\r\n'))).claim(newKey()), isUnavailable(NO_ANSWER, /LOADING/))
      const evicting = bulk('maxmemory:100\r\nmaxmemory_policy:allkeys-lfu\r\n')
      await assert.rejects((await guardOn(t, memory(evicting))).claim(newKey()), isUnavailable(/maxmemory-policy allkeys-lfu/))
    })

    test(`${name}: the first claims ask for the memory once, and again after an error`, async (t) => {
      let asked = 0
      const answers = { INFO: (section) => (section !== 'memory' ? undefined : ++asked === 1 ? '-LOADING dataset\r\n' : undefined), SET: '$-1\r\n' }
      const guard = await guardOn(t, answers)
      await Promise.all([claimOf(guard, newKey()), claimOf(guard, newKey())])
      assert.equal(asked, 2)
      await claimOf(guard, newKey())
      assert.equal(asked, 2)
    })

    test(`${name}: what a claim writes once, as one command`, async (t) => {
      const sent = []
      const guard = await guardOn(t, {
        SET(...given) {
          sent.push(given)
          return '$-1\r\n'
        },
      })
      const key = newKey()
      await claimOf(guard, key)
      await claimOf(guard, key)
      assert.equal(sent.length, 2)
      const [[name, token, ...options], [, second]] = sent
      assert.deepEqual([name, options.sort()], [`hookseal:${key}`, ['30000', 'GET', 'NX', 'PX']])
      assert.notEqual(token, second)
    })

    test(`${name}: silence is an error as soon as the client loses its patience`, async (t) => {
      const patience = name.startsWith('ioredis') ? { commandTimeout: 100 } : { socket: { socketTimeout: 100 } }
      const guard = await guardOn(t, { SET: SILENCE }, patience)
      await assert.rejects(guard.claim(newKey()), isUnavailable(NO_ANSWER, /time/i))
    })

    test(`${name}: a closed connection is an error`, async (t) => {
      const guard = await guardOn(t, { SET: CLOSE }, name.startsWith('ioredis') ? { retryStrategy: null } : {})
      await assert.rejects(guard.claim(newKey()), isUnavailable(NO_ANSWER, /./))
    })
  }

  test('a client that throws, or rejects with no Error, is an error too', async () => {
    const usual = { set: async () => null, evalSha: async () => 1, eval: async () => 1, pTTL: async () => 1, info: async () => '' }
    for (const cause of [undefined, null, 'text', 7, new Error('a cause'), Object.create(null)]) {
      for (const fail of [() => { throw cause }, () => Promise.reject(cause)]) {
        for (const method of ['set', 'info']) {
          const failed = await new ReplayGuard({ ...usual, [method]: fail }).claim(newKey()).catch((error) => error)
          assert.ok(failed instanceof GuardUnavailableError)
          assert.equal(failed.cause, cause)
        }
        const client = { ...usual, evalSha: fail }
        const guard = new ReplayGuard(client)
        const claim = await claimOf(guard, newKey())
        const failed = await guard.confirm(claim).catch((error) => error)
        assert.ok(failed instanceof GuardUnavailableError)
        assert.equal(failed.cause, cause)
        // It is asked again.
        client.evalSha = usual.evalSha
        assert.deepEqual([await guard.confirm(claim), await guard.release(claim)], [true, false])
      }
    }
  })

  test('a claim that the client carries out after it was given back is given back again', { timeout: 20_000 }, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const sets = []
    const released = []
    const guard = new ReplayGuard({
      info: async () => '',
      set: () => new Promise((resolve) => sets.push(resolve)),
      eval: async () => 0,
      evalsha: async (_sha1, _keys, _name, token) => released.push(token) && 0,
      pttl: async () => -2,
    })
    const untilSo = async (isSo) => {
      while (!isSo()) await new Promise(setImmediate)
    }
    const claim = guard.claim(newKey())
    const failed = assert.rejects(claim, isUnavailable(NO_ANSWER, /no answer within 2 s$/))
    for (const count of [1, 2]) {
      await untilSo(() => sets.length === count)
      await new Promise(setImmediate)
      t.mock.timers.tick(2000)
    }
    await failed
    await untilSo(() => released.length === 1)
    sets[0](null)
    await untilSo(() => released.length === 2)
    assert.equal(released[0], released[1])
  })

  test('after a confirmation that failed, a release asks the store, and one that is under way waits', async () => {
    const answers = []
    const usual = { set: async () => null, evalSha: () => new Promise((resolve, reject) => answers.push({ resolve, reject })), eval: async () => 1, pTTL: async () => 1, info: async () => '' }
    const guard = new ReplayGuard(usual)
    const claim = await claimOf(guard, newKey())
    const confirmed = guard.confirm(claim)
    const released = guard.release(claim)
    await sleep(1)
    assert.equal(answers.length, 1)
    answers[0].reject(new Error('away'))
    await assert.rejects(confirmed, GuardUnavailableError)
    await sleep(1)
    assert.equal(answers.length, 2)
    answers[1].resolve(1)
    assert.deepEqual([await released, await guard.release(claim), await guard.confirm(claim)], [true, true, false])
  })
})

/** Claims, confirms and releases through a client, and finds each of these servers where it would evict keys. */
async function isGuarded(client, ports) {
  const guard = new ReplayGuard(client)
  for (let round = 0; round < 20; round++) {
    const key = newKey()
    const claim = await claimOf(guard, key)
    assertInProgress(await guard.claim(key))
    assert.equal(await guard.confirm(claim), true)
    assert.deepEqual(await guard.claim(key), { outcome: 'duplicate' })
    assert.equal(await guard.release(await claimOf(guard, newKey())), true)
  }
  for (const port of ports) {
    const { client: admin, close } = await OPENERS.ioredis(port)
    await admin.config('SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru')
    try {
      await assert.rejects(new ReplayGuard(client).claim(newKey()), isUnavailable(/maxmemory-policy allkeys-lru/))
    } finally {
      await admin.config('SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction')
      close()
    }
  }
}

/** Connects a client of redis; those of ioredis connect by themselves. */
async function connected(client) {
  client.on('error', () => {})
  await client.connect()
  return client
}
const end = (client) => void ('destroy' in client ? client.destroy() : client.disconnect())

describe('a cluster', { skip }, () => {
  let cluster
  before(async () => {
    cluster = await startCluster()
  })
  after(() => cluster?.stop())

  const openers = {
    redis: () => connected(createCluster({ rootNodes: [{ url: cluster.url }] })),
    'redis 5': () => connected(createCluster5({ rootNodes: [{ url: cluster.url }] })),
    ioredis: () => new Cluster([{ host: '127.0.0.1', port: cluster.ports[0] }]),
    'ioredis 5': () => new Cluster5([{ host: '127.0.0.1', port: cluster.ports[0] }]),
  }
  for (const [name, open] of Object.entries(openers)) {
    test(`${name}: claims, confirms and releases, and asks the masters for their memory`, async (t) => {
      const client = await open()
      t.after(() => end(client))
      await isGuarded(client, cluster.ports)
    })
  }
})

describe('a sentinel', { skip }, () => {
  let server, sentinel
  before(async () => {
    server = await startRedis()
    sentinel = await startSentinel(server.port)
  })
  after(async () => {
    await sentinel?.stop()
    await server?.stop()
  })

  const node = () => ({ host: '127.0.0.1', port: sentinel.port })
  const openers = {
    redis: () => connected(createSentinel({ name: 'main', sentinelRootNodes: [node()] })),
    'redis 5': () => connected(createSentinel5({ name: 'main', sentinelRootNodes: [node()] })),
    ioredis: () => new Redis({ name: 'main', sentinels: [node()] }),
    'ioredis 5': () => new Redis5({ name: 'main', sentinels: [node()] }),
  }
  for (const [name, open] of Object.entries(openers)) {
    test(`${name}: claims, confirms and releases, and asks for the memory`, async (t) => {
      const client = await open()
      t.after(() => end(client))
      await isGuarded(client, [server.port])
    })
  }
})

describe('in an adapter, a server that gives no answer', { skip }, () => {
  let server, reader
  before(async () => {
    server = await startRedis()
    reader = await OPENERS.ioredis(server.port)
  })
  after(async () => {
    reader?.close()
    await server?.stop()
  })

  // Nothing that writes is answered meanwhile. The clients have no time limit by default.
  const pause = () => reader.client.call('CLIENT', 'PAUSE', 120_000, 'WRITE')
  const unpause = () => reader.client.call('CLIENT', 'UNPAUSE')
  /** Waits for something that happens at some time. */
  async function becomes(isSo) {
    for (let round = 0; round < 1000; round++) {
      if (await isSo()) return
      await sleep(20)
    }
    assert.fail(`it never became so: ${isSo}`)
  }
  async function serving(t, open, handler) {
    const { client, close } = await open(server.port)
    t.after(close)
    await reader.client.flushall()
    const outcomes = []
    const options = { guard: new ReplayGuard(client, { leaseSeconds: 3600 }), onDelivery: (_delivery, outcome) => void outcomes.push(outcome) }
    // Asked once, so that the check of the server's memory is done.
    await options.guard.release(await claimOf(options.guard, newKey()))
    const { url, close: stop } = await STARTERS['node:http'](benji(), handler, options)
    t.after(stop)
    t.after(unpause)
    const mock = t.mock.method(console, 'error', () => {})
    const lines = () => mock.mock.calls.map(({ arguments: words }) => words.join(' ').split('\n')[0])
    return { url, outcomes, lines }
  }

  for (const name of ['redis with RESP3', 'ioredis']) {
    const open = OPENERS[name]
    test(`to a claim is answered with 503, and a claim that succeeds later is released: ${name}`, { timeout: 120_000 }, async (t) => {
      const { url, outcomes, lines } = await serving(t, open, () => {})
      const request = benjiRequest()
      await pause()
      const { status, headers } = await send(url, request)
      assert.deepEqual([status, headers['retry-after'], outcomes], [503, '5', ['unavailable']])
      assert.deepEqual(lines(), [`hookseal: unavailable: the guard cannot be used: GuardUnavailableError: ${WITHOUT_ANSWER}`])
      const calls = async () => Number((await reader.client.info('commandstats')).match(/cmdstat_evalsha:calls=(\d+)/)?.[1] ?? 0)
      const before = await calls()
      await unpause()
      await becomes(async () => (await calls()) > before && (await reader.client.dbsize()) === 0)
      assert.equal((await send(url, request)).status, 204)
      assert.equal((await send(url, request)).status, 200)
    })

    test(`to a confirmation or a release does not keep the sender waiting: ${name}`, { timeout: 120_000 }, async (t) => {
      for (const [status, line, outcome] of [[201, 'confirmed', 'handled'], [500, 'released', 'failed']]) {
        const { url, outcomes, lines } = await serving(t, open, async (_delivery, _request, response) => {
          await pause()
          response.writeHead(status).end()
        })
        assert.equal((await send(url, benjiRequest())).status, status)
        assert.deepEqual(lines(), [`hookseal: a claim could not be ${line}: GuardUnavailableError: ${WITHOUT_ANSWER}`])
        await becomes(() => outcomes.length > 0)
        assert.deepEqual(outcomes, [outcome])
        await unpause()
        t.mock.restoreAll()
      }
    })
  }
})
