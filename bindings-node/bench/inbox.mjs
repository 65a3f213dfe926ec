// One process of the benchmark of the inbox, benches/inbox.py, which starts and measures them.
//
//     node inbox.mjs fill KIND URL ROWS  # makes the tables, and stores ROWS deliveries
//     node inbox.mjs work KIND URL       # prints "ready", waits for a line, and handles deliveries until it is killed
//     node inbox.mjs write URL BYTES     # for each line "bare N" or "put N" it stores N deliveries, and prints seconds
//     node inbox.mjs has PACKAGE         # fails if the package is absent
//
// KIND is `hookseal`, `hookseal-10` (ten rows a take), `pg-boss` or `graphile-worker`. A handler inserts one row into the
// table `effects`. The tables of hookseal are filled by bindings-python/bench/inbox.py.

import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'

import { Receiver, sign } from 'hookseal'
import { Inbox } from 'hookseal/inbox/pg'
import pg from 'pg'

const EFFECT = 'INSERT INTO effects (worker) VALUES ($1)'
const BARE = 'INSERT INTO bare (key, record, body) VALUES ($1, $2, $3)'
const WORKER = process.pid
const BODY = 'x'.repeat(300)
const BATCH = 500
/** How long a loop over pg-boss rests when there is no job. */
const REST_MILLISECONDS = 20

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

/** Resolves when the benchmark says so. */
async function started() {
  console.log('ready')
  await lines.next()
}

async function workHookseal(url, rowsPerTake) {
  const inbox = new Inbox(new pg.Pool({ connectionString: url }), { rowsPerTake })
  await started()
  await inbox.work(async (_, connection) => {
    await connection.query(EFFECT, [WORKER])
  })
}

async function withBoss(url, rows) {
  const { default: PgBoss } = await import('pg-boss')
  const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false })
  await boss.start()
  if (rows !== undefined) {
    await boss.createQueue('deliveries')
    for (let at = 0; at < rows; at += BATCH) {
      await boss.insert(Array.from({ length: Math.min(BATCH, rows - at) }, () => ({ name: 'deliveries', data: { body: BODY } })))
    }
    return
  }
  const effects = new pg.Client({ connectionString: url })
  await effects.connect()
  await started()
  // `work` fetches two times a second at most. Its documentation has `fetch` and `complete` for more.
  for (;;) {
    const [job] = await boss.fetch('deliveries')
    if (job === undefined) {
      await new Promise((resolve) => setTimeout(resolve, REST_MILLISECONDS))
      continue
    }
    await effects.query(EFFECT, [WORKER])
    await boss.complete('deliveries', job.id)
  }
}

async function withGraphile(url, rows) {
  const { Logger, makeWorkerUtils, run } = await import('graphile-worker')
  const options = { connectionString: url, logger: new Logger(() => () => {}) }
  if (rows !== undefined) {
    const utils = await makeWorkerUtils(options)
    await utils.migrate()
    await utils.withPgClient((client) =>
      client.query("SELECT graphile_worker.add_job('handle', json_build_object('body', $1::text)) FROM generate_series(1, $2)", [BODY, rows]),
    )
    return
  }
  await started()
  const taskList = { handle: async (_, { query }) => void (await query(EFFECT, [WORKER])) }
  const { promise } = await run({ ...options, concurrency: 1, noHandleSignals: true, taskList })
  await promise
}

const FILL = { 'pg-boss': withBoss, 'graphile-worker': withGraphile }
const WORK = {
  hookseal: (url) => workHookseal(url, 1),
  'hookseal-10': (url) => workHookseal(url, 10),
  'pg-boss': withBoss,
  'graphile-worker': withGraphile,
}

/** A genuine delivery with a body of so many bytes, which does not compress well. */
function deliveries(size) {
  const receiver = Receiver.bento({ bearer: 'token' })
  const headers = sign.bentoBearer('token')
  const start = '{"event":"'
  return () => {
    const text = randomBytes(size).toString('hex').slice(0, size - start.length - 2)
    return receiver.receive({ method: 'POST', headers, body: Buffer.from(`${start}${text}"}`) })
  }
}

async function put(inbox, delivery) {
  const { outcome } = await inbox.put(delivery)
  if (outcome !== 'stored') throw new Error(`a new delivery is ${outcome}`)
}

async function write(url, size) {
  const made = deliveries(size)
  // Both go through a pool.
  const pool = new pg.Pool({ connectionString: url })
  const inbox = new Inbox(new pg.Pool({ connectionString: url }))
  await put(inbox, made())
  const { rows: [{ record }] } = await pool.query('SELECT record FROM hookseal_inbox LIMIT 1')
  console.log('ready')
  for await (const line of lines) {
    const [kind, number] = line.split(' ')
    const given = Array.from({ length: Number(number) }, made)
    const keys = given.map((delivery) => delivery.replayKey().value)
    const start = process.hrtime.bigint()
    if (kind === 'bare') for (const [at, delivery] of given.entries()) await pool.query(BARE, [keys[at], record, delivery.body])
    else for (const delivery of given) await put(inbox, delivery)
    console.log(Number(process.hrtime.bigint() - start) / 1e9)
  }
}

const [role, ...rest] = process.argv.slice(2)
if (role === 'fill') await FILL[rest[0]](rest[1], Number(rest[2]))
else if (role === 'work') await WORK[rest[0]](rest[1])
else if (role === 'write') await write(rest[0], Number(rest[1]))
else if (role === 'has') await import(rest[0])
else throw new Error('the first argument must be fill, work, write or has')
process.exit()
