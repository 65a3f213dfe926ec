// A process of bindings-python/tests/inbox_chaos.py: stores the deliveries that it is sent in an inbox, or handles them.
//
//     node inbox_chaos_worker.js <JSON>
//
// It writes its state to a byte of a file, and waits while another byte of it has the same state, until it is killed.

import { appendFileSync, openSync, readSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

import { Receiver } from 'hookseal'

const given = JSON.parse(process.argv[2])
const [IDLE, RECEIVED, PUTTING, PUT, TAKING, TAKEN, HANDLING, HANDLED, COMMITTING, COMMITTED, FAILING] = Array(11).keys()
class Failed extends Error {}

const states = openSync(given.states, 'r+')
let state = IDLE
const cell = new Int32Array(new SharedArrayBuffer(4))
const pause = (milliseconds) => Atomics.wait(cell, 0, 0, milliseconds)
function enter(next) {
  state = next
  writeSync(states, Uint8Array.of(state), 0, 1, given.process)
  const held = new Uint8Array(1)
  while (state !== IDLE && readSync(states, held, 0, 1, given.hold) === 1 && held[0] === state) pause(0.5)
}
const say = (word) => appendFileSync(given.log, `${word}\n`)

/** Mulberry32. */
let seed = given.seed
function chance() {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/** The state before a statement of the inbox. */
function before(text) {
  if (text.startsWith('BEGIN') && state === TAKING) {
    enter(TAKEN)
    if (chance() < given.pauses) {
      say('paused')
      pause(given.pauseSeconds * 1000)
    }
  } else if (text.includes('random()')) enter(FAILING)
  else if (text === 'COMMIT' && state === HANDLED) enter(COMMITTING)
}

function after(text, rows) {
  // Where the statement is a transaction of its own, it has committed by now.
  if (text.includes('INSERT INTO hookseal_inbox')) enter(PUTTING)
  else if (text.includes('LeaseEnded')) enter(rows > 0 ? TAKING : IDLE)
  else if (text === 'COMMIT' && state === COMMITTING) {
    enter(COMMITTED)
    enter(IDLE)
  }
}

const settings = Object.fromEntries(
  Object.entries(given.settings).map(([name, value]) => [name.replace(/_[a-z]/g, (pair) => pair[1].toUpperCase()), value]),
)

async function onPostgres() {
  const { Inbox } = await import('hookseal/inbox/pg')
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ connectionString: given.place, max: 3, connectionTimeoutMillis: 2000 })
  pool.on('connect', (client) => {
    const query = client.query.bind(client)
    client.query = async (...asked) => {
      const text = asked[0]?.text ?? asked[0]
      before(text)
      const result = await query(...asked)
      after(text, result.rows.length)
      return result
    }
  })
  const insert = (client, number) => client.query("INSERT INTO effects (number, who) VALUES ($1, 'node')", [number])
  return { inbox: new Inbox(pool, settings), insert }
}

async function onSqlite() {
  const { Inbox } = await import('hookseal/inbox/sqlite')
  const { default: BetterSqlite3 } = await import('better-sqlite3')
  class Watched extends BetterSqlite3 {
    prepare(text) {
      const statement = super.prepare(text)
      for (const name of ['all', 'run']) {
        const call = statement[name]
        statement[name] = (...values) => {
          before(text)
          const result = call.apply(statement, values)
          after(text, result.length)
          return result
        }
      }
      return statement
    }

    exec(text) {
      before(text)
      super.exec(text)
      after(text)
    }
  }
  const insert = (connection, number) => connection.prepare("INSERT INTO effects (number, who) VALUES (?, 'node')").run(BigInt(number))
  return { inbox: new Inbox(given.place, Watched, settings), insert }
}

const { inbox, insert } = await (given.database === 'sqlite' ? onSqlite() : onPostgres())

async function statusOf({ headers, body }) {
  const delivery = receiver.receive({ method: 'POST', headers, body: Buffer.from(body) }, given.now * 1000)
  enter(RECEIVED)
  try {
    const { outcome } = await inbox.put(delivery)
    enter(PUT)
    return { stored: 202, duplicate: 200 }[outcome] ?? 503
  } catch (error) {
    if (error.name !== 'InboxUnavailableError') throw error
    return 503
  }
}

async function handle(delivery, connection) {
  say('ran')
  enter(HANDLING)
  const drawn = chance()
  if (drawn < given.slow) {
    say('slow')
    await sleep(given.pauseSeconds * 1000)
  } else if (drawn < given.slow + given.failing / 2) {
    say('failed')
    throw new Failed()
  }
  const [event] = delivery
  await insert(connection, Number(event.subject.id))
  enter(HANDLED)
  if (drawn > 1 - given.failing / 2) {
    say('failed')
    throw new Failed()
  }
}

const receiver = Receiver.benji(given.salt, { replayRetentionSeconds: given.retentionSeconds })
if (given.receives) {
  for await (const line of createInterface({ input: process.stdin })) {
    const status = await statusOf(JSON.parse(line))
    enter(IDLE)
    process.stdout.write(`${status}\n`)
  }
} else {
  process.stdin.on('end', () => process.exit()).resume()
  await inbox.work(handle, { onFailure: () => {} })
}
