// The inbox on SQLite: files, connections that write, and the differences between the clients.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import BetterSqlite3 from 'better-sqlite3'
import { Inbox as UntrackedInbox, InboxUnavailableError, tables } from 'hookseal/inbox/sqlite'

import { NodeSqlite, newFolder, stopInboxes, tracked, until } from './inbox_databases.js'
import { leftOut } from './postgres_server.js'
import { newDelivery } from './requests.js'

const Inbox = tracked(UntrackedInbox)
after(stopInboxes)
const CLIENTS = { 'better-sqlite3': BetterSqlite3, ...(NodeSqlite && { 'node:sqlite': NodeSqlite }) }
if (NodeSqlite === undefined) leftOut('the inbox on node:sqlite', `only Node 22.5 and later has it, and this is ${process.version}`)

const isUnavailable = (message) => (error) => {
  assert.ok(error instanceof InboxUnavailableError, `${error}`)
  assert.match(error.message, message)
  return true
}

/** The path of a database, and a connection to it. */
function openedWith(Database, t) {
  const folder = newFolder()
  const path = join(folder, 'inbox.db')
  const connection = new Database(path)
  connection.exec(tables('sqlite'))
  connection.exec('CREATE TABLE effects (number INTEGER)')
  t.after(() => {
    connection.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const count = (table) => Number(connection.prepare(`SELECT count(*) AS count FROM ${table}`).get().count)
  return { folder, path, connection, count }
}

for (const [name, Database] of Object.entries(CLIENTS)) {
  const opened = (t) => openedWith(Database, t)
  describe(name, { concurrency: 4 }, () => {
    test('the inbox sets what its connections need', async (t) => {
      const { path } = opened(t)
      const inbox = new Inbox(path, Database)
      const found = await inbox.transaction((connection) => ['journal_mode', 'synchronous'].map((of) => Object.values(connection.prepare(`PRAGMA ${of}`).get())[0]))
      assert.deepEqual(found.map(String), ['wal', '2'])
    })

    test('close ends the connection that the inbox keeps, and a later call opens another one', async (t) => {
      const { path } = opened(t)
      let open = 0
      class Counting extends Database {
        constructor(path) {
          super(path)
          open += 1
        }
        close() {
          open -= 1
          return super.close()
        }
      }
      const inbox = new Inbox(path, Counting)
      await inbox.close()
      for (let at = 0; at < 2; at++) {
        await inbox.put(newDelivery())
        assert.equal(open, 1)
        await inbox.close()
        await inbox.close()
        assert.equal(open, 0)
      }
    })

    test('a database in memory is refused', () => {
      for (const path of ['', ':memory:', 'file::memory:', 'file::memory:?cache=shared', 'file:inbox?mode=memory', 'file:inbox?cache=shared&mode=memory']) {
        assert.throws(() => new Inbox(path, Database), { name: 'TypeError', message: /^the inbox needs a database in a file/ })
      }
      for (const path of [undefined, null, 7, Buffer.from('inbox.db'), new URL('file:///inbox.db')]) assert.throws(() => new Inbox(path, Database), { name: 'TypeError', message: /^the path must be a string/ })
    })

    test('the client must be a class', (t) => {
      const { path, connection } = opened(t)
      for (const bad of [undefined, null, {}, connection, class {}, () => {}]) assert.throws(() => new Inbox(path, bad), { name: 'TypeError', message: /must be the class of better-sqlite3, or DatabaseSync/ })
      assert.throws(() => new Inbox(path, Database, { maxwaiting: 7 }), TypeError)
    })

    test('a file that is not there is not made, and one that is no database is an error', async (t) => {
      const { folder } = opened(t)
      const missing = join(folder, 'other.db')
      await assert.rejects(new Inbox(missing, Database).put(newDelivery()), isUnavailable(/there is no database at the path of the inbox/))
      assert.ok(!existsSync(missing))
      writeFileSync(missing, 'this is no database, whatever its name says'.repeat(100))
      await assert.rejects(new Inbox(missing, Database).put(newDelivery()), isUnavailable(/gave no answer that can be used \(/))
      await assert.rejects(new Inbox(folder, Database).put(newDelivery()), isUnavailable(/gave no answer that can be used \(/))
    })

    test('a database that appears later is found', async (t) => {
      const { folder } = opened(t)
      const path = join(folder, 'later.db')
      const inbox = new Inbox(path, Database)
      await assert.rejects(inbox.put(newDelivery()), InboxUnavailableError)
      const connection = new Database(path)
      await assert.rejects(inbox.put(newDelivery()), isUnavailable(/has no table of the inbox/))
      connection.exec(tables('sqlite'))
      connection.close()
      assert.equal((await inbox.put(newDelivery())).outcome, 'stored')
    })

    test('another connection that writes is waited for, without stopping the process', async (t) => {
      const { path, connection } = opened(t)
      const inbox = new Inbox(path, Database)
      connection.exec('BEGIN IMMEDIATE')
      let ticks = 0
      const ticking = setInterval(() => (ticks += 1), 10)
      const put = inbox.put(newDelivery())
      await sleep(300)
      connection.exec('COMMIT')
      assert.equal((await put).outcome, 'stored')
      clearInterval(ticking)
      assert.ok(ticks >= 3, `${ticks}`)
    })

    test('a put of the same process waits for a handler, and the handler for no put', async (t) => {
      const { path, connection, count } = opened(t)
      const inbox = new Inbox(path, Database)
      await inbox.put(newDelivery())
      const failures = []
      let begun
      const working = inbox.work(async (_delivery, connection) => {
        begun = true
        connection.exec('INSERT INTO effects VALUES (1)')
        await sleep(50)
      }, { onFailure: (_row, error) => failures.push(error) })
      await until(() => begun)
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => inbox.put(newDelivery())))
      assert.ok(outcomes.every(({ outcome }) => outcome === 'stored'))
      await until(() => count('effects') === 6)
      await inbox.stop()
      await working
      assert.deepEqual(connection.prepare('SELECT DISTINCT state FROM hookseal_inbox').all().map(({ state }) => state), ['done'])
      assert.deepEqual(failures, [])
    })

    test('a worker that always has rows leaves time for everything else', async (t) => {
      const { path, count } = opened(t)
      const inbox = new Inbox(path, Database)
      for (let at = 0; at < 20; at++) await inbox.put(newDelivery())
      let turns = 0
      const turn = () => {
        turns += 1
        turning = setImmediate(turn)
      }
      let turning = setImmediate(turn)
      let seen
      const failures = []
      await inbox.work((_delivery, connection) => {
        connection.exec('INSERT INTO effects VALUES (1)')
        if (count('effects') < 19) return
        seen = turns
        void inbox.stop()
      }, { onFailure: (_row, error) => failures.push(error) })
      clearImmediate(turning)
      assert.ok(seen >= 20, `${seen}`)
      assert.deepEqual(failures, [])
    })

    test('workers of one inbox share its rows', async (t) => {
      const { path, count } = opened(t)
      const failures = []
      const inboxes = [1, 2, 3].map(() => new Inbox(path, Database, { rowsPerTake: 4 }))
      const working = inboxes.map((inbox) => inbox.work(async (_delivery, connection) => void connection.exec('INSERT INTO effects VALUES (1)'), { onFailure: (_row, error) => failures.push(error) }))
      await Promise.all(Array.from({ length: 60 }, (_, at) => inboxes[at % 3].put(newDelivery())))
      await until(() => count('effects') === 60)
      await Promise.all(inboxes.map((inbox) => inbox.stop()))
      await Promise.all(working)
      assert.deepEqual([count('effects'), failures], [60, []])
    })

    test("the program's connection may give integers as BigInt, and wait or not", async (t) => {
      const { path } = opened(t)
      const inbox = new Inbox(path, Database)
      const connection = new Database(path)
      connection.defaultSafeIntegers?.()
      connection.exec('BEGIN IMMEDIATE')
      const { number } = await inbox.put(newDelivery('one'), { connection })
      assert.equal(typeof number, 'number')
      assert.equal((await inbox.put(newDelivery('one'), { connection })).outcome, 'duplicate')
      connection.exec('COMMIT')
      const [row] = await inbox.take()
      connection.exec('BEGIN IMMEDIATE')
      assert.equal(await inbox.done(row, connection), true)
      connection.exec('COMMIT')
      connection.close()
    })

    test('that connection must be able to write, and begin so', async (t) => {
      const { path, connection, count } = opened(t)
      const inbox = new Inbox(path, Database)
      await inbox.counts()
      const reading = new Database(path, name === 'node:sqlite' ? { readOnly: true } : { readonly: true })
      reading.exec('BEGIN')
      await assert.rejects(inbox.put(newDelivery(), { connection: reading }), isUnavailable(/: the database can only be read$/))
      reading.close()
      const late = new Database(path)
      late.exec('BEGIN; SELECT count(*) FROM hookseal_inbox')
      late.exec('PRAGMA busy_timeout = 0')
      connection.exec('BEGIN IMMEDIATE')
      await assert.rejects(inbox.put(newDelivery(), { connection: late }), isUnavailable(/begin transactions that write with BEGIN IMMEDIATE/))
      connection.exec('ROLLBACK')
      late.close()
      assert.equal(count('hookseal_inbox'), 0)
    })

    test('a trigger that refuses is a failure of the row, and rolled back', async (t) => {
      const { path, connection, count } = opened(t)
      connection.exec("CREATE TRIGGER refuses BEFORE INSERT ON effects WHEN NEW.number = 7 BEGIN SELECT RAISE(ROLLBACK, 'no'); END")
      const inbox = new Inbox(path, Database, { firstDelaySeconds: 1000 })
      await inbox.put(newDelivery())
      const told = []
      // The transaction is rolled back below the handler, which goes on.
      const working = inbox.work((_delivery, connection) => {
        try {
          connection.exec('INSERT INTO effects VALUES (7)')
        } catch {
          connection.exec('INSERT INTO effects VALUES (8)')
        }
      }, { onFailure: (row, error) => told.push([row.state, error.name]) })
      await until(() => told.length === 1)
      await inbox.stop()
      await working
      assert.deepEqual(told, [['waiting', 'InboxUnavailableError']])
      assert.equal(count('effects'), 1)
    })

    test('processes that write at the same time lose nothing', async (t) => {
      const { path, count } = opened(t)
      const program = fileURLToPath(new URL('inbox_child.js', import.meta.url))
      const children = [1, 2].map((at) => fork(program, ['sqlite', name, path, 'put', `${at}`, '40']))
      const codes = await Promise.all(children.map((child) => once(child, 'exit').then(([code]) => code)))
      assert.deepEqual(codes, [0, 0])
      assert.equal(count('hookseal_inbox'), 80)
    })
  })

  // It moves everybody's clock.
  test(`another connection that writes is waited for 5 s, and then it is an error: ${name}`, async (t) => {
    const { path, connection, count } = opened(t)
    let tries = 0
    class Counting extends Database {
      exec(text) {
        if (text.startsWith('BEGIN')) tries += 1
        return super.exec(text)
      }
    }
    const inbox = new Inbox(path, Counting)
    await inbox.put(newDelivery())
    connection.exec('BEGIN IMMEDIATE')
    tries = 0
    let clock = performance.now()
    t.mock.method(performance, 'now', () => clock)
    let isOver = false
    const put = assert.rejects(inbox.put(newDelivery()), isUnavailable(/: another connection writes; begin transactions that write with BEGIN IMMEDIATE, and keep them short$/)).then(() => (isOver = true))
    await until(() => tries > 0)
    clock += 4999
    tries = 0
    await until(() => tries > 1)
    assert.equal(isOver, false)
    clock += 1
    await put
    connection.exec('COMMIT')
    assert.equal((await inbox.put(newDelivery())).outcome, 'stored')
    assert.equal(count('hookseal_inbox'), 2)
  })
}
