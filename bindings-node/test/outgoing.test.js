// Requests to the vendors: the vectors, the conversion of values, bad input, and what is never shown.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'

import { Receiver, fromTrustedRecord, outgoing, sign } from 'hookseal'

const {
  Benji, Benti, BentiWebhook, Bento, BentoCommand, BentoEmail, BentoEvent, BentoSubscriber, Commanded, Done, LookedUp, Outgoing,
  OutgoingError, RateLimit, Refusal, Secret, Sent, Subscribed, Tracked,
} = outgoing

const SITE = '11111111222233334444555555555555'
const NOW = Date.UTC(2026, 2, 4, 5, 6, 7)
const ENDPOINT = 'https://example.com/hooks'
const EMAIL = 'a@example.com'

/** The vectors of a file, whose number it states. */
function vectors(file, list) {
  const content = JSON.parse(readFileSync(new URL(`../../core/outgoing/${file}`, import.meta.url), 'utf8'))
  assert.ok(content.count > 0)
  assert.equal(content[list].length, content.count)
  return content[list]
}

const camelCase = (name) => name.replace(/_[a-z]/g, (pair) => pair[1].toUpperCase())
const inCamelCase = (object = {}) => Object.fromEntries(Object.entries(object).map(([name, value]) => [camelCase(name), value]))

const HOSTS = {
  notificationsHost: 'https://notifications.example',
  usersHost: 'https://users.example',
  campaignsHost: 'https://campaigns.example',
  transactionsHost: 'https://transactions.example',
}

/** The clients of the vectors, each with its options. */
const CLIENTS = {
  benji: ({ partnerKey = 'partner-key', ...options } = {}) => new Benji(partnerKey, { ...HOSTS, ...options }),
  benti: ({ base = 'https://api.benti.example/ticketing', ...options } = {}) => new Benti(base, { apiKey: 'api-key', token: 'token', ...options }),
  bento: ({ publishableKey = 'publishable', secretKey = 'secret-key', siteUuid = SITE, ...options } = {}) =>
    new Bento(publishableKey, secretKey, siteUuid, { userAgent: 'tests/1.0', ...options }),
}
const [benji, benti, bento] = Object.values(CLIENTS).map((client) => client())

/** The event of a genuine Benji webhook with this body. */
function benjiEvent(body) {
  const headers = sign.benji('salt', body, { time: NOW })
  const [event] = Receiver.benji('salt').receive({ method: 'POST', headers, body: Buffer.from(body) }, NOW)
  return event
}

const CALLS = {
  benji: {
    subscribe: (client, { endpoint, ...options }) => [client.subscribe(endpoint, options)],
    update: (client, { endpoint, ...options }) => [client.update(endpoint, options)],
    unsubscribe: (client, options) => [client.unsubscribe(options)],
    followUp: (client, { webhook, ...options }) => [client.followUp(benjiEvent(webhook), options)],
  },
  benti: {
    create: (client, { item, url, secret }) => [client.create(item, url, secret)],
    list: (client) => [client.list()],
    update: (client, { id, item, url, secret }) => [client.update(id, item, url, secret)],
    delete: (client, { id }) => [client.delete(id)],
  },
  bento: {
    events: (client, { values }) => client.events(values.map(BentoEvent.fromJson)),
    subscribers: (client, { values }) => client.subscribers(values.map(BentoSubscriber.fromJson)),
    emails: (client, { values }) => client.emails(values.map(BentoEmail.fromJson)),
    command: (client, { value }) => [client.command(BentoCommand.fromJson(value))],
    webhook: (client, { source, values }) => client.webhook(source, values.map(BentoEvent.fromJson)),
  },
}

const written = ({ method, url, headers, body, isRepeatable }) => ({ method, url, headers, body: body.toString(), is_repeatable: isRepeatable })

describe('requests are those of the vectors', () => {
  for (const { name, client, options, call, arguments: given, expect } of vectors('requests.json', 'requests')) {
    test(name, () => {
      const run = () => CALLS[client][camelCase(call)](CLIENTS[client](inCamelCase(options)), inCamelCase(given))
      if (expect.error === undefined) assert.deepEqual(run().map(written), expect.requests)
      else assert.throws(run, (error) => error instanceof OutgoingError && error instanceof TypeError && error.code === expect.error)
    })
  }
})

const EVENT = { type: 'x', email: EMAIL }
const MESSAGE = { to: EMAIL, from: EMAIL, subject: 's', html_body: 'b', transactional: true }
const REQUESTS = {
  benji_subscribe: () => benji.subscribe(ENDPOINT),
  benji_unsubscribe: () => benji.unsubscribe(),
  benji_follow_up: () => benji.followUp(benjiEvent('{"event":"campaign_ended","entity_id":"7"}')),
  benti_create: () => benti.create('ticket', ENDPOINT, 'hook'),
  benti_list: () => benti.list(),
  benti_update: () => benti.update('7', 'ticket', ENDPOINT, 'hook'),
  benti_delete: () => benti.delete('7'),
  bento_events: () => bento.events([1, 2, 3].map(() => new BentoEvent(EVENT)))[0],
  bento_subscribers: () => bento.subscribers([1, 2].map(() => new BentoSubscriber({ email: EMAIL })))[0],
  bento_emails: () => bento.emails([1, 2].map(() => new BentoEmail(MESSAGE)))[0],
  bento_command: () => bento.command(new BentoCommand({ command: 'subscribe', email: EMAIL })),
  bento_webhook: () => bento.webhook('pos', [new BentoEvent(EVENT)])[0],
}

