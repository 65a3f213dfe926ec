// The types of the package.

import type {
  Action, Coverage, Entity, IdOrigin, Kind, Payloads, RecordErrorCode, RejectionCode, SignatureEncoding, Vendor,
} from './lib/words.cjs'

export type * from './lib/words.cjs'

/** All vendors, entities and actions, and the kinds that events have. */
export const VENDORS: readonly Vendor[]
export const ENTITIES: readonly Entity[]
export const ACTIONS: readonly Action[]
export const KINDS: readonly Kind[]

/** JSON as `event.data` holds it. A number that JavaScript cannot hold is its own text. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** An object of any JSON. */
export type JsonObject = { [key: string]: Json }

/** Milliseconds since 1970, or a Date. Seconds are a RangeError. */
export type Time = number | Date

/**
 * The bytes that sender and receiver share. They are used exactly as they are, never trimmed or decoded. A string is
 * encoded as UTF-8.
 *
 * An obvious mistake is a TypeError: a secret without bytes, or of only white space or NUL, a word such as `undefined`,
 * a string with half of a surrogate pair, and memory that is shared with other threads.
 */
export type Secret = string | Uint8Array

/** One secret or key, or a ring of at most 16 of them while an old one is replaced. */
export type Keys = Secret | Key | ReadonlyArray<Secret | Key>

export interface KeyOptions {
  /** The id that `delivery.keyId` shows. By default it is the key's position in the ring. */
  id?: string | undefined
  /** The first millisecond in which the key is valid. By default it has been valid ever since. */
  notBefore?: Time | undefined
  /** The last millisecond in which the key is valid. By default it is valid without end. */
  notAfter?: Time | undefined
  /**
   * By default false. Set it if the secret really starts or ends with white space or a line break, starts with a byte
   * order mark, or is enclosed in quotes. In any other key a receiver refuses such a secret, because it comes from the
   * way in which the secret was copied or read. No header can carry white space at an end, so there the option helps
   * only Benji's salts and Basic passwords.
   */
  exact?: boolean | undefined
}

/**
 * A secret with an id and a period of validity, for a ring of several keys. The secret cannot be read again, and
 * nothing can be changed.
 */
export class Key {
  constructor(secret: Secret, options?: KeyOptions)
  readonly id: string | undefined
  /** A new Date at each access, like `notAfter`. */
  readonly notBefore: Date | undefined
  readonly notAfter: Date | undefined
  toJSON(): { id: string | undefined; notBefore: Date | undefined; notAfter: Date | undefined }
}

/**
 * How old a request may be, and how far ahead of this machine's clock. Both sides are in whole seconds from 0, and
 * inclusive. Both have to be given.
 */
export interface Window {
  readonly past: number
  readonly future: number
}

/**
 * The options that every receiver has. An option that is `undefined` has its default, except `idKey`. An unknown option
 * or a value of another type is a TypeError, and a number out of its range a RangeError.
 */
export interface ReceiverOptions {
  /**
   * The largest body to accept, in bytes, from 1 to 2^31. By default 64 KiB for Benji, 1 MiB for Benti, 4 MiB for
   * Bento. A larger one is refused as `payload_too_large`.
   */
  maxBodyBytes?: number | undefined
  /**
   * The most events to accept in a delivery, from 1 to 2^31. By default 10,000. More are refused as `too_many_events`.
   */
  maxEvents?: number | undefined
  /**
   * The most lists and objects that may be open at once, from 1 to 127. By default 127. A deeper payload is refused as
   * `malformed_payload`.
   */
  maxDepth?: number | undefined
  /**
   * The most characters to accept in a number, from 1 to 2^31. By default 1,000. An element with a longer one is
   * listed as malformed. If it is outside of a list, the delivery is refused as `malformed_payload`.
   */
  maxNumberLength?: number | undefined
  /**
   * The source that events name, a URI reference. By default `urn:hookseal:<vendor>`. Another source gives other
   * derived ids and other replay keys, so a delivery that was handled before the change is new after it.
   */
  source?: string | undefined
  /** How the receiver recognizes a repeated delivery. By default `'default'`, and `'none'` gives no replay keys. */
  replayPolicy?: ReplayPolicy | undefined
  /**
   * How long to keep replay keys, in seconds from 1 to 2^32 - 1. By default the time in the table of
   * {@link ReplayPolicy}. A retention shorter than the window lets a replay through once the retention has ended.
   */
  replayRetentionSeconds?: number | undefined
  /**
   * Makes ids and replay keys with HMAC-SHA256 under an id key of your own: at least 32 random bytes, and no secret of
   * the vendor. By default there is none.
   *
   * Without an id key, ids and replay keys are digests of what was received: whoever reads one, in a log or a table,
   * can test guesses of a Benti or Bento body against it. With an id key, only its holder can. Benji's ids and replay
   * keys are then made from the signed message instead of the signature, so they survive a rotation of the salt.
   * Another id key gives other ids and replay keys.
   *
   * An `idKey` that is set to `undefined` is a TypeError.
   */
  idKey?: Secret
}

