// The inbox on PostgreSQL: what the server, the client and what lies between them can do to it.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'

import { Inbox as UntrackedInbox, InboxUnavailableError, LeaseEnded } from 'hookseal/inbox/pg'
import pg from 'pg'

import { stopInboxes, takesOf, tracked, until } from './inbox_databases.js'
import { hasPgbouncer, hasPostgres, query, queryNow, startPgbouncer, startPostgres } from './postgres_server.js'
import { startLossyProxy } from './redis_server.js'
import { newDelivery } from './requests.js'

const skip = !hasPostgres('the tests of the inbox on PostgreSQL in Node')
const Inbox = tracked(UntrackedInbox)
after(stopInboxes)
const SECRET = 'sk_live_of_a_customer'

const isUnavailable = (message, ...codes) => (error) => {
  assert.ok(error instanceof InboxUnavailableError, inspect(error))
  assert.match(error.message, message)
  assert.ok((codes.length > 0 ? codes : [undefined]).includes(error.cause?.code), inspect(error.cause))
  return true
}

describe('on PostgreSQL', { skip }, () => {
  let server
  before(async () => (server = await startPostgres()))
  after(() => server?.stop())

  /** A database, and pools that the test's end closes. */
  async function opened(t) {
    const url = await server.database()
    const pools = []
    // A test that failed may keep a client.
    t.after(() => Promise.all(pools.map((pool) => Promise.race([pool.end().catch(() => {}), sleep(500)]))))
    const newPool = (options) => {
      const pool = new pg.Pool({ connectionString: url, ...options })
      pools.push(pool)
      return pool
    }
    const own = newPool({ max: 2 })
    own.on('error', () => {})
    const rows = async (text, values) => (await own.query(text, values)).rows
    return { url, newPool, rows, states: async () => (await rows('SELECT state FROM hookseal_inbox ORDER BY number')).map(({ state }) => state) }
  }

  // Much of the time is spent waiting.
  describe('at the same time', { concurrency: 6 }, () => {
    describe('the client', () => {
      test('may be told to send bytes in the older form', async (t) => {
        const { newPool } = await opened(t)
        const inbox = new Inbox(newPool({ options: '-c bytea_output=escape' }))
        const body = Buffer.from(JSON.stringify({ event: 'e', text: '\\ \u0001 ü \\000' }))
        const delivery = newDelivery('\\ \u0001 ü \\000 \ud83d\ude00')
        await inbox.put(delivery)
        const [row] = await inbox.take()
        assert.deepEqual(row.body, delivery.body)
        assert.ok(body.length > 0)
      })

      test('must not be one that changes bytes', async (t) => {
        const { newPool } = await opened(t)
        const inbox = new Inbox(newPool({ binary: true }))
        await assert.rejects(inbox.put(newDelivery()), isUnavailable(/the option `binary`/))
      })

      test('may be a Client that only the inbox uses, by one caller at a time', async (t) => {
        const { url, states } = await opened(t)
        const client = new pg.Client({ connectionString: url })
        await client.connect()
        t.after(() => client.end())
        const inbox = new Inbox(client)
        await Promise.all(Array.from({ length: 10 }, () => inbox.put(newDelivery())))
        await Promise.all(Array.from({ length: 5 }, () => inbox.transaction(async (connection) => {
          const outcome = await inbox.put(newDelivery(), { connection })
          assert.equal(outcome.outcome, 'stored')
          assert.equal(connection, client)
        })))
        let calls = 0
        const working = inbox.work(() => void (calls += 1))
        await until(() => calls === 15)
        await assert.rejects(inbox.put(newDelivery()), isUnavailable(/a worker of this process keeps the client: give the inbox a Pool/))
        await inbox.stop()
        await working
        assert.equal((await inbox.put(newDelivery())).outcome, 'stored')
        assert.deepEqual(await states(), [...Array(15).fill('done'), 'waiting'])
        // Without a connection it cannot go on.
        const [{ pid }] = (await client.query('SELECT pg_backend_pid() AS pid')).rows
        // The server says so to a statement that runs; between two the connection just ends.
        const lost = assert.rejects(new Inbox(client).work(() => {}), isUnavailable(/gave no answer/, undefined, '57P01'))
        await sleep(50)
        await query(url, 'SELECT pg_terminate_backend($1)', [pid])
        await lost
      })

      test('must not be inside a transaction of the program', async (t) => {
        const { url, newPool, states } = await opened(t)
        const client = new pg.Client({ connectionString: url })
        await client.connect()
        t.after(() => client.end().catch(() => {}))
        await client.query('BEGIN')
        await assert.rejects(new Inbox(client).put(newDelivery()), isUnavailable(/the client is inside a transaction of the program/))
        const pool = newPool({ max: 1 })
        for (const text of ['BEGIN', 'BEGIN; SELECT 1 / 0']) {
          const forgotten = await pool.connect()
          await forgotten.query(text).catch(() => {})
          forgotten.release()
          await assert.rejects(new Inbox(pool).put(newDelivery()), (error) => error instanceof InboxUnavailableError && /release clients only after COMMIT or ROLLBACK/.test(error.message))
          // The pool has given that connection up.
          assert.equal((await new Inbox(pool).put(newDelivery())).outcome, 'stored')
        }
        assert.deepEqual(await states(), ['waiting', 'waiting'])
      })

      test('is a Pool or a Client of pg 8.21 or later', async () => {
        for (const bad of [undefined, null, 7, {}, 'postgresql://localhost', pg, pg.Pool, () => {}]) {
          assert.throws(() => new Inbox(bad), { name: 'TypeError', message: /must be a Pool of pg, or a Client/ })
        }
        const old = { query() {}, connect() {}, on() {}, listeners: () => [] }
        assert.throws(() => new Inbox(old), { name: 'TypeError', message: /pg 8\.21 or later/ })
        const pool = { ...old, totalCount: 1, connect: async () => ({ query() {}, on() {}, off() {}, release() {} }) }
        await assert.rejects(new Inbox(pool).put(newDelivery()), isUnavailable(/pg 8\.21 or later/))
      })

      test('in a transaction must be a client, not the pool', async (t) => {
        const { newPool } = await opened(t)
        const pool = newPool()
        await assert.rejects(new Inbox(pool).put(newDelivery(), { connection: pool }), { name: 'TypeError', message: /^the connection must be a client of pg/ })
      })

      test('that answers nonsense is an error', async () => {
        const answers = { version: [{ version: '1' }], waiting: [{ count: '0' }], put: [{ number: '7' }] }
        const fakeWith = (changed) => {
          const all = { ...answers, ...changed }
          const client = {
            query: async ({ text }) => {
              if (/hookseal_version/.test(text)) return { rows: all.version }
              if (/count\(\*\) FROM \(/.test(text)) return { rows: all.waiting }
              if (/INSERT/.test(text)) return { rows: all.put }
              return { rows: all.others, command: 'COMMIT' }
            },
            getTransactionStatus: () => 'I', on() {}, off() {}, release() {},
          }
          return { query() {}, connect: async () => client, on() {}, listeners: () => [], totalCount: 1, options: { max: 9 } }
        }
        assert.deepEqual(await new Inbox(fakeWith({})).put(newDelivery()), { outcome: 'stored', number: 7 })
        const row = { number: '7', turn: '1', attempts: 1, state: 'taken', error: null, record: '{}', body: Buffer.of(0) }
        const nonsense = isUnavailable(/which makes no sense$/)
        for (const bad of [undefined, null, 7, 'text', {}]) await assert.rejects(new Inbox(fakeWith({ version: bad })).put(newDelivery()), nonsense)
        for (const bad of [[{}], [{ version: 'one' }], [{ version: null }]]) await assert.rejects(new Inbox(fakeWith({ version: bad })).put(newDelivery()), nonsense)
        for (const bad of [[], [{}], [{ count: '' }], [{ count: '-' }], [{ count: 1.5 }], [{ count: '99999999999999999999' }]]) await assert.rejects(new Inbox(fakeWith({ waiting: bad })).put(newDelivery()), nonsense)
        for (const bad of [[{}], [{ number: null }], [{ number: '9007199254740993' }], [{ number: '1e3' }]]) await assert.rejects(new Inbox(fakeWith({ put: bad })).put(newDelivery()), nonsense)
        for (const change of [{ number: 'x' }, { turn: null }, { attempts: '1.5' }, { state: 'gone' }, { state: 7 }, { error: 7 }, { record: null }, { body: 'text' }, { body: null }]) {
          await assert.rejects(new Inbox(fakeWith({ others: [{ ...row, ...change }] })).take(), nonsense)
        }
        assert.equal((await new Inbox(fakeWith({ others: [row] })).take()).length, 1)
        for (const bad of [[], [{ waiting: 'x' }], [{ waiting: '1', taken: '1', done: '1', dead: '1', oldest_waiting_seconds: 'x', oldest_transaction_seconds: null }]]) {
          await assert.rejects(new Inbox(fakeWith({ others: bad })).counts(), nonsense)
        }
      })
    })

    describe('a higher isolation level', () => {
      for (const level of ['repeatable read', 'serializable']) {
        test(`as the session's default changes nothing: ${level}`, async (t) => {
          const { newPool, states } = await opened(t)
          const pool = newPool({ options: `-c default_transaction_isolation=${level.replace(' ', '\\ ')}` })
          const inboxes = Array.from({ length: 4 }, () => new Inbox(pool))
          for (let round = 0; round < 5; round++) {
            const outcomes = await Promise.all(inboxes.flatMap((inbox) => ['a', 'b', 'c'].map((text) => inbox.put(newDelivery(`${text}${round}`)))))
            assert.equal(outcomes.filter(({ outcome }) => outcome === 'stored').length, 3)
          }
          const failures = []
          let calls = 0
          const working = inboxes.map((inbox) => inbox.work(async (_delivery, connection) => {
            calls += 1
            const { rows } = await connection.query('SHOW transaction_isolation')
            assert.equal(rows[0].transaction_isolation, 'read committed')
          }, { onFailure: (_row, error) => failures.push(error) }))
          await until(async () => (await states()).every((state) => state === 'done'))
          await Promise.all(inboxes.map((inbox) => inbox.stop()))
          await Promise.all(working)
          assert.deepEqual([calls, failures], [15, []])
        })
      }

      test("of the program's transaction is an error that says so", async (t) => {
        const { newPool } = await opened(t)
        const pool = newPool()
        const inbox = new Inbox(pool)
        await inbox.put(newDelivery('before'))
        const [row] = await inbox.take()
        const client = await pool.connect()
        const words = isUnavailable(/SQLSTATE 40001\): the isolation level must be READ COMMITTED; begin with BEGIN ISOLATION LEVEL READ COMMITTED/, '40001')
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM hookseal_inbox')
        await inbox.put(newDelivery('late'))
        await assert.rejects(inbox.put(newDelivery('late'), { connection: client }), words)
        // The transaction has failed.
        await assert.rejects(inbox.put(newDelivery(), { connection: client }), (error) => error instanceof InboxUnavailableError && /an earlier statement of this transaction failed[:;] roll back/.test(error.message))
        await client.query('ROLLBACK')
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM hookseal_inbox')
        await inbox.fail(row, new Error('a'))
        await assert.rejects(inbox.done(row, client), words)
        await client.query('ROLLBACK')
        client.release()
      })
    })

    describe('a commit', () => {
      test('is on disk before put answers, also with synchronous_commit=off', async () => {
        const own = await startPostgres({ synchronous_commit: 'off', wal_writer_delay: '10s' })
        try {
          const url = await own.database()
          const pool = new pg.Pool({ connectionString: url })
          const inbox = new Inbox(pool)
          await pool.query('CREATE TABLE lost (number int)')
          await pool.query('CHECKPOINT')
          for (let at = 0; at < 5; at++) {
            // The other way round the inbox's commit would save this one too.
            assert.equal((await inbox.put(newDelivery())).outcome, 'stored')
            await pool.query('INSERT INTO lost VALUES (1)')
          }
          await own.restart()
          const [{ count }] = await query(url, 'SELECT count(*)::int FROM hookseal_inbox')
          assert.equal(count, 5)
          const [{ lost }] = await query(url, 'SELECT count(*)::int AS lost FROM lost')
          assert.ok(lost < 5, 'the server has lost nothing, so this test shows nothing')
          await pool.end()
        } finally {
          await own.stop()
        }
      })

      test('of a transaction that has failed is a failure, and so is one that a constraint refuses', async (t) => {
        const { newPool, rows, states } = await opened(t)
        const pool = newPool()
        await pool.query('CREATE TABLE parents (id int PRIMARY KEY); CREATE TABLE children (parent int REFERENCES parents DEFERRABLE INITIALLY DEFERRED)')
        const inbox = new Inbox(pool, { firstDelaySeconds: 1000 })
        const { number } = await inbox.put(newDelivery())
        await inbox.put(newDelivery())
        const handlers = [
          // Its error is caught, and PostgreSQL answers COMMIT with ROLLBACK.
          async (_delivery, connection) => connection.query('SELECT 1 / 0').catch(() => {}),
          async (_delivery, connection) => connection.query('INSERT INTO children VALUES (7)'),
        ]
        const told = []
        let calls = 0
        const working = inbox.work((...given) => handlers[calls++](...given), { onFailure: (row, error) => told.push([row.number, row.state, row.error, error.message]) })
        await until(() => told.length === 2)
        await inbox.stop()
        await working
        assert.deepEqual(told.map(([number, state, error]) => [number, state, error]), [[number, 'waiting', 'InboxUnavailableError'], [number + 1, 'waiting', 'DatabaseError']])
        assert.match(told[0][3], /was rolled back, because one of its statements failed: use a savepoint/)
        assert.deepEqual([await states(), await rows('SELECT * FROM children')], [['waiting', 'waiting'], []])
        await assert.rejects(inbox.transaction((connection) => handlers[0](undefined, connection)), isUnavailable(/was rolled back/))
        await assert.rejects(inbox.transaction((connection) => connection.query('COMMIT')), isUnavailable(/leave COMMIT and ROLLBACK to the inbox/))
      })
    })

    describe('another transaction', () => {
      test('with the same key is waited for, and for no longer than the limit', async (t) => {
        const { newPool } = await opened(t)
        const pool = newPool()
        const inbox = new Inbox(pool, { lockTimeoutMilliseconds: 200 })
        const client = await pool.connect()
        t.after(() => client.release())
        await client.query('BEGIN')
        await inbox.put(newDelivery('same'), { connection: client })
        const begun = Date.now()
        await assert.rejects(inbox.put(newDelivery('same')), isUnavailable(/SQLSTATE 55P03\): another transaction that has stored the same key is still open/, '55P03'))
        assert.ok(Date.now() - begun >= 190)
        const waiting = inbox.put(newDelivery('same'))
        await client.query('ROLLBACK')
        assert.equal((await waiting).outcome, 'stored')
        // The program's own limit stays.
        await client.query("BEGIN; SET LOCAL lock_timeout = '7s'")
        await inbox.put(newDelivery(), { connection: client })
        assert.deepEqual((await client.query('SHOW lock_timeout')).rows, [{ lock_timeout: '7s' }])
        await client.query('ROLLBACK')
        assert.deepEqual((await client.query('SHOW lock_timeout')).rows, [{ lock_timeout: '0' }])
      })
    })

    describe('wake-ups', () => {
      test('come after the commit, and at most once in 50 ms', async (t) => {
        const { url, newPool } = await opened(t)
        const pool = newPool()
        const listener = new pg.Client({ connectionString: url })
        await listener.connect()
        t.after(() => listener.end())
        const heard = []
        listener.on('notification', ({ channel, payload }) => heard.push([channel, payload, Date.now()]))
        await listener.query('LISTEN hookseal_inbox')
        const [one, another] = [new Inbox(pool, { name: 'one' }), new Inbox(newPool(), { name: 'one' })]
        const begun = Date.now()
        while (Date.now() - begun < 300 || heard.length < 3) await Promise.all([one.put(newDelivery()), another.put(newDelivery()), one.wake()])
        // The last put is told too.
        const ended = Date.now()
        await one.put(newDelivery())
        await until(() => heard.at(-1)[2] > ended)
        const most = Math.ceil((heard.at(-1)[2] - begun) / 50) + 1
        assert.ok(heard.length <= most, `${heard.length} of ${most}`)
        assert.deepEqual([...new Set(heard.map(([channel, payload]) => `${channel} ${payload}`))], ['hookseal_inbox one'])
        // Nothing of the program's transaction is told.
        const client = await pool.connect()
        await client.query('BEGIN')
        await new Inbox(pool, { name: 'two' }).put(newDelivery(), { connection: client })
        await client.query('COMMIT')
        client.release()
        await sleep(100)
        assert.ok(heard.every(([, payload]) => payload === 'one'))
      })

      test('that fail are no failure of put, but one of wake', async (t) => {
        const { url, newPool, states } = await opened(t)
        await query(url, 'CREATE ROLE receiver LOGIN; GRANT SELECT ON hookseal_version TO receiver; GRANT SELECT, INSERT, UPDATE (key) ON hookseal_inbox TO receiver').catch(() => {})
        await query(url, 'REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM PUBLIC')
        const pool = newPool({ user: 'receiver', connectionString: url.replace('tests@', 'receiver@') })
        const inbox = new Inbox(pool)
        assert.equal((await inbox.put(newDelivery())).outcome, 'stored')
        await sleep(100)
        await assert.rejects(inbox.wake(), isUnavailable(/SQLSTATE 42501\): the role lacks a right/, '42501'))
        assert.deepEqual(await states(), ['waiting'])
        // The role may take a key over, and no more.
        await query(url, 'UPDATE hookseal_inbox SET key_until = now()')
        await assert.rejects(inbox.take(), isUnavailable(/the role lacks a right/, '42501'))
      })

      test('reach only the inbox that is meant', async (t) => {
        const { newPool } = await opened(t)
        const pool = newPool()
        const takes = takesOf(pool)
        const inbox = new Inbox(pool, { name: 'one', pollMilliseconds: 60_000 })
        const working = inbox.work(() => {})
        await until(() => takes() === 1)
        await new Inbox(pool, { name: 'two' }).put(newDelivery())
        await sleep(100)
        assert.equal(takes(), 1)
        await inbox.stop()
        await working
        // The connection that listens does not stay in the pool.
        const listening = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%chosen%' AND pid <> pg_backend_pid()"
        await until(async () => (await pool.query(listening)).rows.length === 0)
      })
    })

    describe('a pool of one', () => {
      test('is enough for put, and for a worker, but not for both', async (t) => {
        const { newPool, states } = await opened(t)
        const inbox = new Inbox(newPool({ max: 1 }), { handlerLimitSeconds: 1, leaseSeconds: 30, firstDelaySeconds: 0, longestDelaySeconds: 0 })
        await Promise.all(Array.from({ length: 5 }, () => inbox.put(newDelivery())))
        let calls = 0
        const told = []
        const handler = async (_delivery, connection) => {
          calls += 1
          if (calls === 1) throw new Error('a')
          if (calls === 2) await new Promise(() => {})
          if (calls === 3) assert.equal((await inbox.put(newDelivery(), { connection })).outcome, 'stored')
        }
        const working = inbox.work(handler, { onFailure: (_row, error) => told.push(error.name) })
        await until(() => calls > 0)
        await assert.rejects(inbox.put(newDelivery()), isUnavailable(/workers of this process keep every connection of the pool: give it a greater `max`/))
        await until(() => calls === 8)
        await inbox.stop()
        await working
        assert.deepEqual(told, ['Error', 'TimeoutError'])
        assert.deepEqual(await states(), Array(6).fill('done'))
        assert.equal((await inbox.put(newDelivery())).outcome, 'stored')
      })
    })

    describe('a connection that breaks', () => {
      test('before put is sent is replaced', async (t) => {
        const { url, newPool, states } = await opened(t)
        const pool = newPool({ max: 4 })
        const inbox = new Inbox(pool)
        await inbox.put(newDelivery())
        // Its wake-up is over.
        await until(() => pool.idleCount === pool.totalCount)
        // It does not see the end of the connection before it sends, because nothing else runs meanwhile.
        queryNow(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'")
        assert.equal((await inbox.put(newDelivery())).outcome, 'stored')
        assert.deepEqual(await states(), ['waiting', 'waiting'])
      })

      test('after put was sent makes the second attempt a duplicate', async (t) => {
        const { url, newPool, states } = await opened(t)
        let left = 1
        const proxy = await startLossyProxy(server.port, (text) => text.includes('"hookseal_record":') && left-- > 0)
        t.after(() => proxy.stop())
        const inbox = new Inbox(newPool({ connectionString: url.replace(/:\d+\//, `:${proxy.port}/`) }))
        // Without a replay key too.
        for (const [at, replayPolicy] of ['default', 'none'].entries()) {
          left = 1
          assert.deepEqual(await inbox.put(newDelivery('one', { replayPolicy })), { outcome: 'duplicate' })
          assert.deepEqual(await states(), Array(at + 1).fill('waiting'))
        }
        left = 2
        await assert.rejects(inbox.put(newDelivery()), (error) => error instanceof InboxUnavailableError && error.cause instanceof Error)
      })

      test('in a commit leaves a row done once, and tells of no failure', async (t) => {
        const { url, newPool, rows } = await opened(t)
        let left = 0
        const proxy = await startLossyProxy(server.port, (text) => text.includes('COMMIT\0') && left-- > 0)
        t.after(() => proxy.stop())
        const warnings = warningsOf(t, 'commit')
        const inbox = new Inbox(newPool({ connectionString: url.replace(/:\d+\//, `:${proxy.port}/`) }), { name: 'commit' })
        await rows('CREATE TABLE effects (number int)')
        await inbox.put(newDelivery())
        left = 1
        const failures = []
        const working = inbox.work((_delivery, connection) => connection.query('INSERT INTO effects VALUES (1)'), { onFailure: (_row, error) => failures.push(error) })
        await until(() => left === 0)
        await until(async () => (await rows("SELECT 1 FROM hookseal_inbox WHERE state = 'done'")).length === 1)
        await until(() => warnings.length === 1)
        await inbox.stop()
        await working
        assert.deepEqual([(await rows('SELECT * FROM effects')).length, failures], [1, []])
      })

      test('while a handler runs makes the row wait, and counts as a failure', async (t) => {
        const { url, newPool, rows } = await opened(t)
        const inbox = new Inbox(newPool(), { firstDelaySeconds: 1000 })
        await inbox.put(newDelivery())
        const told = []
        const handler = async (_delivery, connection) => {
          const { rows: [{ pid }] } = await connection.query('SELECT pg_backend_pid() AS pid')
          await query(url, 'SELECT pg_terminate_backend($1)', [pid])
          await connection.query('SELECT 1')
        }
        const working = inbox.work(handler, { onFailure: (row, error) => told.push([row.state, row.attempts, error instanceof Error]) })
        await until(() => told.length === 1)
        await inbox.stop()
        await working
        assert.deepEqual(told, [['waiting', 1, true]])
        assert.deepEqual((await rows('SELECT state, attempts FROM hookseal_inbox')), [{ state: 'waiting', attempts: 1 }])
      })

      test('does not keep a worker from being stopped while the server is away', async (t) => {
        const own = await startPostgres()
        const warnings = warningsOf(t, 'away')
        const pool = new pg.Pool({ connectionString: await own.database() })
        const inbox = new Inbox(pool, { name: 'away', rowsPerTake: 3 })
        for (let at = 0; at < 3; at++) await inbox.put(newDelivery())
        let begun
        const working = inbox.work(async (_delivery, connection) => {
          begun = true
          await sleep(300)
          await connection.query('SELECT 1')
        }, { onFailure: () => {} })
        await until(() => begun)
        await own.kill()
        await until(() => warnings.length >= 1)
        await inbox.stop()
        await working
        await pool.end()
        await own.stop()
        await assert.rejects(new Inbox(new pg.Pool({ connectionString: `postgresql://tests@127.0.0.1:${own.port}/none` })).put(newDelivery()), isUnavailable(/\(ECONNREFUSED\)$/, 'ECONNREFUSED'))
      })
    })

    test('an error tells nothing of the body, the key or the connection', async (t) => {
      const { url, newPool } = await opened(t)
      const pool = newPool({ connectionString: url.replace('tests@', `tests:${SECRET}@`) })
      const inbox = new Inbox(pool)
      await query(url, `ALTER TABLE hookseal_inbox ADD CONSTRAINT short CHECK (length(body) < 10)`)
      const delivery = newDelivery(SECRET)
      await assert.rejects(inbox.put(delivery), (error) => {
        isUnavailable(/^the inbox's database gave no answer that can be used \(SQLSTATE 23514\)$/, '23514')(error)
        for (const text of [SECRET, delivery.replayKey().value, url]) assert.ok(!`${error.message} ${error.stack}`.includes(text))
        return true
      })
    })

    describe('pgbouncer in transaction mode', { skip: skip || !hasPgbouncer('the tests of the inbox behind pgbouncer in Node') }, () => {
      let bouncer
      before(async () => (bouncer = await startPgbouncer(server)))
      after(() => bouncer?.stop())

      test('gives each statement another connection, and that changes nothing', async (t) => {
        const { url, newPool, states, rows } = await opened(t)
        await rows('CREATE TABLE effects (number int)')
        const pools = [1, 2].map(() => newPool({ connectionString: bouncer.through(url), max: 8 }))
        const inboxes = pools.map((pool) => new Inbox(pool, { rowsPerTake: 3, pollMilliseconds: 100 }))
        const outcomes = await Promise.all(inboxes.flatMap((inbox) => Array.from({ length: 40 }, (_, at) => inbox.put(newDelivery(`${at}`)))))
        assert.equal(outcomes.filter(({ outcome }) => outcome === 'stored').length, 40)
        const told = []
        const working = inboxes.flatMap((inbox) => [1, 2].map(() => inbox.work(async (_delivery, connection) => {
          await connection.query('INSERT INTO effects VALUES (1)')
        }, { onFailure: (_row, error) => told.push(error) })))
        await until(async () => (await states()).every((state) => state === 'done'))
        // No notification comes through, so the poll finds it.
        await inboxes[0].put(newDelivery())
        await until(async () => (await states()).length === 41 && (await states()).every((state) => state === 'done'))
        await Promise.all(inboxes.map((inbox) => inbox.stop()))
        await Promise.all(working)
        assert.deepEqual(told, [])
        assert.equal((await rows('SELECT * FROM effects')).length, 41)
        const client = await pools[0].connect()
        await client.query('BEGIN')
        await inboxes[0].put(newDelivery(), { connection: client })
        await client.query('ROLLBACK')
        client.release()
        assert.equal((await states()).length, 41)
      })
    })
  })

  test('a client may have parsers of its own', async (t) => {
    const { newPool } = await opened(t)
    const original = [20, 17, 23, 25, 701].map((oid) => [oid, pg.types.getTypeParser(oid)])
    t.after(() => original.forEach(([oid, parser]) => pg.types.setTypeParser(oid, parser)))
    for (const [oid] of original) pg.types.setTypeParser(oid, () => 'nonsense')
    const types = { getTypeParser: () => () => new Date(0) }
    for (const options of [{}, { types }]) {
      const inbox = new Inbox(newPool(options))
      const delivery = newDelivery()
      const { number } = await inbox.put(delivery)
      assert.ok(Number.isSafeInteger(number))
      const [row] = await inbox.take()
      assert.deepEqual([row.number, row.attempts, row.delivery.toRecord()], [number, 1, delivery.toRecord()])
      await inbox.transaction((connection) => inbox.done(row, connection))
      const { done, oldestTransactionSeconds } = await inbox.counts()
      assert.ok(done > 0 && (oldestTransactionSeconds === undefined || oldestTransactionSeconds >= 0))
    }
  })

  test('a commit whose connection was lost is a LeaseEnded if the lease had ended', async (t) => {
    const { url, newPool, rows } = await opened(t)
    const clock = performance.now.bind(performance)
    let ahead = 0
    t.mock.method(performance, 'now', () => clock() + ahead)
    const inbox = new Inbox(newPool(), { leaseSeconds: 120 })
    const { number } = await inbox.put(newDelivery())
    const told = []
    const working = inbox.work(async (_delivery, connection) => {
      const { rows: [{ pid }] } = await connection.query('SELECT pg_backend_pid() AS pid')
      await query(url, 'SELECT pg_terminate_backend($1)', [pid])
      await until(async () => (await rows('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pid])).length === 0)
      await rows("UPDATE hookseal_inbox SET next_at = now() - interval '1 second'")
      assert.equal((await new Inbox(newPool()).take()).length, 1)
      ahead = 121_000
    }, { onFailure: (row, error) => told.push([row.number, row.state, error instanceof LeaseEnded]) })
    await until(() => told.length > 0)
    await inbox.stop()
    await working
    assert.deepEqual(told, [[number, 'taken', true]])
    assert.deepEqual(await rows('SELECT state, turn FROM hookseal_inbox'), [{ state: 'taken', turn: '2' }])
  })

  describe('a server that restarts', () => {
    test('is reported by a worker, which goes on with a new one, and hears wake-ups again', async (t) => {
      const { url, newPool, states } = await opened(t)
      const warnings = warningsOf(t, 'restart')
      // Neither the pool nor a client has a listener for errors.
      const pool = newPool()
      const takes = takesOf(pool)
      const inbox = new Inbox(pool, { name: 'restart', pollMilliseconds: 60_000 })
      const working = inbox.work(() => {})
      await until(() => takes() === 1)
      await server.restart()
      await inbox.put(newDelivery())
      await until(async () => (await states())[0] === 'done')
      // The one with the row, one at once, and two after a while. It would look by itself only after a minute.
      await until(() => takes() === 5)
      await inbox.put(newDelivery())
      await until(async () => (await states())[1] === 'done')
      await inbox.stop()
      await working
      assert.ok(warnings.length >= 1)
      for (const { name, message } of warnings) {
        assert.equal(name, 'HooksealInboxWarning')
        assert.match(message, /^the inbox restart: the inbox's database gave no answer that can be used.*; the next try is in \d s$/)
      }
      assert.ok(!inspect(warnings).includes(url))
    })

    test('does not end a process without a listener for errors', async (t) => {
      const { url } = await opened(t)
      const program = `
        import { Inbox } from 'hookseal/inbox/pg'
        import pg from 'pg'
        const inbox = new Inbox(new pg.Pool({ connectionString: ${JSON.stringify(url)} }), { pollMilliseconds: 100 })
        const working = inbox.work(() => {})
        // One connection listens, one is in use, and one is idle.
        await new Promise((begun) => {
          const waiting = inbox.transaction(() => {
            begun()
            return new Promise(() => {})
          })
          waiting.catch(() => {})
        })
        await inbox.counts()
        process.send('ready')
        process.once('message', async () => {
          await inbox.stop()
          await working
          process.exit(7)
        })`
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: new URL('.', import.meta.url), stdio: ['ignore', 'inherit', 'ignore', 'ipc'] })
      await once(child, 'message')
      await sleep(100)
      await server.restart()
      await sleep(200)
      child.send('stop')
      const [code] = await once(child, 'exit')
      assert.equal(code, 7)
    })
  })

  /** The warnings of an inbox with this name. They are printed too. */
  function warningsOf(t, name) {
    const warnings = []
    const hear = (warning) => warning.message.startsWith(`the inbox ${name}: `) && warnings.push(warning)
    process.on('warning', hear)
    t.after(() => process.off('warning', hear))
    return warnings
  }
})
