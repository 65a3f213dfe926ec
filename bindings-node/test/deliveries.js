// node --expose-gc deliveries.js <what> <how many>: repeats a part of the deliveries until the memory has settled, and
// prints the resident bytes after each part. It gives up after 40 parts.

import { Receiver, ReplayGuard, fromTrustedRecord, outgoing } from 'hookseal'

import { benji, benjiRequest, bentoRequest } from './requests.js'

const EVENTS = Array.from({ length: 100 }, (_, at) => ({ type: '$purchase', email: `${at}@example.com`, details: { n: at, unique: { key: at }, value: { currency: 'USD', amount: at } } }))

const receiver = benji()
const bento = Receiver.bento({ bearer: 'token' })
const single = benjiRequest()
const batch = bentoRequest(JSON.stringify({ events: [...EVENTS, {}] }))
const refused = { ...single, body: Buffer.from('{}') }

const guard = new ReplayGuard({ capacity: 1000 })
const key = receiver.receive(single).replayKey()
const record = bento.receive(batch).toRecord()

const site = new outgoing.Bento('publishable', 'secret key', '11111111222233334444555555555555')
const answer = Buffer.from('{"results":0,"failed":100}')

const ROUNDS = {
  single: () => readAll(receiver.receive(single)),
  batch: () => readAll(bento.receive(batch)),
  refused: () => receiver.tryReceive(refused),
  claims: () => guard.release(guard.claim(key).claim),
  guards: () => new ReplayGuard({ capacity: 1000 }).claim(key),
  records: () => readAll(fromTrustedRecord(record)).length + bento.receive(batch).toRecord().length,
  requests: () => sendAll(site.events(EVENTS.map((event) => new outgoing.BentoEvent(event)))),
  receivers: () => readAll(benji().receive(single)),
}

function readAll(delivery) {
  for (const event of delivery) [event.id, event.kind, event.subject, event.time, event.data, event.toCloudevent()]
  return delivery.malformed
}

/** Builds the requests, and reads a success and a refusal of each. */
function sendAll(requests) {
  for (const request of requests) {
    const sent = request.read(200, request.headers, answer)
    try {
      request.read(500, {}, request.body)
    } catch (refusal) {
      if (sent.handedBack.length + refusal.retryInSeconds(1, 0) !== 101) throw refusal
    }
  }
}

async function run(round, times) {
  for (let count = 0; count < times; count++) {
    round()
    // Node frees external memory between turns of the event loop, which a server has too.
    if (count % 1000 === 0) await new Promise(setImmediate)
  }
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc()
    await new Promise(setImmediate)
  }
  return process.memoryUsage().rss
}

const [what, times] = process.argv.slice(2)
// A batch has a hundred events.
const PARTS = { batch: 100, records: 100, requests: 100, receivers: 10, guards: 10 }
const roundsOfAPart = Number(times) / (PARTS[what] ?? 1) / 8
const MOST_PARTS = 40
// The heap, the compiler and the allocator take their memory in the first parts, and in some processes later. What
// leaks is added by every part.
const SETTLED_PARTS = 4
const SETTLED_BYTES = 2 * 1024 * 1024

const resident = []
let settled = false
while (!settled && resident.length < MOST_PARTS) {
  resident.push(await run(ROUNDS[what], roundsOfAPart))
  settled = resident.at(-1) - resident.at(-1 - SETTLED_PARTS) < SETTLED_BYTES
}
process.stdout.write(JSON.stringify({ settled, resident }))
