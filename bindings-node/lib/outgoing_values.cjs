'use strict'

// Values for Bento: events, subscribers, e-mails and commands. The native module keeps their checked JSON.

const { inspect, isDeepStrictEqual } = require('node:util')

const { ADVICE_OF_VALUE, tagOf } = require('./comparison.cjs')
const { parse } = require('./data.cjs')
const { jsonOf } = require('./outgoing_json.cjs')
const { native } = require('./native.cjs')
const { textOf } = require('./options.cjs')
const { refuseMore } = require('./own.cjs')
const { MAKE, made } = require('./outgoing_error.cjs')

/**
 * A class of values, and a function that gives what the native module keeps for one of them; undefined for anything
 * else. Messages may have the names of the members that are `known`.
 */
function valueClass(name, known) {
  const create = native[`create${name}`]
  const jsonOfKept = native[`jsonOf${name}`]
  const isRepeatable = native[`isRepeatable${name}`]
  let keptOf

  class Value {
    notCopied = ADVICE_OF_VALUE
    #kept

    constructor(members, json) {
      if (members !== MAKE) refuseMore(arguments, name, ['members'])
      this.#kept = made(create(members === MAKE ? json : jsonOf(members, name, known)))
      Object.freeze(this)
    }

    static fromJson(json) {
      return new Value(MAKE, textOf(json, 'json'))
    }

    get isRepeatable() {
      return isRepeatable(this.#kept)
    }

    toJson() {
      return jsonOfKept(this.#kept)
    }

    toJSON() {
      const json = this.toJson()
      const members = JSON.parse(json)
      // It would be another value after a queue or a file.
      if (!isDeepStrictEqual(members, parse(json, () => Buffer.from(json), false))) {
        throw new TypeError(`a ${name} has a number that JavaScript would change: write it with toJson(), and read it with ${name}.fromJson`)
      }
      return members
    }

    get [Symbol.toStringTag]() {
      return #kept in this ? tagOf(name, this.toJson()) : name
    }

    // The value holds personal data.
    [inspect.custom]() {
      return `${name}(${Buffer.byteLength(this.toJson())} bytes)`
    }

    static {
      keptOf = (value) => (typeof value === 'object' && value !== null && #kept in value ? value.#kept : undefined)
    }
  }

  Object.defineProperty(Value, 'name', { __proto__: null, value: name, configurable: true })
  return { Value, keptOf }
}

const { Value: BentoEvent, keptOf: keptEvent } = valueClass('BentoEvent', ['type', 'email', 'fields', 'details', 'date'])
const { Value: BentoSubscriber, keptOf: keptSubscriber } = valueClass('BentoSubscriber', ['email', 'tags', 'remove_tags'])
const { Value: BentoEmail, keptOf: keptEmail } = valueClass('BentoEmail', ['to', 'from', 'subject', 'html_body', 'transactional', 'personalizations'])
const { Value: BentoCommand, keptOf: keptCommand } = valueClass('BentoCommand', ['command', 'email', 'query'])

module.exports = { BentoCommand, BentoEmail, BentoEvent, BentoSubscriber, keptCommand, keptEmail, keptEvent, keptSubscriber }
