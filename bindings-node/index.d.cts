// The types of the package.

/** Whose webhook it is. */
export type Vendor = 'benji' | 'benti' | 'bento'

/** What kind of thing an event is about. */
export type Entity =
  | 'user'
  | 'campaign'
  | 'transaction'
  | 'alert'
  | 'ticket'
  | 'reply'
  | 'media'
  | 'classification'
  | 'queue'
  | 'subscriber'
  | 'email'
  | 'workflow'
  | 'other'

/** What happened. */
export type Action =
  | 'connected'
  | 'created'
  | 'authenticated'
  | 'activated'
  | 'ended'
  | 'updated'
  | 'removed'
  | 'answered'
  | 'replied'
  | 'closed'
  | 'classified'
  | 'moved'
  | 'purchased'
  | 'subscribed'
  | 'unsubscribed'
  | 'tagged'
  | 'untagged'
  | 'tracked'
  | 'requested'
  | 'commanded'
  | 'reached'
  | 'other'

/** An entity and what happened to it, such as `ticket.answered`. */
export type Kind = `${Entity}.${Action}`

/** Why a request was refused; `status` is the HTTP status to answer with. */
export type RejectionCode =
  | 'method_not_allowed'
  | 'unsupported_content_encoding'
  | 'payload_too_large'
  | 'repeated_header'
  | 'missing_signature'
  | 'malformed_signature'
  | 'signature_mismatch'
  | 'missing_timestamp'
  | 'malformed_timestamp'
  | 'stale'
  | 'from_the_future'
  | 'malformed_payload'
  | 'too_many_events'
  | 'missing_challenge'
  | 'malformed_challenge'

/** JSON as `event.data` holds it. An integer outside of ±(2^53 − 1) is its decimal text. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Milliseconds since 1970, or a Date. Seconds are a RangeError. */
export type Time = number | Date

/**
 * The bytes that sender and receiver share, used exactly as they are; text is encoded as UTF-8. What can only be a mistake is
 * a TypeError: no bytes, nothing but white space or NUL, a word such as `undefined`, half of a surrogate pair, or memory
 * that is shared with other threads.
 */
export type Secret = string | Uint8Array

/** One secret or key, or the ring of at most 16 with which an old one is replaced. */
export type Keys = Secret | Key | ReadonlyArray<Secret | Key>

export interface KeyOptions {
  /** Names the key in `delivery.keyId`; without one, its place in the ring does. */
  id?: string | undefined
  notBefore?: Time | undefined
  /** The last instant in which the key is valid. */
  notAfter?: Time | undefined
  /**
   * Says that white space or a line break at an end, a byte order mark before it or quotes around it belong to the secret. A
   * receiver refuses them in another key, because they come from how a secret was copied or how a file was read. No header
   * can carry white space at an end, so that this helps Benji's salts and Basic passwords alone there.
   */
  exact?: boolean | undefined
}

/** A secret with an id and the time in which it is valid. The secret cannot be read again, and nothing can be changed. */
export class Key {
  constructor(secret: Secret, options?: KeyOptions)
  readonly id: string | undefined
  /** A copy, as `notAfter` is. */
  readonly notBefore: Date | undefined
  readonly notAfter: Date | undefined
  toJSON(): { id: string | undefined; notBefore: Date | undefined; notAfter: Date | undefined }
}

/** How many seconds old a request may be, and how far ahead of this machine's clock; both inclusive. */
export interface Window {
  readonly past: number
  readonly future: number
}

