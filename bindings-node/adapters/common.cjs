'use strict'

// What the adapters share.

const { ownOptions } = require('../lib/own.cjs')
const { Receiver } = require('../lib/receiver.cjs')

const NO_BODY = Buffer.alloc(0)

/** How much of a refused body is read and thrown away, so that the sender can read the answer. */
const DISCARDED_BYTES = 1024 * 1024

/** The answer where the body did not arrive: there is no rejection, because nothing could be checked. */
const UNREADABLE = Object.freeze({ outcome: 'unreadable', status: 400, headers: Object.freeze({}) })

/**
 * Checks what a program hands to an adapter, when the program starts, and returns the options. `parameters` is how many
 * arguments its handler gets, where that is known.
 */
function checkArguments(receiver, handler, options, names, parameters = Infinity) {
  if (!(receiver instanceof Receiver)) throw new TypeError('the first argument must be a Receiver')
  if (typeof handler !== 'function') throw new TypeError('the second argument must be a function that takes a Delivery')
  const given = ownOptions(options, names, 'webhook')
  const { onRejection } = given
  if (onRejection !== undefined && typeof onRejection !== 'function') throw new TypeError('onRejection must be a function')
  // The request would be answered before the callback was called, and nobody would see that it failed.
  if (handler.length > parameters) {
    throw new TypeError(`the handler must return a promise: it gets ${parameters} arguments, and no callback`)
  }
  if (onRejection?.length > 2) throw new TypeError('onRejection must return a promise: it gets 2 arguments, and no callback')
  return given
}

/** The error of a program in which something else has read the body first. */
function eaten(advice) {
  return new TypeError(`the body was read before hookseal could check it, so its exact bytes are gone: ${advice}`)
}

/** Status, headers and body of the answer to what is no delivery; a refusal has no body. */
function answerTo(received) {
  const { outcome, status, headers } = received
  return { status, headers, body: outcome === 'handshake' ? received.body : undefined }
}

/** Hands a rejection to the program's callback. A failure there is reported, and changes nothing else. */
async function tellOfRejection(onRejection, received, request) {
  if (received.outcome !== 'rejection') return
  try {
    await onRejection?.(received, request)
  } catch (error) {
    report('onRejection failed', error)
  }
}

/** Where nothing else would show an error of the program. */
function report(what, error) {
  // Anything else that is thrown could hold a request, and with it what no log may hold.
  console.error(`hookseal: ${what}:`, error instanceof Error ? printable(error.stack) : `a ${typeof error} was thrown`)
}

/** A text whose control characters, but for line breaks, are escaped: its sender's words must not drive a terminal. */
function printable(text) {
  return String(text).replace(/[^\P{Cc}\n]/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

module.exports = { DISCARDED_BYTES, NO_BODY, UNREADABLE, answerTo, checkArguments, eaten, report, tellOfRejection }
