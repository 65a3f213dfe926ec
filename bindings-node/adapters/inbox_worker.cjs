'use strict'

// A worker of an inbox: it takes rows, calls the handler for each in a transaction, and tells the database what became
// of it.

const { report } = require('./common.cjs')
const { InboxUnavailableError, LeaseEnded, TimeoutError, classOf } = require('./inbox_row.cjs')

/** A worker that has just handled a row looks again after so many milliseconds before it sleeps. */
const LOOKS_MILLISECONDS = [25, 50]
/** Before the next try after an error of the database; each doubles. */
const FIRST_DELAY_MILLISECONDS = 1000
const LONGEST_DELAY_MILLISECONDS = 30_000
/** When a record of a newer version is looked at again, perhaps by a worker that can read it. */
const NEWER_RECORD_DELAY_SECONDS = 60

/** What becomes of a row that failed, by its state. */
const WHAT_NEXT = { __proto__: null, waiting: 'waits for the next attempt', dead: 'is dead', taken: 'another worker may have it' }

const LIMIT_REACHED = Symbol('the handler took too long')

/** One call of `work`. */
class Worker {
  #parts
  #handler
  #onFailure
  #isStopping = false
  #isWoken = false
  /** Ends the pause that the worker makes. */
  #interrupt
  #whenStopped
  #tellStopped
  #delay = FIRST_DELAY_MILLISECONDS
  /** What the database has to be told. It stays here while the database is away. */
  #owed = []
  #looks = LOOKS_MILLISECONDS.length

