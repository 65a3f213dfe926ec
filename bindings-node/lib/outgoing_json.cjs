'use strict'

// Writes a value as JSON.stringify does, but refuses what JSON.stringify would leave out or change: NaN and infinite
// numbers, invalid dates, functions, symbols, and objects such as a Map, whose content it does not see. A bigint keeps
// its digits.

const { isDate } = require('node:util').types

const { native } = require('./native.cjs')
const { isPlain, member, own } = require('./own.cjs')
const { malformed } = require('./outgoing_error.cjs')

const { isArray } = Array
const { keys } = Object
const { stringify } = JSON
const getTime = Function.prototype.call.bind(Date.prototype.getTime)
const toISOString = Function.prototype.call.bind(Date.prototype.toISOString)

const { maxDepth, maxValueBytes } = native

/**
 * The JSON of an object. Messages have its name, and the names of the members that the vendor knows. Errors of the
 * program's own getters pass through.
 */
function jsonOf(object, name, known) {
  const writing = { __proto__: null, json: '', name, known, place: [] }
  const value = plainOf(object, '', writing)
  if (typeof value !== 'object' || value === null || isArray(value)) throw new TypeError(`a ${name} takes one object`)
  write(value, writing)
  return writing.json
}

function write(value, writing) {
  switch (typeof value) {
    case 'string':
      writing.json += stringify(value)
      break
    case 'number':
      if (!Number.isFinite(value)) throw malformed(`${placeOf(writing)} must be a finite number: JSON has no other`)
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
      throw new TypeError(`${placeOf(writing)} must be a JSON value, not ${value === undefined ? 'undefined: write null' : `a ${typeof value}`}`)
  }
}

function writeParts(value, writing) {
  if (writing.place.length >= maxDepth) {
    writing.place.length = 1
    throw malformed(`${placeOf(writing)} must have at most ${maxDepth} lists and objects in each other: correct it, or end the circle`)
  }
  if (isArray(value)) writeList(value, writing)
  else if (isPlain(value)) writeObject(value, writing)
  else throw new TypeError(`${placeOf(writing)} must be a JSON value: the members of a Map and the like are not in it`)
}

function writeList(list, writing) {
  writing.json += '['
  for (let at = 0; at < list.length && !isTooLong(writing); at++) {
    if (at > 0) writing.json += ','
    writing.place.push(`element ${at + 1}`)
    write(plainOf(own(list, at), `${at}`, writing), writing)
    writing.place.pop()
  }
  writing.json += ']'
}

function writeObject(object, writing) {
  writing.json += '{'
  let separator = ''
  for (const [at, name] of keys(object).entries()) {
    if (isTooLong(writing)) break
    writing.place.push(writing.place.length === 0 && writing.known.includes(name) ? name : `member ${at + 1}`)
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
  if (Number.isNaN(getTime(date))) throw malformed(`${placeOf(writing)} must be a valid Date`)
  return toISOString(date)
}

/** Such as `details, member 2`. Places count from 1. Other names of members may come from outside. */
function placeOf({ name, place }) {
  return place.length === 0 ? `a ${name}` : place.join(', ')
}

module.exports = { jsonOf }
