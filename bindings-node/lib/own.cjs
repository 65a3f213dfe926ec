'use strict'

// What an object says itself. A program that merges a payload deeply into some object can be made to write to
// Object.prototype, and from then on every object seems to have what was written: an option that switches a check off,
// or a header that nobody sent. So nothing is read here that an object inherits from there. Nor is anything assigned that
// an object does not have yet: where Object.prototype has that name and cannot be written to, the assignment would fail.

const { getPrototypeOf, hasOwn, keys, setPrototypeOf } = Object
/** Every object of a literal has this prototype. */
const ROOT = Object.prototype
const tagOf = Function.prototype.call.bind(Object.prototype.toString)

/** A property of the object itself, else undefined. */
function own(object, name) {
  return hasOwn(object, name) ? object[name] : undefined
}

/**
 * A property of the object itself or of its class, else undefined. Requests of frameworks are instances of classes, with
 * getters on the prototype: `headers` of Node's IncomingMessage and of a Web Request are some.
 */
function member(object, name) {
  return hasOwn(object, name) || isOfClass(object, name) ? object[name] : undefined
}

/** Whether a prototype has it that is not the last one, which is most often Object.prototype. */
function isOfClass(object, name) {
  let holder = getPrototypeOf(object)
  while (holder !== null) {
    const next = getPrototypeOf(holder)
    if (next !== null && hasOwn(holder, name)) return true
    holder = next
  }
  return false
}

/** Whether a prototype has it that is not Object.prototype. */
function isInherited(object, name) {
  for (let holder = getPrototypeOf(object); holder !== null; holder = getPrototypeOf(holder)) {
    if (hasOwn(holder, name) && !isRoot(holder)) return true
  }
  return false
}

/** Whether it is Object.prototype, of this realm or another: no other object without a prototype has such methods. */
function isRoot(holder) {
  return holder === ROOT || (getPrototypeOf(holder) === null && ROOT_METHODS.every((name) => typeof own(holder, name) === 'function'))
}

const ROOT_METHODS = ['hasOwnProperty', 'isPrototypeOf', 'propertyIsEnumerable']

/** Lets a class of the package's own inherit nothing from Object.prototype, so that its constructor can assign any property. */
function apart(ofPackage) {
  setPrototypeOf(ofPackage.prototype, null)
}

/**
 * The options of these names that an object has itself, as an object without a prototype. Any other name is an error,
 * and so is an option that the object inherits from something else than Object.prototype: to leave out what somebody set
 * could switch a check off.
 */
function ownOptions(options, names, of) {
  if (!isPlain(options)) throw new TypeError(`the options of ${of} must be an object: it has ${names.join(', ')}`)
  const unknown = keys(options).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new TypeError(`${unknown} is no option of ${of}: it has ${names.join(', ')}`)
  const given = { __proto__: null }
  for (const name of names) {
    if (hasOwn(options, name)) given[name] = options[name]
    else if (isInherited(options, name)) throw new TypeError(`${name} is inherited: the options of ${of} must be its own properties`)
  }
  return given
}

/** Whether an object can hold options. A Date, a list or a Map has no own properties, and would set nothing. */
function isPlain(options) {
  if (typeof options !== 'object' || options === null) return false
  const prototype = getPrototypeOf(options)
  // A literal, of this realm or another; else an instance of a class.
  return prototype === null || getPrototypeOf(prototype) === null || tagOf(options) === '[object Object]'
}

const EMPTY = {}
const EMPTY_LIST = []

/**
 * Whether an object has no key but its own. To ask this once is faster than to ask of each key whether it is the object's
 * own: a loop over the keys of an empty object ends at once, unless somebody gave its prototype some.
 */
function hasOwnKeysAlone(object) {
  const prototype = getPrototypeOf(object)
  if (prototype !== ROOT && prototype !== null) return false
  for (const _ in EMPTY) return false
  return true
}

/** As hasOwnKeysAlone, of a list: whether a gap in it shows nothing. */
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

module.exports = { apart, hasOwnElementsAlone, hasOwnKeysAlone, member, own, ownOptions, requestParts }
