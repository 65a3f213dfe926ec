// The promises of the declarations. Only compiled, with TypeScript 5.0 and the current one. If a promise is broken, its
// `satisfies` or annotation does not compile.

import {
  ACTIONS, ENTITIES, Event, KINDS, Key, Receiver, Recorded, Rejection, ReplayGuard, VENDORS, WebhookEvent, fromTrustedRecord, outgoing, sign,
  type Action, type BentiAnswer, type BentiApiEvent, type BentiCreateTicket, type BentoCommand, type Claim, type ClaimOutcome, type CloudEvent, type Delivery, type Entity, type EventObject, type Handshake, type Json, type Kind, type KindOf, type RecordError, type RecordErrorCode, type RejectionCode, type ReplayKey, type ReplayPolicy, type Vendor,
} from 'hookseal'
import { webhook as expressWebhook, type DeliveryOutcome } from 'hookseal/express'
import { webhook as fastifyWebhook } from 'hookseal/fastify'
import { webhook as fetchWebhook } from 'hookseal/fetch'
import { Inbox, InboxUnavailableError, LeaseEnded, tables, type Counts, type PutOutcome, type Row } from 'hookseal/inbox/pg'
import { Inbox as SqliteInbox, type InboxUnavailableError as SqliteError } from 'hookseal/inbox/sqlite'
import { webhook as lambdaWebhook } from 'hookseal/lambda'
import { GuardUnavailableError, ReplayGuard as RedisGuard } from 'hookseal/redis'
import { createServer } from 'node:http'

