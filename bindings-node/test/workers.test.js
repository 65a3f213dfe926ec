// Eight workers check requests at the same time and share nothing. Records and lines of JSON carry events to a worker.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'

import { Receiver, fromTrustedRecord, sign } from 'hookseal'

const WORKERS = 8
const ROUNDS = 3000

if (isMainThread) {
  test('eight workers check requests at the same time', async () => {
    const results = await Promise.all(Array.from({ length: WORKERS }, (_, number) => resultOf(number)))
    assert.deepEqual(results, Array.from({ length: WORKERS }, () => ROUNDS))
  })

  test('workers can start and end repeatedly', async () => {
    for (let round = 0; round < 3; round++) {
      const results = await Promise.all(Array.from({ length: WORKERS }, (_, number) => resultOf(number, 20)))
      assert.deepEqual(results, Array.from({ length: WORKERS }, () => 20))
    }
  })

  test('a record carries a delivery to a worker, and a line of JSON carries an event', async () => {
    const body = Buffer.from('{"event":"transaction_created","entity_id":"7","amount":9007199254740993}')
    const delivery = Receiver.benji('salt').receive({ method: 'POST', headers: sign.benji('salt', body), body })
    const [event] = delivery
    const worker = new Worker(new URL(import.meta.url), { workerData: 'carried' })
    worker.postMessage([delivery.toRecord(), event.toJson()])
    const [[fromRecord, key, fromLine]] = await once(worker, 'message')
    assert.deepEqual([fromRecord, key], [event.toJson(), delivery.replayKey().value])
    assert.deepEqual(fromLine, JSON.parse(event.toJson()))
  })
} else if (workerData === 'carried') {
  parentPort.once('message', ([record, line]) => {
    const recorded = fromTrustedRecord(record)
    const [event] = recorded
    parentPort.postMessage([event.toJson(), recorded.replayKey().value, JSON.parse(line)])
  })
} else {
  parentPort.postMessage(work(workerData))
}

function resultOf(number, rounds = ROUNDS) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { number, rounds } })
    worker.on('message', resolve).on('error', reject)
  })
}

/** How many deliveries with this worker's key were read correctly. Forged requests are refused in between. */
function work({ number, rounds }) {
  const salt = `salt of worker ${number}`
  const receiver = Receiver.benji(salt)
  let right = 0
  for (let round = 0; round < rounds; round++) {
    const body = Buffer.from(`{"event":"transaction_created","entity_id":"${number}-${round}"}`)
    const headers = sign.benji(salt, body)
    const [event] = receiver.receive({ method: 'POST', headers, body })
    const forged = receiver.tryReceive({ method: 'POST', headers: sign.benji('another', body), body })
    if (event.subject.id === `${number}-${round}` && forged.code === 'signature_mismatch') right += 1
  }
  return right
}
