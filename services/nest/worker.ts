// The worker of main.ts: keeps each event's CloudEvent, exactly once.

import type { Recorded } from 'hookseal'
import type { PoolClient } from 'pg'
import { inbox, pool } from './inbox.js'

/** In the transaction that marks the delivery as done. */
async function handle(delivery: Recorded, connection: PoolClient): Promise<void> {
  for (const event of delivery) {
    await connection.query('INSERT INTO events (line) VALUES ($1)', [event.toCloudevent()])
  }
}

for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => inbox.stop())
await inbox.work(handle)
await pool.end()
