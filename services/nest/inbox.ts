// The inbox of the service and of its worker.

import { Inbox } from 'hookseal/inbox/pg'
import pg from 'pg'

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 })
export const inbox = new Inbox(pool)
