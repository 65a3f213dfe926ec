'use strict'

// The options of receivers. Types are checked here, ranges and what fits a vendor by the core.

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
  bento: FOR_EVERY_VENDOR,
}
const NAMES = new Set([...Object.values(OPTIONS).flat(), 'notBefore', 'notAfter'])
const ENCODINGS = ['hex', 'base64', 'base64url']
const POLICIES = ['default', 'strict', 'none']

const CHECKS = {
  window: windowSides,
  maxBodyBytes: whole,
  maxEvents: whole,
  maxDepth: whole,
  maxNumberLength: whole,
  source: (value, name) => ofType('string', value, name),
  replayPolicy: (value, name) => oneOf(POLICIES, value, name),
  replayRetentionSeconds: whole,
  // Its type is checked where it is copied, so that each copy is wiped.
  idKey: (value) => value,
  signatureEncoding: (value, name) => oneOf(ENCODINGS, value, name),
  requireSignedTime: (value, name) => ofType('boolean', value, name),
  allowMissingDate: (value, name) => ofType('boolean', value, name),
  utcOffsetMinutes: integer,
  allowUnsignedHandshake: (value, name) => ofType('boolean', value, name),
}

/** The options as the native module takes them. An option that the vendor has not is an error, however it is set. */
function checkedOptions(vendor, options) {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object')
  const checked = {}
  for (const [name, value] of Object.entries(options)) {
    if (!OPTIONS[vendor].includes(name)) {
      throw new TypeError(`${name} is no option of Receiver.${vendor}: it has ${OPTIONS[vendor].join(', ')}`)
    }
    // An environment variable that is not set must not leave ids open to guesses.
    if (name === 'idKey' && value === undefined) {
      throw new TypeError('idKey is undefined: check that its environment variable is set, or leave the option out')
    }
    if (value !== undefined) checked[name] = CHECKS[name](value, name)
  }
  return checked
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

/** A message of the core, which names options as Rust does; fields of a payload keep their names. */
function namesAsHere(message) {
  return message.replace(/[a-z]+(?:_[a-z]+)+/g, (name) => {
    const here = name.replace(/_[a-z]/g, (pair) => pair[1].toUpperCase())
    return NAMES.has(here) ? here : name
  })
}

/** Calls the native module; what the core has to say of a setup names options as they are named here. */
function withNamesAsHere(call) {
  try {
    return call()
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) error.message = namesAsHere(error.message)
    throw error
  }
}

module.exports = { ENCODINGS, checkedOptions, namesAsHere, oneOf, ofType, withNamesAsHere }
