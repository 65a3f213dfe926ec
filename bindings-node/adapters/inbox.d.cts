// The types that the inboxes on PostgreSQL and SQLite share.

import type { Delivery, Recorded } from '../index.cjs'

/**
 * The settings of an inbox, whole numbers in the unit that a name ends with. Give all processes that share an inbox the
 * same.
 */
export interface InboxOptions {
  /** Inboxes of one table with different names know nothing of each other. By default `default`. */
  name?: string | undefined
  /** When so many rows wait or are taken, `put` says `'full'`. By default 100,000. */
  maxWaiting?: number | undefined
  /**
   * How long `put` waits for another transaction that has stored the same key and is still open. By default 2,000. Only
   * for PostgreSQL.
   */
  lockTimeoutMilliseconds?: number | undefined
  /**
   * How many rows a worker takes at once, of those that nobody has attempted. All others are taken one at a time. By
   * default 1.
   */
  rowsPerTake?: number | undefined
  /** How long a handler may take. By default 60. */
  handlerLimitSeconds?: number | undefined
  /** How long a taken row stays with its worker: more than `handlerLimitSeconds`. By default 120. */
  leaseSeconds?: number | undefined
  /** After so many attempts a row is dead, and kept. By default 12. */
  maxAttempts?: number | undefined
  /** The time from the first failure to the second attempt. It doubles with each failure. By default 10. */
  firstDelaySeconds?: number | undefined
  /** The longest such time. Each is cut by up to half, at random. By default 3,600. */
  longestDelaySeconds?: number | undefined
  /** How long `prune` keeps a row after it was done. By default 604,800, which is 7 days. */
  keepDoneSeconds?: number | undefined
  /** How often a worker that has nothing to do looks again. By default 1,000. */
  pollMilliseconds?: number | undefined
}

/** What became of a `put`. Answer 202 for `'stored'`, 200 for `'duplicate'`, and 503 for `'full'`. */
export type PutOutcome = Stored | StoredBefore | InboxFull

/** The delivery is in the table, or will be when the program's transaction commits. */
export interface Stored {
  readonly outcome: 'stored'
  /** The number of its row, for a queue of the program's own. */
  readonly number: number
}

/** An equal key is in the inbox, and its retention has not ended. */
export interface StoredBefore {
  readonly outcome: 'duplicate'
}

/** `maxWaiting` rows wait or are taken. Answer with a status that makes the sender try again. */
export interface InboxFull {
  readonly outcome: 'full'
}

/** A delivery in an inbox, with what is known of it when it was read. */
export interface Row {
  readonly number: number
  /** How often a worker has taken it since it was stored, or since the last `retry`. */
  readonly attempts: number
  readonly state: 'waiting' | 'taken' | 'done' | 'dead'
  /** The class of the last failure, and nothing of its text. */
  readonly error: string | undefined
  /** The delivery. It is opened at first use, which throws a `RecordError` if it cannot be. */
  readonly delivery: Recorded
  /** The body as it was received, as a copy. */
  readonly body: Uint8Array
}

export interface Counts {
  readonly waiting: number
  readonly taken: number
  readonly done: number
  readonly dead: number
  /** The age of the oldest row that waits. */
  readonly oldestWaitingSeconds: number | undefined
  /** The age of the oldest open transaction of the database. It slows every `take`. Only on PostgreSQL. */
  readonly oldestTransactionSeconds: number | undefined
}

export interface WorkOptions {
  /**
   * Hears of each failure: of a handler that failed or took too long, of a record that could not be opened, and with a
   * `LeaseEnded` of a row that is dead because its last attempt had no end, or that another worker may have because the
   * lease ended before the handler did. `row` is as it is then: `waiting`, `dead`, or in the last case `taken`.
   *
   * The worker waits for it before it goes on. Its own failure goes to `console.error`, and changes nothing. By default
   * a warning of the process names the row and the class of the error, and nothing of its text. A database that cannot
   * be used is a warning in any case.
   */
  onFailure?: ((row: Row, error: unknown) => unknown) | undefined
  /** Stops this worker, as `stop` stops all workers of the inbox. By default only `stop` does. */
  signal?: AbortSignal | undefined
}

/** What a handler gets beside its delivery and connection. */
export interface HandlerContext {
  /** Aborted when the handler takes longer than `handlerLimitSeconds`. */
  readonly signal: AbortSignal
}

/**
 * Stores deliveries in the program's own database before they are answered, and lets workers handle each once.
 *
 * An inbox is a table, which the program makes with its migrations: `tables` returns the SQL. Bodies are kept in it as
 * they came: they are personal data. Python and Node write and read the table alike.
 */