export interface ReceiverOptions {
  /** The largest body in bytes. By default 64 KiB for Benji, 1 MiB for Benti, 4 MiB for Bento. */
  maxBodyBytes?: number | undefined
  /** The most events of one delivery. By default 10,000. */
  maxEvents?: number | undefined
  /** The most lists and objects open at once, from 1 to 127, the default. */
  maxDepth?: number | undefined
  /** The most characters of a number. By default 1,000. */
  maxNumberLength?: number | undefined
  /** What events name as their source, a URI reference. By default `urn:hookseal:<vendor>`. */
  source?: string | undefined
  /** What makes two deliveries the same one. By default `'default'`. */
  replayPolicy?: ReplayPolicy | undefined
  /**
   * How long replay keys are to be kept, in seconds, in place of what the table of {@link ReplayPolicy} says. A retention
   * shorter than a window lets a replay through once it has ended.
   */
  replayRetentionSeconds?: number | undefined
  /**
   * Makes ids and replay keys with HMAC-SHA256 under this key of yours: at least 32 random bytes that are no secret of
   * the vendor's. Without it they are digests of what was received, and whoever reads one, in a log or a table, can test
   * guesses of a Benti or Bento body against it. Benji's are then made of the signed message in place of the signature,
   * so that they survive a rotation of the salt. Another key gives other ids and keys. An `idKey` that is there but
   * undefined is a TypeError.
   */
  idKey?: Secret
}

/**
 * What makes two deliveries the same one, and how long a replay key is to be kept.
 *
 * | | `'default'` | kept | `'strict'` | kept |
 * |---|---|---|---|---|
 * | Benji, time signed | signature | past + future + 1 s (601 s by default); 24 h with the window off | signature | past + future + 1 s (601 s by default); 24 h with the window off |
 * | Benji, body alone signed | signature and date in whole seconds | past + future + 1 s (601 s by default); 24 h without a date or with the window off | signature | without end |
 * | Benti | body | 24 h | body | 24 h |
 * | Bento | body | 300 s | body | 24 h |
 *
 * A key is kept from the first acceptance, and a repetition does not extend that. After that an equal key is new.
 *
 * Where Benji signs the body alone, `'default'` lets whoever captured a request replay it with other dates inside the
 * window: 601 keys at one time with the default window. `'strict'` recognizes each of these as long as its key is kept,
 * and takes two genuine updates with the same body for one. The keys of Benti and Bento stop nobody who knows the secret:
 * one other byte in the body makes another key. With `'none'` there is no replay key: every delivery counts as new.
 */
export type ReplayPolicy = 'default' | 'strict' | 'none'

export interface BenjiOptions extends ReceiverOptions {
  /**
   * By default 300 seconds both. Benji's date is that of the event: a retry that Benji sends later than the window
   * is refused as stale.
   */
  window?: Window | 'off' | undefined
  /** Accepts signatures in this encoding only. */
  signatureEncoding?: SignatureEncoding | undefined
  /**
   * Refuses requests without `x-benji-timestamp`, whose signature covers the body alone, with `missing_timestamp`, also
   * genuine ones. Set it once `delivery.assurance.time` is `'signed'` for every delivery of all salts: nobody can then
   * replay a request with another date. Together with `allowMissingDate` it is a TypeError.
   */
  requireSignedTime?: boolean | undefined
  /**
   * Accepts a request without a date. Whoever could read it once can replay it for ever: set `replayPolicy` to
   * `'strict'`.
   */
  allowMissingDate?: boolean | undefined
}

export interface BentiOptions extends ReceiverOptions {
  /** By default off: who holds Benti's secret can write any time. Set, the newest event of a delivery counts. */
  window?: Window | 'off' | undefined
  /** What a time without a zone is read at, in minutes east of UTC. By default 0. */
  utcOffsetMinutes?: number | undefined
  /** Answers a handshake without the secret, as long as a webhook of an instance is being created. */
  allowUnsignedHandshake?: boolean | undefined
}

/** The credentials that senders of Bento-shaped traffic were given: exactly one of the three. */
export type BentoOptions = ReceiverOptions &
  (
    | { basic: { user: string; keys: Keys }; bearer?: undefined; header?: undefined }
    | { bearer: Keys; basic?: undefined; header?: undefined }
    | { header: { name: string; keys: Keys }; basic?: undefined; bearer?: undefined }
  )

