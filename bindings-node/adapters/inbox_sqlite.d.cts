// The types of the inbox on SQLite.

import { AnyInbox, type InboxOptions } from './inbox.cjs'

export {
  InboxUnavailableError, LeaseEnded, tables,
  type Counts, type HandlerContext, type InboxFull, type InboxOptions, type PutOutcome, type Row, type Stored,
  type StoredBefore, type WorkOptions,
} from './inbox.cjs'

/** What is used of a database of `better-sqlite3` or `node:sqlite`. */
export interface SqliteConnection {
  prepare(sql: string): any
  exec(sql: string): any
  close(): any
}

/**
 * The inbox on SQLite 3.37 or later, in a file, with the class of `better-sqlite3` 12 or later or `DatabaseSync` of
 * `node:sqlite`. It opens connections of its own, because two users of one connection would share a transaction.
 *
 * - **One writes at a time.** A transaction of a handler keeps `put` of all processes waiting. After 5 s that is an
 *   error. Keep handlers short: ask other services elsewhere.
 * - **The process.** SQLite has no asynchronous calls: each statement stops the process for its time, and a commit for
 *   that of the disk. Waiting for another connection stops nothing.
 * - **The program's connection**, for `put` and `done` in its own transaction, must begin with BEGIN IMMEDIATE.
 * - **The file** is set to WAL. It must be on a disk of this machine.
 * - **Wake-ups** reach workers of the same process. Others find a row at their next poll.
 *
 * ```js
 * const inbox = new Inbox('shop.db', Database)
 *
 * // In the service, after `receive`:
 * const { outcome } = await inbox.put(delivery)
 * const status = { stored: 202, duplicate: 200, full: 503 }[outcome]
 *
 * // In a worker:
 * process.once('SIGTERM', () => inbox.stop())
 * await inbox.work((delivery, connection) => {
 *   for (const event of delivery) connection.prepare('INSERT INTO events VALUES (?)').run(event.id)
 * })
 * ```
 */
export class Inbox<Connection extends SqliteConnection = SqliteConnection> extends AnyInbox<Connection> {
  constructor(path: string, Database: new (path: string) => Connection, options?: InboxOptions)
}
