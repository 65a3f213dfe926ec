// The payload of an event as JavaScript values.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Receiver } from 'hookseal'

import { bentoRequest } from './requests.js'

/** The data of a workflow webhook, whose event is the whole body. */
function dataOf(json, options) {
  const [event] = Receiver.bento({ bearer: 'token', ...options }).receive(bentoRequest(json))
  assert.equal(event.data, event.data)
  return event.data
}

test('an integer is a number within ±(2^53 − 1), and otherwise its decimal text', () => {
  const json = '{"a":[0,-0,9007199254740991,-9007199254740991,9007199254740992,-9007199254740992,9007199254740993,18446744073709551616,1234567890123456789012345678901234567890]}'
  assert.deepEqual(dataOf(json).a, [0, -0, 9007199254740991, -9007199254740991, '9007199254740992', '-9007199254740992', '9007199254740993', '18446744073709551616', '1234567890123456789012345678901234567890'])
})

test('fractions and exponents are numbers', () => {
  assert.deepEqual(dataOf('{"a":[1.5,1e3,1.0e+21,-0.0,12345678901234567.5,1e400,0.1234567890123456789]}').a, [1.5, 1000, 1e21, -0, 12345678901234567.5, Infinity, 0.12345678901234568])
})

test('text is read exactly, but half of a surrogate pair is U+FFFD', () => {
  const json = String.raw`{"a":["\ud800","x\udc00y","\ud83d\ude00","\\ud800","\u0000\b\"\/\\","é😀","1234567890123456789"],"\ud800":1}`
  assert.deepEqual(dataOf(json).a, ['\ufffd', 'x\ufffdy', '😀', '\\ud800', '\0\b"/\\', 'é😀', '1234567890123456789'])
  assert.ok('\ufffd' in dataOf(json))
})

for (const [way, number] of [['the fast way', '1'], ['the exact way', '12345678901234567890']]) {
  test(`keys with a meaning in JavaScript are plain data, ${way}`, () => {
    const data = dataOf(`{"__proto__":{"polluted":${number}},"constructor":${number},"toString":null,"hasOwnProperty":1,"a":1,"a":2}`)
    assert.equal(Object.getPrototypeOf(data), Object.prototype)
    assert.deepEqual(Object.keys(data), ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a'])
    assert.deepEqual([data.polluted, {}.polluted, data.a, data.toString], [undefined, undefined, 2, null])
    assert.equal(String(Object.getOwnPropertyDescriptor(data, '__proto__').value.polluted), number)
    assert.equal(JSON.parse(JSON.stringify(data)).a, 2)
  })
}

test('a payload at the limits of depth and number length is read', () => {
  let value = dataOf(`{"a":${'['.repeat(126)}12345678901234567890${']'.repeat(126)}}`).a
  for (let depth = 0; depth < 126; depth++) [value] = value
  assert.equal(value, '12345678901234567890')
  const digits = '9'.repeat(5000)
  assert.equal(dataOf(`{"a":${digits}}`, { maxNumberLength: 5000 }).a, digits)
})

test('a CloudEvent is an object with the event as its data, even at the limit of depth', () => {
  const json = `{"event":"a.b","workflow":",\\"data\\":","a":${'['.repeat(126)}12345678901234567890${']'.repeat(126)}}`
  const [event] = Receiver.bento({ bearer: 'token' }).receive(bentoRequest(json))
  const made = event.toJSON()
  assert.deepEqual(made.data, event.data)
  assert.notEqual(made.data, event.data)
  const { data, ...attributes } = JSON.parse(event.toCloudevent())
  assert.deepEqual({ ...made, data: undefined }, { ...attributes, data: undefined })
  assert.deepEqual(Object.keys(made), [...Object.keys(attributes), 'data'])
  assert.equal(data.workflow, ',"data":')
})

test('empty and nested containers are read correctly beside a long integer', () => {
  const json = '{"a":[],"b":{},"c":[[],{},[1,[2]],{"d":[{"e":[]}]}],"n":12345678901234567890,"t":[true,false,null,"",{"":""}]}'
  assert.deepEqual(dataOf(json), JSON.parse(json.replace('12345678901234567890', '"12345678901234567890"')))
})

test('raw and the CloudEvent have every digit', () => {
  const json = '{"event":"e","a": 18446744073709551616,"b":1.10}'
  const [event] = Receiver.bento({ bearer: 'token' }).receive(bentoRequest(json))
  assert.equal(event.raw.toString(), json)
  assert.ok(event.toCloudevent().endsWith(`"data":${json}}`))
  assert.equal(event.toJSON().data.a, '18446744073709551616')
})
