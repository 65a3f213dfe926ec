// The types that the adapters of all frameworks share.

import type { Claim, ClaimOutcome, Delivery, Rejection, RejectionOf, ReplayKey, Vendor } from '../index.cjs'
import type { PutOutcome } from './inbox.cjs'

/** What became of a delivery. */
export type DeliveryOutcome =
  /** The handler ended without an exception and with a status below 400. */
  | 'handled'
  /** The handler failed, answered 400 or above, its answer broke, or the sender left before the answer. */
  | 'failed'
  /** The inbox has stored it. */
  | 'stored'
  /** It was handled or stored before. */
  | 'duplicate'
  /** Another request handles it. */
  | 'in_progress'
  /** The guard or the inbox is full. */
  | 'full'
  /** The store of the guard or the inbox cannot be used, or the guard's gave no answer within 5 s. */
  | 'unavailable'

/** What an adapter uses of a guard: `ReplayGuard` of `hookseal`, or of `hookseal/redis`. */
export interface Guard {
  claim(key: ReplayKey | undefined): ClaimOutcome | Promise<ClaimOutcome>
  confirm(claim: Claim): boolean | Promise<boolean>
  release(claim: Claim): boolean | Promise<boolean>
}

/** What an adapter uses of an inbox: that of `hookseal/inbox/pg`, or of `hookseal/inbox/sqlite`. */
export interface InboxLike {
  put(delivery: Delivery): Promise<PutOutcome>
}

/** The callbacks of every adapter. One that throws or rejects is reported to `console.error`, and changes no answer. */
export interface Callbacks<V extends Vendor, Request> {
  /**
   * Called with every refused request, also one whose body turned out too large while it was read, or did not arrive
   * whole: the code of that is `unreadable_request`, which no receiver gives. `code`, `vendor`, `source` and `status` of
   * the rejection are fields for a log or a counter, and `message` is for people. By default nothing is called.
   *
   * Its type is that of a method, so that a function that takes a `Rejection` is one.
   */
  onRejection?: { call(rejection: Rejection | RejectionOf<'unreadable_request'>, request: Request): unknown }['call'] | undefined
  /** Called with every accepted delivery and what became of it. By default nothing is called. */
  onDelivery?: ((delivery: Delivery<V>, outcome: DeliveryOutcome) => unknown) | undefined
}

/** The options beside a handler. */
export interface HandlerOptions<V extends Vendor, Request> extends Callbacks<V, Request> {
  /**
   * Recognizes repetitions. By default there is no guard, and the handler gets each repetition. A delivery is claimed
   * before the handler gets it, and confirmed after the handler, before the sender reads its answer. If the handler
   * fails, answers 400 or above, its answer breaks, or the sender leaves before the answer, the claim is released: the
   * next attempt is handled.
   *
   * A repetition is answered with 200, and one whose first request is still being handled with 503 and `Retry-After`.
   * If the guard is full, or its store cannot be used or gives no answer within 5 s, the answer is 503 with
   * `Retry-After: 5`. A claim that succeeds later is released. A confirmation that fails or takes longer is reported to
   * `console.error`.
   *
   * Any object with these methods is a guard. `undefined` means none, and `null` is a TypeError.
   *
   * A receiver with the replay policy `'none'` has no keys to recognize, which is a TypeError.
   */
  guard?: Guard | undefined
}

/** The options in place of a handler. */
export interface InboxOptions<V extends Vendor, Request> extends Callbacks<V, Request> {
  /**
   * Required. Stores each delivery before it is answered: with 202, or with 200 if it was stored before. A worker
   * handles it, see `inbox.work`. If the inbox is full, or its database cannot be used, the answer is 503 with
   * `Retry-After: 5`.
   */
  inbox: InboxLike
}
