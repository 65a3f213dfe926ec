// Requests to Bento beside those of its official client for Node: the same values through both, over real sockets.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'

import { Analytics } from '@bentonow/bento-node-sdk'
import { outgoing } from 'hookseal'

import { listening } from './servers.js'

const { Bento, BentoCommand, BentoEmail, BentoEvent, BentoSubscriber } = outgoing

const SITE = '11111111222233334444555555555555'
const email = 'zoë+tag@example.com'
const date = new Date(Date.UTC(2026, 2, 4, 5, 6, 7, 89))
const unusual = { text: 'Zoë "\\ \u2028\u{1f600}', numbers: [0.1, -0, 1e21, 5e-324, 12345678901234567890], list: [[], {}, null, true], absent: undefined, 7: date }

/** A stand-in for Bento that keeps the requests as they arrive. */
let server
const arrived = []
let answer = { status: 200, body: '{"results":1,"failed":0}' }

before(async () => {
  server = await listening(
    createServer(async (request, response) => {
      const parts = []
      for await (const part of request) parts.push(part)
      arrived.push({ method: request.method, url: request.url, headers: headersOf(request.rawHeaders), body: Buffer.concat(parts).toString() })
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
    }),
    '/api/v1',
  )
})
after(() => server.close())

/** All headers but those of the connection, which belong to fetch. */
function headersOf(raw) {
  const pairs = Array.from({ length: raw.length / 2 }, (_, at) => [raw[2 * at].toLowerCase(), raw[2 * at + 1]])
  return pairs.filter(([name]) => !['host', 'connection'].includes(name)).sort()
}

const sdk = (secretKey = 'secret-key', siteUuid = SITE) =>
  new Analytics({ siteUuid, authentication: { publishableKey: 'publishable', secretKey }, clientOptions: { baseUrl: server.url } }).V1
const bento = (secretKey = 'secret-key', options = { userAgent: `bento-node-${SITE}` }) => new Bento('publishable', secretKey, SITE, { apiHost: server.url, ...options })

/** What arrives while this runs. */
async function during(run) {
  arrived.length = 0
  await run()
  return [...arrived]
}

async function send(requests) {
  for (const request of requests) {
    const { method, url, headers, body } = request
    const response = await fetch(url, { method, headers, body, redirect: 'manual' })
    request.read(response.status, response.headers, await response.arrayBuffer())
  }
}

const events = (...values) => bento().events(values.map((value) => new BentoEvent(value)))
const subscribers = (...values) => bento().subscribers(values.map((value) => new BentoSubscriber(value)))
const emails = (...values) => bento().emails(values.map((value) => new BentoEmail(value)))
const command = (value) => [bento().command(new BentoCommand(value))]

const purchaseDetails = { unique: { key: 'order-1' }, value: { currency: 'USD', amount: 19.9 }, cart: { items: [{ product_sku: 'a', quantity: 2 }] } }
const aSubscriber = { email, tags: 'lead,mql', remove_tags: 'old', 'first name': 'Zoë', age: 7, vip: true, gone: null, absent: undefined }
const anEmail = { to: email, from: 'a@example.com', subject: 'Réset', html_body: '<p>{{ link }}\n</p>', transactional: true, personalizations: { link: 'https://example.com', n: 5, ok: false } }

