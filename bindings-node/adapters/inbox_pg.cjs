'use strict'

// The inbox on PostgreSQL, with a Pool or a Client of the package pg.

const { createHash } = require('node:crypto')

const { native } = require('../lib/native.cjs')
const { member, own, refuseMore } = require('../lib/own.cjs')
const { isTypeError } = require('./common.cjs')
const { AnyInbox, InboxUnavailableError, LeaseEnded, tables } = require('./inbox.cjs')
const { noAnswer, transactionOver } = require('./inbox_row.cjs')

const CHANNEL = 'hookseal_inbox'
/** Wake-ups of one inbox of one database are at least so far apart: each takes a lock of the whole server. */
const WAKE_MILLISECONDS = 50
const BYTEA = 17

/** The statements with `$1`, `$2` …, and the names of their parameters in that order. */
const STATEMENTS = new Map(Object.entries(native.inbox.postgresql).map(([name, text]) => [name, numbered(text)]))
const COMMIT = { __proto__: null, text: 'COMMIT', names: [] }
const ROLLBACK = { __proto__: null, text: 'ROLLBACK', names: [] }
const BEGIN = STATEMENTS.get('begin')

function numbered(text) {
  const names = []
  const withNumbers = text.replace(/:([a-z_]+)/g, (_, name) => {
    if (!names.includes(name)) names.push(name)
    return `$${names.indexOf(name) + 1}`
  })
  // The name of another text, of another version behind the same pooler, is another one.
  const name = `hookseal_${createHash('sha1').update(withNumbers).digest('hex').slice(0, 16)}`
  return { __proto__: null, text: withNumbers, names, name }
}

/**
 * What every delivery needs. With a name the server parses and plans such a statement once for each connection, which
 * takes it longer than to run it.
 */
const PREPARED = new Set(['put', 'take', 'take_one'].map((name) => STATEMENTS.get(name)))
/** The server connection that a pooler gave does not know the name, or has it already. */
const NAME_REFUSED = new Set(['26000', '42P05'])

/**
 * Values as the server writes them, whatever parsers the program has set. `length` is that of a list of types of
 * parameters, which pg looks for here.
 */
const TYPES = {
  __proto__: null,
  length: 0,
  getTypeParser: (oid, format) => (format === 'binary' ? refuseBinary : oid === BYTEA ? bytesOf : asItIs),
}

const asItIs = (text) => text

function refuseBinary() {
  throw new InboxUnavailableError('the client has the option `binary`, which changes bytes on their way: the inbox needs one without it')
}

/** The bytes of a `bytea`, in the form of either setting of `bytea_output`. */
function bytesOf(text) {
  if (text.startsWith('\\x')) return Buffer.from(text.slice(2), 'hex')
  return Buffer.from(text.replace(/\\(?:\\|([0-7]{3}))/g, (_, octal) => (octal === undefined ? '\\' : String.fromCharCode(parseInt(octal, 8)))), 'latin1')
}

const INSIDE = 'the client is inside a transaction of the program: release clients only after COMMIT or ROLLBACK'
const FAILED_TRANSACTION = '25P02'
const NO_TABLE = '42P01'
/** SQLSTATE and what to do. */
const ADVICE = {
  __proto__: null,
  40001: ': the isolation level must be READ COMMITTED; begin with BEGIN ISOLATION LEVEL READ COMMITTED, or use transaction() of the inbox',
  [FAILED_TRANSACTION]: ': an earlier statement of this transaction failed; roll back',
  42501: ': the role lacks a right; the file with the tables names those that it needs',
  '55P03': ': another transaction that has stored the same key is still open',
}
const SERIALIZATION_FAILURE = '40001'
/** The server ends the connection: an administrator, a crash, a start or a limit. */
const CONNECTION_ENDED = /^(?:08...|57P0[1-5]|25P0[34])$/

