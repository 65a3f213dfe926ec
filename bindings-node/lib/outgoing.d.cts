// The types of requests that a program sends to the vendors.

import type { Entity, Event, HeadersLike, Json, Time } from '../index.cjs'

/** Why a request, a value in it, or a client could not be built, as one stable word. */
export type OutgoingErrorCode =
  | 'malformed_host'
  | 'insecure_host'
  | 'malformed_value'
  | 'malformed_json'
  | 'unknown_member'
  | 'repeated_member'
  | 'missing_member'
  | 'other_vendor'
  | 'nothing_named'
  | 'user_token_needed'
  | 'other_entity_type'
  | 'too_little_randomness'

/**
 * A request, a value in it, or a client could not be built: nothing was sent. The message says what to change, and
 * holds nothing of the value. A value or an option of another type is a plain TypeError.
 */
export class OutgoingError extends TypeError {
  private constructor()
  readonly code: OutgoingErrorCode
}

/** Why a vendor's answer is no success, as one stable word. */
export type RefusalCode =
  | 'bad_request'
  | 'unauthorized'
  | 'blocked'
  | 'not_found'
  | 'already_exists'
  | 'rate_limited'
  | 'timed_out'
  | 'server_error'
  | 'redirected'
  | 'unexpected_answer'
  | 'no_answer'

/**
 * Why an answer is no success, whether it is final, and if not, when to try again. The message says what to do, and
 * holds nothing of the answer.
 */
export class Refusal extends Error {
  private constructor()
  readonly code: RefusalCode
  /** The status of the answer, or null if there was none. */
  readonly status: number | null
  /** Whether the same request would be refused again. If not, `retryInSeconds` says when to send it. */
  readonly isFinal: boolean
  /**
   * Whether the vendor may have done what was asked all the same. To send the request again may then do it twice,
   * unless it is repeatable: see `request.isRepeatable`. What one attempt may have done, no later answer takes back:
   * remember it across attempts.
   */
  readonly mayBeDone: boolean
  /** There was no answer, or only a part of one. */
  static noAnswer(): Refusal
  /**
   * The seconds to wait before the request is sent again, or null if the refusal is final.
   *
   * `attempt` counts the attempts so far, from 1: the wait is 1 s, 2 s, 4 s, up to 300 s. `jitter` is a random number
   * from 0 to 1, such as `Math.random()`: this part of the wait is added, so that many senders do not return at once. A
   * longer `Retry-After` of the answer is the wait; one of more than a day counts as a day.
   */
  retryInSeconds(attempt: number, jitter: number): number | null
}

/**
 * A secret in memory that JavaScript cannot reach, and that is wiped. It is taken wherever this namespace takes a
 * secret. It shows nothing of itself, and no two secrets are equal.
 */
export class Secret {
  #private
  private constructor()
  /** A new Buffer with the bytes, to store or to hand to a receiver. Nobody wipes it. */
  expose(): Uint8Array
}

/** A secret. An obvious mistake, such as an empty one or the word `undefined`, is a TypeError. */
export type GivenSecret = string | Uint8Array | Secret

/** The longest body of an answer that is read, in bytes. Let the HTTP client read no more than one byte above it. */
export const MAX_ANSWER_BYTES: number

/** The endpoints of Bento that it counts together. */
export type EndpointGroup = 'batch' | 'fetch' | 'track'

/** A value of which a request sends several. */
export type BentoValue = BentoEvent | BentoSubscriber | BentoEmail

/** The bytes of a body, in memory that no other thread shares. */
export type Bytes = InstanceType<typeof Uint8Array>

/**
 * A request to a vendor: hand its parts to any HTTP client, then hand the answer to `read`. The type parameter is what
 * the vendor answers.
 *
 * The client must send exactly these bytes, must follow no redirect, and should give up after some time. If there is no
 * answer, or only a part of one, the result is `Refusal.noAnswer()`. `fetch` takes no body with a `GET`.
 *
 * Headers and body may hold secrets. Neither `console.log` nor `JSON.stringify` shows them. A request cannot be copied:
 * `structuredClone` and `postMessage` throw. So they do for values, clients, secrets and rate limits.
 */