export type SignatureEncoding = 'hex' | 'base64' | 'base64url'

/**
 * Headers in any of the usual forms: Node's `request.headers` or, so that repeats are seen, `request.rawHeaders`;
 * Web `Headers`, which join repeated fields; an object; pairs. An undefined value is an absent header; null, a list in a
 * list and anything else that is no text is a TypeError where a receiver reads the header.
 */
export type HeadersLike =
  | { readonly [name: string]: string | readonly string[] | undefined }
  | readonly string[]
  | HeaderPairs
  | WebHeaders

/** Pairs of a name and a value or values, but for `URLSearchParams`. */
export interface HeaderPairs extends Iterable<readonly [string, string | readonly string[]]> {
  readonly getAll?: never
}

/** What is used of Web `Headers`. `URLSearchParams` are none. */
export interface WebHeaders {
  get(name: string): string | null
  append(name: string, value: string): void
  readonly sort?: never
}

/** The head of a request. */
export interface Head {
  /** In upper case, as HTTP has it. */
  readonly method: string
  readonly headers: HeadersLike
}

/**
 * A request with its raw body, from before any parser; a handshake may leave it out. Its parts are properties of its own or
 * of its class, never of `Object.prototype`; headers in an object are its own.
 */
export interface WebhookRequest extends Head {
  readonly body?: Uint8Array | ArrayBuffer | null | undefined
}

/** What a receiver of this vendor accepts: Benti alone sends handshakes. */
export type Received<V extends Vendor = Vendor> = Delivery<V> | (V extends 'benti' ? Handshake : never)

/** One endpoint: the vendor whose webhooks arrive there, the keys, and what is accepted. */
export class Receiver<V extends Vendor = Vendor> {
  private constructor()
  /** The keys are the salts of the subscriptions, exactly as Benji shows them. */
  static benji(keys: Keys, options?: BenjiOptions): Receiver<'benji'>
  /** The keys are the secrets that were given to Inbenta. */
  static benti(keys: Keys, options?: BentiOptions): Receiver<'benti'>
  static bento(options: BentoOptions): Receiver<'bento'>
  readonly vendor: V
  /** The largest body in bytes that is accepted. */
  readonly bodyLimit: number
  /** Checks a request and reads it. Throws the {@link Rejection} of one that is refused; `now` is for tests. */
  receive(request: WebhookRequest, now?: Time): Received<V>
  /** As `receive`, but returns the {@link Rejection}; it has no stack, and costs a tenth of a thrown one. */
  tryReceive(request: WebhookRequest, now?: Time): Received<V> | Rejection
  /** What method and headers alone can refuse, before the body is read. `receive` checks all of it again. */
  checkHead(head: Head): Rejection | undefined
}

/** What an authenticated request holds: iterate it for its events. */
export class Delivery<V extends Vendor = Vendor> implements Iterable<Event<V>> {
  private constructor()
  readonly outcome: 'delivery'
  readonly vendor: V
  /** The key that matched. */
  readonly keyId: string
  readonly assurance: Assurance
  /** Benji's date, or the newest time of Benti's events. */
  readonly time: Date | undefined
  /** When it was received: the `now` of the check. */
  readonly receivedAt: Date
  /** False: it was received. A {@link Recorded} was read from a record. */
  readonly isRecorded: false
  /** The body as it was received, as a copy in a Buffer: what is done to it changes no event. */
  readonly body: Uint8Array
  /** How many events could be read. */
  readonly length: number
  /** The elements that could not be read; the others are not affected. */
  readonly malformed: readonly Malformed[]
  [Symbol.iterator](): IterableIterator<Event<V>>
  /**
   * A key for a store of deliveries that have been handled: a delivery with a key that is kept there is a repetition.
   * Undefined where the receiver's {@link ReplayPolicy} is `'none'`; that policy is the receiver's, and an argument is a
   * TypeError.
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
  /** The events as CloudEvents, as their `toJSON` has them. */
  toJSON(): CloudEvent[]
}

