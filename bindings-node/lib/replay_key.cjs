'use strict'

/** A key for a store of what has been handled, and how long to keep it. */
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

/** Whoever asks a delivery or an event for 'strict' must not get less. */
function refusePolicy(given) {
  if (given.length > 0) throw new TypeError('replayKey takes no policy: set replayPolicy of the receiver')
}

/** A key as the native module tells it: its value and seconds, without these if it is to be kept without end. */
function replayKeyOf(told) {
  if (told === null) return undefined
  const [value, seconds] = told.split(' ')
  return new ReplayKey(value, seconds === undefined ? undefined : Number(seconds))
}

module.exports = { refusePolicy, replayKeyOf }