export class Outgoing<out Answer> {
  #private
  private constructor()
  /** The method in capital letters. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** The absolute URL. It holds no secret. */
  readonly url: string
  /** Names in lower case, without `host` and `content-length`, which a client adds. A new object at each access. */
  readonly headers: Record<string, string>
  /** JSON, or empty. A new Buffer at each access. */
  readonly body: Bytes
  /** The given values that it sends. Empty for a request that sends none. */
  readonly values: readonly (Answer extends Sent<infer Value> ? Value : Answer extends Tracked ? BentoEvent : never)[]
  /** Which calls Bento counts it with. Null for the other vendors. */
  readonly group: Answer extends Sent | Commanded | Tracked
    ? EndpointGroup
    : Answer extends Subscribed | Done | LookedUp | BentiWebhook | BentiWebhooks
      ? null
      : EndpointGroup | null
  /**
   * Whether sending the request a second time does no more than sending it once: the vendor recognizes the repetition,
   * or nothing changes. If not, do not send it again after a refusal with `mayBeDone`, unless a person has looked.
   *
   * | request | repeatable |
   * |---|---|
   * | reads, lists, updates and deletions | yes |
   * | Benji's `subscribe` | yes: the repetition is refused as `already_exists`, without the salt |
   * | Benti's `create` | no: look with `list` |
   * | Bento's events | if each has `details.unique.key` |
   * | Bento's subscribers | yes: the address is recognized |
   * | Bento's e-mails | no: each would be sent again |
   * | Bento's commands | yes, but for `add_tag_via_event` and `change_email` |
   */
  readonly isRepeatable: boolean
  /**
   * Reads the answer: its status, its headers in any form that `receive` takes, and the bytes of its body. A body of
   * more than `MAX_ANSWER_BYTES` is not read.
   *
   * Throws a {@link Refusal} if the status is not 200 to 299, or if the body of a success has another form than the
   * vendor's. A body that was parsed or is text is a TypeError.
   */
  read(status: number, headers: HeadersLike, body: Uint8Array | ArrayBuffer): Answer
  toJSON(): { method: string; url: string }
}

/** Benji created or changed a subscription. */
export class Subscribed {
  #private
  private constructor()
  /** The salt of its signatures, if the answer has it. `salt.expose()` gives the bytes to store. */
  readonly salt: Secret | null
}

/** The vendor did what was asked, and its answer says no more. */
export class Done {
  #private
  private constructor()
}

/** What a webhook of Benji names, as Benji gives it. `console.log` shows its length only. */
export class LookedUp {
  #private
  private constructor()
  /** The object, parsed as `event.data` is: an integer outside of ±(2^53 − 1) is its decimal text. */
  readonly data: { [key: string]: Json }
  /** The object as it came. */
  toJson(): string
}

/**
 * A webhook as Benti lists it.
 *
 * The vendor documents only that a created webhook is answered with its uuid. So an id is read from the member `uuid`
 * or `id` of an object, or of the object `data` in it, from a JSON text, and from an answer that is the bare uuid.
 */
export class BentiWebhook {
  #private
  private constructor()
  /** Its uuid. */
  readonly id: string
  /** Its item, such as `ticket`, if the answer has it. */
  readonly item: string | null
  /**
   * The URL that it calls, if the answer has it. It can hold a secret, so neither `console.log` nor `JSON.stringify`
   * shows it.
   */
  readonly url: string | null
  toJSON(): { id: string; item: string | null }
}

/** The webhooks that Benti lists. */
export class BentiWebhooks {
  #private
  private constructor()
  /** Those that have an id, in their order. */
  readonly webhooks: readonly BentiWebhook[]
  /** How many elements of the list have none. */
  readonly malformed: number
}

/**
 * Bento's answer to values that were sent: how many it accepted and refused.
 *
 * | answer | meaning here |
 * |---|---|
 * | `results` is the number of values | all are accepted |
 * | `results` is 0 and `failed` the number of values | all are handed back |
 * | fewer `results` in any other way | Bento does not say which: all are handed back, and the answer is undecided |
 * | more than the number of values | another form than Bento's: the refusal `unexpected_answer` |
 *
 * An answer counts what it did with this call. If an earlier attempt may be done, the values that are handed back may
 * have been accepted then.
 */