/**
 * A delivery that was read from a record. It has the events, ids and replay keys of the delivery that was recorded. It
 * is no {@link Delivery}, because it is as trustworthy as the place where the record was kept: only a {@link Receiver}
 * can prove where a request comes from.
 */
export class Recorded<V extends Vendor = Vendor> implements Iterable<Event<V>> {
  private constructor()
  readonly vendor: V
  /** The source that its events name. */
  readonly source: string
  /** The key that matched when it was received. */
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
  /** How many events could be read. */
  readonly length: number
  /** The elements that could not be read; the others are not affected. */
  readonly malformed: readonly Malformed[]
  [Symbol.iterator](): IterableIterator<Event<V>>
  /** As that of the delivery. */
  replayKey(): ReplayKey | undefined
  /** The record again, to hand it on. */
  toRecord(): string
  /** The events as CloudEvents, as their `toJSON` has them. */
  toJSON(): CloudEvent[]
}

/**
 * Opens a record that `toRecord` made, in any language. Call it only for records from a place where nobody else can
 * write: a record is not signed, and everything that it says is believed. The body is read again, with the limits of
 * the receiver that recorded it.
 *
 * Throws a {@link RecordError}: a record that was cut or edited gives no event.
 */
export function fromTrustedRecord(record: string): Recorded

/** Why a record could not be opened. The message shows nothing of the record. */
export class RecordError extends Error {
  private constructor()
  readonly code: RecordErrorCode
  /** Of a `newer_record`: its version. A newer hookseal can open it: leave it where it is. */
  readonly version: number | undefined
}

/** A stable word for what is wrong with a record. */
export type RecordErrorCode = 'not_a_record' | 'newer_record' | 'malformed_record' | 'damaged_record' | 'unreadable_body'

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
   * The most keys at a time, from 1 to 16,777,215. The memory for them is taken at once, 40 bytes for each.
   *
   * A rule: deliveries a second, times the retention in seconds. At 100 a second, Benji's default of 601 s needs 60,100
   * keys, Benti's of 24 h 8,640,000.
   */
  capacity: number
  /** How long a claim lasts, from 1 to 2^32 - 1: longer than the slowest handler takes. By default 30. */
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

/** A key for a store of what has been handled. It prints as `value`. */
export interface ReplayKey {
  readonly value: string
  /** How long to keep it; undefined is without end. After that an equal key is new again. */
  readonly retentionSeconds: number | undefined
  toString(): string
  toJSON(): string
}

/** What the vendor's signature covers. It prints as `body signed, time unsigned, name signed`. */
export interface Assurance {
  readonly body: Coverage
  /** `'signed'` where Benji's `x-benji-timestamp` came. */
  readonly time: Coverage
  /** The vendor's word for each event, and so its kind. */
  readonly name: Coverage
  toString(): string
}

export type Coverage = 'signed' | 'unsigned' | 'absent'

/** An element of a delivery that could not be read. */
export interface Malformed {
  /** Its place in the delivery, from 0. */
  readonly index: number
  /**
   * The field concerned as a JSON Pointer. Of numbered objects it has the place of the object in the order, not its number.
   */
  readonly path: string
  /** For the log; no text of the body is in it. */
  readonly message: string
}

