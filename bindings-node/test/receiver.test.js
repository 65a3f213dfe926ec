// Receivers, their options and results, and `sign`.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'

import * as hookseal from 'hookseal'
import { Delivery, Event, Handshake, Key, Receiver, Rejection, ReplayGuard, sign } from 'hookseal'
import { Headers as UndiciHeaders } from 'undici'

import { BODY, SALT, benji, benjiRequest, bentoRequest } from './requests.js'

const NOW = 1_772_600_767_000
const bento = (options) => Receiver.bento({ bearer: 'token', ...options })

test('import and require load the same module, with the version of the package', () => {
  const required = createRequire(import.meta.url)('hookseal')
  assert.deepEqual({ ...hookseal }, { ...required })
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  assert.equal(hookseal.version, manifest.version)
})

test('two copies of the JavaScript that share the native module do not share requests', () => {
  const load = createRequire(import.meta.url)
  const copies = [1, 2].map(() => {
    for (const file of Object.keys(load.cache)) if (!file.endsWith('.node')) delete load.cache[file]
    return load('hookseal')
  })
  assert.notEqual(copies[0].Receiver, copies[1].Receiver)
  const receivers = copies.map(({ Receiver }) => Receiver.bento({ bearer: 'token' }))
  for (let round = 0; round < 2; round++) {
    receivers.forEach((receiver, at) => {
      const [event] = receiver.receive(bentoRequest(`{"type":"$copy","email":"${at}@example.com"}`))
      assert.equal(event.subject.id, `${at}@example.com`)
    })
  }
})

test('receive throws the rejection that tryReceive returns', () => {
  const forged = { ...benjiRequest(), body: Buffer.from('{}') }
  const returned = benji().tryReceive(forged)
  assert.ok(returned instanceof Rejection && returned instanceof Error)
  assert.throws(
    () => benji().receive(forged),
    (thrown) => {
      assert.ok(thrown instanceof Rejection)
      assert.deepEqual({ ...thrown }, { code: 'signature_mismatch', vendor: 'benji', source: 'urn:hookseal:benji', status: 401, headers: {} })
      assert.deepEqual([thrown.name, thrown.message, thrown.outcome], ['Rejection', returned.message, 'rejection'])
      assert.match(thrown.stack, /receiver\.test\.js/)
      return true
    },
  )
})

test('a returned rejection captures no stack, and the stack limit is restored', () => {
  const limit = Error.stackTraceLimit
  const { stack } = benji().tryReceive({ ...benjiRequest(), body: Buffer.alloc(1) })
  assert.doesNotMatch(stack, /\n\s+at /)
  assert.equal(Error.stackTraceLimit, limit)
  assert.match(new Error('later').stack, /\n\s+at /)

  delete Error.stackTraceLimit
  assert.ok(benji().tryReceive({ ...benjiRequest(), body: Buffer.alloc(1) }) instanceof Rejection)
  assert.equal(Object.hasOwn(Error, 'stackTraceLimit'), false)
  Error.stackTraceLimit = limit
})

test('the rejection of a malformed payload has its place', () => {
  const rejection = benji().tryReceive(benjiRequest(Buffer.from('{"event":\n 1}')))
  const { code, line, column, path } = rejection
  assert.deepEqual({ code, line, column, path }, { code: 'malformed_payload', line: 2, column: 2, path: '/event' })
})

test('a rejection as JSON has what it has in Rust', () => {
  const rejections = [
    benji().tryReceive(benjiRequest(Buffer.from('{"event":\n 1}'))),
    benji().tryReceive(benjiRequest(Buffer.from('1'))),
    benji().tryReceive({ ...benjiRequest(), body: Buffer.from('{}') }),
  ]
  for (const rejection of rejections) {
    const { code, status, message, line = null, column = null, path = null } = rejection
    assert.equal(JSON.stringify(rejection), JSON.stringify({ code, status, message, line, column, path }))
  }
  assert.deepEqual(rejections.map((rejection) => JSON.parse(JSON.stringify(rejection)).path), ['/event', '', null])
})

test('a method that is called without its receiver says so', () => {
  for (const name of ['receive', 'tryReceive', 'checkHead', 'expiring']) {
    const method = benji()[name]
    for (const call of [() => method(benjiRequest()), () => method.call({}, benjiRequest()), () => [method][0](benjiRequest())]) {
      assert.throws(call, { name: 'TypeError', message: `${name} was called without its receiver: call it as receiver.${name}(…)` })
    }
  }
})

test('sign refuses credentials that no receiver takes', () => {
  const refused = (use, message) => assert.throws(use, { name: 'TypeError', message })
  const exact = (secret) => new Key(secret, { exact: true })
  for (const [user, secret, message] of [['u:p', 'k', /colon/], ['u\n', 'k', /control character/], ['u', 'k\n', /a line break/], ['u', 'k'.repeat(1024), /at most 1024 bytes/]]) {
    refused(() => Receiver.bento({ basic: { user, keys: exact(secret) } }), message)
    refused(() => sign.bentoBasic(user, secret), message)
  }
  for (const name of ['x y', '', 'authorization', 'content-length']) {
    refused(() => Receiver.bento({ header: { name, keys: 'k' } }), /HTTP token/)
    refused(() => sign.bentoHeader(name, 'k'), /HTTP token/)
  }
  for (const secret of ['a\nb', ' a', Buffer.from('a\0')]) {
    const uses = [sign.benti, sign.bentoBearer, (text) => sign.bentiHandshake(text, 'a'), (text) => sign.bentoHeader('x-own', text)]
    for (const use of uses) refused(() => use(secret), /which no header can carry/)
  }
  for (const challenge of ['', 'a b', 'é', 'a'.repeat(257), 'a\n']) {
    refused(() => sign.bentiHandshake('k', challenge), 'challenge must be 1 to 256 visible ASCII characters')
  }
  assert.equal(sign.bentiHandshake('k', 'a'.repeat(256))['x-inbenta-challenge'].length, 256)
})