/** A call of the client, and the requests of hookseal with the same values. */
const SAME = {
  'an event': [(v1) => v1.track({ email, type: '$completed_onboarding', details: unusual, date, fields: { plan: 'Zoë' } }), () => events({ email, type: '$completed_onboarding', details: unusual, date, fields: { plan: 'Zoë' } })],
  'an event without anything optional': [(v1) => v1.track({ email, type: 'x' }), () => events({ email, type: 'x' })],
  'a purchase': [(v1) => v1.trackPurchase({ email, purchaseDetails, date }), () => events({ date, email, type: '$purchase', details: purchaseDetails })],
  'a purchase without a date': [(v1) => v1.trackPurchase({ email, purchaseDetails }), () => events({ date: undefined, email, type: '$purchase', details: purchaseDetails })],
  'a subscription': [(v1) => v1.addSubscriber({ email, date, fields: { plan: 'team' } }), () => events({ date, email, type: '$subscribe', fields: { plan: 'team' } })],
  'a subscription without fields': [(v1) => v1.addSubscriber({ email }), () => events({ email, type: '$subscribe', fields: {} })],
  'an unsubscription': [(v1) => v1.removeSubscriber({ email, date }), () => events({ date, email, type: '$unsubscribe' })],
  'a tag': [(v1) => v1.tagSubscriber({ email, tagName: 'vip', date }), () => events({ date, details: { tag: 'vip' }, email, type: '$tag' })],
  'fields': [(v1) => v1.updateFields({ email, fields: { name: 'Zoë', age: 7 }, date }), () => events({ date, email, type: '$update_fields', fields: { name: 'Zoë', age: 7 } })],
  'a thousand events': [
    (v1) => v1.Batch.importEvents({ events: Array.from({ length: 1000 }, (_, at) => ({ email: `${at}@example.com`, type: '$track', details: { at } })) }),
    () => events(...Array.from({ length: 1000 }, (_, at) => ({ email: `${at}@example.com`, type: '$track', details: { at } }))),
  ],
  'subscribers': [(v1) => v1.Batch.importSubscribers({ subscribers: [aSubscriber, { email }] }), () => subscribers(aSubscriber, { email })],
  'e-mails': [(v1) => v1.Batch.sendTransactionalEmails({ emails: Array(60).fill(anEmail) }), () => emails(...Array(60).fill(anEmail))],
  'e-mails of the group for broadcasts': [(v1) => v1.Broadcasts.createEmails([anEmail]), () => emails(anEmail)],
  'add_tag': [(v1) => v1.Commands.addTag({ email, tagName: 'vip' }), () => command({ command: 'add_tag', email, query: 'vip' })],
  'remove_tag': [(v1) => v1.Commands.removeTag({ email, tagName: 'vip' }), () => command({ command: 'remove_tag', email, query: 'vip' })],
  'add_field': [(v1) => v1.Commands.addField({ email, field: { key: 'age', value: 7 } }), () => command({ command: 'add_field', email, query: { key: 'age', value: 7 } })],
  'remove_field': [(v1) => v1.Commands.removeField({ email, fieldName: 'age' }), () => command({ command: 'remove_field', email, query: 'age' })],
  'subscribe': [(v1) => v1.Commands.subscribe({ email }), () => command({ command: 'subscribe', email })],
  'unsubscribe': [(v1) => v1.Commands.unsubscribe({ email }), () => command({ command: 'unsubscribe', email })],
  'change_email': [(v1) => v1.Commands.changeEmail({ oldEmail: email, newEmail: 'b@example.com' }), () => command({ command: 'change_email', email, query: 'b@example.com' })],
}

describe('method, path, query, headers and body are the same, byte for byte', () => {
  for (const [name, [call, requests]] of Object.entries(SAME)) {
    test(name, async () => {
      const expected = await during(() => call(sdk()))
      const found = await during(() => send(requests()))
      assert.equal(expected.length, 1)
      assert.deepEqual(found, expected)
      const names = found[0].headers.map(([header]) => header)
      for (const header of ['authorization', 'content-type', 'user-agent']) assert.ok(names.includes(header))
    })
  }

  test('every command of the client is among them', () => {
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(sdk().Commands)).filter((name) => name !== 'constructor')
    const calls = Object.values(SAME).map(([call]) => `${call}`)
    for (const method of methods) assert.ok(calls.some((call) => call.includes(`Commands.${method}(`)), method)
  })
})

