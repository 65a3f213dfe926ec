'use strict'

const { inspect } = require('node:util')

const { attributes } = require('./cloudevent.cjs')
const { parse } = require('./data.cjs')
const { native } = require('./native.cjs')
const { RETENTION_SECONDS, ReplayKey } = require('./replay_key.cjs')
const { Subject } = require('./subject.cjs')
const { dateOf } = require('./time.cjs')

const { entities, actions } = native
const KINDS = entities.map((entity) => actions.map((action) => `${entity}.${action}`))

// Words of a record, as src/record.rs has them; of a range the start, with the end behind it.
const RAW = 0
const NAME = 2
const SECOND_NAME = 4
const ID = 6
const SUBJECT = 8
const PARENT = 10
const ACTOR = 12
const TIME = 14
const INDEX = 16
const KIND = 17
const ZONE_ASSUMED = 1 << 24
const SHAPE_NAMES = ['', 'subscribers', 'emails', 'workflow']

/** Who holds it makes events; it never leaves the package. */
const MAKE = Symbol('make')

/** One thing that happened at the vendor: a view of the delivery's private memory that cuts each field when asked. */
class Event {
  #store
  #at
  #data

  constructor(make, store, at) {
    if (make !== MAKE) throw new TypeError('an Event comes out of a Delivery')
    this.#store = store
    this.#at = at
    Object.freeze(this)
  }

  get id() {
    const store = this.#store
    const vendorId = this.#text(ID)
    if (vendorId === undefined) return store.several ? `${this.#derivedId()}#${this.index}` : this.#derivedId()
    // Inbenta numbers requests, not the events in them.
    return store.several && this.vendor === 'benti' ? `${vendorId}#${this.index}` : vendorId
  }

  get idOrigin() {
    return this.#has(ID) ? 'vendor' : 'derived'
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
    return KINDS[kind & 0xff][(kind >>> 8) & 0xff]
  }

  get entity() {
    return entities[this.#word(KIND) & 0xff]
  }

  get action() {
    return actions[(this.#word(KIND) >>> 8) & 0xff]
  }

  get name() {
    const word = this.#text(NAME) ?? SHAPE_NAMES[this.#word(KIND) >>> 25]
    return this.#has(SECOND_NAME) ? `${word}.${this.#text(SECOND_NAME)}` : word
  }

  get subject() {
    return new Subject(entities[(this.#word(KIND) >>> 16) & 0xff], this.#text(SUBJECT))
  }

  get parent() {
    return this.#has(PARENT) ? new Subject('ticket', this.#text(PARENT)) : undefined
  }

  get actor() {
    return this.#has(ACTOR) ? new Subject('user', this.#text(ACTOR)) : undefined
  }

  get time() {
    return dateOf(this.#store.doubles[(this.#at + TIME) >> 1])
  }

  get timeZoneAssumed() {
    return (this.#word(KIND) & ZONE_ASSUMED) !== 0
  }

  get data() {
    this.#data ??= { value: this.#parse() }
    return this.#data.value
  }

  /** A copy: what was authenticated stays as it is. */
  get raw() {
    const { bytes, bodyAt } = this.#store
    const copy = Buffer.allocUnsafeSlow(this.#word(RAW + 1) - this.#word(RAW))
    bytes.copy(copy, 0, bodyAt + this.#word(RAW), bodyAt + this.#word(RAW + 1))
    return copy
  }

  replayKey() {
    const source = Buffer.from(this.source)
    const key = native.digest(this.#store.endpoint.vendorNumber, source, 0, source.length, Buffer.from(this.id))
    return new ReplayKey(key, RETENTION_SECONDS)
  }

  toCloudevent() {
    return `${JSON.stringify(attributes(this)).slice(0, -1)},"data":${this.#json()}}`
  }

  toJSON() {
    // Parsed anew: what `data` gave away may have been changed.
    return { ...attributes(this), data: this.#parse() }
  }

  [inspect.custom]() {
    return `Event(${this.vendor} ${this.kind} ${this.index})`
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

  #parse() {
    return parse(this.#json(), () => this.raw)
  }

  #derivedId() {
    const store = this.#store
    return store.isBodySigned ? store.digestOfSignature(true) : store.digest(this.#word(RAW), this.#word(RAW + 1))
  }
}

module.exports = { Event, MAKE }