/** Whether two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function holds<_T extends true>(): void {}

const benji = Receiver.benji(['new', new Key('old', { id: '2025', notAfter: new Date() })], {
  window: { past: 600, future: 60 },
  signatureEncoding: 'hex',
})
new Key('salt', { exact: true, notBefore: 1772600770000 }).notBefore satisfies Date | undefined
// @ts-expect-error: a key cannot be changed
new Key('salt').notAfter = new Date()
// @ts-expect-error: exact is not a string
new Key('salt', { exact: 'true' })
const benti = Receiver.benti(new Uint8Array(4), { window: 'off', utcOffsetMinutes: 60 })
const basic = Receiver.bento({ basic: { user: 'publishable', keys: 'secret' }, maxEvents: 1000 })
Receiver.bento({ bearer: 'token' })
Receiver.bento({ header: { name: 'x-secret', keys: ['a', 'b'] } })
const request = { method: 'POST', headers: { host: 'a', 'set-cookie': ['a', 'b'] }, body: new Uint8Array(0) }

// Only Benti sends handshakes.
const fromBenji = benji.receive(request)
holds<Same<typeof fromBenji, Delivery<'benji'>>>()
const fromBenti = benti.receive(request, new Date())
holds<Same<typeof fromBenti, Delivery<'benti'> | Handshake>>()
const fromBento = basic.tryReceive(request, 1772600770000)
holds<Same<typeof fromBento, Delivery<'bento'> | Rejection>>()

// With the policy 'none' there is no replay key. A key without a time is kept for ever.
Receiver.benti('secret', { idKey: new Uint8Array(32), replayPolicy: 'none', replayRetentionSeconds: 60 })
Receiver.benji('salt', { requireSignedTime: true, idKey: 'an id key of at least thirty-two bytes' })
Receiver.bento({ bearer: 'token', replayPolicy: 'strict' })
holds<Same<ReturnType<Delivery['replayKey']>, ReplayKey | undefined>>()
holds<Same<ReturnType<Event['replayKey']>, ReplayKey | undefined>>()
holds<Same<ReplayKey['retentionSeconds'], number | undefined>>()
holds<Same<Delivery['assurance']['name'], 'signed' | 'unsigned' | 'absent'>>()
holds<Same<ReplayPolicy, 'default' | 'strict' | 'none'>>()
// @ts-expect-error: the policy is an option of the receiver
fromBenji.replayKey('strict')
// @ts-expect-error: an option of another vendor
Receiver.benti('secret', { requireSignedTime: true })

// An event as an object has its members in snake_case, and null in place of undefined.
export function written(event: Event<'benji'>): string {
  const object = event.toObject({ exactNumbers: true })
  holds<Same<typeof object, EventObject<'benji'>>>()
  holds<Same<ReturnType<typeof event.toJSON>, EventObject<'benji'>>>()
  holds<Same<typeof object.vendor, 'benji'>>()
  holds<Same<typeof object.time, string | null>>()
  holds<Same<typeof object.subject.id, string | null>>()
  // @ts-expect-error: there is no such option
  event.toObject({ exact: true })
  // @ts-expect-error: the members are in snake_case
  object.idOrigin
  const cloudevent: CloudEvent = JSON.parse(event.toCloudevent())
  cloudevent.hooksealkind satisfies Kind
  return event.toJson() + object.id_origin
}
KINDS satisfies readonly Kind[]
VENDORS satisfies readonly Vendor[]
// @ts-expect-error: the words cannot be changed
ENTITIES.push(ACTIONS[0])

// A record opens to what is no delivery, of whichever vendor.
const recorded = fromTrustedRecord(fromBenji.toRecord())
holds<Same<typeof recorded, Recorded>>()
holds<Same<(Delivery | Recorded)['isRecorded'], boolean>>()
holds<Same<RecordError['code'], RecordErrorCode>>()
export function worked(delivery: Delivery | Recorded): Date {
  for (const event of delivery) event.data
  if (delivery.isRecorded) holds<Same<typeof delivery, Recorded>>()
  else holds<Same<typeof delivery, Delivery>>()
  return delivery.receivedAt satisfies Date
}
// @ts-expect-error: only a receiver proves anything
recorded satisfies Delivery
// @ts-expect-error: only fromTrustedRecord makes one
new Recorded()
fromTrustedRecord(new Uint8Array(4)) satisfies Recorded
// @ts-expect-error: a record is text, or its bytes
fromTrustedRecord([4])
// @ts-expect-error: the body does not change
recorded.body = new Uint8Array(4)

// The outcome of a claim tells what to do.
const guard = new ReplayGuard({ capacity: 10, leaseSeconds: 5, seed: new Uint8Array(16) })
export function handled(outcome: ClaimOutcome): boolean | number {
  switch (outcome.outcome) {
    case 'claimed':
      holds<Same<typeof outcome.claim, Claim>>()
      return guard.confirm(outcome.claim, new Date()) || guard.release(outcome.claim)
    case 'in_progress':
      return outcome.secondsLeft satisfies number
    case 'duplicate':
      return true
    case 'full':
      return guard.held === guard.capacity
    default:
      holds<Same<typeof outcome, never>>()
      return false
  }
}
handled(guard.claim(fromBenji.replayKey(), 1772600770000))
handled(guard.claim(recorded.replayKey()))
// @ts-expect-error: a text has no retention
guard.claim('key')
// @ts-expect-error: there is no claim
guard.confirm(guard.claim(recorded.replayKey()).claim)
// @ts-expect-error: a guard must know how large it may be
new ReplayGuard({})

// A client is known by what is used of it.
const client = {
  set: async (_key: string, _value: string, _options: object) => null,
  evalSha: async (_sha1: string, _options: { keys: string[]; arguments: string[] }) => 1,
  eval: async (_script: string, _options: { keys: string[]; arguments: string[] }) => 1,
  pTTL: async (_key: string) => 7,
  info: async (_section: string) => '',
}
const shared = new RedisGuard(client, { leaseSeconds: 60, prefix: 'shop:' })
export async function sharedOutcome(): Promise<boolean> {
  const outcome = await shared.claim(fromBenji.replayKey())
  holds<Same<(typeof outcome)['outcome'], 'claimed' | 'in_progress' | 'duplicate'>>()
  if (outcome.outcome !== 'claimed') return false
  return (await shared.confirm(outcome.claim)) || shared.release(outcome.claim)
}
new GuardUnavailableError('away', { cause: 7 }) satisfies Error
// @ts-expect-error: the server's clock counts
shared.claim(fromBenji.replayKey(), new Date())
// @ts-expect-error: an address is no client
new RedisGuard('redis://localhost')

// An inbox tells what became of a put, and gives rows.
class Connection {
  query = async (_query: object) => ({ rows: [] })
  getTransactionStatus = () => 'I'
  on() {}
  off() {}
  prepare(_sql: string) {}
  exec(_sql: string) {}
  close() {}
}
const pool = { connect: async () => Object.assign(new Connection(), { release() {} }), query: async (_query: object) => ({}), on() {}, listeners: () => [], totalCount: 0 }
const inbox = new Inbox<Connection>(pool, { name: 'orders', leaseSeconds: 300, rowsPerTake: 10 })
export async function received(delivery: Delivery): Promise<number> {
  const outcome = await inbox.put(delivery)
  holds<Same<typeof outcome, PutOutcome>>()
  switch (outcome.outcome) {
    case 'stored':
      return outcome.number satisfies number
    case 'duplicate':
      return 200
    case 'full':
      return 503
    default:
      holds<Same<typeof outcome, never>>()
      return 500
  }
}
export async function working(inbox: Inbox<Connection> | SqliteInbox<Connection>): Promise<void> {
  await inbox.work(async (delivery, connection, { signal }) => {
    holds<Same<typeof delivery, Recorded>>()
    holds<Same<typeof connection, Connection>>()
    signal.throwIfAborted()
  }, { onFailure: (row, error) => console.log(row.number, error), signal: new AbortController().signal })
  for (const row of await inbox.take()) {
    holds<Same<typeof row, Row>>()
    const isDone = await inbox.transaction(async (connection) => (await inbox.done(row, connection)) && row.delivery.length > 0)
    holds<Same<typeof isDone, boolean>>()
    holds<Same<Awaited<ReturnType<typeof inbox.fail>>, 'waiting' | 'dead' | undefined>>()
    row.body satisfies Uint8Array
    // @ts-expect-error: a row does not change
    row.attempts = 7
  }
  ;(await inbox.counts()) satisfies Counts
  ;(await inbox.prune()).deleted satisfies number
  await inbox.dead({ after: 7, limit: 10 })
  // @ts-expect-error: there is no such option
  await inbox.dead({ rows: 10 })
  // @ts-expect-error: a row is known by its number
  await inbox.retry('7')
  await inbox.retry(7n)
  await inbox.close()
}
working(inbox)
working(new SqliteInbox('inbox.db', Connection))
tables('sqlite') satisfies string
new InboxUnavailableError('away', { cause: 7 }) satisfies SqliteError
new LeaseEnded('late', { cause: 7 }) satisfies Error
// @ts-expect-error: there is no such database
tables('mysql')
// @ts-expect-error: a record is no delivery
inbox.put(fromBenji.toRecord())
// @ts-expect-error: an unknown setting
new Inbox(pool, { maxwaiting: 7 })
// @ts-expect-error: an address is no pool
new Inbox('postgresql://localhost')
// @ts-expect-error: an open database is no class
new SqliteInbox('inbox.db', new Connection())

// The outcome tells them apart.
const tried = benti.tryReceive(request)
switch (tried.outcome) {
  case 'delivery':
    holds<Same<typeof tried, Delivery<'benti'>>>()
    for (const event of tried) holds<Same<typeof event, Event<'benti'>>>()
    break
  case 'handshake':
    holds<Same<typeof tried, Handshake>>()
    break
  case 'rejection':
    holds<Same<typeof tried, Rejection>>()
    holds<Same<typeof tried.line, number | undefined>>()
    break
  default:
    holds<Same<typeof tried, never>>()
}
if (tried instanceof Rejection) holds<Same<typeof tried, Rejection>>()

export function kinds(event: Event): string {
  switch (event.kind) {
    case 'ticket.answered':
      return event.subject.id ?? ''
    // @ts-expect-error: there is no such kind
    case 'ticket.eaten':
      return ''
    default:
      return event.kind satisfies Kind
  }
}
holds<Same<Event['vendor'], Vendor>>()
holds<Same<Event['kind'], Kind>>()
holds<Same<Event['entity'], Entity>>()
holds<Same<Event['action'], Action>>()
holds<Same<EventObject['kind'], Kind>>()
holds<Same<Rejection['code'], RejectionCode>>()
holds<Same<KindOf<'bento'>, Event<'bento'>['kind']>>()

// The kind, the entity, the action and the vendor narrow each other and the data.
export function narrowed(event: Event, object: EventObject): unknown {
  if (event.kind === 'ticket.answered') {
    holds<Same<typeof event.vendor, 'benti'>>()
    holds<Same<typeof event.entity, 'ticket'>>()
    holds<Same<typeof event.action, 'answered'>>()
    holds<Same<typeof event.data, BentiAnswer>>()
    holds<Same<ReturnType<typeof event.toObject>['data'], BentiAnswer>>()
    event.data.action satisfies string
    event.data.resource satisfies string | number | null | undefined
    // @ts-expect-error: the vendor documents no such member
    event.data.resources
    // @ts-expect-error: it may be absent or null
    event.data.action_data.content
    return event.data.action_data?.content
  }
  // A line that was stored narrows like an event.
  const stored = JSON.parse(event.toJson()) as EventObject
  if (stored.kind === 'ticket.answered') stored.data.resource satisfies string | number | null | undefined
  if (event.kind === 'ticket.created') {
    holds<Same<typeof event.data, BentiApiEvent | BentiCreateTicket>>()
    return 'item' in event.data ? event.data.parent : event.data.body?.parentId
  }
  if (event.vendor === 'benji') {
    holds<Same<typeof event, Event<'benji'>>>()
    event.data.event satisfies string
    // An event that Benji did not document may hold anything.
    return event.kind === 'other.other' ? (event.data.anything satisfies Json) : event.data.entity_id
  }
  if (event.entity === 'workflow') {
    holds<Same<typeof event.kind, 'workflow.reached' | 'workflow.other'>>()
    return event.data.anything
  }
  if (event.action === 'commanded') {
    holds<Same<typeof event.data, BentoCommand>>()
    return event.data.command.length
  }
  if (object.kind === 'email.requested') return object.data.to?.length
  // @ts-expect-error: there is no such kind
  if (event.kind === 'tickets.answered') return 1
  // @ts-expect-error: that is no event of this vendor
  if (event.vendor === 'bento' && event.kind === 'campaign.ended') return 2
  // @ts-expect-error: there is no such entity
  if (event.entity === 'tiket') return 3
  // @ts-expect-error: there is no such action
  if (event.action === 'answers') return 4
  // @ts-expect-error: there is no such vendor
  if (event.vendor === 'benjy') return 5
  // @ts-expect-error: there is no such kind
  KINDS.includes('transation.created')
  return event.data satisfies Json
}

/** Every kind of a vendor can be handled, and the compiler finds a kind that is left out. */
export function everyKind(event: Event<'bento'>): string {
  switch (event.kind) {
    case 'subscriber.purchased':
    case 'subscriber.subscribed':
    case 'subscriber.unsubscribed':
    case 'subscriber.tagged':
    case 'subscriber.untagged':
    case 'subscriber.tracked':
      return event.data.type
    case 'subscriber.updated':
      return `${event.data.email}`
    case 'subscriber.commanded':
      return event.data.command
    case 'email.requested':
      return `${event.data.subject}`
    case 'workflow.reached':
      return 'workflow'
    default:
      holds<Same<typeof event.kind, 'workflow.other'>>()
      return event.kind
  }
}

