// The official Bento client for Node sends real requests, and they arrive as events.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'

import { Analytics } from '@bentonow/bento-node-sdk'
import express from 'express'
import { Receiver } from 'hookseal'
import { webhook } from 'hookseal/express'

import { listening } from './servers.js'

const email = 'zoe@example.com'

/** A stand-in for Bento's API that reads its requests with a receiver, and a client that calls it. */
async function bento(t) {
  const receiver = Receiver.bento({ basic: { user: 'publishable', keys: 'secret' } })
  const [arrived, ids, refused] = [[], [], []]
  const app = express()
  const hook = webhook(
    receiver,
    (delivery, request, response) => {
      for (const event of delivery) {
        arrived.push(`${request.path} ${event.kind} ${event.name} ${event.subject}`)
        ids.push(event.id)
      }
      response.json({ results: delivery.length, data: null })
    },
    { onRejection: ({ code }) => refused.push(code) },
  )
  app.use((request, response, next) => hook(request, response, next))
  const { url, close } = await listening(createServer(app), '')
  t.after(close)
  const client = (secretKey) =>
    new Analytics({ siteUuid: 'site', authentication: { publishableKey: 'publishable', secretKey }, clientOptions: { baseUrl: url } })
  return { client, V1: client('secret').V1, arrived, ids, refused }
}

test('the requests of the Bento client arrive as events', async (t) => {
  const { client, V1, arrived, refused } = await bento(t)
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

test('every other call with a body arrives too, and methods other than POST are refused', async (t) => {
  const { V1, arrived, refused } = await bento(t)
  await V1.Subscribers.createSubscriber({ email })
  await V1.Commands.removeTag({ email, tagName: 'vip' })
  await V1.Commands.addField({ email, field: { key: 'age', value: 7 } })
  await V1.Commands.removeField({ email, fieldName: 'age' })
  await V1.Commands.subscribe({ email })
  await V1.Commands.unsubscribe({ email })
  await V1.Commands.changeEmail({ oldEmail: email, newEmail: 'zoe2@example.com' })
  await V1.Broadcasts.createEmails([{ to: `${email},b@example.com`, from: 'a@example.com', subject: 's', html_body: 'b', transactional: true }])
  await V1.Experimental.validateEmail({ email, ip: '192.0.2.1' })
  await V1.Fields.createField({ key: 'age' })
  await V1.Tags.createTag({ name: 'vip' })
  await V1.Broadcasts.createBroadcast([
    { name: 'n', subject: 's', content: 'c', type: 'plain', from: { name: 'A', email: 'a@example.com' }, batch_size_per_hour: 300 },
  ])
  await V1.Sequences.createSequenceEmail('sequence_1', { subject: 's', html: 'h' })
  await V1.Experimental.guessGender({ name: 'Zoë' })
  await V1.Experimental.getContentModeration('so fluffy')
  assert.deepEqual(arrived, [
    `/fetch/subscribers subscriber.updated subscriber subscriber/${email}`,
    `/fetch/commands subscriber.commanded remove_tag subscriber/${email}`,
    `/fetch/commands subscriber.commanded add_field subscriber/${email}`,
    `/fetch/commands subscriber.commanded remove_field subscriber/${email}`,
    `/fetch/commands subscriber.commanded subscribe subscriber/${email}`,
    `/fetch/commands subscriber.commanded unsubscribe subscriber/${email}`,
    `/fetch/commands subscriber.commanded change_email subscriber/${email}`,
    '/batch/emails email.requested emails subscriber',
    `/experimental/validation workflow.other workflow subscriber/${email}`,
    '/fetch/fields workflow.other workflow workflow',
    '/fetch/tags workflow.other workflow workflow',
    '/batch/broadcasts workflow.other workflow workflow',
    '/fetch/sequences/sequence_1/emails/templates workflow.other workflow workflow',
    '/experimental/gender workflow.other workflow workflow',
    '/experimental/content_moderation workflow.other workflow workflow',
  ])

  assert.deepEqual(refused, [])
  await assert.rejects(V1.EmailTemplates.updateEmailTemplate({ id: 1, subject: 's' }))
  await assert.rejects(V1.Tags.deleteTag(1, { name: 'vip' }))
  await assert.rejects(V1.Fields.getFields())
  assert.deepEqual(refused, Array(3).fill('method_not_allowed'))
  assert.equal(arrived.length, 15)
})

test('events of one order have different ids, and a purchase that is sent again keeps its id', async (t) => {
  const { V1, ids } = await bento(t)
  const purchaseDetails = { unique: { key: 1001 }, value: { currency: 'USD', amount: 100 } }
  await V1.trackPurchase({ email, purchaseDetails })
  await V1.trackPurchase({ email, purchaseDetails: { ...purchaseDetails, unique: { key: '1001' } }, date: new Date(0) })
  await V1.track({ email, type: '$OrderShipped', details: { unique: { key: 1001 } } })
  await V1.trackPurchase({ email: 'b@example.com', purchaseDetails })
  assert.equal(ids[0], ids[1])
  assert.equal(new Set(ids).size, 3)
})
