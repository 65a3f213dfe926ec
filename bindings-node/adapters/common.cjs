'use strict'

// What the adapters share.

const { Receiver } = require('../lib/receiver.cjs')

const NO_BODY = Buffer.alloc(0)

/** Checks what a program hands to an adapter, when the program starts. */
function checkArguments(receiver, handler, options, names) {
  if (!(receiver instanceof Receiver)) throw new TypeError('the first argument must be a Receiver')
  if (typeof handler !== 'function') throw new TypeError('the second argument must be a function that takes a Delivery')
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new TypeError(`${unknown} is no option: there are ${names.join(', ')}`)
  if (options.onRejection !== undefined && typeof options.onRejection !== 'function') {
    throw new TypeError('onRejection must be a function')
  }
}

/** The error of a program in which something else has read the body first. */
function eaten(advice) {
  return new TypeError(`the body was read before hookseal could check it, so its exact bytes are gone: ${advice}`)
}

module.exports = { NO_BODY, checkArguments, eaten }
