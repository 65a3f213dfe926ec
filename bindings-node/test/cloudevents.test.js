// The package of the CloudEvents project reads the CloudEvents of hookseal.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { CloudEvent, HTTP } from 'cloudevents'

import { Receiver, fromTrustedRecord, sign } from 'hookseal'

import { readVectors, receiverOf } from './vectors.js'

const vectors = readVectors().filter(({ expect }) => expect.outcome === 'delivery')

test('every event of the vectors is a CloudEvent that the CloudEvents package reads', () => {
  let count = 0
  for (const vector of vectors) {
    const body = Buffer.from(vector.body_base64, 'base64')
    const delivery = receiverOf(vector).receive({ ...vector, body }, new Date(vector.now))
    for (const event of [...delivery].slice(0, 20)) {
      assertReadBack(event)
      count += 1
    }
  }
  assert.ok(count > 500, `${count} events`)
})

function assertReadBack(event) {
  const headers = { 'content-type': 'application/cloudevents+json' }
  const read = HTTP.toEvent({ headers, body: event.toCloudevent() })
  read.validate()
  const { data, time, ...attributes } = JSON.parse(event.toCloudevent())
  for (const [name, value] of Object.entries(attributes)) assert.equal(read[name], value, name)
  // If there is no time, the package sets the time of the reading.
  if (time !== undefined) assert.equal(Date.parse(read.time), Date.parse(time))
  assert.deepEqual(new CloudEvent(JSON.parse(event.toCloudevent())).data, data)
}

test('a delivery is a batch', () => {
  const vector = vectors.find(({ expect }) => expect.events.length > 1)
  const delivery = receiverOf(vector).receive({ ...vector, body: Buffer.from(vector.body_base64, 'base64') }, new Date(vector.now))
  const headers = { 'content-type': 'application/cloudevents-batch+json' }
  const read = HTTP.toEvent({ headers, body: delivery.toCloudevents() })
  assert.deepEqual(read.map(({ id }) => id), [...delivery].map(({ id }) => id))
  assert.equal(delivery.toCloudevents(), `[${[...delivery].map((event) => event.toCloudevent())}]`)
  assert.equal(fromTrustedRecord(delivery.toRecord()).toCloudevents(), delivery.toCloudevents())
  assert.equal(Receiver.benti('s').receive({ method: 'POST', headers: sign.benti('s'), body: Buffer.from('[]') }).toCloudevents(), '[]')
})
