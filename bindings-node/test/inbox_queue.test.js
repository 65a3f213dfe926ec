// The inbox with a queue that the program already has: the recipe of README.md, on a real server.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { after, before, beforeEach, describe, test } from 'node:test'

import { runMigrations } from 'graphile-worker'
import pg from 'pg'

import { until } from './inbox_databases.js'
import { hasPostgres, startPostgres } from './postgres_server.js'
import { newDelivery } from './requests.js'

const RECIPE = new URL('recipes/graphile_worker.js', import.meta.url)
const WORKER = `import { work } from '${RECIPE}'; await work()`

test('the README shows the recipe that is tested here', () => {
  const [, ...code] = readFileSync(RECIPE, 'utf8').split('\n\n')
  assert.ok(readFileSync(new URL('../README.md', import.meta.url), 'utf8').includes(`\`\`\`js\n${code.join('\n\n')}\`\`\`\n`))
})

describe('the recipe for graphile-worker', { skip: !hasPostgres('the recipe for a queue in Node') }, () => {
  let server
  let url
  let pool
  let recipe
  before(async () => {
    server = await startPostgres()
    url = await server.database()
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
  // The pools' connections end with the server.
  after(() => server?.stop())

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
