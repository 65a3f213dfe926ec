// BullMQ, the worker: it opens the records that bullmq_service.js queued, and posts each event to a service of yours.
//
//   REDIS_URL=redis://127.0.0.1:6379 EVENTS_URL=http://... node bullmq_worker.js   # as many workers as you like
//
// A guard that all workers share recognizes a delivery that came twice by its `replayKey()`: the worker claims the key,
// handles the delivery, and confirms the claim. A claim of a confirmed key is a duplicate, until the key's retention
// ends. A worker that is killed before it confirms leaves a job that another worker handles again. So an event can
// arrive twice: its `id` is the same then.

import { DelayedError, Worker } from 'bullmq'
import { fromTrustedRecord } from 'hookseal'
import { ReplayGuard } from 'hookseal/redis'
import { Redis } from 'ioredis'

const report = ({ name, code }) => console.error('Redis cannot be used:', code ?? name)
// BullMQ needs `null` in a worker: its commands wait until Redis is back.
const connection = new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: null })
connection.on('error', report)
// A claim that is neither confirmed nor released ends after 5 minutes. That is longer than the slowest delivery takes.
const guard = new ReplayGuard(connection, { leaseSeconds: 300 })

async function handle(event) {
  const { ok, status } = await fetch(process.env.EVENTS_URL, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: event.toCloudevent(),
    signal: AbortSignal.timeout(10_000),
  })
  if (!ok) throw new Error(`the events' service answered ${status}`)
}

const worker = new Worker('webhooks', async (job, token) => {
  const delivery = fromTrustedRecord(job.data.record)
  const { outcome, claim } = await guard.claim(delivery.replayKey())
  if (outcome === 'duplicate') return console.log('job %s is a duplicate', job.id)
  if (outcome === 'in_progress') {
    // Another worker handles an equal delivery. This job waits for a second, which is no attempt, and claims again.
    await job.moveToDelayed(Date.now() + 1_000, token)
    throw new DelayedError()
  }
  try {
    for (const event of delivery) await handle(event)
  } catch (error) {
    // BullMQ tries the job again. The released key can be claimed then.
    await guard.release(claim).catch(report)
    throw error
  }
  await guard.confirm(claim).catch(report)
  console.log('job %s is done', job.id)
}, { connection, concurrency: 8 })
worker.on('error', report)
worker.on('failed', (job, { message }) => {
  console.warn('job %s has failed %d times: %s', job?.id, job?.attemptsMade, message)
})

process.once('SIGTERM', async () => {
  await worker.close()
  connection.disconnect()
})
