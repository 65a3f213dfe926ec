'use strict'

// What becomes of a delivery: an inbox stores it, or a handler gets it, which a guard may forbid.

const { own } = require('../lib/own.cjs')
const { report, tell } = require('./common.cjs')

/** The answers that need no handler. */
const STATUS = Object.freeze({ __proto__: null, stored: 202, duplicate: 200, in_progress: 503, full: 503, unavailable: 503 })
/** When the sender may try again, if nothing tells a better time. */
const RETRY_SECONDS = 5

/**
 * Stores or claims a delivery. Without an `answer` the handler must be called; `settle` then takes whether it handled
 * the delivery, and ends the claim.
 */
async function begin({ guard, inbox }, delivery) {
  if (inbox !== undefined) return withAnswer(await orUnavailable('the inbox', () => inbox.put(delivery)))
  if (guard === undefined) return { outcome: undefined, answer: undefined, settle: undefined }
  const claimed = await askTwice('the guard', () => guard.claim(delivery.replayKey()))
  if (claimed.outcome !== 'claimed') return withAnswer(claimed)
  return { outcome: undefined, answer: undefined, settle: (isHandled) => settle(guard, claimed.claim, isHandled) }
}

function withAnswer(told) {
  const outcome = own(told, 'outcome')
  const status = STATUS[outcome]
  if (status === undefined) throw new TypeError('a guard or an inbox gave an outcome that hookseal does not know')
  const headers = status === 503 ? { 'retry-after': `${own(told, 'secondsLeft') ?? RETRY_SECONDS}` } : {}
  return { outcome, answer: { status, headers, body: undefined }, settle: undefined }
}

/** Asks a store, and once more if it failed: a broken connection is often noticed only when it is used. */
async function askTwice(what, ask) {
  try {
    return await ask()
  } catch (error) {
    if (isMistake(error)) throw error
    return orUnavailable(what, ask)
  }
}

/** Asks a store once: an inbox takes a new connection by itself. */
async function orUnavailable(what, ask) {
  try {
    return await ask()
  } catch (error) {
    if (isMistake(error)) throw error
    report(`${what} cannot be used`, error)
    return { outcome: 'unavailable' }
  }
}

/** Whether it is an error of the program, which another attempt would meet too. */
const isMistake = (error) => error instanceof TypeError

/** Ends a claim. The answer does not depend on it: without the confirmation a repetition may be handled again. */
async function settle(guard, claim, isHandled) {
  try {
    if (!isHandled) await guard.release(claim)
    else if (!(await guard.confirm(claim))) throw new Error('the lease was over: give the guard more leaseSeconds than a handler takes')
  } catch (error) {
    report(`a claim could not be ${isHandled ? 'confirmed' : 'released'}`, error)
  }
}

/**
 * The answer of a handler that returns it, or the one of an inbox or a guard. `isHandled` is asked for the handler's
 * answer. The callback is called before the answer, because a platform may stop a program that has answered.
 */
async function handle(options, delivery, { call, isHandled, answerWith }) {
  const { outcome, answer, settle } = await begin(options, delivery)
  const end = async (became) => tell('onDelivery', options.onDelivery, delivery, became)
  if (answer !== undefined) {
    await end(outcome)
    return answerWith(answer)
  }
  let result
  try {
    result = await call()
  } catch (error) {
    await settle?.(false)
    await end('failed')
    throw error
  }
  const succeeded = isHandled(result)
  await settle?.(succeeded)
  await end(succeeded ? 'handled' : 'failed')
  return result
}

module.exports = { begin, handle }
