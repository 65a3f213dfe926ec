// Which memory holds secrets and signatures, which secrets are refused, and that a key cannot be changed.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { Key, Receiver, sign } from 'hookseal'

import { CONTROL, secretsOf } from './dropped_secrets.js'
import { BODY, SALT, benji, benjiRequest, bentoRequest } from './requests.js'

const PROGRAM = fileURLToPath(new URL('dropped_secrets.js', import.meta.url))
const DATE = 'Wed, 04 Mar 2026 05:06:07 GMT'
const macOf = (salt) => createHmac('sha256', salt).update(DATE).update(BODY).digest()
const genuine = (salt) => ({ 'x-benji-signature': macOf(salt).toString('hex'), 'x-benji-timestamp': DATE })

const { glibcVersionRuntime } = process.report.getReport().header

describe('freed memory holds no dropped secret or signature', { skip: glibcVersionRuntime === undefined && 'it reads the heap of glibc in /proc' }, () => {
  /** Which of these bytes are still in malloc's memory after the program has dropped them. */
  async function foundIn(name, as, wanted, headers) {
    // With one arena and a large first allocation, before V8 allocates after it, all memory comes from the heap.
    const env = { ...process.env, MALLOC_ARENA_MAX: '1', MALLOC_TOP_PAD_: String(32 * 1024 * 1024) }
    const program = spawn(process.execPath, ['--expose-gc', PROGRAM, name, as, JSON.stringify(headers) ?? ''], { stdio: ['pipe', 'pipe', 'pipe'], env })
    const closed = once(program, 'close')
    const errors = text(program.stderr)
    try {
      const [line] = await Promise.race([once(program.stdout, 'data'), closed.then(async () => assert.fail(await errors))])
      assert.equal(`${line}`, 'ready\n')
      const heap = heapOf(program.pid)
      // The allocator overwrites the start of free memory, so only the end of each secret is searched for.
      const parts = (bytes) => [bytes.subarray(-32, -16), bytes.subarray(-16)]
      return wanted.flatMap((bytes, number) => (formsOf(bytes).flatMap(parts).some((part) => heap.includes(part)) ? [number] : []))
    } finally {
      program.stdin.end()
      await closed
    }
  }

  /** The bytes of a secret by itself, as the text of a header, and in Basic credentials. */
  const formsOf = (secret) => {
    const basic = ['user:', 'publishable:'].map((user) => Buffer.concat([Buffer.from(user), secret]).toString('base64'))
    return [secret, Buffer.from(secret.toString('latin1')), ...basic.map((text) => Buffer.from(text))]
  }

  function heapOf(pid) {
    const line = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').find((line) => line.endsWith('[heap]'))
    const [from, to] = line.split(' ')[0].split('-').map((address) => Number.parseInt(address, 16))
    const memory = openSync(`/proc/${pid}/mem`, 'r')
    try {
      const heap = Buffer.alloc(to - from)
      assert.equal(readSync(memory, heap, 0, heap.length, from), heap.length)
      return heap
    } finally {
      closeSync(memory)
    }
  }

  for (const name of ['keys', 'rings', 'id keys', 'refused keys', 'refused receivers', 'refused signatures', 'signatures', 'credentials', 'requests', 'refused requests']) {
    for (const as of ['bytes', 'text']) {
      test(`${name}, as ${as}`, async () => {
        // The control, which is kept on purpose, has to be found.
        assert.deepEqual(await foundIn(name, as, secretsOf(as)), [CONTROL])
      })
    }
  }

  test('signatures of deliveries', async () => {
    const wanted = [macOf('salt'), ...secretsOf('bytes').slice(CONTROL)]
    assert.deepEqual(await foundIn('deliveries', 'bytes', wanted, genuine('salt')), [1])
  })
})

test('no memory of JavaScript holds a signature, even while its delivery exists', (t) => {
  const { mock } = t.mock.method(Buffer, 'allocUnsafeSlow')
  const receiver = Receiver.benji('salt', { window: 'off' })
  const kept = Array.from({ length: 400 }, () => receiver.receive({ method: 'POST', headers: genuine('salt'), body: BODY }))
  const made = mock.calls.map(({ result }) => result)
  // The memory that holds requests. The body in it proves that this is the right memory.
  assert.ok(made.some((memory) => memory.includes(BODY)))
  assert.equal(made.some((memory) => memory.includes(macOf('salt'))), false)
  const ids = new Set(kept.flatMap((delivery) => [...delivery].map(({ id }) => id)))
  assert.equal(ids.size, 1)
  assert.notEqual([...ids][0], [...Receiver.benji('other', { window: 'off' }).receive({ method: 'POST', headers: genuine('other'), body: BODY })][0].id)
})

