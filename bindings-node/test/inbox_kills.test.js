// Processes that are killed between every two statements of receiving and of working lose nothing and double nothing.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { DATABASES, stopPostgres, until } from './inbox_databases.js'
import { hasPostgres } from './postgres_server.js'
import { newDelivery } from './requests.js'

const isPossible = hasPostgres('the tests of the inbox in Node')
after(stopPostgres)

const CHILD = fileURLToPath(new URL('inbox_child.js', import.meta.url))
/** More statements than a child runs before its end. */
const MOST = 100

describe('a process that is killed', { concurrency: true }, () => {
  for (const { name, open, isBrief } of DATABASES) {
    if (isBrief) continue
    const kind = name.startsWith('pg') ? 'pg' : 'sqlite'
    describe(name, { skip: kind === 'pg' && !isPossible, concurrency: 1 }, () => {
      let database
      before(async () => (database = await open()))
      after(() => database?.close())

      /** Runs a child to its end, which is what it said and whether it was killed. */
      async function run(...given) {
        const said = []
        const child = fork(CHILD, [kind, name, database.url, ...given.map(String)])
        child.on('message', (text) => said.push(text))
        const [code, signal] = await once(child, 'exit')
        assert.ok(code === 0 || signal === 'SIGKILL', `${code} ${signal}`)
        return { said, isKilled: signal === 'SIGKILL' }
      }
      const clear = async () => {
        await database.run('DELETE FROM hookseal_inbox')
        await database.run('DELETE FROM effects')
      }
      const endLeases = () => database.run(`UPDATE hookseal_inbox SET next_at = ${database.now} - ${database.seconds(1)} WHERE state IN ('waiting', 'taken')`)
      /** Works until each row is done. */
      async function finish(handler) {
        // The server may still be rolling back what the killed process began.
        const inbox = database.inbox({ pollMilliseconds: 10 })
        const working = inbox.work(handler)
        await until(async () => (await database.rows("SELECT 1 FROM hookseal_inbox WHERE state <> 'done'")).length === 0)
        await inbox.stop()
        await working
      }
      const effects = async () => (await database.rows('SELECT who FROM effects ORDER BY who')).map(({ who }) => who)
      const texts = async () => {
        const rows = await database.rows('SELECT body FROM hookseal_inbox')
        return rows.map(({ body }) => JSON.parse(Buffer.from(body).toString()).text).sort()
      }
      const effect = (connection, text) => database.runIn(connection, `INSERT INTO effects (who) VALUES ('${text}')`)

      test('between any two statements of put has stored what it answered', async () => {
        const kept = new Set()
        let at = 0
        for (let isKilled = true; isKilled; at++) {
          assert.ok(at < MOST)
          await clear()
          const outcome = await run('kill', at, 'put')
          isKilled = outcome.isKilled
          const stored = await texts()
          for (const text of outcome.said) assert.ok(text === 'end' || stored.includes(text), `${at}: ${text}`)
          kept.add(stored.length)
          // The sender repeats what was not answered.
          const inbox = database.inbox()
          for (const text of ['one', 'two']) await inbox.put(newDelivery(text))
          assert.deepEqual(await texts(), ['one', 'two'])
        }
        assert.deepEqual([...kept], [0, 1, 2])
        assert.ok(at >= 6, `it was killed ${at} times`)
      })

      test('between any two statements of work has effects exactly once', async () => {
        let at = 0
        for (let isKilled = true; isKilled; at++) {
          assert.ok(at < MOST)
          await clear()
          const inbox = database.inbox()
          for (const text of ['one', 'two']) await inbox.put(newDelivery(text))
          ;({ isKilled } = await run('kill', at, 'work'))
          await endLeases()
          await finish((delivery, connection) => effect(connection, [...delivery][0].data.text))
          assert.deepEqual(await effects(), ['one', 'two'], `killed before statement ${at}`)
        }
        assert.ok(at >= 12, `it was killed ${at} times`)
      })

      test('by a row takes no others with it, and the row is dead after its attempts', async () => {
        await clear()
        const inbox = database.inbox()
        const innocent = Array.from({ length: 12 }, (_, at) => `innocent ${at}`)
        for (const text of innocent.slice(0, 6)) await inbox.put(newDelivery(text))
        const { number } = await inbox.put(newDelivery('poison'))
        for (const text of innocent.slice(6)) await inbox.put(newDelivery(text))
        let kills = 0
        for (let isOver = false; !isOver; ) {
          assert.ok(kills < 10)
          await endLeases()
          const child = fork(CHILD, [kind, name, database.url, 'poison'])
          const [said] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => ['killed'])])
          isOver = said !== 'killed'
          if (!isOver) kills += 1
          else {
            assert.equal(said, 'dead')
            await until(async () => (await database.rows("SELECT 1 FROM hookseal_inbox WHERE state = 'done'")).length === innocent.length)
            child.kill('SIGKILL')
            await once(child, 'exit')
          }
        }
        assert.equal(kills, 3)
        const rows = await database.rows("SELECT number, error FROM hookseal_inbox WHERE state = 'dead'")
        assert.deepEqual(rows.map((row) => [Number(row.number), row.error]), [[number, 'LeaseEnded']])
        assert.deepEqual(await effects(), innocent.sort())
      })
    })
  }
})
