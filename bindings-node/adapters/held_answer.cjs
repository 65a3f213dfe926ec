'use strict'

// Holds back the end of a response of node:http until a guard knows whether the delivery was handled.

const { isUint8Array } = require('node:util').types

/**
 * The end of a response, held back while a handler runs. A handler may answer and fail afterwards, and a delivery must
 * be confirmed before its sender reads the answer.
 *
 * A handler that waits until the response has ended, as `stream.pipeline` does, would wait for ever. So if it listens
 * for that, its status alone decides.
 */
class HeldAnswer {
  #response
  #settle
  #end
  #ended
  #hasEnded
  #mayEnd = false
  #isSettled = false
  /** Whether the delivery was handled, once that is known and the answer has been passed on. */
  settled = new Promise((resolve) => (this.#hasEnded = resolve))

  /** `settle` gets whether the delivery was handled, and ends the claim. */
  constructor(response, settle) {
    this.#response = response
    this.#settle = settle
    this.#end = response.end
    response.on('close', () => this.#settleOnce(false))
    response.on('newListener', this.#onListener)
    define(response, 'end', (...given) => this.#hold(given))
  }

  /** The handler has ended. The answer may be complete, or end later. */
  handlerEnded() {
    this.#mayEnd = true
    this.#advance()
  }

  /** The handler has failed. Its answer is forgotten, as far as it was not sent. */
  async handlerFailed() {
    if (!this.#isSettled) this.#ended = undefined
    await this.#settleOnce(false)
  }

  #hold(given) {
    const response = this.#response
    const [chunk, encoding] = given
    const isChunk = typeof chunk === 'string' || isUint8Array(chunk)
    // Node's own error for anything else.
    if (!isChunk && chunk != null && typeof chunk !== 'function') return Reflect.apply(this.#end, response, given)
    if (this.#ended !== undefined) return response
    // Status and headers cannot be changed after the end.
    if (!response.headersSent) writeHead(response, isChunk ? chunk : '', encoding)
    this.#ended = given
    if (typeof given.at(-1) === 'function') this.#mayEnd = true
    this.#advance()
    return response
  }

  #onListener = (name) => {
    if (name !== 'finish' && name !== 'close') return
    this.#mayEnd = true
    this.#advance()
  }

  #advance() {
    if (this.#mayEnd && this.#ended !== undefined) void this.#settleOnce(this.#response.statusCode < 400 && !this.#response.destroyed)
  }

  async #settleOnce(isHandled) {
    if (this.#isSettled) return this.settled
    this.#isSettled = true
    const response = this.#response
    response.off('newListener', this.#onListener)
    await this.#settle(isHandled)
    define(response, 'end', this.#end)
    if (this.#ended !== undefined) Reflect.apply(this.#end, response, this.#ended)
    this.#hasEnded(isHandled)
  }
}

/** Writes the head as `end` would: with the length of a body that comes in one piece. */
function writeHead(response, chunk, encoding) {
  const { statusCode } = response
  const hasBody = statusCode !== 204 && statusCode !== 304
  if (hasBody && !response.hasHeader('content-length') && !response.hasHeader('transfer-encoding')) {
    response.setHeader('content-length', typeof chunk === 'string' ? Buffer.byteLength(chunk, typeof encoding === 'string' ? encoding : 'utf8') : chunk.byteLength)
  }
  response.writeHead(statusCode)
}

function define(object, name, value) {
  Object.defineProperty(object, name, { __proto__: null, value, configurable: true, enumerable: false, writable: true })
}

/** Whether a response ends before its sender leaves. */
function endOf(response) {
  return new Promise((resolve) => {
    response.once('finish', () => resolve(true))
    response.once('close', () => resolve(false))
  })
}

module.exports = { HeldAnswer, define, endOf }
