// A record opens to the delivery that was recorded, or does not open.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'

import { Delivery, Event, Key, Receiver, RecordError, Recorded, fromTrustedRecord, sign } from 'hookseal'

import { BODY, SALT, benji, benjiRequest, bentoRequest } from './requests.js'
import { readVectors, receive, receiverOf } from './vectors.js'

const NOW = Date.UTC(2026, 2, 4, 5, 6, 7, 89)
const vectors = readVectors().filter(({ expect }) => expect.outcome === 'delivery')
const bento = Receiver.bento({ bearer: 'token' })

/** All that an event says. */
function shownEvent(event) {
  return {
    id: event.id,
    idOrigin: event.idOrigin,
    index: event.index,
    vendor: event.vendor,
    source: event.source,
    kind: event.kind,
    entity: event.entity,
    action: event.action,
    name: event.name,
    subject: event.subject,
    parent: event.parent,
    actor: event.actor,
    time: event.time,
    timeZoneAssumed: event.timeZoneAssumed,
    data: event.data,
    raw: event.raw,
    replayKey: event.replayKey(),
    cloudevent: event.toCloudevent(),
    json: event.toJson(),
    object: event.toObject(),
    inspected: inspect(event),
  }
}

/** All that a delivery and a recorded one have in common. */
function shown(delivery) {
  return {
    vendor: delivery.vendor,
    keyId: delivery.keyId,
    assurance: delivery.assurance,
    time: delivery.time,
    receivedAt: delivery.receivedAt,
    body: delivery.body,
    length: delivery.length,
    malformed: delivery.malformed,
    replayKey: delivery.replayKey(),
    json: JSON.stringify(delivery),
    record: delivery.toRecord(),
    events: [...delivery].map(shownEvent),
  }
}

test('the record of every vector opens to its delivery', () => {
  let events = 0
  for (const vector of vectors) {
    const delivery = receive(receiverOf(vector), vector)
    const record = delivery.toRecord()
    assert.match(record, /^\{"hookseal_record":1,.*\}$/, vector.name)
    const recorded = fromTrustedRecord(record)
    assert.deepEqual(shown(recorded), shown(delivery), vector.name)
    assert.equal(recorded.receivedAt.getTime(), vector.now, vector.name)
    assert.equal(delivery.body.toString('base64'), vector.body_base64, vector.name)
    for (const event of recorded) {
      assert.ok(event instanceof Event && Object.isFrozen(event))
      assert.equal(event.source, recorded.source)
      events += 1
    }
  }
  assert.ok(events > 1000, `${events} events`)
})

test('a record may be bytes of UTF-8', () => {
  for (const vector of vectors.slice(0, 200)) {
    const record = receive(receiverOf(vector), vector).toRecord()
    const padded = Buffer.from(` ${record} `)
    for (const bytes of [Buffer.from(record), new TextEncoder().encode(record), padded.subarray(1, -1)]) {
      assert.equal(fromTrustedRecord(bytes).toRecord(), record, vector.name)
    }
  }
})

test('a record is the same text each time, also of a delivery in memory of its own', () => {
  for (const size of [0, 5000, 100_000]) {
    const body = Buffer.from(`{"event":"transaction_created","entity_id":7${' '.repeat(size)}}`)
    const delivery = Receiver.benji(SALT, { maxBodyBytes: 200_000 }).receive(benjiRequest(body, { time: NOW }), NOW)
    const record = delivery.toRecord()
    assert.equal(delivery.toRecord(), record)
    // The slab goes on to serve others.
    for (let at = 0; at < 1000; at++) benji().receive(benjiRequest())
    assert.equal(delivery.toRecord(), record)
    assert.equal(fromTrustedRecord(record).toRecord(), record)
    assert.deepEqual(JSON.parse(record).received_at, '2026-03-04T05:06:07.089Z')
  }
})

test('a record tells nothing of a secret or a signature', () => {
  const idKey = 'an id key of thirty-two bytes, ok'
  for (const headers of [sign.benji(SALT, BODY), sign.benjiBodyOnly(SALT, BODY)]) {
    const record = Receiver.benji(SALT, { idKey }).receive({ method: 'POST', headers, body: BODY }).toRecord()
    const mac = headers['x-benji-signature']
    for (const secret of [SALT, idKey, mac, Buffer.from(mac, 'hex').toString('base64')]) assert.ok(!record.includes(secret))
  }
})

