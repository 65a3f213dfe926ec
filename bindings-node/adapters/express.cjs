'use strict'

// The adapter for Express 4 and 5. Its middleware is also a listener for a plain node:http server.

const { member } = require('../lib/own.cjs')
const { answerTo, asError, checkArguments, report, tellOfRejection } = require('./common.cjs')
const { checkHead, discardRest, receiveRest } = require('./node_request.cjs')

const ADVICE =
  'mount hookseal/express before express.json() and other parsers, or give this route express.raw({ type: "*/*" })'

/** Middleware that calls `handler` with each delivery and answers everything else. Its promise never rejects. */
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
  // Other code may have answered already, such as a timeout.
  if (response.headersSent) return
  const { status, headers, body = '' } = answerTo(received)
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}

/** Hands an error of the program to the framework. In a plain server it reports and answers the error itself. */
async function fail(error, response, next) {
  if (typeof next === 'function') {
    // Without an argument, and with 'route' or 'router', Express continues with a later route, which would answer.
    const given = asError(error)
    try {
      await next(given)
      return
    } catch (another) {
      if (another !== given) report('next failed', another)
    }
  }
  report('a webhook could not be handled', error)
  // If the sender has left, this does nothing.
  try {
    answerFailure(response)
  } catch {
    response.destroy()
  }
}

function answerFailure(response) {
  if (response.headersSent) {
    // An answer that has begun cannot be replaced. A closed connection shows that it is incomplete.
    if (!response.writableEnded) response.destroy()
    return
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  response.writeHead(500, { 'content-length': 0 }).end()
}

module.exports = { webhook }