/**
 * How a receiver recognizes that two deliveries are the same. A receiver has one policy.
 *
 * | | `'default'` | kept | `'strict'` | kept |
 * |---|---|---|---|---|
 * | Benji, time signed | signature | past + future + 1 s (601 s by default); 24 h with the window off | signature | as with `'default'` |
 * | Benji, body alone signed | signature and date in whole seconds | past + future + 1 s (601 s by default); 24 h without a date or with the window off | signature | without end |
 * | Benti | body | 24 h | body | 24 h |
 * | Bento | body | 300 s | body | 24 h |
 *
 * The time runs from the first acceptance, in a guard from the confirmation, and a repetition does not extend it. Once
 * it has ended, an equal key is new.
 *
 * Where Benji signs the body alone, whoever captured a request can replay it with other dates inside the window. With
 * `'default'`, each second of the date gives another key: 601 at one time with the default window. `'strict'`
 * recognizes each of these replays as long as the key is kept, but takes two genuine updates with the same body for
 * one. The keys of Benti and Bento stop nobody who knows the secret: one other byte in the body makes another key.
 *
 * With `'none'` there is no replay key: every delivery counts as new.
 */
export type ReplayPolicy = 'default' | 'strict' | 'none'

export interface BenjiOptions extends ReceiverOptions {
  /**
   * How old a request may be, and how far ahead of this machine's clock, in seconds. By default 300 each. `'off'`
   * accepts every date.
   *
   * Benji sends the date of the event. A retry that comes later than the window is therefore refused as `stale`.
   */
  window?: Window | 'off' | undefined
  /** Accepts signatures in this encoding only. By default hexadecimal, base64 and base64url are accepted. */
  signatureEncoding?: SignatureEncoding | undefined
  /**
   * By default false. Refuses every request without `x-benji-timestamp`, also a genuine one, with `missing_timestamp`:
   * its signature covers the body alone. Nobody can then replay a request with another date.
   *
   * Set it once `delivery.assurance.time` is `'signed'` for every delivery of all salts. Together with
   * `allowMissingDate` it is a TypeError.
   */
  requireSignedTime?: boolean | undefined
  /**
   * By default false. Accepts a request without a date. Its age is then unknown: anybody who has read a request once
   * can replay it without a date for ever. Set `replayPolicy` to `'strict'`.
   */
  allowMissingDate?: boolean | undefined
}

export interface BentiOptions extends ReceiverOptions {
  /**
   * How old the newest event of a delivery may be, and how far ahead of this machine's clock, in seconds. By default
   * `'off'`: whoever can send a request can also write its times.
   */
  window?: Window | 'off' | undefined
  /** The offset of times without a zone, in minutes east of UTC, from -1,439 to 1,439. By default 0. */
  utcOffsetMinutes?: number | undefined
  /**
   * By default false. Answers a handshake without the secret. Set it only while a webhook of an instance is being
   * created. A wrong secret is still refused.
   */
  allowUnsignedHandshake?: boolean | undefined
}

/**
 * The options of a Bento receiver, with exactly one kind of credentials: those that you gave to the senders. There is
 * no default.
 *
 * - `basic` expects `Authorization: Basic` with this user, which holds no colon, and one of the keys as the password.
 * - `bearer` expects `Authorization: Bearer` with one of the keys.
 * - `header` expects one of the keys as the value of the header with this name.
 */