  /**
   * The parts of an inbox: its settings in milliseconds, `open` for a session, and `take`, `fail` and `giveBack` in a
   * session.
   */
  constructor(parts, handler, onFailure) {
    this.#parts = parts
    this.#handler = handler
    this.#onFailure = onFailure
    this.#whenStopped = new Promise((resolve) => {
      this.#tellStopped = resolve
    })
  }

  /** Lets the running handler end. */
  stop() {
    this.#isStopping = true
    this.#tellStopped()
    this.#interrupt?.()
  }

  /** Works until it is stopped. */
  async run() {
    while (!this.#isStopping) await this.#serve()
    // What could not be told while the database was away is tried once more.
    if (this.#owed.length > 0) await this.#serve()
  }

  /** Works with one session until it is stopped, or the session ends. */
  async #serve() {
    let session
    let isSound = false
    let failure
    try {
      session = await this.#open()
      if (session === undefined) return
      isSound = await this.#work(session)
    } catch (error) {
      failure = error
    }
    if (isSound) await session.close()
    else session?.destroy()
    if (failure === undefined) return
    if (!this.#parts.canGoOn(failure)) throw failure
    this.#warn(`${textOf(failure)}; the next try is in ${this.#delay / 1000} s`)
    this.#isWoken = false
    await this.#pause(this.#delay)
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY_MILLISECONDS)
  }

  /** A session; undefined if the worker is stopped while it waits for one. */
  async #open() {
    const opening = this.#parts.open(() => this.#wake())
    if (this.#isStopping) return opening
    const session = await Promise.race([opening, this.#whenStopped])
    if (session === undefined) opening.then((late) => late.destroy(), () => {})
    return session
  }

  /** True when it was stopped; false if the session had to be given up for a handler that took too long. */
  async #work(session) {
    await this.#settle(session)
    while (!this.#isStopping) {
      const takenAt = performance.now()
      const rows = await this.#parts.take(session)
      this.#delay = FIRST_DELAY_MILLISECONDS
      if (rows.length === 0) {
        await this.#rest()
      } else {
        this.#looks = 0
        if (!(await this.#handleAll(rows, takenAt, session))) return false
      }
    }
    return true
  }

  async #handleAll(rows, takenAt, session) {
    const { handlerLimitMilliseconds, leaseMilliseconds } = this.#parts
    const leaseEndsAt = takenAt + leaseMilliseconds
    for (const row of rows) {
      if (row.state === 'dead') await this.#tell(row, new LeaseEnded('the last attempt has no result, as when its process ends'))
    }
    const left = rows.filter(({ state }) => state !== 'dead')
    let isSound = true
    try {
      while (isSound && left.length > 0) {
        // Each handler must end before the lease does.
        const isLate = leaseEndsAt - performance.now() < handlerLimitMilliseconds
        if (this.#isStopping || isLate) break
        isSound = await this.#handle(left.shift(), leaseEndsAt, session)
      }
    } finally {
      for (const row of left) this.#oweRow(row)
    }
    if (isSound) await this.#settle(session)
    return isSound
  }

  /** False if the session had to be given up. */
  async #handle(row, leaseEndsAt, session) {
    let delivery
    try {
      delivery = row.delivery
    } catch (error) {
      if (error.code === 'newer_record') this.#oweRow(row, NEWER_RECORD_DELAY_SECONDS)
      else this.#oweFailure(row, error, leaseEndsAt)
      await this.#settle(session)
      return true
    }
    try {
      await session.begin()
      if (!(await this.#parts.done(session, row))) {
        await session.rollback()
        return true
      }
    } catch (error) {
      this.#oweRow(row)
      throw error
    }
    const failure = await this.#call(delivery, session.connection)
    if (failure === LIMIT_REACHED) {
      this.#oweFailure(row, new TimeoutError('the handler took longer than handlerLimitSeconds'), leaseEndsAt)
      return false
    }
    if (failure !== undefined) {
      this.#oweFailure(row, failure.thrown, leaseEndsAt)
      await session.rollback()
    } else {
      try {
        await session.commit()
      } catch (error) {
        // A connection that broke may have committed.
        this.#oweFailure(row, error.cause ?? error, leaseEndsAt, error.cause === undefined)
        await session.rollback()
      }
    }
    await this.#settle(session)
    return true
  }

  /** What the handler threw, LIMIT_REACHED, or undefined. */
  async #call(delivery, connection) {
    const controller = new AbortController()
    const context = Object.freeze({ signal: controller.signal })
    const handler = this.#handler
    const called = (async () => void (await handler(delivery, connection, context)))().catch((thrown) => ({ __proto__: null, thrown }))
    let timer
    const limit = new Promise((resolve) => {
      timer = setTimeout(() => resolve(LIMIT_REACHED), this.#parts.handlerLimitMilliseconds)
    })
    const outcome = await Promise.race([called, limit])
    clearTimeout(timer)
    if (outcome === LIMIT_REACHED) controller.abort(new TimeoutError('the handler took longer than handlerLimitSeconds'))
    return outcome
  }

  #owe(say) {
    this.#owed.push(say)
  }

  #oweRow(row, delaySeconds = 0) {
    this.#owe((session) => this.#parts.giveBack(session, row, delaySeconds))
  }

  #oweFailure(row, error, leaseEndsAt, isCertain = true) {
    const isLate = performance.now() >= leaseEndsAt
    this.#owe(async (session) => {
      const failed = await this.#parts.fail(session, row, error)
      if (failed !== undefined) await this.#tell(failed, error)
      // Otherwise it is done after all: nobody else takes it before the lease ends.
      else if (isCertain || isLate) await this.#tell(row, leaseEnded(error))
    })
  }

  /** Tells the database what is owed. */
  async #settle(session) {
    while (this.#owed.length > 0) {
      await this.#owed[0](session)
      this.#owed.shift()
    }
  }

  /** Tells the program of a failure. A callback that fails is reported, and changes nothing. */
  async #tell(row, error) {
    const onFailure = this.#onFailure
    if (onFailure === undefined) {
      this.#warn(`row ${row.number} failed at attempt ${row.attempts} with ${classOf(error)}, and ${WHAT_NEXT[row.state]}`)
      return
    }
    try {
      await onFailure(row, error)
    } catch (thrown) {
      report('onFailure failed', thrown)
    }
  }

  #warn(text) {
    process.emitWarning(`the inbox ${this.#parts.name}: ${text}`, 'HooksealInboxWarning')
  }

  #wake() {
    this.#isWoken = true
    this.#interrupt?.()
  }

  /** Waits for a wake-up or the next poll; a worker that has just been awake looks again sooner. */
  async #rest() {
    const milliseconds = LOOKS_MILLISECONDS[this.#looks] ?? this.#parts.pollMilliseconds
    this.#looks += 1
    await this.#pause(milliseconds)
    if (this.#isWoken) this.#looks = 0
    this.#isWoken = false
  }

  async #pause(milliseconds) {
    if (this.#isStopping || this.#isWoken) return
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.#interrupt = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#interrupt = undefined
  }
}

function leaseEnded(cause) {
  return new LeaseEnded('the lease ended before the handler did: another worker may have the row', { __proto__: null, cause })
}

/** The text of an error that holds no secret. */
function textOf(error) {
  return error instanceof InboxUnavailableError ? error.message : `it failed with ${classOf(error)}`
}

module.exports = { Worker }