test('options are named as in JavaScript', () => {
  assert.match(benjiTooLarge().message, /raise maxBodyBytes/)
  assert.throws(() => new Receiver(), TypeError)
  assert.throws(() => Receiver.benji(SALT, { maxBodyBytes: 0 }), { name: 'RangeError', message: /maxBodyBytes must be between 1 and/ })
  assert.throws(() => Receiver.benti('s', { utcOffsetMinutes: 1440 }), RangeError)
  assert.throws(() => Receiver.benji(SALT, { maxEvents: 1.5 }), { name: 'RangeError', message: /maxEvents/ })
  assert.throws(() => Receiver.benji(SALT, { maxEvents: '5' }), { name: 'TypeError', message: /maxEvents must be a number/ })
  assert.throws(() => Receiver.benji(SALT, { max_events: 5 }), { name: 'TypeError', message: /max_events is not an option of Receiver.benji/ })
  assert.throws(() => Receiver.benti('s', { allowMissingDate: false }), {
    name: 'TypeError',
    message: /^allowMissingDate is an option of Receiver.benji and not an option of Receiver.benti: it has window, utcOffsetMinutes/,
  })
  assert.throws(() => bento({ window: 'off' }), { name: 'TypeError', message: /^window is an option of Receiver.benji and Receiver.benti and not an option of Receiver.bento/ })
  for (const window of [300, null, 'OFF', { past: 1 }, { past: 1, future: 1, present: 1 }]) {
    assert.throws(() => Receiver.benji(SALT, { window }), { name: 'TypeError', message: /past, future/ })
  }
  assert.throws(() => Receiver.benji(SALT, { window: { past: -1, future: 1 } }), RangeError)
  assert.throws(() => Receiver.benji(SALT, { signatureEncoding: 'HEX' }), TypeError)
  assert.throws(() => Receiver.benji(SALT, { source: 'a b' }), { name: 'TypeError', message: /source/ })
  assert.throws(() => Receiver.benji(SALT, null), TypeError)
  assert.ok(Receiver.benji(SALT, { maxEvents: undefined, window: undefined, replayPolicy: undefined, replayRetentionSeconds: undefined, requireSignedTime: undefined }))
})

test('options for ids, replay keys and the signed time are checked when the receiver is built', () => {
  const receivers = {
    benji: (options) => Receiver.benji(SALT, options),
    benti: (options) => Receiver.benti('secret', options),
    bento,
  }
  for (const [vendor, build] of Object.entries(receivers)) {
    const refused = (options, error) => assert.throws(() => build(options), error, `${vendor} ${Object.keys(options)}`)
    for (const replayPolicy of ['signatureAndDate', 'Strict', '', null, true, ['strict']]) {
      refused({ replayPolicy }, { name: 'TypeError', message: 'replayPolicy must be one of default, strict, none' })
    }
    for (const replayRetentionSeconds of ['60', null, 60n, true]) {
      refused({ replayRetentionSeconds }, { name: 'TypeError', message: 'replayRetentionSeconds must be a number' })
    }
    for (const replayRetentionSeconds of [0, -1, 1.5, NaN, Infinity, 2 ** 32, 2 ** 60]) {
      refused({ replayRetentionSeconds }, { name: 'RangeError', message: /replayRetentionSeconds/ })
    }
    for (const idKey of [undefined, null, 7, true, {}, [], new ArrayBuffer(32), new Uint16Array(32)]) {
      refused({ idKey }, { name: 'TypeError', message: /^idKey (is undefined|must be a string or a Uint8Array)/ })
    }
    for (const idKey of ['', 'k'.repeat(31), 'ü'.repeat(15), Buffer.alloc(31)]) {
      refused({ idKey }, { name: 'TypeError', message: /^idKey must have at least 32 bytes/ })
    }
    for (const idKey of [Buffer.alloc(32), ' '.repeat(32)]) refused({ idKey }, { name: 'TypeError', message: /nothing but white space, line breaks or NUL/ })
    for (const idKey of ['k'.repeat(32), 'ü'.repeat(16), Buffer.alloc(32, 1), new Uint8Array(64).fill(1)]) assert.ok(build({ idKey }))
    refused({ replay_policy: 'strict' }, { name: 'TypeError', message: /replay_policy is not an option .* replayPolicy, replayRetentionSeconds, idKey/ })
  }
  for (const requireSignedTime of ['true', 1, null]) {
    assert.throws(() => Receiver.benji(SALT, { requireSignedTime }), { name: 'TypeError', message: 'requireSignedTime must be a boolean' })
  }
  for (const build of [receivers.benti, receivers.bento]) {
    assert.throws(() => build({ requireSignedTime: false }), { name: 'TypeError', message: /^requireSignedTime is an option of Receiver.benji and not/ })
  }
  assert.throws(() => Receiver.benji(SALT, { requireSignedTime: true, allowMissingDate: true }), {
    name: 'TypeError',
    message: 'requireSignedTime and allowMissingDate contradict each other: remove one',
  })
  assert.ok(Receiver.benji(SALT, { requireSignedTime: true, allowMissingDate: false }))
  assert.ok(Receiver.benji(SALT, { requireSignedTime: false, allowMissingDate: true }))
})

test("Benji's two schemes are accepted, and the delivery shows which one was used", () => {
  const older = { ...benjiRequest(), headers: sign.benjiBodyOnly(SALT, BODY) }
  const newer = benjiRequest()
  assert.deepEqual([older, newer].map(({ headers }) => Object.keys(headers)), [
    ['x-benji-signature', 'x-webhook-datetime'],
    ['x-benji-signature', 'x-benji-timestamp'],
  ])
  assert.notEqual(older.headers['x-benji-signature'], newer.headers['x-benji-signature'])
  const assurances = [older, newer].map((request) => `${benji().receive(request).assurance}`)
  assert.deepEqual(assurances, ['body signed, time unsigned, name signed', 'body signed, time signed, name signed'])

  const strict = Receiver.benji(SALT, { requireSignedTime: true })
  assert.equal(strict.receive(newer).length, 1)
  for (const refused of [strict.tryReceive(older), strict.checkHead(older)]) {
    assert.equal(refused.code, 'missing_timestamp')
    assert.match(refused.message, /x-benji-timestamp is absent, and requireSignedTime refuses/)
  }
  // In the newer scheme the date of the older one is not read, even if it is repeated.
  const both = { ...newer.headers, 'x-webhook-datetime': 'no date', 'X-Webhook-Datetime': 'no date' }
  assert.equal(benji().receive({ ...newer, headers: both }).assurance.time, 'signed')
  assert.equal(benji().checkHead({ ...newer, headers: both }), undefined)
  // Neither scheme falls back to the other.
  const mixed = { ...older.headers, 'x-benji-timestamp': newer.headers['x-benji-timestamp'] }
  const { code, message } = benji().tryReceive({ ...older, headers: mixed })
  assert.equal(code, 'signature_mismatch')
  assert.match(message, /x-benji-timestamp followed by the body/)
  assert.equal(benji().tryReceive({ ...older, headers: { ...older.headers, 'x-benji-timestamp': '' } }).code, 'malformed_timestamp')
})

