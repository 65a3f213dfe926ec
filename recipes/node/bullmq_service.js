// BullMQ, the service: it checks each delivery, and answers 202 once the delivery is in the queue.
//
//   REDIS_URL=redis://127.0.0.1:6379 BENJI_SALT=... PORT=3000 node bullmq_service.js
//
// Redis must keep what it has: `appendonly yes`, `appendfsync always`, and `maxmemory-policy noeviction`. The queue has
// the bodies as they came, which are personal data, and whoever can write to it is believed.

import { createServer } from 'node:http'
import { Queue } from 'bullmq'
import { Receiver } from 'hookseal'
import { webhook } from 'hookseal/express'
import { Redis } from 'ioredis'

// While Redis is away or too slow, a command fails, and the answer is 503. By default it would wait.
const connection = new Redis(process.env.REDIS_URL, {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 5_000,
})
connection.on('error', ({ code }) => console.error('Redis cannot be used:', code))
const queue = new Queue('webhooks', {
  connection,
  defaultJobOptions: {
    // The last attempt comes about 70 minutes after the first. A job that has failed then is kept, for `job.retry()`.
    attempts: 13,
    backoff: { type: 'exponential', delay: 1_000 },
    removeOnComplete: true,
  },
})
queue.on('error', ({ code }) => console.error('the queue cannot be used:', code))
await queue.waitUntilReady()

async function store(delivery, _request, response) {
  try {
    await queue.add('delivery', { record: delivery.toRecord() })
  } catch (error) {
    console.error('a delivery could not be queued:', error.message)
    return response.writeHead(503, { 'retry-after': '5' }).end()
  }
  return response.writeHead(202).end()
}

const onRejection = ({ code, message }) => console.warn(code, message)
const server = createServer(webhook(Receiver.benji(process.env.BENJI_SALT), store, { onRejection }))
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log('listening on', server.address().port)
})