test('deliveries that share memory keep different ids', () => {
  const receiver = Receiver.benji(SALT, { window: 'off' })
  const bento = Receiver.bento({ bearer: 'token' })
  const deliveries = []
  for (let number = 0; number < 1000; number++) {
    const body = Buffer.from(`{"event":"e","entity_id":${number},"padding":"${' '.repeat(number % 97)}"}`)
    const request = { method: 'POST', headers: sign.benji(SALT, body, { time: Date.UTC(2026, 2, 4) }), body }
    deliveries.push([receiver.receive(request), request])
    // These deliveries have no signature, and share the memory.
    if (number % 3 === 0) bento.receive(bentoRequest('{}'))
  }
  const idOf = (delivery) => [...delivery][0].id
  const ids = deliveries.map(([delivery]) => idOf(delivery))
  assert.equal(new Set(ids).size, 1000)
  deliveries.forEach(([, request], at) => assert.equal(idOf(receiver.receive(request)), ids[at]))
})

test('no Buffer is made from a secret, and the memory that Buffers share holds no part of it', (t) => {
  // Drawn, because V8 leaves the literals of a source in memory that it frees, and a new Buffer may get that memory.
  const secret = randomBytes(16).toString('hex')
  const pool = Buffer.from(Buffer.from('a').buffer)
  const made = ['allocUnsafeSlow', 'allocUnsafe', 'alloc', 'from'].map((name) => t.mock.method(Buffer, name).mock)
  const key = new Key(`${secret} of a key`)
  Receiver.benji([key, `${secret} of a receiver`], { idKey: `${secret} for ids of a receiver, ok` })
  Receiver.bento({ basic: { user: 'user', keys: `${secret} of basic` } })
  const headers = [sign.benji(`${secret} of a sender`, BODY), sign.benti(`${secret} of benti`), sign.bentoBasic('user', `${secret} of basic`), sign.bentoBearer(`${secret} of a bearer`)]
  Receiver.benti(`${secret} of benti`).receive({ method: 'POST', headers: headers[1], body: Buffer.from('[]') })
  assert.throws(() => Receiver.benji(`${secret} beside an option`, { maxBodyBytes: 0 }), RangeError)
  assert.throws(() => sign.benji(`${secret} beside a body`, {}), TypeError)
  const calls = made.flatMap(({ calls }) => calls)
  t.mock.restoreAll()
  for (const { arguments: given, result } of calls) {
    assert.equal(given.some((value) => `${value}`.includes(secret)), false)
    assert.equal(result.includes(secret), false)
  }
  assert.equal(Buffer.from('a').buffer, pool.buffer)
  for (const part of [secret, headers[0]['x-benji-signature'], Buffer.from(headers[0]['x-benji-signature'], 'hex')]) {
    const at = pool.indexOf(part)
    // Without the Buffer that this test itself makes of the signature.
    assert.ok(at === -1 || at === part.byteOffset, `${part}`)
  }
})

describe('a text with half of a surrogate pair is refused', () => {
  const HALVES = {
    'k\ud800': 'ends with the first half',
    'k\udfff': 'ends with the second half',
    'k\udc00\ud800': 'holds the second half',
    [`${'k'.repeat(40)}\ud83d`]: 'ends with the first half',
    '😀\udc00😀': 'holds the second half',
    'k\ud83dk': 'holds the first half',
  }
  const uses = {
    'a secret': (text) => new Key(text),
    'a secret ': (text) => Receiver.benji(text),
    'a secret  ': (text) => Receiver.benti(['a', text]),
    idKey: (text) => Receiver.benji(SALT, { idKey: `${'x'.repeat(32)}${text}` }),
    "a key's id": (id) => new Key('k', { id }),
    'basic.user': (user) => Receiver.bento({ basic: { user, keys: 'k' } }),
    'header.name': (name) => Receiver.bento({ header: { name, keys: 'k' } }),
    source: (source) => Receiver.benji(SALT, { source }),
    'a secret of sign.benji': (text) => sign.benji(text, BODY),
    'a secret of sign.benjiBodyOnly': (text) => sign.benjiBodyOnly(text, BODY),
    'a secret of sign.benti': (text) => sign.benti(text),
    'a secret of sign.bentiHandshake': (text) => sign.bentiHandshake(text, 'abc'),
    'a secret of sign.bentoBasic': (text) => sign.bentoBasic('user', text),
    'a secret of sign.bentoBearer': (text) => sign.bentoBearer(text),
    'a secret of sign.bentoHeader': (text) => sign.bentoHeader('x-own', text),
    challenge: (text) => sign.bentiHandshake('k', text),
    user: (text) => sign.bentoBasic(text, 'k'),
    name: (text) => sign.bentoHeader(text, 'k'),
    body: (text) => sign.benji(SALT, text),
  }
  for (const [where, use] of Object.entries(uses)) {
    test(where, () => {
      const [name] = where.trimEnd().split(' of ')
      for (const [text, half] of Object.entries(HALVES)) {
        const message = `${name} ${half} of a surrogate pair, a character that was cut in two: check where the text comes from`
        assert.throws(() => use(text), { name: 'TypeError', message })
      }
    })
  }

  test('the message says where the half is, and nothing keeps the text', () => {
    'before'.match(/e/)
    for (const [text, half] of [['\ude00k', 'starts with the second half'], ['\ud83d', 'starts with the first half']]) {
      assert.throws(() => new Key(text), { name: 'TypeError', message: new RegExp(`^a secret ${half} of a surrogate pair`) })
      'before'.match(/e/)
      assert.throws(() => Receiver.benji(text), TypeError)
      assert.equal(RegExp.input, 'before')
    }
  })

  test('a whole surrogate pair is accepted', () => {
    const secret = 'k😀'
    for (const given of [secret, Buffer.from(secret), new Key(secret)]) {
      assert.equal(Receiver.benji(given).receive({ ...benjiRequest(), headers: sign.benji(Buffer.from(secret), BODY) }).length, 1)
    }
    assert.deepEqual(sign.benti(secret), { 'x-hook-signature': Buffer.from(secret).toString('latin1') })
  })
})

