// The types of the adapter for AWS Lambda.

import type { Delivery, Receiver, Vendor } from '../index.cjs'
import type { HandlerOptions, InboxOptions } from './common.cjs'

export type { Callbacks, DeliveryOutcome, Guard, HandlerOptions, InboxLike, InboxOptions } from './common.cjs'

/** The part of an event that the adapter uses: of API Gateway (both forms), a function URL, or a load balancer. */
export interface HttpEvent {
  readonly httpMethod?: string
  readonly requestContext?: { readonly http?: { readonly method: string } } | object
  readonly headers?: { readonly [name: string]: string | number | undefined } | null | undefined
  readonly multiValueHeaders?: { readonly [name: string]: string[] | undefined } | null | undefined
  readonly body?: string | null | undefined
  readonly isBase64Encoded?: boolean | undefined
}

/** The answer to a handshake or a refusal, or 204. */
export interface HttpResult {
  statusCode: number
  /** Absent if there are `multiValueHeaders`. */
  headers?: Record<string, string>
  /** Only for a load balancer that sends `multiValueHeaders`: it ignores `headers`. */
  multiValueHeaders?: Record<string, string[]>
  body: string
  /** Always false. */
  isBase64Encoded: boolean
}

/** The options beside a handler. */
export interface WebhookOptions<Event, V extends Vendor = Vendor> extends HandlerOptions<V, Event> {}

/**
 * A handler for AWS Lambda that reads and checks a request. It answers handshakes and refusals, and calls your handler
 * with each delivery.
 *
 * The answer is the value that your handler returns, or 204 if it returns nothing. A load balancer that sends
 * `multiValueHeaders` (an attribute of its target group) ignores `headers` in an answer: return `multiValueHeaders`
 * then. A handler that takes a callback is refused, and so is a generator function.
 *
 * If `isBase64Encoded` is set and the body is not canonical base64, the answer is 400. `onRejection` gets the code
 * `unreadable_request`. An event that is not an HTTP request, such as `{}` or a warm-up event, or whose body was
 * already parsed, is a TypeError. Callbacks are called before the answer, which waits for their promises.
 *
 * HTTP APIs and function URLs join repeated headers with a comma. A load balancer without `multiValueHeaders` keeps the
 * last one. Two challenges, or a date that was cut at its comma, can look like one there.
 */
export function webhook<V extends Vendor, Event extends HttpEvent, Context = unknown, Result = void>(
  receiver: Receiver<V>,
  handler: (
    delivery: Delivery<V>,
    event: Event,
    context: Context,
  ) => Result | Promise<Result>,
  options?: WebhookOptions<Event, V>,
): (event: Event, context: Context) => Promise<Exclude<Result, void | null | undefined> | HttpResult>
/** The same with an inbox in place of the handler. */
export function webhook<V extends Vendor, Event extends HttpEvent, Context = unknown>(
  receiver: Receiver<V>,
  options: InboxOptions<V, Event>,
): (event: Event, context: Context) => Promise<HttpResult>
