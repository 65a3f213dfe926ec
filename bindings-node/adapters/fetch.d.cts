// The types of the adapter for a Web Request.

import type { Delivery, Receiver, Rejection, Vendor } from '../index.cjs'

export interface WebhookOptions {
  /**
   * Sees every request that is refused, before the answer, which waits for its promise: log `rejection.code` and
   * `rejection.message`. Where it throws, or its promise rejects, the error goes to `console.error`.
   */
  onRejection?: ((rejection: Rejection, request: Request) => unknown) | undefined
}

/**
 * A function from Request to Response that reads and checks a request, answers handshakes and refusals, and hands on
 * the rest with whatever else it was called with. The answer is the handler's Response; 204 where there is none.
 *
 * A body that ends too soon or is cut up wrongly is answered with 400 and is no rejection, because nothing was checked.
 *
 * `Headers` join repeated fields with a comma and a space. That is refused where a value shows it, as two signatures do,
 * two dates, or two challenges. What it hides: a date that came as two fields, cut at its only comma, as in `Wed` and
 * `04 Mar 2026 05:06:07 GMT`, looks as if it came in one; so does a secret of your own that has a comma and a space in it.
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
