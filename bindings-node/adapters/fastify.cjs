'use strict'

// The adapter for Fastify 4 and 5.

const { answerTo, checkArguments, tellOfRejection } = require('./common.cjs')
const { checkHead, discardRest, receiveRest } = require('./node_request.cjs')

const ADVICE = 'a hook of this server reads or replaces the request stream; keep it away from this route'

/** Headers that only Fastify sees. With them it selects the parser for a body without a type. */
const UNTYPED = { 'content-type': undefined, 'content-length': '1' }

/** A plugin with one route that calls `handler` with each delivery and answers everything else. */
function webhook(receiver, handler, options = {}) {
  const { onRejection, url = '/' } = checkArguments(receiver, handler, options, ['onRejection', 'url'], 3)
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
        if (refused !== undefined) return answer(request, reply, refused, onRejection)
      },
      preParsing: (request, _reply, _payload, done) => {
        hidden.hide(request)
        done()
      },
    }
    fastify.all(url, hooks, async (request, reply) => {
      const received = await receiveRest(receiver, request.raw, undefined, ADVICE)
      if (received.outcome !== 'delivery') return answer(request, reply, received, onRejection)
      const result = await handler(received, request, reply)
      return reply.sent || result !== undefined ? result : reply.code(204).send()
    })
  }
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

async function answer(request, reply, received, onRejection) {
  discardRest(request.raw)
  // Other code may have answered already, such as a timeout.
  if (!reply.sent) {
    const { status, headers, body } = answerTo(received)
    reply.code(status).headers(headers).send(body)
  }
  await tellOfRejection(onRejection, received, request)
  return reply
}

module.exports = { webhook }