/** The code of an error of the server, else undefined. Only those have a severity. */
function stateOf(cause) {
  if (typeof cause !== 'object' || cause === null) return undefined
  const code = own(cause, 'code')
  return typeof own(cause, 'severity') === 'string' && typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

function unavailable(cause) {
  if (cause instanceof InboxUnavailableError) return cause
  const state = stateOf(cause)
  const why = state === undefined ? (typeof cause?.code === 'string' && /^[A-Z_]{2,30}$/.test(cause.code) ? ` (${cause.code})` : '') : ` (SQLSTATE ${state})${ADVICE[state] ?? ''}`
  return noAnswer(why, cause)
}

/** Whether the connection cannot be used after the error. */
function isBroken(error) {
  const { cause } = error
  if (cause === undefined) return false
  const state = stateOf(cause)
  return state === undefined || CONNECTION_ENDED.test(state)
}

/** Sends a statement; gives the result of pg. */
async function send(client, { text, names }, values, name) {
  let result
  try {
    const given = names.map((name) => values[name])
    result = await client.query({ __proto__: null, name, text, values: given, types: TYPES })
  } catch (cause) {
    throw unavailable(cause)
  }
  if (!Array.isArray(result?.rows)) throw new InboxUnavailableError('the client of pg gives a result without rows, which makes no sense')
  return result
}

/** Whether the client is in no transaction (I), in one (T), or in one that has failed (E). */
function transactionOf(client) {
  if (typeof client.getTransactionStatus !== 'function') {
    throw new TypeError('the client must be one of pg 8.21 or later, which tells whether a transaction is open')
  }
  return client.getTransactionStatus()
}

const ignore = () => {}
/** Errors of connecting, in which nothing was sent. */
const unconnected = new WeakSet()
/** How many connections of a pool workers keep. */
const kept = new WeakMap()
/** When an inbox of a database was woken last, and whether it will be. */
const wakes = new Map()

class Driver {
  database = 'postgresql'
  #given
  #isPool
  /** Ends when a Client that is no pool is free again. */
  #free = Promise.resolve()
  /** Names the database to `wakes`. */
  #address = ''
  /** Whether a statement outside of a transaction may have another isolation level than READ COMMITTED. */
  #mustBegin = false
  /** Whether statements have names. A pooler may not bear them. */
  #mayPrepare = true

  constructor(given) {
    if (typeof given?.query !== 'function' || typeof given.connect !== 'function' || typeof given.on !== 'function') {
      throw new TypeError('the first argument must be a Pool of pg, or a Client that only the inbox uses')
    }
    this.#given = given
    this.#isPool = typeof member(given, 'totalCount') === 'number'
    if (!this.#isPool) transactionOf(given)
    // Without a listener the process ends when the server restarts.
    if (!given.listeners('error').includes(ignore)) given.on('error', ignore)
    Object.freeze(this)
  }

  /** A Client that has ended cannot connect again. */
  get canOpenAgain() {
    return this.#isPool
  }

  isWithoutTable(error) {
    return stateOf(error?.cause) === NO_TABLE
  }

  checkTransaction(client) {
    if (typeof client?.query !== 'function' || typeof member(client, 'totalCount') === 'number') throw new TypeError('the connection must be a client of pg, such as pool.connect() gives')
    const status = transactionOf(client)
    if (status === 'T') return
    if (status === 'E') throw new InboxUnavailableError('an earlier statement of this transaction failed: roll back')
    throw new TypeError('no transaction is open on the connection: begin one first, or use transaction() of the inbox')
  }

  /** The rows of a statement in the program's transaction. */
  async runIn(client, name, values) {
    return (await send(client, STATEMENTS.get(name), values)).rows
  }

  /** The rows of a statement in a transaction of its own. */
  async run(name, values) {
    const session = await this.#acquire()
    try {
      return await this.#committed(session.client, name, values)
    } catch (error) {
      const isInside = stateOf(error.cause) === FAILED_TRANSACTION
      session.isBroken = isInside || isBroken(error)
      throw isInside ? new InboxUnavailableError(INSIDE, { __proto__: null, cause: error.cause }) : error
    } finally {
      session.release()
    }
  }

  /** After an error of a connection that was lost. */
  canTryAgain(error) {
    return this.#isPool && isBroken(error) && !unconnected.has(error)
  }

  /** The pool is the program's. */
  close() {}

  /**
   * A statement alone is a transaction, and takes one round trip where BEGIN and COMMIT would take three. Where the
   * session's isolation level is a higher one, the server may refuse it. Then it is run in one of READ COMMITTED.
   */
  async #committed(client, statementName, values) {
    const statement = STATEMENTS.get(statementName)
    if (!this.#mustBegin) {
      const name = this.#mayPrepare && PREPARED.has(statement) ? statement.name : undefined
      try {
        return (await send(client, statement, values, name)).rows
      } catch (error) {
        const state = stateOf(error.cause)
        if (name !== undefined && NAME_REFUSED.has(state)) {
          this.#mayPrepare = false
          return this.#committed(client, statementName, values)
        }
        if (state !== SERIALIZATION_FAILURE) throw error
        this.#mustBegin = true
      }
    }
    await send(client, BEGIN)
    try {
      const { rows } = await send(client, statement, values)
      await send(client, COMMIT)
      return rows
    } catch (error) {
      if (!isBroken(error)) await send(client, ROLLBACK)
      throw error
    }
  }

  wakeSoon(name) {
    this.wake(name).catch(ignore)
  }

  /** Wakes the workers that listen. Soon after another wake-up it is put off, and the promise does not wait for it. */
  async wake(name) {
    const key = `${this.#address}/${name}`
    const wake = wakes.get(key) ?? { __proto__: null, at: -Infinity, timer: undefined }
    wakes.set(key, wake)
    if (wake.timer !== undefined) return
    const left = wake.at + WAKE_MILLISECONDS - performance.now()
    if (left > 0) {
      wake.timer = setTimeout(() => {
        wake.timer = undefined
        this.wakeSoon(name)
      }, left)
      // Workers look by themselves too.
      wake.timer.unref()
      return
    }
    wake.at = performance.now()
    await this.run('wake', { __proto__: null, inbox: name })
  }

  /** A connection for several statements. With `name` and `wake`, `wake` is called when workers of that inbox are. */
  async open(listening) {
    const session = await this.#acquire()
    if (listening === undefined) return new Session(session)
    keep(this.#given, 1)
    const { client } = session
    const hear = ({ channel, payload }) => {
      if (channel === CHANNEL && payload === listening.name) listening.wake()
    }
    client.on('notification', hear)
    // A lost connection is found when the next statement is sent.
    client.on('error', listening.wake)
    client.on('end', listening.wake)
    const opened = new Session(session, (name, values) => this.#committed(client, name, values), () => {
      keep(this.#given, -1)
      client.off('notification', hear)
      client.off('error', listening.wake)
      client.off('end', listening.wake)
    })
    try {
      await send(client, STATEMENTS.get('listen'))
    } catch (error) {
      opened.destroy()
      throw error
    }
    return opened
  }

  /** A client in no transaction, and how to release it. */
  async #acquire() {
    const max = this.#isPool ? member(this.#given, 'options')?.max : 1
    if ((kept.get(this.#given) ?? 0) >= max) {
      throw new InboxUnavailableError(
        this.#isPool
          ? 'workers of this process keep every connection of the pool: give it a greater `max`'
          : 'a worker of this process keeps the client: give the inbox a Pool',
      )
    }
    const session = this.#isPool ? await this.#fromPool() : await this.#ofClient()
    const { client } = session
    try {
      // After an error pg knows the new status only once more has been read.
      if (transactionOf(client) !== 'I') await client.query('SELECT 1').catch(ignore)
      if (transactionOf(client) !== 'I') throw new InboxUnavailableError(INSIDE)
    } catch (error) {
      session.isBroken = true
      session.release()
      throw isTypeError(error) ? new InboxUnavailableError(error.message) : error
    }
    this.#address = `${client.host}:${client.port}/${client.database}`
    return session
  }

  async #fromPool() {
    let client
    try {
      client = await this.#given.connect()
    } catch (cause) {
      const error = unavailable(cause)
      unconnected.add(error)
      throw error
    }
    client.on('error', ignore)
    return {
      __proto__: null,
      client,
      isBroken: false,
      endsWithSession: true,
      release() {
        client.release(this.isBroken)
        client.off('error', ignore)
      },
    }
  }

  /** A client of its own is used by one caller at a time. */
  async #ofClient() {
    const client = this.#given
    const before = this.#free
    let free
    this.#free = new Promise((resolve) => {
      free = resolve
    })
    await before
    return {
      __proto__: null,
      client,
      isBroken: false,
      endsWithSession: false,
      release() {
        free()
        if (this.isBroken) client.end().catch(ignore)
      },
    }
  }
}