export function places(rejection: Rejection, error: RecordError): number {
  const { message, path } = rejection.toJSON()
  holds<Same<typeof message, string>>()
  holds<Same<typeof path, string | null>>()
  // @ts-expect-error: the hint is not for the sender
  rejection.toJSON().hint
  if (rejection.code === 'malformed_payload') return rejection.line satisfies number
  // @ts-expect-error: there is no such code
  if (rejection.code === 'stael') return 0
  // @ts-expect-error: there is no such code
  if (error.code === 'newer_recrd') return 1
  holds<Same<typeof rejection.line, undefined>>()
  return 0
}

export function isEvent(value: unknown): Kind | undefined {
  return value instanceof Event ? value.kind : undefined
}
// The global class Event is another one.
holds<Same<WebhookEvent, Event>>()
WebhookEvent satisfies typeof Event
holds<Same<Event['time'], Date | undefined>>()

// Headers come in the forms of Node, the Web and plain JavaScript.
benji.receive({ ...request, headers: new Headers() })
benji.receive({ ...request, headers: ['host', 'a'] })
benji.receive({ ...request, headers: [['host', 'a'] as const] })
benji.receive({ ...request, headers: new Map([['host', 'a']]) })
benji.receive({ ...request, body: new ArrayBuffer(1) })
benji.checkHead({ method: 'POST', headers: sign.benji('salt', '{}', { time: Date.now() }) })
benji.checkHead({ method: 'POST', headers: sign.benjiBodyOnly('salt', '{}', { encoding: 'base64' }) })