export class Sent<out Value extends BentoValue = BentoValue> {
  #private
  private constructor()
  /** How many values Bento says that it accepted. */
  readonly accepted: number
  /** How many values Bento refused, or did not count. */
  readonly failed: number
  /** The values that Bento refused, or may have refused: the given objects. Empty if all are accepted. */
  readonly handedBack: readonly Value[]
  /**
   * Whether Bento may have accepted some of the values that are handed back, without saying which. Send them again only
   * if each `isRepeatable`. Otherwise ask a person.
   */
  readonly isUndecided: boolean
}

/** Bento's answer to a command. A command that Bento counts as failed is the refusal `bad_request`. */
export class Commanded {
  #private
  private constructor()
  /** The number that Bento answered: how many subscribers the command changed. */
  readonly results: number
}

/** Bento's webhook endpoint took the events. What it answers is not documented, so any status from 200 to 299 counts. */
export class Tracked {
  #private
  private constructor()
}

export interface BenjiClientOptions {
  /** Required: the base address of the service of notifications, which has the subscriptions. */
  notificationsHost: string
  /** Required: the base address of the service of users. */
  usersHost: string
  /** Required: the base address of the service of campaigns. */
  campaignsHost: string
  /** Required: the base address of the service of transactions. */
  transactionsHost: string
  /** Sends keys as `Authorization: Bearer`, as older copies of Benji's pages have it. By default false: as `x-api-key`. */
  bearer?: boolean | undefined
}

export interface SubscriptionOptions {
  /** The entity type whose events are sent. By default those of all types. */
  entityType?: 'user' | 'campaign' | 'transaction' | undefined
  /** The one event that is sent, such as `transaction_created`. By default all of the entity type. */
  event?: string | undefined
}

export interface FollowUpOptions {
  /** The access token of the user whom the event names. By default there is none: an event of a user needs it. */
  userToken?: GivenSecret | undefined
}

/**
 * Requests to Benji: subscriptions, and what a webhook names.
 *
 * The vendor's pages of 2026 name staging hosts only, so no host has a default. Each is an absolute URL, `https` except
 * for loopback.
 */
export class Benji {
  #private
  constructor(partnerKey: GivenSecret, options: BenjiClientOptions)
  /** Creates a subscription. The endpoint is an `https` URL. The answer has the salt only if Benji sends it. */
  subscribe(endpoint: string, options?: SubscriptionOptions): Outgoing<Subscribed>
  /** Changes the endpoint of a subscription. */
  update(endpoint: string, options?: SubscriptionOptions): Outgoing<Subscribed>
  /** Deletes a subscription. */
  unsubscribe(options?: SubscriptionOptions): Outgoing<Done>
  /**
   * Reads what an event names: a user, a campaign or a transaction. A user is read with the user's own access token, the
   * rest with the partner's key. A `userToken` that is not needed is not sent.
   */
  followUp(event: Event, options?: FollowUpOptions): Outgoing<LookedUp>
  /** Whose key `followUp` needs for this event. */
  static keyFor(event: Event): 'partner' | 'user'
}

/** What a webhook of Benti is about. */
export type BentiItem = Extract<Entity, 'alert' | 'ticket' | 'reply' | 'user' | 'media' | 'classification' | 'queue'>

export interface BentiClientOptions {
  /** Required: the key of the API. */
  apiKey: GivenSecret
  /** Required: the access token. It expires: the refusal `unauthorized` means that a new one is due. */
  token: GivenSecret
}

/**
 * Requests for the webhooks of Benti's API.
 *
 * Benti checks a new webhook with a `GET` that arrives before the answer to `create`. So let the receiver run with the
 * secret before the request is sent.
 */