/** The members of an answer, as the vectors have them. */
function members(answer, request) {
  if (answer instanceof Subscribed) return { salt: answer.salt?.expose().toString() ?? null }
  if (answer instanceof LookedUp) return { json: answer.toJson() }
  if (answer instanceof Sent) {
    const { accepted, failed, isUndecided } = answer
    return { accepted, failed, handed_back: answer.handedBack.map((value) => request.values.indexOf(value)), is_undecided: isUndecided }
  }
  const names = { __proto__: null, BentiWebhook: ['id', 'item', 'url'], BentiWebhooks: ['webhooks', 'malformed'], Commanded: ['results'], Done: [], Tracked: [] }
  const found = Object.fromEntries(names[answer.constructor.name].map((name) => [name, answer[name]]))
  return 'webhooks' in found ? { ...found, webhooks: found.webhooks.map((webhook) => members(webhook)) } : found
}

describe('answers are read as the vectors say', () => {
  for (const { name, request, status, headers = [], body, body_repeated: times = 1, expect } of vectors('answers.json', 'answers')) {
    test(name, () => {
      const asked = REQUESTS[request]()
      const read = (form) => asked.read(status, form, Buffer.from(body.repeat(times)))
      for (const form of [headers, headers.flat()]) {
        if (expect.answer !== undefined) {
          assert.deepEqual(members(read(form), asked), expect.answer)
          continue
        }
        assert.throws(() => read(form), (refusal) => {
          assert.ok(refusal instanceof Refusal && refusal instanceof Error)
          const waits = [1, 2, 3].map((attempt) => refusal.retryInSeconds(attempt, 0))
          assert.deepEqual(
            { code: refusal.code, is_final: refusal.isFinal, may_be_done: refusal.mayBeDone, waits: waits[0] === null ? null : waits.map((wait) => wait * 1000) },
            expect.refusal,
          )
          assert.equal(refusal.status, status)
          return true
        })
      }
    })
  }
})

describe('a rate limit lets calls go as the vectors say', () => {
  for (const { name, steps } of vectors('rate_limit.json', 'limits')) {
    test(name, () => {
      const limit = new RateLimit()
      for (const [group, now, calls, milliseconds] of steps) {
        const expected = milliseconds === null ? null : milliseconds / 1000
        for (let call = 0; call < calls; call++) assert.equal(limit.take(group, new Date(now)), expected)
      }
    })
  }

  test('without a time it takes the clock of this machine', (t) => {
    const limit = new RateLimit()
    for (let call = 0; call < 100; call++) assert.equal(limit.take('batch'), null)
    const wait = limit.take('batch')
    assert.ok(wait > 50 && wait <= 60, `${wait}`)
    t.mock.method(Date, 'now', () => NOW)
    assert.equal(new RateLimit().take('fetch'), null)
  })

  test('it refuses other groups and times', () => {
    const limit = new RateLimit()
    for (const group of [undefined, null, 'other', 0]) assert.throws(() => limit.take(group), TypeError)
    for (const now of [NaN, 1e9, Infinity]) assert.throws(() => limit.take('batch', now), RangeError)
    assert.throws(() => new RateLimit(100), TypeError)
  })
})

describe('a value is the JSON that JSON.stringify writes', () => {
  const json = (details) => JSON.parse(new BentoEvent({ ...EVENT, details }).toJson()).details
  const text = (details) => new BentoEvent({ ...EVENT, details }).toJson().match(/"details":([\s\S]*)}$/)[1]

  test('members keep their order, and undefined ones are left out', () => {
    const event = new BentoEvent({ email: EMAIL, date: undefined, type: 'x', fields: { b: 1, a: undefined, 7: null } })
    assert.equal(event.toJson(), '{"email":"a@example.com","type":"x","fields":{"7":null,"b":1}}')
  })

  test('texts, numbers, lists and objects', () => {
    for (const details of [
      { text: 'é "\\ \u2028\u0000\u{1f600}', empty: '' },
      { numbers: [0, -0, 1.5, -1e-7, 1e21, 5e-324, Number.MAX_VALUE, 0.1 + 0.2] },
      { list: [[], {}, null, true, false, [[[]]]] },
      { 'a "key"': { '': 1 } },
      {},
    ]) {
      assert.equal(text(details), JSON.stringify(details))
    }
  })

  test('a bigint keeps its digits, whatever BigInt.prototype.toJSON says', (t) => {
    BigInt.prototype.toJSON = () => 'other'
    t.after(() => delete BigInt.prototype.toJSON)
    assert.equal(text({ n: [2n ** 64n, -1n] }), '{"n":[18446744073709551616,-1]}')
  })

  test('a Date is written as toISOString does, and as the date of an event', () => {
    assert.equal(text({ at: new Date(0) }), '{"at":"1970-01-01T00:00:00.000Z"}')
    assert.equal(new BentoEvent({ ...EVENT, date: new Date(NOW) }).toJson(), `{"type":"x","email":"${EMAIL}","date":"2026-03-04T05:06:07.000Z"}`)
    assert.throws(() => new BentoEvent({ ...EVENT, date: new Date(NaN) }), { name: 'OutgoingError', code: 'malformed_value', message: 'date must be a valid Date' })
    assert.throws(() => new BentoEvent({ ...EVENT, date: new Date(8.64e15) }), { code: 'malformed_value' })
    assert.throws(() => json({ a: [{ toJSON: () => new Date(NaN) }] }), { code: 'malformed_value' })
  })

  test('toJSON is called as JSON.stringify calls it', () => {
    const names = []
    const value = {
      toJSON(name) {
        names.push(name)
        return name
      },
    }
    assert.deepEqual(json({ a: value, list: [value], absent: { toJSON: () => undefined } }), { a: 'a', list: ['0'] })
    assert.deepEqual(names, ['a', '0'])
    class Signup {
      #email = EMAIL
      toJSON() {
        return { type: 'x', email: this.#email }
      }
    }
    assert.equal(new BentoEvent(new Signup()).toJson(), JSON.stringify(EVENT))
    assert.deepEqual(json({ url: new URL('https://example.com/a') }), { url: 'https://example.com/a' })
  })

  test('instances of classes, objects without a prototype and of other realms are objects', () => {
    class Money {
      currency = 'AUD'
      amount = 5
    }
    const details = { a: new Money(), b: { __proto__: null, c: 1 }, d: runInNewContext('({ list: [1], at: new Date(0) })') }
    assert.equal(text(details), JSON.stringify(details))
  })

  test('the members of an event of hookseal can be sent', () => {
    const event = benjiEvent('{"event":"campaign_ended","entity_id":"7"}')
    assert.deepEqual(json({ event }).event.subject, { entity: 'campaign', id: '7' })
  })

  test('fromJson keeps order and digits, on one line', () => {
    const event = BentoEvent.fromJson(`{ "type": "x",\n "email": "${EMAIL}", "details": {"n": [1.50, 1e400]} }`)
    assert.equal(event.toJson(), `{"type":"x","email":"${EMAIL}","details":{"n":[1.50,1e400]}}`)
    assert.equal(BentoEvent.fromJson(event.toJson()).toJson(), event.toJson())
  })

  test('JSON.stringify gives the same value, or throws', () => {
    for (const details of [{ n: [1.5, 0.1 + 0.2, 1e21, 2 ** 53 - 1, -0] }, { text: 'é "\\ \u{1f600} 1234567890123456789' }]) {
      const event = new BentoEvent({ ...EVENT, details })
      assert.equal(new BentoEvent(JSON.parse(JSON.stringify(event))).toJson(), event.toJson().replace(/-0\b/, '0'))
    }
    for (const [Value, members] of [[BentoEvent, { ...EVENT, fields: { n: 2n ** 64n } }], [BentoSubscriber, { email: EMAIL, n: 2n ** 53n }]]) {
      const message = `a ${Value.name} has a number that JavaScript would change: write it with toJson(), and read it with ${Value.name}.fromJson`
      const value = new Value(members)
      assert.throws(() => JSON.stringify({ value }), { name: 'TypeError', message })
      assert.equal(Value.fromJson(value.toJson()).toJson(), value.toJson())
    }
    for (const number of ['1e400', '0.1234567890123456789', '-9007199254740993']) {
      assert.throws(() => JSON.stringify(BentoEvent.fromJson(`{"type":"x","email":"${EMAIL}","details":{"n":[${number}]}}`)), TypeError)
    }
  })

  test('a value says whether it is repeatable', () => {
    const unique = (key) => ({ ...EVENT, details: { unique: { key } } })
    for (const [value, expected] of [
      [new BentoEvent(unique('1')), true], [new BentoEvent(unique(7)), true], [new BentoEvent(EVENT), false], [new BentoEvent({ ...EVENT, details: { unique: {} } }), false],
      [new BentoSubscriber({ email: EMAIL }), true], [new BentoEmail(MESSAGE), false],
      [new BentoCommand({ command: 'add_tag', email: EMAIL, query: 'a' }), true], [new BentoCommand({ command: 'add_tag_via_event', email: EMAIL, query: 'a' }), false],
    ]) {
      assert.equal(value.isRepeatable, expected, value.toJson())
    }
    for (const key of [null, '', {}, false]) assert.equal(new BentoEvent(unique(key)).isRepeatable, false)
    assert.deepEqual([[unique('1'), EVENT], [unique('1'), unique('2')]].map((pair) => bento.events(pair.map((event) => new BentoEvent(event)))[0].isRepeatable), [false, true])
  })
})

