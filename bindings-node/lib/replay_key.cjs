'use strict'

/** A key for a store of what has been handled, and how long to keep it. */
class ReplayKey {
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

/** Where the check of freshness sets no end: a day. */
const RETENTION_SECONDS = 86400

module.exports = { RETENTION_SECONDS, ReplayKey }
