'use strict'

const { inspect } = require('node:util')

const { Handshake, Rejection, rejectionWithoutStack } = require('./answers.cjs')
const { bytesOf } = require('./body.cjs')
const { Delivery } = require('./delivery.cjs')
const { MAKE } = require('./event.cjs')
const { HeaderNames, findHeaders } = require('./headers.cjs')
const { withKeys } = require('./keys.cjs')
const { native } = require('./native.cjs')
const { checkedOptions, ofType, withNamesAsHere } = require('./options.cjs')
const { bodyBeside, keep, write } = require('./slab.cjs')
const { Index, Store } = require('./store.cjs')
const { millisecondsNow } = require('./time.cjs')

const VENDORS = ['benji', 'benti', 'bento']
const EMPTY = new Uint8Array(0)

/** One endpoint: the vendor whose webhooks arrive there, the keys, and what is accepted. */
class Receiver {
  #endpoint

  constructor(make, scheme, name, keys, options) {
    if (make !== MAKE) throw new TypeError('use Receiver.benji, Receiver.benti or Receiver.bento')
    this.#endpoint = new Endpoint(scheme, name, keys, options)
    Object.freeze(this)
  }

  static benji(keys, options = {}) {
    return new Receiver(MAKE, 'benji', '', keys, checkedOptions('benji', options))
  }

  static benti(keys, options = {}) {
    return new Receiver(MAKE, 'benti', '', keys, checkedOptions('benti', options))
  }

  static bento({ basic, bearer, header, ...options } = {}) {
    const given = Object.entries({ basic, bearer, header }).filter(([, credentials]) => credentials !== undefined)
    if (given.length !== 1) {
      throw new TypeError('Receiver.bento needs one of basic: { user, keys }, bearer: keys, header: { name, keys }')
    }
    const [scheme, credentials] = given[0]
    const checked = checkedOptions('bento', options)
    if (scheme === 'bearer') return new Receiver(MAKE, scheme, '', credentials, checked)
    const named = scheme === 'basic' ? 'user' : 'name'
    const { [named]: name, keys, ...unknown } = credentials
    if (Object.keys(unknown).length > 0) throw new TypeError(`${scheme} must be { ${named}, keys }`)
    return new Receiver(MAKE, scheme, ofType('string', name, `${scheme}.${named}`), keys, checked)
  }

  get vendor() {
    return this.#endpoint.vendor
  }

  /** The largest body in bytes that is accepted: reading more of it from the network is of no use. */
  get bodyLimit() {
    return this.#endpoint.bodyLimit
  }

  /** Checks a request and reads it; throws the Rejection of one that is refused. */
  receive(request, now) {
    return this.#exchange(request, now, throwRejection)
  }

  /** As receive, but returns the Rejection. */
  tryReceive(request, now) {
    return this.#exchange(request, now, rejectionWithoutStack)
  }

  /** The Rejection that method and headers alone can give, before the body is read; else undefined. */
  checkHead({ method, headers }) {
    const endpoint = this.#endpoint
    const { proof, own, encoding, length } = findHeaders(headers, endpoint.headNames)
    write(ofType('string', method, 'method'), EMPTY, 0, 0)
    const parts = endpoint.checkHead(proof, own, encoding, length)
    return parts === null ? undefined : rejectionWithoutStack(parts.split('\0'))
  }

  [inspect.custom]() {
    return `Receiver(${this.vendor})`
  }

  /** A delivery, a handshake, or what is made of the parts of a rejection. */
  #exchange({ method, headers, body }, now, reject) {
    const endpoint = this.#endpoint
    if (typeof method !== 'string') throw new TypeError('method must be a string')
    const milliseconds = millisecondsNow(now)
    const bytes = bytesOf(body, method)
    const { proof, own, encoding } = findHeaders(headers, endpoint.headerNames)
    const slab = write(method, bytes, milliseconds, endpoint.bodyLimit)
    const copy = bodyBeside(slab, bytes, endpoint.bodyLimit)
    // The usual request: an argument costs time, whatever it is.
    const isUsual = encoding === undefined && copy === undefined
    const answer = isUsual ? endpoint.receive(proof, own) : endpoint.receive(proof, own, encoding, copy)
    if (typeof answer === 'string') return otherThanDelivery(answer, reject)
    const index = typeof answer === 'number' ? undefined : new Index(answer)
    const store = new Store(endpoint, slab, copy, index === undefined ? answer : answer[0], index)
    keep(slab)
    return new Delivery(MAKE, store)
  }
}

function otherThanDelivery(answer, reject) {
  const parts = answer.split('\0')
  return parts[0] === 'H' ? new Handshake(parts) : reject(parts)
}

function throwRejection(parts) {
  throw new Rejection(parts)
}

/** The functions of a receiver in the native module, and what is known of it here. */
class Endpoint {
  constructor(scheme, name, keys, options) {
    const made = {}
    withKeys(keys, (keys) => withNamesAsHere(() => native.createReceiver({ scheme, name, keys, ...options }, made)))
    this.receive = made.receive
    this.checkHead = made.checkHead
    this.headerNames = new HeaderNames(made.headerNames.slice(0, 3))
    this.headNames = new HeaderNames(made.headerNames)
    this.keyIds = made.keyIds
    this.bodyLimit = made.bodyLimit
    this.retentionSeconds = made.retentionSeconds
    this.vendor = made.vendor
    this.vendorNumber = VENDORS.indexOf(made.vendor)
    this.source = options.source ?? `urn:hookseal:${made.vendor}`
  }
}

module.exports = { Receiver }
