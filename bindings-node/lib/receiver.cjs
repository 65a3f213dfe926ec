'use strict'

// The receiver of one endpoint. It hands a request to the core and makes an object of the result.

const { inspect } = require('node:util')

const { Handshake, Rejection, rejectionWithoutStack } = require('./answers.cjs')
const { bytesOf } = require('./body.cjs')
const { Delivery } = require('./delivery.cjs')
const { MAKE } = require('./event.cjs')
const { HeaderNames, findHeaders } = require('./headers.cjs')
const { ringOf, secretOf } = require('./keys.cjs')
const { native } = require('./native.cjs')
const { checkedOptions, textOf, whole, withNamesAsHere } = require('./options.cjs')
const { apart, ownOptions, refuseMore, requestParts } = require('./own.cjs')
const { HEADERS, bodyBeside, keep, write } = require('./slab.cjs')
const { Index, Store } = require('./store.cjs')
const { millisecondsNow } = require('./time.cjs')

// Bits for the positions of headers among the names of a receiver.
const PROOF = 2
const FIRST = 4
const SECOND = 8
const ALL_BUT_LENGTH = 31
const ALL = 63

const EMPTY = new Uint8Array(0)

/** The parts of a rejection that no check gives, as in src/rejection.rs. Python's adapters have the same code. */
const UNREADABLE = ['R', 'unreadable_request', '400', 'the sender left before the body was whole, or sent a malformed one', '', '', '', '']

/**
 * Whether a value is a real Receiver. A Proxy of one, or an object that inherits from one, would fail at each request.
 */
let isReceiver
/** The rejection of an adapter whose request's body did not arrive. */
let unreadable
/** Throws if a guard cannot recognize the deliveries of a receiver. */
let checkGuarded
/** The endpoint of the receiver on which a method was called. A method that was taken off its receiver has none. */
let endpointOf

/** A receiver for one endpoint: its vendor, its keys, and the requests that it accepts. */
class Receiver {
  #endpoint

  constructor(make, scheme, name, keys, options) {
    if (make !== MAKE) throw new TypeError('use Receiver.benji, Receiver.benti or Receiver.bento')
    this.#endpoint = new Endpoint(scheme, name, keys, options)
    Object.freeze(this)
  }

  static benji(keys, options = {}) {
    refuseMore(arguments, 'Receiver.benji', ['keys', 'options'])
    return new Receiver(MAKE, 'benji', '', keys, checkedOptions('benji', options))
  }

  static benti(keys, options = {}) {
    refuseMore(arguments, 'Receiver.benti', ['keys', 'options'])
    return new Receiver(MAKE, 'benti', '', keys, checkedOptions('benti', options))
  }

  static bento(options = {}) {
    refuseMore(arguments, 'Receiver.bento', ['options'], ', which hold the credentials too')
    const { basic, bearer, header, ...checked } = checkedOptions('bento', options)
    const given = Object.entries({ basic, bearer, header }).filter(([, credentials]) => credentials !== undefined)
    if (given.length !== 1) {
      throw new TypeError('Receiver.bento needs one of basic: { user, keys }, bearer: keys, header: { name, keys }')
    }
    const [scheme, credentials] = given[0]
    if (scheme === 'bearer') return new Receiver(MAKE, scheme, '', credentials, checked)
    const named = scheme === 'basic' ? 'user' : 'name'
    const { [named]: name, keys } = ownOptions(credentials, [named, 'keys'], scheme)
    return new Receiver(MAKE, scheme, textOf(name, `${scheme}.${named}`), keys, checked)
  }

  get vendor() {
    return this.#endpoint.vendor
  }

  /** The largest accepted body in bytes. There is no use in reading more than this from the network. */
  get bodyLimit() {
    return this.#endpoint.bodyLimit
  }

  /** Checks a request and reads it. Throws a Rejection if the request is refused. */
  receive(request, now) {
    return exchange(endpointOf(this, 'receive'), request, now, throwRejection)
  }

  /** Checks a request and reads it. Returns a Rejection if the request is refused. */
  tryReceive(request, now) {
    return exchange(endpointOf(this, 'tryReceive'), request, now, rejectionWithoutStack)
  }

