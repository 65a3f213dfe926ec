'use strict'

// Express 4 and 5; what it returns also serves a plain node:http server.

const { checkArguments } = require('./common.cjs')
const { discardRest, receiveFrom } = require('./node_request.cjs')

const ADVICE =
  'mount hookseal/express before express.json() and other parsers, or give this route express.raw({ type: "*/*" })'

/** Middleware that hands genuine deliveries to `handler` and answers everything else itself. */
function webhook(receiver, handler, options = {}) {
  checkArguments(receiver, handler, options, ['onRejection'])
  return async (request, response, next) => {
    try {
      const received = await receiveFrom(receiver, request, request.body, ADVICE)
      if (received.outcome !== 'delivery') {
        if (received.outcome === 'rejection') options.onRejection?.(received, request)
        answer(request, response, received)
        return
      }
      await handler(received, request, response)
      if (!response.headersSent) response.writeHead(204).end()
    } catch (error) {
      next(error)
    }
  }
}

function answer(request, response, { status, headers, body = '' }) {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
  discardRest(request)
}

module.exports = { webhook }
