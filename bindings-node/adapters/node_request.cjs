'use strict'

// Requests of node:http, as Express and Fastify hand them on.

const { NO_BODY, eaten } = require('./common.cjs')

/** How much of a refused body is read and thrown away, so that the sender can read the answer. */
const DISCARDED_BYTES = 1024 * 1024

/** What a request is, checked before its body is read and again with it. `parsed` is what a parser left of it. */
async function receiveFrom(receiver, request, parsed, advice) {
  const { method, rawHeaders: headers } = request
  const refused = receiver.checkHead({ method, headers })
  if (refused !== undefined) return refused
  return receiver.tryReceive({ method, headers, body: await bodyOf(receiver, request, parsed, advice) })
}

async function bodyOf(receiver, request, parsed, advice) {
  // A handshake has none.
  if (request.method !== 'POST') return NO_BODY
  if (parsed instanceof Uint8Array) return parsed
  if (request.readableDidRead) throw eaten(advice)
  // No event would tell of it any more.
  if (request.destroyed) throw senderLeft()
  return readBody(request, receiver.bodyLimit)
}

/** The body; of one over the limit only as much as shows that. */
function readBody(request, limit) {
  return new Promise((resolve, reject) => {
    const chunks = []
    let length = 0
    const settle = (settled, value) => {
      request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose)
      settled(value)
    }
    const onData = (chunk) => {
      chunks.push(chunk)
      length += chunk.length
      if (length > limit) {
        request.pause()
        settle(resolve, Buffer.concat(chunks, length))
      }
    }
    const onEnd = () => settle(resolve, Buffer.concat(chunks, length))
    const onError = (error) => settle(reject, error)
    const onClose = () => settle(reject, senderLeft())
    request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose)
  })
}

const senderLeft = () => new Error('the sender closed the connection within the body')

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

module.exports = { discardRest, receiveFrom }
