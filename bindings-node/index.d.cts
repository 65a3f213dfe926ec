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

/** The bytes that sender and receiver share, used exactly as they are; text is encoded as UTF-8. */
export type Secret = string | Uint8Array

/** One secret or key, or the ring of at most 16 with which an old one is replaced. */
export type Keys = Secret | Key | ReadonlyArray<Secret | Key>

/** A secret with an id and the time in which it is valid. The secret cannot be read again. */
export class Key {
  constructor(secret: Secret, options?: { id?: string | undefined; notBefore?: Time | undefined; notAfter?: Time | undefined })
  /** Names the key in `delivery.keyId`; without one, its place in the ring does. */
  readonly id: string | undefined
  readonly notBefore: Date | undefined
  /** The last instant in which the key is valid. */
  readonly notAfter: Date | undefined
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
}

export interface BenjiOptions extends ReceiverOptions {
  /**
   * By default 300 seconds both. Benji's date is that of the event: a retry that Benji sends later than the window
   * is refused as stale.
   */
  window?: Window | 'off' | undefined
  /** Accepts signatures in this encoding only. */
  signatureEncoding?: SignatureEncoding | undefined
  /**
   * Accepts a request without a date. Whoever could read it once can replay it for ever: use
   * `delivery.replayKey('strict')`.
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
 * Web `Headers`, which join repeated fields; an object; pairs.
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

/** A request with its raw body, from before any parser; a handshake may leave it out. */
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
  /** How many events could be read. */
  readonly length: number
  /** The elements that could not be read; the others are not affected. */
  readonly malformed: readonly Malformed[]
  [Symbol.iterator](): IterableIterator<Event<V>>
  /**
   * A key for a store of deliveries that have been handled. The policies differ for Benji alone, whose date is not
   * signed: `signatureAndDate` tells two updates with the same body apart, `strict` recognizes every replay.
   */
  replayKey(policy?: ReplayPolicy): ReplayKey
  /** The events as CloudEvents, as their `toJSON` has them. */
  toJSON(): CloudEvent[]
}

export type ReplayPolicy = 'signatureAndDate' | 'strict'

/** A key for a store of what has been handled. It prints as `value`. */
export interface ReplayKey {
  readonly value: string
  /** How long to keep it. */
  readonly retentionSeconds: number
  toString(): string
  toJSON(): string
}

/** What the vendor's signature covers. It prints as `body signed, time unsigned`. */
export interface Assurance {
  readonly body: Coverage
  readonly time: Coverage
  toString(): string
}

export type Coverage = 'signed' | 'unsigned' | 'absent'

/** An element of a delivery that could not be read. */
export interface Malformed {
  /** Its place in the delivery, from 0. */
  readonly index: number
  /** The field concerned as a JSON Pointer. */
  readonly path: string
  /** For the log; nothing of the body is in it. */
  readonly message: string
}

/** One thing that happened at the vendor: a frozen view that reads each field when it is asked for. */
export class Event<V extends Vendor = Vendor> {
  private constructor()
  /** The same in an identical redelivery. */
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
  /** The payload parsed. */
  readonly data: Json
  /** The exact bytes, as a copy in a Buffer. */
  readonly raw: Uint8Array
  /** A key for a store of events that have been handled. */
  replayKey(): ReplayKey
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
 * Why a request was refused. Log `code` and `message`; answer with `status`, `headers` and an empty body. Nothing of
 * the request or of a secret is in it.
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

/** The sender's side: the headers of a genuine request, for tests and for whoever sends in a vendor's place. */
export const sign: {
  benji(
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