test('with an id key, ids and replay keys survive a rotation of the salt', () => {
  const idKey = 'an id key of thirty-two bytes, ok'
  const time = Date.UTC(2026, 2, 4, 5, 6, 7)
  const padding = ' '.repeat(10_000)
  for (const text of [BODY.toString(), `${BODY}${padding}`]) {
    const body = Buffer.from(text)
    for (const scheme of [sign.benji, sign.benjiBodyOnly]) {
      const names = (salt, options, change = (headers) => headers) => {
        const headers = change(scheme(salt, body, { time }))
        const delivery = Receiver.benji(salt, options).receive({ method: 'POST', headers, body }, time)
        const [event] = delivery
        return [event.id, event.replayKey().value, delivery.replayKey().value, JSON.parse(event.toCloudevent()).id, event.toJSON().id]
      }
      const named = names('one salt', { idKey })
      assert.equal(new Set(named).size, 3)
      assert.deepEqual(names('another salt', { idKey }), named)
      assert.deepEqual(names('one salt', { idKey: Buffer.from(idKey) }), named)
      const padded = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, ` \t${value}\t `]))
      assert.deepEqual(names('one salt', { idKey }, padded), named)
      const others = [names('one salt', { idKey: `${idKey}!` }), names('one salt'), names('another salt')].flat()
      assert.equal(new Set([...named, ...others]).size, 12)
    }
  }
})

test('with an id key, different texts of one signed time give different ids', () => {
  const idKey = 'an id key of thirty-two bytes, ok'
  const time = Date.UTC(2026, 2, 4, 5, 6, 7)
  const receiver = Receiver.benji(SALT, { idKey })
  const ids = ['2026-03-04T05:06:07Z', '2026-03-04 05:06:07Z', '1772600767'].map((text) => {
    const signature = createHmac('sha256', SALT).update(text).update(BODY).digest('hex')
    const headers = { 'x-benji-signature': signature, 'x-benji-timestamp': text }
    const delivery = receiver.receive({ method: 'POST', headers, body: BODY }, time)
    assert.equal(delivery.time.getTime(), time)
    return [...delivery][0].id
  })
  assert.equal(new Set(ids).size, 3)
})

test('an id key is not shown and cannot be reached', () => {
  const idKey = 'secretword of thirty-two bytes, ok'
  const options = { idKey }
  const receiver = bento(options)
  const delivery = receiver.receive(bentoRequest('{"events":[{"type":"$a","email":"a"},{"type":"$b","email":"b"}]}'))
  const all = [receiver, delivery, ...delivery, delivery.replayKey(), [...delivery][0].replayKey()]
  for (const value of all) {
    assert.doesNotMatch(inspect(value, { showHidden: true, depth: 9 }), /secretword/)
    assert.doesNotMatch(JSON.stringify(value) ?? '', /secretword/)
  }
  const messages = [{ idKey: 'secretword' }, { ...options, maxEvents: 0 }, { ...options, source: '' }].map((refused) => {
    try {
      return bento(refused) && ''
    } catch (error) {
      return inspect(error, { showHidden: true })
    }
  })
  for (const message of messages) {
    assert.match(message, /idKey|max_?[eE]vents|source/)
    assert.doesNotMatch(message.replaceAll(/^.*at .*$/gm, ''), /secretword/)
  }
  // The receiver has its own copy.
  const bytes = Buffer.from(idKey)
  const copied = bento({ idKey: bytes })
  bytes.fill(0)
  const request = bentoRequest('{"event":"e"}')
  assert.equal([...copied.receive(request)][0].id, [...receiver.receive(request)][0].id)
})

test('a message has the names of options in JavaScript and the names of fields in JSON', () => {
  const refused = (json, options) => Receiver.benji(SALT, options).tryReceive(benjiRequest(Buffer.from(json)))
  const located = refused('{"event":"a","entity_id":true}')
  assert.equal(located.path, '/entity_id')
  assert.ok(located.message.includes(`at ${located.path}`), located.message)
  assert.match(refused('{"event":"a","entity":1,"entity_type":2}').message, /contradicts another field/)
  assert.match(refused('{"event":[[]]}', { maxDepth: 2 }).message, / maxDepth /)

  const body = Buffer.from('[{"id":1,"item":"ticket","action":"add"},{"id":1234567,"item":"ticket","action":"add"}]')
  const benti = Receiver.benti('secret', { maxNumberLength: 6 })
  const { malformed } = benti.receive({ method: 'POST', headers: sign.benti('secret'), body })
  assert.deepEqual(malformed, [{ index: 1, path: '/1/id', message: 'a number is longer than maxNumberLength allows' }])
})

function benjiTooLarge() {
  return Receiver.benji(SALT, { maxBodyBytes: 10 }).tryReceive(benjiRequest())
}