describe('what is no JSON is refused, with the place of the member', () => {
  const TOO_DEEP = 'details must have at most 127 lists and objects in each other: correct it, or end the circle'
  const circle = {}
  circle.list = [{ circle }]
  const deep = (levels) => Array.from({ length: levels }).reduce((inside) => [inside], 1)
  const refused = {
    'a number that is NaN': [{ a: 1, b: [0, NaN] }, 'details, member 2, element 2 must be a finite number: JSON has no other', 'malformed_value'],
    'an infinite number': [{ a: -Infinity }, 'details, member 1 must be a finite number: JSON has no other', 'malformed_value'],
    'a function': [{ a: () => 1 }, 'details, member 1 must be a JSON value, not a function'],
    'a symbol': [{ a: Symbol('secret-text') }, 'details, member 1 must be a JSON value, not a symbol'],
    'undefined in a list': [{ a: [1, undefined] }, 'details, member 1, element 2 must be a JSON value, not undefined: write null'],
    'a gap in a list': [{ a: new Array(1e9) }, 'details, member 1, element 1 must be a JSON value, not undefined: write null'],
    'an object that holds itself': [circle, TOO_DEEP, 'malformed_value'],
    'more levels than the core reads': [{ a: deep(126) }, TOO_DEEP, 'malformed_value'],
    'a tree of a million levels': [{ a: deep(1e6) }, TOO_DEEP, 'malformed_value'],
  }
  for (const value of [new Map([['a', 1]]), new Set([1]), /a/, new Error('a'), Promise.resolve(), new Uint8Array(2), new Number(5), new WeakMap()]) {
    refused[value.constructor.name] = [{ a: value }, 'details, member 1 must be a JSON value: the members of a Map and the like are not in it']
  }
  for (const [name, [details, message, code]] of Object.entries(refused)) {
    test(name, () => {
      assert.throws(() => new BentoEvent({ ...EVENT, details }), { name: code === undefined ? 'TypeError' : 'OutgoingError', message, ...(code && { code }) })
    })
  }

  test('the name of a member that the vendor does not know is not in the message', () => {
    assert.throws(() => new BentoSubscriber({ email: EMAIL, private: NaN }), { message: 'member 2 must be a finite number: JSON has no other' })
    assert.throws(() => new BentoEvent({ ...EVENT, fields: { email: NaN } }), { message: 'fields, member 1 must be a finite number: JSON has no other' })
  })

  test('a value that is no object', () => {
    for (const value of [undefined, null, 'text', 5, 5n, true, [], [EVENT], new Date(), () => EVENT, { toJSON: () => null }]) {
      assert.throws(() => new BentoEvent(value), { name: 'TypeError', message: 'a BentoEvent takes one object' })
    }
    assert.throws(() => new BentoEvent(new Map()), TypeError)
    assert.throws(() => new BentoEvent(EVENT, 'more'), TypeError)
    for (const json of [undefined, EVENT, Buffer.from('{}'), '{"a":"\ud800"}']) assert.throws(() => BentoEvent.fromJson(json), TypeError)
  })

  test('as many levels as the core reads', () => {
    // The event and its details are two of them.
    assert.doesNotThrow(() => new BentoEvent({ ...EVENT, details: { a: deep(125) } }))
  })

  test('the core refuses what is too long, without writing all of it', () => {
    let wide = ['x'.repeat(64)]
    let tree = { text: 'x'.repeat(64) }
    for (let level = 0; level < 100; level++) {
      wide = [wide, wide]
      tree = { a: tree, b: tree }
    }
    for (const details of [{ text: 'x'.repeat(2 ** 20) }, { wide }, tree, Object.fromEntries(Array.from({ length: 2e5 }, (_, at) => [`k${at}`, at]))]) {
      assert.throws(() => new BentoEvent({ ...EVENT, details }), { name: 'OutgoingError', code: 'malformed_value' })
    }
  })

  test('half of a surrogate pair', () => {
    assert.throws(() => new BentoEvent({ ...EVENT, details: { a: '\ud800' } }), { code: 'malformed_value' })
    assert.throws(() => new BentoEvent({ ...EVENT, details: { '\udfff': 1 } }), { code: 'malformed_value' })
  })

  test('a getter that throws, and a Proxy that does, throw their own error', () => {
    const own = new Error('own')
    const throwing = () => {
      throw own
    }
    const values = [
      { ...EVENT, get details() { return throwing() } },
      { ...EVENT, details: { toJSON: throwing } },
      { ...EVENT, details: new Proxy({}, { ownKeys: throwing }) },
      { ...EVENT, details: new Proxy({}, { getPrototypeOf: throwing }) },
    ]
    for (const value of values) assert.throws(() => new BentoEvent(value), (error) => error === own)
  })

  test('a value that changes while it is read is written as it was read', () => {
    let reads = 0
    const event = new BentoEvent({ type: 'x', get email() { return reads++ === 0 ? EMAIL : 'changed' } })
    assert.equal(event.toJson(), JSON.stringify(EVENT))
  })
})

