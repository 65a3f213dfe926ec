'use strict'

// Fastify 4 and 5.

const { answerTo, checkArguments, tellOfRejection } = require('./common.cjs')
const { checkHead, discardRest, receiveRest } = require('./node_request.cjs')

const ADVICE = 'a hook of this server reads or replaces the request stream; keep it away from this route'

/** In place of a request's headers for Fastify alone: with them it looks for the parser of a body without a type. */
const UNTYPED = { 'content-type': undefined, 'content-length': '1' }

/** A plugin with one route that hands genuine deliveries to `handler` and answers everything else itself. */
function webhook(receiver, handler, options = {}) {
  const { onRejection, url = '/' } = checkArguments(receiver, handler, options, ['onRejection', 'url'], 3)
  return async (fastify) => {
    const hidden = new HiddenType()
    // For this plugin alone: the stream stays unread until the head was checked.
    fastify.removeAllContentTypeParsers()
    fastify.addContentTypeParser('*', (request, _payload, done) => {
      hidden.show(request)
      done(null)
    })
    const hooks = {
      // After the hooks of the application, and before anything looks at the body.
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
 * Fastify refuses a Content-Type that is malformed, and a webhook's is not read. So it is hidden between the last hook
 * before Fastify looks and the parser right behind: no code of the application runs in between, and none sees it.
 */
class HiddenType {
  #headers = new WeakMap()

  hide(request) {
    const { headers, raw } = request
    // No other has a body here, and so a parser.
    if (raw.method !== 'POST') return
    // Without a value Fastify shows those of the raw request, the same object as before.
    this.#headers.set(request, headers === raw.headers ? undefined : headers)
    request.headers = UNTYPED
  }

  show(request) {
    request.headers = this.#headers.get(request)
  }
}

async function answer(request, reply, received, onRejection) {
  discardRest(request.raw)
  // Something else may have lost its patience with the sender.
  if (!reply.sent) {
    const { status, headers, body } = answerTo(received)
    reply.code(status).headers(headers).send(body)
  }
  await tellOfRejection(onRejection, received, request)
  return reply
}

module.exports = { webhook }
