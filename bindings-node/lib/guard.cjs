'use strict'

// A guard in memory, for one process.

const { randomFillSync } = require('node:crypto')
const { inspect, types } = require('node:util')

const { bufferOf, lengthOf } = require('./body.cjs')
const { DUPLICATE, FULL, claimed, inProgress, partsFor } = require('./claim.cjs')
const { native } = require('./native.cjs')
const { whole, withNamesAsHere } = require('./options.cjs')
const { ownOptions, refuseMore } = require('./own.cjs')
const { checkedKey } = require('./replay_key.cjs')
const { millisecondsNow } = require('./time.cjs')

const OPTIONS = ['capacity', 'leaseSeconds', 'seed']
const SEED_BYTES = 16
const LEASE_SECONDS = 30

// What the native module answers in place of a claim, as src/guard.rs has it; else the seconds of another one's lease.
const IS_DUPLICATE = 0
const IS_FULL = -1

/** Remembers which deliveries are being handled, and which have been handled. */
class ReplayGuard {
  #guard

  constructor(options) {
    refuseMore(arguments, 'ReplayGuard', ['options'])
    const { capacity, leaseSeconds = LEASE_SECONDS, seed } = ownOptions(options, OPTIONS, 'ReplayGuard')
    this.#guard = create(whole(capacity, 'capacity'), leaseSeconds, seed)
    Object.freeze(this)
  }

  claim(key, now) {
    const { value, retentionSeconds = NaN } = checkedKey(key)
    const answer = native.claim(this.#guard, value, retentionSeconds, millisecondsNow(now))
    if (typeof answer !== 'number') return claimed(this, key, answer)
    return answer === IS_DUPLICATE ? DUPLICATE : answer === IS_FULL ? FULL : inProgress(answer)
  }

  confirm(claim, now) {
    const milliseconds = millisecondsNow(now)
    return this.#settle(claim, 'confirm', (kept) => native.confirm(this.#guard, kept, milliseconds))
  }

  release(claim) {
    return this.#settle(claim, 'release', (kept) => native.release(this.#guard, kept))
  }

  get held() {
    return native.held(this.#guard)
  }

  get capacity() {
    return native.capacity(this.#guard)
  }

  [inspect.custom]() {
    return `ReplayGuard(${this.held} of ${this.capacity} keys)`
  }

  #settle(claim, how, ask) {
    const parts = partsFor(this, claim)
    if (parts === undefined) return false
    if (parts.settled === undefined) parts.settled = { how, answer: ask(parts.kept) }
    return parts.settled.how === how && parts.settled.answer
  }
}

function create(capacity, leaseSeconds, seed) {
  const bytes = seed === undefined ? randomFillSync(Buffer.allocUnsafeSlow(SEED_BYTES)) : checkedSeed(seed)
  const made = withNamesAsHere(() => native.createGuard(capacity, whole(leaseSeconds, 'leaseSeconds'), bytes))
  if (seed === undefined) bytes.fill(0)
  return made
}

function checkedSeed(seed) {
  if (!types.isUint8Array(seed) || types.isSharedArrayBuffer(bufferOf(seed)) || lengthOf(seed) !== SEED_BYTES) {
    throw new TypeError(`seed must be a Uint8Array of ${SEED_BYTES} random bytes`)
  }
  return seed
}

/** A lease that a guard can have. The core knows which, so a small guard is asked. */
function checkedLease(leaseSeconds = LEASE_SECONDS) {
  create(1, leaseSeconds)
  return leaseSeconds
}

module.exports = { ReplayGuard, checkedLease }
