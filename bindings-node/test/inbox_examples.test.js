// The inbox as README.md and the declarations show it: the recipe for a queue that the program already has, and the
// examples.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { after, before, beforeEach, describe, test } from 'node:test'

import { runMigrations } from 'graphile-worker'
import * as onPg from 'hookseal/inbox/pg'
import * as onSqlite from 'hookseal/inbox/sqlite'
import pg from 'pg'

import { DATABASES, postgres, stopPostgres, until } from './inbox_databases.js'
import { hasPostgres } from './postgres_server.js'
import { newDelivery } from './requests.js'

const isPossible = hasPostgres('the examples of the inbox in Node')
// The connections of pools that nobody ends, as those of an example, end with the server.
after(stopPostgres)

const RECIPE = new URL('recipes/graphile_worker.js', import.meta.url)
const WORKER = `import { work } from '${RECIPE}'; await work()`

test('the README shows the recipe that is tested here', () => {
  const [, ...code] = readFileSync(RECIPE, 'utf8').split('\n\n')
  assert.ok(readFileSync(new URL('../README.md', import.meta.url), 'utf8').includes(`\`\`\`js\n${code.join('\n\n')}\`\`\`\n`))
})

describe('the recipe for graphile-worker', { skip: !isPossible }, () => {
  let url
  let pool
  let recipe
  before(async () => {
    url = await (await postgres()).database()
    pool = new pg.Pool({ connectionString: url })
    pool.on('error', () => {})
    // An event can be made to fail after its effect, or to wait.
    await pool.query(`
      CREATE TABLE events (id text, kind text);
      CREATE TABLE trouble (what text);
      CREATE FUNCTION meet_trouble() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF EXISTS (SELECT FROM trouble WHERE what = 'failing') THEN RAISE 'the effect fails'; END IF;
        IF EXISTS (SELECT FROM trouble WHERE what = 'waiting') THEN PERFORM pg_sleep(3600); END IF;
        RETURN NULL;
      END $$;
      CREATE TRIGGER meet_trouble AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION meet_trouble()`)
    await runMigrations({ connectionString: url })
    process.env.DATABASE_URL = url
    recipe = await import(RECIPE)
  })
  beforeEach(() => pool.query('DELETE FROM hookseal_inbox; DELETE FROM events; DELETE FROM trouble; DELETE FROM graphile_worker._private_jobs'))

  const rows = async (text) => (await pool.query(text)).rows
  const countOf = async (table) => (await rows(`SELECT count(*)::int FROM ${table}`))[0].count
  const states = async () => (await rows('SELECT state FROM hookseal_inbox ORDER BY number')).map(({ state }) => state)
  const jobs = () => rows('SELECT attempts, locked_at IS NOT NULL AS "isLocked" FROM graphile_worker.jobs ORDER BY id')
  const areHandled = () => until(async () => (await jobs()).length === 0)

  /** What `put` of the recipe says, in a transaction that ends with this word. */
  async function putWithin(end, delivery) {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      const outcome = await recipe.put(delivery, client)
      await client.query(end)
      return outcome
    } finally {
      client.release()
    }
  }

  /** A process of the recipe's worker, and how to kill it. */
  function startWorker(t) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', WORKER], { env: { ...process.env, DATABASE_URL: url }, stdio: 'ignore' })
    const ended = once(child, 'exit')
    const kill = async () => {
      child.kill('SIGKILL')
      await ended
    }
    t.after(kill)
    return kill
  }

  test('a transaction that is rolled back leaves neither a row nor a job, and one that commits leaves both', async () => {
    assert.equal(await putWithin('ROLLBACK', newDelivery('one')), 'stored')
    assert.deepEqual([await states(), await jobs()], [[], []])
    assert.equal(await putWithin('COMMIT', newDelivery('one')), 'stored')
    assert.deepEqual([await states(), await jobs()], [['waiting'], [{ attempts: 0, isLocked: false }]])
  })

  test('a duplicate enqueues nothing, also when its delivery has been handled', async (t) => {
    await putWithin('COMMIT', newDelivery('one'))
    assert.equal(await putWithin('COMMIT', newDelivery('one')), 'duplicate')
    assert.equal((await jobs()).length, 1)
    startWorker(t)
    await areHandled()
    assert.deepEqual([await states(), await countOf('events')], [['done'], 1])
    assert.equal(await putWithin('COMMIT', newDelivery('one')), 'duplicate')
    assert.deepEqual(await jobs(), [])
  })

  test('a job that fails is tried again by the queue, and its effect happens once', async (t) => {
    await pool.query("INSERT INTO trouble VALUES ('failing')")
    await putWithin('COMMIT', newDelivery())
    const kill = startWorker(t)
    await until(async () => (await jobs()).some(({ attempts, isLocked }) => attempts === 1 && !isLocked))
    await kill()
    assert.deepEqual([await states(), await countOf('events')], [['waiting'], 0])
    await pool.query("DELETE FROM trouble; UPDATE graphile_worker._private_jobs SET run_at = now()")
    startWorker(t)
    await areHandled()
    assert.deepEqual([await states(), await countOf('events')], [['done'], 1])
  })

  test('a job that runs twice has one effect', async (t) => {
    await putWithin('COMMIT', newDelivery())
    await pool.query("SELECT graphile_worker.add_job('handle', payload) FROM graphile_worker._private_jobs")
    assert.equal((await jobs()).length, 2)
    startWorker(t)
    startWorker(t)
    await areHandled()
    assert.deepEqual([await states(), await countOf('events')], [['done'], 1])
  })

  test('a delivery whose worker was killed, or whose job was given up, is enqueued again once it has waited long', async (t) => {
    await pool.query("INSERT INTO trouble VALUES ('waiting')")
    await putWithin('COMMIT', newDelivery())
    const kill = startWorker(t)
    const handling = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
    const [{ pid }] = await until(async () => ((found) => found.length > 0 && found)(await rows(handling)))
    await kill()
    // The server has not noticed yet.
    await pool.query('DELETE FROM trouble')
    await pool.query('SELECT pg_terminate_backend($1)', [pid])
    await putWithin('COMMIT', newDelivery())
    await pool.query('UPDATE graphile_worker._private_jobs SET attempts = max_attempts WHERE locked_at IS NULL')

    await recipe.enqueueAgain()
    assert.deepEqual(await jobs(), [{ attempts: 1, isLocked: true }, { attempts: 25, isLocked: false }])
    await pool.query("UPDATE hookseal_inbox SET stored_at = stored_at - interval '61 minutes'")
    await recipe.enqueueAgain()
    startWorker(t)
    await until(async () => (await states()).every((state) => state === 'done'))
    assert.equal(await countOf('events'), 2)
    await recipe.enqueueAgain()
    // graphile-worker keeps the first two jobs, and never runs them again.
    assert.deepEqual(await jobs(), [{ attempts: 25, isLocked: true }, { attempts: 25, isLocked: false }])
  })
})

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