// @ts-expect-error: the first of two equal names would win
benji.receive({ ...request, headers: new URLSearchParams() })
// @ts-expect-error: FormData are not headers either
benji.receive({ ...request, headers: new FormData() })
// @ts-expect-error: a string is not the raw body
benji.receive({ ...request, body: '{}' })
// @ts-expect-error: a parsed body is not the raw body either
benji.receive({ ...request, body: {} })
// @ts-expect-error: an option of another vendor
Receiver.benji('salt', { utcOffsetMinutes: 60 })
// @ts-expect-error: two kinds of credentials
Receiver.bento({ bearer: 'token', basic: { user: 'a', keys: 'b' } })
// @ts-expect-error: no credentials
Receiver.bento({})
// @ts-expect-error: only receive makes one
new Event()
// @ts-expect-error: events cannot be changed
fromBenji.vendor = 'benti'

// The adapters take objects in the form of a framework's objects.
type NodeRequest = { method: string; rawHeaders: string[]; path: string }
const middleware = expressWebhook(benji, (delivery, request: NodeRequest, response: { headersSent: boolean }) => {
  holds<Same<typeof delivery, Delivery<'benji'>>>()
  console.log(request.path, response.headersSent)
})
holds<Same<Parameters<typeof middleware>[0], NodeRequest>>()
// Without a framework there is no `next`.
middleware({ method: 'POST', rawHeaders: [], path: '/' }, { headersSent: false })
expressWebhook(benji, () => {}, { onRejection: async ({ code }) => console.log(code) })
// A function for rejections of any receiver is a callback, and one that is written there sees the adapters' own code too.
expressWebhook(benji, () => {}, { onRejection: (rejection: Rejection) => console.log(rejection.code satisfies RejectionCode) })
expressWebhook(benji, () => {}, { onRejection: ({ code }) => holds<Same<typeof code, RejectionCode | 'unreadable_request'>>() })
expressWebhook(benji, () => {}, { guard: undefined, onRejection: undefined, onDelivery: undefined })
expressWebhook(benji, () => {}, { onRejection: ({ code, vendor, source, status }) => console.log(code, vendor satisfies Vendor, source satisfies string, status) })
expressWebhook(benji, () => {}, { guard, onDelivery: (delivery, outcome) => {
  holds<Same<typeof delivery, Delivery<'benji'>>>()
  holds<Same<typeof outcome, DeliveryOutcome>>()
} })
fastifyWebhook(benji, () => {}, { guard: shared, url: '/benji' })
fetchWebhook(benji, () => {}, { guard: shared })
lambdaWebhook(benji, () => {}, { guard: shared })
expressWebhook(benji, { inbox })
fastifyWebhook(benji, { inbox, url: '/benji', onDelivery: async (_delivery, outcome) => console.log(outcome) })
fetchWebhook(benji, { inbox: new SqliteInbox('inbox.db', Connection) })
lambdaWebhook(benji, { inbox })
// @ts-expect-error: an inbox has no handler
expressWebhook(benji, () => {}, { inbox })
// @ts-expect-error: a guard and an inbox exclude each other
expressWebhook(benji, { guard, inbox })
// @ts-expect-error: options need a handler or an inbox
lambdaWebhook(benji, { guard })
// @ts-expect-error: the answer does not wait for a callback
expressWebhook(benji, (_delivery, _request, _response, done: () => void) => done())
fastifyWebhook(benti, async (delivery) => ({ events: delivery.length }), { url: '/benti' })

