'use strict'

// An inbox on any database: a driver runs the core's statements, and this file knows when each is run.

const { randomBytes } = require('node:crypto')
const { inspect } = require('node:util')

const { native } = require('../lib/native.cjs')
const { ofType } = require('../lib/options.cjs')
const { ownOptions } = require('../lib/own.cjs')
const { openRecord, withoutBody } = require('../lib/recorded.cjs')
const { checkFunction } = require('./common.cjs')
const { InboxUnavailableError, LeaseEnded, bytesIn, classOf, failedRow, integerIn, nonsense, rowsOf, secondsIn, textIn, turnOf } = require('./inbox_row.cjs')
const { Worker } = require('./inbox_worker.cjs')

const { hasOwn } = Object
const { version: VERSION, settings: SETTINGS, ranges: RANGES, hasName } = native.inbox

/** `lease_seconds` as `leaseSeconds`. */
const inCamelCase = (name) => name.replace(/_[a-z]/g, (pair) => pair[1].toUpperCase())
const OPTIONS = ['name', ...SETTINGS.map(inCamelCase)]

/** A count of the rows that wait is used for so long. */
const COUNT_MILLISECONDS = 1000
/** An inbox that was full is not counted again before. */
const FULL_COUNT_MILLISECONDS = 100
/**
 * How long the key of a delivery without a replay key is kept. It is drawn at random, so nothing else has it: it only
 * recognizes a second attempt of the same `put`.
 */
const OWN_KEY_RETENTION_SECONDS = 3600
const OWN_KEY_BYTES = 16
/** So many rows `prune` and `prune_bodies` change at once. */
const ROWS_PER_PRUNE = 1000
const DEAD_ROWS = 100

const DUPLICATE = Object.freeze({ outcome: 'duplicate' })
const FULL = Object.freeze({ outcome: 'full' })

/** The settings among own options, by the core's names. */
function checkedSettings(given) {
  const settings = { __proto__: null }
  SETTINGS.forEach((name, at) => {
    const option = inCamelCase(name)
    const [usual, least, most] = RANGES[at]
    const value = given[option] === undefined ? usual : ofType('number', given[option], option)
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`${option} must be a whole number from ${least} to ${most}`)
    }
    settings[name] = value
  })
  if (settings.handler_limit_seconds >= settings.lease_seconds) {
    throw new RangeError('leaseSeconds must be more than handlerLimitSeconds: otherwise another worker takes a row that is being handled')
  }
  return settings
}

function checkedName(name) {
  if (!hasName(ofType('string', name, 'name'))) {
    throw new RangeError('the name of an inbox has 1 to 100 letters, digits, dots, underscores and hyphens')
  }
  return name
}

/** The text of the documented file that makes the tables. */
function tables(database) {
  const names = ['postgresql', 'sqlite']
  if (!names.includes(database)) throw new TypeError(`there are tables for ${names.join(' and ')}`)
  return native.inbox[database].tables
}

/** What `put` stores of a delivery. */
function storedParts(delivery) {
  const record = withoutBody(delivery)
  if (record === undefined) {
    throw new TypeError('this is no delivery: pass what receive of a receiver returned, if its outcome is delivery')
  }
  const key = delivery.replayKey()
  return {
    __proto__: null,
    record,
    body: delivery.body,
    key: key?.value ?? randomBytes(OWN_KEY_BYTES).toString('hex'),
    // Null is without end.
    retention_seconds: key === undefined ? OWN_KEY_RETENTION_SECONDS : (key.retentionSeconds ?? null),
  }
}

/** Stores deliveries before they are answered, and lets workers handle each once. */
class AnyInbox {
  #driver
  #name
  /** The name and the settings: what statements are given. */
  #values
  #isReady = false
  #workers = new Set()
  #isStopped = false
  /** About how many rows wait or are taken; when they were counted last, and how many they were. */
  #waiting = 0
  #countedAt = -Infinity
  #counted = 0
  #counting
  /** How many puts are under way, and how many have begun in all. */
  #underWay = 0
  #begun = 0
  #turns = newTurns()
  /** The rows of a statement in a transaction of its own. */
  #ask = (statement, values) => this.#driver.run(statement, this.#valuesWith(values))