describe('Object.prototype adds nothing', () => {
  const polluted = (name, value, run) => {
    Object.defineProperty(Object.prototype, name, { __proto__: null, value, enumerable: true, configurable: true, writable: true })
    try {
      return run()
    } finally {
      delete Object.prototype[name]
    }
  }

  test('no member, no toJSON and no option', () => {
    for (const [name, value] of [['email', 'other@example.com'], ['details', {}], ['toJSON', () => ({ type: 'y', email: 'b@example.com' })], ['0', {}], ['salt', 'x'], ['json', 'x']]) {
      assert.equal(polluted(name, value, () => new BentoEvent(EVENT)).toJson(), JSON.stringify(EVENT))
      assert.throws(() => polluted(name, value, () => new BentoEvent({ type: 'x' })), { code: 'missing_member' })
    }
    const plain = bento.events([new BentoEvent(EVENT)]).map(written)
    for (const [name, value] of [['siteUuidInQuery', true], ['apiHost', 'https://evil.example'], ['userAgent', 'evil'], ['bearer', true], ['entityType', 'user'], ['userToken', 'evil']]) {
      assert.deepEqual(polluted(name, value, () => CLIENTS.bento({}).events([new BentoEvent(EVENT)]).map(written)), plain)
      assert.equal(polluted(name, value, () => CLIENTS.benji().subscribe(ENDPOINT)).headers['x-api-key'], 'partner-key')
      assert.equal(polluted(name, value, () => benji.subscribe(ENDPOINT)).body.toString(), `{"endpoint":"${ENDPOINT}"}`)
    }
    const user = benjiEvent('{"event":"user_partner_connected","entity_type":1,"entity_id":"u-1"}')
    assert.throws(() => polluted('userToken', 'evil', () => benji.followUp(user)), { code: 'user_token_needed' })
    for (const name of ['notificationsHost', 'apiKey']) {
      const { [name]: _, ...others } = HOSTS
      assert.throws(() => polluted(name, 'https://evil.example', () => (name === 'apiKey' ? new Benti('https://a.example', { token: 't' }) : new Benji('k', others))), TypeError)
    }
  })

  test('a gap in a list is no element of Array.prototype', () => {
    Array.prototype[0] = 'evil'
    try {
      assert.throws(() => new BentoEvent({ ...EVENT, details: { list: new Array(1) } }), { name: 'TypeError', message: /^details, member 1, element 1 / })
    } finally {
      delete Array.prototype[0]
    }
  })

  test('no header of an answer', () => {
    const [request] = bento.events([new BentoEvent(EVENT)])
    const refusal = polluted('retry-after', '9999', () => assert.throws(() => request.read(429, {}, Buffer.alloc(0)), (error) => error.retryInSeconds(1, 0) === 1))
    assert.equal(refusal, undefined)
  })

  test('__proto__ is a member like any other, and changes no prototype', () => {
    const event = new BentoEvent({ ...EVENT, details: JSON.parse('{"__proto__":{"polluted":1}}') })
    assert.match(event.toJson(), /"details":\{"__proto__":\{"polluted":1\}\}/)
    const { details } = event.toJSON()
    assert.deepEqual(Object.keys(details), ['__proto__'])
    assert.equal(details.polluted, undefined)
    const looked = REQUESTS.benji_follow_up().read(200, {}, Buffer.from('{"__proto__":{"polluted":1},"a":1}'))
    assert.deepEqual([Object.keys(looked.data), looked.data.polluted], [['__proto__', 'a'], undefined])
    // Written as a literal it is no member, as JavaScript has it.
    assert.equal(new BentoEvent({ ...EVENT, __proto__: { details: 1 } }).toJson(), JSON.stringify(EVENT))
  })
})