export type BentoOptions = ReceiverOptions & {
  /**
   * Refuses a workflow webhook that has neither a text `event` nor a text `email`, with `malformed_payload`. By default
   * every JSON object is accepted, also `{}`, as a `workflow.other`: a workflow's operator chooses the form of its
   * webhook, and form services post objects of their own.
   */
  requireEventOrEmail?: boolean | undefined
} & (
    | { basic: { user: string; keys: Keys }; bearer?: undefined; header?: undefined }
    | { bearer: Keys; basic?: undefined; header?: undefined }
    | { header: { name: string; keys: Keys }; basic?: undefined; bearer?: undefined }
  )

/**
 * Headers in any of the usual forms: Node's `request.rawHeaders`, which shows repeated headers; Node's
 * `request.headers`, which hides them; Web `Headers`, which join them; an object; pairs.
 *
 * A value of `undefined` is an absent header. If a header that the receiver reads has another value that is not text,
 * such as null or a list in a list, that is a TypeError.
 */
export type HeadersLike =
  | { readonly [name: string]: string | readonly string[] | undefined }
  | readonly string[]
  | HeaderPairs
  | WebHeaders

/** Pairs of a name and one value or a list of values. `URLSearchParams` are excluded. */
export interface HeaderPairs extends Iterable<readonly [string, string | readonly string[]]> {
  readonly getAll?: never
}

/** The part of Web `Headers` that hookseal uses. `URLSearchParams` are excluded. */
export interface WebHeaders {
  get(name: string): string | null
  append(name: string, value: string): void
  readonly sort?: never
}

/** The head of a request. */
export interface Head {
  /** The method in upper case, as in HTTP. */
  readonly method: string
  readonly headers: HeadersLike
}

/**
 * A request with its raw body, from before any parser. A handshake needs no body.
 *
 * The parts count if they are properties of the object itself or of its class, never of `Object.prototype`. Headers in
 * an object count only if they are properties of that object itself.
 */
export interface WebhookRequest extends Head {
  readonly body?: Uint8Array | ArrayBuffer | null | undefined
}

/** The result for an accepted request. Only Benti sends handshakes. */
export type Received<V extends Vendor = Vendor> = Delivery<V> | (V extends 'benti' ? Handshake : never)

/** A receiver for one endpoint: its vendor, its keys, and the requests that it accepts. */
export class Receiver<V extends Vendor = Vendor> {
  private constructor()
  /** A receiver for Benji's webhooks. The keys are the salts of the subscriptions, exactly as Benji shows them. */
  static benji(keys: Keys, options?: BenjiOptions): Receiver<'benji'>
  /** A receiver for Benti's webhooks. The keys are the secrets that were given to Inbenta. */
  static benti(keys: Keys, options?: BentiOptions): Receiver<'benti'>
  /** A receiver for Bento's requests. */
  static bento(options: BentoOptions): Receiver<'bento'>
  /** The vendor whose webhooks it receives. */
  readonly vendor: V
  /** The largest accepted body in bytes. There is no use in reading more than this from the network. */
  readonly bodyLimit: number
  /**
   * Checks a request and reads it. `now` is for tests, and for a stored request, which is checked with its time of
   * arrival. By default it is the time of this machine.
   *
   * Throws a {@link Rejection} if the request is refused: answer with its `status` and `headers`. Nothing that a sender
   * can put in a request throws another error. A mistake of the program does: a TypeError for a body that is not raw
   * bytes, headers of an unknown form, or no method, and a TypeError or RangeError for a `now` that is no time.
   */
  receive(request: WebhookRequest, now?: Time): Received<V>
  /**
   * Checks a request and reads it. Returns a {@link Rejection} if the request is refused. It has no stack, and costs a
   * tenth of a thrown one. Throws only what `receive` throws for a mistake of the program.
   */
  tryReceive(request: WebhookRequest, now?: Time): Received<V> | Rejection
  /** The {@link Rejection} that method and headers alone give, before the body is read. `receive` checks them again. */
  checkHead(head: Head): Rejection | undefined
  /**
   * The ids of the keys that have ended, or end in at most `within` seconds after `now`, in the order of the ring. A key
   * without `notAfter` never ends. `undefined` means now. A `within` below 0 or with a fraction is a RangeError.
   *
   * Ask it once a day, say, and log what it names: when the last valid key has ended, every request is refused.
   */
  expiring(now: Time | undefined, within: number): string[]
}

