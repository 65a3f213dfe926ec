'use strict'

// The inbox on SQLite, with better-sqlite3 or node:sqlite.

const { existsSync } = require('node:fs')
const { resolve } = require('node:path')
const { setImmediate: nextTurn, setTimeout: sleep } = require('node:timers/promises')

const { native } = require('../lib/native.cjs')
const { textOf } = require('../lib/options.cjs')
const { member, own, refuseMore } = require('../lib/own.cjs')
const { AnyInbox, InboxUnavailableError, LeaseEnded, tables } = require('./inbox.cjs')
const { noAnswer, transactionOver } = require('./inbox_row.cjs')

/** How long a statement waits for another connection that writes. */
const BUSY_MILLISECONDS = 5000
/**
 * SQLite's own waits. The inbox waits by itself, because SQLite would stop the whole process meanwhile, and with it the
 * handler whose transaction it waits for.
 */
const WAITS_MILLISECONDS = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100]
const NO_WAIT = 'PRAGMA busy_timeout = 0'

const { connect: CONNECT, begin: BEGIN } = native.inbox.sqlite
/** The statements, and the names of their parameters. */
const STATEMENTS = new Map(
  Object.entries(native.inbox.sqlite).map(([name, text]) => [name, { __proto__: null, text, names: [...new Set(text.match(/(?<=:)[a-z_]+/g))] }]),
)

/** Result codes of SQLite. */
const BUSY = 5
const READONLY = 8
const CODES = { __proto__: null, SQLITE_BUSY: BUSY, SQLITE_READONLY: READONLY }

/** The result code without its details. better-sqlite3 has its name in `code`, node:sqlite its number in `errcode`. */
function codeOf(cause) {
  if (typeof cause !== 'object' || cause === null) return undefined
  const number = own(cause, 'errcode')
  if (typeof number === 'number') return number & 0xff
  const [name] = /^SQLITE_[A-Z]+/.exec(own(cause, 'code')) ?? []
  return CODES[name]
}

const isBusy = (error) => codeOf(error) === BUSY || codeOf(error?.cause) === BUSY

function unavailable(cause) {
  if (cause instanceof InboxUnavailableError) return cause
  const code = codeOf(cause)
  const shown = /^[A-Z_]{2,40}$/.test(cause?.code) ? ` (${cause.code}${typeof cause.errcode === 'number' ? ` ${cause.errcode}` : ''})` : ''
  const advice =
    code === BUSY
      ? ': another connection writes; begin transactions that write with BEGIN IMMEDIATE, and keep them short'
      : code === READONLY
        ? ': the database can only be read'
        : ''
  return noAnswer(`${shown}${advice}`, cause)
}

/** What a statement can be told, in better-sqlite3 and then in node:sqlite. */
const SETTINGS = [
  ['safeIntegers', false],
  ['setReadBigInts', false],
  ['setReturnArrays', false],
  ['setAllowBareNamedParameters', true],
]

/** The prepared statements of each connection. */
const prepared = new WeakMap()

function prepare(connection, name) {
  let statements = prepared.get(connection)
  if (statements === undefined) prepared.set(connection, (statements = new Map()))
  let statement = statements.get(name)
  if (statement === undefined) {
    statement = connection.prepare(STATEMENTS.get(name).text)
    // What the program has set for its connection does not count here.
    for (const [method, value] of SETTINGS) if (member(statement, method) !== undefined) statement[method](value)
    statements.set(name, statement)
  }
  return statement
}

/** The rows of a statement, in the transaction of the connection if one is open. */
function ask(connection, name, values) {
  const { names } = STATEMENTS.get(name)
  const given = { __proto__: null }
  for (const one of names) {
    const value = values[one]
    // As a number it would be a floating-point one.
    given[one] = typeof value === 'number' ? BigInt(value) : value
  }
  try {
    const statement = prepare(connection, name)
    // better-sqlite3 gives no rows of a statement that has none.
    const isSilent = member(statement, 'reader') === false
    const parameters = names.length === 0 ? [] : [given]
    if (!isSilent) return statement.all(...parameters)
    statement.run(...parameters)
    return []
  } catch (cause) {
    throw unavailable(cause)
  }
}

/** Runs texts of SQL. */
function execute(connection, text) {
  try {
    connection.exec(text)
  } catch (cause) {
    throw unavailable(cause)
  }
}

/** Whether a transaction is open; undefined if the client does not tell. */
const isInTransaction = (connection) => member(connection, 'inTransaction') ?? member(connection, 'isTransaction')

/** Calls the function in a transaction, at once. */
function inTransaction(connection, call) {
  execute(connection, BEGIN)
  try {
    const result = call()
    execute(connection, 'COMMIT')
    return result
  } catch (error) {
    try {
      rollback(connection)
    } catch {
      // The first error says why.
    }
    throw error
  }
}

function rollback(connection) {
  // SQLite may have rolled back by itself, or the program.
  if (isInTransaction(connection) !== false) connection.exec('ROLLBACK')
}

/** Workers of this process by the file and the inbox, to wake them. Those of other processes look by themselves. */
const workers = new Map()

class Driver {
  database = 'sqlite'
  canOpenAgain = true
  #path
  #Database
  #connection