describe('a request is handed to a client', () => {
  test('headers and body are new at each access', () => {
    const [request] = bento.events([new BentoEvent(EVENT)])
    request.headers.authorization = 'changed'
    request.body.fill(0)
    assert.match(request.headers.authorization, /^Basic /)
    assert.equal(JSON.parse(request.body).events[0].type, 'x')
    assert.equal(Object.getPrototypeOf(request.headers), Object.prototype)
    assert.ok(Buffer.isBuffer(request.body))
    assert.throws(() => { request.url = 'https://evil.example' }, TypeError)
    assert.throws(() => { request.values.push(1) }, TypeError)
  })

  test('any iterable of values is split into calls of the size that Bento takes', () => {
    const events = Array.from({ length: 1001 }, (_, at) => new BentoEvent({ type: 'x', email: `${at}@example.com` }))
    const requests = bento.events(new Set(events))
    assert.deepEqual(requests.map(({ values }) => values.length), [1000, 1])
    assert.ok(requests[1].values[0] === events[1000])
    const sent = requests[1].read(200, {}, Buffer.from('{"results":0,"failed":1}'))
    assert.ok(sent.handedBack.length === 1 && sent.handedBack[0] === events[1000], 'the value itself is handed back')
    const undecided = requests[0].read(200, {}, Buffer.from('{"results":999,"failed":1}'))
    assert.ok(undecided.isUndecided && undecided.handedBack.every((value, at) => value === events[at]))
    const emails = function* () {
      for (let at = 0; at < 61; at++) yield new BentoEmail(MESSAGE)
    }
    assert.deepEqual(bento.emails(emails()).map(({ values }) => values.length), [60, 1])
    assert.deepEqual(bento.subscribers([]), [])
    assert.deepEqual(bento.webhook('pos', events).map(({ values, group }) => [values.length, group]), [[1000, 'track'], [1, 'track']])
  })

  test('its group and its values', () => {
    assert.equal(bento.command(new BentoCommand({ command: 'subscribe', email: EMAIL })).group, 'fetch')
    assert.equal(bento.events([new BentoEvent(EVENT)])[0].group, 'batch')
    assert.deepEqual([benti.list().group, benti.list().values], [null, []])
  })

  test('values of another class are refused, and so is what is no iterable', () => {
    const event = new BentoEvent(EVENT)
    for (const given of [undefined, null, 5, event, EVENT, 'text', [EVENT], [event, undefined], [new BentoSubscriber({ email: EMAIL })], [{ __proto__: event }], new Array(1)]) {
      for (const call of ['events', 'subscribers', 'emails']) {
        if (call === 'subscribers' && given?.[0] instanceof BentoSubscriber) continue
        assert.throws(() => bento[call](given), { name: 'TypeError', message: /^\w+(\[\d\])? must be a / })
      }
      assert.throws(() => bento.webhook('pos', given), TypeError)
      assert.throws(() => bento.command(given), TypeError)
    }
    assert.throws(() => bento.events([event, EVENT]), { message: 'events[1] must be a BentoEvent: make one with new BentoEvent({ … })' })
  })

  test('an answer is read from the headers and bytes that fetch, node:http and axios give', () => {
    const [request] = bento.events([new BentoEvent(EVENT)])
    const body = Buffer.from('{"results":1,"failed":0}')
    for (const form of [body, new Uint8Array(body), new Uint8Array(body).buffer]) assert.equal(request.read(200, {}, form).accepted, 1)
    const retry = (headers) => {
      try {
        return request.read(429, headers, body)
      } catch (refusal) {
        return refusal.retryInSeconds(1, 0)
      }
    }
    for (const headers of [
      new Headers({ 'Retry-After': '30' }), { 'retry-after': '30' }, { 'Retry-After': '30' }, { 'retry-after': ['30'] }, ['Retry-After', '30'],
      [['retry-after', '30']], new Map([['Retry-After', '30']]),
      { date: 'Sun, 06 Nov 1994 08:49:37 GMT', 'retry-after': 'Sun, 06 Nov 1994 08:50:07 GMT' },
    ]) {
      assert.equal(retry(headers), 30)
    }
    for (const headers of [{}, { 'retry-after': ['30', '60'] }, [['retry-after', '30'], ['Retry-After', '30']], { 'retry-after': 'ÿ' }]) assert.equal(retry(headers), 1)
  })

  test('an answer that was parsed, or is none, is an error of the program', () => {
    const [request] = bento.events([new BentoEvent(EVENT)])
    for (const body of [undefined, null, {}, '{}', 5, new SharedArrayBuffer(2)]) assert.throws(() => request.read(200, {}, body), TypeError)
    assert.throws(() => request.read(200, {}, {}), /arrayBuffer/)
    for (const status of [undefined, '200', null]) assert.throws(() => request.read(status, {}, Buffer.alloc(0)), TypeError)
    for (const status of [-1, 1000, 200.5, NaN]) assert.throws(() => request.read(status, {}, Buffer.alloc(0)), RangeError)
    for (const headers of [undefined, null, 'retry-after: 5', new URLSearchParams()]) assert.throws(() => request.read(200, headers, Buffer.alloc(0)), TypeError)
    assert.throws(() => request.read({ status: 200 }), TypeError)
  })

  test('a body above 1 MiB is not read', () => {
    const [request] = bento.events([new BentoEvent(EVENT)])
    assert.throws(() => request.read(200, {}, Buffer.alloc(2 ** 20 + 1, ' ')), { code: 'unexpected_answer', mayBeDone: true })
  })
})

