// The cases of the comparison: hookseal and its peers on the same request. Each function checks its own result.

import { deepEqual } from 'node:assert/strict'
import { createHmac, timingSafeEqual } from 'node:crypto'

import { Receiver, sign } from 'hookseal'

const SECRET = 'a secret of thirty-two bytes, ok'
const WINDOW_MILLISECONDS = 300_000

/** A cheap replacement for `assert`. */
function check(condition) {
  if (!condition) throw new Error('a contender gave a wrong result')
}

/** The given headers between others, as a server gets them. */
const around = (headers, body) => ({
  host: 'hooks.example.com',
  'user-agent': 'client/1.0',
  'content-type': 'application/json',
  'content-length': String(body.length),
  accept: '*/*',
  ...headers,
})

/** Checks Benji's 65-byte webhook and reads its event. Only the body is signed, because the peers check only that. */
async function benji() {
  const body = Buffer.from('{"event":"reward_transaction_updated","entity":3,"entity_id":243}')
  const headers = around(sign.benjiBodyOnly(SECRET, body), body)
  const receiver = Receiver.benji(SECRET)
  const request = { method: 'POST', headers, body }
  const text = body.toString()
  const hex = headers['x-benji-signature']
  return {
    name: 'benji 65 B',
    contenders: {
      hookseal() {
        for (const event of receiver.receive(request)) check(event.kind === 'transaction.updated')
      },
      'node:crypto': () => {
        const received = Buffer.from(headers['x-benji-signature'], 'hex')
        const expected = createHmac('sha256', SECRET).update(body).digest()
        check(received.length === expected.length && timingSafeEqual(received, expected))
        check(Math.abs(Date.now() - Date.parse(headers['x-webhook-datetime'])) <= WINDOW_MILLISECONDS)
        check(JSON.parse(body).event === 'reward_transaction_updated')
      },
      standardwebhooks: await standardwebhooks(body, text),
      '@octokit/webhooks-methods': await octokit(text, hex),
      '@hookflo/tern': await tern(body, headers),
    },
    targets: { 'node:crypto': 6, standardwebhooks: 20, '@octokit/webhooks-methods': 5, '@hookflo/tern': 100 },
  }
}

async function standardwebhooks(body, text) {
  const { Webhook } = await imported('standardwebhooks')
  if (Webhook === undefined) return undefined
  const webhook = new Webhook(Buffer.from(SECRET).toString('base64'))
  const time = new Date()
  const headers = around(
    {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(time / 1000)),
      'webhook-signature': webhook.sign('msg_1', time, text),
    },
    body,
  )
  return () => check(webhook.verify(body, headers).event === 'reward_transaction_updated')
}

async function octokit(text, hex) {
  const { verify } = await imported('@octokit/webhooks-methods')
  if (verify === undefined) return undefined
  const signature = `sha256=${hex}`
  return async () => check(await verify(SECRET, text, signature))
}

async function tern(body, headers) {
  const { WebhookVerificationService } = await imported('@hookflo/tern')
  if (WebhookVerificationService === undefined) return undefined
  const config = {
    platform: 'custom',
    secret: SECRET,
    signatureConfig: { algorithm: 'hmac-sha256', headerName: 'x-benji-signature', headerFormat: 'raw', payloadFormat: 'raw' },
  }
  // This peer takes a Web Request, which can be read only once.
  return async () => {
    const request = new Request('https://hooks.example.com/', { method: 'POST', headers, body })
    const result = await WebhookVerificationService.verify(request, config)
    check(result.isValid && result.payload.event === 'reward_transaction_updated')
  }
}