export class Benti {
  #private
  /** The base address comes from `GET /v1/apis` on the vendor's authorization host. */
  constructor(base: string, options: BentiClientOptions)
  /** A secret for a new webhook, from at least 32 bytes of randomness, such as `crypto.randomBytes(32)`. */
  static newSecret(randomness: Uint8Array): Secret
  /** Creates a webhook. The URL is `https`. */
  create(item: BentiItem, url: string, secret: GivenSecret): Outgoing<BentiWebhook>
  /** Lists the webhooks. */
  list(): Outgoing<BentiWebhooks>
  /** Changes a webhook. While the secret changes, let the receiver's ring hold both. */
  update(id: string, item: BentiItem, url: string, secret: GivenSecret): Outgoing<Done>
  /** Deletes a webhook. */
  delete(id: string): Outgoing<Done>
}

export interface BentoClientOptions {
  /** The base address of the API. By default `https://app.bentonow.com/api/v1`. */
  apiHost?: string | undefined
  /** The base address of the webhook endpoint. By default `https://track.bentonow.com`. */
  trackHost?: string | undefined
  /** The `User-Agent`. By default `hookseal/<version>`. Bento's firewall blocks requests without one. */
  userAgent?: string | undefined
  /** Sends `site_uuid` in the query, as Bento's page has it. By default false: in the body, as its Node client does. */
  siteUuidInQuery?: boolean | undefined
}

/**
 * Requests to Bento's API and to its webhook endpoint.
 *
 * Each call takes any number of values and gives as many requests as Bento's limits need: 1,000 events, 1,000
 * subscribers or 60 e-mails each. No values give no request.
 */
export class Bento {
  #private
  constructor(publishableKey: string, secretKey: GivenSecret, siteUuid: string, options?: BentoClientOptions)
  /** Requests that track events, of at most 1,000 each. */
  events(events: Iterable<BentoEvent>): Outgoing<Sent<BentoEvent>>[]
  /** Requests that import or update subscribers, of at most 1,000 each. They start no automations. */
  subscribers(subscribers: Iterable<BentoSubscriber>): Outgoing<Sent<BentoSubscriber>>[]
  /** Requests that send e-mails, of at most 60 each. */
  emails(emails: Iterable<BentoEmail>): Outgoing<Sent<BentoEmail>>[]
  /** A request that runs a command on one subscriber. */
  command(command: BentoCommand): Outgoing<Commanded>
  /**
   * Requests that track events through the webhook endpoint, of at most 1,000 each, without credentials. Bento shows the
   * source, such as `pos` or `billing`.
   */
  webhook(source: string, events: Iterable<BentoEvent>): Outgoing<Tracked>[]
}

/** Text, a number, true, false or null. A bigint keeps its digits; NaN and infinite numbers are refused. */
export type Scalar = string | number | bigint | boolean | null

/** The members of a value are read as `JSON.stringify` reads them. A member that is undefined is left out. */
export interface BentoEventMembers {
  /** One line of text. */
  type: string
  /** An e-mail address. */
  email: string
  /** Fields of the subscriber. By default absent. */
  fields?: { readonly [name: string]: Scalar | undefined } | null | undefined
  /**
   * What happened, as any JSON. By default absent. A `$purchase` needs `unique.key` (text or an integer), by which Bento
   * counts it once, and `value` with `currency` (three capital letters) and `amount` in cents, from 0 to 2^53.
   */
  details?: object | null | undefined
  /** A date and time of RFC 3339, or a Date. By default absent. */
  date?: string | Date | undefined
}

/** An event about a subscriber. */
export class BentoEvent {
  #private
  /** Checks the members. Throws an {@link OutgoingError}. */
  constructor(members: BentoEventMembers)
  /** Takes one JSON object. Its members keep their order and its numbers their digits. */
  static fromJson(json: string): BentoEvent
  /** Whether Bento recognizes a repetition: whether it has a `details.unique.key`. */
  readonly isRepeatable: boolean
  /** The JSON object as it is sent: one line. `fromJson` takes it, such as after a queue. */
  toJson(): string
  /** The members. Throws a TypeError if JavaScript would change a number: `toJson` keeps all of them. */
  toJSON(): { [key: string]: Json }
}

