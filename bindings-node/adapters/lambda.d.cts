// The types of the adapter for AWS Lambda.

import type { Delivery, Receiver, Rejection, Vendor } from '../index.cjs'

/** What is used of an event of API Gateway (both forms), a function URL, or an Application Load Balancer. */
export interface HttpEvent {
  readonly httpMethod?: string
  readonly requestContext?: { readonly http?: { readonly method: string } } | object
  readonly headers?: { readonly [name: string]: string | undefined } | null | undefined
  readonly multiValueHeaders?: { readonly [name: string]: string[] | undefined } | null | undefined
  readonly body?: string | null | undefined
  readonly isBase64Encoded?: boolean | undefined
}

/** The answer to a handshake or a refusal, or 204. */
export interface HttpResult {
  statusCode: number
  /** Absent where there are `multiValueHeaders`. */
  headers?: Record<string, string>
  /** Only for a load balancer that sends `multiValueHeaders`: it passes on no other headers. */
  multiValueHeaders?: Record<string, string[]>
  body: string
  /** Always false. */
  isBase64Encoded: boolean
}

export interface WebhookOptions<Event> {
  /**
   * Sees every request that is refused, before the answer, which waits for its promise: log `rejection.code` and
   * `rejection.message`. Where it throws, or its promise rejects, the error goes to `console.error`.
   */
  onRejection?: ((rejection: Rejection, event: Event) => unknown) | undefined
}

/**
 * A handler for AWS Lambda that reads and checks a request, answers handshakes and refusals, and hands on the rest.
 * The answer is what the handler returns; 204 where it returns nothing. A load balancer that sends
 * `multiValueHeaders` (an attribute of its target group) takes `multiValueHeaders` in place of `headers` in it too. A
 * handler that takes a callback is refused, and so is a generator function.
 *
 * A body that is no canonical base64 where `isBase64Encoded` says so is answered with 400 and is no rejection, because
 * nothing was checked. An event that is no HTTP request, or whose body something has parsed, is a TypeError.
 *
 * HTTP APIs and function URLs join repeated headers with a comma, and a load balancer without `multiValueHeaders` keeps
 * the last: two challenges, or a date that was cut at its comma, can look like one there.
 */
export function webhook<V extends Vendor, Event extends HttpEvent, Context = unknown, Result = never>(
  receiver: Receiver<V>,
  handler: (
    delivery: Delivery<V>,
    event: Event,
    context: Context,
  ) => Result | undefined | void | Promise<Result | undefined | void>,
  options?: WebhookOptions<Event>,
): (event: Event, context: Context) => Promise<NonNullable<Result> | HttpResult>
