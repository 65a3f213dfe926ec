// The types of the adapter for Express and node:http.

import type { Delivery, Receiver, Rejection, Vendor } from '../index.cjs'

/** What is used of a request of Express or of node:http. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly rawHeaders: string[]
}

/** What is used of a response of Express or of node:http. */
export interface NodeResponse {
  readonly headersSent: boolean
}

export interface WebhookOptions<Request> {
  /**
   * Sees every request that is refused, after the answer: log `rejection.code` and `rejection.message`. Where it throws,
   * or its promise rejects, the error goes to `console.error`.
   */
  onRejection?: ((rejection: Rejection, request: Request) => unknown) | undefined
}

/**
 * Middleware for Express that reads and checks a request, answers handshakes and refusals, and hands on the rest.
 * Mount it before body parsers. Where the handler leaves the response open, the answer is 204, as soon as the promise
 * that it returns is fulfilled. A handler that takes a callback in place of that is refused, and so is a generator
 * function, because nothing would run it.
 *
 * Benti needs `app.use` or `app.all`: with `app.post` its handshake, a GET, gets a 404.
 *
 * Where the handler fails, `next` gets an Error: what was thrown, or a new one where that is none.
 *
 * It is a listener of `createServer` from `node:http` too. There is no `next` then: where the handler fails, the error
 * goes to `console.error`, and the answer is 500. Its own promise never rejects.
 *
 * A body that ends too soon or is cut up wrongly is answered with 400 and is no rejection, because nothing was checked.
 *
 * Annotate the handler's request and response with the types of Express: they cannot be inferred.
 */
export function webhook<V extends Vendor, Request extends NodeRequest = any, Response extends NodeResponse = any>(
  receiver: Receiver<V>,
  handler: (delivery: Delivery<V>, request: Request, response: Response) => unknown,
  options?: WebhookOptions<Request>,
): (request: Request, response: Response, next?: (error?: unknown) => void) => Promise<void>
