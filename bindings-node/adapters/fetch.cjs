'use strict'

// Whatever speaks Web Request and Response: Hono, Next.js route handlers, Bun, Deno, workers with Node's modules.

const { isUint8Array } = require('node:util').types

const { NO_BODY, UNREADABLE, answerTo, checkArguments, eaten, tellOfRejection } = require('./common.cjs')
const { GrowingBody } = require('./growing_body.cjs')

const ADVICE = 'call hookseal/fetch before request.json() and the like, or hand it request.clone()'

/** A function from Request to Response that hands genuine deliveries to `handler`, with what else it was called with. */
function webhook(receiver, handler, options = {}) {
  checkArguments(receiver, handler, options, ['onRejection'])
  return async (request, ...rest) => {
    const received = await receiveFrom(receiver, request)
    if (received.outcome === 'delivery') {
      return (await handler(received, request, ...rest)) ?? new Response(null, { status: 204 })
    }
    // Before the answer, because a platform may stop a program that has answered.
    await tellOfRejection(options.onRejection, received, request)
    const { status, headers, body = null } = answerTo(received)
    return new Response(body, { status, headers })
  }
}

async function receiveFrom(receiver, request) {
  const { method, headers } = request
  const refused = receiver.checkHead({ method, headers })
  if (refused !== undefined) return refused
  const body = await bodyOf(receiver, request)
  return body === undefined ? UNREADABLE : receiver.tryReceive({ method, headers, body })
}

async function bodyOf(receiver, request) {
  // A handshake has none.
  if (request.method !== 'POST') return NO_BODY
  if (request.bodyUsed || request.body?.locked) throw eaten(ADVICE)
  if (request.body == null) return NO_BODY
  return readBody(request.body.getReader(), receiver.bodyLimit)
}

/** The body, of one over the limit only as much as shows that; undefined where it ends before its end. */
async function readBody(reader, limit) {
  const body = new GrowingBody(limit)
  while (!body.isTooLarge) {
    const part = await read(reader)
    if (part === undefined) return undefined
    if (part.done) return body.bytes
    if (!isUint8Array(part.value)) throw new TypeError('the body of a Request must be a stream of Uint8Array')
    body.add(part.value)
  }
  reader.cancel().catch(() => {})
  return body.bytes
}

/** The next chunk; undefined where the sender left, or sent one that is none. */
async function read(reader) {
  try {
    return await reader.read()
  } catch {
    return undefined
  }
}

module.exports = { webhook }
