'use strict'

// How views of private memory compare, and what copies of them say. Copies and comparisons look at an object's own
// properties, and an event has none: defining them costs several times as much as reading a webhook.

const { createHmac, randomBytes } = require('node:crypto')

/**
 * The value of a view's own property. A symbol cannot be cloned, so structuredClone and postMessage fail, and their
 * message holds this text. A spread takes the property along, so that printing its result shows the text.
 */
const ADVICE_OF_EVENT = Symbol('an event is a view and cannot be copied: copy event.toObject()')
const ADVICE_OF_DELIVERY = Symbol('a delivery is a view and cannot be copied: send delivery.toRecord()')

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

module.exports = { ADVICE_OF_DELIVERY, ADVICE_OF_EVENT, tagOf }
