'use strict'

// AWS Lambda behind an API Gateway (REST or HTTP API), a function URL or an Application Load Balancer.

const { NO_BODY, checkArguments, eaten } = require('./common.cjs')

const ADVICE = 'remove the middleware that parses event.body, such as a JSON body parser'

/** A Lambda handler that hands genuine deliveries to `handler` and answers everything else itself. */
function webhook(receiver, handler, options = {}) {
  checkArguments(receiver, handler, options, ['onRejection'])
  return async (event, context) => {
    const received = receiveFrom(receiver, event)
    if (received.outcome === 'delivery') {
      return (await handler(received, event, context)) ?? resultOf(event, { status: 204 })
    }
    if (received.outcome === 'rejection') options.onRejection?.(received, event)
    return resultOf(event, received)
  }
}

/** In the form of the event: a load balancer that sends lists of values passes on no other headers. */
function resultOf(event, { status, headers = {}, body = '' }) {
  const inLists = event.requestContext?.elb && event.multiValueHeaders
  if (!inLists) return { statusCode: status, headers: { ...headers }, body }
  const lists = Object.entries(headers).map(([name, value]) => [name, [value]])
  return { statusCode: status, multiValueHeaders: Object.fromEntries(lists), body }
}

function receiveFrom(receiver, event) {
  // The HTTP API and function URLs have the second form (version 2.0), the others the first.
  const method = event.requestContext?.http?.method ?? event.httpMethod
  // Where both are there, the former shows repeated headers.
  const headers = event.multiValueHeaders ?? event.headers ?? {}
  const refused = receiver.checkHead({ method, headers })
  return refused ?? receiver.tryReceive({ method, headers, body: bodyOf(event) })
}

function bodyOf({ body, isBase64Encoded }) {
  if (body === null || body === undefined) return NO_BODY
  if (typeof body !== 'string') throw eaten(ADVICE)
  // A body that is no UTF-8 comes in base64, so text has the bytes that were sent.
  return Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')
}

module.exports = { webhook }
