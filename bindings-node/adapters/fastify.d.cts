import type { Delivery, Receiver, Rejection, Vendor } from '../index.cjs'

/** What is used of a server of Fastify. */
export interface FastifyLike<Request, Reply> {
  removeAllContentTypeParsers(): unknown
  all(url: string, handler: (request: Request, reply: Reply) => unknown): unknown
}

export interface WebhookOptions<Request> {
  /** The route, below the prefix of the plugin. By default `/`. */
  url?: string | undefined
  /** Sees every request that is refused: log `rejection.code` and `rejection.message`. */
  onRejection?: ((rejection: Rejection, request: Request) => void) | undefined
}

/**
 * A plugin for Fastify with one route that reads and checks a request, answers handshakes and refusals, and hands on
 * the rest. The answer is what the handler returns; 204 where it returns nothing. The Content-Type is not read; the
 * handler finds it in `request.raw.headers` alone.
 */
export function webhook<V extends Vendor, Request, Reply>(
  receiver: Receiver<V>,
  handler: (delivery: Delivery<V>, request: Request, reply: Reply) => unknown,
  options?: WebhookOptions<Request>,
): (fastify: FastifyLike<Request, Reply>) => Promise<void>
