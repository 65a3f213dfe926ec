// The adapters fit the frameworks' declarations. Only compiled, with the current TypeScript, which those declarations
// need.

import type {
  ALBEvent, ALBHandler, ALBResult, APIGatewayProxyEventV2, APIGatewayProxyHandler, APIGatewayProxyHandlerV2, Context, LambdaFunctionURLHandler,
} from 'aws-lambda'
import BetterSqlite3 from 'better-sqlite3'
import express, { type Request as ExpressRequest, type Response as ExpressResponse } from 'express'
import { fastify, type FastifyReply, type FastifyRequest } from 'fastify'
import { fastify as fastify4 } from 'fastify-4'
import { Hono } from 'hono'
import { Receiver } from 'hookseal'
import { webhook as expressWebhook } from 'hookseal/express'
import { webhook as fastifyWebhook } from 'hookseal/fastify'
import { webhook as fetchWebhook } from 'hookseal/fetch'
import { Inbox } from 'hookseal/inbox/pg'
import { Inbox as SqliteInbox } from 'hookseal/inbox/sqlite'
import { webhook as lambdaWebhook } from 'hookseal/lambda'
import { ReplayGuard } from 'hookseal/redis'
import { Cluster, Redis } from 'ioredis'
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import pg from 'pg'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import * as redis5 from 'redis-5'

const benji = Receiver.benji('salt')

const app = express()
app.use('/annotated', expressWebhook(benji, (delivery, request: ExpressRequest, response: ExpressResponse) => {
  response.status(200).send(`${request.path} ${delivery.length}`)
}))
app.all('/plain', expressWebhook(benji, (delivery) => console.log(delivery.keyId)))
createServer(expressWebhook(benji, (delivery, request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200).end(`${request.url} ${delivery.length}`)
}))
createServer(expressWebhook(benji, () => {}))
createServer(expressWebhook(benji, (delivery, request, response) => response.writeHead(200).end(`${request.url} ${delivery.length}`)))
createSecureServer(expressWebhook(benji, () => {}))
const listener = expressWebhook(benji, () => {})
createServer(listener)

app.all('/guarded', expressWebhook(benji, () => {}, { guard: new ReplayGuard(new Redis()) }))
app.all('/stored', expressWebhook(benji, { inbox: new Inbox(new pg.Pool()) }))
createServer(expressWebhook(benji, { inbox: new SqliteInbox('orders.db', BetterSqlite3) }))

const server = fastify()
server.register(fastifyWebhook(benji, { inbox: new Inbox(new pg.Pool()), url: '/stored' }))
server.register(fastifyWebhook(benji, async (delivery) => ({ events: delivery.length }), { url: '/benji' }))
server.register(fastifyWebhook(benji, () => undefined), { prefix: '/benji' })
// The handler's request and reply are Fastify's, in `register` and outside of it.
server.register(fastifyWebhook(benji, (delivery, request, reply) => {
  request satisfies FastifyRequest
  request.log.info(delivery.keyId)
  return reply.code(202)
}, { onRejection: (rejection, request) => request.log.warn(rejection) }))
export const plugin = fastifyWebhook(benji, (_delivery, request, reply) => {
  // @ts-expect-error: a request of Fastify has no such member
  request.hostName
  reply satisfies FastifyReply
})
server.register(plugin)
export const annotated = fastifyWebhook(benji, (_delivery, request: FastifyRequest<{ Params: { shop: string } }>) => ({ shop: request.params.shop }))
fastify4().register(fastifyWebhook(benji, async () => {}))

const hook = fetchWebhook(benji, (delivery) => new Response(delivery.keyId))
new Hono().all('/benji', (context) => hook(context.req.raw))

export const handler = lambdaWebhook(benji, async (_delivery, event: APIGatewayProxyEventV2, context: Context) => {
  console.log(event.rawPath, context.awsRequestId)
  return { statusCode: 200 }
})
export const storing: (event: ALBEvent, context: Context) => Promise<ALBResult> = lambdaWebhook(benji, { inbox: new Inbox(new pg.Pool()) })
export const target: (event: ALBEvent, context: Context) => Promise<ALBResult> = lambdaWebhook(benji, () => {})

// The types of handlers accept what the adapter returns, and give the handler's event and context theirs.
export const ofHandlers = {
  alb: lambdaWebhook(benji, (_delivery, event, context) => console.log(event.requestContext.elb, context.awsRequestId)),
  rest: lambdaWebhook(benji, async (_delivery, event) => ({ statusCode: 200, body: event.path })),
  http: lambdaWebhook(benji, async (_delivery, event) => ({ statusCode: 200, body: event.rawPath })),
  url: lambdaWebhook(benji, (delivery) => (delivery.length > 0 ? { statusCode: 200 } : undefined)),
} satisfies { alb: ALBHandler; rest: APIGatewayProxyHandler; http: APIGatewayProxyHandlerV2; url: LambdaFunctionURLHandler }
const plain = lambdaWebhook(benji, async () => {})
const stores = lambdaWebhook(benji, { inbox: new Inbox(new pg.Pool()) })
export const accepted = [plain, stores] satisfies (ALBHandler & APIGatewayProxyHandler & APIGatewayProxyHandlerV2)[]
// @ts-expect-error: API Gateway needs a body
export const bodiless: APIGatewayProxyHandler = lambdaWebhook(benji, () => ({ statusCode: 200 }))

export const guards = [
  new ReplayGuard(createClient()),
  new ReplayGuard(createClient({ RESP: 3 })),
  new ReplayGuard(createClientPool()),
  new ReplayGuard(createCluster({ rootNodes: [] })),
  new ReplayGuard(createSentinel({ name: 'main', sentinelRootNodes: [] })),
  new ReplayGuard(redis5.createClient()),
  new ReplayGuard(redis5.createClient({ RESP: 3 })),
  new ReplayGuard(redis5.createClientPool()),
  new ReplayGuard(redis5.createCluster({ rootNodes: [] })),
  new ReplayGuard(redis5.createSentinel({ name: 'main', sentinelRootNodes: [] })),
  new ReplayGuard(new Redis()),
  new ReplayGuard(new Redis5()),
  new ReplayGuard(new Cluster([])),
  new ReplayGuard(new Cluster5([])),
]

const inbox = new Inbox(new pg.Pool(), { name: 'orders' })
export const working = [
  inbox.work(async (delivery, connection) => {
    const { rows } = await connection.query<{ count: string }>('SELECT count(*) FROM orders WHERE id = $1', [delivery.keyId])
    rows[0]?.count satisfies string | undefined
  }),
  new Inbox(new pg.Client()).transaction((client) => client.query('SELECT 1')),
  new SqliteInbox('orders.db', BetterSqlite3).work((delivery, connection) => {
    connection.prepare('INSERT INTO orders VALUES (?)').run(delivery.keyId)
  }),
]
export async function stored(client: pg.PoolClient, database: BetterSqlite3.Database, delivery: Parameters<typeof inbox.put>[0]) {
  await inbox.put(delivery, { connection: client })
  await new SqliteInbox('orders.db', BetterSqlite3).put(delivery, { connection: database })
  // @ts-expect-error: the pool is no connection
  await inbox.put(delivery, { connection: new pg.Pool() })
}