/** Checks the 575-byte answer of a Benti instance, and reads kind, subject and time. */
function benti() {
  const body = Buffer.from(
    '{"events":[{"id":"MDAwMDAwMOSfti9quwKNOg==","action":"answer","created_at":"20170905091635","project":{"name":' +
      '"instance_names"},"resource":"PROJECTNAME-00110063","type":"ticket","user":{"name":"name","identifier":"email@email' +
      '.com"},"action_data":{"text":"text","to":[{"email":"to@email.com","name":"name"}],"cc":null,"bcc":null},"resource_data"' +
      ':{"creator":{"name":"name","identifier":"creator@email.com"},"queue":{"id":1,"name":"queue_name"},"source":{"id":1,"name"' +
      ':"source_name"}},"attachments":[{"id":"123","url":"image_url","name":"Image name.png","type":"image\\/png"}]}]}',
  )
  check(body.length === 575)
  const receiver = Receiver.benti(SECRET)
  const request = { method: 'POST', headers: around(sign.benti(SECRET), body), body }
  const time = Date.UTC(2017, 8, 5, 9, 16, 35)
  const secret = Buffer.from(SECRET)
  return {
    name: 'benti 575 B',
    contenders: {
      hookseal() {
        for (const event of receiver.receive(request)) {
          check(event.kind === 'ticket.answered' && event.subject.id === 'PROJECTNAME-00110063' && event.time.getTime() === time)
        }
      },
      timingSafeEqual() {
        const received = Buffer.from(request.headers['x-hook-signature'])
        check(received.length === secret.length && timingSafeEqual(received, secret))
        for (const { action, resource, created_at } of JSON.parse(body).events) {
          check(kindOf(action) === 'ticket.answered' && resource === 'PROJECTNAME-00110063' && compactDate(created_at).getTime() === time)
        }
      },
      createHmac() {
        const received = createHmac('sha256', SECRET).update(request.headers['x-hook-signature']).digest()
        check(timingSafeEqual(received, createHmac('sha256', SECRET).update(SECRET).digest()))
        for (const { action, resource, created_at } of JSON.parse(body).events) {
          check(kindOf(action) === 'ticket.answered' && resource === 'PROJECTNAME-00110063' && compactDate(created_at).getTime() === time)
        }
      },
    },
    targets: { timingSafeEqual: 1, createHmac: 1 },
  }
}

const KINDS = new Map([['answer', 'ticket.answered'], ['reply-ticket', 'ticket.replied'], ['close-ticket', 'ticket.closed']])
const kindOf = (action) => KINDS.get(action) ?? 'ticket.other'

function compactDate(text) {
  const part = (from, to) => Number(text.slice(from, to))
  return new Date(Date.UTC(part(0, 4), part(4, 6) - 1, part(6, 8), part(8, 10), part(10, 12), part(12, 14)))
}

/** Checks a thousand events of Bento, and reads kind, subject and time of each. */
function bento() {
  const events = Array.from({ length: 1000 }, (_, at) => ({
    type: '$purchase',
    email: `customer-${at}@example.com`,
    fields: { first_name: 'Zoe', last_name: 'Example', plan: 'gold' },
    details: { unique: { key: `order-${at}` }, value: { currency: 'USD', amount: 100 + at } },
    date: new Date(1772600767000 + at * 1000).toISOString(),
  }))
  const body = Buffer.from(JSON.stringify({ site_uuid: 'site', events }))
  const receiver = Receiver.bento({ bearer: SECRET })
  const request = { method: 'POST', headers: around(sign.bentoBearer(SECRET), body), body }
  const secret = Buffer.from(`Bearer ${SECRET}`)
  const expected = { purchased: 1000, characters: events.reduce((sum, { email }) => sum + email.length, 0), time: events.reduce((sum, { date }) => sum + Date.parse(date), 0) }
  const bentoKinds = new Map([['$purchase', 'subscriber.purchased'], ['$subscribe', 'subscriber.subscribed']])
  return {
    name: `bento 1,000 events ${Math.round(body.length / 1000)} kB`,
    contenders: {
      hookseal() {
        let [purchased, characters, time] = [0, 0, 0]
        for (const event of receiver.receive(request)) {
          if (event.kind === 'subscriber.purchased') purchased += 1
          characters += event.subject.id.length
          time += event.time.getTime()
        }
        deepEqual({ purchased, characters, time }, expected)
      },
      timingSafeEqual() {
        const received = Buffer.from(request.headers.authorization)
        check(received.length === secret.length && timingSafeEqual(received, secret))
        let [purchased, characters, time] = [0, 0, 0]
        for (const event of JSON.parse(body).events) {
          if ((bentoKinds.get(event.type) ?? 'subscriber.tracked') === 'subscriber.purchased') purchased += 1
          characters += event.email.length
          time += new Date(event.date).getTime()
        }
        deepEqual({ purchased, characters, time }, expected)
      },
    },
    targets: { timingSafeEqual: 1 },
  }
}

/** A peer, or undefined if it is not installed. */
async function imported(name) {
  try {
    return await import(name)
  } catch {
    console.error(`${name} is not installed`)
    return {}
  }
}

export const cases = async () => [await benji(), benti(), bento()]
