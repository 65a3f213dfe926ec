'use strict'

// Collects the pieces of a body up to a limit.

const { lengthOf, set } = require('../lib/body.cjs')

/** A second chunk seldom comes alone. */
const SMALLEST_GROWTH_BYTES = 1024

/**
 * The bytes of a body as they arrive, in one buffer of at most the limit and one byte, which shows that the body is too
 * large. Nothing is kept of a chunk: a sender that cuts a body into single bytes costs no more memory than any other.
 */
class GrowingBody {
  #buffer = Buffer.alloc(0)
  #length = 0
  #most

  constructor(limit) {
    this.#most = limit + 1
  }

  /** Whether it is over the limit: more of it is of no use. */
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
    // The announced length says nothing: what has arrived decides. The first chunk is most often all there is.
    const wanted = this.#length === 0 ? needed : Math.max(needed, 2 * capacity, SMALLEST_GROWTH_BYTES)
    const larger = Buffer.allocUnsafeSlow(Math.min(wanted, this.#most))
    larger.set(this.bytes)
    this.#buffer = larger
  }
}

module.exports = { GrowingBody }
