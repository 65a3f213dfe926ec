'use strict'

// Reads requests of node:http, which Express and Fastify hand on, and requests that platforms make in their form. Method
// and raw headers are properties of the request itself. `body` is one too if a parser has set it. The other parts are
// getters of classes. `member` reads nothing from Object.prototype, which could hold a body that nobody sent.

const { isUint8Array } = require('node:util').types

const { member, own } = require('../lib/own.cjs')
const { unreadable } = require('../lib/receiver.cjs')
const { DISCARDED_BYTES, NO_BODY, eaten, textOfNumber, withTexts } = require('./common.cjs')
const { GrowingBody } = require('./growing_body.cjs')

/** The Rejection that the head of a request alone gives, or undefined. */
function checkHead(receiver, request) {
  return receiver.checkHead({ method: member(request, 'method'), headers: headersOf(request) })
}

/**
 * The raw headers, which show repeated ones. Platforms that make a request of an event have `headers` alone, and so do
 * requests in tests.
 */
function headersOf(request) {
  const raw = member(request, 'rawHeaders')
  if (!Array.isArray(raw) || raw.length === 0) return withTexts(member(request, 'headers') ?? raw)
  return raw.some((part) => typeof part === 'number') ? Array.from(raw, textOfNumber) : raw
}

/**
 * The outcome of a request whose head was checked. `parsed` is the body that a parser has set, if any. `shown` is the
 * request that the handler gets: its `rawBody` is the accepted body.
 */
async function receiveRest(receiver, request, { parsed, shown, advice }) {
  const method = member(request, 'method')
  const body = await bodyOf(receiver, method, request, parsed, own(shown, 'rawBody') ?? own(request, 'rawBody'), advice)
  if (body === undefined) return unreadable(receiver)
  const received = receiver.tryReceive({ method, headers: headersOf(request), body })
  if (received.outcome === 'delivery') show(shown, body)
  return received
}

/** Lets the handler read the accepted body as `request.rawBody`. */
function show(shown, body) {
  // Not enumerable, so that no log of the request shows it.
  if (Reflect.defineProperty(shown, 'rawBody', { __proto__: null, value: body, configurable: true, enumerable: false, writable: true })) return
  const kept = own(shown, 'rawBody')
  if (kept === undefined || (isUint8Array(kept) && Buffer.compare(kept, body) === 0)) return
  throw new TypeError('request.rawBody cannot be set to the accepted body: keep the exact bytes there, or make the property configurable')
}

async function bodyOf(receiver, method, request, parsed, kept, advice) {
  // A handshake has no body.
  if (method !== 'POST') return NO_BODY
  if (isUint8Array(parsed)) return parsed
  // If the stream has an encoding, its chunks are text. A request in a test may be no stream.
  if (request.readableDidRead !== false || request.readableEncoding != null) {
    if (isUint8Array(kept)) return kept
    throw eaten(advice)
  }
  // A destroyed request emits no more events.
  if (request.destroyed) return undefined
  return readBody(request, receiver.bodyLimit)
}

/** The body, cut at one byte over the limit. Undefined if the body ended too soon. */
function readBody(request, limit) {
  return new Promise((resolve, reject) => {
    const body = new GrowingBody(limit)
    const settle = (settled, value) => {
      request.off('data', onData).off('end', onEnd).off('error', onLost).off('close', onLost)
      settled(value)
    }
    const onData = (chunk) => {
      try {
        body.add(chunk)
      } catch (error) {
        // Out of memory: an error here would end the process.
        request.pause()
        return settle(reject, error)
      }
      if (body.isTooLarge) {
        request.pause()
        settle(resolve, body.bytes)
      }
    }
    const onEnd = () => settle(resolve, body.bytes)
    // The sender left, or Node's parser gave up and closed the connection.
    const onLost = () => settle(resolve, undefined)
    request.on('data', onData).on('end', onEnd).on('error', onLost).on('close', onLost)
  })
}

/** Reads the rest of a refused body, up to a limit. */
function discardRest(request) {
  // A request in a test may be no stream.
  if (typeof request.resume !== 'function') return
  let left = DISCARDED_BYTES
  request.on('error', () => {})
  request.on('data', (chunk) => {
    left -= chunk.length
    if (left < 0) request.destroy()
  })
  // `readBody` has paused a body over the limit.
  request.resume()
}

module.exports = { checkHead, discardRest, receiveRest }
