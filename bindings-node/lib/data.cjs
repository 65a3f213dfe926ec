'use strict'

// The payload of an event as JavaScript values.

const { native } = require('./native.cjs')

// An integer of 16 digits may be beyond 2^53 - 1. JSON.parse keeps any 15 digits of a fraction, with a point or an
// exponent of at most two digits. An escape that starts with d8 to df is half of a surrogate pair. A false match (digits
// in a text, a whole pair) only takes the slower path.
const MAY_CHANGE = /[\d.]{16}|\d[eE][-+]?\d{3}|\\u[dD][89a-fA-F]/

/**
 * The value of checked JSON. Every key of the payload becomes an own property of an ordinary object, also `__proto__`.
 * No prototype is changed. If a key is repeated, the last one counts. A number that JavaScript cannot hold is a text, and
 * with `exactNumbers` so is each number with a fraction or an exponent.
 */
function parse(json, copy, exactNumbers) {
  return JSON.parse(exactNumbers || MAY_CHANGE.test(json) ? native.exactJson(copy(), exactNumbers) : json)
}

module.exports = { parse }