/**
 * The events of an authenticated request. Iterate over it to get them. Only a receiver makes one.
 *
 * Send `toRecord()` to another thread or process: `structuredClone` and `postMessage` of a delivery throw. Two
 * deliveries with the same `toRecord()` are deep-equal for `node:assert`.
 */
export class Delivery<V extends Vendor = Vendor> implements Iterable<Event<V>> {
  private constructor()
  readonly outcome: 'delivery'
  /** The vendor that sent it. */
  readonly vendor: V
  /** The id of the key that matched: as configured, or its position in the ring. */
  readonly keyId: string
  /** The parts that the vendor's signature covers. */
  readonly assurance: Assurance
  /** The time of the delivery: Benji's date, the newest time of Benti's events, or none for Bento. */
  readonly time: Date | undefined
  /** When it was received: the `now` of the check. */
  readonly receivedAt: Date
  /** False: it was received. A {@link Recorded} was read from a record. */
  readonly isRecorded: false
  /** The body as it was received, as a copy in a Buffer: what is done to it changes no event. */
  readonly body: Uint8Array
  /** The number of events that could be read. */
  readonly length: number
  /** The elements that could not be read, in order. The others are not affected. */
  readonly malformed: readonly Malformed[]
  [Symbol.iterator](): IterableIterator<Event<V>>
  /**
   * The key by which a guard recognizes a repetition of this delivery. `undefined` if the receiver's
   * {@link ReplayPolicy} is `'none'`. The policy is an option of the receiver: an argument here is a TypeError.
   *
   * A key that is stored before the handler has succeeded loses the event if the handler fails: claim it first, and
   * confirm it afterwards.
   */
  replayKey(): ReplayKey | undefined
  /**
   * The delivery as one line of JSON, to store it, or to hand it to another process in any language, which opens it
   * with {@link fromTrustedRecord}.
   *
   * A record has the whole body, and no secret and no signature: nobody can make a request of it. It is not signed
   * either. Whoever can write where records are kept can write any record.
   */
  toRecord(): string
  /**
   * The events as a batch of CloudEvents 1.0: a JSON array in one line of text. Send it with the content type
   * `application/cloudevents-batch+json`.
   */
  toCloudevents(): string
  /** The events, each as its `toObject` gives it. */
  toJSON(): EventObject<V>[]
}

/**
 * A delivery that was read from a record. It has the events, ids and replay keys of the delivery that was recorded. It
 * is not a {@link Delivery}, because it is as trustworthy as the place where the record was kept: only a {@link Receiver}
 * can prove where a request comes from.
 */
export class Recorded<V extends Vendor = Vendor> implements Iterable<Event<V>> {
  private constructor()
  readonly vendor: V
  /** The source that its events name. */
  readonly source: string
  /** The id of the key that matched when it was received. */
  readonly keyId: string
  /** What the vendor's signature covered when it was received. */
  readonly assurance: Assurance
  /** As that of the delivery. */
  readonly time: Date | undefined
  /** When it was received. */
  readonly receivedAt: Date
  readonly isRecorded: true
  /** The body as it was received, as a copy in a Buffer: what is done to it changes no event. */
  readonly body: Uint8Array
  /** The number of events that could be read. */
  readonly length: number
  /** The elements that could not be read, in order. The others are not affected. */
  readonly malformed: readonly Malformed[]
  [Symbol.iterator](): IterableIterator<Event<V>>
  /** As that of the delivery. */
  replayKey(): ReplayKey | undefined
  /** The record again, to hand it on. */
  toRecord(): string
  /**
   * The events as a batch of CloudEvents 1.0: a JSON array in one line of text. Send it with the content type
   * `application/cloudevents-batch+json`.
   */
  toCloudevents(): string
  /** The events, each as its `toObject` gives it. */
  toJSON(): EventObject<V>[]
}

/**
 * Opens a record that `toRecord` made, in any language. Call it only for records from a place where nobody else can
 * write: a record is not signed, and everything that it says is believed. The body is read again, with the limits of
 * the receiver that recorded it. Bytes are read as UTF-8.
 *
 * Throws a {@link RecordError}: a record that was cut or edited gives no event.
 */
export function fromTrustedRecord(record: string | Uint8Array): Recorded

/** Why a record could not be opened. The message shows nothing of the record. */
export class RecordError extends Error {
  private constructor()
  readonly code: RecordErrorCode
  /** Of a `newer_record`: its version. A newer hookseal can open it: leave it where it is. */
  readonly version: number | undefined
}

