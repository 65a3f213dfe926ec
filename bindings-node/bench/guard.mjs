// What a guard costs: claim and confirm on Redis beside the bare commands, and in memory.
//
//     node bench/guard.mjs [--check]
//
// The bare commands are SET with NX and PX, and DEL, by the same client over the same connection. Both sides take turns,
// one delivery at a time; the ratio is the median of five rounds. With --check the exit status tells whether the target
// was met.

import { parseArgs } from 'node:util'

import { Receiver, ReplayGuard, sign } from 'hookseal'
import { ReplayGuard as RedisGuard } from 'hookseal/redis'

import { OPENERS } from '../test/redis_clients.js'
import { startRedis } from '../test/redis_server.js'

const TARGET = 1.15
const ROUNDS = 5
/** Deliveries of a round, and of a turn. */
const ROUND = 4000
const TURN = 20
const LIVE = 1_000_000
const { values: options } = parseArgs({ options: { check: { type: 'boolean' } } })

const receiver = Receiver.bento({ bearer: 'token' })
const headers = sign.bentoBearer('token')
let count = 0

function newKeys(length) {
  return Array.from({ length }, () => {
    const body = Buffer.from(`{"event":"${(count += 1)}"}`)
    return receiver.receive({ method: 'POST', headers, body }).replayKey()
  })
}

async function onRedis(name) {
  const server = await startRedis()
  const { client, close } = await OPENERS[name](server.port)
  const guard = new RedisGuard(client)
  const bare = name.startsWith('ioredis')
    ? async (key) => {
        if ((await client.set(`bare:${key}`, 1, 'PX', 30_000, 'NX')) !== 'OK') throw new Error('it was there')
        await client.del(`bare:${key}`)
      }
    : async (key) => {
        if ((await client.set(`bare:${key}`, '1', { NX: true, PX: 30_000 })) !== 'OK') throw new Error('it was there')
        await client.del(`bare:${key}`)
      }
  const guarded = async (key) => {
    const { outcome, claim } = await guard.claim(key)
    if (outcome !== 'claimed' || !(await guard.confirm(claim))) throw new Error('it was not claimed')
  }
  const rounds = []
  // The first one is for the compiler.
  for (let round = 0; round <= ROUNDS; round++) {
    const times = { bare: 0, guarded: 0 }
    for (let turn = 0; turn < ROUND / TURN; turn++) {
      const keys = newKeys(TURN)
      const sides = [['bare', bare], ['guarded', guarded]]
      for (const [side, run] of turn % 2 === 0 ? sides : sides.reverse()) times[side] += await timed(run, keys)
    }
    if (round > 0) rounds.push(times)
  }
  close()
  await server.stop()
  return { case: `Redis, ${name}`, bare_us: microseconds(rounds, 'bare'), guard_us: microseconds(rounds, 'guarded'), ratio: Number(median(rounds.map(({ bare, guarded }) => guarded / bare)).toFixed(2)), target: TARGET }
}

async function timed(run, keys) {
  const start = process.hrtime.bigint()
  for (const key of keys) await run(key)
  return Number(process.hrtime.bigint() - start)
}

const microseconds = (rounds, side) => Number((median(rounds.map((times) => times[side])) / ROUND / 1000).toFixed(1))

/** With many keys that are kept. */
async function inMemory() {
  const guard = new ReplayGuard({ capacity: LIVE + (ROUNDS + 1) * ROUND })
  const live = newKeys(LIVE)
  for (let at = 0; at < LIVE; at++) {
    guard.confirm(guard.claim(live[at]).claim)
    // Claims are collected between turns of the loop, as a server has them.
    if (at % 1000 === 0) await new Promise(setImmediate)
  }
  const rounds = []
  for (let round = 0; round <= ROUNDS; round++) {
    const keys = newKeys(ROUND)
    const start = process.hrtime.bigint()
    for (const key of keys) guard.confirm(guard.claim(key).claim)
    const guarded = Number(process.hrtime.bigint() - start)
    if (round > 0) rounds.push({ guarded })
    await new Promise(setImmediate)
  }
  return { case: `in memory, ${LIVE} live keys`, guard_us: microseconds(rounds, 'guarded') }
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

const rows = []
for (const name of ['redis with RESP2', 'ioredis']) rows.push(await onRedis(name))
rows.push(await inMemory())
console.table(rows)
const missed = rows.filter(({ ratio, target }) => ratio > target)
for (const { case: name, ratio, target } of missed) console.log(`missed: ${name}: ${ratio}, not ${target}`)
if (options.check && missed.length > 0) process.exitCode = 1
