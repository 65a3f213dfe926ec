'use strict'

// Express 4 and 5; what it returns is also a listener of a plain node:http server.

const { member } = require('../lib/own.cjs')
const { answerTo, asError, checkArguments, report, tellOfRejection } = require('./common.cjs')
const { checkHead, discardRest, receiveRest } = require('./node_request.cjs')

const ADVICE =
  'mount hookseal/express before express.json() and other parsers, or give this route express.raw({ type: "*/*" })'

/** Middleware that hands genuine deliveries to `handler` and answers everything else itself. Its promise never rejects. */
function webhook(receiver, handler, options = {}) {
  const { onRejection } = checkArguments(receiver, handler, options, ['onRejection'], 3)
  return async (request, response, next) => {
    try {
      const refused = checkHead(receiver, request)
      const received = refused ?? (await receiveRest(receiver, request, member(request, 'body'), ADVICE))
      if (received.outcome === 'delivery') {
        await handler(received, request, response)
        if (!response.headersSent) response.writeHead(204).end()
      } else {
        answer(request, response, received)
        await tellOfRejection(onRejection, received, request)
      }
    } catch (error) {
      await fail(error, response, next)
    }
  }
}

function answer(request, response, received) {
  discardRest(request)
  // Something else may have lost its patience with the sender.
  if (response.headersSent) return
  const { status, headers, body = '' } = answerTo(received)
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}

/** An error of the program goes to the framework. A plain server has none, so it is reported and answered here. */
async function fail(error, response, next) {
  if (typeof next === 'function') {
    // Without an argument, and with 'route' or 'router', Express goes on to a later route, which would answer.
    const given = asError(error)
    try {
      await next(given)
      return
    } catch (another) {
      if (another !== given) report('next failed', another)
    }
  }
  report('a webhook could not be handled', error)
  // To a sender that left this does nothing.
  try {
    answerFailure(response)
  } catch {
    response.destroy()
  }
}

function answerFailure(response) {
  if (response.headersSent) {
    // An answer that was begun cannot become another; closing the connection shows that it is not whole.
    if (!response.writableEnded) response.destroy()
    return
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  response.writeHead(500, { 'content-length': 0 }).end()
}

module.exports = { webhook }