test('options of the receiver and the id of the key reach the record and come back', () => {
  const keys = [new Key('old', { id: 'of 2025' }), new Key(SALT, { id: 'of 2026' })]
  const options = { source: '/shop', replayPolicy: 'none', maxEvents: 7, idKey: 'an id key of thirty-two bytes, ok' }
  const delivery = Receiver.benji(keys, options).receive(benjiRequest())
  const recorded = fromTrustedRecord(delivery.toRecord())
  assert.deepEqual([recorded.keyId, recorded.source, recorded.replayKey()], ['of 2026', '/shop', undefined])
  const [event] = recorded
  assert.deepEqual([event.source, event.replayKey(), event.id], ['/shop', undefined, [...delivery][0].id])
  assert.equal(JSON.parse(recorded.toRecord()).reading.max_events, 7)
})

test('a time whose zone was assumed comes back as such', () => {
  const headers = { 'x-benji-signature': sign.benjiBodyOnly(SALT, BODY)['x-benji-signature'], 'x-webhook-datetime': '2026-03-04T05:06:07' }
  const delivery = benji().receive({ method: 'POST', headers, body: BODY }, NOW)
  const [event] = fromTrustedRecord(delivery.toRecord())
  assert.deepEqual([event.timeZoneAssumed, event.time], [true, new Date('2026-03-04T05:06:07Z')])
})

describe('body', () => {
  const batch = bentoRequest('{"events":[{"type":"$purchase","email":"a@example.com"},{"type":"$view"}]}')
  const large = bentoRequest(`{"event":"${'e'.repeat(10_000)}"}`)
  const single = benjiRequest(BODY, { time: NOW })
  const deliveries = {
    'of a delivery': () => benji().receive(single, NOW),
    'of a batch': () => bento.receive(batch, NOW),
    'of a large delivery': () => bento.receive(large, NOW),
    'of a recorded delivery': () => fromTrustedRecord(benji().receive(single, NOW).toRecord()),
    'of a recorded batch': () => fromTrustedRecord(bento.receive(batch, NOW).toRecord()),
  }
  for (const [name, make] of Object.entries(deliveries)) {
    test(`${name}: a change changes no event`, () => {
      const delivery = make()
      const { body } = delivery
      assert.ok(Buffer.isBuffer(body))
      assert.notEqual(delivery.body, body)
      // It shares its memory with nothing.
      assert.equal(body.buffer.byteLength, body.length)
      body.fill(0x20)
      assert.deepEqual(shown(delivery), shown(make()))
      structuredClone(body, { transfer: [body.buffer] })
      assert.deepEqual(shown(delivery), shown(make()))
    })
  }

  test('is the one that was received, also without an event', () => {
    const empty = bentoRequest('{"events":[]}')
    assert.deepEqual(bento.receive(empty).body, empty.body)
    assert.deepEqual(fromTrustedRecord(bento.receive(empty).toRecord()).body, empty.body)
  })
})

test('receivedAt is the time of the check, as a copy', () => {
  const delivery = benji().receive(benjiRequest(BODY, { time: NOW }), new Date(NOW))
  const { receivedAt } = delivery
  assert.deepEqual(receivedAt, new Date(NOW))
  receivedAt.setTime(0)
  assert.deepEqual(delivery.receivedAt, new Date(NOW))
  const before = Date.now()
  const received = benji().receive(benjiRequest()).receivedAt
  assert.ok(received >= before && received <= Date.now())
  for (const now of [new Date('0001-01-01T00:00:00Z'), new Date('9999-12-31T23:59:59.999Z')]) {
    assert.deepEqual(fromTrustedRecord(bento.receive(bentoRequest('{"event":"e"}'), now).toRecord()).receivedAt, now)
  }
})

