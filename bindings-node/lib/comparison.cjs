'use strict'

// How views of private memory compare, and what copies of them say. Copies and comparisons look at an object's own
// properties, and an event has none: defining them costs several times as much as reading a webhook. The data of values
// and requests that a program sends is in private memory too.

const { createHmac, randomBytes } = require('node:crypto')

/**
 * The value of a view's own property. A symbol cannot be cloned, so structuredClone and postMessage fail, and their
 * message holds this text. A spread takes the property along, so that printing its result shows the text.
 */
const ADVICE_OF_EVENT = Symbol('an event is a view and cannot be copied: copy event.toObject()')
const ADVICE_OF_DELIVERY = Symbol('a delivery is a view and cannot be copied: send delivery.toRecord()')
const ADVICE_OF_VALUE = Symbol('a value cannot be copied: send its toJson(), and read that with fromJson')
const ADVICE_OF_REQUEST = Symbol('a request cannot be copied, because it can hold secrets: send what it is made from, and make it again')
const ADVICE_OF_CLIENT = Symbol('a client cannot be copied, because it holds secrets: make one in each thread')
const ADVICE_OF_SECRET = Symbol('a secret cannot be copied: send the bytes of expose()')
const ADVICE_OF_LOOKED_UP = Symbol('it cannot be copied: send its toJson()')
const ADVICE_OF_LIMIT = Symbol('a limit cannot be copied, because the copy would count apart: let one thread send')

/** The key of the digests, made at first use. It is secret, so nobody can test guesses of a body against a digest. */
let key

/**
 * The type tag of a view. Two objects with different tags are not deep-equal for node:assert, Jest, Vitest and Chai, so
 * the tag holds a digest of the view's content.
 */
function tagOf(name, content) {
  key ??= randomBytes(32)
  return `${name} ${createHmac('sha256', key).update(content).digest('hex')}`
}

module.exports = {
  ADVICE_OF_CLIENT,
  ADVICE_OF_DELIVERY,
  ADVICE_OF_EVENT,
  ADVICE_OF_LIMIT,
  ADVICE_OF_LOOKED_UP,
  ADVICE_OF_REQUEST,
  ADVICE_OF_SECRET,
  ADVICE_OF_VALUE,
  tagOf,
}
