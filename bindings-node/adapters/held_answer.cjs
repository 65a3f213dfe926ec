'use strict'

// Holds back a response of node:http until a guard knows whether the delivery was handled.

const { isUint8Array } = require('node:util').types

const { report } = require('./common.cjs')

/** How much of an answer is held back. A longer one is sent while it is made, and its status alone decides. */
const MOST_HELD_BYTES = 64 * 1024
/** Events for which a handler can wait that never come while the answer is held back. */
const AWAITED = ['finish', 'close', 'drain']

/**
 * The body of an answer, held back while a handler runs. A handler may answer and fail afterwards, and a delivery must
 * be confirmed before its sender reads the answer.
 *
 * A handler that waits until the response has ended, as `stream.pipeline` does, would wait for ever. So if it listens
 * for that, the status of the complete answer decides.
 */
class HeldAnswer {
  #response
  #settle
  #own
  #calls = []
  #heldBytes = 0
  #isComplete = false
  #isFull = false
  #hasClosed = false
  #handlerHasEnded = false
  #handlerHasFailed = false
  #isAwaited = false
  #isSettled = false
  #tell
  /** Whether the delivery was handled, once that is known and the answer has been passed on. */
  settled = new Promise((resolve) => (this.#tell = resolve))

  /** `settle` gets whether the delivery was handled, and ends the claim. */
  constructor(response, settle) {
    this.#response = response
    this.#settle = settle
    this.#own = { __proto__: null, write: response.write, end: response.end, flushHeaders: response.flushHeaders }
    // The handler goes on when its sender has left, so its claim lasts until it ends.
    response.on('close', () => {
      this.#hasClosed = true
      this.#advance()
    })
    response.on('newListener', this.#onListener)
    define(response, 'write', (...given) => this.#hold('write', given) ?? !this.#isFull)
    define(response, 'end', (...given) => this.#hold('end', given) ?? response)
    // The head is sent with the answer.
    define(response, 'flushHeaders', () => {})
  }

  /** The handler has ended. The answer may be complete, or end later. */
  handlerEnded() {
    this.#handlerHasEnded = true
    this.#advance()
  }

  /** The handler has failed. What is held back of its answer is never sent. */
  async handlerFailed() {
    if (!this.#isSettled) {
      this.#handlerHasFailed = true
      this.#calls = []
    }
    await this.#settleOnce(false)
  }

  /** Keeps a call for later. A result is that of the response itself. */
  #hold(name, given) {
    const response = this.#response
    const [chunk, encoding] = given
    const bytes = lengthOf(chunk, encoding) ?? (name === 'end' && (chunk == null || typeof chunk === 'function') ? 0 : undefined)
    // Node's own error for anything that is no chunk.
    if (bytes === undefined) return Reflect.apply(this.#own[name], response, given)
    // Code of a handler that has failed may still answer while the claim is released.
    if (this.#isComplete || this.#handlerHasFailed) return undefined
    // Later calls must not change status and headers.
    if (!response.headersSent) writeHead(response, name === 'end' ? bytes : undefined)
    // A handler that waits for a part to be written would wait for ever.
    if (name === 'write' && typeof given.at(-1) === 'function') process.nextTick(given.pop())
    this.#calls.push([name, given])
    this.#heldBytes += bytes
    this.#isFull ||= this.#heldBytes > MOST_HELD_BYTES
    this.#isComplete = name === 'end'
    if (typeof given.at(-1) === 'function') this.#isAwaited = true
    this.#advance()
    return undefined
  }

  #onListener = (name) => {
    if (!AWAITED.includes(name)) return
    this.#isAwaited = true
    this.#advance()
  }

  #advance() {
    const { statusCode, destroyed, headersSent } = this.#response
    const isReady = this.#handlerHasEnded ? headersSent || this.#hasClosed : this.#isAwaited && this.#isComplete
    if (isReady || this.#isFull) void this.#settleOnce(statusCode < 400 && !destroyed)
  }

  async #settleOnce(isHandled) {
    if (this.#isSettled) return this.settled
    this.#isSettled = true
    const response = this.#response
    response.off('newListener', this.#onListener)
    await this.#settle(isHandled)
    for (const [name, call] of Object.entries(this.#own)) define(response, name, call)
    try {
      for (const [name, given] of this.#calls) Reflect.apply(this.#own[name], response, given)
      // Who was told to wait goes on.
      if (this.#isFull && !response.writableNeedDrain) response.emit('drain')
    } catch (error) {
      report('an answer could not be sent', error)
      response.destroy()
    }
    this.#tell(isHandled)
  }
}

/** The number of bytes of a chunk. Undefined for anything else. */
function lengthOf(chunk, encoding) {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk, typeof encoding === 'string' ? encoding : 'utf8')
  return isUint8Array(chunk) ? chunk.byteLength : undefined
}

/** Writes the head as Node does: with the length of a body that comes in one piece. */
function writeHead(response, length) {
  const { statusCode } = response
  const isKnown = response.hasHeader('content-length') || response.hasHeader('transfer-encoding') || response.hasHeader('trailer')
  if (length !== undefined && !isKnown && statusCode !== 204 && statusCode !== 304) response.setHeader('content-length', length)
  response.writeHead(statusCode)
}

function define(object, name, value) {
  Object.defineProperty(object, name, { __proto__: null, value, configurable: true, enumerable: false, writable: true })
}

/** Whether a response ends before its sender leaves. */
function endOf(response) {
  return new Promise((resolve) => {
    if (response.destroyed) resolve(response.writableFinished === true)
    response.once('finish', () => resolve(true))
    response.once('close', () => resolve(false))
  })
}

module.exports = { HeldAnswer, define, endOf }
