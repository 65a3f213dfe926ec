// The types of the adapter for Express and node:http.

import type { Delivery, Receiver, Vendor } from '../index.cjs'
import type { HandlerOptions, InboxOptions } from './common.cjs'

export type { Callbacks, DeliveryOutcome, Guard, HandlerOptions, InboxLike, InboxOptions } from './common.cjs'

/** The part of a request of Express or node:http that the adapter uses. */
export interface NodeRequest {
  readonly method?: string | undefined
  /** Lists repeated headers too. Where a platform has none, `headers` counts. */
  readonly rawHeaders?: string[] | undefined
  readonly headers?: object | undefined
}

/** The part of a response of Express or node:http that the adapter uses. */
export interface NodeResponse {
  readonly headersSent: boolean
}

/** The options beside a handler. */
export interface WebhookOptions<Request, V extends Vendor = Vendor> extends HandlerOptions<V, Request> {}

/**
 * Middleware for Express that reads and checks a request. It answers handshakes and refusals, and calls the handler
 * with each delivery. Mount it before body parsers.
 *
 * If the handler returns a promise, the adapter waits for it. If the response is still open then, the answer is 204. A
 * handler that takes a callback is refused, because the answer would not wait for it. A generator function is refused
 * too, because nothing would run it.
 *
 * Benti needs `app.use` or `app.all`. With `app.post` its handshake, a GET, is answered with 404.
 *
 * If the handler fails, `next` gets an Error: the one that was thrown, or a new one if something else was thrown.
 *
 * The function is also a listener for `createServer` from `node:http` and `node:http2`. There is no `next` then: if the
 * handler fails, the error goes to `console.error`, and the answer is 500. The listener's own promise never rejects.
 *
 * A body that ends too soon or has a malformed chunk is answered with 400. `onRejection` gets the code
 * `unreadable_request`.
 *
 * `request.rawBody` is the accepted body, as a Uint8Array. If other code has read the stream before, it must have kept the
 * bytes as `request.body` or `request.rawBody`; otherwise the error says what to change.
 *
 * With a guard the answer is held back until it is complete, the handler has ended and the delivery is confirmed. The
 * handler is not waited for if code listens for the end of the response, as `stream.pipe(response)` does. An answer of
 * more than 64 KiB is sent while it is made, and the delivery confirmed when all of it was sent. An answer with a status
 * of 400 or above goes out at once.
 *
 * Annotate the handler's request and response with the types of Express: TypeScript cannot infer them.
 */
export function webhook<V extends Vendor, Request extends NodeRequest = any, Response extends NodeResponse = any>(
  receiver: Receiver<V>,
  handler: (delivery: Delivery<V>, request: Request, response: Response) => unknown,
  options?: WebhookOptions<Request, V>,
): (request: Request, response: Response, next?: (error?: unknown) => void) => Promise<void>
/** The same with an inbox in place of the handler. */
export function webhook<V extends Vendor, Request extends NodeRequest = any, Response extends NodeResponse = any>(
  receiver: Receiver<V>,
  options: InboxOptions<V, Request>,
): (request: Request, response: Response, next?: (error?: unknown) => void) => Promise<void>
