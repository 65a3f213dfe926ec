// Nest on Express: hookseal's middleware precedes Nest's body parsers, and a provider handles the deliveries.
//
//   npx tsc && BENJI_SALT=... BENTI_SECRET=... PORT=3000 node target/nest_express.js
//
// `app.use` takes effect at once, and Nest adds its parsers when it begins to listen. So the webhooks are checked
// before anything reads their bodies, and all controllers keep their parsers. Middleware of a module
// (`consumer.apply`) would come too late.

import 'reflect-metadata'
import { Body, Controller, Injectable, Module, Post } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { type Delivery, Receiver, type Rejection } from 'hookseal'
import { webhook } from 'hookseal/express'

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

const app = await NestFactory.create<NestExpressApplication>(App, { logger: ['warn', 'error'] })
const events = app.get(Events)
const handle = (delivery: Delivery) => events.handle(delivery)
const onRejection = ({ code, message }: Rejection) => console.warn(code, message)

// hookseal refuses an empty secret.
const { BENJI_SALT = '', BENTI_SECRET = '', PORT = '3000' } = process.env
app.use('/webhooks/benji', webhook(Receiver.benji(BENJI_SALT), handle, { onRejection }))
app.use('/webhooks/benti', webhook(Receiver.benti(BENTI_SECRET), handle, { onRejection }))

await app.listen(Number(PORT), '127.0.0.1')
console.log('listening on', new URL(await app.getUrl()).port)
