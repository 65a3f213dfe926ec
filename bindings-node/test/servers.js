// A server for each adapter, with its real framework. A starter takes the adapter's arguments, and returns the address
// of the route and a function to close.

import { createServer } from 'node:http'
import { Readable } from 'node:stream'

import { serve } from '@hono/node-server'
import express from 'express'
import express4 from 'express-4'
import { fastify } from 'fastify'
import { fastify as fastify4 } from 'fastify-4'
import { Hono } from 'hono'
import { webhook as expressWebhook } from 'hookseal/express'
import { webhook as fastifyWebhook } from 'hookseal/fastify'
import { webhook as fetchWebhook } from 'hookseal/fetch'
import { webhook as lambdaWebhook } from 'hookseal/lambda'

export const STARTERS = {
  express: onExpress(express),
  'express 4': onExpress(express4),
  'node:http': onNodeHttp,
  fastify: onFastify(fastify),
  'fastify 4': onFastify(fastify4),
  hono: onHono,
  fetch: onFetch,
  'lambda 1.0': onLambda1,
  'lambda 2.0': onLambda2,
  'lambda of a load balancer': onLoadBalancer,
}

function onExpress(express) {
  return (receiver, handler, options) => {
    const app = express()
    app.use('/hook', expressWebhook(receiver, handler, options))
    return listening(createServer(app), '/hook')
  }
}

function onNodeHttp(receiver, handler, options) {
  return listening(createServer(expressWebhook(receiver, handler, options)), '/')
}

function onFastify(fastify) {
  return async (receiver, handler, options) => {
    // Logs go to the printed text, which some tests check.
    const server = fastify({ logger: { level: 'error' } })
    const url = { url: '/hook' }
    const isHandled = typeof handler === 'function'
    server.register(isHandled ? fastifyWebhook(receiver, handler, { ...options, ...url }) : fastifyWebhook(receiver, { ...handler, ...url }))
    const address = await server.listen({ port: 0, host: '127.0.0.1' })
    return { url: `${address}/hook`, close: () => server.close() }
  }
}

function onHono(receiver, handler, options) {
  const hook = fetchWebhook(receiver, handler, options)
  const app = new Hono().all('/hook', (context) => hook(context.req.raw))
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
      resolve({ url: `http://127.0.0.1:${port}/hook`, close: () => closed(server) })
    })
  })
}

/** A server that makes Web Requests, as Next.js does. */
function onFetch(receiver, handler, options) {
  const hook = fetchWebhook(receiver, handler, options)
  return listening(createServer(async (incoming, outgoing) => {
    const headers = new Headers()
    for (const [name, values] of Object.entries(incoming.headersDistinct)) {
      for (const value of values) headers.append(name, value)
    }
    const body = ['GET', 'HEAD'].includes(incoming.method) ? null : Readable.toWeb(incoming)
    const request = new Request('http://localhost/', { method: incoming.method, headers, body, duplex: 'half' })
    // If a function fails, the platform answers.
    const response = await hook(request).catch(() => new Response(null, { status: 500 }))
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    await response.text().then((text) => outgoing.end(text), () => outgoing.destroy())
  }), '/')
}

/** A gateway that makes events of the first form, with all values of a header. */
function onLambda1(receiver, handler, options) {
  return onGateway(lambdaWebhook(receiver, handler, options), (incoming, body) => ({
    httpMethod: incoming.method,
    headers: incoming.headers,
    multiValueHeaders: incoming.headersDistinct,
    body: body.length === 0 ? null : body.toString('base64'),
    isBase64Encoded: true,
  }))
}

/** A gateway that makes events of the second form, with joined headers. */
function onLambda2(receiver, handler, options) {
  return onGateway(lambdaWebhook(receiver, handler, options), (incoming, body) => ({
    version: '2.0',
    requestContext: { http: { method: incoming.method } },
    headers: incoming.headers,
    body: body.length === 0 ? undefined : body.toString(),
    isBase64Encoded: false,
  }))
}

/** A load balancer whose target group sends lists of values. It ignores `headers` in an answer. */
function onLoadBalancer(receiver, handler, options) {
  const eventOf = (incoming, body) => ({
    requestContext: { elb: { targetGroupArn: 'arn' } },
    httpMethod: incoming.method,
    multiValueHeaders: incoming.headersDistinct,
    body: body.toString(),
    isBase64Encoded: false,
  })
  return onGateway(lambdaWebhook(receiver, handler, options), eventOf, ({ multiValueHeaders }) => multiValueHeaders)
}

function onGateway(lambda, eventOf, headersOf = ({ headers }) => headers) {
  return listening(createServer(async (incoming, outgoing) => {
    const chunks = []
    for await (const chunk of incoming) chunks.push(chunk)
    // If a function fails, the gateway answers.
    const failed = { statusCode: 502, headers: {}, multiValueHeaders: {}, body: '' }
    const result = await lambda(eventOf(incoming, Buffer.concat(chunks)), {}).catch(() => failed)
    outgoing.writeHead(result.statusCode, headersOf(result)).end(result.body)
  }), '/')
}

export function listening(server, path) {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({ url: `http://127.0.0.1:${server.address().port}${path}`, close: () => closed(server) })
    })
  })
}

function closed(server) {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
}
