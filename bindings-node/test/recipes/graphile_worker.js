// The recipe of README.md: deliveries in the inbox, and a job for each in the queue of graphile-worker.

import { run } from 'graphile-worker'
import { Inbox } from 'hookseal/inbox/pg'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
const inbox = new Inbox(pool)
const addJob = (number) =>
  `SELECT graphile_worker.add_job('handle', json_build_object('number', ${number}), job_key => 'delivery ' || ${number})`

// In the service: the row and its job in one transaction of yours. Answer after its commit.
export async function put(delivery, connection) {
  const { outcome, number } = await inbox.put(delivery, { connection })
  if (outcome === 'stored') await connection.query(addJob('$1::bigint'), [number])
  return outcome
}

// In the queue's worker: the job's transaction begins with doneByNumber.
const handle = ({ number }) =>
  inbox.transaction(async (connection) => {
    const delivery = await inbox.doneByNumber(number, connection)
    if (delivery === undefined) return // The job has run before.
    for (const event of delivery) await connection.query('INSERT INTO events (id, kind) VALUES ($1, $2)', [event.id, event.kind])
  })

export const work = () => run({ pgPool: pool, taskList: { handle } })

// Once an hour: deliveries whose jobs the queue gave up, or whose worker was killed.
export const enqueueAgain = () =>
  pool.query(`${addJob('number')} FROM hookseal_inbox WHERE state = 'waiting' AND stored_at < now() - interval '1 hour'`)
