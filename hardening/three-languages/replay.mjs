// Reads vectors, one a line, and prints each whose outcome in Node is another than the expected one.

import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'

import { Key, Receiver } from '../../bindings-node/index.js'

const camelCase = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())

function receiverOf({ vendor, keys, options: { scheme, window, ...rest } }) {
  const ring = keys.map(({ secret, exact, ...unknown }) => {
    assert.deepEqual(unknown, {})
    return new Key(secret, { exact })
  })
  const options = Object.fromEntries(Object.entries(rest).map(([name, value]) => [camelCase(name), value]))
  if (window !== undefined) options.window = window === 'off' ? 'off' : { past: window[0], future: window[1] }
  if (vendor === 'benji') return Receiver.benji(ring, options)
  if (vendor === 'benti') return Receiver.benti(ring, options)
  if (scheme.basic !== undefined) return Receiver.bento({ basic: { user: scheme.basic, keys: ring }, ...options })
  if (scheme.bearer === true) return Receiver.bento({ bearer: ring, ...options })
  return Receiver.bento({ header: { name: scheme.header, keys: ring }, ...options })
}

function outcomeOf(received) {
  const { outcome, status } = received
  if (outcome === 'handshake') return { outcome, status, body: received.body, headers: { ...received.headers } }
  if (outcome === 'rejection') {
    const { code, line, column, path } = received
    const place = code === 'malformed_payload' ? { line, column, path } : {}
    return { outcome, code, status, headers: { ...received.headers }, ...place }
  }
  return {
    outcome,
    key_id: received.keyId,
    assurance: { ...received.assurance },
    time: shownTime(received.time),
    replay_key: received.replayKey()?.value ?? null,
    replay_retention_seconds: received.replayKey()?.retentionSeconds ?? null,
    events: [...received].map(eventOf),
    malformed: received.malformed.map(({ index, path }) => ({ index, path })),
  }
}

function eventOf(event) {
  return {
    index: event.index,
    kind: event.kind,
    name: event.name,
    id: event.id,
    id_origin: event.idOrigin,
    replay_key: event.replayKey()?.value ?? null,
    source: event.source,
    subject: reference(event.subject),
    parent: reference(event.parent),
    actor: reference(event.actor),
    time: shownTime(event.time),
    time_zone_assumed: event.timeZoneAssumed,
    raw: event.raw.toString(),
    cloudevent_text: JSON.parse(event.toCloudevent()),
  }
}

const reference = (subject) => (subject === undefined ? null : { entity: subject.entity, id: subject.id ?? null })

const shownTime = (time) => time?.toISOString().replace('.000Z', 'Z') ?? null

function expectedOf({ headers, events, ...rest }) {
  if (headers !== undefined) return { ...rest, headers: Object.fromEntries(headers) }
  return { ...rest, events: events.map((event) => ({ ...event, cloudevent_text: JSON.parse(event.cloudevent_text) })) }
}

const receivers = new Map()
let [tried, findings] = [0, 0]
for await (const line of createInterface({ input: process.stdin })) {
  const vector = JSON.parse(line)
  const configuration = JSON.stringify([vector.vendor, vector.keys, vector.options])
  if (!receivers.has(configuration)) receivers.set(configuration, receiverOf(vector))
  tried += 1
  try {
    const { method, headers } = vector
    const body = Buffer.from(vector.body_base64, 'base64')
    const received = receivers.get(configuration).tryReceive({ method, headers, body }, vector.now)
    assert.deepEqual(outcomeOf(received), expectedOf(vector.expect))
  } catch (error) {
    findings += 1
    console.log(`  ${error.message.replaceAll('\n', '\n  ')}\n  of ${line.slice(0, 1500)}`)
  }
}
console.log(`${'the same in Node'.padEnd(22)} ${String(tried).padStart(13)} inputs  ${findings} findings`)
if (tried === 0) console.error('the same in Node: there was nothing to try')
process.exitCode = findings > 0 || tried === 0 ? 1 : 0
