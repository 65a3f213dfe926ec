'use strict'

// The two results other than a delivery: a refused request, and a handshake that has to be answered.

const { inspect } = require('node:util')

const { namesAsHere } = require('./options.cjs')
const { own } = require('./own.cjs')

/** Why a request was refused: `code` and `message` for the log, `status` and `headers` for the answer. */
class Rejection extends Error {
  code
  vendor
  source
  status
  headers

  constructor(parts, endpoint) {
    if (parts?.[0] !== 'R') throw new TypeError('only receive makes a Rejection')
    super(namesAsHere(parts[3]))
    this.code = parts[1]
    this.vendor = endpoint.vendor
    this.source = endpoint.source
    this.status = Number(parts[2])
    this.headers = headersOf(parts, 8)
    // Not enumerable, so that JSON and copies of the rejection, which a program may send, leave it out.
    if (parts[4] !== '') define(this, 'hint', namesAsHere(parts[4]), false)
    if (parts[5] !== '') {
      define(this, 'line', Number(parts[5]))
      define(this, 'column', Number(parts[6]))
      define(this, 'path', parts[7])
    }
  }

  /** What Rust writes for a rejection. It has no hint, so that a program may answer with it. */
  toJSON() {
    const { code, status, message } = this
    const [line, column, path] = ['line', 'column', 'path'].map((name) => own(this, name) ?? null)
    return { code, status, message, line, column, path }
  }

  get outcome() {
    return 'rejection'
  }
}

/** Defines a property that only some objects of a class have. */
function define(object, name, value, enumerable = true) {
  Object.defineProperty(object, name, { __proto__: null, value, configurable: true, enumerable, writable: true })
}

Object.defineProperty(Rejection.prototype, 'name', { __proto__: null, value: 'Rejection', configurable: true, writable: true })

/** A rejection that is returned, not thrown. Its stack would be useless, and capturing it takes longest. */
function rejectionWithoutStack(parts, endpoint) {
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')
  if (limit?.writable !== true) return new Rejection(parts, endpoint)
  Error.stackTraceLimit = 0
  try {
    return new Rejection(parts, endpoint)
  } finally {
    Error.stackTraceLimit = limit.value
  }
}

/** The answer to the request with which Inbenta checks a new webhook. */
class Handshake {
  status
  headers
  body

  constructor(parts) {
    if (parts?.[0] !== 'H') throw new TypeError('only receive makes a Handshake')
    this.status = Number(parts[1])
    this.headers = headersOf(parts, 3)
    this.body = parts[2]
    Object.freeze(this)
  }

  get outcome() {
    return 'handshake'
  }

  // The challenge comes from outside, so it is not shown.
  [inspect.custom]() {
    return `Handshake(${this.status})`
  }
}

function headersOf(parts, first) {
  let headers = {}
  for (let at = first; at < parts.length; at += 2) headers = { ...headers, [parts[at]]: parts[at + 1] }
  return Object.freeze(headers)
}

module.exports = { Handshake, Rejection, rejectionWithoutStack }
