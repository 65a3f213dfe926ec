'use strict'

// Secrets, keys and rings of keys.

const { inspect } = require('node:util')
const { isSharedArrayBuffer, isUint8Array } = require('node:util').types

const { bufferOf } = require('./body.cjs')
const { native } = require('./native.cjs')
const { ofType, textOf, withNamesAsHere } = require('./options.cjs')
const { own, ownOptions, refuseMore } = require('./own.cjs')
const { dateOf, millisecondsOf } = require('./time.cjs')

const OPTIONS = ['id', 'notBefore', 'notAfter', 'exact']

/**
 * The native module's object for a Key, which holds the secret. Undefined for other values. It never leaves the
 * package.
 */
let keptOf

/** A secret with an id and a period of validity, for a ring of several keys. */
class Key {
  id
  #kept
  #notBefore
  #notAfter

  constructor(secret, options = {}) {
    refuseMore(arguments, 'a key', ['secret', 'options'])
    const { id, notBefore, notAfter, exact = false } = ownOptions(options, OPTIONS, 'a key')
    if (id !== undefined) textOf(id, "a key's id")
    ofType('boolean', exact, 'exact')
    // Kept as numbers, because a Date can be changed.
    this.#notBefore = notBefore === undefined ? undefined : millisecondsOf(notBefore, 'notBefore')
    this.#notAfter = notAfter === undefined ? undefined : millisecondsOf(notAfter, 'notAfter')
    this.#kept = withNamesAsHere(() => native.createKey(secretOf(secret), exact, id, this.#notBefore, this.#notAfter))
    this.id = id
    Object.freeze(this)
  }

  get notBefore() {
    return dateOf(this.#notBefore ?? NaN)
  }

  get notAfter() {
    return dateOf(this.#notAfter ?? NaN)
  }

  toJSON() {
    return { id: this.id, notBefore: this.notBefore, notAfter: this.notAfter }
  }

  [inspect.custom]() {
    return `Key(${this.id ?? ''})`
  }

  static {
    keptOf = (key) => (typeof key === 'object' && key !== null && #kept in key ? key.#kept : undefined)
  }
}

/**
 * Checks a secret and returns it as it was given, so that no memory of JavaScript holds a copy. Other Buffers can share
 * such memory, and the garbage collector reuses it without wiping it.
 */
function secretOf(secret, name = 'a secret') {
  if (typeof secret === 'string') return textOf(secret, name)
  if (!isUint8Array(secret)) {
    throw new TypeError(`${name} must be a string or a Uint8Array, not ${typeName(secret)}${secret === undefined ? UNSET : ''}`)
  }
  if (isSharedArrayBuffer(bufferOf(secret))) throw new TypeError(`${name} must not be in a SharedArrayBuffer: pass a copy`)
  return secret
}

const UNSET = ': check that its environment variable is set'

/** A word for a value of a wrong type. */
const typeName = (value) => (value === null ? 'null' : typeof value)

/** The keys of a receiver (one secret, one key, or a list of either) in the form that the native module takes. */
function ringOf(keys) {
  if (!Array.isArray(keys)) return [keyOf(keys)]
  const ring = []
  for (let at = 0; at < keys.length; at++) ring.push(keyOf(own(keys, at)))
  return ring
}

function keyOf(key) {
  const kept = keptOf(key)
  if (kept !== undefined || typeof key === 'string' || isUint8Array(key)) return kept ?? secretOf(key)
  const advice = key === undefined ? UNSET : key !== null && typeof key === 'object' ? ': pass the secret itself' : ''
  const given = `${typeName(key)}${advice}`
  throw new TypeError(`keys must be a secret (a string or a Uint8Array), a Key, or a list of these, not ${given}`)
}

module.exports = { Key, ringOf, secretOf }