describe('a recorded delivery', () => {
  const delivery = benji().receive(benjiRequest())
  const recorded = fromTrustedRecord(delivery.toRecord())

  test('is a class of its own, that nobody can make', () => {
    assert.ok(recorded instanceof Recorded)
    assert.ok(!(recorded instanceof Delivery) && !(delivery instanceof Recorded))
    assert.deepEqual([delivery.isRecorded, recorded.isRecorded], [false, true])
    for (const made of [undefined, delivery, {}, Symbol('make')]) {
      assert.throws(() => new Recorded(made), { name: 'TypeError', message: 'a Recorded comes out of fromTrustedRecord' })
      assert.throws(() => new RecordError(made, 'a', 'b', ''), { name: 'TypeError' })
    }
    assert.throws(() => Object.create(recorded).length, TypeError)
    assert.throws(() => Object.getOwnPropertyDescriptor(Recorded.prototype, 'body').get.call(delivery), TypeError)
  })

  test('has what a delivery has, and its source', () => {
    const names = (made) => Reflect.ownKeys(made.prototype).filter((name) => name !== 'constructor').map(String).sort()
    assert.deepEqual(names(Recorded), [...names(Delivery).filter((name) => name !== 'outcome'), 'source'].sort())
    assert.throws(() => recorded.replayKey('strict'), { name: 'TypeError', message: /takes no policy/ })
    assert.equal(inspect(recorded), 'Recorded(benji, 1 events, 0 malformed)')
    assert.deepEqual([recorded.time, recorded.receivedAt], [delivery.time, delivery.receivedAt])
    recorded.time.setTime(0)
    assert.deepEqual(recorded.time, delivery.time)
  })

  test('is not written to', () => {
    for (const name of ['vendor', 'body', 'isRecorded', 'length']) assert.throws(() => { recorded[name] = 7 }, TypeError)
    const [event] = recorded
    assert.throws(() => { event.id = 'other' }, TypeError)
    event.raw.fill(0)
    const { data } = event
    data.event = 'changed'
    assert.equal(event.toJSON().data.event, 'reward_transaction_updated')
  })
})

