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
  /** Sees every request that is refused: log `rejection.code` and `rejection.message`. */
  onRejection?: ((rejection: Rejection, request: Request) => void) | undefined
}

/**
 * Middleware for Express that reads and checks a request, answers handshakes and refusals, and hands on the rest.
 * Mount it before body parsers. Where the handler leaves the response open, the answer is 204.
 *
 * Annotate the handler's request and response with the types of Express: they cannot be inferred.
 */
export function webhook<V extends Vendor, Request extends NodeRequest = any, Response extends NodeResponse = any>(
  receiver: Receiver<V>,
  handler: (delivery: Delivery<V>, request: Request, response: Response) => unknown,
  options?: WebhookOptions<Request>,
): (request: Request, response: Response, next: (error?: unknown) => void) => Promise<void>
