'use strict'

// The options of receivers. This file checks names and types; the core checks ranges and combinations.

const { native } = require('./native.cjs')
const { ownOptions } = require('./own.cjs')

const { encodings, policies } = native

const FOR_EVERY_VENDOR = [
  'maxBodyBytes',
  'maxEvents',
  'maxDepth',
  'maxNumberLength',
  'source',
  'replayPolicy',
  'replayRetentionSeconds',
  'idKey',
]
const OPTIONS = {
  benji: ['window', 'signatureEncoding', 'requireSignedTime', 'allowMissingDate', ...FOR_EVERY_VENDOR],
  benti: ['window', 'utcOffsetMinutes', 'allowUnsignedHandshake', ...FOR_EVERY_VENDOR],
  bento: ['basic', 'bearer', 'header', 'requireEventOrEmail', ...FOR_EVERY_VENDOR],
}
const NAMES = new Set([...Object.values(OPTIONS).flat(), 'notBefore', 'notAfter', 'leaseSeconds', 'toRecord'])

const asItIs = (value) => value

const CHECKS = {
  window: windowSides,
  maxBodyBytes: whole,
  maxEvents: whole,
  maxDepth: whole,
  maxNumberLength: whole,
  source: textOf,
  replayPolicy: (value, name) => oneOf(policies, value, name),
  replayRetentionSeconds: whole,
  // The code that hands secrets to the native module checks them.
  idKey: asItIs,
  basic: asItIs,
  bearer: asItIs,
  header: asItIs,
  signatureEncoding: (value, name) => oneOf(encodings, value, name),
  requireSignedTime: (value, name) => ofType('boolean', value, name),
  allowMissingDate: (value, name) => ofType('boolean', value, name),
  utcOffsetMinutes: integer,
  allowUnsignedHandshake: (value, name) => ofType('boolean', value, name),
  requireEventOrEmail: (value, name) => ofType('boolean', value, name),
}

/** The options that are set, checked. An option that the vendor does not have is an error, whatever its value. */
function checkedOptions(vendor, options) {
  const checked = { __proto__: null }
  for (const [name, value] of Object.entries(ownOptions(options, OPTIONS[vendor], `Receiver.${vendor}`, elsewhere))) {
    // If an environment variable is unset, ids must not silently become open to guesses.
    if (name === 'idKey' && value === undefined) {
      throw new TypeError('idKey is undefined: check that its environment variable is set, or leave the option out')
    }
    if (value !== undefined) checked[name] = CHECKS[name](value, name)
  }
  return checked
}

/** The start of a message about an option that receivers of other vendors have. */
function elsewhere(name) {
  const vendors = Object.keys(OPTIONS).filter((vendor) => OPTIONS[vendor].includes(name))
  return vendors.length === 0 ? '' : `an option of ${vendors.map((vendor) => `Receiver.${vendor}`).join(' and ')} and `
}

function windowSides(window, name) {
  if (window === 'off') return []
  const keys = typeof window === 'object' && window !== null ? Object.keys(window).sort().join() : ''
  if (keys !== 'future,past') throw new TypeError("window must be { past, future } in seconds, or 'off'")
  return [whole(window.past, `${name}.past`), whole(window.future, `${name}.future`)]
}

function oneOf(words, value, name) {
  if (!words.includes(value)) throw new TypeError(`${name} must be one of ${words.join(', ')}`)
  return value
}

function whole(value, name) {
  if (integer(value, name) < 0) throw new RangeError(`${name} must not be negative`)
  return value
}

function integer(value, name) {
  ofType('number', value, name)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${name} must be a whole number`)
  return value
}

function ofType(type, value, name) {
  if (typeof value !== type) throw new TypeError(`${name} must be a ${type}`)
  return value
}

const isWellFormed = Function.prototype.call.bind(String.prototype.isWellFormed)

/** A text without halves of surrogate pairs. All halves would have the same bytes, so two secrets could become one. */
function textOf(value, name) {
  if (isWellFormed(ofType('string', value, name))) return value
  throw new TypeError(`${name} ${halfIn(value)} of a surrogate pair, a character that was cut in two: check where the text comes from`)
}

/**
 * Which half is alone in a text, and where. It uses no regular expression, because RegExp.input would keep the secret.
 */
function halfIn(text) {
  for (let at = 0; at < text.length; at++) {
    const character = text.codePointAt(at)
    if (character > 0xffff) {
      at++
    } else if (character >= 0xd800 && character <= 0xdfff) {
      const where = at === 0 ? 'starts with' : at === text.length - 1 ? 'ends with' : 'holds'
      return `${where} the ${character < 0xdc00 ? 'first' : 'second'} half`
    }
  }
}

/** A message of the core with the names of options in camel case. Fields of a payload keep their names. */
function namesAsHere(message) {
  return inOwnWords(message, NAMES)
}

/** A message of the core with these names in camel case. */
function inOwnWords(message, names) {
  return message.replace(/[a-z]+(?:_[a-z]+)+/g, (name) => {
    const here = name.replace(/_[a-z]/g, (pair) => pair[1].toUpperCase())
    return names.has(here) ? here : name
  })
}

/** Calls the native module. Its messages about options get the names that the options have in JavaScript. */
function withNamesAsHere(call) {
  try {
    return call()
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) {
      error.message = namesAsHere(error.message).replace('make the key exact', 'give it as new Key(secret, { exact: true })')
    }
    throw error
  }
}

module.exports = { checkedOptions, inOwnWords, namesAsHere, oneOf, ofType, textOf, whole, withNamesAsHere }
