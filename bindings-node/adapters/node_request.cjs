'use strict'

// Requests of node:http, as Express and Fastify hand them on. Method and raw headers are properties of the request itself,
// `body` is one where a parser has left it, and the rest are getters of the class Readable. Nothing of it comes from
// Object.prototype (`member`), where a body would otherwise be found that nobody sent.

const { isUint8Array } = require('node:util').types

const { member } = require('../lib/own.cjs')
const { DISCARDED_BYTES, NO_BODY, UNREADABLE, eaten } = require('./common.cjs')
const { GrowingBody } = require('./growing_body.cjs')

/** The Rejection that the head of a request alone gives. */
function checkHead(receiver, request) {
  return receiver.checkHead({ method: member(request, 'method'), headers: member(request, 'rawHeaders') })
}

/**
 * What a request is whose head was checked, or UNREADABLE where the sender left, or sent a chunk that is none. `parsed`
 * is what a parser left of the body.
 */
async function receiveRest(receiver, request, parsed, advice) {
  const method = member(request, 'method')
  const body = await bodyOf(receiver, method, request, parsed, advice)
  return body === undefined ? UNREADABLE : receiver.tryReceive({ method, headers: member(request, 'rawHeaders'), body })
}

async function bodyOf(receiver, method, request, parsed, advice) {
  // A handshake has none.
  if (method !== 'POST') return NO_BODY
  if (isUint8Array(parsed)) return parsed
  // With an encoding the chunks are text.
  if (request.readableDidRead || request.readableEncoding != null) throw eaten(advice)
  // No event would tell of it any more.
  if (request.destroyed) return undefined
  return readBody(request, receiver.bodyLimit)
}

/** The body, of one over the limit only as much as shows that; undefined where it ends before its end. */
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

/** Reads what is left of a refused body, up to a point. */
function discardRest(request) {
  let left = DISCARDED_BYTES
  request.on('error', () => {})
  request.on('data', (chunk) => {
    left -= chunk.length
    if (left < 0) request.destroy()
  })
  // A body over the limit was paused.
  request.resume()
}

module.exports = { checkHead, discardRest, receiveRest }
