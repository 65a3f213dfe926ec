'use strict'

// What becomes of a delivery: an inbox stores it, or a handler gets it, which a guard may forbid.

const { own } = require('../lib/own.cjs')
const { inTime, isTypeError, report, reportText, tell } = require('./common.cjs')

/** The answers that need no handler. */
const STATUS = Object.freeze({ __proto__: null, stored: 202, duplicate: 200, in_progress: 503, full: 503, unavailable: 503 })
/** When the sender may try again, if nothing tells a better time. */
const RETRY_SECONDS = 5
/** How long a guard may take for a claim, for its confirmation, and for its release. */
const GUARD_SECONDS = 5

/**
 * Stores or claims a delivery. Without an `answer` the handler must be called; `settle` then takes whether it handled
 * the delivery, and ends the claim.
 */
async function begin({ guard, inbox }, delivery) {
  if (inbox !== undefined) return withAnswer(await put(inbox, delivery), INBOX_FULL)
  if (guard === undefined) return { outcome: undefined, answer: undefined, settle: undefined }
  const claimed = await claim(guard, delivery.replayKey())
  if (claimed.outcome !== 'claimed') return withAnswer(claimed, GUARD_FULL)
  return { outcome: undefined, answer: undefined, settle: (isHandled) => settle(guard, claimed.claim, isHandled) }
}

const GUARD_FULL = 'the guard is full: build it with a greater capacity'
const INBOX_FULL = 'the inbox is full: add workers, or raise maxWaiting'

function withAnswer(told, full) {
  const outcome = own(told, 'outcome')
  if (outcome === 'full') reportText(`full: ${full}`)
  const status = STATUS[outcome]
  if (status === undefined) throw new TypeError('a guard or an inbox gave an outcome that hookseal does not know')
  const headers = status === 503 ? { 'retry-after': `${own(told, 'secondsLeft') ?? RETRY_SECONDS}` } : {}
  return { outcome, answer: { status, headers, body: undefined }, settle: undefined }
}

/** Asks a guard for a claim. No client has a time limit by default, and some keep a command until their server is back. */
async function claim(guard, key) {
  const asked = (async () => guard.claim(key))()
  try {
    return await inTime(asked, GUARD_SECONDS)
  } catch (error) {
    if (isTypeError(error)) throw error
    // A claim that comes too late would hold its key until its lease ends.
    asked.then((told) => own(told, 'outcome') === 'claimed' && settle(guard, told.claim, false)).catch(() => {})
    return unavailable('the guard', error)
  }
}

async function put(inbox, delivery) {
  try {
    return await inbox.put(delivery)
  } catch (error) {
    if (isTypeError(error)) throw error
    return unavailable('the inbox', error)
  }
}

function unavailable(what, error) {
  report(`unavailable: ${what} cannot be used`, error)
  return { outcome: 'unavailable' }
}

/** Ends a claim. The answer does not depend on it: without the confirmation a repetition may be handled again. */
async function settle(guard, claim, isHandled) {
  try {
    if (!isHandled) await inTime(guard.release(claim), GUARD_SECONDS)
    else if (!(await inTime(guard.confirm(claim), GUARD_SECONDS))) throw new Error('the lease was over: give the guard more leaseSeconds than a handler takes')
  } catch (error) {
    report(`a claim could not be ${isHandled ? 'confirmed' : 'released'}`, error)
  }
}

/**
 * The answer of a handler that returns it, or the one of an inbox or a guard. `conclude` gets the handler's answer and a
 * function that takes whether the delivery was handled, and returns the answer. The callback is called before the
 * answer, because a platform may stop a program that has answered.
 */
async function handle(options, delivery, { call, conclude, answerWith }) {
  const { outcome, answer, settle } = await begin(options, delivery)
  const tellOf = async (became) => tell('onDelivery', options.onDelivery, delivery, became)
  if (answer !== undefined) {
    await tellOf(outcome)
    return answerWith(answer)
  }
  const finish = async (isHandled) => {
    await settle?.(isHandled)
    await tellOf(isHandled ? 'handled' : 'failed')
  }
  let result
  try {
    result = await call()
  } catch (error) {
    await finish(false)
    throw error
  }
  return settle === undefined && options.onDelivery === undefined ? result : conclude(result, finish)
}

module.exports = { begin, handle }
