'use strict'

// The payload of an event as JavaScript values.

const { native } = require('./native.cjs')

// An integer of 16 digits may be beyond 2^53 - 1; an escape that starts with d8 to df is half of a surrogate pair.
// What else it finds (digits in a text, a whole pair) only takes the slower way.
const MAY_CHANGE = /\d{16}|\\u[dD][89a-fA-F]/

/**
 * The value of checked JSON. Objects are ordinary, and every key of the payload is a property of its own, also
 * `__proto__`: no prototype is ever touched. Of a repeated key the last one counts.
 */
function parse(json, copy) {
  return JSON.parse(MAY_CHANGE.test(json) ? native.exactJson(copy()) : json)
}

module.exports = { parse }
