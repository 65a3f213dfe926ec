'use strict'

// The private memory through which requests cross to the native module. Its table is in src/slab.rs.

const { lengthOf, set } = require('./body.cjs')
const { native } = require('./native.cjs')
const { apart } = require('./own.cjs')

/** Deliveries keep the slab that they lie in, so it is not large; making one is shared by a hundred requests. */
const SLAB_BYTES = 32 * 1024
/** A larger body gets memory of its own. */
const LARGEST_BODY_IN_SLAB = 4 * 1024

/** Where the first region starts. */
const FRONT_BYTES = 24
/** The word of the front that tells which headers a call hands over: one bit for each place in the receiver's names. */
const HEADERS = 3
/** Where the body starts in its region. */
const BODY_AT = 88

/** Memory that requests are written to. Nothing outside of hookseal ever gets a view of it. */
class Slab {
  constructor() {
    this.bytes = Buffer.allocUnsafeSlow(SLAB_BYTES)
    this.words = new Uint32Array(this.bytes.buffer)
    this.doubles = new Float64Array(this.bytes.buffer)
    /** Where the next region starts. */
    this.next = FRONT_BYTES
    /** The signatures of its deliveries, in the native module's own memory. */
    this.macs = native.useSlab(this.bytes)
  }
}

apart(Slab)

/** The slab that the native module uses. */
let current = new Slab()

/**
 * Writes a request, apart from its headers, to the current slab and returns that. Its region starts at `slab.next` and
 * is overwritten by the next request, unless `keep` is called. A body that is large or over the limit is left out:
 * `bodyBeside` tells of it.
 */
function write(method, body, now, limit) {
  const bodyLength = lengthOf(body)
  const lengthInSlab = bodyLength <= LARGEST_BODY_IN_SLAB && bodyLength <= limit ? bodyLength : 0
  if (current.next + BODY_AT + lengthInSlab > SLAB_BYTES) current = new Slab()
  const { words, next } = current
  words[0] = next
  words[1] = method === 'POST' ? 0 : method === 'GET' ? 1 : 2
  words[2] = lengthInSlab
  current.doubles[2] = now
  if (lengthInSlab !== 0) set(current.bytes, body, next + BODY_AT)
  return current
}

/** Ends the region at `slab.next`: it is never written to again. */
function keep(slab) {
  slab.next = (slab.next + BODY_AT + slab.words[2] + 7) & ~7
}

/** A body that `write` left out, in memory of its own; else undefined. */
function bodyBeside(slab, body, limit) {
  if (slab.words[2] !== 0) return undefined
  const length = lengthOf(body)
  if (length === 0) return undefined
  // It is refused for its length and is not read, so a copy would be for nothing.
  if (length > limit) return body
  const own = Buffer.allocUnsafeSlow(length)
  set(own, body, 0)
  return own
}

module.exports = { BODY_AT, HEADERS, bodyBeside, keep, write }
