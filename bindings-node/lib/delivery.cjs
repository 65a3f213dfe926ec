'use strict'

const { inspect } = require('node:util')

const { Event, MAKE } = require('./event.cjs')
const { RETENTION_SECONDS, ReplayKey } = require('./replay_key.cjs')
const { dateOf } = require('./time.cjs')

class Assurance {
  constructor(body, time) {
    this.body = body
    this.time = time
    Object.freeze(this)
  }

  toString() {
    return `body ${this.body}, time ${this.time}`
  }
}

const ASSURANCES = ['signed', 'unsigned'].map((body) => ({
  unsigned: new Assurance(body, 'unsigned'),
  absent: new Assurance(body, 'absent'),
}))

/** What an authenticated request holds: iterate it for its events. Only `receive` makes one. */
class Delivery {
  #store

  constructor(make, store) {
    if (make !== MAKE) throw new TypeError('a Delivery comes out of receive')
    this.#store = store
  }

  get outcome() {
    return 'delivery'
  }

  get vendor() {
    return this.#store.endpoint.vendor
  }

  get keyId() {
    return this.#store.keyId
  }

  get assurance() {
    const { isBodySigned, time } = this.#store
    return ASSURANCES[isBodySigned ? 0 : 1][Number.isNaN(time) ? 'absent' : 'unsigned']
  }

  get time() {
    return dateOf(this.#store.time)
  }

  /** How many events could be read. */
  get length() {
    return this.#store.length
  }

  [Symbol.iterator]() {
    return new Events(this.#store)
  }

  get malformed() {
    return this.#store.malformed
  }

  replayKey(policy = 'signatureAndDate') {
    const store = this.#store
    if (policy !== 'signatureAndDate' && policy !== 'strict') {
      throw new TypeError("the policy of a replay key must be 'signatureAndDate' or 'strict'")
    }
    if (!store.isBodySigned) return new ReplayKey(store.digest(0, store.bodyLength), RETENTION_SECONDS)
    const withDate = policy === 'signatureAndDate'
    const isLimited = withDate && !Number.isNaN(store.time)
    const retention = isLimited ? store.endpoint.retentionSeconds : RETENTION_SECONDS
    return new ReplayKey(store.digestOfSignature(withDate), retention)
  }

  /** The events as a batch of CloudEvents. */
  toJSON() {
    return [...this].map((event) => event.toJSON())
  }

  [inspect.custom]() {
    return `Delivery(${this.vendor}, ${this.length} events, ${this.malformed.length} malformed)`
  }
}

/** The events of a delivery, in their order. */
class Events {
  #store
  #next = 0

  constructor(store) {
    this.#store = store
  }

  next() {
    const store = this.#store
    if (this.#next >= store.length) return { done: true, value: undefined }
    const event = new Event(MAKE, store, store.record(this.#next))
    this.#next += 1
    return { done: false, value: event }
  }

  [Symbol.iterator]() {
    return this
  }
}

module.exports = { Delivery }
