// The body of a request: its types, its memory and its limit.

import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'

import { Receiver } from 'hookseal'

import { BODY, benji, benjiRequest, bentoRequest } from './requests.js'

const receive = (body) => benji().receive({ ...benjiRequest(), body })

test('a body is a Buffer, a Uint8Array or an ArrayBuffer', () => {
  const bytes = new Uint8Array(BODY)
  class Mine extends Uint8Array {}
  const within = Buffer.concat([Buffer.from('xx'), BODY, Buffer.from('xx')])
  const elsewhere = runInNewContext('Uint8Array').from(BODY)
  for (const body of [BODY, bytes, bytes.buffer, new Mine(bytes), within.subarray(2, -2), elsewhere, elsewhere.buffer]) {
    assert.equal(receive(body).length, 1)
  }
})

test('any other body is a TypeError that says how to get the raw bytes', () => {
  for (const body of ['{}', { event: 'a' }, null, undefined, 7, new Int8Array(2), new DataView(new ArrayBuffer(2)), [1, 2]]) {
    assert.throws(
      () => receive(body),
      (error) => {
        assert.ok(error instanceof TypeError)
        for (const name of ['Express', 'Fastify', 'Next.js']) assert.match(error.message, new RegExp(name))
        return true
      },
    )
  }
  assert.throws(() => receive('{}'), /not a string/)
  assert.throws(() => receive({}), /not a parsed object/)
  // What a JSON body can hold does not make it look like anything else.
  assert.throws(() => receive(JSON.parse('{"then":"a","pipe":null,"arrayBuffer":{},"getReader":1}')), /not a parsed object/)
})

test('a body that is not read yet is a TypeError that says how to read it', () => {
  const request = new Request('http://localhost', { method: 'POST', body: BODY })
  for (const body of [request, new Response(BODY), new Blob([BODY])]) {
    assert.throws(() => receive(body), { name: 'TypeError', message: /not an object that gives its bytes later: await its arrayBuffer\(\)$/ })
  }
  for (const body of [Readable.from([BODY]), request.body]) {
    assert.throws(() => receive(body), { name: 'TypeError', message: /not a stream: read it to its end, or let an adapter read it: .*Express/ })
  }
  assert.throws(() => receive(request.arrayBuffer()), { name: 'TypeError', message: /not a Promise: await it$/ })
})

test('shared memory is refused', () => {
  for (const Shared of [SharedArrayBuffer, runInNewContext('SharedArrayBuffer')]) {
    const shared = new Shared(BODY.length)
    new Uint8Array(shared).set(BODY)
    for (const body of [shared, new Uint8Array(shared), Buffer.from(shared)]) {
      assert.throws(() => receive(body), { name: 'TypeError', message: /SharedArrayBuffer/ })
    }
  }
})

test('detached memory is refused, and an empty body is not', () => {
  const bytes = new Uint8Array(BODY)
  const { buffer } = bytes
  structuredClone(buffer, { transfer: [buffer] })
  for (const body of [bytes, buffer]) assert.throws(() => receive(body), { name: 'TypeError', message: /detached/ })
  assert.equal(benji().receive.call(benji(), benjiRequest()).length, 1)
  const empty = benji().tryReceive(benjiRequest(Buffer.alloc(0)))
  assert.equal(empty.code, 'malformed_payload')
})

test('resizable memory is read at its present length', () => {
  const buffer = new ArrayBuffer(BODY.length, { maxByteLength: 4096 })
  const tracking = new Uint8Array(buffer)
  const outside = new Uint8Array(buffer, BODY.length - 1, 1)
  tracking.set(BODY)
  assert.equal(receive(tracking).length, 1)
  buffer.resize(4096)
  assert.equal(benji().tryReceive({ ...benjiRequest(), body: tracking }).code, 'signature_mismatch')
  buffer.resize(1)
  assert.throws(() => receive(outside), { name: 'TypeError', message: /detached/ })
})

for (const [size, padding] of [['small', 0], ['large', 20_000]]) {
  test(`a ${size} body can change after the check; the events cannot`, () => {
    const body = Buffer.concat([BODY, Buffer.alloc(padding, ' ')])
    const delivery = benji().receive(benjiRequest(body))
    const [event] = delivery
    const before = [event.kind, `${event.subject}`, event.name, event.id, event.raw.toString(), event.toCloudevent()]
    body.fill(0x78)
    const raw = event.raw
    raw.fill(0x78)
    new Uint8Array(raw.buffer).fill(0x78)
    event.data.event = 'changed'
    for (let more = 0; more < 300; more++) benji().receive(benjiRequest(Buffer.from('{"event":"user_partner_connected"}')))
    const after = [event.kind, `${event.subject}`, event.name, event.id, event.raw.toString(), event.toCloudevent()]
    assert.deepEqual(after, before)
    assert.equal(event.toJSON().data.event, 'reward_transaction_updated')
  })
}

test('a body over the limit is not copied', () => {
  // Nothing has touched its memory pages, and nothing may.
  const BYTES = 400 * 1024 * 1024
  const body = Buffer.alloc(BYTES)
  class Mine extends Uint8Array {}
  const forms = [body, body.buffer, new Uint8Array(body.buffer), new Mine(body.buffer), runInNewContext('(memory) => new Uint8Array(memory)')(body.buffer)]
  const before = process.resourceUsage().maxRSS
  for (const form of forms) {
    assert.equal(benji().tryReceive({ ...benjiRequest(), body: form }).code, 'payload_too_large')
    assert.equal(benji().tryReceive({ ...benjiRequest(), method: 'GET', body: form }).code, 'method_not_allowed')
  }
  const grown = (process.resourceUsage().maxRSS - before) / 1024
  assert.ok(grown < 32, `${Math.round(grown)} MiB for a body that is refused for its length`)
})

test('the limit is exact for small and large bodies', () => {
  for (const limit of [1, 100, 4095, 4096, 4097, 65_536]) {
    const receiver = Receiver.bento({ bearer: 'token', maxBodyBytes: limit })
    const code = (length) => receiver.tryReceive(bentoRequest(' '.repeat(length))).code
    assert.deepEqual([code(limit), code(limit + 1)], ['malformed_payload', 'payload_too_large'])
  }
})

test('deliveries of all sizes and outcomes do not overwrite each other', () => {
  const receiver = Receiver.bento({ bearer: 'token' })
  const kept = []
  for (let count = 0; count < 400; count++) {
    const events = Array.from({ length: count % 7 }, (_, at) => ({ type: `t${count}`, email: `${count}-${at}@example.com` }))
    const json = JSON.stringify({ events, padding: 'x'.repeat((count * 37) % 6000) })
    kept.push([json, events, receiver.receive(bentoRequest(json))])
    receiver.tryReceive(bentoRequest('{'))
    receiver.tryReceive({ ...bentoRequest(json), headers: {} })
  }
  for (const [, events, delivery] of kept) {
    assert.deepEqual([...delivery].map(({ name, subject }) => ({ type: name, email: subject.id })), events)
  }
})
