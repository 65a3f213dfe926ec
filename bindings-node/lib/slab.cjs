'use strict'

// The private memory through which requests cross to the native module. Its table is in src/slab.rs.

const { REPEATED, UNREADABLE, findHeaders } = require('./headers.cjs')
const { lengthOf } = require('./body.cjs')

/** Deliveries keep the slab that they lie in, so it is not large; making one is shared by a hundred requests. */
const SLAB_BYTES = 32 * 1024
/** A larger body gets memory of its own. */
const LARGEST_BODY_IN_SLAB = 4 * 1024

/** Where the header values start, and how long they can be in a usual slab. */
const VALUES_AT = 64
const VALUES_BYTES = 1024
/** Where the body starts in its region. */
const BODY_AT = 152

const ABSENT = 0xffffffff
const IS_REPEATED = 0xfffffffe
const IS_UNREADABLE = 0xfffffffd
const BEYOND_LATIN1 = /[^\0-\xff]/

/** Memory that requests are written to. Nothing outside of hookseal ever gets a view of it. */
class Slab {
  constructor(length, valuesBytes) {
    this.bytes = Buffer.allocUnsafeSlow(length)
    this.words = new Uint32Array(this.bytes.buffer)
    this.doubles = new Float64Array(this.bytes.buffer)
    this.values = new Uint8Array(this.bytes.buffer, VALUES_AT, valuesBytes)
    /** Where the next region starts. */
    this.next = VALUES_AT + valuesBytes
  }
}

const encoder = new TextEncoder()
let current = new Slab(SLAB_BYTES, VALUES_BYTES)

/** A slab with room for these values and this region. */
function slabFor(valuesBytes, regionBytes) {
  if (valuesBytes > VALUES_BYTES) {
    const padded = rounded(valuesBytes)
    return new Slab(VALUES_AT + padded + rounded(regionBytes), padded)
  }
  if (current.next + regionBytes > SLAB_BYTES) current = new Slab(SLAB_BYTES, VALUES_BYTES)
  return current
}

const rounded = (bytes) => (bytes + 7) & ~7

/**
 * Writes a request to a slab and returns the slab. Its region starts at `slab.next` and is overwritten by the next
 * request, unless `keep` is called. A body that `ownCopy` copies is left out.
 */
function write(headerNames, method, headers, body, now) {
  const found = findHeaders(headers, headerNames)
  const { proof, own } = found
  const isUsual =
    typeof proof === 'string' && typeof own === 'string' && found.encoding === undefined && found.length === undefined
  const text = isUsual ? proof + own : textOf(found.encoding) + textOf(proof) + textOf(own) + textOf(found.length)
  const bodyLength = lengthOf(body)
  const lengthInSlab = bodyLength <= LARGEST_BODY_IN_SLAB ? bodyLength : 0

  const slab = slabFor(text.length, BODY_AT + lengthInSlab)
  const { words, next } = slab
  words[0] = next
  words[1] = method === 'POST' ? 0 : method === 'GET' ? 1 : 2
  words[6] = lengthInSlab
  slab.doubles[4] = now
  if (lengthInSlab !== 0) slab.bytes.set(body, next + BODY_AT)
  // Else some characters took two bytes, or there was no room for that: not all of it is ASCII.
  const isAscii = encoder.encodeInto(text, slab.values).written === text.length
  if (isUsual && isAscii) {
    words[2] = words[5] = ABSENT
    words[3] = proof.length
    words[4] = own.length
  } else {
    if (!isAscii) writeLatin1(slab, found)
    words[2] = lengthOrState(found.encoding)
    words[3] = lengthOrState(found.proof)
    words[4] = lengthOrState(found.own)
    words[5] = lengthOrState(found.length)
  }
  return slab
}

const textOf = (value) => (typeof value === 'string' ? value : '')

function lengthOrState(value) {
  if (typeof value === 'string') return value.length
  if (value === undefined) return ABSENT
  return value === REPEATED ? IS_REPEATED : IS_UNREADABLE
}

/** Writes each character as a byte, and takes values out that no header on the wire holds. */
function writeLatin1(slab, found) {
  let text = ''
  for (const [key, value] of Object.entries(found)) {
    if (BEYOND_LATIN1.test(textOf(value))) found[key] = UNREADABLE
    else text += textOf(value)
  }
  slab.bytes.latin1Write(text, VALUES_AT, text.length)
}

/** Ends the region at `slab.next`: it is never written to again. */
function keep(slab) {
  slab.next = rounded(slab.next + BODY_AT + slab.words[6])
}

/** A copy of a body that `write` left out, because it is too large for a slab; else undefined. */
function ownCopy(slab, body) {
  if (slab.words[6] !== 0) return undefined
  const length = lengthOf(body)
  if (length === 0) return undefined
  const own = Buffer.allocUnsafeSlow(length)
  own.set(body)
  return own
}

module.exports = { BODY_AT, keep, ownCopy, write }
