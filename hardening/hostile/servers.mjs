// node hardening/hostile/servers.mjs NAME: a server of one framework as in the package's README, for attack.py. It
// takes webhooks of Benji with the salt and the body limit from its environment, and prints its port.

import { createServer } from 'node:http'
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../bindings-node/package.json', import.meta.url))
const { Receiver } = require('hookseal')

const receiver = Receiver.benji(process.env.HOOKSEAL_SALT, { maxBodyBytes: Number(process.env.HOOKSEAL_LIMIT) })

const SERVERS = {
  express() {
    const { webhook } = require('hookseal/express')
    const app = require('express')()
    app.use('/hook', webhook(receiver, () => {}))
    listen(createServer(app))
  },
  'node:http'() {
    const { webhook } = require('hookseal/express')
    listen(createServer(webhook(receiver, () => {})))
  },
  async fastify() {
    const { webhook } = require('hookseal/fastify')
    const server = require('fastify').fastify({ logger: { level: 'warn' } })
    server.register(webhook(receiver, () => {}, { url: '/hook' }))
    await server.listen({ port: 0, host: '127.0.0.1' })
    print(server.server)
  },
  hono() {
    const { webhook } = require('hookseal/fetch')
    const { Hono } = require('hono')
    const hook = webhook(receiver, () => {})
    const app = new Hono().all('/hook', (context) => hook(context.req.raw))
    const server = require('@hono/node-server').serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => print(server))
  },
}

function listen(server) {
  server.listen(0, '127.0.0.1', () => print(server))
}

function print(server) {
  console.log(`listening on 127.0.0.1:${server.address().port}`)
}

await SERVERS[process.argv[2]]()
