// Reads the conformance vectors, builds the receivers that they describe, and gives the outcome of a request. The tests
// and hardening/three-languages use it, so they compare the same outcomes.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { Key, Receiver } from 'hookseal'

export const FOLDER = fileURLToPath(new URL('../../core/conformance/', import.meta.url))
const KNOWN = ['name', 'about', 'vendor', 'keys', 'options', 'method', 'now', 'headers', 'body_base64', 'expect']

/** All vectors. Fails if a file is missing or does not have the expected number of vectors. */
export function readVectors(folder = FOLDER) {
  const counts = readFile(folder + 'counts.json')
  const files = ['benji', 'benti', 'bento'].flatMap((vendor) =>
    readdirSync(folder + vendor, { recursive: true })
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => `${vendor}/${name.replaceAll('\\', '/')}`),
  )
  const read = Object.fromEntries(files.map((name) => [name.replace(/\.json$/, ''), readFile(folder + name)]))
  for (const topic of new Set([...Object.keys(counts), ...Object.keys(read)])) {
    const found = read[topic]?.length
    if (!(found > 0) || found !== counts[topic]) {
      throw new Error(`${topic} has ${found ?? 'no'} vectors, and counts.json says ${counts[topic]}`)
    }
  }
  return Object.values(read).flat().map(checked)
}

const readFile = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** The vector. Fails if it has a field that this reader does not know. */
export function checked(vector) {
  const unknown = Object.keys(vector).filter((field) => !KNOWN.includes(field))
  if (unknown.length > 0) throw new Error(`${vector.name} has the unknown fields ${unknown}`)
  return vector
}

export function receiverOf({ vendor, keys, options = {} }) {
  const { scheme, window, ...rest } = options
  const ring = keys.map(({ secret, secret_base64, exact, id, not_before, not_after, ...unknown }) => {
    if (Object.keys(unknown).length > 0) throw new Error(`a key has the unknown fields ${Object.keys(unknown)}`)
    const bytes = secret ?? Buffer.from(secret_base64, 'base64')
    return new Key(bytes, { exact, id, notBefore: dateOf(not_before), notAfter: dateOf(not_after) })
  })
  const named = Object.fromEntries(Object.entries(rest).map(([name, value]) => [camelCase(name), value]))
  if (window !== undefined) named.window = window === 'off' ? 'off' : { past: window[0], future: window[1] }
  if (vendor === 'benji') return Receiver.benji(ring, named)
  if (vendor === 'benti') return Receiver.benti(ring, named)
  if (scheme.basic !== undefined) return Receiver.bento({ basic: { user: scheme.basic, keys: ring }, ...named })
  if (scheme.bearer === true) return Receiver.bento({ bearer: ring, ...named })
  return Receiver.bento({ header: { name: scheme.header, keys: ring }, ...named })
}

/** Receives the vector's request, with the headers in another form if one is given. */
export function receive(receiver, { method, headers, body_base64, now }, form = headers) {
  return receiver.tryReceive({ method, headers: form, body: Buffer.from(body_base64, 'base64') }, new Date(now))
}

const camelCase = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())

const dateOf = (milliseconds) => (milliseconds === undefined ? undefined : new Date(milliseconds))

/** The outcome that the vector expects, as plain values. */
export function expectedOf({ expect: { events_count, events, headers, ...rest } }) {
  if (headers !== undefined) return { ...rest, headers: Object.fromEntries(headers) }
  return { ...rest, events_count: events_count ?? events.length, events }
}

