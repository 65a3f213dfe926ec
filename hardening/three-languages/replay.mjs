// Reads vectors, one in each line, and prints those with another outcome in Node than the expected one.

import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'

import { checked, expectedOf, outcomeOf, receive, receiverOf } from '../../bindings-node/test/vectors.js'

const receivers = new Map()
let [tried, findings] = [0, 0]
for await (const line of createInterface({ input: process.stdin })) {
  const vector = checked(JSON.parse(line))
  const configuration = JSON.stringify([vector.vendor, vector.keys, vector.options])
  tried += 1
  try {
    if (!receivers.has(configuration)) receivers.set(configuration, receiverOf(vector))
    assert.deepEqual(outcomeOf(receive(receivers.get(configuration), vector), vector), expectedOf(vector))
  } catch (error) {
    findings += 1
    console.log(`  ${error.message.replaceAll('\n', '\n  ')}\n  of ${line.slice(0, 1500)}`)
  }
}
console.log(`${'the same in Node'.padEnd(22)} ${String(tried).padStart(13)} inputs  ${findings} findings`)
if (tried === 0) console.error('the same in Node: there was nothing to try')
process.exitCode = findings > 0 || tried === 0 ? 1 : 0
