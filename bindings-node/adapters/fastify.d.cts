// The types of the adapter for Fastify.

import type { Delivery, Receiver, Rejection, Vendor } from '../index.cjs'

/** The part of a Fastify server that the adapter uses. */
export interface FastifyLike<Request, Reply> {
  removeAllContentTypeParsers(): unknown
  all(url: string, options: object, handler: (request: Request, reply: Reply) => unknown): unknown
}

export interface WebhookOptions<Request> {
  /** The route, after the prefix of the plugin. By default `/`. */
  url?: string | undefined
  /**
   * Called with every refused request, after the answer. Log `rejection.code` and `rejection.message`. If it throws or
   * its promise rejects, the error goes to `console.error`.
   */
  onRejection?: ((rejection: Rejection, request: Request) => unknown) | undefined
}

/**
 * A plugin for Fastify with one route that reads and checks a request. It answers handshakes and refusals, and calls
 * the handler with each delivery.
 *
 * The answer is the value that the handler returns or that its promise gives. Without a value it is 204. A handler that
 * takes a callback is refused, and so is a generator function. The Content-Type is not read.
 *
 * A request that its head alone refuses is answered in the phase `onRequest`, after the hooks of the application. Later
 * hooks see only requests whose body is read. A body that ends too soon or has a malformed chunk is answered with 400.
 * `onRejection` is not called, because nothing was checked.
 */
export function webhook<V extends Vendor, Request, Reply>(
  receiver: Receiver<V>,
  handler: (delivery: Delivery<V>, request: Request, reply: Reply) => unknown,
  options?: WebhookOptions<Request>,
): (fastify: FastifyLike<Request, Reply>) => Promise<void>
