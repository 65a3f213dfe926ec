'use strict'

// The adapter for Web Request and Response: Hono, Next.js route handlers, Bun, Deno, workers with Node's modules.

const { isUint8Array } = require('node:util').types

const { member } = require('../lib/own.cjs')
const { unreadable } = require('../lib/receiver.cjs')
const { DISCARDED_BYTES, NO_BODY, answerTo, checkArguments, eaten, tellOfRejection } = require('./common.cjs')
const { GrowingBody } = require('./growing_body.cjs')
const { handle } = require('./handling.cjs')
const { MOST_HELD_BYTES } = require('./held_answer.cjs')

const ADVICE = 'call hookseal/fetch before request.json() and the like, or hand it request.clone()'

/** A function from Request to Response that calls `handler` with each delivery, the request and further arguments. */
function webhook(receiver, handler, _options) {
  const checked = checkArguments(arguments)
  return async (request, ...rest) => {
    const received = await receiveFrom(receiver, request)
    if (received.outcome === 'delivery') {
      return handle(checked, received, {
        call: async () => (await handler(received, request, ...rest)) ?? responseOf({ status: 204, headers: {}, body: null }),
        conclude: (response, finish) => sendToEnd(request, response, finish),
        answerWith: responseOf,
      })
    }
    // Called before the answer, because a platform may stop a program that has answered.
    await tellOfRejection(checked, received, request)
    return responseOf(answerTo(received))
  }
}

const responseOf = ({ status, headers, body = null }) => new Response(body, { __proto__: null, status, headers })

async function receiveFrom(receiver, request) {
  // `member` reads getters of the class Request or of a platform's own class, never properties of Object.prototype.
  const method = member(request, 'method')
  const headers = member(request, 'headers')
  const refused = receiver.checkHead({ method, headers })
  if (refused !== undefined) return refused
  const body = await bodyOf(receiver, method, request)
  if (body === undefined) return unreadable(receiver)
  const received = receiver.tryReceive({ method, headers, body })
  if (received.outcome === 'delivery') makeReadable(request, body)
  return received
}

/**
 * Lets the program read the request, whose own body was read. A copy of the request from before would keep each chunk
 * as an object of its own, of which a sender chooses the number.
 */
function makeReadable(request, body) {
  let copy
  const copied = () => (copy ??= new Request(member(request, 'url'), { __proto__: null, method: 'POST', headers: member(request, 'headers'), body }))
  for (const name of ['arrayBuffer', 'blob', 'bytes', 'clone', 'formData', 'json', 'text']) {
    if (typeof member(request, name) !== 'function') continue
    defineOn(request, name, { __proto__: null, value: () => copied()[name](), configurable: true, writable: true })
  }
  for (const name of ['body', 'bodyUsed']) {
    defineOn(request, name, { __proto__: null, get: () => copied()[name], configurable: true })
  }
}

function defineOn(request, name, property) {
  if (Reflect.defineProperty(request, name, property)) return
  throw new TypeError(`the request is frozen or keeps its own ${name}, so the handler could not read it: hand hookseal/fetch request.clone()`)
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

/**
 * The response of a handler. `finish` is called once, with whether it has been read to its end: before it is answered if
 * it is short, otherwise when the platform has read the rest.
 */
async function sendToEnd(request, response, finish) {
  const isRight = () => response.status >= 200 && response.status < 400 && !member(request, 'signal')?.aborted
  const body = member(response, 'body')
  if (!isRight() || typeof body?.getReader !== 'function' || body.locked) {
    await finish(isRight())
    return response
  }
  const reader = body.getReader()
  const next = async () => {
    const { done, value } = await reader.read()
    if (!done && !isUint8Array(value)) throw new TypeError('the body of a Response must be a stream of Uint8Array')
    return value
  }
  const chunks = []
  let failure
  const fail = async (error) => {
    failure = { error }
    await finish(false)
  }
  try {
    for (let bytes = 0; bytes <= MOST_HELD_BYTES; bytes += chunks.at(-1).byteLength) {
      const chunk = await next()
      if (chunk === undefined) {
        await finish(isRight())
        return withBody(response, Buffer.concat(chunks))
      }
      chunks.push(chunk)
    }
  } catch (error) {
    await fail(error)
  }
  return withBody(response, new ReadableStream({
    __proto__: null,
    async pull(controller) {
      if (chunks.length > 0) return controller.enqueue(chunks.shift())
      const chunk = failure === undefined ? await next().catch(fail) : undefined
      if (failure !== undefined) throw failure.error
      if (chunk !== undefined) return controller.enqueue(chunk)
      await finish(isRight())
      controller.close()
    },
    async cancel(reason) {
      if (failure === undefined) await finish(false)
      await reader.cancel(reason)
    },
  }, { __proto__: null, highWaterMark: 0 }))
}

function withBody(response, body) {
  const { status, statusText, headers } = response
  return new Response(body, { __proto__: null, status, statusText, headers })
}

module.exports = { webhook }
