'use strict'

// The adapter for AWS Lambda behind an API Gateway (REST or HTTP API), a function URL or an Application Load Balancer.
// core/adapters/lambda.json has events with the outcome that this adapter and Python's must give.

const { own } = require('../lib/own.cjs')
const { unreadable } = require('../lib/receiver.cjs')
const { NO_BODY, answerTo, checkArguments, tellOfRejection, withTexts } = require('./common.cjs')
const { handle } = require('./handling.cjs')

const PARSED = 'the body of the event was parsed before: hand on the event as Lambda delivers it'
const NO_REQUEST =
  'the event is no HTTP request of API Gateway, a function URL or a load balancer: it has no headers and no method'

/** A Lambda handler that calls `handler` with each delivery and answers everything else. */
function webhook(receiver, handler, _options) {
  const checked = checkArguments(arguments, [], 3)
  return async (event, context) => {
    const answerWith = (answer) => resultOf(event, answer)
    const received = receiveFrom(receiver, event)
    if (received.outcome === 'delivery') {
      return handle(checked, received, {
        call: async () => (await handler(received, event, context)) ?? answerWith({ status: 204, headers: {}, body: '' }),
        conclude: async (result, finish) => {
          // An answer without a status is one with 200.
          await finish(Number(within(result, 'statusCode') ?? 200) < 400)
          return result
        },
        answerWith,
      })
    }
    // Called before the answer, because Lambda stops a function that has answered.
    await tellOfRejection(checked, received, event)
    return answerWith(answerTo(received))
  }
}

/** The answer in the form of the event: a load balancer that sends lists of values accepts only lists. */
function resultOf(event, { status, headers, body = '' }) {
  const result = { statusCode: status, body, isBase64Encoded: false }
  const inLists = within(event, 'requestContext', 'elb') && within(event, 'multiValueHeaders')
  if (!inLists) return { ...result, headers: { ...headers } }
  const lists = Object.entries(headers).map(([name, value]) => [name, [value]])
  return { ...result, multiValueHeaders: Object.fromEntries(lists) }
}

function receiveFrom(receiver, event) {
  // HTTP APIs and function URLs send the second form of event (version 2.0), the others the first.
  const method = within(event, 'requestContext', 'http', 'method') ?? within(event, 'httpMethod')
  if (typeof method !== 'string') throw new TypeError(NO_REQUEST)
  const headers = headersOf(event)
  const refused = receiver.checkHead({ method, headers })
  if (refused !== undefined) return refused
  const body = method === 'POST' ? bodyOf(event, receiver.bodyLimit) : NO_BODY
  return body === undefined ? unreadable(receiver) : receiver.tryReceive({ method, headers, body })
}

/** A value in an event. An event comes from JSON, so every part is a property of its own. */
function within(event, ...path) {
  return path.reduce((part, name) => (typeof part === 'object' && part !== null ? own(part, name) : undefined), event)
}

/** The headers as lists of values if there are any, because lists show repeated headers. */
function headersOf(event) {
  const lists = within(event, 'multiValueHeaders') ?? {}
  return withTexts(Object.keys(lists).length > 0 ? lists : (within(event, 'headers') ?? {}))
}

/** The bytes that were sent. For a body over the limit one byte more than the limit; undefined for a malformed one. */
function bodyOf(event, limit) {
  const body = within(event, 'body')
  if (body === null || body === undefined) return NO_BODY
  if (typeof body !== 'string') throw new TypeError(PARSED)
  return within(event, 'isBase64Encoded') ? ofBase64(body, limit) : ofText(body, limit)
}

/** Accepts only the canonical form. No gateway writes the other forms that Node decodes, such as line breaks. */
function ofBase64(text, limit) {
  if (text.length > Math.ceil(limit / 3) * 4) return tooLarge(limit)
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** A body that is not UTF-8 arrives in base64, so a text gives the bytes that were sent. Half a character has none. */
function ofText(text, limit) {
  if (text.length > limit || Buffer.byteLength(text) > limit) return tooLarge(limit)
  return text.isWellFormed() ? Buffer.from(text) : undefined
}

const tooLarge = (limit) => Buffer.allocUnsafeSlow(limit + 1)

module.exports = { webhook }
