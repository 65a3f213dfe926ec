// The types of the inbox on PostgreSQL.

import { AnyInbox, type InboxOptions } from './inbox.cjs'

export {
  InboxUnavailableError, LeaseEnded, tables,
  type Counts, type HandlerContext, type InboxFull, type InboxOptions, type PutOutcome, type Row, type Stored,
  type StoredBefore, type WorkOptions,
} from './inbox.cjs'

/** What is used of a client of the package `pg`. */
export interface PgClient {
  query(query: any): Promise<any>
  getTransactionStatus(): string | null
  on(event: any, listener: any): any
  off(event: any, listener: any): any
}

/** What is used of a `Pool` of the package `pg`. */
export interface PgPool<Client extends PgClient = PgClient> {
  /** The second form is of no use here. Without it the type of the client could not be found. */
  connect: { (): Promise<Client & { release(destroy?: any): void }>; (callback: any): any }
  query(query: any): Promise<any>
  on(event: any, listener: any): any
  listeners(event: any): any[]
  readonly totalCount: number
}

/** What is used of a `Client` of the package `pg`. */
export interface PgSingleClient extends PgClient {
  connect(): any
  end(): any
  listeners(event: any): any[]
  readonly totalCount?: never
}

/**
 * The inbox on PostgreSQL 12 or later, with a `Pool` of `pg` 8.21 or later. A `Client` serves too if only the inbox
 * uses it: everything then waits in line, and a worker keeps it for itself and ends with an error when its connection
 * is lost.
 *
 * - **Connections.** Each worker keeps one of the pool. A pool of one serves a worker or `put`, and not both.
 * - **Waiting.** The inbox has no time limit of its own for connecting: set `connectionTimeoutMillis` of the pool.
 * - **Isolation.** The inbox's own transactions are READ COMMITTED, whatever the default. The program's must be too.
 * - **Durability.** `put` is on disk when it returns, also with `synchronous_commit=off`.
 * - **pgbouncer** in transaction mode serves. Wake-ups do not come through it, so a worker finds a row at its next
 *   poll.
 * - **Parsers** that the program has set for types do not matter. The option `binary` of a client is refused.
 *
 * ```js
 * const inbox = new Inbox(new pg.Pool())
 *
 * // In the service, after `receive`:
 * const { outcome } = await inbox.put(delivery)
 * const status = { stored: 202, duplicate: 200, full: 503 }[outcome]
 *
 * // In a worker:
 * process.once('SIGTERM', () => inbox.stop())
 * await inbox.work(async (delivery, connection) => {
 *   for (const event of delivery) await connection.query('INSERT INTO events VALUES ($1)', [event.id])
 * })
 * ```
 */
export class Inbox<Client extends PgClient = PgClient> extends AnyInbox<Client> {
  constructor(pool: PgPool<Client>, options?: InboxOptions)
  constructor(client: Client & PgSingleClient, options?: InboxOptions)
}
