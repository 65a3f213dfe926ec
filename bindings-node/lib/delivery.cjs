'use strict'

// An accepted request and the events in it.

const { inspect } = require('node:util')

const { ADVICE_OF_DELIVERY, tagOf } = require('./comparison.cjs')
const { Event, MAKE } = require('./event.cjs')
const { native } = require('./native.cjs')
const { refusePolicy, replayKeyOf } = require('./replay_key.cjs')
const { dateOf } = require('./time.cjs')

class Assurance {
  body
  time
  name
  #text

  constructor(body, time, name, text) {
    this.body = body
    this.time = time
    this.name = name
    this.#text = text
    Object.freeze(this)
  }

  toString() {
    return this.#text
  }
}

/** Every possible assurance. A delivery holds the position of one in this list. */
const ASSURANCES = native.assurances.map((texts) => new Assurance(...texts))

/** The record of a Delivery, with its body or without; undefined for anything else. */
let recordOf

/** The events of an authenticated request. Only a receiver makes one. */
class Delivery {
  notCopied = ADVICE_OF_DELIVERY
  #store

  constructor(make, store) {
    if (make !== MAKE) throw new TypeError('only receive makes a Delivery')
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
    return ASSURANCES[this.#store.assurance]
  }

  get time() {
    return dateOf(this.#store.time)
  }

  get receivedAt() {
    return dateOf(this.#store.receivedAt)
  }

  get isRecorded() {
    return false
  }

  get body() {
    return this.#store.body
  }

  /** The number of events that could be read. */
  get length() {
    return this.#store.length
  }

  [Symbol.iterator]() {
    return new Events(this.#store)
  }

  get malformed() {
    return this.#store.malformed
  }

  /** A key for a store of handled deliveries. `undefined` if the receiver's policy is 'none'. */
  replayKey() {
    refusePolicy(arguments)
    return replayKeyOf(this.#store.replayKey())
  }

  /** One line of JSON, which `fromTrustedRecord` opens. */
  toRecord() {
    return recordOf(this, true)
  }

  /** The events as a batch of CloudEvents, in JSON text. */
  toCloudevents() {
    return cloudeventsOf(this)
  }

  toJSON() {
    return [...this].map((event) => event.toJSON())
  }

  get [Symbol.toStringTag]() {
    return #store in this ? tagOf('Delivery', this.toRecord()) : 'Delivery'
  }

  [inspect.custom]() {
    return `Delivery(${this.vendor}, ${this.length} events, ${this.malformed.length} malformed)`
  }

  static {
    recordOf = (delivery, withBody) => {
      if (typeof delivery !== 'object' || delivery === null || !(#store in delivery)) return undefined
      // A time that the request has is that of its events.
      const { done, value: event } = new Events(delivery.#store).next()
      return delivery.#store.toRecord(done ? false : event.timeZoneAssumed, withBody)
    }
  }
}

/** The events of a delivery, in order. */
class Events {
  #store
  #next = 0

  constructor(store) {
    this.#store = store
  }

  next() {
    const store = this.#store
    if (this.#next >= store.length) return { done: true, value: undefined }
    const event = new Event(MAKE, store, store.startOf(this.#next))
    this.#next += 1
    return { done: false, value: event }
  }

  [Symbol.iterator]() {
    return this
  }
}

const cloudeventsOf = (events) => `[${[...events].map((event) => event.toCloudevent()).join(',')}]`

module.exports = { ASSURANCES, Delivery, Events, cloudeventsOf, recordOf }
