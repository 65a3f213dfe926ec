'use strict'

// Times come in as milliseconds or a Date, and go out as a new Date.

const { isDate } = require('node:util').types

const { native } = require('./native.cjs')

// The first and the last time that the core can hold, in milliseconds: 0001-01-01 and 9999-12-31. `lastInSeconds` is
// the largest number that the core reads as seconds: a time in 5138 as seconds, and in 1973 as milliseconds.
const { earliest, latest, lastInSeconds } = native

const getTime = Function.prototype.call.bind(Date.prototype.getTime)

/** The time in whole milliseconds. An invalid time is an error of the program, not of a request. */
function millisecondsOf(time, name) {
  if (typeof time === 'number') {
    if (time >= lastInSeconds && time <= latest) return Math.floor(time)
    if (time >= 0 && time < lastInSeconds) {
      throw new RangeError(`${name} must be in milliseconds: this number looks like seconds (give a time before 1973 as a Date)`)
    }
    throw new RangeError(`${name} must be milliseconds between 1973 and the year 9999, or a Date`)
  }
  if (!isDate(time)) throw new TypeError(`${name} must be milliseconds or a Date`)
  // The built-in method, because a subclass may return something else each time.
  const milliseconds = getTime(time)
  if (milliseconds >= earliest && milliseconds <= latest) return milliseconds
  throw new RangeError(`${name} must be a valid Date in the years 1 to 9999`)
}

const wallClock = Date.now

/**
 * The time of a call: the given one, otherwise the clock's. NaN lets the native module read the clock, which is faster.
 */
function millisecondsNow(now) {
  if (now !== undefined) return millisecondsOf(now, 'now')
  // Tests can replace Date.now.
  return Date.now === wallClock ? NaN : Date.now()
}

const dateOf = (milliseconds) => (Number.isNaN(milliseconds) ? undefined : new Date(milliseconds))

module.exports = { dateOf, millisecondsNow, millisecondsOf }
