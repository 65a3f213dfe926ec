'use strict'

const { inspect } = require('node:util')

const { lengthOf, set } = require('./body.cjs')
const { millisecondsOf } = require('./time.cjs')

/** What the native module needs of a key, with a copy of its secret; nothing outside of the package can ask. */
let partsOfKey

/** A secret with an id and the time in which it is valid, for a ring of several. */
class Key {
  #secret

  constructor(secret, { id, notBefore, notAfter, ...unknown } = {}) {
    const [name] = Object.keys(unknown)
    if (name !== undefined) throw new TypeError(`${name} is no option of a key: it has id, notBefore and notAfter`)
    if (id !== undefined && typeof id !== 'string') throw new TypeError("a key's id must be a string")
    this.#secret = secretBytes(secret)
    this.id = id
    this.notBefore = notBefore === undefined ? undefined : new Date(millisecondsOf(notBefore, 'notBefore'))
    this.notAfter = notAfter === undefined ? undefined : new Date(millisecondsOf(notAfter, 'notAfter'))
    Object.freeze(this)
  }

  [inspect.custom]() {
    return `Key(${this.id ?? ''})`
  }

  static {
    partsOfKey = (key) => ({
      secret: secretBytes(key.#secret),
      id: key.id,
      notBefore: key.notBefore?.getTime(),
      notAfter: key.notAfter?.getTime(),
    })
  }
}

/** The bytes of a secret, as a copy in memory of its own: what other Buffers share shows them to everybody. */
function secretBytes(secret, name = 'a secret') {
  if (typeof secret === 'string') {
    const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(secret))
    bytes.write(secret)
    return bytes
  }
  if (secret instanceof Uint8Array) {
    const bytes = Buffer.allocUnsafeSlow(lengthOf(secret))
    set(bytes, secret)
    return bytes
  }
  const found = secret === undefined ? 'undefined: check that its environment variable is set' : typeof secret
  throw new TypeError(`${name} must be a string or a Uint8Array, not ${found}`)
}

/**
 * Calls `use` with the keys of a receiver (one secret, one key, or a list of either) and with the bytes of its key for
 * ids, if it has one. The copies of the secrets are wiped afterwards.
 */
function withSecrets(keys, idKey, use) {
  const parts = []
  let idBytes
  try {
    for (const key of Array.isArray(keys) ? keys : [keys]) {
      parts.push(key instanceof Key ? partsOfKey(key) : { secret: secretBytes(key) })
    }
    if (idKey !== undefined) idBytes = secretBytes(idKey, 'idKey')
    return use(parts, idBytes)
  } finally {
    for (const { secret } of parts) secret.fill(0)
    idBytes?.fill(0)
  }
}

module.exports = { Key, secretBytes, withSecrets }
