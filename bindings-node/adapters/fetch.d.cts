import type { Delivery, Receiver, Rejection, Vendor } from '../index.cjs'

export interface WebhookOptions {
  /** Sees every request that is refused: log `rejection.code` and `rejection.message`. */
  onRejection?: ((rejection: Rejection, request: Request) => void) | undefined
}

/**
 * A function from Request to Response that reads and checks a request, answers handshakes and refusals, and hands on
 * the rest with whatever else it was called with. The answer is the handler's Response; 204 where there is none.
 */
export function webhook<V extends Vendor, Rest extends unknown[]>(
  receiver: Receiver<V>,
  handler: (
    delivery: Delivery<V>,
    request: Request,
    ...rest: Rest
  ) => Response | undefined | void | Promise<Response | undefined | void>,
  options?: WebhookOptions,
): (request: Request, ...rest: Rest) => Promise<Response>
