// The types of the adapter for Fastify.

import type { FastifyReply, FastifyRequest } from 'fastify'

import type { Delivery, Receiver, Vendor } from '../index.cjs'
import type { HandlerOptions, InboxOptions } from './common.cjs'

export type { Callbacks, DeliveryOutcome, Guard, HandlerOptions, InboxLike, InboxOptions } from './common.cjs'

/** The part of a Fastify server that the adapter uses. */
export interface FastifyLike {
  removeAllContentTypeParsers(): unknown
  all(url: string, options: object, handler: (request: any, reply: any) => unknown): unknown
}

export interface RouteOptions {
  /** The route, after the prefix of the plugin. By default `/`. */
  url?: string | undefined
}

/** The options beside a handler. */
export interface WebhookOptions<Request, V extends Vendor = Vendor> extends HandlerOptions<V, Request>, RouteOptions {}

/**
 * A plugin for Fastify with one route that reads and checks a request. It answers handshakes and refusals, and calls
 * the handler with each delivery.
 *
 * The answer is the value that the handler returns or that its promise gives. Without a value it is 204. A handler that
 * takes a callback is refused, and so is a generator function. The Content-Type is not read.
 *
 * A request that its head alone refuses is answered in the phase `onRequest`, after the hooks of the application. Later
 * hooks see only requests whose body is read. A body that ends too soon or has a malformed chunk is answered with 400.
 * `onRejection` gets the code `unreadable_request`.
 *
 * `request.rawBody` is the accepted body, as a Uint8Array. With a guard the answer is held back until it is complete, the
 * handler has ended and the delivery is confirmed. The handler is not waited for if it waits for the end of its response,
 * as one does that returns `reply.send(…)`, or if other code listens for it, as `stream.pipe(reply.raw)` does. An answer
 * of more than 64 KiB is sent while it is made, and the delivery confirmed when all of it was sent. An answer with a
 * status of 400 or above goes out at once.
 */
export function webhook<V extends Vendor, Request = FastifyRequest, Reply = FastifyReply>(
  receiver: Receiver<V>,
  handler: (delivery: Delivery<V>, request: Request, reply: Reply) => unknown,
  options?: WebhookOptions<Request, V>,
): (fastify: FastifyLike) => Promise<void>
/** The same with an inbox in place of the handler. */
export function webhook<V extends Vendor, Request = FastifyRequest>(
  receiver: Receiver<V>,
  options: InboxOptions<V, Request> & RouteOptions,
): (fastify: FastifyLike) => Promise<void>
