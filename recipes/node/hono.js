// Hono on Node: the adapter for Web Requests reads the body from `context.req.raw`.
//
//   BENJI_SALT=... BENTI_SECRET=... PORT=3000 node hono.js
//
// Middleware that reads the body, such as a logger of bodies, must not run before hookseal on these routes.

import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { Receiver } from 'hookseal'
import { webhook } from 'hookseal/fetch'

const onRejection = ({ code, message }) => console.warn(code, message)

/** What a route hands to the adapter after the request, the handler gets too: here Hono's context. */
function handle(delivery, _request, context) {
  for (const event of delivery) console.log('%s %o', event.kind, `${event.subject}`)
  return context.body(null, 204)
}

const benji = webhook(Receiver.benji(process.env.BENJI_SALT), handle, { onRejection })
const benti = webhook(Receiver.benti(process.env.BENTI_SECRET), handle, { onRejection })

const app = new Hono()
app.all('/webhooks/benji', (context) => benji(context.req.raw, context))
// Not `app.post`: Benti begins with a GET.
app.all('/webhooks/benti', (context) => benti(context.req.raw, context))

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1' }, ({ port }) => {
  console.log('listening on', port)
})