/**
 * Remembers which deliveries are being handled, and which have been handled.
 *
 * A handler first claims the delivery's key. When it has succeeded it confirms the claim; when it has failed it
 * releases it, so that a repetition is handled. Only a confirmed key is a duplicate. A claim that is neither confirmed
 * nor released, because the process hangs or is slow, ends after the lease.
 *
 * A guard has no thread and no timer. It remembers keys for one thread of one process: each worker has its own, and
 * cannot see those of the others. `hookseal/redis` has a guard that processes share. It takes 40 bytes for each key of
 * its capacity, and never forgets a key before its lease or retention ends: when no place is left it says `'full'`.
 * Claims, confirmations and releases take constant time, whatever the number of keys. (If one guard serves receivers of
 * more than six different retentions, or the clock is set back again and again, some take longer.)
 *
 * ```js
 * const guard = new ReplayGuard({ capacity: 100_000 })
 *
 * const outcome = guard.claim(delivery.replayKey())
 * switch (outcome.outcome) {
 *   case 'claimed':
 *     try {
 *       await handle(delivery)
 *     } catch (error) {
 *       guard.release(outcome.claim)
 *       throw error
 *     }
 *     guard.confirm(outcome.claim)
 *     return 200
 *   case 'duplicate':
 *     return 200
 *   default:
 *     // The sender has to try again.
 *     return 503
 * }
 * ```
 */
export class ReplayGuard {
  constructor(options: ReplayGuardOptions)
  /**
   * Claims a key. Of several callers with equal keys, one gets `'claimed'`. No key, as with the policy `'none'`, or its
   * text is a TypeError. `now` is for tests.
   */
  claim(key: ReplayKey | undefined, now?: Time): ClaimOutcome
  /**
   * Says that the delivery has been handled: until the key's retention ends, counted from `now`, a claim of it gives
   * `'duplicate'`.
   *
   * False if the lease had ended and the key is no longer this claim's: another caller has claimed it, and handles, or
   * has handled, the delivery too; or its place went to another key and no place is left. False also for a claim of
   * another guard. Another call changes nothing, and gives the answer of the first; false after `release`.
   */
  confirm(claim: Claim, now?: Time): boolean
  /**
   * Gives a claim back, because the handler failed: the next claim of the key gets it. False if the lease had ended and
   * the key is no longer this claim's, and for a claim of another guard. Another call changes nothing, and gives the
   * answer of the first; false after `confirm`.
   */
  release(claim: Claim): boolean
  /** How many keys the guard holds. Keys that have ended count until another key needs their place. */
  readonly held: number
  /** The most keys that it holds. */
  readonly capacity: number
}

export interface ReplayGuardOptions {
  /**
   * The most keys at a time, from 1 to 16,777,215. Required. The memory for them is taken at once, 40 bytes for each.
   *
   * A rule: deliveries a second, times the retention in seconds. At 100 a second, Benji's default of 601 s needs 60,100
   * keys, Benti's of 24 h 8,640,000.
   */
  capacity: number
  /** How long a claim lasts, in seconds from 1 to 2^32 - 1: longer than the slowest handler takes. By default 30. */
  leaseSeconds?: number | undefined
  /**
   * 16 random bytes, which nobody who sends may know: with them a sender could choose bodies whose keys make the guard
   * slow. By default they come from the system.
   */
  seed?: Uint8Array | undefined
}

/** The right to handle a delivery. A guard gives it to one caller at a time. */
export class Claim {
  private constructor()
  /** The key that was claimed. */
  readonly key: ReplayKey
}

/** What a guard says of a key. */
export type ClaimOutcome = Claimed | InProgress | Duplicate | Full

/** The key is new, or a claim of it was released or its lease has ended: handle the delivery. */
export interface Claimed {
  readonly outcome: 'claimed'
  readonly claim: Claim
}

/** Another handler has claimed the key. Answer with a status that makes the sender try again, such as 503. */
export interface InProgress {
  readonly outcome: 'in_progress'
  /** When that lease ends, at least 1. */
  readonly secondsLeft: number
}

/** The key was confirmed: the delivery has been handled. Answer as for a delivery that was handled. */
export interface Duplicate {
  readonly outcome: 'duplicate'
}

