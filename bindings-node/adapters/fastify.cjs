'use strict'

// Fastify 4 and 5.

const { checkArguments } = require('./common.cjs')
const { discardRest, receiveFrom } = require('./node_request.cjs')

const ADVICE = 'a hook of this server reads or replaces the request stream; keep it away from this route'

/** A plugin with one route that hands genuine deliveries to `handler` and answers everything else itself. */
function webhook(receiver, handler, options = {}) {
  checkArguments(receiver, handler, options, ['onRejection', 'url'])
  return async (fastify) => {
    // For this plugin alone: the stream stays unread until the head was checked.
    fastify.removeAllContentTypeParsers()
    fastify.addContentTypeParser('*', (_request, _payload, done) => done(null))
    // Fastify 5 refuses a Content-Type that is malformed; none is like any other.
    fastify.addHook('onRequest', async (request) => {
      request.headers = { 'content-type': undefined }
    })
    fastify.all(options.url ?? '/', async (request, reply) => {
      const received = await receiveFrom(receiver, request.raw, undefined, ADVICE)
      if (received.outcome === 'delivery') {
        const result = await handler(received, request, reply)
        return reply.sent || result !== undefined ? result : reply.code(204).send()
      }
      if (received.outcome === 'rejection') options.onRejection?.(received, request)
      discardRest(request.raw)
      return reply.code(received.status).headers(received.headers).send(received.body)
    })
  }
}

module.exports = { webhook }
