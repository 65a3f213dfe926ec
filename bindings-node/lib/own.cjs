'use strict'

// Reads properties that do not come from Object.prototype. If a program deeply merges a payload into an object, an
// attacker can make it write to Object.prototype. Every object then seems to have what was written: an option that
// switches a check off, or a header that nobody sent. So this package reads nothing that an object inherits from there.
// It also assigns no new property to an object: if Object.prototype has a property of that name that is read-only, the
// assignment would fail.

const { getPrototypeOf, hasOwn, keys, setPrototypeOf } = Object
/** The prototype of every object literal. */
const ROOT = Object.prototype
const tagOf = Function.prototype.call.bind(Object.prototype.toString)

/** A property of the object itself, otherwise undefined. */
function own(object, name) {
  return hasOwn(object, name) ? object[name] : undefined
}

/**
 * A property of the object itself or of its class, otherwise undefined. A framework's request is an instance of a class
 * with getters on its prototype, such as `headers` of Node's IncomingMessage and of a Web Request.
 */
function member(object, name) {
  return hasOwn(object, name) || isOfClass(object, name) ? object[name] : undefined
}

/** Whether a prototype other than the last one has the property. The last one usually is Object.prototype. */
function isOfClass(object, name) {
  let holder = getPrototypeOf(object)
  while (holder !== null) {
    const next = getPrototypeOf(holder)
    if (next !== null && hasOwn(holder, name)) return true
    holder = next
  }
  return false
}

/** Whether a prototype other than Object.prototype has the property. */
function isInherited(object, name) {
  for (let holder = getPrototypeOf(object); holder !== null; holder = getPrototypeOf(holder)) {
    if (hasOwn(holder, name) && !isRoot(holder)) return true
  }
  return false
}

/** Whether it is Object.prototype of any realm. No other object without a prototype has all of these methods. */
function isRoot(holder) {
  return holder === ROOT || (getPrototypeOf(holder) === null && ROOT_METHODS.every((name) => typeof own(holder, name) === 'function'))
}

const ROOT_METHODS = ['hasOwnProperty', 'isPrototypeOf', 'propertyIsEnumerable']

/**
 * Makes a class of this package inherit nothing from Object.prototype, so that its constructor can assign any property.
 */
function apart(ofPackage) {
  setPrototypeOf(ofPackage.prototype, null)
}

/**
 * The object's own options with these names, as an object without a prototype. Any other name is an error. An option
 * that the object inherits from anything but Object.prototype is an error too: ignoring an option that somebody set
 * could switch a check off.
 */
function ownOptions(options, names, of, elsewhere = () => '') {
  if (!isPlain(options)) throw new TypeError(`the options of ${of} must be an object: it has ${names.join(', ')}`)
  const unknown = keys(options).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new TypeError(`${unknown} is ${elsewhere(unknown)}not an option of ${of}: it has ${names.join(', ')}`)
  const given = { __proto__: null }
  for (const name of names) {
    if (hasOwn(options, name)) given[name] = options[name]
    else if (isInherited(options, name)) throw new TypeError(`${name} is inherited: the options of ${of} must be its own properties`)
  }
  return given
}

/** Refuses further arguments. Options in the wrong place would be ignored silently. */
function refuseMore(given, of, names, more = '') {
  if (given.length > names.length) throw new TypeError(`${of} takes ${names.join(', ')}${more}`)
}

/**
 * Whether an object can hold options or members. A Date, a list or a Map has no properties with such names.
 */
function isPlain(options) {
  if (typeof options !== 'object' || options === null) return false
  const prototype = getPrototypeOf(options)
  // The first two conditions accept literals of any realm, the last one instances of classes.
  return prototype === null || getPrototypeOf(prototype) === null || tagOf(options) === '[object Object]'
}

const EMPTY = {}
const EMPTY_LIST = []

/**
 * Whether a loop over the object's keys gives only its own keys. This is faster than a check of each key: a loop over
 * an empty object ends at once, unless somebody gave its prototype keys.
 */
function hasOwnKeysAlone(object) {
  const prototype = getPrototypeOf(object)
  if (prototype !== ROOT && prototype !== null) return false
  for (const _ in EMPTY) return false
  return true
}

/** The same for a list: whether a gap in it reads as undefined. */
function hasOwnElementsAlone(list) {
  if (getPrototypeOf(list) !== Array.prototype) return false
  for (const _ in EMPTY_LIST) return false
  return true
}

/** Method, headers and body of a request. */
function requestParts(request) {
  if (request === undefined || request === null) return { __proto__: null }
  if (getPrototypeOf(request) === ROOT && ROOT.method === undefined && ROOT.headers === undefined && ROOT.body === undefined) return request
  return { method: member(request, 'method'), headers: member(request, 'headers'), body: member(request, 'body') }
}

module.exports = { apart, hasOwnElementsAlone, hasOwnKeysAlone, isPlain, member, own, ownOptions, refuseMore, requestParts }