function keep(given, more) {
  kept.set(given, (kept.get(given) ?? 0) + more)
}

/** A connection that is kept for several statements. */
class Session {
  #held
  #committed
  #leave
  #isOpen = true

  /** With `committed`, for a statement in a transaction of its own, and `leave`, which ends the listening. */
  constructor(held, committed, leave) {
    this.#held = held
    this.#committed = committed
    this.#leave = leave
  }

  get connection() {
    return this.#held.client
  }

  /** The rows of a statement, in the session's transaction if one is open, otherwise in one of its own. */
  async run(name, values) {
    const { client } = this.#held
    if (transactionOf(client) === 'I') return this.#committed(name, values)
    return (await send(client, STATEMENTS.get(name), values)).rows
  }

  async begin() {
    await send(this.#held.client, BEGIN)
  }

  async commit() {
    const { client } = this.#held
    if (transactionOf(client) === 'I') throw transactionOver()
    const { command } = await send(client, COMMIT)
    // PostgreSQL answers the COMMIT of a transaction that has failed with ROLLBACK, and no error.
    if (command !== 'COMMIT') {
      throw new InboxUnavailableError('the transaction was rolled back, because one of its statements failed: use a savepoint around a statement that may fail')
    }
  }

  async rollback() {
    const { client } = this.#held
    if (transactionOf(client) !== 'I') await send(client, ROLLBACK)
  }

  /** Ends a session in which no transaction is open. */
  async close() {
    this.#end(false)
  }

  /** Ends the session and its connection, and so its transaction. */
  destroy() {
    this.#end(true)
  }

  #end(isBroken) {
    if (!this.#isOpen) return
    this.#isOpen = false
    // A client that listens would go on listening in the pool.
    this.#held.isBroken = isBroken || (this.#leave !== undefined && this.#held.endsWithSession)
    try {
      this.#held.release()
    } catch {
      // The handler has released it.
    }
    this.#leave?.()
  }
}

/** Stores deliveries in PostgreSQL before they are answered, and lets workers handle each once. */
class Inbox extends AnyInbox {
  constructor(pool, options = {}) {
    refuseMore(arguments, 'Inbox', ['pool', 'options'])
    super(new Driver(pool), options)
  }
}

module.exports = { Inbox, InboxUnavailableError, LeaseEnded, tables }
