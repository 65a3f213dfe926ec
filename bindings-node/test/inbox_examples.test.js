// The examples in the declarations of the inbox run, each on its database.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'

import * as onPg from 'hookseal/inbox/pg'
import * as onSqlite from 'hookseal/inbox/sqlite'
import pg from 'pg'

import { DATABASES, stopPostgres, until } from './inbox_databases.js'
import { hasPostgres } from './postgres_server.js'
import { newDelivery } from './requests.js'

after(stopPostgres)
const isPossible = hasPostgres('the examples of the inbox in Node')
const AsyncFunction = (async () => {}).constructor
const DRIVERS = { pg: 'inbox_pg', 'better-sqlite3': 'inbox_sqlite' }

/** The one example of a file with declarations. */
function exampleIn(name) {
  const text = readFileSync(new URL(`../adapters/${name}.d.cts`, import.meta.url), 'utf8')
  const found = [...text.matchAll(/^ *\* ```js\n(.*?)^ *\* ```$/gms)].map(([, lines]) => lines.replace(/^ *\* ?/gm, ''))
  assert.equal(found.length, 1, name)
  return found[0]
}

/** Runs an example, which sees these names, to its end. */
const run = (code, names) => new AsyncFunction(...Object.keys(names), code)(...Object.values(names))

for (const [name, file] of Object.entries(DRIVERS)) {
  test(`the example of ${file} stores a delivery and handles it until it is told to stop`, { skip: name === 'pg' && !isPossible }, async () => {
    const database = await DATABASES.find((one) => one.name === name).open()
    await database.run('CREATE TABLE events (id text)')
    const delivery = newDelivery()
    const code = exampleIn(file)
    const url = name === 'pg' ? new URL(database.url) : undefined
    Object.assign(process.env, url && { PGHOST: url.hostname, PGPORT: url.port, PGUSER: url.username, PGDATABASE: url.pathname.slice(1) })
    const { Inbox } = name === 'pg' ? onPg : onSqlite
    const given = name === 'pg' ? { Inbox, pg, delivery } : { Inbox, Database: database.Database, delivery }
    const running = run(name === 'pg' ? code : code.replace("'shop.db'", () => JSON.stringify(database.url)), given)
    await Promise.race([until(async () => (await database.rows("SELECT 1 FROM hookseal_inbox WHERE state = 'done'")).length === 1), running])
    assert.equal(process.listenerCount('SIGTERM'), 1)
    process.emit('SIGTERM')
    await running
    assert.deepEqual((await database.rows('SELECT id FROM events')).map(({ id }) => id), [[...delivery][0].id])
    await database.close()
  })
}

test("the example of a worker of the program's own handles a row, or says that it failed", async () => {
  const database = await DATABASES.find(({ name }) => name === 'better-sqlite3').open()
  const inbox = database.inbox({ firstDelaySeconds: 0, longestDelaySeconds: 0, rowsPerTake: 2 })
  for (let at = 0; at < 2; at++) await inbox.put(newDelivery())
  let calls = 0
  const handle = async (_delivery, connection) => {
    calls += 1
    await database.runIn(connection, `INSERT INTO effects (number) VALUES (${calls})`)
    if (calls === 1) throw new Error('the first attempt fails')
  }
  const code = exampleIn('inbox')
  await run(code, { inbox, handle })
  assert.deepEqual([(await inbox.counts()).waiting, (await inbox.counts()).done], [1, 1])
  await run(code, { inbox, handle })
  assert.deepEqual([calls, (await inbox.counts()).done], [3, 2])
  assert.deepEqual((await database.rows('SELECT number FROM effects')).map(({ number }) => Number(number)), [2, 3])
  await inbox.close()
  await database.close()
})