createServer(expressWebhook(benji, () => {}))

export const POST = fetchWebhook(basic, async (delivery, request: Request, context: { id: string }) => {
  console.log(delivery.keyId, request.url, context.id)
})
holds<Same<ReturnType<typeof POST>, Promise<Response>>>()

export const handler = lambdaWebhook(benji, async (_delivery, event: { body: string }) => ({ statusCode: event.body.length }))
// @ts-expect-error: an unknown option
lambdaWebhook(benji, () => undefined, { onrejection: () => {} })

// What takes the things of any vendor takes those of one.
declare const ofBenji: { delivery: Delivery<'benji'>, recorded: Recorded<'benji'>, receiver: Receiver<'benji'>, event: Event<'benji'>, object: EventObject<'benji'> }
export const ofAny: { delivery: Delivery, recorded: Recorded, receiver: Receiver, event: Event, object: EventObject } = ofBenji

// Requests that a program sends. The answer's type goes with the request, and so does that of its values.
const partner = new outgoing.Benji('key', {
  notificationsHost: 'https://n.example', usersHost: 'https://u.example', campaignsHost: 'https://c.example', transactionsHost: 'https://t.example', bearer: true,
})
// @ts-expect-error: no host has a default
new outgoing.Benji('key', { notificationsHost: 'https://n.example' })
const ticketing = new outgoing.Benti('https://api.example', { apiKey: 'key', token: outgoing.Benti.newSecret(new Uint8Array(32)) })
const site = new outgoing.Bento('publishable', new Uint8Array(8), '11111111222233334444555555555555', { userAgent: 'shop/1.0', siteUuidInQuery: true })
const signup = new outgoing.BentoEvent({ type: 'signup', email: 'a@example.com', date: new Date(), fields: { plan: null, seats: 5n }, details: { unique: { key: 1 } } })
outgoing.BentoEvent.fromJson('{}').toJson() satisfies string
holds<Same<outgoing.BentoEvent['isRepeatable'], boolean>>()
// @ts-expect-error: an event has an address
new outgoing.BentoEvent({ type: 'signup' })
// @ts-expect-error: fields are flat
new outgoing.BentoEvent({ type: 'signup', email: 'a@example.com', fields: { plan: {} } })
const subscriber = new outgoing.BentoSubscriber({ email: 'a@example.com', tags: ['lead'], 'first name': 'Zoe', age: 21 })
// @ts-expect-error: whether an e-mail is transactional has to be said
new outgoing.BentoEmail({ to: 'a@example.com', from: 'b@example.com', subject: 's', html_body: 'b' })
new outgoing.BentoCommand({ command: 'add_field', email: 'a@example.com', query: { key: 'age', value: 21 } })
// @ts-expect-error: a field is a key and a value
new outgoing.BentoCommand({ command: 'add_field', email: 'a@example.com', query: 'age' })

