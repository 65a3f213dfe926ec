'use strict'

// Whatever speaks Web Request and Response: Hono, Next.js route handlers, Bun, Deno, workers with Node's modules.

const { NO_BODY, checkArguments, eaten } = require('./common.cjs')

const ADVICE = 'call hookseal/fetch before request.json() and the like, or hand it request.clone()'

/** A function from Request to Response that hands genuine deliveries to `handler`, with what else it was called with. */
function webhook(receiver, handler, options = {}) {
  checkArguments(receiver, handler, options, ['onRejection'])
  return async (request, ...rest) => {
    const received = await receiveFrom(receiver, request)
    if (received.outcome === 'delivery') {
      return (await handler(received, request, ...rest)) ?? new Response(null, { status: 204 })
    }
    const { status, headers, body = null } = received
    if (received.outcome === 'rejection') options.onRejection?.(received, request)
    return new Response(body, { status, headers })
  }
}

async function receiveFrom(receiver, request) {
  const { method, headers } = request
  const refused = receiver.checkHead({ method, headers })
  if (refused !== undefined) return refused
  return receiver.tryReceive({ method, headers, body: await bodyOf(receiver, request) })
}

async function bodyOf(receiver, request) {
  // A handshake has none.
  if (request.method !== 'POST') return NO_BODY
  if (request.bodyUsed) throw eaten(ADVICE)
  if (request.body === null) return NO_BODY
  return readBody(request.body.getReader(), receiver.bodyLimit)
}

/** The body; of one over the limit only as much as shows that. */
async function readBody(reader, limit) {
  const chunks = []
  let length = 0
  while (length <= limit) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(chunks, length)
    chunks.push(value)
    length += value.length
  }
  reader.cancel().catch(() => {})
  return Buffer.concat(chunks, length)
}

module.exports = { webhook }
