// The guard in memory.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { Worker, isMainThread, parentPort } from 'node:worker_threads'

import { Claim, Receiver, ReplayGuard, fromTrustedRecord, sign } from 'hookseal'

import { BODY, SALT, benji, benjiRequest, bentoRequest } from './requests.js'

const NOW = Date.UTC(2026, 2, 4, 5, 6, 7)
const SECOND = 1000
/** Of Bento's default policy. */
const RETENTION = 300 * SECOND
const bento = Receiver.bento({ bearer: 'token' })

let count = 0
const newKey = (receiver = bento) => receiver.receive(bentoRequest(`{"event":"${(count += 1)}"}`)).replayKey()

function claimOf(guard, key, now) {
  const outcome = guard.claim(key, now)
  assert.equal(outcome.outcome, 'claimed')
  return outcome.claim
}

if (!isMainThread) {
  // Each thread has its own guard, which knows nothing of the others' claims.
  const guard = new ReplayGuard({ capacity: 10 })
  const key = bento.receive(bentoRequest('{"event":"shared"}')).replayKey()
  const outcomes = [guard.claim(key).outcome, guard.claim(key).outcome]
  parentPort.postMessage([outcomes, guard.held])
} else {
  describe('a guard in memory', () => {
    test('a key is claimed once, then in progress, then a duplicate until its retention ends', () => {
      const guard = new ReplayGuard({ capacity: 2 })
      const key = newKey()
      const outcome = guard.claim(key, NOW)
      assert.deepEqual(Object.keys(outcome), ['outcome', 'claim'])
      assert.ok(outcome.claim instanceof Claim)
      assert.equal(outcome.claim.key, key)
      assert.deepEqual(guard.claim(key, NOW), { outcome: 'in_progress', secondsLeft: 30 })
      assert.deepEqual(guard.claim(key, NOW + 29_999), { outcome: 'in_progress', secondsLeft: 1 })
      assert.equal(guard.confirm(outcome.claim, NOW + 10_000), true)
      assert.deepEqual(guard.claim(key, NOW + 10_000), { outcome: 'duplicate' })
      assert.deepEqual(guard.claim(key, NOW + 10_000 + RETENTION - 1), { outcome: 'duplicate' })
      claimOf(guard, key, NOW + 10_000 + RETENTION)
    })

    test('what it says is frozen', () => {
      const guard = new ReplayGuard({ capacity: 1 })
      const key = newKey()
      const outcomes = [guard.claim(key), guard.claim(key), guard.claim(newKey())]
      guard.confirm(outcomes[0].claim)
      outcomes.push(guard.claim(key))
      assert.deepEqual(outcomes.map(({ outcome }) => outcome), ['claimed', 'in_progress', 'full', 'duplicate'])
      for (const outcome of [...outcomes, outcomes[0].claim]) {
        assert.ok(Object.isFrozen(outcome))
        assert.throws(() => { outcome.outcome = 'claimed' }, TypeError)
      }
    })

    test('a key that was released is claimed anew', () => {
      const guard = new ReplayGuard({ capacity: 1 })
      const key = newKey()
      assert.equal(guard.release(claimOf(guard, key)), true)
      assert.equal(guard.held, 0)
      claimOf(guard, key)
    })

    test('a lease ends, and its claim then confirms only what nobody else has', () => {
      const guard = new ReplayGuard({ capacity: 1, leaseSeconds: 5 })
      const [key, second] = [newKey(), newKey()]
      const slow = claimOf(guard, key, NOW)
      assert.deepEqual(guard.claim(key, NOW + 4001), { outcome: 'in_progress', secondsLeft: 1 })
      const next = claimOf(guard, key, NOW + 5000)
      assert.deepEqual([guard.confirm(slow, NOW + 5000), guard.release(slow)], [false, false])
      assert.equal(guard.confirm(next, NOW + 6000), true)
      // A lease that ended, and that nobody took.
      const late = claimOf(guard, key, NOW + RETENTION + 6000)
      assert.equal(guard.confirm(late, NOW + RETENTION + 66_000), true)
      assert.deepEqual(guard.claim(second, NOW + RETENTION + 66_000), { outcome: 'full' })
    })

    test('a second confirm or release changes nothing and gives the first answer', () => {
      const guard = new ReplayGuard({ capacity: 3 })
      const [first, second, third] = [newKey(), newKey(), newKey()]
      const confirmed = claimOf(guard, first, NOW)
      assert.deepEqual([guard.confirm(confirmed, NOW), guard.confirm(confirmed, NOW + 999_000), guard.release(confirmed)], [true, true, false])
      assert.deepEqual(guard.claim(first, NOW + RETENTION - 1), { outcome: 'duplicate' })
      claimOf(guard, first, NOW + RETENTION)
      const released = claimOf(guard, second, NOW)
      assert.deepEqual([guard.release(released), guard.release(released), guard.confirm(released, NOW)], [true, true, false])
      const again = claimOf(guard, second, NOW)
      assert.deepEqual([guard.release(released), guard.confirm(released, NOW)], [true, false])
      assert.equal(guard.confirm(again, NOW), true)
      const lost = claimOf(guard, third, NOW)
      claimOf(guard, third, NOW + 30_000)
      assert.deepEqual([guard.release(lost), guard.release(lost), guard.confirm(lost, NOW)], [false, false, false])
    })

    test('a claim of another guard is refused, and what is no claim is an error', () => {
      const [guard, other] = [new ReplayGuard({ capacity: 9 }), new ReplayGuard({ capacity: 9 })]
      const key = newKey()
      // They have the same place and the same number.
      const [claim, theirs] = [claimOf(guard, key), claimOf(other, key)]
      assert.deepEqual([guard.confirm(theirs), guard.release(theirs)], [false, false])
      assert.deepEqual([guard.confirm(claim), other.release(theirs)], [true, true])
      for (const bad of [undefined, null, {}, 'claim', key, { ...claim }, Object.create(claim), structuredClone(claim), guard.claim(newKey())]) {
        for (const method of ['confirm', 'release']) assert.throws(() => guard[method](bad), { name: 'TypeError', message: /^this is no claim/ })
      }
      assert.throws(() => new Claim(), { name: 'TypeError', message: 'a Claim comes out of a guard' })
      assert.throws(() => Object.create(guard).claim(key), TypeError)
      assert.throws(() => guard.claim.call({}, key), TypeError)
    })

    test('a full guard says so, and forgets no key before its time', () => {
      const guard = new ReplayGuard({ capacity: 100 })
      const keys = Array.from({ length: 100 }, () => newKey())
      for (const key of keys) guard.confirm(claimOf(guard, key, NOW), NOW)
      assert.deepEqual([guard.held, guard.capacity], [100, 100])
      const more = newKey()
      assert.deepEqual(guard.claim(more, NOW + RETENTION - 1), { outcome: 'full' })
      for (const key of keys) assert.deepEqual(guard.claim(key, NOW + RETENTION - 1), { outcome: 'duplicate' })
      claimOf(guard, more, NOW + RETENTION)
      assert.equal(guard.held, 100)
    })

    test('keys of events and of recorded deliveries are taken as those of deliveries are', () => {
      const guard = new ReplayGuard({ capacity: 9 })
      const delivery = benji().receive(benjiRequest())
      guard.confirm(claimOf(guard, fromTrustedRecord(delivery.toRecord()).replayKey()))
      assert.deepEqual(guard.claim(delivery.replayKey()), { outcome: 'duplicate' })
      const [event] = delivery
      claimOf(guard, event.replayKey())
      assert.equal(guard.claim([...fromTrustedRecord(delivery.toRecord())][0].replayKey()).outcome, 'in_progress')
    })

    test('a key without an end is kept for ever', () => {
      const guard = new ReplayGuard({ capacity: 1 })
      const headers = sign.benjiBodyOnly(SALT, BODY, { time: NOW })
      const key = Receiver.benji(SALT, { replayPolicy: 'strict' }).receive({ method: 'POST', headers, body: BODY }, NOW).replayKey()
      assert.equal(key.retentionSeconds, undefined)
      guard.confirm(claimOf(guard, key, NOW), NOW)
      assert.deepEqual(guard.claim(key, new Date('9999-12-31T23:59:59.999Z')), { outcome: 'duplicate' })
    })

    test('the earliest and the latest time are times', () => {
      const times = [new Date('0001-01-01T00:00:00Z'), new Date(0), NOW, new Date('9999-12-31T23:59:59.999Z')]
      const longest = Receiver.bento({ bearer: 'token', replayRetentionSeconds: 2 ** 32 - 1 })
      for (const claimedAt of times) {
        for (const confirmedAt of times) {
          const guard = new ReplayGuard({ capacity: 1, leaseSeconds: 2 ** 32 - 1 })
          const key = newKey(longest)
          const claim = claimOf(guard, key, claimedAt)
          assert.deepEqual(guard.claim(key, claimedAt), { outcome: 'in_progress', secondsLeft: 2 ** 32 - 1 })
          assert.equal(guard.confirm(claim, confirmedAt), true)
          assert.deepEqual(guard.claim(key, confirmedAt), { outcome: 'duplicate' })
          assert.equal(guard.held, 1)
        }
      }
    })

    test('without a time the clock counts, also one that a test put in its place', (t) => {
      const guard = new ReplayGuard({ capacity: 2 })
      const [first, key] = [newKey(), newKey()]
      claimOf(guard, first)
      assert.equal(guard.claim(first, Date.now()).outcome, 'in_progress')
      claimOf(guard, first, Date.now() + 30 * SECOND)
      const { now } = Date
      t.after(() => (Date.now = now))
      Date.now = () => NOW + 10 * RETENTION
      guard.confirm(claimOf(guard, key))
      Date.now = () => NOW + 11 * RETENTION - 1
      assert.equal(guard.claim(key).outcome, 'duplicate')
      Date.now = () => NOW + 11 * RETENTION
      claimOf(guard, key)
    })

    test('a clock that runs back loses no key', () => {
      const guard = new ReplayGuard({ capacity: 100 })
      const keys = Array.from({ length: 100 }, () => newKey())
      keys.forEach((key, at) => guard.confirm(claimOf(guard, key, NOW - at * SECOND), NOW - at * SECOND))
      for (const key of keys) assert.deepEqual(guard.claim(key, NOW - 99 * SECOND), { outcome: 'duplicate' })
    })

    test('a million forged requests leave it as it is', () => {
      const guard = new ReplayGuard({ capacity: 100 })
      const receiver = benji()
      claimOf(guard, receiver.receive(benjiRequest()).replayKey())
      const forged = { ...benjiRequest(), body: Buffer.from('{"event":"e","entity_id":0000000}') }
      let refused = 0
      for (let at = 0; at < 1_000_000; at++) {
        forged.body.writeUInt32LE(at, 25)
        const received = receiver.tryReceive(forged)
        if (received.outcome === 'delivery') guard.claim(received.replayKey())
        else refused += 1
      }
      assert.deepEqual([refused, guard.held], [1_000_000, 1])
    })

    test('the guard of a thread knows nothing of that of another', async () => {
      const told = await Promise.all(Array.from({ length: 4 }, () => new Promise((resolve, reject) => {
        new Worker(new URL(import.meta.url)).on('message', resolve).on('error', reject)
      })))
      assert.deepEqual(told, Array(4).fill([['claimed', 'in_progress'], 1]))
    })

    test('it shows how many keys it holds, and none of them', () => {
      const guard = new ReplayGuard({ capacity: 10 })
      claimOf(guard, newKey())
      assert.equal(inspect(guard), 'ReplayGuard(1 of 10 keys)')
      assert.equal(JSON.stringify(guard), '{}')
      assert.ok(Object.isFrozen(guard))
    })
  })

  describe('bad arguments', () => {
    test('a key must be a replay key', () => {
      const guard = new ReplayGuard({ capacity: 1 })
      const key = newKey()
      const none = Receiver.bento({ bearer: 'token', replayPolicy: 'none' }).receive(bentoRequest('{"event":"e"}')).replayKey()
      for (const absent of [none, undefined, null]) {
        assert.throws(() => guard.claim(absent), { name: 'TypeError', message: /^there is no replay key, because the receiver's replayPolicy is 'none': handle/ })
      }
      assert.throws(() => guard.claim(key.value), { name: 'TypeError', message: /not its text, which has no retention$/ })
      for (const bad of [7, {}, [], { ...key }, Object.create(key), structuredClone(key), new Proxy(key, {}), benji()]) {
        assert.throws(() => guard.claim(bad), { name: 'TypeError', message: /^the key must be the object that replayKey\(\)/ })
      }
      assert.equal(guard.held, 0)
    })

    test('a time is one as in receive', () => {
      const guard = new ReplayGuard({ capacity: 1 })
      const claim = claimOf(guard, newKey())
      for (const use of [(now) => guard.claim(newKey(), now), (now) => guard.confirm(claim, now)]) {
        for (const bad of [NaN, -1, NOW / 1000, Infinity, new Date(NaN), new Date(8.64e15)]) assert.throws(() => use(bad), RangeError)
        for (const bad of [null, '2026', 7n, {}]) assert.throws(() => use(bad), TypeError)
      }
      assert.equal(guard.held, 1)
      assert.equal(guard.confirm(claim), true)
    })

    test('options are checked as elsewhere', () => {
      const refused = (options, name, message) => assert.throws(() => new ReplayGuard(options), { name, message })
      for (const options of [undefined, null, 7, '10', []]) refused(options, 'TypeError', /the options of ReplayGuard must be an object: it has capacity, leaseSeconds, seed/)
      refused({}, 'TypeError', 'capacity must be a number')
      refused({ capacity: 1, lease: 7 }, 'TypeError', /^lease is not an option of ReplayGuard/)
      refused(Object.create({ capacity: 1 }), 'TypeError', /^capacity is inherited/)
      refused({ capacity: 1, __proto__: { seed: Buffer.alloc(16) } }, 'TypeError', /^seed is inherited/)
      for (const capacity of ['1', null, 1n]) refused({ capacity }, 'TypeError', 'capacity must be a number')
      for (const capacity of [NaN, 0.5, -1, 0, 2 ** 24, 2 ** 53, Infinity]) refused({ capacity }, 'RangeError', /capacity/)
      for (const leaseSeconds of ['30', null]) refused({ capacity: 1, leaseSeconds }, 'TypeError', 'leaseSeconds must be a number')
      for (const leaseSeconds of [NaN, 0.5, -1, 0, 2 ** 32]) refused({ capacity: 1, leaseSeconds }, 'RangeError', /leaseSeconds/)
      const shared = new Uint8Array(new SharedArrayBuffer(16))
      for (const seed of [null, 'a seed of 16 byte', [], Buffer.alloc(15), Buffer.alloc(17), new Uint16Array(16), new ArrayBuffer(16), shared]) {
        refused({ capacity: 1, seed }, 'TypeError', 'seed must be a Uint8Array of 16 random bytes')
      }
      const seed = Buffer.alloc(16, 7)
      assert.equal(new ReplayGuard({ capacity: 1, leaseSeconds: undefined, seed }).capacity, 1)
      assert.deepEqual(seed, Buffer.alloc(16, 7))
    })
  })
}
