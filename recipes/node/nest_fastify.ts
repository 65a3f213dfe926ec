// Nest on Fastify: hookseal's plugin has routes and parsers of its own, and a provider handles the deliveries.
//
//   npx tsc && BENJI_SALT=... BENTI_SECRET=... PORT=3000 node target/nest_fastify.js
//
// Fastify keeps what a plugin changes to the plugin, so all controllers keep their parsers.

import 'reflect-metadata'
import { Body, Controller, Injectable, Module, Post } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { type Delivery, Receiver, type Rejection } from 'hookseal'
import { webhook } from 'hookseal/fastify'

@Injectable()
class Events {
  async handle(delivery: Delivery): Promise<void> {
    for (const event of delivery) console.log('%s %o', event.kind, `${event.subject}`)
  }
}

/** A controller of the same service, with Nest's parser. */
@Controller('notes')
class Notes {
  @Post()
  add(@Body() note: { text: string }): { length: number } {
    return { length: note.text.length }
  }
}

@Module({ controllers: [Notes], providers: [Events] })
class App {}

const app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), { logger: ['warn', 'error'] })
const events = app.get(Events)
const handle = (delivery: Delivery) => events.handle(delivery)
const onRejection = ({ code, message }: Rejection) => console.warn(code, message)

// hookseal refuses an empty secret.
const { BENJI_SALT = '', BENTI_SECRET = '', PORT = '3000' } = process.env
// Not awaited: the plugins must load after Nest's exception filters, which then serve them too.
app.register(webhook(Receiver.benji(BENJI_SALT), handle, { url: '/webhooks/benji', onRejection }))
app.register(webhook(Receiver.benti(BENTI_SECRET), handle, { url: '/webhooks/benti', onRejection }))

await app.listen(Number(PORT), '127.0.0.1')
console.log('listening on', new URL(await app.getUrl()).port)
