'use strict'

// The adapter for Express 4 and 5. Its middleware is also a listener for a plain node:http server.

const { member } = require('../lib/own.cjs')
const { answerTo, asError, checkArguments, report, tell, tellOfRejection } = require('./common.cjs')
const { begin } = require('./handling.cjs')
const { HeldAnswer, endOf, isPiped } = require('./held_answer.cjs')
const { checkHead, discardRest, receiveRest } = require('./node_request.cjs')

const ADVICE =
  'mount hookseal/express before express.json() and other parsers, give this route express.raw({ type: "*/*" }), or ' +
  'keep the bytes as request.rawBody, with the option verify of express.json or with rawBody: true of Nest'

/** Middleware that calls `handler` with each delivery and answers everything else. Its promise never rejects. */
function webhook(receiver, handler, _options) {
  const checked = checkArguments(arguments, [], 3)
  return async (request, response, next) => {
    try {
      const refused = checkHead(receiver, request)
      const received = refused ?? (await receiveRest(receiver, request, { parsed: member(request, 'body'), shown: request, advice: ADVICE }))
      if (received.outcome === 'delivery') {
        await deliver(checked, handler, received, { request, response, next })
      } else {
        answer(request, response, answerTo(received))
        await tellOfRejection(checked, received, request)
      }
    } catch (error) {
      await fail(error, response, next)
    }
  }
}

async function deliver(options, handler, delivery, { request, response, next }) {
  const { onDelivery } = options
  const { outcome, answer: ready, settle } = await begin(options, delivery)
  if (ready !== undefined) {
    answer(request, response, ready)
    await tell('onDelivery', onDelivery, delivery, outcome)
    return
  }
  const held = settle === undefined ? undefined : new HeldAnswer(response, settle)
  // Listens before the handler can answer.
  const completion = held?.settled ?? endOf(response)
  try {
    await handler(delivery, request, response)
    if (!response.headersSent && !isPiped(response)) response.writeHead(204).end()
  } catch (error) {
    await held?.handlerFailed()
    await fail(error, response, next)
    await tell('onDelivery', onDelivery, delivery, 'failed')
    return
  }
  held?.handlerEnded()
  if (onDelivery === undefined) return
  const isHandled = (await completion) && response.statusCode < 400
  await tell('onDelivery', onDelivery, delivery, isHandled ? 'handled' : 'failed')
}

function answer(request, response, { status, headers, body = '' }) {
  discardRest(request)
  // Other code may have answered already, such as a timeout.
  if (response.headersSent) return
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
