'use strict'

// A guard on Redis or Valkey, which processes share, also those of other languages. The client is one of the packages
// redis or ioredis.

const { createHash, randomFillSync } = require('node:crypto')
const { setTimeout: sleep } = require('node:timers/promises')
const { inspect } = require('node:util')

const { DUPLICATE, claimed, inProgress, partsFor } = require('../lib/claim.cjs')
const { checkedLease } = require('../lib/guard.cjs')
const { textOf } = require('../lib/options.cjs')
const { ownOptions, refuseMore } = require('../lib/own.cjs')
const { checkedKey } = require('../lib/replay_key.cjs')
const { inTime } = require('./common.cjs')

const OPTIONS = ['leaseSeconds', 'prefix']
const PREFIX = 'hookseal:'

/** In base64url, so that no token begins as a confirmed one does. */
const TOKEN_BYTES = 12
const CONFIRMED = '+'
/** What a guard of any language wrote: a token, or CONFIRMED and a token. Other programs write other values. */
const VALUE = /^\+?[0-9A-Za-z_-]{11,64}$/
/** Redis takes no end of more than 2^63 ms since 1970. */
const WITHOUT_END_MILLISECONDS = 2 ** 62

/** Each compares the token and writes in one step. ARGV[2] is the retention in milliseconds; empty is without end. */
const CONFIRM = script(`
local value = redis.call('GET', KEYS[1])
local confirmed = '${CONFIRMED}' .. ARGV[1]
if value == confirmed then return 1 end
if value and value ~= ARGV[1] then return 0 end
if ARGV[2] == '' then
  redis.call('SET', KEYS[1], confirmed)
else
  redis.call('SET', KEYS[1], confirmed, 'PX', ARGV[2])
end
return 1`)
const RELEASE = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1`)

/** A client of redis or ioredis has by default connected again after this time, if it can. */
const RECONNECT_MILLISECONDS = 300
/**
 * How long a command of a claim may take. Clients with some settings never answer a command whose connection broke. Two
 * attempts fit into the time that an adapter waits.
 */
const CLAIM_SECONDS = 2
/** How long a confirmation or a release may take. */
const SETTLE_SECONDS = 5
/** The pause before each attempt to give claims back. */
const GIVE_BACK_MILLISECONDS = 1000
/** So many claims at most are remembered to be given back. The oldest ends first by itself. */
const MOST_GIVEN_BACK = 10_000

function script(text) {
  return { __proto__: null, text, sha1: createHash('sha1').update(text).digest('hex') }
}

/** To draw for many tokens at once: a draw takes 2 µs, whatever its size. */
const random = Buffer.allocUnsafeSlow(256 * TOKEN_BYTES)
let nextRandom = random.length

function newToken() {
  if (nextRandom === random.length) {
    randomFillSync(random)
    nextRandom = 0
  }
  return random.base64urlSlice(nextRandom, (nextRandom += TOKEN_BYTES))
}

/** The store of a guard cannot be used: it is away, too slow or full, answers what makes no sense, or forgets keys. */
class GuardUnavailableError extends Error {}

Object.defineProperty(GuardUnavailableError.prototype, 'name', {
  __proto__: null, value: 'GuardUnavailableError', configurable: true, writable: true,
})

const nonsense = (command, found) => new GuardUnavailableError(`the guard's store answers ${command} with ${found}, which makes no sense`)

/** A retention for the script: empty if it is without end, or longer than Redis takes. */
function milliseconds(seconds) {
  return seconds === undefined || seconds * 1000 >= WITHOUT_END_MILLISECONDS ? '' : `${seconds * 1000}`
}

/** Remembers which deliveries are being handled, and which have been, for all processes with its server and prefix. */
class ReplayGuard {
  #commands
  #leaseSeconds
  #prefix
  /** The check of the server's memory: a promise while the server is asked, true once it was right. */
  #checked
  /** Claims that nobody has, by their tokens: each with its name in the store, and when its lease has ended. */
  #givenBack = new Map()
  /** A promise while they are given back. */
  #givingBack

  constructor(client, options = {}) {
    refuseMore(arguments, 'ReplayGuard', ['client', 'options'])
    const { leaseSeconds, prefix = PREFIX } = ownOptions(options, OPTIONS, 'ReplayGuard')
    this.#commands = commandsOf(client)
    this.#leaseSeconds = checkedLease(leaseSeconds)
    this.#prefix = textOf(prefix, 'prefix')
    Object.freeze(this)
  }

