// A process that receives and works, and ends itself with SIGKILL where it is told to.
//
//     inbox_child.js pg|sqlite CLIENT ADDRESS put NAME COUNT       puts so many deliveries
//     inbox_child.js pg|sqlite CLIENT ADDRESS kill AT put|work     ends before its statement number AT
//     inbox_child.js pg|sqlite CLIENT ADDRESS poison               works, and ends at each delivery that says so

import { createRequire } from 'node:module'

import { newDelivery } from './requests.js'

// It loads only what it needs, because a test starts many of them.
const require = createRequire(import.meta.url)

const [kind, client, address, what, ...given] = process.argv.slice(2)
const end = () => process.kill(process.pid, 'SIGKILL')
const say = (text) => new Promise((resolve) => process.send(text, resolve))

let left = what === 'kill' ? Number(given[0]) : Infinity
/** Ends the process before the last statement that it may run. */
function count() {
  if (left === 0) {
    end()
    // The signal may take a moment.
    for (;;) continue
  }
  left -= 1
}

function inboxWith(options) {
  if (kind === 'pg') {
    const pg = require('pg')
    const { Inbox } = require('hookseal/inbox/pg')
    const { query } = pg.Client.prototype
    pg.Client.prototype.query = function (...all) {
      count()
      return query.apply(this, all)
    }
    return new Inbox(new pg.Pool({ connectionString: address }), options)
  }
  const { Inbox } = require('hookseal/inbox/sqlite')
  const Database = client === 'node:sqlite' ? require('node:sqlite').DatabaseSync : require('better-sqlite3')
  class Counting extends Database {
    exec(text) {
      count()
      return super.exec(text)
    }
    prepare(text) {
      const statement = super.prepare(text)
      for (const method of ['all', 'run']) {
        const called = statement[method].bind(statement)
        statement[method] = (...all) => {
          count()
          return called(...all)
        }
      }
      return statement
    }
  }
  return new Inbox(address, Counting, options)
}

const effect = async (connection, text) => (kind === 'pg' ? connection.query(`INSERT INTO effects (who) VALUES ('${text}')`) : connection.exec(`INSERT INTO effects (who) VALUES ('${text}')`))
const textIn = (delivery) => [...delivery][0].data.text

if (what === 'put') {
  const inbox = inboxWith()
  for (let at = 0; at < Number(given[1]); at++) await inbox.put(newDelivery(`${given[0]} ${at}`))
  process.exit(0)
}
if (what === 'kill' && given[1] === 'put') {
  const inbox = inboxWith()
  for (const text of ['one', 'two']) {
    const { outcome } = await inbox.put(newDelivery(text))
    if (outcome === 'stored' || outcome === 'duplicate') await say(text)
  }
  await say('end')
  process.exit(0)
}
if (what === 'kill') {
  const inbox = inboxWith({ rowsPerTake: 2, firstDelaySeconds: 0, longestDelaySeconds: 0 })
  let calls = 0
  const stopping = new AbortController()
  await inbox.work(async (delivery, connection) => {
    calls += 1
    await effect(connection, textIn(delivery))
    if (calls === 3) stopping.abort()
    if (calls === 1) throw new Error('the first attempt fails')
  }, { signal: stopping.signal, onFailure: () => {} })
  await say('end')
  process.exit(0)
}
if (what === 'poison') {
  const inbox = inboxWith({ rowsPerTake: 10, maxAttempts: 3, firstDelaySeconds: 0, longestDelaySeconds: 0 })
  await inbox.work(async (delivery, connection) => {
    const text = textIn(delivery)
    if (text === 'poison') end()
    await effect(connection, text)
  }, { onFailure: (row) => say(`${row.state}`) })
}
