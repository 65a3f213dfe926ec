import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readVectors, receiverOf } from './vectors.js'

const vectors = readVectors()

test('there are vectors for every vendor', () => {
  assert.ok(vectors.length > 1000, `${vectors.length} vectors`)
  assert.deepEqual([...new Set(vectors.map(({ vendor }) => vendor))], ['benji', 'benti', 'bento'])
})

for (const vector of vectors) {
  test(vector.name, () => {
    if (vector.expect.outcome === 'setup_error') {
      // What the core refuses, and the types and ranges that JavaScript checks before it.
      assert.throws(() => receiverOf(vector), (error) => error instanceof TypeError || error instanceof RangeError)
      return
    }
    const receiver = receiverOf(vector)
    const body = Buffer.from(vector.body_base64, 'base64')
    for (const headers of formsOf(vector.headers)) {
      const received = receiver.tryReceive({ method: vector.method, headers, body }, new Date(vector.now))
      assert.deepEqual(shown(received, vector.expect), expected(vector.expect))
    }
  })
}

/** The headers as pairs, as Node's rawHeaders, and, where that shows the same, as an object and as Web Headers. */
function formsOf(pairs) {
  const forms = [pairs, pairs.flat()]
  const names = pairs.map(([name]) => name.toLowerCase())
  if (new Set(names).size !== names.length) return forms
  forms.push(Object.fromEntries(pairs))
  try {
    forms.push(new Headers(pairs))
  } catch {
    // A value that no header on the wire holds.
  }
  return forms
}

/** What is expected, as plain values. */
function expected({ events_count, events, ...rest }) {
  if (rest.outcome === 'rejection') return { ...rest, headers: Object.fromEntries(rest.headers) }
  if (rest.outcome === 'handshake') return { ...rest, headers: Object.fromEntries(rest.headers) }
  return { ...rest, events_count: events_count ?? events.length, events }
}

/** What was received, in the form of what is expected. */
function shown(received, expect) {
  const { outcome } = received
  if (outcome === 'handshake') {
    return { outcome, status: received.status, headers: { ...received.headers }, body: received.body }
  }
  if (outcome === 'rejection') return shownRejection(received, expect)
  const events = [...received]
  assert.equal(events.length, received.length)
  return {
    outcome,
    key_id: received.keyId,
    assurance: { ...received.assurance },
    time: shownTime(received.time),
    replay_key: received.replayKey()?.value ?? null,
    replay_retention_seconds: received.replayKey()?.retentionSeconds ?? null,
    events_count: events.length,
    events: expect.events?.map((event) => {
      const found = events.find(({ index }) => index === event.index)
      assert.equal(found?.replayKey()?.retentionSeconds, received.replayKey()?.retentionSeconds)
      return found === undefined ? undefined : shownEvent(found, event)
    }),
    malformed: received.malformed.map(({ index, path, message }) => {
      assert.notEqual(message, '')
      return { index, path }
    }),
  }
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
    // A path is stated only where it is certain.
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
  assert.equal(fields.kind, `${event.entity}.${event.action}`)
  if (expect.raw !== undefined) fields.raw = event.raw.toString()
  if (expect.cloudevent !== undefined) {
    fields.cloudevent = JSON.parse(event.toCloudevent())
    // The same, but for integers that JavaScript cannot hold.
    const { data, ...attributes } = event.toJSON()
    assert.deepEqual({ ...attributes, data: fields.cloudevent.data }, fields.cloudevent)
    assert.deepEqual(data, event.data)
  }
  return fields
}

const shownSubject = (subject) => (subject === undefined ? null : { entity: subject.entity, id: subject.id ?? null })

const shownTime = (time) => time?.toISOString().replace('.000Z', 'Z') ?? null
