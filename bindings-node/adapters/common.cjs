'use strict'

// What the adapters share. They import lib/, and each other in this order.
// From the ground up: growing_body, common, node_request, express, fastify, fetch, lambda.

const { isNativeError } = require('node:util').types

const { member, ownOptions } = require('../lib/own.cjs')
const { isReceiver } = require('../lib/receiver.cjs')

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
  if (!isReceiver(receiver)) throw new TypeError('the first argument must be a Receiver')
  if (typeof handler !== 'function') throw new TypeError('the second argument must be a function that takes a Delivery')
  const given = ownOptions(options, names, 'webhook')
  const { onRejection } = given
  if (onRejection !== undefined && typeof onRejection !== 'function') throw new TypeError('onRejection must be a function')
  checkFunction(handler, 'the handler', parameters)
  if (onRejection !== undefined) checkFunction(onRejection, 'onRejection', 2)
  return given
}

function checkFunction(called, what, parameters) {
  // A call would only make the generator, and the request would be answered as if it had been handled.
  if (isGeneratorFunction(called)) {
    throw new TypeError(`${what} must not be a generator function, which nothing would run: make it async`)
  }
  // The request would be answered before the callback was called, and nobody would see that it failed.
  if (called.length > parameters) {
    throw new TypeError(
      `${what} takes ${called.length} arguments and gets ${parameters}: it must return a promise in place of calling back`,
    )
  }
}

/** Of any realm, and bound ones too: these keep the prototype of what they call. */
function isGeneratorFunction(called) {
  return ['GeneratorFunction', 'AsyncGeneratorFunction'].includes(member(called, Symbol.toStringTag))
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

/** Where nothing else would show an error of the program. It never throws, whatever was thrown. */
function report(what, thrown) {
  try {
    console.error(`hookseal: ${what}:`, textOfThrown(thrown))
  } catch {
    // There is no other place to tell it.
  }
}

function textOfThrown(thrown) {
  try {
    if (isError(thrown)) {
      // A getter may say something else each time.
      const { stack } = thrown
      if (typeof stack === 'string') return printable(stack)
    }
  } catch {
    // A getter of the program failed.
  }
  // Anything else that is thrown could hold a request, and with it what no log may hold.
  const type = typeof thrown
  if (thrown === undefined || thrown === null) return `${thrown} was thrown`
  return `${type === 'object' ? 'an' : 'a'} ${type} was thrown`
}

/** Whether it is an Error, of any realm; a revoked Proxy is none. */
function isError(thrown) {
  try {
    return thrown instanceof Error || isNativeError(thrown)
  } catch {
    return false
  }
}

/** What was thrown, as an Error: frameworks take some other values for a request that was passed on. */
function asError(thrown) {
  return isError(thrown) ? thrown : new Error('the handler failed without an Error')
}

/** A text whose control characters, but for line breaks, are escaped: its sender's words must not drive a terminal. */
function printable(text) {
  return text.replace(/[^\P{Cc}\n]/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

module.exports = { DISCARDED_BYTES, NO_BODY, UNREADABLE, answerTo, asError, checkArguments, eaten, report, tellOfRejection }
