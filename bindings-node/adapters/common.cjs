'use strict'

// Code that the adapters share. Adapters import files of lib/, and each other in this order.
// From the ground up: growing_body, common, node_request, express, fastify, fetch, lambda, redis, inbox_row,
// inbox_worker, inbox, inbox_pg, inbox_sqlite.

const { isNativeError } = require('node:util').types

const { member, ownOptions } = require('../lib/own.cjs')
const { isReceiver } = require('../lib/receiver.cjs')

const NO_BODY = Buffer.alloc(0)

/** The most bytes of a refused body that are read and discarded, so that the sender can read the answer. */
const DISCARDED_BYTES = 1024 * 1024

/** The answer if the body did not arrive. It is not a rejection, because nothing could be checked. */
const UNREADABLE = Object.freeze({ outcome: 'unreadable', status: 400, headers: Object.freeze({}) })

/**
 * Checks the arguments of an adapter when the program starts, and returns the options. `parameters` is the number of
 * arguments that the handler gets, if the adapter knows it.
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
  // A call would only make a generator, and the request would be answered as if it had been handled.
  if (isGeneratorFunction(called)) {
    throw new TypeError(`${what} must not be a generator function: nothing would run it; make it async`)
  }
  // The request would be answered before the callback is called, and nobody would see a failure.
  if (called.length > parameters) {
    throw new TypeError(
      `${what} takes ${called.length} arguments and gets ${parameters}: it must return a promise, not take a callback`,
    )
  }
}

/** Finds generator functions of any realm, and bound ones: a bound function keeps the prototype of its target. */
function isGeneratorFunction(called) {
  return ['GeneratorFunction', 'AsyncGeneratorFunction'].includes(member(called, Symbol.toStringTag))
}

/** The error if the program has already read the body. */
function eaten(advice) {
  return new TypeError(`the body was read before hookseal could check it, so its exact bytes are gone: ${advice}`)
}

/** Status, headers and body of the answer to a handshake or a refusal. A refusal has no body. */
function answerTo(received) {
  const { outcome, status, headers } = received
  return { status, headers, body: outcome === 'handshake' ? received.body : undefined }
}

/** Calls the program's callback with a rejection. A failure of the callback is reported, and changes nothing else. */
async function tellOfRejection(onRejection, received, request) {
  if (received.outcome !== 'rejection') return
  try {
    await onRejection?.(received, request)
  } catch (error) {
    report('onRejection failed', error)
  }
}

/** Reports an error of the program that nothing else would show. It never throws. */
function report(what, thrown) {
  try {
    console.error(`hookseal: ${what}:`, textOfThrown(thrown))
  } catch {
    // There is no other place to report it.
  }
}

function textOfThrown(thrown) {
  try {
    if (isError(thrown)) {
      // Read once: a getter may return something else each time.
      const { stack } = thrown
      if (typeof stack === 'string') return printable(stack)
    }
  } catch {
    // A getter of the program failed.
  }
  // Any other value may hold a request, and so text that must not be logged.
  const type = typeof thrown
  if (thrown === undefined || thrown === null) return `${thrown} was thrown`
  return `${type === 'object' ? 'an' : 'a'} ${type} was thrown`
}

/** Whether it is an Error of any realm. A revoked Proxy is not. */
function isError(thrown) {
  try {
    return thrown instanceof Error || isNativeError(thrown)
  } catch {
    return false
  }
}

/** The thrown value as an Error: with some other values a framework assumes that the request was passed on. */
function asError(thrown) {
  return isError(thrown) ? thrown : new Error('the handler failed without an Error')
}

/** The text with its control characters escaped, except line breaks: text from a sender must not control a terminal. */
function printable(text) {
  return text.replace(/[^\P{Cc}\n]/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

module.exports = { DISCARDED_BYTES, NO_BODY, UNREADABLE, answerTo, asError, checkArguments, checkFunction, eaten, report, tellOfRejection }
