// The databases with which the inbox is tested, behind one form, and deliveries to put.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import BetterSqlite3 from 'better-sqlite3'
import { Inbox as UntrackedPgInbox } from 'hookseal/inbox/pg'
import { Inbox as UntrackedSqliteInbox, tables } from 'hookseal/inbox/sqlite'
import pg from 'pg'
import pg8_21 from 'pg-8.21'

import { startPostgres } from './postgres_server.js'

/** DatabaseSync, where Node has it. */
export const NodeSqlite = (() => {
  try {
    return createRequire(import.meta.url)('node:sqlite').DatabaseSync
  } catch {
    return undefined
  }
})()

/** A class whose inboxes are stopped by `stopInboxes`: a worker that a failed test leaves would keep the process alive. */
export const tracked = (Inbox) =>
  class extends Inbox {
    constructor(...given) {
      super(...given)
      made.push(this)
    }
  }
const made = []
export const stopInboxes = () => made.forEach((inbox) => void inbox.stop())

const PgInbox = tracked(UntrackedPgInbox)
const SqliteInbox = tracked(UntrackedSqliteInbox)
const EFFECTS = 'CREATE TABLE effects (number bigint, who text)'

/** A folder in memory if possible: no test of SQLite is about the disk, which other programs may keep busy. */
export const newFolder = () => mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'hookseal-sqlite-'))

const isTake = (text) => text?.includes("THEN 'taken'")

/** A server for a file of tests, which the first test that needs it starts. */
let server
export const postgres = () => (server ??= startPostgres())
export async function stopPostgres() {
  stopInboxes()
  await (await server)?.stop()
}

/**
 * The databases by name. With a brief one only what depends on the client is tested. `inbox` makes an inbox, and `watched`
 * one that counts how often it has asked for rows.
 */
export const DATABASES = [
  { name: 'pg', open: () => openPg(pg) },
  { name: 'pg 8.21', open: () => openPg(pg8_21), isBrief: true },
  { name: 'better-sqlite3', open: () => openSqlite(BetterSqlite3) },
  ...(NodeSqlite === undefined ? [] : [{ name: 'node:sqlite', open: () => openSqlite(NodeSqlite) }]),
]

/** Counts how often an inbox that uses this pool of pg has asked for rows, and has its answer. */
export function takesOf(pool) {
  let takes = 0
  pool.on('connect', (client) => {
    const query = client.query.bind(client)
    client.query = async (...given) => {
      const result = await query(...given)
      if (isTake(given[0].text)) takes += 1
      return result
    }
  })
  return () => takes
}

async function openPg(module) {
  const url = await (await postgres()).database()
  const pools = []
  const newPool = (options) => {
    const pool = new module.Pool({ connectionString: url, ...options })
    pools.push(pool)
    return pool
  }
  const pool = newPool()
  await pool.query(EFFECTS)
  const rowsOf = async (text, connection = pool) => (await connection.query(text)).rows
  return {
    isPostgres: true,
    url,
    module,
    pool,
    newPool,
    now: 'statement_timestamp()',
    seconds: (count) => `${count} * interval '1 second'`,
    inbox: (options) => new PgInbox(pool, options),
    watched(options) {
      const pool = newPool()
      return { inbox: new PgInbox(pool, options), takes: takesOf(pool) }
    },
    rows: rowsOf,
    rowsIn: (connection, text) => rowsOf(text, connection),
    run: (text) => pool.query(text),
    runIn: (connection, text) => connection.query(text),
    /** Calls it with a connection in a transaction that ends with this word. */
    async within(end, call) {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        await call(client)
        await client.query(end)
      } finally {
        client.release()
      }
    },
    async withConnection(call) {
      const client = await pool.connect()
      try {
        await call(client)
      } finally {
        client.release()
      }
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.end().catch(() => {})))
    },
  }
}

async function openSqlite(Database) {
  const folder = newFolder()
  const path = join(folder, 'inbox.db')
  const connection = new Database(path)
  connection.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000')
  connection.exec(tables('sqlite'))
  connection.exec(EFFECTS)
  const rowsIn = (connection, text) => connection.prepare(text).all()
  // A test's own statements wait without stopping the process.
  const patiently = async (call) => {
    for (;;) {
      try {
        return call()
      } catch (error) {
        if (!/locked/.test(error.message)) throw error
        await sleep(5)
      }
    }
  }
  const own = new Database(path)
  own.exec('PRAGMA busy_timeout = 0')
  return {
    isPostgres: false,
    url: path,
    Database,
    now: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    seconds: (count) => `${count * 1000}`,
    inbox: (options) => new SqliteInbox(path, Database, options),
    watched(options) {
      let takes = 0
      class Watched extends Database {
        prepare(text) {
          const statement = super.prepare(text)
          const all = statement.all.bind(statement)
          if (isTake(text)) statement.all = (...given) => {
            takes += 1
            return all(...given)
          }
          return statement
        }
      }
      return { inbox: new SqliteInbox(path, Watched, options), takes: () => takes }
    },
    rows: async (text) => rowsIn(connection, text),
    rowsIn: async (connection, text) => rowsIn(connection, text),
    run: (text) => patiently(() => own.exec(text)),
    runIn: async (connection, text) => connection.exec(text),
    async within(end, call) {
      await patiently(() => own.exec('BEGIN IMMEDIATE'))
      await call(own)
      own.exec(end)
    },
    withConnection: async (call) => call(own),
    async close() {
      connection.close()
      own.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Waits until it is so. */
export async function until(isSo, milliseconds = 10_000) {
  const end = Date.now() + milliseconds
  for (;;) {
    const found = await isSo()
    if (found) return found
    if (Date.now() > end) throw new Error(`it did not become so: ${isSo}`)
    await sleep(10)
  }
}
