// node --expose-gc deliveries.js <what> <how many>: prints the resident bytes after the first and after the second
// half.

import { Receiver, ReplayGuard, fromTrustedRecord } from 'hookseal'

import { benji, benjiRequest, bentoRequest } from './requests.js'

const EVENTS = Array.from({ length: 100 }, (_, at) => ({ type: '$purchase', email: `${at}@example.com`, details: { n: at } }))

const receiver = benji()
const bento = Receiver.bento({ bearer: 'token' })
const single = benjiRequest()
const batch = bentoRequest(JSON.stringify({ events: [...EVENTS, {}] }))
const refused = { ...single, body: Buffer.from('{}') }

const guard = new ReplayGuard({ capacity: 1000 })
const key = receiver.receive(single).replayKey()
const record = bento.receive(batch).toRecord()

const ROUNDS = {
  single: () => readAll(receiver.receive(single)),
  batch: () => readAll(bento.receive(batch)),
  refused: () => receiver.tryReceive(refused),
  claims: () => guard.release(guard.claim(key).claim),
  guards: () => new ReplayGuard({ capacity: 1000 }).claim(key),
  records: () => readAll(fromTrustedRecord(record)).length + bento.receive(batch).toRecord().length,
  receivers: () => readAll(benji().receive(single)),
}

function readAll(delivery) {
  for (const event of delivery) [event.id, event.kind, event.subject, event.time, event.data, event.toCloudevent()]
  return delivery.malformed
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
const PARTS = { batch: 100, records: 100, receivers: 10, guards: 10 }
const rounds = Number(times) / (PARTS[what] ?? 1)
// After the first half, the heap, the compiler and the allocator have settled.
const before = await run(ROUNDS[what], rounds / 2)
const after = await run(ROUNDS[what], rounds / 2)
process.stdout.write(JSON.stringify({ before, after }))
