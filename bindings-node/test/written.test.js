// An event as JSON and as an object, and the words that programs compare with.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { ACTIONS, ENTITIES, KINDS, Receiver, VENDORS, fromTrustedRecord, sign } from 'hookseal'

import { bentoRequest } from './requests.js'

const SCHEMA = JSON.parse(readFileSync(new URL('../../core/schemas/event.schema.json', import.meta.url), 'utf8'))
const bento = Receiver.bento({ bearer: 'token' })

function only(json) {
  const [event] = bento.receive(bentoRequest(json))
  return event
}

function benti(...elements) {
  return [...Receiver.benti('secret').receive({ method: 'POST', headers: sign.benti('secret'), body: Buffer.from(JSON.stringify(elements)) })]
}

test('an object has everything that the event says', () => {
  const reply = { id: 1, item: 'reply', action: 'add', parent: 2, actor: 3, timestamp: 1_772_600_767.5 }
  for (const event of [...benti(reply, { action: 'close-ticket', body: {} }), only('{}')]) {
    const object = event.toObject()
    const subject = (of) => (of === undefined ? null : { entity: of.entity, id: of.id ?? null })
    assert.deepEqual(object, {
      id: event.id,
      id_origin: event.idOrigin,
      index: event.index,
      vendor: event.vendor,
      source: event.source,
      kind: event.kind,
      entity: event.entity,
      action: event.action,
      name: event.name,
      subject: subject(event.subject),
      actor: subject(event.actor),
      parent: subject(event.parent),
      time: event.time?.toISOString().replace('.000Z', 'Z') ?? null,
      time_zone_assumed: event.timeZoneAssumed,
      assurance: object.assurance,
      data: event.data,
    })
    assert.deepEqual(Object.keys(object), SCHEMA.required)
    assert.deepEqual(object, JSON.parse(event.toJson()))
    assert.equal(JSON.stringify(event), JSON.stringify(object))
    assert.equal(JSON.stringify({ event, list: [event] }), JSON.stringify({ event: object, list: [object] }))
  }
  const [event] = bento.receive(bentoRequest('{}'))
  assert.deepEqual(event.toObject().assurance, { ...bento.receive(bentoRequest('{}')).assurance })
})

test('an object is new each time', () => {
  const event = only('{"a":{"b":1}}')
  event.toObject().data.a.b = 2
  event.data.a.b = 3
  event.toObject().subject.entity = 'changed'
  assert.equal(event.toObject().data.a.b, 1)
  assert.equal(event.toJSON().subject.entity, event.subject.entity)
})

test('the payload cannot set a member of the event, nor a prototype', () => {
  for (const number of ['1', '1e400']) {
    const event = only(`{"id":"x","kind":"y","toJSON":1,"data":{"data":${number}},"__proto__":{"polluted":${number}}}`)
    for (const object of [event.toObject(), event.toObject({ exactNumbers: true }), JSON.parse(JSON.stringify(event))]) {
      assert.deepEqual([object.id, object.kind], [event.id, event.kind])
      assert.equal(Object.getPrototypeOf(object), Object.prototype)
      assert.equal(Object.getPrototypeOf(object.data), Object.prototype)
      assert.deepEqual(Object.keys(object.data), ['id', 'kind', 'toJSON', 'data', '__proto__'])
      assert.equal(String(Object.getOwnPropertyDescriptor(object.data, '__proto__').value.polluted), number)
      assert.deepEqual([object.polluted, object.data.polluted, {}.polluted], [undefined, undefined, undefined])
    }
  }
})

test("deliveries are JSON Lines whatever their senders' line breaks", () => {
  const pretty = '{\r\n  "a b" : "c\\n d" ,\n\t"e" : [ ]\r\n}'
  const delivery = bento.receive(bentoRequest(pretty))
  const [event] = delivery
  assert.ok(event.toJson().endsWith('"data":{"a b":"c\\n d","e":[]}}'))
  for (const text of [event.toJson(), event.toCloudevent(), delivery.toCloudevents(), JSON.stringify(delivery)]) {
    assert.doesNotMatch(text, /[\r\n\t]/)
  }
  assert.equal(event.raw.toString(), pretty)
  // Only \n separates lines: texts may hold what other readers take for a line break.
  const lines = `${only('{"a":"x\u2028y\u2029z\u0085"}').toJson()}\n${event.toJson()}\n`.split('\n')
  assert.deepEqual(lines.map((line) => line && JSON.parse(line).data), [{ a: 'x\u2028y\u2029z\u0085' }, event.data, ''])
  assert.equal(JSON.stringify(delivery), `[${JSON.stringify(event)}]`)
})

test('an event of a record is written alike', () => {
  const delivery = bento.receive(bentoRequest('{ "x" : [ 1.50 , 1e400 , "\\ud800" ] }'))
  const [event] = delivery
  const [recorded] = fromTrustedRecord(delivery.toRecord())
  assert.equal(recorded.toJson(), event.toJson())
  assert.deepEqual(recorded.toObject({ exactNumbers: true }), event.toObject({ exactNumbers: true }))
  assert.ok(event.toJson().endsWith('"data":{"x":[1.50,1e400,"\\ud800"]}}'))
  assert.deepEqual(event.toObject().data, { x: [1.5, '1e400', '\ufffd'] })
})

test('an option that there is not, or of another type, is an error', () => {
  const event = only('{}')
  assert.throws(() => event.toObject({ exact: true }), /exact is not an option of toObject/)
  assert.throws(() => event.toObject({ exactNumbers: 'yes' }), /exactNumbers must be a boolean/)
  assert.throws(() => event.toObject(true), TypeError)
  assert.throws(() => event.toObject(null), TypeError)
  assert.equal(event.toObject({}).id, event.id)
  Object.defineProperty(Object.prototype, 'exactNumbers', { __proto__: null, value: true, configurable: true })
  try {
    assert.deepEqual(only('{"x":1.50}').toObject().data, { x: 1.5 })
  } finally {
    delete Object.prototype.exactNumbers
  }
})

test('the words are those of the core, and cannot be changed', () => {
  assert.deepEqual(VENDORS, SCHEMA.properties.vendor.enum)
  assert.deepEqual(ACTIONS, SCHEMA.properties.action.enum)
  assert.deepEqual(ENTITIES, SCHEMA.$defs.entity.enum)
  assert.ok(KINDS.includes(only('{}').kind) && !KINDS.includes('ticket.purchased') && KINDS.length > 50)
  assert.equal(new Set(KINDS).size, KINDS.length)
  for (const kind of KINDS) {
    const [entity, action] = kind.split('.')
    assert.ok(ENTITIES.includes(entity) && ACTIONS.includes(action), kind)
  }
  for (const words of [VENDORS, ENTITIES, ACTIONS, KINDS]) assert.throws(() => words.push('other'), TypeError)
})
