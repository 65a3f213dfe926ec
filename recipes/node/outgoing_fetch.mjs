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
import { inspect } from 'node:util'

import { outgoing } from 'hookseal'

const { MAX_ANSWER_BYTES, Refusal } = outgoing

/** How much of a refused answer is kept. */
const MOST_KEPT_BYTES = 2048

/** A clock that nobody sets. */
const steadyNow = () => performance.timeOrigin + performance.now()

/**
 * Sends a request once, and reads the answer. Throws a Refusal. For the operator its `body` is the start of the answer,
 * as text. It is not enumerable, because it can hold personal data: a log of the refusal does not show it.
 */
export async function send(request, { timeoutMilliseconds = 30_000 } = {}) {
  const { method, url, headers } = request
  const body = method === 'GET' ? null : request.body
  let response
  let answer
  try {
    // fetch would send other headers than `authorization` along with a redirect, such as Benji's `x-api-key`.
    response = await fetch(url, { method, headers, body, redirect: 'manual', signal: AbortSignal.timeout(timeoutMilliseconds) })
    answer = await bytesOf(response)
  } catch (cause) {
    throw Object.assign(Refusal.noAnswer(), { cause })
  }
  try {
    return request.read(response.status, response.headers, answer)
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    throw Object.defineProperty(refusal, 'body', { value: answer.toString('utf8', 0, MOST_KEPT_BYTES) })
  }
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
 * Sends a request until the vendor has answered for good, or `attempts` times. Returns the `answer` or the last
 * `refusal`, and whether one of the attempts `mayBeDone`. If so, a refusal of a later one does not mean that the vendor
 * did nothing. Such a request is sent again only if it is repeatable.
 *
 * `limit` is one RateLimit for all that send for a site.
 */
export async function sendUntilDone(request, options) {
  const { limit, attempts = 5, timeoutMilliseconds, wait = sleep, now = steadyNow } = options
  let mayBeDone = false
  for (let attempt = 1; ; attempt++) {
    if (request.group !== null) {
      for (let seconds = limit.take(request.group, now()); seconds !== null; seconds = limit.take(request.group, now())) {
        await wait(seconds * 1000)
      }
    }
    try {
      return { answer: await send(request, { timeoutMilliseconds }), mayBeDone }
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal
      mayBeDone ||= refusal.mayBeDone
      const seconds = refusal.retryInSeconds(attempt, Math.random())
      if (seconds === null || attempt >= attempts || (mayBeDone && !request.isRepeatable)) return { refusal, mayBeDone }
      await wait(seconds * 1000)
    }
  }
}

/**
 * Sends values for Bento. `build` makes the requests, such as `(values) => bento.events(values)`. For each request it
 * gives the values that are `accepted` and those that are `handedBack`, whether an attempt may have done the latter
 * (`mayBeDone`), and the last `refusal` if there is no answer.
 *
 * Bento does not say which of several values it refused. If it accepted some, and a repetition does no harm, the halves
 * are sent again. This ends with single values, or if Bento accepts none of a half.
 */
export async function* sendAll(values, build, options) {
  for (const request of build(values)) {
    const { answer, refusal, mayBeDone } = await sendUntilDone(request, options)
    if (answer?.failed === 0) {
      yield { accepted: request.values, handedBack: [], mayBeDone: false }
    } else if (answer?.accepted > 0 && request.isRepeatable) {
      const middle = Math.ceil(request.values.length / 2)
      for (const half of [request.values.slice(0, middle), request.values.slice(middle)]) {
        for await (const outcome of sendAll(half, build, options)) {
          // The first call may have done what this one refuses.
          yield { ...outcome, mayBeDone: outcome.handedBack.length > 0 }
        }
      }
    } else {
      yield { accepted: [], handedBack: request.values, mayBeDone: mayBeDone || answer?.isUndecided === true, refusal }
    }
  }
}

async function main() {
  const { BENTO_PUBLISHABLE_KEY, BENTO_SECRET_KEY, BENTO_SITE_UUID, BENTO_API_HOST } = process.env
  const bento = new outgoing.Bento(BENTO_PUBLISHABLE_KEY, BENTO_SECRET_KEY, BENTO_SITE_UUID, { apiHost: BENTO_API_HOST })
  const limit = new outgoing.RateLimit()
  const left = new Set()
  let line = 0
  for await (const text of createInterface({ input: process.stdin })) {
    line += 1
    try {
      left.add(outgoing.BentoEvent.fromJson(text))
    } catch ({ code, message }) {
      // Correct the line. The other events are sent all the same.
      console.error('line %d: %s: %s', line, code, message)
      console.log(text)
      process.exitCode = 1
    }
  }
  try {
    const outcomes = sendAll([...left], (events) => bento.events(events), { limit })
    for await (const { accepted, handedBack, mayBeDone, refusal } of outcomes) {
      for (const event of accepted) left.delete(event)
      console.error('accepted %d, handed back %d', accepted.length, handedBack.length)
      if (refusal !== undefined) console.error('%s: %s', refusal.code, refusal.message)
      // `inspect` escapes control characters, which a terminal would obey.
      if (refusal?.code === 'bad_request') console.error('the answer: %s', inspect(refusal.body))
      if (mayBeDone && !handedBack.every((event) => event.isRepeatable)) {
        console.error('Bento may have them: look before you send them again')
      }
    }
  } finally {
    for (const event of left) console.log(event.toJson())
    if (left.size > 0) process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
