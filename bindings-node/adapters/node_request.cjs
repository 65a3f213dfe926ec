'use strict'

// Reads requests of node:http, which Express and Fastify hand on. Method and raw headers are properties of the request
// itself. `body` is one too if a parser has set it. The other parts are getters of the class Readable. `member` reads
// nothing from Object.prototype, which could hold a body that nobody sent.

const { isUint8Array } = require('node:util').types

const { member } = require('../lib/own.cjs')
const { DISCARDED_BYTES, NO_BODY, UNREADABLE, eaten } = require('./common.cjs')
const { GrowingBody } = require('./growing_body.cjs')

/** The Rejection that the head of a request alone gives, or undefined. */
function checkHead(receiver, request) {
  return receiver.checkHead({ method: member(request, 'method'), headers: member(request, 'rawHeaders') })
}

/**
 * The outcome of a request whose head was checked; UNREADABLE if the sender left or sent a malformed chunk. `parsed` is
 * the body that a parser has set, if any.
 */
async function receiveRest(receiver, request, parsed, advice) {
  const method = member(request, 'method')
  const body = await bodyOf(receiver, method, request, parsed, advice)
  return body === undefined ? UNREADABLE : receiver.tryReceive({ method, headers: member(request, 'rawHeaders'), body })
}

async function bodyOf(receiver, method, request, parsed, advice) {
  // A handshake has no body.
  if (method !== 'POST') return NO_BODY
  if (isUint8Array(parsed)) return parsed
  // If the stream has an encoding, its chunks are text.
  if (request.readableDidRead || request.readableEncoding != null) throw eaten(advice)
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
