'use strict'

// Writes requests to the private memory that the native module reads. src/slab.rs has the table of its layout.

const { lengthOf, set } = require('./body.cjs')
const { native } = require('./native.cjs')
const { apart } = require('./own.cjs')

/** A slab stays alive as long as a delivery in it, so it is small. It serves about a hundred requests. */
const SLAB_BYTES = 32 * 1024
/** A larger body gets its own memory. */
const LARGEST_BODY_IN_SLAB = 4 * 1024

/** The start of the first region. */
const FRONT_BYTES = 24
/** The word of the front that says which headers a call passes: one bit for each position in the receiver's names. */
const HEADERS = 3
/** The start of the body in its region. */
const BODY_AT = 88

/** Memory that requests are written to. Nothing outside of hookseal gets a view of it. */
class Slab {
  constructor() {
    this.bytes = Buffer.allocUnsafeSlow(SLAB_BYTES)
    this.words = new Uint32Array(this.bytes.buffer)
    this.doubles = new Float64Array(this.bytes.buffer)
    /** The start of the next region. */
    this.next = FRONT_BYTES
    /** The signatures of the slab's deliveries, in the native module's own memory. */
    this.macs = native.useSlab(this.bytes)
  }
}

apart(Slab)

/** The slab that the native module uses. */
let current = new Slab()

/**
 * Writes a request without its headers to the current slab, and returns the slab. The region starts at `slab.next`. The
 * next request overwrites it unless `keep` is called. A large body, or one over the limit, is left out: `bodyBeside`
 * returns it.
 */
function write(method, body, now, limit) {
  const bodyLength = lengthOf(body)
  const lengthInSlab = bodyLength <= LARGEST_BODY_IN_SLAB && bodyLength <= limit ? bodyLength : 0
  if (current.next + BODY_AT + lengthInSlab > SLAB_BYTES) current = new Slab()
  const { words, next } = current
  words[0] = next
  words[1] = method === 'POST' ? 0 : method === 'GET' ? 1 : otherMethod(method)
  words[2] = lengthInSlab
  current.doubles[2] = now
  if (lengthInSlab !== 0) set(current.bytes, body, next + BODY_AT)
  return current
}

/** The number for any other method. The core tells a method in lower case from one that no vendor sends. */
function otherMethod(method) {
  return /^post$/i.test(method) ? 2 : /^get$/i.test(method) ? 3 : 4
}

/** Ends the region at `slab.next`, so that it is never overwritten. */
function keep(slab) {
  slab.next = (slab.next + BODY_AT + slab.words[2] + 7) & ~7
}

/** A body that `write` left out, in its own memory. Otherwise undefined. */
function bodyBeside(slab, body, limit) {
  if (slab.words[2] !== 0) return undefined
  const length = lengthOf(body)
  if (length === 0) return undefined
  // The core refuses it for its length and does not read it, so it needs no copy.
  if (length > limit) return body
  const own = Buffer.allocUnsafeSlow(length)
  set(own, body, 0)
  return own
}

module.exports = { BODY_AT, HEADERS, bodyBeside, keep, write }
