// A service with Nest on Express that stores webhooks of Benji, Benti and Bento before it answers.
//
//   psql $DATABASE_URL -f core/inbox/postgresql.sql -f services/events.sql
//   npx tsc
//   PORT=3000 node target/main.js     # receives
//   node target/worker.js             # handles; any number of workers can run
//
// Beside DATABASE_URL, the service needs BENJI_SALT, BENTI_SECRET, BENTO_USER and BENTO_SECRET. While a secret is
// replaced, the old one is in BENJI_SALT_OLD, BENTI_SECRET_OLD or BENTO_SECRET_OLD.

import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { type Delivery, Key, Receiver, type Rejection } from 'hookseal'
import { webhook } from 'hookseal/express'
import { inbox } from './inbox.js'

const { BENTO_USER = '', PORT = '3000' } = process.env

/** The new and the old secret, with the names of their variables as ids. */
function keys(name: string): Key[] {
  return [name, `${name}_OLD`].flatMap((id) => {
    const secret = process.env[id]
    return secret === undefined ? [] : [new Key(secret, { id })]
  })
}

/** Once no delivery names the old key, it can go. */
function onDelivery({ keyId }: Delivery, outcome: string): void {
  console.log('%s, key %s', outcome, keyId)
}

function onRejection({ code, message }: Rejection): void {
  console.warn('refused: %s: %s', code, message)
}

const benji = Receiver.benji(keys('BENJI_SALT'))
const benti = Receiver.benti(keys('BENTI_SECRET'))
const bento = Receiver.bento({ basic: { user: BENTO_USER, keys: keys('BENTO_SECRET') } })

@Module({})
class App {}

const app = await NestFactory.create<NestExpressApplication>(App, { logger: ['warn', 'error'] })
// Not in a module's `configure`: there Nest's parsers would read the bodies first.
app.use('/benji', webhook(benji, { inbox, onDelivery, onRejection }))
app.use('/benti', webhook(benti, { inbox, onDelivery, onRejection }))
app.use('/bento', webhook(bento, { inbox, onDelivery, onRejection }))

await app.listen(Number(PORT), '127.0.0.1')
console.log('listening on', new URL(await app.getUrl()).port)
