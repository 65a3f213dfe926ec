'use strict'

/** Whether a receiver made it: another object could hold any retention. */
let isReplayKey

/** Names a delivery or an event, and says how long to keep the name. */
class ReplayKey {
  value
  retentionSeconds
  #made = true

  constructor(value, retentionSeconds) {
    this.value = value
    this.retentionSeconds = retentionSeconds
    Object.freeze(this)
  }

  toString() {
    return this.value
  }

  toJSON() {
    return this.value
  }

  static {
    isReplayKey = (key) => typeof key === 'object' && key !== null && #made in key
  }
}

/** Refuses a policy as an argument. A program that asks for 'strict' here must not get a weaker key. */
function refusePolicy(given) {
  if (given.length > 0) throw new TypeError('replayKey takes no policy: set replayPolicy of the receiver')
}

/**
 * The key that the native module returned as text: its value and, after a space, seconds. No seconds means for ever.
 */
function replayKeyOf(told) {
  if (told === null) return undefined
  const [value, seconds] = told.split(' ')
  return new ReplayKey(value, seconds === undefined ? undefined : Number(seconds))
}

/** The key that a guard is asked for. */
function checkedKey(key) {
  if (isReplayKey(key)) return key
  if (key === undefined || key === null) {
    throw new TypeError("there is no replay key, because the receiver's replayPolicy is 'none': handle the delivery without a claim, or set another policy")
  }
  const found = typeof key === 'string' ? 'its text, which has no retention' : typeof key
  throw new TypeError(`the key must be the object that replayKey() of a delivery or an event returns, not ${found}`)
}

module.exports = { checkedKey, refusePolicy, replayKeyOf }
