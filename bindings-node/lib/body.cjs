'use strict'

// Takes the raw body of a request as the frameworks hand it over.

const { isArrayBuffer, isSharedArrayBuffer } = require('node:util').types

const { member } = require('./own.cjs')

const EMPTY = new Uint8Array(0)

// The built-in methods, because a subclass may override them.
const TypedArray = Object.getPrototypeOf(Uint8Array.prototype)
const getter = (name) => Function.prototype.call.bind(Object.getOwnPropertyDescriptor(TypedArray, name).get)
const typeOf = getter(Symbol.toStringTag)
const bufferOf = getter('buffer')
const lengthOf = getter('byteLength')
const at = Function.prototype.call.bind(TypedArray.at)
const set = Function.prototype.call.bind(TypedArray.set)

const HOW_TO =
  'the raw bytes are needed, before any parser: in Express use hookseal/express, or express.raw({ type: "*/*" }) on ' +
  'this route; in Fastify use hookseal/fastify, or addContentTypeParser with parseAs: "buffer"; for a Web Request, as in ' +
  'a Next.js route handler or Hono, use hookseal/fetch or await request.arrayBuffer(); in a Next.js API route turn ' +
  'bodyParser off'

/** The bytes of the body, not copied. The caller copies them into private memory before anything reads them. */
function bytesOf(body, method, howTo = HOW_TO) {
  if (typeOf(body) !== 'Uint8Array') return bytesOfOther(body, method, howTo)
  // A copy would be safe, but the program's other threads could read bytes that differ from the signed ones.
  if (isSharedArrayBuffer(bufferOf(body))) throw new TypeError('body must not be in a SharedArrayBuffer: pass a copy')
  if (lengthOf(body) === 0) assertAttached(body)
  return body
}

function assertAttached(body) {
  try {
    at(body, 0)
  } catch {
    throw new TypeError('body is detached: its memory was transferred or resized away before the call')
  }
}

function bytesOfOther(body, method, howTo) {
  if (isArrayBuffer(body)) {
    try {
      return new Uint8Array(body)
    } catch {
      throw new TypeError('body is detached: its memory was transferred before the call')
    }
  }
  if (isSharedArrayBuffer(body)) throw new TypeError('body must not be a SharedArrayBuffer: pass a copy')
  // A handshake has an empty body, which frameworks leave out.
  if (body == null && method !== 'POST') return EMPTY
  const [found, advice] = foundIn(body, howTo)
  throw new TypeError(`body must be a Buffer, Uint8Array or ArrayBuffer, not ${found}: ${advice}`)
}

/** What a body is that is no bytes, and what to do. No JSON has a function as a member, so no sender can choose it. */
function foundIn(body, howTo) {
  if (body === undefined || body === null) return [String(body), howTo]
  if (typeof body !== 'object') return [`a ${typeof body}`, howTo]
  const has = (name) => typeof member(body, name) === 'function'
  if (has('then')) return ['a Promise', 'await it']
  if (has('arrayBuffer')) return ['an object that gives its bytes later', 'await its arrayBuffer()']
  if (has('getReader') || has('pipe')) return ['a stream', `read it to its end, or let an adapter read it: ${howTo}`]
  return ['a parsed object', howTo]
}

module.exports = { HOW_TO, bufferOf, bytesOf, lengthOf, set }
