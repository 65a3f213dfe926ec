// A service that stores Benji's webhooks before it answers.
//
//   psql $DATABASE_URL -f core/inbox/postgresql.sql -f services/events.sql
//   BENJI_SALT=... PORT=3000 node service.js     # receives
//   node worker.js                               # handles; any number of workers can run

import express from 'express'
import { Receiver } from 'hookseal'
import { webhook } from 'hookseal/express'
import { Inbox } from 'hookseal/inbox/pg'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 })
// Without a listener the process ends when the server restarts.
pool.on('error', ({ code }) => console.error('the database closed an idle connection:', code))
const inbox = new Inbox(pool)

const app = express()
app.all('/benji', webhook(Receiver.benji(process.env.BENJI_SALT), { inbox }))

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => console.log('listening on', server.address().port))
