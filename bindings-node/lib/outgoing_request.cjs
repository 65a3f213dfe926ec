'use strict'

// A request to a vendor, the reading of its answer, its refusal, and when the next call may go.

const { inspect } = require('node:util')

const { bytesOf } = require('./body.cjs')
const { ADVICE_OF_LIMIT, ADVICE_OF_REQUEST, tagOf } = require('./comparison.cjs')
const { HeaderNames, findHeaders } = require('./headers.cjs')
const { native } = require('./native.cjs')
const { ofType, oneOf, whole } = require('./options.cjs')
const { refuseMore } = require('./own.cjs')
const { refuseOthers } = require('./outgoing_answers.cjs')
const { MAKE } = require('./outgoing_error.cjs')
const { millisecondsNow } = require('./time.cjs')

const { answerHeaders, endpointGroups } = native

/** Where `findHeaders` puts the values of the names, in their order. */
const PLACES = ['encoding', 'proof', 'first', 'second', 'third', 'length']
const NAMES = new HeaderNames(PLACES.map((_, at) => answerHeaders[at] ?? ''))
const MOST_STATUS = 999
const HOW_TO = 'the bytes of the answer are needed, such as Buffer.from(await response.arrayBuffer())'

const NONE = Object.freeze([])

/** A request to hand to any HTTP client, which must not follow redirects. */
class Outgoing {
  notCopied = ADVICE_OF_REQUEST
  method
  url
  group
  values
  isRepeatable
  #kept
  #answer
  #from

  /** `given` are the values of which the request sends some. */
  constructor(make, kept, answer, given = NONE) {
    refuseOthers(make, 'Outgoing')
    const parts = { __proto__: null }
    native.describeRequest(kept, parts)
    const [from, to] = parts.values
    this.method = parts.method
    this.url = parts.url
    this.group = parts.group
    this.values = Object.freeze(given.slice(from, to))
    this.isRepeatable = parts.isRepeatable
    this.#kept = kept
    this.#answer = answer
    this.#from = from
    Object.freeze(this)
  }

  /** A new object at each access, because a client may change it. */
  get headers() {
    const headers = { __proto__: null }
    native.requestHeaders(this.#kept, headers)
    return { ...headers }
  }

  /** A copy, so that nobody can change the request. */
  get body() {
    return native.requestBody(this.#kept)
  }

  /** The answer, read. Throws a Refusal. */
  read(status, headers, body) {
    refuseMore(arguments, 'read', ['status', 'headers', 'body'])
    if (whole(status, 'status') > MOST_STATUS) throw new RangeError(`status must be at most ${MOST_STATUS}`)
    const answer = { __proto__: null }
    const refusal = native.readAnswer(this.#kept, status, headersOf(headers), bytesOf(body, 'POST', HOW_TO), answer)
    if (refusal !== null) throw new Refusal(MAKE, refusal)
    return new this.#answer(MAKE, answer, this.values, this.#from)
  }

  // Headers and body may hold secrets.
  toJSON() {
    return { method: this.method, url: this.url }
  }

  get [Symbol.toStringTag]() {
    return #kept in this ? tagOf('Outgoing', Buffer.concat([Buffer.from(JSON.stringify([this, this.headers])), this.body])) : 'Outgoing'
  }

  [inspect.custom]() {
    return `Outgoing(${this.method} ${this.url}, ${this.body.length} bytes)`
  }
}

/** Names and values in turn of the headers that the core reads. Those of a repeated header are there twice. */
function headersOf(headers) {
  const found = findHeaders(headers, NAMES)
  return answerHeaders.flatMap((name, at) => {
    const value = found[PLACES[at]]
    if (value === undefined) return []
    return typeof value === 'string' ? [name, value] : [name, '', name, '']
  })
}

/** Why an answer is no success, whether it is final, and if not, when to try again. */
class Refusal extends Error {
  code
  status
  isFinal
  mayBeDone
  #kept

  constructor(make, kept) {
    refuseOthers(make, 'Refusal')
    const parts = { __proto__: null }
    native.describeRefusal(kept, parts)
    super(parts.message)
    this.code = parts.code
    this.status = parts.status
    this.isFinal = parts.isFinal
    this.mayBeDone = parts.mayBeDone
    this.#kept = kept
  }

  static noAnswer() {
    return new Refusal(MAKE, native.noAnswer())
  }

  /** The seconds to wait after so many attempts, or null if the refusal is final. */
  retryInSeconds(attempt, jitter) {
    return native.retryIn(this.#kept, whole(attempt, 'attempt'), ofType('number', jitter, 'jitter'))
  }
}

Object.defineProperty(Refusal.prototype, 'name', { __proto__: null, value: 'Refusal', configurable: true, writable: true })

/** Counts the calls of each group of endpoints, and says when the next one may go. */
class RateLimit {
  notCopied = ADVICE_OF_LIMIT
  #limit = native.createRateLimit()

  constructor() {
    refuseMore(arguments, 'RateLimit', [], 'no arguments')
    Object.freeze(this)
  }

  /** Null if the call may go, which counts it. Otherwise the seconds to wait. */
  take(group, now) {
    return native.takeCall(this.#limit, oneOf(endpointGroups, group, 'group'), millisecondsNow(now))
  }

  [inspect.custom]() {
    return 'RateLimit'
  }
}

module.exports = { Outgoing, RateLimit, Refusal }