  constructor(path, Database) {
    this.#path = checkedPath(path)
    const { prepare, exec, close } = Database?.prototype ?? {}
    if (typeof Database !== 'function' || ![prepare, exec, close].every((method) => typeof method === 'function')) {
      throw new TypeError('the second argument must be the class of better-sqlite3, or DatabaseSync of node:sqlite')
    }
    this.#Database = Database
    Object.freeze(this)
  }

  isWithoutTable(error) {
    return /^no such table\b/.test(error?.cause?.message)
  }

  checkTransaction(connection) {
    if (typeof connection?.prepare !== 'function' || typeof connection.exec !== 'function') {
      throw new TypeError('the connection must be a database of better-sqlite3 or node:sqlite')
    }
    if (isInTransaction(connection) === false) {
      throw new TypeError('no transaction is open on the connection: run BEGIN IMMEDIATE first, or use transaction() of the inbox')
    }
  }

  async runIn(connection, name, values) {
    return ask(connection, name, values)
  }

  /** Each call begins and ends its transaction without a pause, so that all can share one connection. */
  run(name, values) {
    return patiently(() => {
      const connection = (this.#connection ??= this.#connect())
      try {
        return inTransaction(connection, () => ask(connection, name, values))
      } catch (error) {
        // After any other error the next call tries a new one.
        if (!isBusy(error)) this.close()
        throw error
      }
    })
  }

  /** It waits for other connections by itself. */
  canTryAgain() {
    return false
  }

  close() {
    close(this.#connection)
    this.#connection = undefined
  }

  wakeSoon(name) {
    for (const wake of workers.get(this.#keyOf(name)) ?? []) wake()
  }

  async wake(name) {
    this.wakeSoon(name)
  }

  async open(listening) {
    const connection = await patiently(() => this.#connect())
    if (listening === undefined) return new Session(connection, () => {})
    const key = this.#keyOf(listening.name)
    const listeners = workers.get(key) ?? new Set()
    workers.set(key, listeners.add(listening.wake))
    return new Session(connection, () => {
      listeners.delete(listening.wake)
      if (listeners.size === 0 && workers.get(key) === listeners) workers.delete(key)
    })
  }

  #keyOf(name) {
    return `${name}/${resolve(this.#path)}`
  }

  #connect() {
    if (!this.#path.startsWith('file:') && !existsSync(this.#path)) {
      throw new InboxUnavailableError('there is no database at the path of the inbox: make it with your migrations')
    }
    let connection
    try {
      connection = new this.#Database(this.#path)
      connection.exec(NO_WAIT)
      // It sets a time to wait, and this takes it back.
      connection.exec(`${CONNECT}; ${NO_WAIT}`)
    } catch (cause) {
      close(connection)
      throw unavailable(cause)
    }
    return connection
  }
}

/** Refuses a database that no other connection can see. */
function checkedPath(path) {
  if (textOf(path, 'the path') === '' || path.includes(':memory:') || /[?&]mode=memory\b/.test(path)) {
    throw new TypeError('the inbox needs a database in a file: one in memory is lost with the process, and no other connection sees it')
  }
  return path
}

/** Tries again while another connection writes, for 5 s. */
async function patiently(call) {
  // Otherwise nothing else in the process would run while a worker has rows: no step of it waits for anything.
  await nextTurn()
  const end = performance.now() + BUSY_MILLISECONDS
  for (let tries = 0; ; tries++) {
    try {
      return call()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= end) throw error
    }
    await sleep(WAITS_MILLISECONDS[tries] ?? WAITS_MILLISECONDS.at(-1))
  }
}

function close(connection) {
  try {
    connection?.close()
  } catch {
    // A statement of the program is still running. It is closed when it is collected.
  }
}

/** A connection of its own, for transactions that pause. */
class Session {
  connection
  #leave
  #isBegun = false

  constructor(connection, leave) {
    this.connection = connection
    this.#leave = leave
    Object.freeze(this)
  }

  /** The rows of a statement, in the session's transaction if one is open, otherwise in one of its own. */
  async run(name, values) {
    const { connection } = this
    if (this.#isBegun) return ask(connection, name, values)
    return patiently(() => inTransaction(connection, () => ask(connection, name, values)))
  }

  async begin() {
    await patiently(() => execute(this.connection, BEGIN))
    this.#isBegun = true
  }

  async commit() {
    if (isInTransaction(this.connection) === false) throw transactionOver()
    execute(this.connection, 'COMMIT')
    this.#isBegun = false
  }

  async rollback() {
    try {
      rollback(this.connection)
    } catch (cause) {
      throw unavailable(cause)
    }
    this.#isBegun = false
  }

  /** Ends a session in which no transaction is open. */
  async close() {
    this.destroy()
  }

  /** Ends the session and its connection, and so its transaction. */
  destroy() {
    this.#leave()
    close(this.connection)
  }
}

/** Stores deliveries in SQLite before they are answered, and lets workers handle each once. */
class Inbox extends AnyInbox {
  constructor(path, Database, options = {}) {
    refuseMore(arguments, 'Inbox', ['path', 'Database', 'options'])
    super(new Driver(path, Database), options)
  }
}

module.exports = { Inbox, InboxUnavailableError, LeaseEnded, tables }