  constructor(driver, options) {
    const given = ownOptions(options, OPTIONS, 'Inbox')
    this.#driver = driver
    this.#name = checkedName(given.name === undefined ? 'default' : given.name)
    this.#values = Object.freeze({ __proto__: null, inbox: this.#name, ...checkedSettings(given) })
    Object.freeze(this)
  }

  async put(delivery, options = {}) {
    const connection = this.#connectionIn(options)
    const isOwn = connection === undefined
    const ask = isOwn ? this.#ask : this.#askIn(connection)
    const parts = storedParts(delivery)
    await this.#makeReady(ask)
    if (!(await this.#reserve(ask, isOwn))) return (await ask('has_key', parts)).length > 0 ? DUPLICATE : FULL
    let isStored = false
    try {
      const row = await store(ask, parts).catch((error) => {
        if (!isOwn || !this.#driver.canTryAgain(error)) throw error
        // If the first attempt did store it, its key is held.
        return store(ask, parts)
      })
      isStored = row !== undefined
      if (!isStored) return DUPLICATE
      const outcome = Object.freeze({ outcome: 'stored', number: integerIn(row.number, 'a number') })
      if (isOwn) this.#driver.wakeSoon(this.#name)
      return outcome
    } finally {
      this.#underWay -= 1
      if (!isStored) this.#waiting -= 1
    }
  }

  async wake() {
    await this.#driver.wake(this.#name)
  }

  async work(handler, options = {}) {
    const { onFailure, signal } = ownOptions(options, ['onFailure', 'signal'], 'work')
    if (typeof handler !== 'function') throw new TypeError('the first argument must be a function that takes a delivery and a connection')
    checkFunction(handler, 'the handler', 3)
    if (onFailure !== undefined) checkFunction(ofType('function', onFailure, 'onFailure'), 'onFailure', 2)
    if (signal !== undefined && typeof signal?.addEventListener !== 'function') throw new TypeError('signal must be an AbortSignal')
    if (signal?.aborted || this.#isStopped) return
    const worker = new Worker(this.#partsForWorker(), handler, onFailure)
    const stop = () => worker.stop()
    signal?.addEventListener('abort', stop, { __proto__: null, once: true })
    const finished = worker.run()
    const working = { __proto__: null, worker, finished: finished.catch(() => {}) }
    this.#workers.add(working)
    try {
      await finished
    } finally {
      this.#workers.delete(working)
      signal?.removeEventListener('abort', stop)
    }
  }

  async stop() {
    this.#isStopped = true
    const working = [...this.#workers]
    for (const { worker } of working) worker.stop()
    await Promise.all(working.map(({ finished }) => finished))
  }

  async close() {
    await this.stop()
    this.#driver.close()
  }

  async take() {
    await this.#makeReady(this.#ask)
    const rows = await this.#takeNext(this.#ask, this.#turns)
    return Object.freeze(rows.filter(({ state }) => state !== 'dead'))
  }

  async transaction(run) {
    checkFunction(ofType('function', run, 'the argument'), 'the function', 1)
    await this.#makeReady(this.#ask)
    const session = await this.#driver.open()
    let isSound = false
    try {
      await session.begin()
      let result
      try {
        result = await run(session.connection)
      } catch (error) {
        await session.rollback().then(() => (isSound = true), () => {})
        throw error
      }
      await session.commit()
      isSound = true
      return result
    } finally {
      if (isSound) await session.close()
      else session.destroy()
    }
  }

  async done(row, connection) {
    const values = this.#rowValues(row)
    this.#driver.checkTransaction(connection)
    return (await this.#askIn(connection)('done', values)).length > 0
  }

  async doneByNumber(number, connection) {
    const known = rowNumberOf(number)
    this.#driver.checkTransaction(connection)
    if (known === undefined) return undefined
    const ask = this.#askIn(connection)
    await this.#makeReady(ask)
    const [found] = await ask('done_by_number', { __proto__: null, number: known })
    return found === undefined ? undefined : openRecord(textIn(found.record, 'a record'), bytesIn(found.body))
  }

  async fail(row, error) {
    return (await this.#failWith(this.#ask, row, error))?.state
  }

  async giveBack(row) {
    return this.#giveBackWith(this.#ask, row, 0)
  }

  async dead(options = {}) {
    const { after = 0, limit = DEAD_ROWS } = ownOptions(options, ['after', 'limit'], 'dead')
    checkWhole(after, 0, 'after')
    checkWhole(limit, 1, 'limit')
    const rows = await this.#askReady('dead', { __proto__: null, after, rows: limit })
    return Object.freeze(rowsOf(this, rows))
  }

  async retry(number) {
    const known = rowNumberOf(number)
    return known !== undefined && (await this.#askReady('retry', { __proto__: null, number: known })).length > 0
  }

  async prune() {
    const count = async (statement) => {
      let all = 0
      for (let now = ROWS_PER_PRUNE; now === ROWS_PER_PRUNE; all += now) now = (await this.#askReady(statement)).length
      return all
    }
    const deleted = await count('prune')
    return Object.freeze({ deleted, emptied: await count('prune_bodies') })
  }

  async counts() {
    const [counted] = await this.#askReady('counts')
    if (counted === undefined) throw nonsense('no counts')
    const { waiting, taken, done, dead } = counted
    return Object.freeze({
      waiting: integerIn(waiting, 'a count'),
      taken: integerIn(taken, 'a count'),
      done: integerIn(done, 'a count'),
      dead: integerIn(dead, 'a count'),
      oldestWaitingSeconds: secondsIn(counted.oldest_waiting_seconds),
      oldestTransactionSeconds: secondsIn(counted.oldest_transaction_seconds),
    })
  }

  [inspect.custom]() {
    return `Inbox(${this.#name})`
  }

  /** The values of a statement's parameters: the name, the settings, and these. */
  #valuesWith(values) {
    return { __proto__: null, ...this.#values, ...values }
  }

  /** The rows of a statement in the program's transaction, whose own limits stay as they are. */
  #askIn(connection) {
    const limits = { __proto__: null, lock_timeout_milliseconds: null, handler_limit_seconds: null }
    return (statement, values) => this.#driver.runIn(connection, statement, this.#valuesWith({ ...values, ...limits }))
  }

  async #askReady(statement, values) {
    await this.#makeReady(this.#ask)
    return this.#ask(statement, values)
  }

  /** The connection in the options of `put`, checked. */
  #connectionIn(options) {
    const { connection } = ownOptions(options, ['connection'], 'put')
    if (connection !== undefined) this.#driver.checkTransaction(connection)
    // Otherwise the row would be stored in another transaction than the program's.
    else if (hasOwn(options, 'connection')) throw new TypeError('connection is undefined: leave the option out to store in a transaction of its own')
    return connection
  }

  /** Looks up the version of the table once. */
  async #makeReady(ask) {
    if (this.#isReady) return
    const [found] = await ask('version').catch((error) => {
      throw this.#driver.isWithoutTable(error) ? withoutTable(this.#driver.database, error.cause) : error
    })
    if (found === undefined) throw withoutTable(this.#driver.database)
    const version = integerIn(found.version, 'a version')
    if (version > VERSION) {
      throw unfit(`the table of the inbox has version ${version}, and this hookseal knows version ${VERSION}: update hookseal`)
    }
    if (version < VERSION) {
      throw unfit(`the table of the inbox has version ${version}, and this hookseal needs version ${VERSION}: run the migration of its release notes`)
    }
    this.#isReady = true
  }

  /** Whether one more row may be stored. If so, it is counted in. */
  async #reserve(ask, isOwn) {
    const { max_waiting: most } = this.#values
    const age = () => performance.now() - this.#countedAt
    if (age() >= COUNT_MILLISECONDS) await this.#count(ask, isOwn)
    if (this.#waiting >= most && (this.#counted < most || age() >= FULL_COUNT_MILLISECONDS)) await this.#count(ask, isOwn)
    if (this.#waiting >= most) return false
    this.#waiting += 1
    this.#underWay += 1
    this.#begun += 1
    return true
  }

  /** Counts the rows. Puts at the same time share one count, if it is in no transaction of the program. */
  async #count(ask, isOwn) {
    if (!isOwn) return this.#countWith(ask)
    this.#counting ??= this.#countWith(ask).finally(() => (this.#counting = undefined))
    await this.#counting
  }

  async #countWith(ask) {
    // The answer may show these puts or not. A row that is counted twice is only counted until the next time.
    const more = this.#underWay - this.#begun
    const [found] = await ask('waiting')
    const values = Object.values(found ?? {})
    if (values.length !== 1) throw nonsense('no count')
    this.#counted = integerIn(values[0], 'a count')
    this.#waiting = this.#counted + more + this.#begun
    this.#countedAt = performance.now()
  }

  #rowValues(row) {
    const turn = turnOf(this, row)
    return { __proto__: null, number: row.number, turn }
  }

  /**
   * With more than one row a take, it alternates between rows that nobody has attempted, and any one row: a row that
   * ends its process takes no others with it.
   */
  async #takeNext(ask, turns) {
    const { rows_per_take: most } = this.#values
    const take = async (isFresh) => rowsOf(this, await ask(isFresh ? 'take' : 'take_one'))
    if (most === 1) return take(false)
    const isFresh = turns.isForFresh
    turns.isForFresh = !isFresh
    const rows = await take(isFresh)
    if (rows.length > 0) return rows
    turns.isForFresh = isFresh
    return take(!isFresh)
  }

  /** The row as it is now; undefined if another worker has it. */
  async #failWith(ask, row, error) {
    const name = classOf(error)
    const [found] = await ask('fail', { ...this.#rowValues(row), error: name })
    return found === undefined ? undefined : failedRow(row, textIn(found.state, 'a state'), name)
  }

  async #giveBackWith(ask, row, delaySeconds) {
    return (await ask('give_back', { ...this.#rowValues(row), delay_seconds: delaySeconds })).length > 0
  }

  #partsForWorker() {
    const { handler_limit_seconds: limit, lease_seconds: lease, poll_milliseconds: pollMilliseconds } = this.#values
    const turns = newTurns()
    const askIn = (session) => (statement, values) => session.run(statement, this.#valuesWith(values))
    return {
      __proto__: null,
      name: this.#name,
      handlerLimitMilliseconds: limit * 1000,
      leaseMilliseconds: lease * 1000,
      pollMilliseconds,
      canGoOn: (failure) => this.#driver.canOpenAgain && !final.has(failure),
      open: async (wake) => {
        const session = await this.#driver.open({ __proto__: null, name: this.#name, wake })
        try {
          await this.#makeReady(askIn(session))
        } catch (error) {
          session.destroy()
          throw error
        }
        return session
      },
      take: (session) => this.#takeNext(askIn(session), turns),
      done: async (session, row) => {
        // The server ends a statement that takes longer, also when its client is gone.
        return (await askIn(session)('done', { ...this.#rowValues(row), handler_limit_seconds: limit + 1 })).length > 0
      },
      fail: (session, row, error) => this.#failWith(askIn(session), row, error),
      giveBack: (session, row, delaySeconds) => this.#giveBackWith(askIn(session), row, delaySeconds),
    }
  }
}

/** The row as it is stored; undefined if its key is held. A row whose retention has ended gives its key up. */
async function store(ask, parts) {
  const [row] = await ask('put', parts)
  if (row !== undefined) return row
  await ask('free', parts)
  return (await ask('put', parts))[0]
}

/** Whether the next of the alternating takes asks for fresh rows. */
const newTurns = () => ({ __proto__: null, isForFresh: true })

function withoutTable(database, cause) {
  const message = `the database has no table of the inbox: run the SQL that tables('${database}') returns, with your migrations`
  return unfit(message, cause === undefined ? undefined : { __proto__: null, cause })
}

/** Errors of a table that no second try makes better. */
const final = new WeakSet()

function unfit(message, options) {
  const error = new InboxUnavailableError(message, options)
  final.add(error)
  return error
}

function checkWhole(number, least, name) {
  if (!Number.isSafeInteger(ofType('number', number, name)) || number < least) throw new RangeError(`${name} must be a whole number from ${least}`)
}

/** The number of a row; undefined for a number that no row can have. */
function rowNumberOf(number) {
  const value = typeof number === 'bigint' ? Number(number) : ofType('number', number, 'the number of a row')
  return Number.isSafeInteger(value) ? value : undefined
}

module.exports = { AnyInbox, InboxUnavailableError, LeaseEnded, tables }
