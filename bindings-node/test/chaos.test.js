// Processes that share a guard on Redis are killed at random while a sender repeats each delivery.
//
// HOOKSEAL_CHAOS_SEED repeats a run, as far as processes can be repeated.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { Redis } from 'ioredis'

import { hasRedis, startRedis } from './redis_server.js'

const WORKER = fileURLToPath(new URL('chaos_worker.js', import.meta.url))
const WORKERS = 4
const DELIVERIES = 500
const SENDS_AT_LEAST = 3
/** How many deliveries are sent at a time. */
const AT_ONCE = 40
/** How many handlers are slow. Without tokens enough that keys are confirmed twice in every run. */
const SLOW_SHARES = { 'with tokens': 0.1, 'without tokens': 0.5 }
const STATES = ['claimed', 'released', 'handled', 'confirmed']

/** Mulberry32. */
function random(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A process that is started again each time that it was killed. */
class Worker {
  waiting = new Map()
  kills = 0
  sent = 0

  constructor(port, tokens) {
    this.given = [String(port), tokens]
    this.start()
  }

  start() {
    const child = fork(WORKER, this.given)
    this.child = child
    this.isReady = false
    this.ready = new Promise((resolve) => child.once('message', resolve).once('exit', resolve))
    child.once('message', () => (this.isReady = true))
    child.on('message', (message) => message !== 'ready' && this.answer(message.number, message.status))
    child.on('exit', (_code, signal) => {
      if (this.isEnding) return
      if (signal !== 'SIGKILL') throw new Error(`a worker ended by itself: ${signal}`)
      this.kills += 1
      this.isReady = false
      // What was sent to it gets no answer.
      for (const number of [...this.waiting.keys()]) this.answer(number, undefined)
      this.start()
    })
  }

  answer(number, status) {
    this.waiting.get(number)?.(status)
    this.waiting.delete(number)
  }

  /** The status; undefined where the process died, or where the sender does not wait for a slow handler. */
  async send(what) {
    while (!this.isReady) await this.ready
    const number = this.sent++
    return new Promise((resolve) => {
      this.waiting.set(number, resolve)
      this.child.send({ ...what, number }, (error) => error && this.answer(number, undefined))
    })
  }

  kill() {
    this.child.kill('SIGKILL')
  }

  async end() {
    this.isEnding = true
    const ended = once(this.child, 'exit')
    this.kill()
    await ended
  }
}

/** Sends every delivery to random workers, and tells how often each was handled and confirmed. */
async function run(tokens, seed) {
  const server = await startRedis()
  const workers = Array.from({ length: WORKERS }, () => new Worker(server.port, tokens))
  const log = new Redis(server.port)
  const draw = random(seed)
  const killed = new Set()

  async function deliver(delivery) {
    let isHandled = false
    for (let sent = 0; sent < SENDS_AT_LEAST || !isHandled; sent++) {
      // Each state once for certain, at the first delivery that reaches it.
      const state = STATES[Math.floor(draw() * STATES.length)]
      const dieAt = draw() < (killed.has(state) ? 0.005 : 0.2) ? state : undefined
      const isSlow = dieAt === undefined && draw() < SLOW_SHARES[tokens]
      const milliseconds = isSlow ? 1050 + draw() * 300 : draw() * 5
      const fails = draw() < 0.1 || dieAt === 'released'
      const status = await workers[Math.floor(draw() * WORKERS)].send({ delivery, dieAt, isSlow, milliseconds, fails })
      if (status === undefined && dieAt !== undefined) killed.add(dieAt)
      isHandled ||= status === 200
      if (status !== 200) await sleep(20 + draw() * 80)
    }
  }

  // And at any other moment.
  const killing = setInterval(() => draw() < 0.05 && workers[Math.floor(draw() * WORKERS)].kill(), 50)
  try {
    let next = 0
    const deliverAll = async () => {
      while (next < DELIVERIES) await deliver(next++)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, deliverAll))
    const counts = { handled: [], confirmed: [] }
    for (const [what, numbers] of Object.entries(counts)) {
      for (let delivery = 0; delivery < DELIVERIES; delivery++) numbers.push(await log.llen(`${what}:${delivery}`))
    }
    const keys = await log.keys('hookseal:*')
    const kept = await log.mget(keys)
    return { ...counts, kept, killed, kills: workers.reduce((kills, worker) => kills + worker.kills, 0) }
  } finally {
    clearInterval(killing)
    await Promise.all(workers.map((worker) => worker.end()))
    log.disconnect()
    await server.stop()
  }
}

const moreThanOnce = (numbers) => numbers.filter((number) => number > 1).length

describe('processes that are killed at random', { skip: !hasRedis('the chaos test of the guard on Redis in Node') }, () => {
  const seed = Number(process.env.HOOKSEAL_CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 32))

  test('each key is confirmed once, and each delivery handled at least once', async (t) => {
    const { handled, confirmed, kept, killed, kills } = await run('with tokens', seed)
    t.diagnostic(`seed ${seed}, ${kills} kills, handled more than once: ${moreThanOnce(handled)} of ${DELIVERIES}`)
    assert.deepEqual([...killed].sort(), [...STATES].sort())
    assert.equal(kept.length, DELIVERIES)
    assert.ok(kept.every((value) => value.startsWith('+')))
    assert.equal(moreThanOnce(confirmed), 0)
    assert.equal(Math.min(...handled), 1)
  })

  test('without the comparison of tokens keys are confirmed twice, and that is found', async (t) => {
    const { confirmed } = await run('without tokens', seed)
    t.diagnostic(`confirmed more than once: ${moreThanOnce(confirmed)} of ${DELIVERIES}`)
    assert.ok(moreThanOnce(confirmed) > 0)
  })
})