/** The outcome in the same form. Of the parts that a vector may leave out, it has those that this vector has. */
export function outcomeOf(received, { expect }) {
  const { outcome } = received
  if (outcome === 'handshake') {
    return { outcome, status: received.status, headers: { ...received.headers }, body: received.body }
  }
  if (outcome === 'rejection') return shownRejection(received, expect)
  const events = [...received]
  assert.equal(events.length, received.length)
  for (const event of events) {
    assert.equal(event.kind, `${event.entity}.${event.action}`)
    assert.equal(event.replayKey()?.retentionSeconds, received.replayKey()?.retentionSeconds)
  }
  const stated = new Map(expect.events?.map((event) => [event.index, event]))
  const onlySome = expect.events_count > stated.size
  return {
    outcome,
    key_id: received.keyId,
    assurance: { ...received.assurance },
    time: shownTime(received.time),
    replay_key: received.replayKey()?.value ?? null,
    replay_retention_seconds: received.replayKey()?.retentionSeconds ?? null,
    events_count: events.length,
    events: events
      .filter(({ index }) => stated.has(index) || !onlySome)
      .map((event) => shownEvent(event, stated.get(event.index) ?? {})),
    malformed: received.malformed.map(({ index, path, message }) => {
      assert.notEqual(message, '')
      return { index, path }
    }),
    // The checksum is the last member of a record.
    ...(expect.record_checksum !== undefined && { record_checksum: received.toRecord().slice(-34, -2) }),
    ...(expect.written_checksum !== undefined && { written_checksum: writtenChecksum(events) }),
  }
}

function writtenChecksum(events) {
  const lines = events.map((event) => `${event.toJson()}\n${event.toCloudevent()}\n`).join('')
  return createHash('sha256').update(lines).digest('hex').slice(0, 32)
}

function shownRejection(received, expect) {
  assert.ok(received instanceof Error)
  assert.notEqual(received.message, '')
  const { outcome, code, status, headers, line, column, path } = received
  return {
    outcome,
    code,
    status,
    headers: { ...headers },
    ...(line !== undefined && { line, column }),
    // A vector has a path only if the path is certain.
    ...(expect.path !== undefined && { path }),
  }
}

function shownEvent(event, expect) {
  const fields = {
    index: event.index,
    kind: event.kind,
    name: event.name,
    id: event.id,
    id_origin: event.idOrigin,
    source: event.source,
    subject: shownSubject(event.subject),
    parent: shownSubject(event.parent),
    actor: shownSubject(event.actor),
    time: shownTime(event.time),
    time_zone_assumed: event.timeZoneAssumed,
    replay_key: event.replayKey()?.value ?? null,
  }
  if (expect.raw !== undefined) fields.raw = event.raw.toString()
  if (expect.cloudevent !== undefined) {
    fields.cloudevent = JSON.parse(event.toCloudevent())
  }
  const { data, ...others } = event.toObject()
  assert.deepEqual({ ...others, data: null }, { ...JSON.parse(event.toJson()), data: null })
  assert.deepEqual(data, event.data)
  assert.deepEqual(JSON.parse(JSON.stringify(event)), JSON.parse(JSON.stringify({ ...others, data })))
  for (const exactNumbers of [false, true]) {
    assert.deepEqual(event.toObject({ exactNumbers }).data, readJson(event.raw.toString(), exactNumbers))
  }
  return fields
}

// The tokens of JSON that are not punctuation: strings, and the rest.
const TOKENS = /"(?:[^"\\]|\\.)*"|[^\s{}[\]:,"]+/g

/** The value by JSON.parse, with numbers and halves of surrogate pairs as hookseal reads them. */
function readJson(json, exactNumbers) {
  const read = (token) => {
    if (token.startsWith('"')) return JSON.stringify(JSON.parse(token).toWellFormed())
    return /^[-\d]/.test(token) && !isNumber(token, exactNumbers) ? `"${token}"` : token
  }
  return JSON.parse(json.replace(TOKENS, read))
}

/** Whether a number of JSON is a JavaScript number of the same value. */
function isNumber(text, exactNumbers) {
  const value = Number(text)
  if (!/[.eE]/.test(text)) return Number.isSafeInteger(value)
  return !exactNumbers && Number.isFinite(value) && digitsOf(text) === digitsOf(value.toExponential())
}

/** The significant digits of a number, and the power of ten of the last one; the same for equal numbers. */
function digitsOf(text) {
  const [, whole, fraction = '', power = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text)
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${significant}e${BigInt(power.replace('+', '')) - BigInt(fraction.length) + BigInt(digits.length - significant.length)}`
}

const shownSubject = (subject) => (subject === undefined ? null : { entity: subject.entity, id: subject.id ?? null })

const shownTime = (time) => time?.toISOString().replace('.000Z', 'Z') ?? null
