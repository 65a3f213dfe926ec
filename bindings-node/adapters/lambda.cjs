'use strict'

// AWS Lambda behind an API Gateway (REST or HTTP API), a function URL or an Application Load Balancer.
// core/adapters/lambda.json states what this and the adapter of Python make of an event.

const { own } = require('../lib/own.cjs')
const { NO_BODY, UNREADABLE, answerTo, checkArguments, eaten, tellOfRejection } = require('./common.cjs')

const ADVICE = 'remove the middleware that parses event.body, such as a JSON body parser'
const NO_REQUEST = 'the event is no HTTP request: it has neither requestContext.http.method nor httpMethod'

/** A Lambda handler that hands genuine deliveries to `handler` and answers everything else itself. */
function webhook(receiver, handler, options = {}) {
  const { onRejection } = checkArguments(receiver, handler, options, ['onRejection'], 3)
  return async (event, context) => {
    const received = receiveFrom(receiver, event)
    if (received.outcome === 'delivery') {
      return (await handler(received, event, context)) ?? resultOf(event, { status: 204, headers: {}, body: '' })
    }
    // Before the answer, because Lambda stops a function that has answered.
    await tellOfRejection(onRejection, received, event)
    return resultOf(event, answerTo(received))
  }
}

/** In the form of the event: a load balancer that sends lists of values passes on no other headers. */
function resultOf(event, { status, headers, body = '' }) {
  const result = { statusCode: status, body, isBase64Encoded: false }
  const inLists = within(event, 'requestContext', 'elb') && within(event, 'multiValueHeaders')
  if (!inLists) return { ...result, headers: { ...headers } }
  const lists = Object.entries(headers).map(([name, value]) => [name, [value]])
  return { ...result, multiValueHeaders: Object.fromEntries(lists) }
}

function receiveFrom(receiver, event) {
  // The HTTP API and function URLs have the second form (version 2.0), the others the first.
  const method = within(event, 'requestContext', 'http', 'method') ?? within(event, 'httpMethod')
  if (typeof method !== 'string') throw new TypeError(NO_REQUEST)
  const headers = headersOf(event)
  const refused = receiver.checkHead({ method, headers })
  if (refused !== undefined) return refused
  const body = method === 'POST' ? bodyOf(event, receiver.bodyLimit) : NO_BODY
  return body === undefined ? UNREADABLE : receiver.tryReceive({ method, headers, body })
}

/** A value in an event; it is made of JSON, so that each part is the event's own property. */
function within(event, ...path) {
  return path.reduce((part, name) => (typeof part === 'object' && part !== null ? own(part, name) : undefined), event)
}

/** Lists of values where there are some, because they show repeated headers. */
function headersOf(event) {
  const lists = within(event, 'multiValueHeaders') ?? {}
  return Object.keys(lists).length > 0 ? lists : (within(event, 'headers') ?? {})
}

/** The bytes that were sent, one byte more than the limit of what is over it, undefined of what no bytes were sent for. */
function bodyOf(event, limit) {
  const body = within(event, 'body')
  if (body === null || body === undefined) return NO_BODY
  if (typeof body !== 'string') throw eaten(ADVICE)
  return within(event, 'isBase64Encoded') ? ofBase64(body, limit) : ofText(body, limit)
}

/** Only the canonical form: what else Node decodes, such as line breaks, no gateway writes. */
function ofBase64(text, limit) {
  if (text.length > Math.ceil(limit / 3) * 4) return tooLarge(limit)
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** A body that is no UTF-8 comes in base64, so text has the bytes that were sent; half a character has none. */
function ofText(text, limit) {
  if (text.length > limit || Buffer.byteLength(text) > limit) return tooLarge(limit)
  return text.isWellFormed() ? Buffer.from(text) : undefined
}

const tooLarge = (limit) => Buffer.allocUnsafeSlow(limit + 1)

module.exports = { webhook }
