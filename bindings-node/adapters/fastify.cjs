'use strict'

// The adapter for Fastify 4 and 5.

const { answerTo, checkArguments, tell, tellOfRejection } = require('./common.cjs')
const { begin } = require('./handling.cjs')
const { HeldAnswer, endOf, isPiped } = require('./held_answer.cjs')
const { checkHead, discardRest, receiveRest } = require('./node_request.cjs')

const ADVICE =
  'a hook of this server reads or replaces the request stream; keep it away from this route, or let it keep the bytes as request.rawBody'

/** Headers that only Fastify sees. With them it selects the parser for a body without a type. */
const UNTYPED = { 'content-type': undefined, 'content-length': '1' }

/** A plugin with one route that calls `handler` with each delivery and answers everything else. */
function webhook(receiver, handler, _options) {
  const checked = checkArguments(arguments, ['url'], 3)
  const { url = '/' } = checked
  return async (fastify) => {
    const hidden = new HiddenType()
    // For this plugin only: the stream stays unread until the head has been checked.
    fastify.removeAllContentTypeParsers()
    fastify.addContentTypeParser('*', (request, _payload, done) => {
      hidden.show(request)
      done(null)
    })
    const hooks = {
      // Runs after the hooks of the application, and before anything reads the body.
      onRequest: async (request, reply) => {
        const refused = checkHead(receiver, request.raw)
        if (refused !== undefined) return refuse(checked, request, reply, refused)
      },
      preParsing: (request, _reply, _payload, done) => {
        hidden.hide(request)
        done()
      },
    }
    fastify.all(url, hooks, async (request, reply) => {
      const received = await receiveRest(receiver, request.raw, { parsed: undefined, shown: request, advice: ADVICE })
      if (received.outcome !== 'delivery') return refuse(checked, request, reply, received)
      return deliver(checked, handler, received, request, reply)
    })
  }
}

async function deliver(options, handler, delivery, request, reply) {
  const { onDelivery } = options
  const { raw } = reply
  const { outcome, answer: ready, settle } = await begin(options, delivery)
  if (ready !== undefined) {
    answer(request, reply, ready)
    await tell('onDelivery', onDelivery, delivery, outcome)
    return reply
  }
  const held = settle === undefined ? undefined : new HeldAnswer(raw, settle)
  // Listens before the handler can answer.
  const completion = held?.settled ?? endOf(raw)
  let result
  try {
    result = await handler(delivery, request, reply)
  } catch (error) {
    if (await held?.handlerFailed()) reply.hijack()
    void tell('onDelivery', onDelivery, delivery, 'failed')
    throw error
  }
  held?.handlerEnded()
  void completion.then((hasEnded) => tell('onDelivery', onDelivery, delivery, hasEnded && raw.statusCode < 400 ? 'handled' : 'failed'))
  // Fastify waits for the end of what it was given itself.
  if (result === undefined && isPiped(raw)) return reply
  // A held answer is sent, although Fastify does not see it yet.
  return reply.sent || raw.headersSent || result !== undefined ? result : reply.code(204).send()
}

/**
 * Hides the Content-Type from Fastify, which refuses a malformed one, although nothing reads the type of a webhook. It
 * is hidden from the last hook before Fastify reads it until the parser, which runs next. No code of the application
 * runs in between.
 */
class HiddenType {
  #headers = new WeakMap()

  hide(request) {
    const { headers, raw } = request
    // Only a POST has a body here, and so a parser.
    if (raw.method !== 'POST') return
    // With `undefined` Fastify shows the headers of the raw request, which is the same object as before.
    this.#headers.set(request, headers === raw.headers ? undefined : headers)
    request.headers = UNTYPED
  }

  show(request) {
    request.headers = this.#headers.get(request)
  }
}

async function refuse(options, request, reply, received) {
  answer(request, reply, answerTo(received))
  await tellOfRejection(options, received, request)
  return reply
}

function answer(request, reply, { status, headers, body }) {
  discardRest(request.raw)
  // Other code may have answered already, such as a timeout.
  if (!reply.sent) reply.code(status).headers(headers).send(body)
}

module.exports = { webhook }