test('a Bento receiver has exactly one kind of credentials', () => {
  for (const options of [{}, undefined, { basic: { user: 'u', keys: 'k' }, bearer: 'token' }]) {
    assert.throws(() => Receiver.bento(options), { name: 'TypeError', message: /needs one of/ })
  }
  assert.throws(() => Receiver.bento({ basic: { keys: 'k' } }), { name: 'TypeError', message: /basic.user/ })
  assert.throws(() => Receiver.bento({ basic: { user: 'a', keys: 'k', key: 'k' } }), TypeError)
  assert.throws(() => Receiver.bento({ header: { name: 'authorization', keys: 'k' } }), { name: 'TypeError', message: /header's name/ })
  const byHeader = Receiver.bento({ header: { name: 'X-Own', keys: ['a', 'b'] } })
  const request = { method: 'POST', headers: sign.bentoHeader('x-own', 'b'), body: Buffer.from('{}') }
  assert.equal(byHeader.receive(request).keyId, '1')
})

test('keys are one secret, one key, or a list', () => {
  const bytes = Buffer.from(SALT)
  for (const keys of [SALT, bytes, new Uint8Array(bytes), new Key(SALT), [SALT], [new Key(bytes)]]) {
    assert.equal(Receiver.benji(keys).receive(benjiRequest()).keyId, '0')
  }
  const ring = [new Key('other', { id: 'old' }), new Key(SALT, { id: 'new' })]
  assert.equal(Receiver.benji(ring).receive(benjiRequest()).keyId, 'new')
  for (const keys of [undefined, null, 7, {}, [undefined], new ArrayBuffer(4)]) {
    assert.throws(() => Receiver.benji(keys), { name: 'TypeError', message: /^keys must be a secret .*, a Key, or a list of these, not / })
  }
  assert.throws(() => Receiver.benji(null), { message: /, not null$/ })
  assert.throws(() => Receiver.benti(undefined), { message: /, not undefined: check that its environment variable is set$/ })
  assert.throws(() => Receiver.benji({ salt: SALT }), { message: /, not object: pass the secret itself$/ })
  assert.throws(() => Receiver.bento({ bearer: { keys: 'token' } }), { message: /, not object: pass the secret itself$/ })
  assert.throws(() => Receiver.benji(''), { name: 'TypeError', message: /the secret is empty/ })
  assert.throws(() => Receiver.benji([]), { name: 'TypeError', message: /at least one key/ })
  assert.throws(() => Receiver.benji([new Key('a', { id: '1' }), 'b']), { name: 'TypeError', message: /same id/ })
  assert.throws(() => new Key('a', { notbefore: 1 }), { name: 'TypeError', message: /notbefore is not an option/ })
  assert.throws(() => new Key('a', { notBefore: 1_700_000_000 }), { name: 'RangeError', message: /looks like seconds/ })
  assert.throws(() => Receiver.benji(new Key('a', { notBefore: 2e12, notAfter: 1.9e12 })), { message: /notAfter is before its notBefore/ })
})

test('a key is valid from its first to its last millisecond', () => {
  const noon = Date.UTC(2026, 0, 1, 12)
  const receiver = Receiver.benji(new Key(SALT, { notBefore: noon, notAfter: new Date(noon + 1000) }))
  const at = (time) => receiver.tryReceive(benjiRequest(BODY, { time: noon }), time).outcome
  assert.deepEqual([noon - 1, noon, noon + 1000, noon + 1001].map(at), ['rejection', 'delivery', 'delivery', 'rejection'])
})

test('a secret can be neither read nor changed from outside', () => {
  const secret = Buffer.from(SALT)
  const key = new Key(secret, { id: 'a' })
  secret.fill(0)
  assert.equal(Receiver.benji(key).receive(benjiRequest()).keyId, 'a')
  const shown = [inspect(key, { showHidden: true, depth: 9 }), JSON.stringify(key), inspect(Receiver.benji(key), { showHidden: true })]
  assert.deepEqual(shown, ['Key(a)', '{"id":"a"}', 'Receiver(benji)'])
})

test('the time now is milliseconds or a Date', () => {
  const time = Date.UTC(2026, 2, 4, 5, 6, 7)
  const request = benjiRequest(BODY, { time })
  for (const now of [time, time + 0.9, new Date(time)]) assert.equal(benji().receive(request, now).length, 1)
  for (const now of [NaN, Infinity, -Infinity, Math.floor(time / 1000), 0, -1, -1e13, 1e15, new Date(NaN), new Date(8.64e15)]) {
    assert.throws(() => benji().receive(request, now), RangeError, String(now))
  }
  assert.throws(() => benji().receive(request, time / 1000), { message: /looks like seconds/ })
  for (const now of [null, true, '1772600767000', 1n, {}]) assert.throws(() => benji().receive(request, now), TypeError, String(now))
  // A Date is never mistaken for seconds.
  assert.equal(benji().receive(benjiRequest(BODY, { time: new Date(0) }), new Date(0)).time.getTime(), 0)
})

test('without a time the clock is used, also if a test has replaced Date.now', (t) => {
  const later = benjiRequest(BODY, { time: Date.now() + 3_600_000 })
  assert.equal(benji().tryReceive(later).code, 'from_the_future')
  t.mock.method(Date, 'now', () => new Date().getTime() + 3_600_000)
  assert.equal(benji().receive(later).length, 1)
})

test('a method must be a string', () => {
  assert.throws(() => benji().receive({ ...benjiRequest(), method: undefined }), { name: 'TypeError', message: /method/ })
  assert.equal(benji().tryReceive({ ...benjiRequest(), method: 'post' }).code, 'method_not_allowed')
})

test('headers come in many forms', () => {
  const { headers } = benjiRequest()
  const [[name, value], date] = Object.entries(headers)
  const accepted = [headers, Object.entries(headers).flat(), new Map(Object.entries(headers)), new Headers(headers), { ...headers, [name]: [value] }, { ...headers, 'content-encoding': undefined }, Object.assign(Object.create(null), headers)]
  for (const form of accepted) assert.equal(benji().receive({ ...benjiRequest(), headers: form }).length, 1)
  const upper = { [name.toUpperCase()]: value, [date[0].toUpperCase()]: date[1] }
  assert.equal(benji().receive({ ...benjiRequest(), headers: upper }).length, 1)

  const repeated = [{ ...headers, 'X-Benji-Signature': value }, { ...headers, [name]: [value, value] }, [...Object.entries(headers), [name, value]], [...Object.entries(headers).flat(), 'X-BENJI-SIGNATURE', value]]
  for (const form of repeated) assert.equal(benji().tryReceive({ ...benjiRequest(), headers: form }).code, 'repeated_header')
  assert.equal(benji().tryReceive({ ...benjiRequest(), headers: { ...headers, [name]: [] } }).code, 'missing_signature')
  for (const form of [undefined, null, 'x-benji-signature: a', { ...headers, [name]: 7 }, [['a']], [[1, 2]]]) {
    assert.throws(() => benji().receive({ ...benjiRequest(), headers: form }), TypeError)
  }
})

test('null and nested lists are a TypeError as values of a header that is read', () => {
  const newer = sign.benji(SALT, BODY)
  const older = sign.benjiBodyOnly(SALT, BODY)
  const forms = {
    object: (headers) => headers,
    'object in other case': (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
    'Map': (headers) => new Map(Object.entries(headers)),
    'pairs': (headers) => Object.entries(headers),
    'rawHeaders': (headers) => Object.entries(headers).flat(),
  }
  const read = [[newer, 'x-benji-timestamp'], [older, 'x-benji-timestamp'], [newer, 'x-benji-signature'], [older, 'x-webhook-datetime'], [newer, 'content-encoding']]
  for (const [form, made] of Object.entries(forms)) {
    for (const [headers, name] of read) {
      const of = (value) => ({ ...benjiRequest(), headers: made({ ...headers, [name]: value }) })
      for (const value of [null, [null], [[]], [['a']], ['a', null], ['a', []], 7, [7], {}]) {
        for (const use of ['receive', 'tryReceive', 'checkHead']) {
          assert.throws(() => benji()[use](of(value)), { name: 'TypeError', message: `the header ${name} must be a string or a list of strings` }, `${form} ${use} ${JSON.stringify(value)}`)
        }
      }
    }
    // An object may have undefined for a header that did not arrive.
    for (const absent of [undefined, [], [undefined]]) {
      assert.equal(benji().receive({ ...benjiRequest(), headers: made({ ...older, 'x-benji-timestamp': absent }) }).assurance.time, 'unsigned', form)
    }
    assert.equal(benji().receive({ ...benjiRequest(), headers: made({ ...newer, 'x-other': null, 'content-length': null }) }).length, 1)
  }
  assert.equal(benji().receive({ ...benjiRequest(), headers: new Headers(older) }).length, 1)
})

test('the error for a wrong request says what a receiver takes', () => {
  const { method, headers, body } = benjiRequest()
  for (const use of ['receive', 'tryReceive']) {
    const message = 'receive takes { method, headers, body }'
    for (const mistaken of [[headers, body], [new Headers(headers), body], [Object.entries(headers).flat(), body], [body, headers], [undefined], [null], ['POST', headers, body], [{ headers, body }]]) {
      assert.throws(() => benji()[use](...mistaken), (error) => error instanceof TypeError && error.message.includes(message))
    }
  }
  for (const mistaken of [headers, undefined, null, { headers }]) {
    assert.throws(() => benji().checkHead(mistaken), (error) => error instanceof TypeError && error.message.includes('checkHead takes { method, headers }'))
  }
  assert.throws(() => benji().receive({ method, headers: undefined, body }), { name: 'TypeError', message: 'headers must be an object or a list, not undefined' })
})

test('Web Headers are recognized by their brand, whoever made them', () => {
  const { headers } = benjiRequest()
  const code = (form) => benji().tryReceive({ ...benjiRequest(), headers: form }).code
  class Mine extends Headers {}
  for (const Made of [Headers, Mine, UndiciHeaders]) {
    assert.equal(code(new Made(headers)), undefined)
    const joined = new Made(headers)
    joined.append('x-benji-signature', headers['x-benji-signature'])
    assert.equal(code(joined), 'malformed_signature')
    assert.equal(benji().checkHead({ method: 'POST', headers: joined }).code, 'malformed_signature')
  }
})

test('a repeated header is refused in objects that only look like Web Headers', () => {
  const { headers } = benjiRequest()
  const [name] = Object.keys(headers)
  class Multimap extends Array {
    get = (name) => this.find(([other]) => other === name)?.[1] ?? null
    append = (name, value) => void this.push([name, value])
  }
  const pairs = Multimap.from(Object.entries(headers))
  assert.equal(benji().receive({ ...benjiRequest(), headers: pairs }).length, 1)
  pairs.append(name, 'ab'.repeat(32))
  assert.equal(benji().tryReceive({ ...benjiRequest(), headers: pairs }).code, 'repeated_header')

  const form = new FormData()
  for (const [name, value] of Object.entries(headers)) form.append(name, value)
  for (const mistaken of [new URLSearchParams(headers), form]) {
    const message = new RegExp(`headers must not be ${mistaken.constructor.name}`)
    assert.throws(() => benji().receive({ ...benjiRequest(), headers: mistaken }), { name: 'TypeError', message })
    assert.throws(() => benji().checkHead({ method: 'POST', headers: mistaken }), { name: 'TypeError', message })
  }
})

test('a header name is compared in ASCII, and a value of any length is read', () => {
  const benti = Receiver.benti('secret')
  const body = Buffer.from('[]')
  const kelvin = { 'x-hoo\u212a-signature': 'secret' }
  assert.equal(benti.tryReceive({ method: 'POST', headers: kelvin, body }).code, 'missing_signature')
  const long = 's'.repeat(50_000)
  assert.equal(Receiver.benti(long).receive({ method: 'POST', headers: sign.benti(long), body }).length, 0)
  // Lengths around the size of the memory that is allocated in advance.
  for (const length of [254, 255, 256, 257]) {
    const receiver = Receiver.benti('s'.repeat(length))
    const code = (signature) => receiver.tryReceive({ method: 'POST', headers: { 'x-hook-signature': signature }, body }).code
    assert.deepEqual([code('s'.repeat(length)), code(`${'s'.repeat(length - 1)}t`), code('s'.repeat(length + 1))], [undefined, 'signature_mismatch', 'signature_mismatch'])
  }
  // Each character is one byte at any length; UTF-8 is never used.
  for (const length of [1, 254, 255, 256, 700, 1024, 1400, 4096]) {
    const headers = { 'x-hook-signature': 'é'.repeat(length) }
    assert.equal(Receiver.benti(Buffer.alloc(length, 0xe9)).receive({ method: 'POST', headers, body }).length, 0)
    for (const bytes of [length, 2 * length]) {
      const inUtf8 = Receiver.benti(Buffer.alloc(bytes, 'é'))
      assert.equal(inUtf8.tryReceive({ method: 'POST', headers, body }).code, 'signature_mismatch')
    }
  }
  assert.equal(benti.tryReceive({ method: 'POST', headers: { 'x-hook-signature': '\u0173ecret' }, body }).code, 'malformed_signature')
})

test('a header that calls receive again does not change the outer request', () => {
  const receiver = benji()
  const { headers } = benjiRequest()
  const name = 'x-benji-signature'
  const forged = { ...headers, [name]: 'ab'.repeat(32) }
  Object.defineProperty(forged, 'x-benji-timestamp', {
    enumerable: true,
    get: () => {
      assert.equal(receiver.receive(benjiRequest()).length, 1)
      return headers['x-benji-timestamp']
    },
  })
  assert.equal(receiver.tryReceive({ ...benjiRequest(), headers: forged }).code, 'signature_mismatch')
})

test('received objects are frozen if possible, and show no text of a payload or a secret', () => {
  const delivery = bento().receive(bentoRequest('{"events":[{"type":"$secretword","email":"secretword@example.com"},{}]}'))
  const [event] = delivery
  assert.ok(Object.isFrozen(event) && Object.isFrozen(event.subject) && Object.isFrozen(delivery.malformed))
  assert.throws(() => { event.kind = 'x' }, TypeError)
  assert.throws(() => { event.more = 1 }, TypeError)
  const handshake = Receiver.benti('secretword').receive({ method: 'GET', headers: sign.bentiHandshake('secretword', 'secretword1') })
  const rejection = bento().tryReceive({ ...bentoRequest('{"secretword":'), })
  const all = [delivery, event, event.subject, handshake, rejection, delivery.replayKey(), [...delivery][Symbol.iterator]]
  for (const value of all) assert.doesNotMatch(inspect(value, { showHidden: true, depth: 9 }), /secretword|token/)
  assert.equal(inspect(delivery), 'Delivery(bento, 1 events, 1 malformed)')
  assert.equal(inspect(event), 'Event(bento subscriber.tracked 0)')
  assert.equal(`${event.subject} ${delivery.assurance}`, 'subscriber/secretword@example.com body unsigned, time absent, name unsigned')
  assert.deepEqual(delivery.malformed, [{ index: 1, path: '/events/1/type', message: 'the field is missing' }])
})

test('only receive makes a delivery', () => {
  for (const made of [Delivery, Event, Handshake, Rejection, Receiver]) {
    assert.throws(() => new made(), TypeError)
    assert.throws(() => new made({}, {}), TypeError)
    assert.throws(() => new made(['X'], {}), TypeError)
  }
  assert.throws(() => Object.getOwnPropertyDescriptor(Event.prototype, 'id').get.call({}), TypeError)
})

test('the events of a delivery can be iterated several times', () => {
  const delivery = bento().receive(bentoRequest('{"events":[{"type":"a","email":"1"},{"type":"b","email":"2"}]}'))
  assert.equal(delivery.length, 2)
  for (let round = 0; round < 2; round++) assert.deepEqual([...delivery].map(({ name }) => name), ['a', 'b'])
  const iterator = delivery[Symbol.iterator]()
  assert.equal(iterator[Symbol.iterator](), iterator)
  assert.equal(iterator.next().value.name, 'a')
  assert.deepEqual([...iterator].map(({ name }) => name), ['b'])
  assert.deepEqual([iterator.next().done, [...Receiver.benti('s').receive({ method: 'POST', headers: sign.benti('s'), body: Buffer.from('[]') })]], [true, []])
})

test('a replay key tells how long to keep it', () => {
  const retention = (options, request = benjiRequest()) => {
    const delivery = Receiver.benji(SALT, options).receive(request)
    const [event] = delivery
    assert.equal(event.replayKey().retentionSeconds, delivery.replayKey().retentionSeconds)
    return delivery.replayKey().retentionSeconds
  }
  const older = { ...benjiRequest(), headers: sign.benjiBodyOnly(SALT, BODY) }
  for (const request of [benjiRequest(), older]) {
    const options = [{}, { window: { past: 60, future: 5 } }, { window: 'off' }, { replayRetentionSeconds: 7 }, { replayPolicy: 'strict', replayRetentionSeconds: 4294967295 }]
    assert.deepEqual(options.map((options) => retention(options, request)), [601, 66, 86400, 7, 4294967295])
  }
  assert.deepEqual([retention({ replayPolicy: 'strict' }), retention({ replayPolicy: 'strict' }, older)], [601, undefined])
  const { 'x-benji-signature': signature } = older.headers
  const undated = Receiver.benji(SALT, { allowMissingDate: true }).receive({ ...older, headers: { 'x-benji-signature': signature } })
  assert.deepEqual([undated.time, undated.assurance.time, undated.replayKey().retentionSeconds], [undefined, 'absent', 86400])
  const ofBento = (replayPolicy) => bento({ replayPolicy }).receive(bentoRequest('{}')).replayKey().retentionSeconds
  assert.deepEqual([ofBento('default'), ofBento('strict')], [300, 86400])

  const delivery = benji().receive(benjiRequest())
  const key = delivery.replayKey()
  assert.match(key.value, /^[0-9a-f]{32}$/)
  assert.deepEqual([String(key), JSON.stringify({ key })], [key.value, `{"key":"${key.value}"}`])
  const [event] = delivery
  assert.notEqual(event.replayKey().value, key.value)
  assert.equal(event.replayKey().value, [...delivery][0].replayKey().value)
})

test('the policy of replay keys belongs to the receiver', () => {
  const time = Date.UTC(2026, 2, 4, 5, 6, 7)
  const keys = (replayPolicy) => [time, time + 999, time + 1000].map((time) => {
    const headers = sign.benjiBodyOnly(SALT, BODY, { time })
    const delivery = Receiver.benji(SALT, { replayPolicy }).receive({ method: 'POST', headers, body: BODY }, time)
    return [delivery.replayKey()?.value, [...delivery][0].replayKey()?.value]
  })
  const distinct = (keys) => [0, 1].map((at) => new Set(keys.map((pair) => pair[at])).size)
  assert.deepEqual([distinct(keys('default')), distinct(keys('strict'))], [[2, 2], [1, 1]])
  assert.deepEqual(keys(undefined), keys('default'))
  assert.deepEqual(keys('none').flat(), Array.from({ length: 6 }, () => undefined))
  // A program that asks a delivery for 'strict' must not silently get a weaker key.
  for (const policy of ['strict', 'signatureAndDate', undefined]) {
    const delivery = benji().receive(benjiRequest())
    for (const named of [delivery, ...delivery]) {
      assert.throws(() => named.replayKey(policy), { name: 'TypeError', message: 'replayKey takes no policy: set replayPolicy of the receiver' })
    }
  }
})

test('one captured request of the older scheme gives 601 replay keys at one time', () => {
  const now = Date.UTC(2026, 2, 4, 5, 6, 7)
  const receiver = benji()
  const headers = { ...sign.benjiBodyOnly(SALT, BODY, { time: now }) }
  const [ofDeliveries, ofEvents] = [new Set(), new Set()]
  // Dates in each second of the window, some with milliseconds.
  for (let second = -301; second <= 301; second++) {
    for (const milliseconds of [0, 1, 500, 999]) {
      const time = new Date(now + second * 1000 + milliseconds)
      headers['x-webhook-datetime'] = time.toISOString()
      const delivery = receiver.tryReceive({ method: 'POST', headers, body: BODY }, now)
      assert.equal(delivery.outcome === 'delivery', Math.abs(time - now) <= 300_000)
      if (delivery.outcome !== 'delivery') continue
      ofDeliveries.add(delivery.replayKey().value)
      for (const event of delivery) ofEvents.add(event.replayKey().value)
    }
  }
  assert.deepEqual([ofDeliveries.size, ofEvents.size], [601, 601])
})

test('checkHead refuses a request by its head before the body has arrived', () => {
  const { method, headers } = benjiRequest()
  const code = (head) => benji().checkHead(head)?.code
  assert.equal(code({ method, headers }), undefined)
  assert.equal(code({ method: 'GET', headers }), 'method_not_allowed')
  assert.equal(code({ method, headers: {} }), 'missing_signature')
  assert.equal(code({ method, headers: { ...headers, 'Content-Length': '65537' } }), 'payload_too_large')
  assert.equal(code({ method, headers: { ...headers, 'content-length': '65536' } }), undefined)
  assert.deepEqual([benji().bodyLimit, Receiver.benti('s').bodyLimit, bento().bodyLimit, bento({ maxBodyBytes: 9 }).bodyLimit], [65536, 1048576, 4194304, 9])
})

test('a request that sign has signed is accepted', () => {
  for (const encoding of ['hex', 'base64', 'base64url']) {
    const receiver = Receiver.benji(SALT, { signatureEncoding: encoding })
    for (const scheme of [sign.benji, sign.benjiBodyOnly]) {
      const delivery = receiver.receive({ method: 'POST', headers: scheme(SALT, BODY, { encoding }), body: BODY })
      assert.match([...delivery][0].id, /^[0-9a-f]{32}$/)
    }
  }
  assert.deepEqual(sign.benji(SALT, BODY.toString(), { time: new Date(0) }), sign.benji(Buffer.from(SALT), BODY, { time: new Date(0) }))
  const basic = Receiver.bento({ basic: { user: 'u', keys: 'p' } })
  assert.equal(basic.receive({ method: 'POST', headers: sign.bentoBasic('u', 'p'), body: Buffer.from('{}') }).length, 1)
  assert.throws(() => sign.benti(''), { name: 'TypeError', message: /secret is empty/ })
  for (const scheme of [sign.benji, sign.benjiBodyOnly]) {
    assert.throws(() => scheme(SALT, {}), TypeError)
    assert.throws(() => scheme(SALT, BODY, { encoding: 'base32' }), { name: 'TypeError', message: /encoding must be one of/ })
  }
})

test('sign refuses arguments that it cannot use, and does not sign with the current time instead', () => {
  const time = Date.UTC(2026, 2, 4, 5, 6, 7)
  for (const name of ['benji', 'benjiBodyOnly']) {
    const noOptions = [time, new Date(time), [time], [], null, 'hex', String(time), Object(time), () => time, new Map([['time', time]]), new Set(), Buffer.alloc(0), new Uint8Array(0), Promise.resolve()]
    for (const options of noOptions) {
      assert.throws(() => sign[name](SALT, BODY, options), { name: 'TypeError', message: `the options of sign.${name} must be an object: it has time, encoding` })
    }
    for (const unknown of ['now', 'date', 'timestamp', 'signatureEncoding']) {
      assert.throws(() => sign[name](SALT, BODY, { [unknown]: time }), { name: 'TypeError', message: `${unknown} is not an option of sign.${name}: it has time, encoding` })
    }
    for (const more of [[undefined, time], [{}, time], [{ time }, 'hex'], [undefined, undefined]]) {
      assert.throws(() => sign[name](SALT, BODY, ...more), { name: 'TypeError', message: `sign.${name} takes salt, body, options: the options are time, encoding` })
    }
    for (const body of [undefined, null, 5, {}, [], time, new Uint16Array(1)]) {
      assert.throws(() => sign[name](SALT, body, { time }), { name: 'TypeError', message: 'body must be a string or a Uint8Array, exactly as it is sent: JSON.stringify makes a string of an object' })
    }
    for (const options of [{ time }, Object.assign(Object.create(null), { time }), runInNewContext(`({ time: ${time} })`)]) {
      assert.deepEqual(sign[name](SALT, BODY, options), sign[name](SALT, BODY, { time: new Date(time) }))
    }
  }
  const rest = {
    benti: [['a'], 'secret'],
    bentiHandshake: [['a', 'abc'], 'secret, challenge'],
    bentoBasic: [['u', 'a'], 'user, secret'],
    bentoBearer: [['a'], 'secret'],
    bentoHeader: [['x-own', 'a'], 'name, secret'],
  }
  assert.deepEqual(Object.keys(sign).sort(), ['benji', 'benjiBodyOnly', ...Object.keys(rest)].sort())
  for (const [name, [given, takes]] of Object.entries(rest)) {
    assert.ok(sign[name](...given))
    for (const more of [{ time }, time, BODY]) {
      assert.throws(() => sign[name](...given, more), { name: 'TypeError', message: `sign.${name} takes ${takes}` })
    }
  }
})

test('options in the wrong place are refused, because they would set nothing', () => {
  const uses = [
    [() => Receiver.benji(SALT, {}, { maxEvents: 1 }), 'Receiver.benji takes keys, options'],
    [() => Receiver.benti('s', undefined, { maxEvents: 1 }), 'Receiver.benti takes keys, options'],
    [() => Receiver.bento({ bearer: 'token' }, { maxEvents: 1 }), 'Receiver.bento takes options, which hold the credentials too'],
    [() => new Key(SALT, { id: '2026' }, { exact: true }), 'a key takes secret, options'],
    [() => new ReplayGuard({ capacity: 1 }, { leaseSeconds: 7 }), 'ReplayGuard takes options'],
  ]
  for (const [use, message] of uses) assert.throws(use, { name: 'TypeError', message })
})

test('options that are not a plain object are refused, because they would set nothing', () => {
  for (const options of [new Date(), [], new Map(), new Uint8Array(0), () => {}]) {
    for (const use of [() => new Key(SALT, options), () => Receiver.benji(SALT, options), () => Receiver.benti('s', options), () => Receiver.bento(options)]) {
      assert.throws(use, { name: 'TypeError', message: /must be an object: it has / })
    }
  }
})

test('a mismatch has a hint only if a key fits that is not valid now, in names of JavaScript', () => {
  const receiver = Receiver.benji([new Key(SALT, { id: 'old', notAfter: NOW - 1 }), 'another'])
  const told = (salt) => receiver.tryReceive({ method: 'POST', headers: sign.benji(salt, BODY, { time: NOW }), body: BODY }, NOW)
  const [old, wrong] = [told(SALT), told('a third')]
  assert.equal(old.code, 'signature_mismatch')
  assert.match(old.hint, /^a key fits, but is not valid now: check its notBefore and notAfter/)
  assert.equal(wrong.hint, undefined)
  assert.equal('hint' in wrong, false)
  // A program may answer with the rejection, so what it writes down by itself has no hint.
  for (const written of [JSON.stringify(old), JSON.stringify({ ...old }), inspect(old), JSON.stringify(structuredClone({ ...old }))]) {
    assert.doesNotMatch(written, /hint|a key fits/)
  }
  assert.deepEqual([old.message, old.status, old.headers], [wrong.message, wrong.status, wrong.headers])
  // A program may send these.
  assert.equal(JSON.stringify(old), JSON.stringify(wrong))
  assert.deepEqual({ ...old }, { ...wrong })
})

test('a message names causes that the scheme can have, in names of JavaScript', () => {
  const message = (receiver, headers, method = 'POST') => receiver.tryReceive({ method, headers, body: BODY }, NOW).message
  const benji = Receiver.benji(SALT, { signatureEncoding: 'base64' })
  assert.match(message(benji, sign.benji(SALT, BODY, { time: NOW })), /in base64, the only encoding that signatureEncoding allows/)
  for (const method of ['post', 'Post']) assert.match(message(benji, {}, method), /^the method is not in upper case/)
  assert.match(message(Receiver.benti('secret'), {}, 'get'), /^the method is not in upper case/)
  for (const method of ['get', 'PUT', 'po\u017ft', '']) assert.match(message(benji, {}, method), /^the vendor does not send this method/)
  const { 'x-benji-signature': signature } = sign.benjiBodyOnly(SALT, BODY, { time: NOW })
  assert.match(message(Receiver.benji(SALT), { 'x-benji-signature': signature }), /or set allowMissingDate with the replay policy strict/)
  const basic = Receiver.bento({ basic: { user: 'pub', keys: 'p' } })
  assert.match(message(basic, sign.bentoBasic('other', 'p')), /another user or password \(check the user/)
  const bento = Receiver.bento({ bearer: 'token', requireEventOrEmail: true })
  const { message: neither } = bento.tryReceive({ method: 'POST', headers: sign.bentoBearer('token'), body: Buffer.from('{"event":5}') })
  assert.match(neither, /neither event nor email is a text that is not empty: requireEventOrEmail asks for one of them$/)
})

test('keys near their end are named', () => {
  const keys = [new Key('a', { id: 'endless' }), new Key('b', { id: 'ended', notAfter: NOW - 1 }), new Key('c', { notAfter: NOW + 10_000 })]
  for (const receiver of [Receiver.benji(keys), Receiver.benti(keys), Receiver.bento({ bearer: keys })]) {
    assert.deepEqual(receiver.expiring(NOW, 0), ['ended'])
    assert.deepEqual(receiver.expiring(NOW, 9), ['ended'])
    assert.deepEqual(receiver.expiring(new Date(NOW), 10), ['ended', '2'])
    assert.deepEqual(receiver.expiring(NOW, Number.MAX_SAFE_INTEGER), ['ended', '2'])
  }
  const receiver = Receiver.benji([new Key('a', { notAfter: new Date(Date.now() + 60_000) })])
  assert.deepEqual([receiver.expiring(undefined, 30), receiver.expiring(undefined, 90)], [[], ['0']])
  assert.throws(() => receiver.expiring(NOW), { name: 'TypeError', message: 'within must be a number' })
  assert.throws(() => receiver.expiring(NOW, -1), { name: 'RangeError', message: 'within must not be negative' })
  assert.throws(() => receiver.expiring(NOW, 1.5), RangeError)
  assert.throws(() => receiver.expiring('now', 1), { name: 'TypeError', message: /^now must be/ })
})
