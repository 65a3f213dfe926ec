'use strict'

// Collects the pieces of a body up to a limit.

const { lengthOf, set } = require('../lib/body.cjs')

/** The least growth for a second chunk: it seldom is the last one. */
const SMALLEST_GROWTH_BYTES = 1024

/**
 * Copies the bytes of a body into one buffer as they arrive. The buffer holds at most one byte more than the limit,
 * which shows that the body is too large. No chunk is kept, so a body in chunks of one byte needs no more memory than
 * another.
 */
class GrowingBody {
  #buffer = Buffer.alloc(0)
  #length = 0
  #most

  constructor(limit) {
    this.#most = limit + 1
  }

  /** Whether the body is over the limit. The rest of it is not needed. */
  get isTooLarge() {
    return this.#length === this.#most
  }

  get bytes() {
    return this.#buffer.subarray(0, this.#length)
  }

  add(chunk) {
    const taken = Math.min(lengthOf(chunk), this.#most - this.#length)
    if (taken === 0) return
    this.#makeRoom(this.#length + taken)
    set(this.#buffer, taken === lengthOf(chunk) ? chunk : chunk.subarray(0, taken), this.#length)
    this.#length += taken
  }

  #makeRoom(needed) {
    const capacity = this.#buffer.length
    if (needed <= capacity) return
    // The size follows the bytes that have arrived, not the announced length. The first chunk usually is the whole
    // body.
    const wanted = this.#length === 0 ? needed : Math.max(needed, 2 * capacity, SMALLEST_GROWTH_BYTES)
    const larger = Buffer.allocUnsafeSlow(Math.min(wanted, this.#most))
    larger.set(this.bytes)
    this.#buffer = larger
  }
}

module.exports = { GrowingBody }