/**
 * The guard holds as many keys as its capacity allows, and none of them has ended. Answer as for `'in_progress'`, and
 * build the guard with a greater capacity.
 */
export interface Full {
  readonly outcome: 'full'
}

/** Names a delivery or an event to a guard, or to a store of your own. It prints as `value`. */
export interface ReplayKey {
  /** 32 hexadecimal digits. */
  readonly value: string
  /**
   * How long to keep the key, in seconds; `undefined` means for ever. An equal key in that time is a repetition; an
   * equal key after it is new.
   */
  readonly retentionSeconds: number | undefined
  toString(): string
  toJSON(): string
}

/** The parts that the vendor's signature covers. It prints as `body signed, time unsigned, name signed`. */
export interface Assurance {
  readonly body: Coverage
  /** `'signed'` if the request has Benji's `x-benji-timestamp`. */
  readonly time: Coverage
  /** The vendor's own name for each event, and so its kind. */
  readonly name: Coverage
  toString(): string
}

/** An element of a delivery that could not be read. */
export interface Malformed {
  /** The element's position in its delivery, from 0. */
  readonly index: number
  /**
   * The field at fault as a JSON Pointer, such as `/events/3/email`. For numbered objects it has the object's position,
   * not its number.
   */
  readonly path: string
  /** The problem, for the log. It holds no text of the body. */
  readonly message: string
}

/**
 * One thing that happened at the vendor, in the form that all vendors share. It is a frozen view of the body that reads
 * each field when it is asked for it.
 *
 * It is a union of the events of each vendor and kind, so `vendor`, `kind`, `entity` and `action` narrow `data`.
 *
 * Copy `toObject()`, not the event: `structuredClone` and `postMessage` of an event throw, and `{ ...event }` has none of
 * its members. Two events with the same `toJson()` are deep-equal, all others are not.
 */
export type Event<V extends Vendor = Vendor> = { [W in Vendor]: { [K in KindOf<W>]: EventOf<W, K> }[KindOf<W>] }[V]

/** The class of events, for `instanceof`. Only a delivery makes one. */
export const Event: abstract new (made: never) => Event

/** The kinds that events of a vendor have. */
export type KindOf<V extends Vendor> = keyof Payloads[V] & Kind