describe('a secret that is a mistake is refused', () => {
  const receivers = {
    'new Key': (secret, key = secret) => Receiver.benji(key),
    'Receiver.benji': (secret, key = secret) => Receiver.benji(key),
    'Receiver.benti': (secret, key = secret) => Receiver.benti(['other', key]),
    'Receiver.bento basic': (secret, key = secret) => Receiver.bento({ basic: { user: 'user', keys: key } }),
    'Receiver.bento bearer': (secret, key = secret) => Receiver.bento({ bearer: key }),
    'Receiver.bento header': (secret, key = secret) => Receiver.bento({ header: { name: 'x-own', keys: [key] } }),
  }
  const senders = {
    'sign.benji': (secret) => sign.benji(secret, BODY),
    'sign.benjiBodyOnly': (secret) => sign.benjiBodyOnly(secret, BODY),
    'sign.benti': (secret) => sign.benti(secret),
    'sign.bentiHandshake': (secret) => sign.bentiHandshake(secret, 'abc'),
    'sign.bentoBasic': (secret) => sign.bentoBasic('user', secret),
    'sign.bentoBearer': (secret) => sign.bentoBearer(secret),
    'sign.bentoHeader': (secret) => sign.bentoHeader('x-own', secret),
  }
  const missing = [
    ['', /the secret is empty/],
    ['\0\0', /nothing but white space, line breaks or NUL/],
    [' \r\n\u00a0', /nothing but white space, line breaks or NUL/],
    ['undefined', /the word undefined/],
    ['null', /the word null/],
    ['None', /the word None/],
    ['NaN', /the word NaN/],
    ['[object Object]', /the word \[object Object\]/],
  ]
  for (const [where, use] of Object.entries({ ...receivers, ...senders })) {
    test(`${where}: an empty or blank secret or a placeholder, exact or not`, () => {
      for (const [secret, message] of missing) {
        for (const given of [secret, Buffer.from(secret)]) {
          assert.throws(() => use(given), { name: 'TypeError', message })
          if (where in receivers) assert.throws(() => use(given, new Key(given, { exact: true })), { name: 'TypeError', message })
        }
      }
    })
  }

  test('the constructor of Key refuses it', () => {
    for (const [secret, message] of missing) assert.throws(() => new Key(secret), { name: 'TypeError', message })
    assert.throws(() => new Key('k', { id: '' }), { name: 'TypeError', message: /id must not be empty/ })
  })

  const copied = [
    ['salt\n', /^the secret ends with a line break \(U\+000A\): .*new Key\(secret, \{ exact: true \}\)$/],
    [' salt', /^the secret starts with a space \(U\+0020\)/],
    ['\ufeffsalt', /^the secret starts with a byte order mark \(U\+FEFF\)/],
    ['"salt"', /^the secret is enclosed in quotes/],
    ["'salt'", /^the secret is enclosed in quotes/],
  ]
  test('a secret that copying has changed is refused unless its key is exact and a header can carry it', () => {
    for (const [secret, message] of copied) {
      for (const given of [secret, Buffer.from(secret), new Key(secret), new Key(secret, { exact: false, id: 'a' })]) {
        for (const receiver of [Receiver.benji, Receiver.benti, (keys) => Receiver.bento({ basic: { user: 'u', keys } })]) {
          assert.throws(() => receiver(given), { name: 'TypeError', message })
        }
      }
      const exact = Receiver.benji(new Key(secret, { exact: true, id: 'a' }))
      assert.equal(exact.receive({ ...benjiRequest(), headers: sign.benji(secret, BODY) }).keyId, 'a')
    }
    assert.ok(Receiver.benti(new Key('"secret"', { exact: true })))
    assert.throws(() => Receiver.benti(new Key('secret\n', { exact: true })), { name: 'TypeError', message: /which no header can carry/ })
    assert.ok(Receiver.bento({ basic: { user: 'u', keys: new Key(' secret', { exact: true }) } }))
  })

  test('exact is a boolean', () => {
    for (const exact of ['true', 1, null]) assert.throws(() => new Key('k', { exact }), { name: 'TypeError', message: 'exact must be a boolean' })
    assert.ok(new Key('k', { exact: undefined }))
    assert.throws(() => new Key('k', { Exact: true }), { name: 'TypeError', message: 'Exact is not an option of a key: it has id, notBefore, notAfter, exact' })
  })
})