  /** The Rejection that method and headers alone give, before the body is read. Otherwise undefined. */
  checkHead(request) {
    const endpoint = endpointOf(this, 'checkHead')
    const { method, headers } = requestParts(request)
    if (typeof method !== 'string') throw new TypeError('checkHead takes { method, headers }: method must be a string')
    const { encoding, proof, first, second, third, length } = findHeaders(headers, endpoint.headNames)
    write(method, EMPTY, 0, 0).words[HEADERS] = ALL
    const parts = endpoint.checkHead(encoding, proof, first, second, third, length)
    return parts === null ? undefined : rejectionWithoutStack(parts.split('\0'), endpoint)
  }

  /** The ids of the keys that have ended, or end in at most `within` seconds after `now`. */
  expiring(now, within) {
    return endpointOf(this, 'expiring').expiring(millisecondsNow(now), whole(within, 'within'))
  }

  [inspect.custom]() {
    return `Receiver(${this.vendor})`
  }

  static {
    isReceiver = (value) => typeof value === 'object' && value !== null && #endpoint in value
    unreadable = (receiver) => rejectionWithoutStack(UNREADABLE, receiver.#endpoint)
    checkGuarded = (receiver) => withNamesAsHere(receiver.#endpoint.checkGuarded)
    endpointOf = (receiver, method) => {
      if (isReceiver(receiver)) return receiver.#endpoint
      throw new TypeError(`${method} was called without its receiver: call it as receiver.${method}(…)`)
    }
  }
}

/** A delivery, a handshake, or the result of `reject` for the parts of a rejection. */
function exchange(endpoint, request, now, reject) {
  const { method, headers, body } = requestParts(request)
  if (typeof method !== 'string') throw new TypeError('receive takes { method, headers, body }: method must be a string')
  const milliseconds = millisecondsNow(now)
  const bytes = bytesOf(body, method)
  const { encoding, proof, first, second, third } = findHeaders(headers, endpoint.headerNames)
  const slab = write(method, bytes, milliseconds, endpoint.bodyLimit)
  const copy = bodyBeside(slab, bytes, endpoint.bodyLimit)
  // A usual request has at most one header beside the proof. Each argument of the native call costs time.
  const isUsual = encoding === undefined && copy === undefined && third === undefined && (first === undefined || second === undefined)
  slab.words[HEADERS] = isUsual ? PROOF | (first !== undefined ? FIRST : SECOND) : ALL_BUT_LENGTH
  const answer = isUsual ? endpoint.receive(proof, first ?? second) : endpoint.receive(encoding, proof, first, second, third, copy)
  if (typeof answer === 'string') return otherThanDelivery(answer, reject, endpoint)
  const index = typeof answer === 'number' ? undefined : new Index(answer)
  const store = new Store(endpoint, slab, copy, index === undefined ? answer : answer[0], index)
  store.keepSignedTime(first)
  keep(slab)
  return new Delivery(MAKE, store)
}

function otherThanDelivery(answer, reject, endpoint) {
  const parts = answer.split('\0')
  return parts[0] === 'H' ? new Handshake(parts) : reject(parts, endpoint)
}

function throwRejection(parts, endpoint) {
  throw new Rejection(parts, endpoint)
}

/** The functions of a receiver in the native module, and its fixed facts. */
class Endpoint {
  constructor(scheme, name, keys, options) {
    // Without a prototype, because the native module would read inherited properties too.
    const setup = { __proto__: null, scheme, name, keys: ringOf(keys), ...options }
    if (setup.idKey !== undefined) secretOf(setup.idKey, 'idKey')
    const made = { __proto__: null }
    withNamesAsHere(() => native.createReceiver(setup, made))
    this.receive = made.receive
    this.checkHead = made.checkHead
    this.expiring = made.expiring
    this.checkGuarded = made.checkGuarded
    this.replayKey = made.replayKey
    this.eventId = made.eventId
    this.eventReplayKey = made.eventReplayKey
    this.cloudevent = made.cloudevent
    this.json = made.json
    this.jsonWithoutData = made.jsonWithoutData
    this.toRecord = made.toRecord
    this.keyFor = made.keyFor
    this.followUp = made.followUp
    this.headerNames = new HeaderNames(made.headerNames.slice(0, -1))
    this.headNames = new HeaderNames(made.headerNames)
    this.keyIds = made.keyIds
    this.bodyLimit = made.bodyLimit
    this.vendor = made.vendor
    this.source = made.source
  }
}

apart(Endpoint)

module.exports = { Receiver, checkGuarded, isReceiver, unreadable }