export interface BentoSubscriberMembers {
  /** An e-mail address. */
  email: string
  /** Tags to add: text with commas between them, or a list. By default absent. */
  tags?: string | readonly string[] | undefined
  /** Tags to remove. By default absent. */
  remove_tags?: string | readonly string[] | undefined
  /** A field of the site. */
  [field: string]: Scalar | readonly string[] | undefined
}

/** A subscriber to import or to update. Bento recognizes a subscriber by the address. */
export class BentoSubscriber {
  #private
  /** Checks the members. Throws an {@link OutgoingError}. */
  constructor(members: BentoSubscriberMembers)
  /** Takes one JSON object. Its members keep their order and its numbers their digits. */
  static fromJson(json: string): BentoSubscriber
  /** Always true: Bento recognizes a subscriber by the address. */
  readonly isRepeatable: boolean
  /** The JSON object as it is sent: one line. `fromJson` takes it, such as after a queue. */
  toJson(): string
  /** The members. Throws a TypeError if JavaScript would change a number: `toJson` keeps all of them. */
  toJSON(): { [key: string]: Json }
}

export interface BentoEmailMembers {
  /** One e-mail address. */
  to: string
  /** One e-mail address. */
  from: string
  /** One line of text. */
  subject: string
  html_body: string
  /** Whether it is sent even to those who have unsubscribed. */
  transactional: boolean
  /** Values for the placeholders of the text. By default absent. */
  personalizations?: { readonly [name: string]: Exclude<Scalar, null> | undefined } | undefined
}

/** An e-mail to send. Bento documents no key by which it recognizes a repeated one. */
export class BentoEmail {
  #private
  /** Checks the members. Throws an {@link OutgoingError}. */
  constructor(members: BentoEmailMembers)
  /** Takes one JSON object. Its members keep their order and its numbers their digits. */
  static fromJson(json: string): BentoEmail
  /** Always false: the e-mail would go out again. */
  readonly isRepeatable: boolean
  /** The JSON object as it is sent: one line. `fromJson` takes it, such as after a queue. */
  toJson(): string
  /** The members. Throws a TypeError if JavaScript would change a number: `toJson` keeps all of them. */
  toJSON(): { [key: string]: Json }
}

/** A command, the address of the subscriber, and what the command needs. */
export type BentoCommandMembers =
  | { command: 'add_tag' | 'add_tag_via_event' | 'remove_tag' | 'remove_field'; email: string; query: string }
  | { command: 'add_field'; email: string; query: { key: string; value: Scalar } }
  | { command: 'subscribe' | 'unsubscribe'; email: string; query?: undefined }
  /** The query is the new address. */
  | { command: 'change_email'; email: string; query: string }

/** A command on one subscriber. */
export class BentoCommand {
  #private
  /** Checks the members. Throws an {@link OutgoingError}. */
  constructor(members: BentoCommandMembers)
  /** Takes one JSON object. Its members keep their order and its numbers their digits. */
  static fromJson(json: string): BentoCommand
  /** Whether a repetition changes nothing: not with `add_tag_via_event`, which makes an event, and `change_email`. */
  readonly isRepeatable: boolean
  /** The JSON object as it is sent: one line. `fromJson` takes it, such as after a queue. */
  toJson(): string
  /** The members. Throws a TypeError if JavaScript would change a number: `toJson` keeps all of them. */
  toJSON(): { [key: string]: Json }
}

/**
 * Counts the calls of each group of Bento's endpoints, and says when the next one may go: at most 100 in any 60 seconds.
 *
 * It counts the calls of one program: share one `RateLimit` among all that send for a site, and honour an answer 429 all
 * the same. A clock that runs back does no harm. One that jumps ahead lets calls go too early: for a steady clock give
 * `performance.timeOrigin + performance.now()` as `now`.
 */
export class RateLimit {
  #private
  constructor()
  /**
   * Counts one call that goes now, such as of `request.group`, and returns null. Otherwise it returns the seconds to
   * wait, and counts nothing. Without `now` the time is that of this machine's clock.
   */
  take(group: EndpointGroup, now?: Time): number | null
}
