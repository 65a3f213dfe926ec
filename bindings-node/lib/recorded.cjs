'use strict'

// A delivery that was read from a record.

const { inspect } = require('node:util')
const { isSharedArrayBuffer, isUint8Array } = require('node:util').types

const { bufferOf } = require('./body.cjs')
const { ADVICE_OF_DELIVERY, tagOf } = require('./comparison.cjs')
const { ASSURANCES, Events, cloudeventsOf, recordOf } = require('./delivery.cjs')
const { MAKE } = require('./event.cjs')
const { native } = require('./native.cjs')
const { namesAsHere } = require('./options.cjs')
const { apart } = require('./own.cjs')
const { refusePolicy, replayKeyOf } = require('./replay_key.cjs')
const { Index, copyOf, textIn } = require('./store.cjs')
const { dateOf } = require('./time.cjs')

/** The record of a Recorded without its body; undefined for anything else. */
let recordedWithoutBody

/** What a delivery was when it was recorded. It is no Delivery: it is as trustworthy as the place of its record. */
class Recorded {
  notCopied = ADVICE_OF_DELIVERY
  #store

  constructor(make, store) {
    if (make !== MAKE) throw new TypeError('a Recorded comes out of fromTrustedRecord')
    this.#store = store
  }

  get vendor() {
    return this.#store.endpoint.vendor
  }

  get source() {
    return this.#store.endpoint.source
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
    return true
  }

  get body() {
    return this.#store.body
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

  replayKey() {
    refusePolicy(arguments)
    return replayKeyOf(native.recordedKey(this.#store.kept))
  }

  toRecord() {
    return native.recordedRecord(this.#store.kept)
  }

  /** The events as a batch of CloudEvents, in JSON text. */
  toCloudevents() {
    return cloudeventsOf(this)
  }

  toJSON() {
    return [...this].map((event) => event.toJSON())
  }

  get [Symbol.toStringTag]() {
    return #store in this ? tagOf('Recorded', this.toRecord()) : 'Recorded'
  }

  [inspect.custom]() {
    return `Recorded(${this.vendor}, ${this.length} events, ${this.malformed.length} malformed)`
  }

  static {
    recordedWithoutBody = (recorded) =>
      typeof recorded === 'object' && recorded !== null && #store in recorded ? native.recordedRecordWithoutBody(recorded.#store.kept) : undefined
  }
}

/** The record of a delivery whose body is kept beside it; undefined for what is no delivery. */
function withoutBody(delivery) {
  return recordOf(delivery, false) ?? recordedWithoutBody(delivery)
}

/** Opens what `toRecord` made, in any language; throws a RecordError. */
function fromTrustedRecord(record) {
  return openRecord(typeof record === 'string' ? record : bytesOfRecord(record), null)
}

function bytesOfRecord(record) {
  if (isUint8Array(record) && !isSharedArrayBuffer(bufferOf(record))) return record
  throw new TypeError('a record must be a string or a Uint8Array of UTF-8, and not in a SharedArrayBuffer')
}

/**
 * Opens a record, a string or a Uint8Array. Its body is a Uint8Array that was kept beside it, or null if the record
 * holds it.
 */
function openRecord(record, body) {
  const opened = { __proto__: null }
  const refusal = native.openRecord(record, body, opened)
  if (refusal !== null) throw new RecordError(MAKE, ...refusal.split('\0'))
  return new Recorded(MAKE, new RecordedStore(opened))
}

/** Why a record was not opened: `code` and `message`, and `version` of a record that is newer. */
class RecordError extends Error {
  code
  version

  constructor(make, code, message, version) {
    if (make !== MAKE) throw new TypeError('a RecordError comes out of fromTrustedRecord')
    super(namesAsHere(message))
    this.code = code
    this.version = version === '' ? undefined : Number(version)
  }
}

Object.defineProperty(RecordError.prototype, 'name', { __proto__: null, value: 'RecordError', configurable: true, writable: true })

/** As a Store: what an event is a view of. The native module keeps the delivery, and tells what is made of the body. */
class RecordedStore {
  constructor(opened) {
    const index = new Index(opened.index)
    this.endpoint = {
      __proto__: null,
      vendor: opened.vendor,
      source: opened.source,
      eventId: native.recordedEventId,
      eventReplayKey: native.recordedEventKey,
      cloudevent: native.recordedCloudevent,
      json: native.recordedJson,
      jsonWithoutData: native.recordedJsonWithoutData,
      keyFor: native.recordedKeyFor,
      followUp: native.recordedFollowUp,
    }
    this.kept = opened.kept
    this.keyId = opened.keyId
    this.assurance = opened.assurance
    this.time = opened.time
    this.receivedAt = opened.receivedAt
    this.bytes = opened.body
    this.bodyAt = 0
    this.length = index.words[0]
    this.index = index
    this.words = index.words
    this.doubles = index.doubles
    this.malformed = index.malformed
  }

  get body() {
    return copyOf(this.bytes, 0, this.bytes.length)
  }

  startOf(at) {
    return this.index.startOf(at)
  }

  text(start, end) {
    return textIn(this.bytes, start, end)
  }

  ofEvent(make, at, ...more) {
    return make(this.kept, this.index.placeOf(at), ...more)
  }
}

apart(RecordedStore)

module.exports = { RecordError, Recorded, fromTrustedRecord, openRecord, withoutBody }
