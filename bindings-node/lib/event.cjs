'use strict'

// One event in the form that all vendors share: a view of the body.

const { inspect } = require('node:util')

const { ADVICE_OF_EVENT, tagOf } = require('./comparison.cjs')
const { parse } = require('./data.cjs')
const { native } = require('./native.cjs')
const { ofType } = require('./options.cjs')
const { ownOptions } = require('./own.cjs')
const { refusePolicy, replayKeyOf } = require('./replay_key.cjs')
const { copyOf } = require('./store.cjs')
const { Subject } = require('./subject.cjs')
const { dateOf } = require('./time.cjs')

// Words of the core. A record holds their positions in these lists.
const { actions, actor, entities, families, idOrigins, kinds, nameSeparator, parent } = native

// Word positions in a record, as in src/record.rs. A range has two words: its start here, and its end in the next one.
const RAW = 0
const NAME = 2
const EXTRA = 4
const SUBJECT = 6
const PARENT = 8
const ACTOR = 10
const TIME = 12
const INDEX = 14
const KIND = 15
// Bits of the kind's word.
const ZONE_ASSUMED = 1 << 24
const SECOND_NAME = 1 << 25
const ID_ORIGIN_AT = 26
const FAMILY_AT = 27

/** Only code that has this symbol can make events. It never leaves the package. */
const MAKE = Symbol('make')

/** The answer of a native function of an event's endpoint; undefined for what is no event. */
let askEvent

/** One thing that happened at the vendor: a view of the delivery's private memory that reads each field when asked. */
class Event {
  notCopied = ADVICE_OF_EVENT
  #store
  #at
  #id
  #data

  constructor(make, store, at) {
    if (make !== MAKE) throw new TypeError('only a Delivery gives an Event')
    this.#store = store
    this.#at = at
    Object.freeze(this)
  }

  get id() {
    return (this.#id ??= this.#store.ofEvent(this.#store.endpoint.eventId, this.#at))
  }

  get idOrigin() {
    return idOrigins[(this.#word(KIND) >>> ID_ORIGIN_AT) & 1]
  }

  get index() {
    return this.#word(INDEX)
  }

  get vendor() {
    return this.#store.endpoint.vendor
  }

  get source() {
    return this.#store.endpoint.source
  }

  get kind() {
    const kind = this.#word(KIND)
    return kinds[kind & 0xff][(kind >>> 8) & 0xff]
  }

  get entity() {
    return entities[this.#word(KIND) & 0xff]
  }

  get action() {
    return actions[(this.#word(KIND) >>> 8) & 0xff]
  }

  get name() {
    const kind = this.#word(KIND)
    const word = this.#text(NAME) ?? families[kind >>> FAMILY_AT]
    return (kind & SECOND_NAME) !== 0 ? `${word}${nameSeparator}${this.#text(EXTRA)}` : word
  }

  get subject() {
    return new Subject(entities[(this.#word(KIND) >>> 16) & 0xff], this.#text(SUBJECT))
  }

  get parent() {
    return this.#has(PARENT) ? new Subject(parent, this.#text(PARENT)) : undefined
  }

  get actor() {
    return this.#has(ACTOR) ? new Subject(actor, this.#text(ACTOR)) : undefined
  }

  get time() {
    return dateOf(this.#store.doubles[(this.#at + TIME) >> 1])
  }

  get timeZoneAssumed() {
    return (this.#word(KIND) & ZONE_ASSUMED) !== 0
  }

  get data() {
    this.#data ??= { value: this.#parse(false) }
    return this.#data.value
  }

  /** A copy, so that nobody can change the authenticated bytes. */
  get raw() {
    const { bytes, bodyAt } = this.#store
    return copyOf(bytes, bodyAt + this.#word(RAW), bodyAt + this.#word(RAW + 1))
  }

  replayKey() {
    refusePolicy(arguments)
    return replayKeyOf(this.#store.ofEvent(this.#store.endpoint.eventReplayKey, this.#at))
  }

  toCloudevent() {
    return this.#store.ofEvent(this.#store.endpoint.cloudevent, this.#at)
  }

  /** One line of JSON, written by the core. */
  toJson() {
    return this.#store.ofEvent(this.#store.endpoint.json, this.#at)
  }

  /** A new object with the members of `toJson`. The program may have changed the value that `data` returned. */
  toObject(options = {}) {
    const { exactNumbers = false } = ownOptions(options, ['exactNumbers'], 'toObject')
    ofType('boolean', exactNumbers, 'exactNumbers')
    return this.#object(exactNumbers)
  }

  // JSON.stringify passes the name of the property that holds the event.
  toJSON() {
    return this.#object(false)
  }

  get [Symbol.toStringTag]() {
    return #store in this ? tagOf('Event', this.toJson()) : 'Event'
  }

  [inspect.custom]() {
    return `Event(${this.vendor} ${this.kind} ${this.index})`
  }

  #object(exactNumbers) {
    const others = JSON.parse(this.#store.ofEvent(this.#store.endpoint.jsonWithoutData, this.#at))
    return { ...others, data: this.#parse(exactNumbers) }
  }

  static {
    askEvent = (event, name, more) =>
      typeof event === 'object' && event !== null && #store in event ? event.#store.ofEvent(event.#store.endpoint[name], event.#at, ...more) : undefined
  }

  #word(at) {
    return this.#store.words[this.#at + at]
  }

  #has(range) {
    return this.#word(range) !== this.#word(range + 1)
  }

  #text(range) {
    const start = this.#word(range)
    const end = this.#word(range + 1)
    return start === end ? undefined : this.#store.text(start, end)
  }

  #json() {
    const { bytes, bodyAt } = this.#store
    return bytes.utf8Slice(bodyAt + this.#word(RAW), bodyAt + this.#word(RAW + 1))
  }

  #parse(exactNumbers) {
    return parse(this.#json(), () => this.raw, exactNumbers)
  }
}

module.exports = { Event, MAKE, askEvent }