/** An event of one vendor and of one kind. */
export interface EventOf<V extends Vendor, K extends KindOf<V>> {
  /**
   * An id that is the same in an identical redelivery. It is computed at first use.
   *
   * Only Benji's newer scheme proves an id. In the older scheme the date is not signed, and other dates give other ids,
   * whatever the {@link ReplayPolicy}. Recognize repetitions by `replayKey()`. Whoever can send to a Benti or Bento
   * receiver chooses its ids.
   *
   * In an id from Benti, `%`, `#` and invisible characters are percent-encoded. In a delivery of several elements, `#`
   * and the event's `index` follow the id, except for a Bento event with `details.unique.key`. A derived id is a digest
   * that covers the source too, so a receiver with another `source` gives other ids.
   */
  readonly id: string
  /** Whether the id is the vendor's or was derived. */
  readonly idOrigin: IdOrigin
  /** The event's position in its delivery, from 0. Malformed elements count too. */
  readonly index: number
  /** The vendor that sent it. */
  readonly vendor: V
  /** The source that the receiver gives its events. */
  readonly source: string
  /** The kind, such as `ticket.answered`. */
  readonly kind: K
  /** The thing that the event is about: the first half of its kind. */
  readonly entity: EntityIn<K>
  /** What happened: the second half of its kind. */
  readonly action: ActionIn<K>
  /** The vendor's own name for the event, such as `transaction_created` or `ticket.add`. */
  readonly name: string
  /** Whom or what it happened to. */
  readonly subject: Subject
  /** The ticket that the subject is part of. Only Benti sends it. */
  readonly parent: Subject | undefined
  /** The user who did it. Only Benti sends it. */
  readonly actor: Subject | undefined
  /** When it happened, if the vendor says so; for Benji the delivery's date. */
  readonly time: Date | undefined
  /**
   * Whether the time came without a zone. It was then read as UTC, or for Benti at the receiver's configured offset.
   */
  readonly timeZoneAssumed: boolean
  /**
   * The event's payload parsed. A number that JavaScript cannot hold is its own text: an integer outside of
   * ±(2^53 − 1), or a fraction that would print as another value, such as `9007199254740993.0` and `1e400`. No number is
   * `Infinity` or `NaN`.
   *
   * A sender may name a member `__proto__`. Here it is an ordinary property. But a deep
   * merge of `data` into another object can change `Object.prototype`, and so every object of the program. Copy the
   * members that you know, or merge with a function that leaves this member out.
   *
   * The type is what the vendor documents. Of these members hookseal checks those of which it makes kind, subject,
   * parent, actor and time. A vendor that leaves its documentation sends the others with other types.
   */
  readonly data: Payloads[V][K]
  /** The exact bytes of this event in the body, as a copy in a Buffer. */
  readonly raw: Uint8Array
  /**
   * The key by which a guard recognizes a repetition of this event, for handlers that work event by event. `undefined`
   * if the receiver's {@link ReplayPolicy} is `'none'`. The policy is an option of the receiver: an argument here is a
   * TypeError.
   */
  replayKey(): ReplayKey | undefined
  /**
   * The event as one line of JSON, to store it or to send it on: everything that the properties of an event give, under
   * their names in snake_case. What is absent is `null`, and times are RFC 3339 in UTC. `data` is the event as it was
   * received, without white space between its tokens, so every number is there as it was sent.
   *
   * It is the same in Rust and Python, byte for byte. `core/schemas/event.schema.json` in the repository describes it.
   */
  toJson(): string
  /**
   * The object of `toJson` as a new object, with `data` as in the property `data`.
   *
   * With `exactNumbers`, by default false, each number in `data` with a fraction or an exponent is its own text, so
   * `1.50` keeps its zero.
   */
  toObject(options?: { exactNumbers?: boolean }): EventObjectOf<V, K>
  /** As `toObject`, for `JSON.stringify`. */
  toJSON(): EventObjectOf<V, K>
  /**
   * The event as a CloudEvent 1.0 in one line of JSON. {@link CloudEvent} is its type when it is parsed. Send it with
   * the content type `application/cloudevents+json`.
   *
   * `type` is the vendor's reversed domain and its name for the event, such as `com.withbenji.transaction_created`.
   * `hooksealkind` and `batchindex` are extensions. `subject` is absent if it is an e-mail address, as most are for Bento,
   * because context attributes are logged.
   */
  toCloudevent(): string
}

/** The same under a name that no global class has. */
export { Event as WebhookEvent }

/** The first half of a kind. */
export type EntityIn<K extends Kind> = K extends `${infer E extends Entity}.${string}` ? E : never

/** The second half of a kind. */
export type ActionIn<K extends Kind> = K extends `${string}.${infer A extends Action}` ? A : never

/** An event as a plain object. It narrows like {@link Event}. */
export type EventObject<V extends Vendor = Vendor> = { [W in Vendor]: { [K in KindOf<W>]: EventObjectOf<W, K> }[KindOf<W>] }[V]

/** An event of one vendor and of one kind as a plain object. */
export interface EventObjectOf<V extends Vendor, K extends KindOf<V>> {
  id: string
  id_origin: IdOrigin
  index: number
  vendor: V
  source: string
  kind: K
  entity: EntityIn<K>
  action: ActionIn<K>
  name: string
  subject: SubjectObject
  actor: SubjectObject | null
  parent: SubjectObject | null
  /** RFC 3339 in UTC, with milliseconds only where they are not zero. */
  time: string | null
  time_zone_assumed: boolean
  assurance: { body: Coverage; time: Coverage; name: Coverage }
  data: Payloads[V][K]
}

export interface SubjectObject {
  entity: Entity
  id: string | null
}

/** Whom or what an event is about. It prints as `entity/id`, or as the entity if there is no id. */
export interface Subject {
  readonly entity: Entity
  readonly id: string | undefined
  toString(): string
}

/** What `toCloudevent` writes, parsed. */
export interface CloudEvent {
  specversion: '1.0'
  id: string
  source: string
  type: string
  subject?: string
  time?: string
  datacontenttype: 'application/json'
  hooksealkind: Kind
  batchindex: number
  data: Json
}

