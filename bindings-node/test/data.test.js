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

// A number, and its value in `data`. With exact numbers each is its own text.
const FRACTIONS = [
  ['1.50', 1.5],
  ['0.1', 0.1],
  ['1E5', 100000],
  ['1e+05', 100000],
  ['1.0e+21', 1e21],
  ['0.0', 0],
  ['-0.0', -0],
  ['0e400', 0],
  ['0.0e9999999999999999999', 0],
  ['0.0000001', 1e-7],
  ['9007199254740992.0', 9007199254740992],
  ['9007199254740993.0', '9007199254740993.0'],
  ['12345678901234567.5', '12345678901234567.5'],
  ['12345678.12345679', 12345678.12345679],
  ['12345678.123456789', '12345678.123456789'],
  ['0.1234567890123456789', '0.1234567890123456789'],
  ['0.10000000000000000555', '0.10000000000000000555'],
  ['1.7976931348623157e308', Number.MAX_VALUE],
  ['1.7976931348623159e308', '1.7976931348623159e308'],
  ['5e-324', 5e-324],
  ['4e-324', '4e-324'],
  ['1e-400', '1e-400'],
  ['1e400', '1e400'],
  ['-1E+400', '-1E+400'],
  [`1e${'9'.repeat(998)}`, `1e${'9'.repeat(998)}`],
  [`1.${'0'.repeat(998)}`, 1],
  [`1.${'0'.repeat(997)}1`, `1.${'0'.repeat(997)}1`],
]

test('a fraction is a number that prints as the same value, and otherwise its own text', () => {
  for (const [number, value] of FRACTIONS) {
    const [event] = Receiver.bento({ bearer: 'token' }).receive(bentoRequest(`{"x":${number}}`))
    assert.deepEqual(event.data, { x: value }, number)
    assert.deepEqual(event.toObject().data, { x: value }, number)
    assert.deepEqual(event.toObject({ exactNumbers: true }).data, { x: number }, number)
    assert.deepEqual(JSON.parse(JSON.stringify(event)).data, { x: value === 0 ? 0 : value }, number)
    assert.ok(event.toJson().endsWith(`"data":{"x":${number}}}`), number)
    assert.ok(event.toCloudevent().endsWith(`"data":{"x":${number}}}`), number)
  }
})

test('all fractions of a payload are read as each alone', () => {
  const [event] = Receiver.bento({ bearer: 'token' }).receive(bentoRequest(`{"x":[${FRACTIONS.map(([number]) => number)},7]}`))
  assert.deepEqual(event.data.x, [...FRACTIONS.map(([, value]) => value), 7])
  assert.deepEqual(event.toObject({ exactNumbers: true }).data.x, [...FRACTIONS.map(([number]) => number), 7])
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

test('an event is an object with its data, even at the limit of depth', () => {
  const json = `{"event":"a.b","workflow":",\\"data\\":","a":${'['.repeat(126)}12345678901234567890${']'.repeat(126)}}`
  const [event] = Receiver.bento({ bearer: 'token' }).receive(bentoRequest(json))
  const made = event.toObject()
  assert.deepEqual(made.data, event.data)
  assert.notEqual(made.data, event.data)
  const { data, ...others } = JSON.parse(event.toJson())
  assert.deepEqual({ ...made, data: undefined }, { ...others, data: undefined })
  assert.deepEqual(Object.keys(made), [...Object.keys(others), 'data'])
  assert.equal(data.workflow, ',"data":')
})

test('empty and nested containers are read correctly beside a long integer', () => {
  const json = '{"a":[],"b":{},"c":[[],{},[1,[2]],{"d":[{"e":[]}]}],"n":12345678901234567890,"t":[true,false,null,"",{"":""}]}'
  assert.deepEqual(dataOf(json), JSON.parse(json.replace('12345678901234567890', '"12345678901234567890"')))
})

test('raw, the written event and the CloudEvent have every digit', () => {
  const json = '{"event":"e","a": 18446744073709551616,"b":1.10}'
  const [event] = Receiver.bento({ bearer: 'token' }).receive(bentoRequest(json))
  assert.equal(event.raw.toString(), json)
  const line = json.replace(' ', '')
  assert.ok(event.toCloudevent().endsWith(`"data":${line}}`))
  assert.ok(event.toJson().endsWith(`"data":${line}}`))
  assert.equal(event.toObject().data.a, '18446744073709551616')
})
