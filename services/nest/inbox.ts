// The inbox of the service and of its worker.

import { Inbox } from 'hookseal/inbox/pg'
import pg from 'pg'

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 })
// Without a listener the process ends when the server restarts.
pool.on('error', (error) => console.error('the database closed an idle connection:', 'code' in error ? error.code : ''))

export const inbox = new Inbox(pool)