test('a secret in shared memory is refused', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(32)).fill(7)
  for (const use of [(secret) => new Key(secret), (secret) => Receiver.benji([secret]), (secret) => Receiver.benji(SALT, { idKey: secret }), (secret) => sign.benti(secret)]) {
    assert.throws(() => use(shared), { name: 'TypeError', message: /must not be in a SharedArrayBuffer/ })
  }
})

describe('a change to a given or returned Date has no effect', () => {
  const noon = Date.UTC(2026, 0, 1, 12)
  const later = noon + 1e10
  const outcome = (key, now) => Receiver.benji(key).tryReceive(benjiRequest(BODY, { time: now }), now).outcome

  test('of a key', () => {
    const [notBefore, notAfter] = [new Date(noon), new Date(noon + 1000)]
    const key = new Key(SALT, { notBefore, notAfter, id: 'a' })
    for (const date of [notBefore, notAfter, key.notBefore, key.notAfter]) date.setTime(later)
    assert.deepEqual([key.notBefore.getTime(), key.notAfter.getTime()], [noon, noon + 1000])
    assert.deepEqual([noon - 1, noon, noon + 1000, noon + 1001, later].map((now) => outcome(key, now)), ['rejection', 'delivery', 'delivery', 'rejection', 'rejection'])
    assert.equal(JSON.stringify(key), '{"id":"a","notBefore":"2026-01-01T12:00:00.000Z","notAfter":"2026-01-01T12:00:01.000Z"}')
    assert.throws(() => { key.notAfter = new Date(later) }, TypeError)
    assert.deepEqual([new Key('k').notBefore, new Key('k').notAfter], [undefined, undefined])
  })

  test('of a delivery and its event', () => {
    const delivery = benji().receive(benjiRequest(BODY, { time: noon }), noon)
    const [event] = delivery
    const { id } = event
    for (const date of [delivery.time, event.time]) date.setTime(later)
    assert.deepEqual([delivery.time.getTime(), event.time.getTime()], [noon, noon])
    assert.deepEqual([[...delivery][0].id, JSON.parse(event.toCloudevent()).time], [id, '2026-01-01T12:00:00Z'])
  })

  test('of a subclass whose methods return other times', () => {
    class Changing extends Date {
      #asked = 0
      getTime() {
        this.#asked += 1
        return this.#asked > 1 ? later : noon
      }
      valueOf() {
        return later
      }
      [Symbol.toPrimitive]() {
        return later
      }
    }
    const key = new Key(SALT, { notAfter: new Changing(noon) })
    assert.equal(key.notAfter.getTime(), noon)
    assert.equal(outcome(key, later), 'rejection')
    const own = Object.assign(new Date(noon), { getTime: () => later })
    assert.equal(new Key(SALT, { notAfter: own }).notAfter.getTime(), noon)
    assert.deepEqual(sign.benji(SALT, BODY, { time: own }), sign.benji(SALT, BODY, { time: noon }))
    assert.equal(benji().tryReceive(benjiRequest(BODY, { time: later }), own).code, 'from_the_future')
    assert.throws(() => new Key(SALT, { notAfter: Object.create(Date.prototype) }), { name: 'TypeError', message: 'notAfter must be milliseconds or a Date' })
    assert.throws(() => benji().receive(benjiRequest(), Object.create(new Date())), { name: 'TypeError', message: 'now must be milliseconds or a Date' })
  })
})

test('an object that only looks like a Key is refused', () => {
  for (const key of [Object.create(Key.prototype), { id: 'a', secret: SALT }, Object.create(new Key(SALT))]) {
    assert.throws(() => Receiver.benji(key), { name: 'TypeError', message: /^keys must be a secret .* not object/ })
  }
})
