'use strict'

// The adapter for Web Request and Response: Hono, Next.js route handlers, Bun, Deno, workers with Node's modules.

const { isUint8Array } = require('node:util').types

const { member } = require('../lib/own.cjs')
const { DISCARDED_BYTES, NO_BODY, UNREADABLE, answerTo, checkArguments, eaten, tellOfRejection } = require('./common.cjs')
const { GrowingBody } = require('./growing_body.cjs')

const ADVICE = 'call hookseal/fetch before request.json() and the like, or hand it request.clone()'

/** A function from Request to Response that calls `handler` with each delivery, the request and further arguments. */
function webhook(receiver, handler, options = {}) {
  const { onRejection } = checkArguments(receiver, handler, options, ['onRejection'])
  return async (request, ...rest) => {
    const received = await receiveFrom(receiver, request)
    if (received.outcome === 'delivery') {
      return (await handler(received, request, ...rest)) ?? new Response(null, { __proto__: null, status: 204, headers: {} })
    }
    // Called before the answer, because a platform may stop a program that has answered.
    await tellOfRejection(onRejection, received, request)
    const { status, headers, body = null } = answerTo(received)
    return new Response(body, { __proto__: null, status, headers })
  }
}

async function receiveFrom(receiver, request) {
  // `member` reads getters of the class Request or of a platform's own class, never properties of Object.prototype.
  const method = member(request, 'method')
  const headers = member(request, 'headers')
  const refused = receiver.checkHead({ method, headers })
  if (refused !== undefined) return refused
  const body = await bodyOf(receiver, method, request)
  return body === undefined ? UNREADABLE : receiver.tryReceive({ method, headers, body })
}

async function bodyOf(receiver, method, request) {
  // A handshake has no body.
  if (method !== 'POST') return NO_BODY
  const body = member(request, 'body')
  if (member(request, 'bodyUsed') || body?.locked) throw eaten(ADVICE)
  if (body == null) return NO_BODY
  return readBody(body.getReader(), receiver.bodyLimit)
}

/** The body, cut at one byte over the limit. Undefined if the body ended too soon. */
async function readBody(reader, limit) {
  const body = new GrowingBody(limit)
  let isReading
  try {
    while (!body.isTooLarge) {
      isReading = true
      const { done, value } = await reader.read()
      isReading = false
      if (done) return body.bytes
      if (!isUint8Array(value)) throw new TypeError('the body of a Request must be a stream of Uint8Array')
      body.add(value)
    }
  } catch (error) {
    // The sender left, or sent a malformed chunk.
    if (isReading) return undefined
    throw error
  }
  // The answer does not wait for this.
  void discardRest(reader)
  return body.bytes
}

/**
 * Reads the rest of a refused body, up to a limit, so that the sender can read the answer. Cancelling at once would
 * leave single bytes in the queue of the platform's stream: on Hono 16 KiB of them, each an object.
 */
async function discardRest(reader) {
  try {
    for (let left = DISCARDED_BYTES; left >= 0; ) {
      const { done, value } = await reader.read()
      if (done) return
      left -= value.length
    }
    await reader.cancel()
  } catch {
    // The sender left.
  }
}

module.exports = { webhook }
