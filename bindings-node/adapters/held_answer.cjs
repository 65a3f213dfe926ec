'use strict'

// Holds back a response of node:http or node:http2 until a guard knows whether the delivery was handled.

const { isUint8Array } = require('node:util').types

const { member } = require('../lib/own.cjs')
const { report } = require('./common.cjs')

/** How much of an answer is held back. A longer one is sent while it is made, and is confirmed at its end. */
const MOST_HELD_BYTES = 64 * 1024
/** Events for which a handler can wait that never come while the answer is held back. */
const AWAITED = ['finish', 'close', 'drain']
/** The methods that are held back. Over HTTP/2 those of the stream, to which all methods of the response lead. */
const METHODS = ['write', 'end', 'flushHeaders']
const METHODS_OF_STREAM = ['respond', 'respondWithFile', 'respondWithFD', 'write', 'end']

/**
 * An answer, held back while a handler runs and until the answer is complete. A handler may answer and fail afterwards,
 * and a delivery must be confirmed before its sender reads the answer. One that is sent while it is made, because it is
 * long or a file, is confirmed when it has been sent to its end.
 *
 * A handler that waits until the response has ended, as `stream.pipeline` does, would wait for ever. So if it listens
 * for that, the status of the complete answer decides.
 *
 * An answer with a status of 400 or above never confirms, so it need not wait for the handler. It may be that of a
 * timeout. The claim still lasts until the handler ends, so that no repetition is handled beside it.
 */