describe('a record that is refused', () => {
  const record = bento.receive(bentoRequest('{"events":[{"type":"$purchase","email":"a@example.com"}]}'), NOW).toRecord()
  const changed = (change) => JSON.stringify({ ...JSON.parse(record), ...change })
  const refused = (text) => {
    try {
      fromTrustedRecord(text)
    } catch (error) {
      assert.ok(error instanceof RecordError && error instanceof Error)
      assert.equal(error.name, 'RecordError')
      assert.deepEqual(Object.keys(error), ['code', 'version'])
      return error
    }
    throw new Error(`it was opened: ${text.slice(0, 100)}`)
  }

  test('has its code and the message of the core', () => {
    const cases = [
      ['', 'not_a_record', /^this is not a record of a delivery, or it was cut: pass what `toRecord` returned/],
      ['{}', 'not_a_record', /hookseal_record/],
      ['[]', 'not_a_record', /hookseal_record/],
      ['null', 'not_a_record', /hookseal_record/],
      ['\ud800', 'not_a_record', /hookseal_record/],
      [record.slice(0, -1), 'not_a_record', /hookseal_record/],
      [changed({ hookseal_record: 0 }), 'not_a_record', /hookseal_record/],
      [changed({ hookseal_record: 2 }), 'newer_record', /version 2, and this hookseal reads version 1/],
      [changed({ another: 7 }), 'malformed_record', /at line 1, column \d+/],
      [changed({ vendor: 'nobody' }), 'malformed_record', /`vendor`/],
      [changed({ received_at: 7 }), 'malformed_record', /at line 1, column \d+/],
      [changed({ received_at: '2026-03-04T05:06:08Z' }), 'damaged_record', /checksum/],
      [changed({ body: 'not base64' }), 'malformed_record', /`body`/],
      [changed({ body: Buffer.from('{"event":"e"}').toString('base64') }), 'damaged_record', /checksum/],
    ]
    for (const [text, code, message] of cases) {
      const error = refused(text)
      assert.equal(error.code, code, text)
      assert.match(error.message, message)
      assert.equal(error.version, code === 'newer_record' ? 2 : undefined)
    }
    assert.equal(refused(changed({ hookseal_record: 1000 })).version, 1000)
  })

  test('has the code of a body that cannot be read', () => {
    const two = bento.receive(bentoRequest('{"events":[{"type":"$a","email":"a@b.co"},{"type":"$b","email":"a@b.co"}]}'), NOW).toRecord()
    assert.equal(JSON.parse(two).checksum, JSON.parse(sealed(two)).checksum)
    const error = refused(sealed(two.replace('"max_events":10000', '"max_events":1')))
    assert.equal(error.code, 'unreadable_body')
    assert.match(error.message, /^the record's body cannot be read: /)
    const text = bentoRequest('{').body.toString('base64')
    assert.equal(refused(sealed(two.replace(JSON.parse(two).body, text))).code, 'unreadable_body')
  })

  test('is anything but text, as an error of the program', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(record.length))
    shared.set(Buffer.from(record))
    for (const bad of [undefined, null, 7, {}, [...Buffer.from(record)], new Uint16Array(4), Buffer.from(record).buffer, shared, JSON.parse(record)]) {
      assert.throws(() => fromTrustedRecord(bad), { name: 'TypeError', message: /^a record must be a string or a Uint8Array of UTF-8/ })
    }
  })

  test('is bytes that are no UTF-8', () => {
    const bytes = Buffer.from(record)
    for (let at = 0; at < bytes.length; at += 7) {
      const broken = Buffer.concat([bytes.subarray(0, at), Buffer.of(0xff), bytes.subarray(at)])
      assert.throws(() => fromTrustedRecord(broken), RecordError)
    }
    assert.equal(refused(Buffer.concat([Buffer.from('\ufeff'), bytes])).code, 'not_a_record')
    assert.equal(refused(Buffer.alloc(0)).code, 'not_a_record')
    const gone = new Uint8Array(bytes)
    structuredClone(gone, { transfer: [gone.buffer] })
    assert.equal(refused(gone).code, 'not_a_record')
  })

  test('shows nothing of itself', () => {
    const secret = 'of-a-customer'
    for (const text of [secret, changed({ source: secret }), changed({ [secret]: 7 }), changed({ vendor: secret }), changed({ body: secret })]) {
      assert.ok(!inspect(refused(text)).split('\n')[0].includes(secret))
      assert.ok(!refused(text).message.includes(secret))
    }
  })

  test('may be enormous or nested', () => {
    const enormous = 'x'.repeat(50_000_000)
    assert.equal(refused(enormous).code, 'not_a_record')
    assert.equal(refused(changed({ source: enormous })).code, 'damaged_record')
    assert.ok(['not_a_record', 'malformed_record'].includes(refused('['.repeat(10_000_000)).code))
    assert.ok(['not_a_record', 'malformed_record'].includes(refused(changed({}).replace('"reading":', `"deep":${'['.repeat(100_000)}${']'.repeat(100_000)},"reading":`)).code))
    assert.ok(['not_a_record', 'malformed_record'].includes(refused(`{"hookseal_record":1,"a":${'{"a":'.repeat(100_000)}`).code))
  })

  test('may be cut anywhere, or have any byte changed', () => {
    const original = shown(fromTrustedRecord(record))
    for (let at = 0; at < record.length; at++) {
      refused(record.slice(0, at))
      for (const character of ['0', ' ', '"', '\\', '\0', 'é']) {
        const text = record.slice(0, at) + character + record.slice(at + 1)
        if (text === record) continue
        try {
          // White space where JSON allows it changes nothing.
          assert.deepEqual(shown(fromTrustedRecord(text)), original)
        } catch (error) {
          assert.ok(error instanceof RecordError, `${error}`)
        }
      }
    }
  })
})

/** Makes the checksum of a record anew, as whoever edits one on purpose can. */
function sealed(text) {
  const { body, checksum, ...members } = JSON.parse(text)
  const raw = Buffer.from(body, 'base64')
  const hash = createHash('sha256')
  for (const part of ['hookseal/2', 'record', members.vendor, members.source, JSON.stringify(members), raw]) {
    const bytes = Buffer.from(part)
    const length = Buffer.alloc(8)
    length.writeBigUInt64BE(BigInt(bytes.length))
    hash.update(length).update(bytes)
  }
  return JSON.stringify({ ...members, body, checksum: hash.digest('hex').slice(0, 32) })
}
