// The worker of service.js: remembers each event, exactly once.

import { Inbox } from 'hookseal/inbox/pg'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 })
pool.on('error', ({ code }) => console.error('the database closed an idle connection:', code))
const inbox = new Inbox(pool)
for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => inbox.stop())

/** In the transaction that marks the delivery as done. */
async function handle(delivery, connection) {
  for (const event of delivery) {
    await connection.query('INSERT INTO events (id, kind, subject) VALUES ($1, $2, $3)', [event.id, event.kind, `${event.subject}`])
  }
}

await inbox.work(handle)
await pool.end()
