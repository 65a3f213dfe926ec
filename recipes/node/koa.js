// Koa: the adapter for node:http reads the body from `ctx.req` and answers on `ctx.res`.
//
//   BENJI_SALT=... BENTI_SECRET=... PORT=3000 node koa.js
//
// Mount the webhooks before koa-bodyparser and the like: hookseal needs the bytes that were sent.

import { Receiver } from 'hookseal'
import { webhook } from 'hookseal/express'
import Koa from 'koa'

const onRejection = ({ code, message }) => console.warn(code, message)

function handle(delivery) {
  for (const event of delivery) console.log('%s %o', event.kind, `${event.subject}`)
}

/** Koa's middleware for a route of hookseal. If the handler fails, Koa gets the error and answers. */
function answeredBy(hook) {
  return async (ctx) => {
    // Koa begins with 404, which would be the status of a handler that answers by itself.
    ctx.res.statusCode = 200
    await new Promise((resolve, reject) => hook(ctx.req, ctx.res, reject).then(resolve))
    // The answer has been sent. Middleware around this one still sees its status.
    ctx.respond = false
  }
}

const routes = {
  '/webhooks/benji': answeredBy(webhook(Receiver.benji(process.env.BENJI_SALT), handle, { onRejection })),
  '/webhooks/benti': answeredBy(webhook(Receiver.benti(process.env.BENTI_SECRET), handle, { onRejection })),
}

const app = new Koa()
app.use(async (ctx, next) => {
  await next()
  console.log('%s %o %d', ctx.method, ctx.path, ctx.status)
})
// With @koa/router: `router.all('/webhooks/benti', answeredBy(…))`, because Benti begins with a GET.
app.use((ctx, next) => (Object.hasOwn(routes, ctx.path) ? routes[ctx.path](ctx) : next()))

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log('listening on', server.address().port)
})