class HeldAnswer {
  #response
  /** The object whose methods are held back: the response, or the stream of an HTTP/2 response. */
  #target
  #settle
  #own = { __proto__: null }
  #calls = []
  /** The status of the head of an HTTP/2 response. */
  #status
  #heldBytes = 0
  #isComplete = false
  #isFull = false
  #isPassedOn = false
  #hasClosed = false
  /** Whether an answer that was sent while it was made has been sent to its end. */
  #hasFinished = false
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
    this.#target = targetOf(response)
    this.#settle = settle
    const target = this.#target
    const isStream = target !== response
    for (const name of isStream ? METHODS_OF_STREAM : METHODS) this.#own[name] = target[name]
    // The handler goes on when its sender has left, so its claim lasts until it ends.
    target.on('close', () => {
      this.#hasClosed = true
      // The stream of HTTP/2 finishes before a file was sent, and also if its sender has left.
      this.#hasFinished ||= isStream && target.rstCode === 0 && target.aborted !== true
      this.#advance()
    })
    target.on('finish', () => {
      this.#hasFinished ||= !isStream
      this.#advance()
    })
    for (const emitter of new Set([response, target])) emitter.on('newListener', this.#onListener)
    define(target, 'write', (...given) => this.#hold('write', given) ?? !this.#isFull)
    define(target, 'end', (...given) => this.#hold('end', given) ?? target)
    if (isStream) {
      define(target, 'respond', (...given) => this.#holdHead('respond', given, given[0]))
      for (const name of ['respondWithFile', 'respondWithFD']) {
        define(target, name, (...given) => {
          this.#holdHead(name, given, given[1])
          // The file is read while it is sent, which may fail.
          if (!this.#handlerHasFailed) this.#passOn()
        })
      }
    } else {
      // The head is sent with the answer.
      define(target, 'flushHeaders', () => {})
    }
  }

  /** The handler has ended. The answer may be complete, or end later. */
  handlerEnded() {
    this.#handlerHasEnded = true
    this.#advance()
  }

  /**
   * The handler has failed. What is held back of its answer is never sent. The result tells whether the answer had
   * begun: it cannot be replaced then, and the closed connection shows that it is incomplete.
   */
  async handlerFailed() {
    const response = this.#response
    const isDropped = !this.#isSettled && !this.#isPassedOn && response.headersSent
    if (!this.#isSettled) {
      this.#handlerHasFailed = true
      this.#calls = []
    }
    await this.#settleOnce(false)
    const isCut = isDropped || (response.headersSent && !response.writableEnded)
    if (isCut) response.destroy()
    return isCut
  }

  /** Keeps the head of an HTTP/2 response for later. */
  #holdHead(name, given, headers) {
    if (this.#isComplete || this.#handlerHasFailed) return
    this.#calls.push([name, given])
    this.#status = Number(headers?.[':status'] ?? 200)
    // Later calls must not change status and headers.
    define(this.#target, 'headersSent', true)
  }

  /** Keeps a call for later. A result is that of the response itself. */
  #hold(name, given) {
    const [response, target] = [this.#response, this.#target]
    const [chunk, encoding] = given
    const bytes = lengthOf(chunk, encoding) ?? (name === 'end' && (chunk == null || typeof chunk === 'function') ? 0 : undefined)
    // Node's own error for anything that is no chunk. It ends the stream of a sender that has left.
    if (bytes === undefined || target.aborted === true) return Reflect.apply(this.#own[name], target, given)
    // Code of a handler that has failed may still answer while the claim is released.
    if (this.#isComplete || this.#handlerHasFailed) return undefined
    // Later calls must not change status and headers.
    if (!target.headersSent) {
      if (target === response) writeHead(response, name === 'end' ? bytes : undefined)
      else this.#holdHead('respond', [])
    }
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
    if (this.#isSettled) return
    const { aborted, destroyed, headersSent } = this.#target
    const isFailure = (this.#status ?? this.#response.statusCode) >= 400
    if (this.#isComplete && !this.#isPassedOn) {
      if (this.#handlerHasEnded || this.#isAwaited) void this.#settleOnce(!isFailure && !destroyed && aborted !== true)
      // A handler that returns at once has ended by then, and its claim is released before its answer.
      else if (isFailure) setImmediate(() => this.#isSettled || this.#handlerHasFailed || this.#passOn())
    } else if (this.#handlerHasEnded && (this.#hasFinished || this.#hasClosed || (isFailure && headersSent))) {
      void this.#settleOnce(this.#hasFinished && !isFailure)
    } else if (this.#isFull) {
      // Over HTTP/2 `end` with a text is a `write` and an `end`.
      process.nextTick(() => this.#isSettled || this.#isComplete || this.#handlerHasFailed || this.#passOn())
    }
  }

  async #settleOnce(isHandled) {
    if (this.#isSettled) return this.settled
    this.#isSettled = true
    for (const emitter of new Set([this.#response, this.#target])) emitter.off('newListener', this.#onListener)
    await this.#settle(isHandled)
    this.#passOn()
    this.#tell(isHandled)
  }

  #passOn() {
    if (this.#isPassedOn) return
    this.#isPassedOn = true
    const target = this.#target
    for (const [name, call] of Object.entries(this.#own)) define(target, name, call)
    if (target !== this.#response) delete target.headersSent
    try {
      for (const [name, given] of this.#calls) Reflect.apply(this.#own[name], target, given)
      // Who was told to wait goes on.
      if (this.#isFull && !target.writableNeedDrain) target.emit('drain')
    } catch (error) {
      report('an answer could not be sent', error)
      this.#response.destroy()
    }
  }
}

/** The stream of an HTTP/2 response; any other response itself. */
function targetOf(response) {
  const stream = member(response, 'stream')
  return typeof stream === 'object' && stream !== null && typeof member(stream, 'respond') === 'function' ? stream : response
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

/** Whether a stream is piped into a response, so that it is answered although nothing was written yet. */
function isPiped(response) {
  return [response, targetOf(response)].some((target) => target.listenerCount?.('unpipe') > 0)
}

/** Whether a response ends before its sender leaves. */
function endOf(response) {
  const target = targetOf(response)
  return new Promise((resolve) => {
    if (target.destroyed) resolve(target.writableFinished === true && target.aborted !== true)
    // The stream of HTTP/2 finishes also if its sender has left.
    target.once('finish', () => resolve(target.aborted !== true))
    target.once('close', () => resolve(false))
  })
}

module.exports = { HeldAnswer, MOST_HELD_BYTES, endOf, isPiped }