export async function sends(events: Event<'benji'>): Promise<string> {
  const sent = site.events(new Set([signup])).map((request) => {
    holds<Same<typeof request.values, readonly outgoing.BentoEvent[]>>()
    holds<Same<typeof request.group, 'batch' | 'fetch' | 'track'>>()
    holds<Same<typeof request.isRepeatable, boolean>>()
    new outgoing.RateLimit().take(request.group)
    return request.read(200, {}, new Uint8Array(0))
  })
  holds<Same<(typeof sent)[0]['handedBack'], readonly outgoing.BentoEvent[]>>()
  // @ts-expect-error: subscribers are no events
  site.events([subscriber])
  // @ts-expect-error: an object is checked before it is sent
  site.events([{ type: 'signup', email: 'a@example.com' }])
  for (const request of site.webhook('pos', [signup])) holds<Same<typeof request.values, readonly outgoing.BentoEvent[]>>()
  const request = partner.followUp(events, { userToken: 'token' })
  holds<Same<typeof request.values, readonly never[]>>()
  holds<Same<typeof request.group, null>>()
  holds<Same<outgoing.Outgoing<unknown>['group'], 'batch' | 'fetch' | 'track' | null>>()
  holds<Same<outgoing.Outgoing<outgoing.Commanded>['group'], 'batch' | 'fetch' | 'track'>>()
  for (const any of [request, ...site.emails([])] satisfies outgoing.Outgoing<unknown>[]) if (any.group !== null) new outgoing.RateLimit().take(any.group)
  holds<Same<ReturnType<typeof outgoing.Benji.keyFor>, 'partner' | 'user'>>()
  partner.subscribe('https://example.com', { entityType: 'user', event: 'user_partner_connected' }).read(200, {}, new ArrayBuffer(0)).salt satisfies outgoing.Secret | null
  // @ts-expect-error: an entity type of another vendor
  partner.subscribe('https://example.com', { entityType: 'ticket' })
  ticketing.create('ticket', 'https://example.com', 'secret').read(200, {}, new Uint8Array(0)).id satisfies string
  // @ts-expect-error: an item of another vendor
  ticketing.create('campaign', 'https://example.com', 'secret')
  ticketing.list() satisfies outgoing.Outgoing<outgoing.BentiWebhooks>
  // @ts-expect-error: the answer is another one
  ticketing.list() satisfies outgoing.Outgoing<outgoing.Done>
  const { method, url, headers } = request
  const body = method === 'GET' ? null : request.body
  const answer = await fetch(url, { method, headers, body, redirect: 'manual', signal: AbortSignal.timeout(1000) })
  try {
    return request.read(answer.status, answer.headers, await answer.arrayBuffer()).toJson()
  } catch (error) {
    if (!(error instanceof outgoing.Refusal)) throw error
    holds<Same<typeof error.status, number | null>>()
    error.retryInSeconds(1, Math.random()) satisfies number | null
    return error.code satisfies outgoing.RefusalCode
  }
}
export async function sendsAny<Answer>(request: outgoing.Outgoing<Answer>, limit: outgoing.RateLimit): Promise<Answer> {
  const { group } = request
  if (group !== null) limit.take(group)
  if (request.group !== null) limit.take(request.group)
  return request.read(200, {}, new Uint8Array(0))
}
new outgoing.RateLimit().take('batch', performance.timeOrigin + performance.now()) satisfies number | null
// @ts-expect-error: a request of another vendor belongs to no group
new outgoing.RateLimit().take(partner.unsubscribe().group)
// @ts-expect-error: only a vendor answers
new outgoing.Done()
