'use strict'

// Finds the few headers that a receiver reads, in every form that a framework hands over.

const { apart, hasOwnElementsAlone, hasOwnKeysAlone, member, own: ownOf } = require('./own.cjs')

const { hasOwn } = Object
const { isArray } = Array

/** Replaces the value of a header that occurs more than once in the request. */
const REPEATED = Symbol('repeated')

/**
 * The names of a receiver's headers, in lower case and in the order of src/headers.rs. Only the check of the head uses
 * the last one. `first` to `third` are the vendor's headers beside the proof; they are undefined if it has fewer. A
 * signature may cover the value of the first.
 */
class HeaderNames {
  constructor(given) {
    const names = given.map((name) => (name === '' ? undefined : asKey(name)))
    this.encoding = names[0]
    this.proof = names[1]
    this.first = names[2]
    this.second = names[3]
    this.third = names[4]
    this.length = names[5]
    // One bit for each length of a name, modulo 32. Most other headers have another length.
    this.lengths = given.reduce((lengths, name) => (name === '' ? lengths : lengths | (1 << name.length)), 0)
  }
}

apart(HeaderNames)

/** The text as the one string that V8 keeps for all object keys with it. Such strings compare by their address. */
const asKey = (name) => Object.keys({ [name]: undefined })[0]

/** The values found. Each is a string, undefined if the header is absent, or REPEATED. */
function findHeaders(headers, names) {
  if (typeof headers !== 'object' || headers === null) {
    throw new TypeError(`headers must be an object or a list, not ${headers === null ? 'null' : typeof headers}`)
  }
  if (isArray(headers) && typeof ownOf(headers, 0) === 'string') return findInTurn(headers, names)
  if (headers[Symbol.iterator] !== undefined || !hasOwnKeysAlone(headers)) return findWithCare(headers, names)
  // A usual request has each header once, in lower case and as text. Any other request is read again with care.
  const { lengths } = names
  let encoding, proof, first, second, third, length
  for (const name in headers) {
    if (((lengths >>> name.length) & 1) === 0) continue
    const value = headers[name]
    if (typeof value !== 'string') return findWithCare(headers, names)
    if (name === names.proof) proof = value
    else if (name === names.first) first = value
    else if (name === names.second) second = value
    else if (name === names.third) third = value
    else if (name === names.encoding) encoding = value
    else if (name === names.length) length = value
    else if (name !== name.toLowerCase()) return findWithCare(headers, names)
  }
  return { encoding, proof, first, second, third, length }
}

function findWithCare(headers, names) {
  if (typeof member(headers, Symbol.iterator) === 'function') return findInIterable(headers, names)
  const found = { encoding: undefined, proof: undefined, first: undefined, second: undefined, third: undefined, length: undefined }
  for (const name in headers) if (hasOwn(headers, name)) add(name, headers[name], names, found)
  return found
}

/** Reads Node's rawHeaders: names and values in turn. */
function findInTurn(list, names) {
  const found = { encoding: undefined, proof: undefined, first: undefined, second: undefined, third: undefined, length: undefined }
  const { lengths } = names
  const isPlain = hasOwnElementsAlone(list)
  for (let at = 0; at < list.length; at += 2) {
    const name = isPlain ? list[at] : ownOf(list, at)
    if (typeof name === 'string' && ((lengths >>> name.length) & 1) === 0) continue
    add(name, isPlain ? list[at + 1] : ownOf(list, at + 1), names, found)
  }
  return found
}

function findInIterable(headers, names) {
  const found = { encoding: undefined, proof: undefined, first: undefined, second: undefined, third: undefined, length: undefined }
  // The platform gives its objects this name, in every realm and library.
  const brand = member(headers, Symbol.toStringTag)
  if (brand === 'URLSearchParams' || brand === 'FormData') {
    throw new TypeError(`headers must not be ${brand}: pass the headers of the request, not its fields`)
  }
  // Web Headers find a name in any case, and join repeated fields with a comma.
  if (brand === 'Headers') {
    for (const key of Object.keys(found)) {
      const name = names[key]
      // `get` returns null for an absent header.
      if (name !== undefined) found[key] = textOf(headers.get(name) ?? undefined, name)
    }
  } else if (isArray(headers)) {
    // The list's iterator would read a gap from the prototype.
    for (let at = 0; at < headers.length; at++) addPair(ownOf(headers, at), names, found)
  } else {
    for (const pair of headers) addPair(pair, names, found)
  }
  return found
}

function addPair(pair, names, found) {
  if (!isArray(pair) || pair.length !== 2) throw new TypeError('headers as a list must hold [name, value] pairs')
  add(ownOf(pair, 0), ownOf(pair, 1), names, found)
}

function add(name, value, names, found) {
  if (name === names.proof) found.proof = joined(found.proof, value, name)
  else if (name === names.first) found.first = joined(found.first, value, name)
  else if (name === names.second) found.second = joined(found.second, value, name)
  else if (name === names.third) found.third = joined(found.third, value, name)
  else if (name === names.encoding) found.encoding = joined(found.encoding, value, name)
  else if (name === names.length) found.length = joined(found.length, value, name)
  else addInAnyCase(name, value, names, found)
}

function addInAnyCase(name, value, names, found) {
  if (typeof name !== 'string') throw new TypeError('the names of headers must be strings')
  const lower = name.toLowerCase()
  // U+212A is the only character outside of ASCII with a lower case in ASCII.
  if (lower !== name && !name.includes('\u212a')) add(lower, value, names, found)
}

/** The value of a header after one more field with its name. */
function joined(before, value, name) {
  const text = typeof value === 'string' ? value : textOf(value, name)
  if (before === undefined) return text
  return text === undefined ? before : REPEATED
}

/**
 * A value is a string, undefined for an absent header, or a list of these. Any other value must not count as absent.
 */
function textOf(value, name) {
  if (isText(value)) return value
  const texts = isArray(value) ? Array.from(value, (_, at) => ownOf(value, at)) : [value]
  if (!texts.every(isText)) throw new TypeError(`the header ${name} must be a string or a list of strings`)
  return texts.length > 1 ? REPEATED : ownOf(texts, 0)
}

const isText = (value) => typeof value === 'string' || value === undefined

module.exports = { HeaderNames, findHeaders }