describe('the differences from the client', () => {
  test('upsertSubscriber sends the same and then asks for the subscriber: hookseal sends values only', async () => {
    const values = { email, fields: { name: 'Zoë' }, tags: 'vip', remove_tags: 'old' }
    const [sent, asked, ...more] = await during(() => sdk().upsertSubscriber(values))
    assert.deepEqual(await during(() => send(subscribers({ email, name: 'Zoë', tags: 'vip', remove_tags: 'old' }))), [sent])
    assert.deepEqual([asked.method, more], ['GET', []])
  })

  test('the user agent names hookseal, unless it is set', async () => {
    const [sent] = await during(() => send(bento('secret-key', {}).events([new BentoEvent({ type: 'x', email })])))
    assert.match(new Map(sent.headers).get('user-agent'), /^hookseal\/\d/)
  })

  test('site_uuid may be in the query, as the page of the vendor has it', async () => {
    const [expected] = await during(() => sdk().track({ email, type: 'x' }))
    const [sent] = await during(() => send(bento('secret-key', { siteUuidInQuery: true }).events([new BentoEvent({ email, type: 'x' })])))
    assert.equal(sent.url, `${expected.url}?site_uuid=${SITE}`)
    assert.deepEqual(JSON.parse(sent.body), { events: JSON.parse(expected.body).events })
  })

  test('the page names 60 e-mails in a call; the client sends up to 100', async () => {
    assert.equal((await during(() => sdk().Batch.sendTransactionalEmails({ emails: Array(100).fill(anEmail) }))).length, 1)
    assert.deepEqual((await during(() => send(emails(...Array(100).fill(anEmail))))).map(({ body }) => JSON.parse(body).emails.length), [60, 40])
  })

  test('the client refuses more than 1,000 values, and none; hookseal makes as many calls as it takes', async () => {
    const values = Array.from({ length: 1001 }, () => ({ email, type: 'x' }))
    await assert.rejects(sdk().Batch.importEvents({ events: values }))
    await assert.rejects(sdk().Batch.importEvents({ events: [] }))
    assert.equal((await during(() => send(events(...values)))).length, 2)
    assert.deepEqual(await during(() => send(events())), [])
  })

  test('the client encodes credentials as Latin-1, and fails beyond it; hookseal encodes them as UTF-8, as RFC 7617 advises', async () => {
    const authorization = ([{ headers }]) => Buffer.from(new Map(headers).get('authorization').slice('Basic '.length), 'base64')
    assert.deepEqual(authorization(await during(() => sdk('é').track({ email, type: 'x' }))), Buffer.from('publishable:é', 'latin1'))
    assert.deepEqual(authorization(await during(() => send(bento('é').events([new BentoEvent({ email, type: 'x' })])))), Buffer.from('publishable:é'))
    for (const key of [' secret-key', 'secret-key\n']) assert.throws(() => bento(key), { name: 'OutgoingError', code: 'malformed_value' })
    assert.throws(() => sdk('€'))
  })

  test('the client sends what nobody can read as meant; hookseal refuses it before it is sent', async () => {
    for (const [given, sent] of [[{ details: { amount: NaN } }, { details: { amount: null } }], [{ date: new Date(NaN) }, { date: null }], [{ details: new Map([['a', 1]]) }, { details: {} }], [{ email: 'nobody' }, { email: 'nobody' }], [{ fields: { a: [1] } }, { fields: { a: [1] } }]]) {
      const [{ body }] = await during(() => sdk().track({ email, type: 'x', ...given }))
      assert.deepEqual(JSON.parse(body).events, [{ email, type: 'x', ...sent }])
      assert.throws(() => events({ email, type: 'x', ...given }), TypeError)
    }
    await during(() => sdk().Broadcasts.createEmails([{ ...anEmail, to: 'a@example.com,b@example.com' }]))
    assert.throws(() => emails({ ...anEmail, to: 'a@example.com,b@example.com' }), { code: 'malformed_value' })
  })

  test('the client gives the number of results alone; hookseal hands back what may have failed, and takes any 2xx', async (t) => {
    const before = answer
    t.after(() => {
      answer = before
    })
    answer = { status: 200, body: '{"results":1,"failed":1}' }
    assert.equal(await sdk().Batch.importEvents({ events: [{ email, type: 'x' }, { email, type: 'x' }] }), 1)
    const [request] = events({ email, type: 'x' }, { email, type: 'x' })
    assert.equal(request.read(200, {}, Buffer.from(answer.body)).handedBack.length, 2)
    answer = { status: 202, body: '{"results":1,"failed":0}' }
    await assert.rejects(sdk().track({ email, type: 'x' }))
    await send(events({ email, type: 'x' }))
  })
})
