// The types of the adapter for Fastify.

import type { Delivery, Receiver, Rejection, Vendor } from '../index.cjs'

/** What is used of a server of Fastify. */
export interface FastifyLike<Request, Reply> {
  removeAllContentTypeParsers(): unknown
  all(url: string, options: object, handler: (request: Request, reply: Reply) => unknown): unknown
}

export interface WebhookOptions<Request> {
  /** The route, below the prefix of the plugin. By default `/`. */
  url?: string | undefined
  /**
   * Sees every request that is refused, after the answer: log `rejection.code` and `rejection.message`. Where it throws,
   * or its promise rejects, the error goes to `console.error`.
   */
  onRejection?: ((rejection: Rejection, request: Request) => unknown) | undefined
}

/**
 * A plugin for Fastify with one route that reads and checks a request, answers handshakes and refusals, and hands on
 * the rest. The answer is what the handler returns or its promise holds; 204 where that is nothing. A handler that takes
 * a callback is refused, and so is a generator function. The Content-Type is not read.
 *
 * What the head alone refuses is answered in the phase `onRequest`, behind the hooks of the application: later hooks see
 * only requests whose body is read. A body that ends too soon or is cut up wrongly is answered with 400 and is no
 * rejection, because nothing was checked.
 */
export function webhook<V extends Vendor, Request, Reply>(
  receiver: Receiver<V>,
  handler: (delivery: Delivery<V>, request: Request, reply: Reply) => unknown,
  options?: WebhookOptions<Request>,
): (fastify: FastifyLike<Request, Reply>) => Promise<void>
