// Sends requests of hookseal's `outgoing` with fetch. The program sends events to Bento, one JSON object on each line:
//
//   BENTO_PUBLISHABLE_KEY=... BENTO_SECRET_KEY=... BENTO_SITE_UUID=... node outgoing_fetch.mjs < events.jsonl
//
// The events that Bento does not accept, and those that were not sent, come out on the standard output, so nothing is
// lost. Give each event a `details.unique.key`, by which Bento counts it once: then it may be sent again although an
// earlier attempt may have arrived.

import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { outgoing } from 'hookseal'

const { MAX_ANSWER_BYTES, Refusal } = outgoing

/** A clock that nobody sets. */
const steadyNow = () => performance.timeOrigin + performance.now()

/** Sends a request once, and reads the answer. Throws a Refusal. */
export async function send(request, { timeoutMilliseconds = 30_000 } = {}) {
  const { method, url, headers } = request
  const body = method === 'GET' ? undefined : request.body
  let response
  let answer
  try {
    // fetch would send other headers than `authorization` along with a redirect, such as Benji's `x-api-key`.
    response = await fetch(url, { method, headers, body, redirect: 'manual', signal: AbortSignal.timeout(timeoutMilliseconds) })
    answer = await bytesOf(response)
  } catch (cause) {
    throw Object.assign(Refusal.noAnswer(), { cause })
  }
  return request.read(response.status, response.headers, answer)
}

/** The bytes of an answer, but no more than are enough to see that it is too long. */
async function bytesOf(response) {
  const parts = []
  let length = 0
  for await (const part of response.body ?? []) {
    parts.push(part)
    length += part.length
    if (length > MAX_ANSWER_BYTES) break
  }
  return Buffer.concat(parts)
}

/**
 * Sends a request until the vendor has answered for good, or `attempts` times. Throws the last Refusal.
 *
 * `limit` is one RateLimit for all that send for a site. A refusal with `mayBeDone` is tried again only if
 * `isRepeatable`: if the vendor recognizes a repetition, or if it does no harm.
 */
export async function sendUntilDone(request, options) {
  const { limit, isRepeatable, attempts = 5, timeoutMilliseconds, wait = sleep, now = steadyNow } = options
  for (let attempt = 1; ; attempt++) {
    if (request.group !== null) {
      for (let seconds = limit.take(request.group, now()); seconds !== null; seconds = limit.take(request.group, now())) {
        await wait(seconds * 1000)
      }
    }
    try {
      return await send(request, { timeoutMilliseconds })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const seconds = error.retryInSeconds(attempt, Math.random())
      if (seconds === null || attempt >= attempts || (error.mayBeDone && !isRepeatable)) throw error
      await wait(seconds * 1000)
    }
  }
}

async function main() {
  const { BENTO_PUBLISHABLE_KEY, BENTO_SECRET_KEY, BENTO_SITE_UUID, BENTO_API_HOST } = process.env
  const bento = new outgoing.Bento(BENTO_PUBLISHABLE_KEY, BENTO_SECRET_KEY, BENTO_SITE_UUID, { apiHost: BENTO_API_HOST })
  const limit = new outgoing.RateLimit()
  const handBack = (values) => values.forEach((value) => console.log(value.toJson()))
  const events = []
  let line = 0
  for await (const text of createInterface({ input: process.stdin })) {
    line += 1
    try {
      events.push(outgoing.BentoEvent.fromJson(text))
    } catch ({ code, message }) {
      // Correct the line. The other events are sent all the same.
      console.error('line %d: %s: %s', line, code, message)
      console.log(text)
      process.exitCode = 1
    }
  }
  for (const request of bento.events(events)) {
    const isRepeatable = request.values.every((event) => event.toJSON().details?.unique?.key !== undefined)
    try {
      const sent = await sendUntilDone(request, { limit, isRepeatable })
      console.error('accepted %d, failed %d', sent.accepted, sent.failed)
      handBack(sent.handedBack)
      if (sent.failed > 0) process.exitCode = 1
    } catch (error) {
      console.error('%s: %s', error.code ?? error.name, error.message)
      handBack(request.values)
      process.exitCode = 1
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
