// The types of the adapter for a Web Request.

import type { Delivery, Receiver, Vendor } from '../index.cjs'
import type { HandlerOptions, InboxOptions } from './common.cjs'

export type { Callbacks, DeliveryOutcome, Guard, HandlerOptions, InboxLike, InboxOptions } from './common.cjs'

/** The options beside a handler. */
export interface WebhookOptions<V extends Vendor = Vendor> extends HandlerOptions<V, Request> {}

/**
 * A function from Request to Response that reads and checks a request. It answers handshakes and refusals, and calls
 * the handler with each delivery. Further arguments are passed on to the handler. The answer is the handler's Response,
 * or 204 if it returns none.
 *
 * A body that ends too soon or has a malformed chunk is answered with 400. `onRejection` gets the code
 * `unreadable_request`. Callbacks are called before the answer, which waits for their promises.
 *
 * With a guard or `onDelivery` the body of the Response that the handler returns is read to its end before it is
 * answered, or if it has more than 64 KiB while it is sent. A body that breaks, and a status of 400 or above, releases
 * the delivery. Such a Response is a copy, with status and headers.
 *
 * The request that the handler gets can be read: its methods and `body` give the accepted bytes. To hand the request on
 * to `fetch`, hand on `request.clone()`.
 *
 * `Headers` join repeated fields with a comma and a space. Two joined signatures, dates or challenges are malformed and
 * refused. Two cases stay hidden: a date that was sent as two fields, cut at its only comma (`Wed` and
 * `04 Mar 2026 05:06:07 GMT`), and a secret of your own with a comma and a space in it that was sent as two fields.
 */
export function webhook<V extends Vendor, Rest extends unknown[]>(
  receiver: Receiver<V>,
  handler: (
    delivery: Delivery<V>,
    request: Request,
    ...rest: Rest
  ) => Response | undefined | void | Promise<Response | undefined | void>,
  options?: WebhookOptions<V>,
): (request: Request, ...rest: Rest) => Promise<Response>
/** The same with an inbox in place of the handler. */
export function webhook<V extends Vendor, Rest extends unknown[]>(
  receiver: Receiver<V>,
  options: InboxOptions<V, Request>,
): (request: Request, ...rest: Rest) => Promise<Response>
