'use strict'

// What a delivery and its events are views of: private memory, and the numbers that say where things are.

const { namesAsHere } = require('./options.cjs')
const { apart } = require('./own.cjs')
const { BODY_AT } = require('./slab.cjs')

// Words of a region, as src/slab.rs has them.
const FLAGS = 0
const BODY_LENGTH = 1
const TIME = 2
const RECORD = 4
const RECORD_WORDS = 16
const RECEIVED_AT = RECORD + RECORD_WORDS
// Bits of the flags.
const KEY_MASK = 0xff
const ASSURANCE_AT = 8
const ASSURANCE_MASK = 0x3f
const TIME_AS_ARRIVED = 0x8000
const QUOTE = 0x22

/** Its fields are written once; no object of it leaves the package. */
class Store {
  /** Of no or one event all is in the region; of any other number there is an index. */
  constructor(endpoint, slab, own, length, index) {
    this.endpoint = endpoint
    this.slab = slab
    this.region = slab.next
    this.own = own
    this.length = length
    this.index = index
    this.signedTime = undefined
  }

  /** Keeps the text of the signed time where ids are made of it, as they are under a key of the receiver's own. */
  keepSignedTime(text) {
    if ((this.#flags & TIME_AS_ARRIVED) !== 0) this.signedTime = text
  }

  /** The memory that the body is in. */
  get bytes() {
    return this.own ?? this.slab.bytes
  }

  /** Where the body starts there. */
  get bodyAt() {
    return this.own === undefined ? this.region + BODY_AT : 0
  }

  /** The words that records are in, and the same memory as numbers. */
  get words() {
    return this.index === undefined ? this.slab.words : this.index.words
  }

  get doubles() {
    return this.index === undefined ? this.slab.doubles : this.index.doubles
  }

  get malformed() {
    return this.index === undefined ? NONE : this.index.malformed
  }

  record(at) {
    return this.index === undefined ? (this.region >> 2) + RECORD + at * RECORD_WORDS : this.index.record(at)
  }

  get keyId() {
    return this.endpoint.keyIds[this.#flags & KEY_MASK]
  }

  /** What the signature covers: the place in the native module's `assurances`. */
  get assurance() {
    return (this.#flags >>> ASSURANCE_AT) & ASSURANCE_MASK
  }

  /** The delivery's time in milliseconds, or NaN. */
  get time() {
    return this.slab.doubles[((this.region >> 2) + TIME) >> 1]
  }

  /** When it was received, in milliseconds. */
  get receivedAt() {
    return this.slab.doubles[((this.region >> 2) + RECEIVED_AT) >> 1]
  }

  /** A copy: what was authenticated stays as it is. */
  get body() {
    const { bytes, bodyAt } = this
    return copyOf(bytes, bodyAt, bodyAt + this.slab.words[(this.region >> 2) + BODY_LENGTH])
  }

  text(start, end) {
    const { bytes, bodyAt } = this
    return textIn(bytes, bodyAt + start, bodyAt + end)
  }

  /** The delivery's key, as the native module tells it. */
  replayKey() {
    return this.endpoint.replayKey(this.slab.bytes, this.slab.macs, this.region, this.own, this.signedTime)
  }

  /** What one of the endpoint's native functions makes of the event whose record starts there. */
  ofEvent(make, at) {
    return make(this.slab.bytes, this.slab.macs, this.region, this.own, this.signedTime, this.words, at)
  }

  /** The delivery as a record; `zoneAssumed` tells whether its time came without a zone. */
  toRecord(zoneAssumed) {
    return this.endpoint.toRecord(this.slab.bytes, this.slab.macs, this.region, this.own, this.signedTime, this.keyId, this.receivedAt, zoneAssumed)
  }

  get #flags() {
    return this.slab.words[(this.region >> 2) + FLAGS]
  }
}

apart(Store)

/** The text of a value in a body: a string without its quotes, escapes resolved. */
function textIn(bytes, start, end) {
  if (bytes[start] !== QUOTE) return bytes.latin1Slice(start, end)
  const text = bytes.utf8Slice(start + 1, end - 1)
  // The core has checked the string, so that no half of a surrogate pair is in it.
  return text.includes('\\') ? JSON.parse(`"${text}"`) : text
}

/** A part of private memory, in memory that nothing else is in. */
function copyOf(bytes, start, end) {
  const copy = Buffer.allocUnsafeSlow(end - start)
  bytes.copy(copy, 0, start, end)
  return copy
}

/** The records of a delivery that has not one event, and its malformed elements. */
class Index {
  constructor(words) {
    const textAt = (2 + words[0] * RECORD_WORDS) * 4
    this.words = words
    this.doubles = new Float64Array(words.buffer, words.byteOffset, words.length >> 1)
    this.malformed = words[1] === 0 ? NONE : malformedOf(Buffer.from(words.buffer, words.byteOffset + textAt, words[1]))
  }

  record(at) {
    return 2 + at * RECORD_WORDS
  }

  /** The place of the event whose record starts there. */
  placeOf(record) {
    return (record - 2) / RECORD_WORDS
  }
}

apart(Index)

const NONE = Object.freeze([])

/** An element has three parts: index, path, message. */
function malformedOf(bytes) {
  const parts = bytes.latin1Slice().split('\0')
  const elements = []
  for (let at = 0; at < parts.length; at += 3) {
    elements.push(Object.freeze({ index: Number(parts[at]), path: parts[at + 1], message: namesAsHere(parts[at + 2]) }))
  }
  return Object.freeze(elements)
}

module.exports = { Index, Store, copyOf, textIn }
