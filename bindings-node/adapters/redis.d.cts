// The types of the guard on Redis or Valkey.

import type { Claim, Claimed, Duplicate, InProgress, ReplayKey } from '../index.cjs'

/** What is used of a client of the package `redis`: of one connection, a pool, sentinels or a cluster. */
export interface NodeRedisClient {
  set(key: string, value: string, options: { NX: true; GET: true; PX: number }): Promise<any>
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<any>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<any>
  pTTL(key: string): Promise<any>
  info(section: string): Promise<any>
}

/** What is used of a client of the package `ioredis`: `Redis`, also with sentinels, or `Cluster`. */
export interface IoRedisClient {
  set(key: string, value: string, px: 'PX', milliseconds: number, nx: 'NX', get: 'GET'): Promise<any>
  evalsha(sha1: string, keys: number, ...keysAndArguments: string[]): Promise<any>
  eval(script: string, keys: number, ...keysAndArguments: string[]): Promise<any>
  pttl(key: string): Promise<any>
  info(section: string): Promise<any>
}

export interface ReplayGuardOptions {
  /** How long a claim lasts, in seconds from 1 to 2^32 - 1: longer than the slowest handler takes. By default 30. */
  leaseSeconds?: number | undefined
  /**
   * What keys in the store begin with, by default `hookseal:`. Guards with other prefixes know nothing of each other.
   * Receivers of one vendor need different prefixes or sources: otherwise equal bodies count as repetitions. A client of `ioredis` with a `keyPrefix` puts that in front.
   */
  prefix?: string | undefined
}

/**
 * Remembers which deliveries are being handled, and which have been handled, for all processes with the same server and
 * prefix, also those in Python. It is used as the guard in memory, but its methods return promises, the server's clock
 * counts, and it is never full: a server that is full is an error.
 *
 * The client is one of `redis` 5 or 6 or `ioredis` 5 or 6, and connected by the program. The server is Redis 7.0 or
 * later, or Valkey. Of a cluster, each command goes to the node that holds the key.
 *
 * - **Memory.** A server that evicts keys forgets deliveries. So before its first claim a guard asks `INFO memory`, and
 *   it refuses to work with a `maxmemory-policy` other than `noeviction` if memory is limited. Where the server does
 *   not allow the question, nothing is checked. Of a cluster, the masters of that moment are asked.
 * - **Failover.** A replica that becomes the master may lack the newest keys: their deliveries are handled again if
 *   they are repeated. A server that was restarted may lack them too, unless it has `appendonly yes` and `appendfsync
 *   always`.
 * - **Errors.** A client of `redis` without a listener for `error` ends the process when its connection breaks. A claim
 *   is tried once more after 0.3 s, when the client has connected again. If that fails too, what it may have written is
 *   released as soon as the store is back, or ends with its lease. So is a claim whose release failed.
 * - **Waiting.** A command of a claim may take 2 s, a confirmation and a release 5 s, whatever the client does. Give the
 *   client a shorter limit of its own. That of `ioredis` is `commandTimeout`. `redis` has `socketTimeout`, which also ends idle connections: set a shorter `pingInterval`, and a
 *   `reconnectStrategy`, because the usual one gives up then. By default both keep commands while the server is away:
 *   `disableOfflineQueue` of `redis` and `enableOfflineQueue: false` of `ioredis` make that an error at once.
 *
 * ```js
 * const client = createClient({ socket: { socketTimeout: 2000 }, pingInterval: 1000, disableOfflineQueue: true })
 * client.on('error', report)
 * const guard = new ReplayGuard(await client.connect())
 *
 * const outcome = await guard.claim(delivery.replayKey())
 * if (outcome.outcome === 'duplicate') return 200
 * // A sender that repeats tries again.
 * if (outcome.outcome === 'in_progress') return 503
 * try {
 *   await handle(delivery)
 * } catch (error) {
 *   // If the store is away too, the claim ends with its lease.
 *   await guard.release(outcome.claim).catch(report)
 *   throw error
 * }
 * // It has been handled. Without the confirmation a repetition may be handled again.
 * await guard.confirm(outcome.claim).catch(report)
 * return 200
 * ```
 */
export class ReplayGuard {
  constructor(client: NodeRedisClient | IoRedisClient, options?: ReplayGuardOptions)
  /**
   * Claims a key. Of several callers with equal keys, one gets `'claimed'`. A client whose connection breaks may send
   * the command again: the claim is still its own. No key, as with the policy `'none'`, or its text is a TypeError.
   */
  claim(key: ReplayKey | undefined): Promise<Claimed | InProgress | Duplicate>
  /**
   * Says that the delivery has been handled: until the key's retention ends, counted from now, a claim of it gives
   * `'duplicate'`. False if the lease had ended and another caller has claimed the key.
   *
   * After a `GuardUnavailableError` it can be called again. Else another call changes nothing, and gives the answer of
   * the first; false after `release`, and for a claim of another guard.
   */
  confirm(claim: Claim): Promise<boolean>
  /**
   * Gives a claim back, because the handler failed: the next claim of the key gets it. False if the lease had ended, or
   * if the client sent the command twice.
   * What `confirm` says of other calls holds here too.
   */
  release(claim: Claim): Promise<boolean>
}

/**
 * The store of a guard cannot be used: it is away, too slow or full, gives an answer that makes no sense, or would
 * forget keys. It is no verdict: answer with a status that makes the sender try again, such as 503. `cause` is the
 * error of the client, if it is one of the client.
 */
export class GuardUnavailableError extends Error {
  constructor(message?: string, options?: { cause?: unknown })
}
