'use strict'

/** A key for a store of handled deliveries or events, and how long to keep it. */
class ReplayKey {
  value
  retentionSeconds

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

module.exports = { refusePolicy, replayKeyOf }