/** The answer to the request with which Benti checks a new webhook. Send status, headers and body as they are. */
export class Handshake {
  private constructor()
  readonly outcome: 'handshake'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Why a request was refused.
 *
 * `code` and `message` are for the receiver's own log. The sender gets `status`, `headers` and an empty body. No
 * message holds text of the body, of a header's value or of a secret. A message does tell the age of a request that is
 * `stale` or `from_the_future`, and the place of a fault in a payload.
 *
 * It is a union of the rejections of each code: `malformed_payload` alone has a place.
 */
export type Rejection = { [C in RejectionCode]: RejectionOf<C> }[RejectionCode]

/** The class of rejections, for `instanceof`. Only a receiver makes one. */
export const Rejection: abstract new (made: never) => Rejection

/** A rejection with one code. An adapter has one more: `unreadable_request`, for a body that did not arrive whole. */
export interface RejectionOf<C extends RejectionCode | 'unreadable_request'> extends Error {
  readonly outcome: 'rejection'
  /** The reason as one stable word. */
  readonly code: C
  /** The vendor of the receiver. */
  readonly vendor: Vendor
  /** The source of the receiver, as in its events. */
  readonly source: string
  /** The HTTP status to answer with. */
  readonly status: number
  /**
   * The headers to answer with, names in lower case: `allow` with status 405, and `www-authenticate` with 401 if the
   * receiver expects Basic or Bearer credentials. Otherwise none.
   */
  readonly headers: Readonly<Record<string, string>>
  /**
   * For the code `signature_mismatch`, what the check found out about the cause: that a key fits which is not valid at
   * this time. It is for the log, and must not reach the sender, who could then tell an old secret from a wrong one. So
   * it is not enumerable: `JSON.stringify` and `console.log` of the rejection leave it out.
   */
  readonly hint?: string
  /** For the code `malformed_payload`: the line, from 1. */
  readonly line: C extends 'malformed_payload' ? number : undefined
  /** For the code `malformed_payload`: the column in bytes, from 1. */
  readonly column: C extends 'malformed_payload' ? number : undefined
  /** For the code `malformed_payload`: the place as a JSON Pointer of known field names and indices. */
  readonly path: C extends 'malformed_payload' ? string : undefined
  /** For `JSON.stringify`: what Rust writes for a rejection, without the hint. */
  toJSON(): RejectionObject<C>
}

/** A rejection as a plain object. `line`, `column` and `path` are null unless the code is `malformed_payload`. */
export interface RejectionObject<C extends RejectionCode | 'unreadable_request' = RejectionCode> {
  code: C
  status: number
  message: string
  line: number | null
  column: number | null
  path: string | null
}

export interface SignOptions {
  /** The time that the request tells. By default the time of this machine. */
  time?: Time | undefined
  /** How the signature is written. By default `'hex'`. */
  encoding?: SignatureEncoding | undefined
}

/**
 * The sender's side: the headers of a genuine request, for tests and for programs that send in a vendor's place.
 * Options that are not a plain object, unknown options and further arguments are a TypeError. So is a secret, user or
 * name that no receiver takes: a request with it would be refused as one with another secret is.
 */
export const sign: {
  /** The headers of a Benji webhook: `x-benji-timestamp`, and `x-benji-signature` of its value and the body. */
  benji(
    salt: Secret,
    body: string | Uint8Array,
    options?: SignOptions,
  ): Record<string, string>
  /**
   * The headers of a Benji webhook in the older scheme: `x-benji-signature` of the body alone, and the unsigned
   * `x-webhook-datetime`.
   */
  benjiBodyOnly(
    salt: Secret,
    body: string | Uint8Array,
    options?: SignOptions,
  ): Record<string, string>
  /** The header of a Benti (Inbenta) webhook: the secret itself. */
  benti(secret: Secret): Record<string, string>
  /** The headers of the `GET` with which Benti checks a new webhook. A challenge is 1 to 256 visible ASCII characters. */
  bentiHandshake(secret: Secret, challenge: string): Record<string, string>
  /** The header of a Bento request with Basic authentication. The user must not hold a colon. */
  bentoBasic(user: string, secret: Secret): Record<string, string>
  /** The header of a Bento request with a bearer token. */
  bentoBearer(secret: Secret): Record<string, string>
  /** The header of a Bento request with the secret in a header of your own. */
  bentoHeader(name: string, secret: Secret): Record<string, string>
}

/** Requests that a program sends to the vendors, as values for any HTTP client. */
export * as outgoing from './lib/outgoing.cjs'

export const version: string