describe('a refusal says when to try again', () => {
  test('without an answer there is no status', () => {
    const refusal = Refusal.noAnswer()
    assert.deepEqual({ ...refusal }, { code: 'no_answer', status: null, isFinal: false, mayBeDone: true })
    assert.deepEqual([1, 2, 3, 20].map((attempt) => refusal.retryInSeconds(attempt, 0)), [1, 2, 4, 300])
    assert.deepEqual([0, 0.5, 1, 7, -1, NaN].map((jitter) => refusal.retryInSeconds(1, jitter)), [1, 1.5, 2, 2, 1, 1])
    assert.equal(refusal.retryInSeconds(Number.MAX_SAFE_INTEGER, 0), 300)
    assert.throws(() => refusal.retryInSeconds(1), TypeError)
    for (const attempt of [-1, 1.5, NaN]) assert.throws(() => refusal.retryInSeconds(attempt, 0), RangeError)
    assert.throws(() => refusal.retryInSeconds(undefined, 0), TypeError)
  })

  test('it has a name, a stack and a message without text of the answer', () => {
    const [request] = bento.events([new BentoEvent(EVENT)])
    assert.throws(() => request.read(400, { date: 'private' }, Buffer.from('{"error":"private"}')), (refusal) => {
      assert.equal(refusal.name, 'Refusal')
      assert.doesNotMatch(inspect(refusal), /private/)
      assert.match(refusal.stack, /outgoing\.test/)
      return true
    })
  })
})

describe('what a Benji webhook names is read', () => {
  const body = '{"event":"user_partner_connected","entity_type":1,"entity_id":"u-1"}'

  test('an event of a delivery, of a list and of a record', () => {
    const headers = sign.benji('salt', body, { time: NOW })
    const delivery = Receiver.benji('salt').receive({ method: 'POST', headers, body: Buffer.from(body) }, NOW)
    for (const event of [...delivery, ...fromTrustedRecord(delivery.toRecord())]) {
      assert.equal(Benji.keyFor(event), 'user')
      const request = benji.followUp(event, { userToken: 'token' })
      assert.equal(request.url, 'https://users.example/users/u-1')
      assert.equal(request.headers['x-api-key'], 'token')
      assert.throws(() => benji.followUp(event), { name: 'OutgoingError', code: 'user_token_needed' })
    }
    const campaign = benjiEvent('{"event":"campaign_ended","entity_id":"7"}')
    assert.equal(Benji.keyFor(campaign), 'partner')
    const looked = benji.followUp(campaign).read(200, {}, Buffer.from('{"id":18446744073709551616,"n":1.0}'))
    assert.deepEqual(looked.data, { id: '18446744073709551616', n: 1 })
    assert.equal(looked.toJson(), '{"id":18446744073709551616,"n":1.0}')
    const { data } = looked
    assert.equal(looked.data, data)
  })

  test('an event of another vendor, one of several, and what is no event', () => {
    const other = Receiver.bento({ bearer: 'token' }).receive({
      method: 'POST', headers: sign.bentoBearer('token'), body: Buffer.from('{"events":[{"type":"a","email":"a@example.com"},{"type":"b","email":"b@example.com"}]}'),
    })
    for (const event of other) {
      assert.throws(() => benji.followUp(event), { code: 'other_vendor' })
      assert.throws(() => Benji.keyFor(event), { code: 'other_vendor' })
    }
    const event = benjiEvent(body)
    for (const given of [undefined, null, {}, 'event', event.toObject(), { __proto__: event }, other]) {
      assert.throws(() => benji.followUp(given), /event must be an event/)
      assert.throws(() => Benji.keyFor(given), /event must be an event/)
    }
  })
})

