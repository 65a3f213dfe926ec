// Different events are never deep-equal, and a copy of an event says what to copy instead.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { inspect, isDeepStrictEqual } from 'node:util'
import { MessageChannel } from 'node:worker_threads'

import { Delivery, Event, Receiver, Recorded, fromTrustedRecord, sign } from 'hookseal'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const NOW = Date.UTC(2026, 2, 4, 5, 6, 7)
const body = (id) => `{"event":"transaction_created","entity_type":3,"entity_id":"${id}"}`
const benji = Receiver.benji('salt')
const received = (text, time = NOW, receiver = benji) =>
  receiver.receive({ method: 'POST', headers: sign.benji('salt', text, { time }), body: Buffer.from(text) }, time)
const one = (delivery) => [...delivery][0]

describe('events', () => {
  test('that are equal are deep-equal', () => {
    const event = one(received(body(1)))
    assert.deepStrictEqual(event, one(received(body(1))))
    assert.deepStrictEqual([event, { event }], [one(received(body(1))), { event }])
    assert.deepStrictEqual(event, one(fromTrustedRecord(received(body(1)).toRecord())))
    // What a program does with the payload that it got changes no event.
    event.data.entity_id = 'changed'
    assert.deepStrictEqual(event, one(received(body(1))))
  })

  test('that differ in anything are not', () => {
    const event = one(received(body(1)))
    const others = [
      received(body(2)),
      received(body(1), NOW + 1000),
      received(`${body(1).slice(0, -1)},"more":1}`),
      received(`${body(1).slice(0, -1)},"more":1.0}`),
      received(body(1), NOW, Receiver.benji('salt', { source: '/shop' })),
    ].map(one)
    for (const other of others) {
      assert.notDeepStrictEqual(event, other)
      assert.equal(isDeepStrictEqual([event], [other]), false)
      assert.throws(() => assert.deepStrictEqual({ event }, { event: other }), assert.AssertionError)
    }
    assert.equal(new Set([event, ...others].map((each) => Object.prototype.toString.call(each))).size, 6)
  })

  test('have a type tag that guesses of a body cannot be tested against', () => {
    const program = `
      const { Receiver, sign } = require('hookseal')
      const body = Buffer.from(${JSON.stringify(body(1))})
      const [event] = Receiver.benji('salt').receive({ method: 'POST', headers: sign.benji('salt', body, { time: ${NOW} }), body }, ${NOW})
      console.log(JSON.stringify([event.id, Object.prototype.toString.call(event)]))`
    const [here, there] = [1, 2].map(() => JSON.parse(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', cwd: FOLDER })))
    assert.match(here[1], /^\[object Event [0-9a-f]{64}\]$/)
    assert.equal(here[0], there[0])
    assert.notEqual(here[1], there[1])
    assert.equal(Object.prototype.toString.call(Event.prototype), '[object Event]')
  })

  test('cannot be cloned or posted, and the error says what to do', () => {
    const event = one(received(body(1)))
    const { port1 } = new MessageChannel()
    for (const copy of [structuredClone, (value) => port1.postMessage(value)]) {
      for (const value of [event, [event], { event }]) assert.throws(() => copy(value), { name: 'DataCloneError', message: /event\.toObject\(\)/ })
    }
    port1.close()
    const { data, id } = structuredClone(event.toObject())
    assert.deepEqual([data, id], [event.data, event.id])
  })

  test('that are spread show what to do', () => {
    assert.match(inspect({ ...one(received(body(1))) }), /event\.toObject\(\)/)
  })
})

describe('deliveries', () => {
  test('are deep-equal if everything about them is', () => {
    const [first, second, later] = [received(body(1)), received(body(1)), received(body(1), NOW + 1)]
    assert.deepStrictEqual(first, second)
    assert.deepStrictEqual(fromTrustedRecord(first.toRecord()), fromTrustedRecord(second.toRecord()))
    assert.notDeepStrictEqual(first, later)
    assert.notDeepStrictEqual(first, received(body(2)))
    assert.notDeepStrictEqual(fromTrustedRecord(first.toRecord()), fromTrustedRecord(later.toRecord()))
    assert.notDeepStrictEqual(first, fromTrustedRecord(first.toRecord()))
    for (const of of [Delivery, Recorded]) assert.equal(Object.prototype.toString.call(of.prototype), `[object ${of.name}]`)
  })

  test('cannot be cloned or posted, and the error says what to do', () => {
    const delivery = received(body(1))
    for (const value of [delivery, fromTrustedRecord(delivery.toRecord())]) {
      assert.throws(() => structuredClone(value), { name: 'DataCloneError', message: /delivery\.toRecord\(\)/ })
      assert.match(inspect({ ...value }), /delivery\.toRecord\(\)/)
    }
  })
})