/** One thing that happened at the vendor: a frozen view that reads each field when it is asked for. */
export class Event<V extends Vendor = Vendor> {
  private constructor()
  /**
   * The same in an identical redelivery; made at first use. Benji's newer scheme alone proves an id. In the older one the
   * date is not signed, and other dates give other ids, whatever the {@link ReplayPolicy}: recognize repetitions by
   * `replayKey()`. Whoever can send to a receiver of Benti or Bento chooses the others.
   *
   * An id that Benti gave is printed percent-encoded: `%`, `#` and what is invisible in a log. In a delivery of several
   * elements `#` and the event's `index` follow the id, except that of a Bento event with `details.unique.key`.
   */
  readonly id: string
  /** Whether the vendor gave the id, or it was derived from the bytes that were received. */
  readonly idOrigin: 'vendor' | 'derived'
  /** Its place in the delivery, from 0; elements that could not be read count. */
  readonly index: number
  readonly vendor: V
  readonly source: string
  readonly kind: Kind
  readonly entity: Entity
  readonly action: Action
  /** The vendor's own words. */
  readonly name: string
  readonly subject: Subject
  /** The ticket that the subject is part of. */
  readonly parent: Subject | undefined
  readonly actor: Subject | undefined
  readonly time: Date | undefined
  /** Whether the time came without a zone. */
  readonly timeZoneAssumed: boolean
  /**
   * The payload parsed. A sender may name a member `__proto__`; here it is an ordinary property of its own. A deep merge of
   * `data` into another object can make `Object.prototype` of it, and so write to every object of the program: copy the
   * members that you know, or merge with something that leaves this one out.
   */
  readonly data: Json
  /** The exact bytes, as a copy in a Buffer. */
  readonly raw: Uint8Array
  /**
   * A key for a store of events that have been handled. Undefined where the receiver's {@link ReplayPolicy} is `'none'`;
   * that policy is the receiver's, and an argument is a TypeError.
   */
  replayKey(): ReplayKey | undefined
  /** The event as a CloudEvent 1.0 in JSON text, with `data` exactly as it was received. */
  toCloudevent(): string
  /** The event as a CloudEvent 1.0, with `data` parsed. */
  toJSON(): CloudEvent
}

/** Whom or what an event is about. It prints as `entity/id`. */
export interface Subject {
  readonly entity: Entity
  readonly id: string | undefined
  toString(): string
}

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

/** Benti asks whether the endpoint knows its secret: answer with these. */
export class Handshake {
  private constructor()
  readonly outcome: 'handshake'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Why a request was refused. Log `code` and `message`; answer with `status`, `headers` and an empty body. Nothing of a
 * secret is in it, and nothing of the request, except two things: in `stale` and `from_the_future` the message tells the
 * seconds between this machine's clock and the time that was sent; in `malformed_payload` there is the place of the fault,
 * with names of fields that hookseal knows.
 */
export class Rejection extends Error {
  private constructor()
  readonly outcome: 'rejection'
  readonly code: RejectionCode
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Of a malformed payload: the line, from 1. */
  readonly line?: number
  /** Of a malformed payload: the column in bytes, from 1. */
  readonly column?: number
  /** Of a malformed payload: the place as a JSON Pointer. */
  readonly path?: string
}

/**
 * The sender's side: the headers of a genuine request, for tests and for whoever sends in a vendor's place. Options that
 * are no plain object, unknown ones and further arguments are a TypeError.
 */
export const sign: {
  /** The signature of the time, in `x-benji-timestamp`, and the body. */
  benji(
    salt: Secret,
    body: string | Uint8Array,
    options?: { time?: Time | undefined; encoding?: SignatureEncoding | undefined },
  ): Record<string, string>
  /** The older scheme: the signature of the body alone, and the unsigned time in `x-webhook-datetime`. */
  benjiBodyOnly(
    salt: Secret,
    body: string | Uint8Array,
    options?: { time?: Time | undefined; encoding?: SignatureEncoding | undefined },
  ): Record<string, string>
  benti(secret: Secret): Record<string, string>
  bentiHandshake(secret: Secret, challenge: string): Record<string, string>
  bentoBasic(user: string, secret: Secret): Record<string, string>
  bentoBearer(secret: Secret): Record<string, string>
  bentoHeader(name: string, secret: Secret): Record<string, string>
}

export const version: string
