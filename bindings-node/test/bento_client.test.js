// The official Bento client for Node sends real requests, which arrive as events.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'

import { Analytics } from '@bentonow/bento-node-sdk'
import express from 'express'
import { Receiver } from 'hookseal'
import { webhook } from 'hookseal/express'

import { listening } from './servers.js'

test('what the Bento client sends arrives as events', async (t) => {
  const receiver = Receiver.bento({ basic: { user: 'publishable', keys: 'secret' } })
  const arrived = []
  const refused = []
  const app = express()
  const hook = webhook(
    receiver,
    (delivery, request, response) => {
      for (const event of delivery) arrived.push(`${request.path} ${event.kind} ${event.name} ${event.subject}`)
      response.json({ results: delivery.length, data: null })
    },
    { onRejection: ({ code }) => refused.push(code) },
  )
  app.use((request, response, next) => hook(request, response, next))
  const { url, close } = await listening(createServer(app), '')
  t.after(close)

  const client = (secretKey) =>
    new Analytics({ siteUuid: 'site', authentication: { publishableKey: 'publishable', secretKey }, clientOptions: { baseUrl: url } })
  const { V1 } = client('secret')
  const email = 'zoe@example.com'
  assert.equal(await V1.track({ email, type: '$completed_onboarding', details: { plan: 'Zoë', nested: { a: [1] } } }), true)
  assert.equal(await V1.trackPurchase({ email, purchaseDetails: { unique: { key: 123 }, value: { currency: 'USD', amount: 100 } } }), true)
  assert.equal(await V1.tagSubscriber({ email, tagName: 'vip' }), true)
  assert.equal(await V1.addSubscriber({ email, date: new Date(0) }), true)
  assert.equal(await V1.removeSubscriber({ email }), true)
  assert.equal(await V1.updateFields({ email, fields: { name: 'Zoë' } }), true)
  await V1.Commands.addTag({ email, tagName: 'vip' })
  const events = Array.from({ length: 1000 }, (_, at) => ({ email: `${at}@example.com`, type: '$track' }))
  assert.equal(await V1.Batch.importEvents({ events }), 1000)
  await V1.Batch.importSubscribers({ subscribers: [{ email, tags: 'a,b', age: 7 }] })
  await V1.Batch.sendTransactionalEmails({ emails: [{ to: email, from: 'a@example.com', subject: 's', html_body: 'b', transactional: true }] })

  assert.deepEqual(arrived.slice(0, 7), [
    `/batch/events subscriber.tracked $completed_onboarding subscriber/${email}`,
    `/batch/events subscriber.purchased $purchase subscriber/${email}`,
    `/batch/events subscriber.tagged $tag subscriber/${email}`,
    `/batch/events subscriber.subscribed $subscribe subscriber/${email}`,
    `/batch/events subscriber.unsubscribed $unsubscribe subscriber/${email}`,
    `/batch/events subscriber.updated $update_fields subscriber/${email}`,
    `/fetch/commands subscriber.commanded add_tag subscriber/${email}`,
  ])
  assert.equal(arrived.length, 1009)
  assert.deepEqual(arrived.slice(1007), [
    `/batch/subscribers subscriber.updated subscribers subscriber/${email}`,
    `/batch/emails email.requested emails subscriber/${email}`,
  ])
  assert.deepEqual(refused, [])
  await assert.rejects(client('wrong').V1.track({ email, type: '$x' }))
  assert.deepEqual(refused, ['signature_mismatch'])
})