  async claim(key, ...more) {
    if (more.length > 0) throw new TypeError("claim takes no time: the server's clock counts")
    const name = this.#prefix + checkedKey(key).value
    const attempt = { __proto__: null, name, token: newToken(), hasFailed: false }
    try {
      return await this.#claim(key, attempt)
    } catch (error) {
      // A broken connection is often noticed only when it is used. What the first command wrote is this claim's own.
      if (error.cause === undefined) throw error
      await sleep(RECONNECT_MILLISECONDS)
      return this.#claim(key, attempt).catch((later) => {
        attempt.hasFailed = true
        this.#giveBack(attempt)
        // The first cause says more: after it a client may only say that it is closed.
        throw later.cause === undefined ? later : error
      })
    }
  }

  async #claim(key, attempt) {
    if (this.#checked !== true) await this.#checkMemory()
    const { name, token } = attempt
    let value
    try {
      const asked = this.#commands.setIfAbsent(name, token, this.#leaseSeconds * 1000)
      // The client may send the command when the claim has already been given back.
      asked.then(() => attempt.hasFailed && this.#giveBack(attempt), () => {})
      value = textIn(await inTime(asked, CLAIM_SECONDS))
    } catch (cause) {
      throw unavailable(cause, /syntax error/i.test(cause?.message) ? NEEDS_REDIS_7 : '')
    }
    // The client or this guard sent the command again, because the first answer did not arrive.
    if (value === null || value === token) return claimed(this, key, token)
    if (typeof value !== 'string') throw nonsense('SET', `a value of type ${typeof value}`)
    if (!VALUE.test(value)) throw nonsense('SET', 'a text that is no token')
    return value.startsWith(CONFIRMED) ? DUPLICATE : inProgress(Math.min(await this.#secondsLeft(name), this.#leaseSeconds))
  }

  /** Releases a claim that nobody has as soon as the store can be used: otherwise it would last for its lease. */
  #giveBack({ name, token }) {
    this.#givenBack.set(token, { __proto__: null, name, end: performance.now() + this.#leaseSeconds * 1000 })
    if (this.#givenBack.size > MOST_GIVEN_BACK) this.#givenBack.delete(this.#givenBack.keys().next().value)
    this.#givingBack ??= this.#giveAllBack().finally(() => (this.#givingBack = undefined))
  }

  async #giveAllBack() {
    while (this.#givenBack.size > 0) {
      await sleep(GIVE_BACK_MILLISECONDS, undefined, { ref: false })
      for (const [token, of] of this.#givenBack) {
        this.#givenBack.delete(token)
        if (of.end < performance.now()) continue
        try {
          await this.#run(RELEASE, of.name, [token])
        } catch {
          // The store is still away. The next attempt begins with another one.
          this.#givenBack.set(token, of)
          break
        }
      }
    }
  }

  async confirm(claim, ...more) {
    if (more.length > 0) throw new TypeError("confirm takes no time: the server's clock counts")
    return this.#settle(claim, CONFIRM, ({ retentionSeconds }) => milliseconds(retentionSeconds))
  }

  async release(claim) {
    return this.#settle(claim, RELEASE)
  }

  [inspect.custom]() {
    return `ReplayGuard(${this.#prefix})`
  }

  /** The rest of a lease of another claim, which may have ended in between. */
  async #secondsLeft(name) {
    let left
    try {
      left = integerIn(await inTime(this.#commands.millisecondsLeft(name), CLAIM_SECONDS))
    } catch (cause) {
      throw unavailable(cause)
    }
    // -2 is an absent key. -1 is one that was confirmed in between and is kept without end.
    if (left === -1) return this.#leaseSeconds
    if (left >= -2) return Math.max(Math.ceil(left / 1000), 1)
    throw nonsense('PTTL', 'no number of milliseconds')
  }

  /** What a script answers that ends a claim. It is asked once, but again where the store failed. */
  #settle(claim, script, retentionOf) {
    const parts = partsFor(this, claim)
    if (parts === undefined) return false
    if (parts.settled === undefined) {
      const given = retentionOf === undefined ? [parts.kept] : [parts.kept, retentionOf(claim.key)]
      const answer = this.#run(script, this.#prefix + claim.key.value, given)
      parts.settled = { how: script, answer }
      answer.catch(() => {
        parts.settled = undefined
        if (script === RELEASE) this.#giveBack({ name: this.#prefix + claim.key.value, token: parts.kept })
      })
    }
    const { how, answer } = parts.settled
    return how === script ? answer : answer.then(() => false, () => this.#settle(claim, script, retentionOf))
  }

  async #run(script, name, given) {
    let answer
    try {
      answer = integerIn(await inTime(this.#commands.run(script, name, given), SETTLE_SECONDS))
    } catch (cause) {
      throw unavailable(cause)
    }
    if (answer !== 0 && answer !== 1) throw nonsense('a script', 'neither 0 nor 1')
    return answer === 1
  }

  /** Refuses a server that may forget keys before they end. It is asked again until it once was right. */
  async #checkMemory() {
    this.#checked ??= this.#askForMemory()
    const checked = this.#checked
    try {
      await checked
      this.#checked = true
    } catch (error) {
      if (this.#checked === checked) this.#checked = undefined
      throw error
    }
  }

  async #askForMemory() {
    let answers
    try {
      answers = await inTime(this.#commands.memory(), CLAIM_SECONDS)
    } catch (cause) {
      // Some servers do not let everybody ask.
      if (/^NOPERM\b|^ERR unknown command/i.test(cause?.message)) return
      throw unavailable(cause)
    }
    for (const answer of answers) checkPolicy(textIn(answer))
  }
}

function checkPolicy(memory) {
  if (typeof memory !== 'string') throw nonsense('INFO', 'no text')
  const [, limit = '0'] = memory.match(/^maxmemory:(\d+)\r?$/m) ?? []
  const [, policy = 'noeviction'] = memory.match(/^maxmemory_policy:([\w-]+)\r?$/m) ?? []
  if (limit === '0' || policy === 'noeviction') return
  throw new GuardUnavailableError(
    `the guard's store forgets keys before they end when its memory is full (maxmemory-policy ${policy}), so that deliveries ` +
      'would be handled twice: set maxmemory-policy to noeviction, or give the guard a server that has it',
  )
}

const NEEDS_REDIS_7 = ': it must be Redis 7.0 or later, or Valkey, for SET with NX and GET'

function unavailable(cause, advice = '') {
  return new GuardUnavailableError(`the guard's store gave no answer that can be used${advice}`, { __proto__: null, cause })
}

/** A text, also from a client that was told to make Buffers of texts. */
const textIn = (answer) => (Buffer.isBuffer(answer) ? answer.latin1Slice() : answer)

/** An integer, also from a client that was told to make texts of numbers; else NaN. */
function integerIn(answer) {
  const text = textIn(answer)
  const number = typeof text === 'number' || (typeof text === 'string' && /^-?\d+$/.test(text)) ? Number(text) : NaN
  return Number.isSafeInteger(number) ? number : NaN
}

/** The commands of a guard with the methods of a client, which differ in names and arguments. */
function commandsOf(client) {
  const has = (name) => typeof client?.[name] === 'function'
  if (has('set') && has('eval') && has('info')) {
    if (has('evalSha') && has('pTTL')) return new NodeRedis(client)
    if (has('evalsha') && has('pttl')) return new IoRedis(client)
  }
  throw new TypeError('the first argument must be a client of redis, such as createClient() returns, or of ioredis, such as new Redis()')
}

/** The answer of a script; where the server does not know it, as after a restart, its text is sent. */
function withText(answer, sendText) {
  return answer.catch((error) => {
    if (/^NOSCRIPT\b/.test(error?.message)) return sendText()
    throw error
  })
}

class NodeRedis {
  #client

  constructor(client) {
    this.#client = client
  }

  setIfAbsent(name, value, milliseconds) {
    return this.#client.set(name, value, { __proto__: null, NX: true, GET: true, PX: milliseconds })
  }

  run(script, name, given) {
    const options = { __proto__: null, keys: [name], arguments: given }
    return withText(this.#client.evalSha(script.sha1, options), () => this.#client.eval(script.text, options))
  }

  millisecondsLeft(name) {
    return this.#client.pTTL(name)
  }

  /** What each server that keeps keys says of its memory. */
  async memory() {
    const { masters } = this.#client
    const clients = Array.isArray(masters) && masters.length > 0 ? await Promise.all(masters.map((node) => this.#client.nodeClient(node))) : [this.#client]
    return Promise.all(clients.map((client) => client.info('memory')))
  }
}

class IoRedis {
  #client

  constructor(client) {
    this.#client = client
  }

  setIfAbsent(name, value, milliseconds) {
    return this.#client.set(name, value, 'PX', milliseconds, 'NX', 'GET')
  }

  run(script, name, given) {
    return withText(this.#client.evalsha(script.sha1, 1, name, ...given), () => this.#client.eval(script.text, 1, name, ...given))
  }

  millisecondsLeft(name) {
    return this.#client.pttl(name)
  }

  async memory() {
    const client = this.#client
    // A cluster answers once it is connected; only then does it know its nodes.
    const first = await client.info('memory')
    const masters = typeof client.nodes === 'function' ? client.nodes('master') : []
    return [first, ...(await Promise.all(masters.map((master) => master.info('memory'))))]
  }
}

module.exports = { GuardUnavailableError, ReplayGuard }
