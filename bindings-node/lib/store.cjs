'use strict'

// The private memory behind a delivery and its events, and the positions of their parts in it.

const { namesAsHere } = require('./options.cjs')
const { apart } = require('./own.cjs')
const { BODY_AT } = require('./slab.cjs')

// Word positions in a region, as in src/slab.rs.
const FLAGS = 0
const BODY_LENGTH = 1
const TIME = 2
const EVENT = 4
const EVENT_WORDS = 16
const RECEIVED_AT = EVENT + EVENT_WORDS
// Bits of the flags.
const KEY_MASK = 0xff
const ASSURANCE_AT = 8
const ASSURANCE_MASK = 0x3f
const TIME_AS_ARRIVED = 0x8000
const QUOTE = 0x22

/** The memory behind one delivery. Its fields are set once, and no Store leaves the package. */
class Store {
  /** With no event or one event everything is in the region. Otherwise there is an index. */
  constructor(endpoint, slab, own, length, index) {
    this.endpoint = endpoint
    this.slab = slab
    this.region = slab.next
    this.own = own
    this.length = length
    this.index = index
    this.signedTime = undefined
  }

  /** Keeps the text of the signed time if ids are made from it, which they are if the receiver has an id key. */
  keepSignedTime(text) {
    if ((this.#flags & TIME_AS_ARRIVED) !== 0) this.signedTime = text
  }

  /** The memory that holds the body. */
  get bytes() {
    return this.own ?? this.slab.bytes
  }

  /** The start of the body in that memory. */
  get bodyAt() {
    return this.own === undefined ? this.region + BODY_AT : 0
  }

  /** The words that hold the events. `doubles` is the same memory as numbers. */
  get words() {
    return this.index === undefined ? this.slab.words : this.index.words
  }

  get doubles() {
    return this.index === undefined ? this.slab.doubles : this.index.doubles
  }

  get malformed() {
    return this.index === undefined ? NONE : this.index.malformed
  }

  startOf(at) {
    return this.index === undefined ? (this.region >> 2) + EVENT + at * EVENT_WORDS : this.index.startOf(at)
  }

  get keyId() {
    return this.endpoint.keyIds[this.#flags & KEY_MASK]
  }

  /** What the signature covers: a position in the native module's `assurances`. */
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

  /** The delivery's replay key as the native module's text. */
  replayKey() {
    return this.endpoint.replayKey(this.slab.bytes, this.slab.macs, this.region, this.own, this.signedTime)
  }

  /** The result of one of the endpoint's native functions for the event that starts at word `at`. */
  ofEvent(make, at, ...more) {
    return make(this.slab.bytes, this.slab.macs, this.region, this.own, this.signedTime, this.words, at, ...more)
  }

  /** The delivery as a record; `zoneAssumed` tells whether its time came without a zone. */
  toRecord(zoneAssumed, withBody) {
    return this.endpoint.toRecord(this.slab.bytes, this.slab.macs, this.region, this.own, this.signedTime, this.keyId, this.receivedAt, zoneAssumed, withBody)
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

/** The events and the malformed elements of a delivery that does not have exactly one event. */
class Index {
  constructor(words) {
    const textAt = (2 + words[0] * EVENT_WORDS) * 4
    this.words = words
    this.doubles = new Float64Array(words.buffer, words.byteOffset, words.length >> 1)
    this.malformed = words[1] === 0 ? NONE : malformedOf(Buffer.from(words.buffer, words.byteOffset + textAt, words[1]))
  }

  startOf(at) {
    return 2 + at * EVENT_WORDS
  }

  /** The place of the event that starts there. */
  placeOf(start) {
    return (start - 2) / EVENT_WORDS
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
