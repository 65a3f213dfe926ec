'use strict'

// What an inbox gives: its rows, and the errors of its database.

const { inspect, types } = require('node:util')

const { openRecord } = require('../lib/recorded.cjs')
const { copyOf } = require('../lib/store.cjs')
const { isError } = require('./common.cjs')

/** The class of an error is stored if it is a plain name. */
const CLASS = /^[A-Za-z0-9_.]{1,200}$/
const { getPrototypeOf } = Object

/** The database of an inbox cannot be used: it is away, too slow, refuses, or answers what makes no sense. */
class InboxUnavailableError extends Error {}

/** The handler took longer than the limit. Its row has this class as its error. */
class TimeoutError extends Error {}

/** The lease of a row ended before its handler did: the handler was too slow, or its process ended. */
class LeaseEnded extends Error {}

for (const made of [InboxUnavailableError, TimeoutError, LeaseEnded]) {
  Object.defineProperty(made.prototype, 'name', { __proto__: null, value: made.name, configurable: true, writable: true })
}

const noAnswer = (why, cause) => new InboxUnavailableError(`the inbox's database gave no answer that can be used${why}`, { __proto__: null, cause })
const transactionOver = () =>
  new InboxUnavailableError('the transaction was over before its function returned: leave COMMIT and ROLLBACK to the inbox')
const nonsense = (found) => new InboxUnavailableError(`the inbox's database answers with ${found}, which makes no sense`)

/** Only code of the package that has this symbol makes rows. */
const MAKE = Symbol('make')

/** What a row has beside its fields; undefined for anything else. It never leaves the package. */
let partsOf

/** A delivery in an inbox. */
class Row {
  number
  attempts
  state
  error
  #inbox
  #turn
  #record
  #body
  #delivery

  constructor(make, inbox, fields) {
    if (make !== MAKE) throw new TypeError('a Row comes out of an inbox')
    this.number = fields.number
    this.attempts = fields.attempts
    this.state = fields.state
    this.error = fields.error
    this.#inbox = inbox
    this.#turn = fields.turn
    this.#record = fields.record
    this.#body = fields.body
    Object.freeze(this)
  }

  /** The delivery, opened at first use; throws a RecordError. */
  get delivery() {
    return (this.#delivery ??= openRecord(this.#record, this.#body))
  }

  /** A copy, so that a change does not reach the delivery. */
  get body() {
    return copyOf(this.#body, 0, this.#body.length)
  }

  [inspect.custom]() {
    return `Row(${this.number} ${this.state})`
  }

  static {
    partsOf = (row) =>
      typeof row === 'object' && row !== null && #turn in row
        ? { __proto__: null, inbox: row.#inbox, turn: row.#turn, record: row.#record, body: row.#body }
        : undefined
  }
}

const STATES = ['waiting', 'taken', 'done', 'dead']

/** The rows of an answer, in the order of their numbers. */
function rowsOf(inbox, found) {
  return found
    .map((row) => {
      const state = textIn(row.state, 'a state')
      if (!STATES.includes(state)) throw nonsense('an unknown state')
      return new Row(MAKE, inbox, {
        __proto__: null,
        number: integerIn(row.number, 'a number'),
        turn: integerIn(row.turn, 'a turn'),
        attempts: integerIn(row.attempts, 'attempts'),
        state,
        error: row.error === null ? undefined : textIn(row.error, 'an error'),
        record: textIn(row.record, 'a record'),
        body: bytesIn(row.body),
      })
    })
    .sort((first, second) => first.number - second.number)
}

/** The row as it is after its handler failed. */
function failedRow(row, state, error) {
  const { inbox, turn, record, body } = partsOf(row)
  return new Row(MAKE, inbox, { __proto__: null, number: row.number, turn, attempts: row.attempts, state, error, record, body })
}

/** The turn of a row that this inbox gave. */
function turnOf(inbox, row) {
  const parts = partsOf(row)
  if (parts === undefined) throw new TypeError('this is no row: pass one that take() or dead() of the inbox returned')
  if (parts.inbox !== inbox) throw new TypeError('the row is of another inbox')
  return parts.turn
}

/** A whole number: clients give a bigint as text, as a number or as a BigInt. */
function integerIn(value, what) {
  const number = typeof value === 'bigint' || (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) ? Number(value) : value
  if (!Number.isSafeInteger(number)) throw nonsense(`${what} that is no whole number`)
  return number
}

/** A time in seconds, or undefined. */
function secondsIn(value) {
  if (value === null) return undefined
  const seconds = typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : NaN
  if (!Number.isFinite(seconds)) throw nonsense('a duration that is no number')
  return Math.max(seconds, 0)
}

function textIn(value, what) {
  if (typeof value !== 'string') throw nonsense(`${what} that is no text`)
  return value
}

function bytesIn(value) {
  if (!types.isUint8Array(value)) throw nonsense('a body that is no bytes')
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

/**
 * The class of what a handler threw, and nothing else of it: its text could hold secrets. The name comes from the class
 * alone, because anybody can give an error another name.
 */
function classOf(thrown) {
  try {
    const { name } = getPrototypeOf(thrown).constructor
    if (isError(thrown) && typeof name === 'string' && CLASS.test(name)) return name
  } catch {
    // It has no class, or its class has a getter that fails.
  }
  return 'Error'
}

module.exports = {
  InboxUnavailableError, LeaseEnded, TimeoutError, bytesIn, classOf, failedRow, integerIn, noAnswer, nonsense, rowsOf, secondsIn, textIn, transactionOver, turnOf,
}
