'use strict'

// Code that the adapters share. Adapters import files of lib/, and each other in this order.
// From the ground up: growing_body, common, handling, held_answer, node_request, express, fastify, fetch, lambda, redis,
// inbox_row, inbox_worker, inbox, inbox_pg, inbox_sqlite.

const { isNativeError } = require('node:util').types

const { member, own, ownOptions, refuseMore } = require('../lib/own.cjs')
const { checkGuarded, isReceiver } = require('../lib/receiver.cjs')

const { getPrototypeOf } = Object

const NO_BODY = Buffer.alloc(0)

/** The most bytes of a refused body that are read and discarded, so that the sender can read the answer. */
const DISCARDED_BYTES = 1024 * 1024

/**
 * Checks the arguments of an adapter (receiver, handler, options) when the program starts, and returns the options.
 * `more` are the options that only this adapter has. `parameters` is the number of arguments that the handler gets, if
 * the adapter knows it.
 *
 * With an inbox there is no handler: the second argument has the options.
 */
function checkArguments(given, more = [], parameters = Infinity) {
  refuseMore(given, 'webhook', ['receiver', 'handler', 'options'], `: the options are ${[...OPTIONS, ...more].join(', ')}`)
  const [receiver, handler, options] = given
  if (!isReceiver(receiver)) throw new TypeError('the first argument must be a Receiver')
  const hasHandler = typeof handler === 'function'
  if (!hasHandler && !(options === undefined && namesInbox(handler))) {
    throw new TypeError('the second argument must be a function that takes a Delivery, or options with an inbox')
  }
  const checked = ownOptions(hasHandler ? (options === undefined ? {} : options) : handler, [...OPTIONS, ...more], 'webhook')
  if (hasHandler) checkFunction(handler, 'the handler', parameters)
  for (const name of ['onDelivery', 'onRejection']) {
    const called = checked[name]
    if (called === undefined) continue
    if (typeof called !== 'function') throw new TypeError(`${name} must be a function`)
    checkFunction(called, name, 2)
  }
  if (checked.guard !== undefined) checkGuard(checked.guard, receiver)
  if (checked.inbox !== undefined || !hasHandler) checkInbox(checked, hasHandler)
  return checked
}

const OPTIONS = ['guard', 'inbox', 'onDelivery', 'onRejection']

const namesInbox = (options) => typeof options === 'object' && options !== null && Object.hasOwn(options, 'inbox')

function checkGuard(guard, receiver) {
  if (!hasMethods(guard, ['claim', 'confirm', 'release'])) {
    throw new TypeError('guard must be a ReplayGuard: it has the methods claim, confirm and release')
  }
  checkGuarded(receiver)
}

function checkInbox(given, hasHandler) {
  if (!hasMethods(given.inbox, ['put'])) throw new TypeError('inbox must be an Inbox: it has the method put')
  if (given.guard !== undefined) throw new TypeError('guard and inbox cannot be combined: an inbox recognizes repetitions by itself')
  if (hasHandler) {
    throw new TypeError('with an inbox there is no handler: give the options in its place, and hand the function to inbox.work')
  }
}

function hasMethods(object, names) {
  return typeof object === 'object' && object !== null && names.every((name) => typeof member(object, name) === 'function')
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

/** Calls the program's callback with a rejection. */
async function tellOfRejection({ onRejection }, received, request) {
  if (received.outcome === 'rejection') await tell('onRejection', onRejection, received, request)
}

/** Calls a callback of the program. Its failure is reported, and changes nothing else. */
async function tell(name, callback, ...told) {
  try {
    await callback?.(...told)
  } catch (error) {
    report(`${name} failed`, error)
  }
}

/**
 * Headers as a framework made them, with numbers as their texts: some platforms write a content-length, or a secret of
 * digits, as a number.
 */
function withTexts(headers) {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return headers
  const entries = Object.entries(headers)
  // Web Headers and a Map have no properties.
  if (entries.length === 0) return headers
  return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? Array.from(value, textOfNumber) : textOfNumber(value)]))
}

/** The text of a number, or the value as it is. */
const textOfNumber = (value) => (typeof value === 'number' ? `${value}` : value)

/** Reports an error of the program that nothing else would show. It never throws. */
function report(what, thrown) {
  reportText(`${what}:`, textOfThrown(thrown))
}

function reportText(what, ...texts) {
  try {
    console.error(`hookseal: ${what}`, ...texts)
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

/** What was asked for, or an error if it takes too long. */
async function inTime(asked, seconds) {
  let timer
  const over = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${seconds} s`)), seconds * 1000)
  })
  try {
    return await Promise.race([asked, over])
  } finally {
    clearTimeout(timer)
  }
}

/** Whether it is an Error of any realm. A revoked Proxy is not. */
function isError(thrown) {
  try {
    return thrown instanceof Error || isNativeError(thrown)
  } catch {
    return false
  }
}

/** Whether it is a TypeError of any realm: of the program, or of Node where a test has its own realm. */
function isTypeError(thrown) {
  if (!isError(thrown)) return false
  for (let of = getPrototypeOf(thrown); of !== null; of = getPrototypeOf(of)) if (own(of, 'name') === 'TypeError') return true
  return false
}

/** The thrown value as an Error: with some other values a framework assumes that the request was passed on. */
function asError(thrown) {
  return isError(thrown) ? thrown : new Error('the handler failed without an Error')
}

/** The text with its control characters escaped, except line breaks: text from a sender must not control a terminal. */
function printable(text) {
  return text.replace(/[^\P{Cc}\n]/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

module.exports = {
  DISCARDED_BYTES,
  NO_BODY,
  answerTo,
  asError,
  checkArguments,
  checkFunction,
  eaten,
  inTime,
  isError,
  isTypeError,
  report,
  reportText,
  tell,
  tellOfRejection,
  textOfNumber,
  withTexts,
}