describe('secrets', () => {
  const hook = Benti.newSecret(Uint8Array.from({ length: 32 }, (_, at) => at))

  test('a secret is made from 32 bytes of randomness, and taken wherever a secret is', () => {
    assert.equal(hook.expose().toString(), 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8')
    const body = benti.create('ticket', ENDPOINT, hook).body.toString()
    assert.equal(benti.create('ticket', ENDPOINT, hook.expose()).body.toString(), body)
    assert.equal(benti.create('ticket', ENDPOINT, hook.expose().toString()).body.toString(), body)
    assert.equal(new Benji(hook, HOSTS).subscribe(ENDPOINT).headers['x-api-key'], hook.expose().toString())
    assert.equal(new Benti('https://a.example', { apiKey: hook, token: hook }).list().headers.authorization, `Bearer ${hook.expose()}`)
    const basic = Buffer.from(`publishable:${hook.expose()}`).toString('base64')
    assert.equal(new Bento('publishable', hook, SITE).events([new BentoEvent(EVENT)])[0].headers.authorization, `Basic ${basic}`)
    const user = benjiEvent('{"event":"user_partner_connected","entity_type":1,"entity_id":"u-1"}')
    assert.equal(benji.followUp(user, { userToken: hook }).headers['x-api-key'], hook.expose().toString())
    assert.equal(benti.update('7', 'ticket', ENDPOINT, hook).body.toString(), body)
  })

  test('too little randomness is refused', () => {
    for (const randomness of [randomBytes(31), Buffer.alloc(64), new Uint8Array(0)]) assert.throws(() => Benti.newSecret(randomness), { code: 'too_little_randomness' })
    for (const randomness of [undefined, 'x'.repeat(32), [...randomBytes(32)], new Uint32Array(32), new Uint8Array(new SharedArrayBuffer(32))]) {
      assert.throws(() => Benti.newSecret(randomness), { name: 'TypeError', message: /^randomness must be a Uint8Array/ })
    }
  })

  test('what an unset variable gives is refused', () => {
    for (const secret of ['', ' ', 'undefined', undefined, null, 5, {}, { __proto__: hook }, new Uint8Array(new SharedArrayBuffer(8)), '\ud800']) {
      assert.throws(() => new Benji(secret, HOSTS), TypeError)
      assert.throws(() => new Benti('https://a.example', { apiKey: secret, token: 't' }), TypeError)
      assert.throws(() => new Benti('https://a.example', { apiKey: 'k', token: secret }), TypeError)
      assert.throws(() => new Bento('publishable', secret, SITE), TypeError)
      assert.throws(() => benti.create('ticket', ENDPOINT, secret), TypeError)
    }
    assert.throws(() => new Benji(undefined, HOSTS), /partnerKey .*environment variable/)
  })

  test('nothing shows a secret or personal data', () => {
    const secretText = 'sEcReT-9f2c'
    const personal = 'zoe.private@example.com'
    const clients = [new Benji(secretText, { ...HOSTS, bearer: true }), new Benti('https://a.example', { apiKey: secretText, token: secretText }), new Bento('publishable', secretText, SITE)]
    const event = new BentoEvent({ type: 'x', email: personal })
    const [request] = clients[2].events([event])
    const shown = [
      ...clients, event, request, clients[1].create('ticket', ENDPOINT, secretText), clients[0].subscribe(ENDPOINT), hook,
      REQUESTS.benji_follow_up().read(200, {}, Buffer.from(`{"email":"${personal}"}`)),
      REQUESTS.benji_subscribe().read(200, {}, Buffer.from(`{"data":{"subscribed":true,"salt":"${secretText}"}}`)),
      request.read(200, {}, Buffer.from('{"results":0,"failed":1}')),
    ]
    const hidden = REQUESTS.benti_list().read(200, {}, Buffer.from(`[{"id":1,"url":"https://example.com/${secretText}"}]`))
    assert.ok(hidden.webhooks[0].url.includes(secretText))
    assert.ok(!inspect(hidden, { depth: 9, showHidden: true }).includes(secretText))
    assert.equal(JSON.stringify(hidden), '{"webhooks":[{"id":"1","item":null}],"malformed":0}')
    const wanted = [secretText, Buffer.from(secretText).toString('base64'), Buffer.from(`publishable:${secretText}`).toString('base64'), hook.expose().toString(), personal]
    for (const one of shown) {
      const texts = [inspect(one, { depth: 9, showHidden: true }), String(one), `${Object.prototype.toString.call(one)}`]
      // The value of an event is its own JSON.
      if (one !== event && !(one instanceof Sent)) texts.push(JSON.stringify(one) ?? '')
      for (const text of texts) for (const part of wanted) assert.ok(!text.includes(part), text)
    }
    assert.equal(inspect(hook), 'Secret')
    assert.equal(JSON.stringify({ hook }), '{}')
    assert.equal(JSON.stringify(request), `{"method":"POST","url":"${request.url}"}`)
  })

  test('no message of a refused argument or value has its text', () => {
    const marker = 'mArKeR'
    const calls = [
      () => new Benji(`${marker}\n`, HOSTS), () => new Benji('k', { ...HOSTS, usersHost: `http://${marker}` }), () => new Benti(`${marker}`, { apiKey: 'k', token: 't' }),
      () => new Bento(`${marker}:`, 's', SITE), () => new Bento('p', 's', marker), () => new Bento('p', 's', SITE, { userAgent: `${marker}\n` }),
      () => benji.subscribe(`http://${marker}`), () => benji.subscribe(ENDPOINT, { event: marker }), () => benji.subscribe(ENDPOINT, { entityType: marker }),
      () => benti.create(marker, ENDPOINT, 's'), () => benti.create('ticket', ENDPOINT, `${marker}\n`), () => bento.webhook('', [new BentoEvent({ type: marker, email: EMAIL })]),
      () => new BentoEvent({ type: 'x', email: marker }), () => new BentoEvent({ ...EVENT, [marker]: 1 }), () => new BentoEvent({ ...EVENT, details: { [marker]: NaN } }),
      () => BentoEvent.fromJson(`{"${marker}`), () => BentoEvent.fromJson(`${marker}`), () => new BentoCommand({ command: marker, email: EMAIL }),
      () => new BentoEvent({ ...EVENT, details: { a: new (class { get [Symbol.toStringTag]() { return marker } })() } }),
    ]
    for (const call of calls) assert.throws(call, (error) => !inspect(error, { depth: 9 }).split('\n    at ')[0].includes(marker))
  })

  test('two secrets are never deep-equal, and values and requests are so only with equal content', () => {
    assert.notDeepEqual(Benti.newSecret(Buffer.from(hook.expose())), Benti.newSecret(Buffer.from(hook.expose())))
    assert.deepEqual(new BentoEvent(EVENT), new BentoEvent({ ...EVENT }))
    assert.notDeepEqual(new BentoEvent(EVENT), new BentoEvent({ ...EVENT, type: 'y' }))
    assert.deepEqual(benti.create('ticket', ENDPOINT, 'a'), benti.create('ticket', ENDPOINT, 'a'))
    assert.notDeepEqual(benti.create('ticket', ENDPOINT, 'a'), benti.create('ticket', ENDPOINT, 'b'))
    assert.notDeepEqual(new Benti('https://a.example', { apiKey: 'a', token: 't' }).list(), new Benti('https://a.example', { apiKey: 'b', token: 't' }).list())
    const looked = (json) => REQUESTS.benji_follow_up().read(200, {}, Buffer.from(json))
    assert.notDeepEqual(looked('{"a":1}'), looked('{"a":2}'))
  })
})

describe('arguments', () => {
  test('unknown options, inherited ones and further arguments are refused', () => {
    const event = new BentoEvent(EVENT)
    const webhook = benjiEvent('{"event":"campaign_ended","entity_id":"7"}')
    for (const call of [
      () => new Benji('k', { ...HOSTS, host: 'x' }), () => new Benji('k'), () => new Benji('k', { ...HOSTS, usersHost: undefined }), () => new Benji('k', { ...HOSTS, bearer: 'yes' }), () => new Benji('k', HOSTS, true),
      () => new Benji('k', Object.create({ bearer: true }, Object.getOwnPropertyDescriptors(HOSTS))),
      () => new Benti('https://a.example', { apiKey: 'k', token: 't', base: 'x' }), () => new Benti('https://a.example', 'k', 't'), () => new Benti(undefined, { apiKey: 'k', token: 't' }),
      () => new Bento('p', 's', SITE, { host: 'x' }), () => new Bento('p', 's', SITE, 'x'), () => new Bento('p', 's', SITE, { apiHost: null }), () => new Bento('p', 's', SITE, { siteUuidInQuery: 1 }),
      () => new Bento('p', 's'), () => new Bento('p', 's', SITE, {}, {}), () => benji.subscribe(ENDPOINT, { entity: 'user' }), () => benji.subscribe(ENDPOINT, 'user'), () => benji.subscribe(ENDPOINT, {}, {}),
      () => benji.subscribe({ endpoint: ENDPOINT }), () => benji.update(ENDPOINT, { url: ENDPOINT }), () => benji.unsubscribe(ENDPOINT), () => benji.unsubscribe({ entityType: 5 }), () => benti.create(5, ENDPOINT, 's'),
      () => benji.followUp(webhook, { token: 't' }), () => benji.followUp(webhook, 't'), () => benji.followUp(webhook, {}, {}), () => benti.create({ item: 'ticket' }), () => benti.create('ticket', ENDPOINT, 's', 's'),
      () => benti.list({}), () => benti.delete(7), () => benti.delete('7', '8'), () => benti.update(7, 'ticket', ENDPOINT, 's'), () => bento.webhook(undefined, [event]), () => bento.webhook('pos', [event], {}),
    ]) {
      assert.throws(call, (error) => error instanceof TypeError && !(error instanceof OutgoingError), `${call}`)
    }
  })

  test('messages name arguments as they are here, and members as they are sent', () => {
    for (const [call, message] of [
      [() => new Bento('a:b', 's', SITE), /^publishableKey must be/], [() => new Bento('a', 's', 'x'), /^siteUuid must be/], [() => new Bento('a', 's', SITE, { userAgent: 'é' }), /^userAgent must be/],
      [() => new Benji('é', HOSTS), /^partnerKey must be/], [() => new Benti('https://a.example', { apiKey: 'é', token: 't' }), /^apiKey must be/],
      ...['ticket', 'transactions', 'other', ''].map((entityType) => [() => benji.subscribe(ENDPOINT, { entityType }), /^entityType must be one of: user campaign transaction:/]),
      ...['tickets', 'campaign', 'other'].map((item) => [() => benti.create(item, ENDPOINT, 's'), /^item must be one of: alert ticket reply user media classification queue:/]),
      ...Object.keys(HOSTS).map((name) => [() => new Benji('k', { ...HOSTS, [name]: 'example.com' }), new RegExp(`^${name} must be an absolute URL`)]),
      ...['apiHost', 'trackHost'].map((name) => [() => new Bento('p', 's', SITE, { [name]: 'http://a.example' }), new RegExp(`^${name} must start with https`)]),
      [() => new Benti('http://a.example', { apiKey: 'k', token: 't' }), /^base must start with https/],
      [() => benji.followUp(benjiEvent('{"event":"user_partner_connected","entity_type":1,"entity_id":"u-1"}'), { userToken: 'é' }), /^userToken must be/],
      [() => new BentoEmail({ to: EMAIL, from: EMAIL, subject: 's', html_body: 5, transactional: true }), /^html_body must be/],
    ]) {
      assert.throws(call, (error) => error instanceof OutgoingError && message.test(error.message), `${message}`)
    }
  })

  test('nothing whose data is in private memory is copied in silence', () => {
    const event = new BentoEvent(EVENT)
    const request = bento.events([event])[0]
    const looked = REQUESTS.benji_follow_up().read(200, {}, Buffer.from('{"id":"7"}'))
    const { port1, port2 } = new MessageChannel()
    for (const [value, advice] of [
      [event, /toJson\(\).*fromJson/], [new BentoSubscriber({ email: EMAIL }), /toJson\(\)/], [new BentoEmail(MESSAGE), /toJson\(\)/],
      [new BentoCommand({ command: 'subscribe', email: EMAIL }), /toJson\(\)/], [request.read(200, {}, Buffer.from('{"results":0,"failed":1}')), /toJson\(\)/],
      [looked, /toJson\(\)/], [request, /make it again/], [benji, /in each thread/], [benti, /in each thread/], [bento, /in each thread/],
      [new RateLimit(), /let one thread send/], [Benti.newSecret(randomBytes(32)), /expose\(\)/],
    ]) {
      for (const copy of [structuredClone, (value) => port1.postMessage(value)]) {
        assert.throws(() => copy({ value }), ({ name, message }) => name === 'DataCloneError' && advice.test(message), value.constructor.name)
      }
    }
    port1.close()
    port2.close()
  })

  test('only hookseal makes what a vendor answers', () => {
    for (const Answer of [Subscribed, Done, LookedUp, BentiWebhook, Sent, Commanded, Tracked, Secret, Outgoing, Refusal, OutgoingError]) {
      assert.throws(() => new Answer(), TypeError)
      assert.throws(() => new Answer(Symbol('make'), {}, [], 0), TypeError)
    }
    assert.ok(Object.isFrozen(outgoing))
  })

  test('an ES module and CommonJS give the same namespace', async () => {
    assert.equal((await import('../index.cjs')).default.outgoing, outgoing)
  })
})

test('the declarations name every code of the core, and no other', () => {
  const source = (path) => readFileSync(new URL(`../../core/src/outgoing/${path}`, import.meta.url), 'utf8')
  const declared = readFileSync(new URL('../lib/outgoing.d.cts', import.meta.url), 'utf8')
  const union = (name) => [...declared.match(new RegExp(`export type ${name} =([^/]*?)\\n\\n`))[1].matchAll(/'(\w+)'/g)].map(([, word]) => word)
  const words = (text, pattern) => [...text.matchAll(pattern)].map(([, word]) => word)
  assert.deepEqual(union('OutgoingErrorCode'), words(source('error.rs').match(/pub fn code[\s\S]*?\n {4}}/)[0], /=> "(\w+)"/g))
  assert.deepEqual(union('RefusalCode'), words(source('refusal.rs').match(/RefusalReason \{[\s\S]*?\n {4}}/)[0], / = "(\w+)",/g))
  assert.deepEqual(union('EndpointGroup'), words(source('bento/rate_limit.rs').match(/EndpointGroup \{[\s\S]*?\n {4}}/)[0], / = "(\w+)",/g))
})
