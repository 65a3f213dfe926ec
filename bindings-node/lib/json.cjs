'use strict'

// Writes a value as JSON.stringify does, but refuses what JSON.stringify would leave out or change: NaN and infinite
// numbers, invalid dates, functions, symbols, and objects such as a Map, whose content it does not see. A bigint keeps
// its digits.

const { isDate } = require('node:util').types

const { native } = require('./native.cjs')
const { isPlain, member } = require('./own.cjs')

const { isArray } = Array
const { isFinite } = Number
const { keys } = Object
const { stringify } = JSON
const getTime = Function.prototype.call.bind(Date.prototype.getTime)
const toISOString = Function.prototype.call.bind(Date.prototype.toISOString)

const { maxDepth, maxValueBytes } = native

/** The JSON of an object. `of` names the value in messages. Errors of the program's own getters pass through. */
function jsonOf(object, of) {
  const writing = { __proto__: null, json: '', of, place: [] }
  const value = plainOf(object, '', writing)
  if (typeof value !== 'object' || value === null || isArray(value)) throw new TypeError(`a ${of} takes one object`)
  write(value, writing)
  return writing.json
}

function write(value, writing) {
  switch (typeof value) {
    case 'string':
      writing.json += stringify(value)
      break
    case 'number':
      if (!isFinite(value)) refuse('must be a finite number', writing)
      writing.json += value
      break
    case 'bigint':
    case 'boolean':
      writing.json += value
      break
    case 'object':
      if (value === null) writing.json += 'null'
      else writeParts(value, writing)
      break
    default:
      refuse(`must not be ${typeof value === 'undefined' ? 'undefined: write null' : `a ${typeof value}`}`, writing)
  }
}

function writeParts(value, writing) {
  if (writing.place.length >= maxDepth) refuse(`is the start of more than ${maxDepth} levels, or of an object that holds itself`, writing)
  if (isArray(value)) writeList(value, writing)
  else if (isPlain(value)) writeObject(value, writing)
  else refuse('must be plain: an object such as a Map has no members that JSON can hold', writing)
}

function writeList(list, writing) {
  writing.json += '['
  for (let at = 0; at < list.length && !isTooLong(writing); at++) {
    if (at > 0) writing.json += ','
    writing.place.push(at + 1)
    write(plainOf(list[at], `${at}`, writing), writing)
    writing.place.pop()
  }
  writing.json += ']'
}

function writeObject(object, writing) {
  writing.json += '{'
  let separator = ''
  for (const [at, name] of keys(object).entries()) {
    if (isTooLong(writing)) break
    writing.place.push(at + 1)
    const value = plainOf(object[name], name, writing)
    if (value !== undefined) {
      writing.json += `${separator}${stringify(name)}:`
      separator = ','
      write(value, writing)
    }
    writing.place.pop()
  }
  writing.json += '}'
}

/** The core refuses a value of this length, so its rest is not needed. An object that many others share ends here too. */
const isTooLong = (writing) => writing.json.length > maxValueBytes

/** The value that is written in place of an object with `toJSON`, or of a Date. */
function plainOf(value, name, writing) {
  if (typeof value !== 'object' || value === null) return value
  if (isDate(value)) return textOfDate(value, writing)
  // An object inherits no `toJSON` from Object.prototype here.
  if (typeof member(value, 'toJSON') !== 'function') return value
  const given = value.toJSON(name)
  return isDate(given) ? textOfDate(given, writing) : given
}

function textOfDate(date, writing) {
  if (Number.isNaN(getTime(date))) refuse('must be a valid Date', writing)
  return toISOString(date)
}

/** Places count from 1: member 2.1 is the first one in the second one. Names of members may come from outside. */
function refuse(why, { of, place }) {
  throw new TypeError(place.length === 0 ? `a ${of} ${why}` : `member ${place.join('.')} of a ${of} ${why}`)
}

module.exports = { jsonOf }