export abstract class AnyInbox<Connection> {
  protected constructor()
  /**
   * Stores a delivery. When it returns, the delivery is on disk, and can be answered with 202.
   *
   * An equal key within its retention is `'duplicate'`. A delivery without a replay key, as with the policy `'none'`,
   * is stored each time.
   *
   * With `connection` it is stored in the transaction that is open there, and is in the table once that commits. Call
   * `wake` then. No transaction is a TypeError. The isolation level must be READ COMMITTED. Two transactions that put
   * the same keys in opposite order stop each other: put one delivery in a transaction, or sort them.
   */
  put(delivery: Delivery | Recorded, options?: { connection?: Connection }): Promise<PutOutcome>
  /** Wakes workers, at most once in 50 ms. They also look by themselves. */
  wake(): Promise<void>
  /**
   * Handles rows one after another until `stop` is called, and then ends.
   *
   * The handler gets a connection with an open transaction. Its effects there and the note that the row is done are
   * committed together, so they happen exactly once. What it does elsewhere can happen again: use the row's ids there.
   * Leave COMMIT and ROLLBACK to the inbox, and ask other services before the first statement: an open transaction
   * slows others.
   *
   * A handler that fails is rolled back, and called again later. One that takes longer than `handlerLimitSeconds` loses
   * its connection. If the database cannot be used, the worker warns, and tries again after 1 s, doubling to 30 s.
   *
   * Each call keeps one connection. Call it several times to handle several rows at once.
   */
  work(handler: (delivery: Recorded, connection: Connection, context: HandlerContext) => unknown, options?: WorkOptions): Promise<void>
  /**
   * Lets each running handler end, and gives back rows that no handler has begun. It resolves when all workers of this
   * object have ended. It is final: a later `work` returns at once.
   */
  stop(): Promise<void>
  /**
   * Does what `stop` does, and closes the connection that the inbox itself keeps, which only that on SQLite does. It
   * ends no pool or client of the program. A later `put` opens a connection again.
   */
  close(): Promise<void>
  /**
   * Takes rows, for a worker of the program's own, and counts the attempt. Rows that are dead by now are left out: `dead`
   * lists them.
   *
   * ```js
   * for (const row of await inbox.take()) {
   *   try {
   *     await inbox.transaction(async (connection) => {
   *       if (await inbox.done(row, connection)) await handle(row.delivery, connection)
   *     })
   *   } catch (error) {
   *     await inbox.fail(row, error)
   *   }
   * }
   * ```
   */
  take(): Promise<readonly Row[]>
  /** Calls the function with a connection in a transaction, commits it, and returns the function's result. */
  transaction<Result>(run: (connection: Connection) => Result): Promise<Awaited<Result>>
  /**
   * Says that a row has been handled. Call it as the first statement of the transaction that has the effect. If it is
   * false, another worker has the row: roll back.
   */
  done(row: Row, connection: Connection): Promise<boolean>
  /**
   * Says so of a row that nobody took, because a queue of the program has its number, and returns its delivery.
   * `undefined` if the row has been handled, or the inbox has none with this number, whatever number it is. What is no
   * number is a TypeError. It is the first statement of the job's transaction.
   */
  doneByNumber(number: number | bigint, connection: Connection): Promise<Recorded | undefined>
  /**
   * Says that a row could not be handled, and stores the class of the error. The row then waits, or is dead after its
   * last attempt. `undefined` if another worker has it.
   */
  fail(row: Row, error: unknown): Promise<'waiting' | 'dead' | undefined>
  /** Gives a row back that was not begun, without the attempt. False if another worker has it. */
  giveBack(row: Row): Promise<boolean>
  /**
   * Dead rows in the order of their numbers: those after a number, at most `limit`, by default 100. A `limit` below 1
   * is a RangeError.
   */
  dead(options?: { after?: number | undefined; limit?: number | undefined }): Promise<readonly Row[]>
  /**
   * Lets a dead or done row wait again. False if the inbox has none with this number, whatever number it is, or if only
   * its key is left. What is no number is a TypeError.
   */
  retry(number: number | bigint): Promise<boolean>
  /**
   * Deletes rows that were done `keepDoneSeconds` ago, and empties those whose keys must still be kept. Call it now and
   * then, such as once an hour.
   */
  prune(): Promise<{ readonly deleted: number; readonly emptied: number }>
  counts(): Promise<Counts>
}

/**
 * The database of an inbox cannot be used: it is away, too slow, refuses a statement, has no table or another version
 * of it, or gives an answer that makes no sense. It is no verdict: answer with a status that makes the sender try
 * again, such as 503. The message holds nothing of a delivery. `cause` is the error of the client, if it is one: its
 * `detail` can hold values of a row.
 */
export class InboxUnavailableError extends Error {
  constructor(message?: string, options?: { cause?: unknown })
}

/**
 * The lease of a row ended before its handler did: its process ended at the last attempt, or the handler finished so late
 * that another worker may have the row, and nothing of it was committed. `cause` is how the handler or the commit failed,
 * if it did. `onFailure` gets it.
 */
export class LeaseEnded extends Error {
  constructor(message?: string, options?: { cause?: unknown })
}

/**
 * The SQL that makes the tables of an inbox, and names the rights that roles need. Run it once, with your migrations.
 */
export function tables(database: 'postgresql' | 'sqlite'): string
