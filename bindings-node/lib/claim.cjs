'use strict'

// What a guard says of a key, and the claims that it gives.

const { inspect } = require('node:util')

const { MAKE } = require('./event.cjs')

/** The parts of a Claim; undefined for anything else. They never leave the package. */
let partsOf

/** The right to handle a delivery. A guard gives it to one caller at a time. */
class Claim {
  key
  #parts

  constructor(make, guard, key, kept) {
    if (make !== MAKE) throw new TypeError('a Claim comes out of a guard')
    this.key = key
    this.#parts = { __proto__: null, guard, kept, settled: undefined }
    Object.freeze(this)
  }

  [inspect.custom]() {
    return `Claim(${this.key})`
  }

  static {
    partsOf = (claim) => (typeof claim === 'object' && claim !== null && #parts in claim ? claim.#parts : undefined)
  }
}

/**
 * The parts of a claim that this guard gave: `kept` is what the guard keeps there, `settled` the call that ended the
 * claim, as `{ how, answer }`. Undefined for a claim of another guard.
 */
function partsFor(guard, claim) {
  const parts = partsOf(claim)
  if (parts === undefined) throw new TypeError('this is no claim: confirm and release take the claim of what claim returned')
  return parts.guard === guard ? parts : undefined
}

const claimed = (guard, key, kept) => Object.freeze({ outcome: 'claimed', claim: new Claim(MAKE, guard, key, kept) })
const inProgress = (secondsLeft) => Object.freeze({ outcome: 'in_progress', secondsLeft })
const DUPLICATE = Object.freeze({ outcome: 'duplicate' })
const FULL = Object.freeze({ outcome: 'full' })

module.exports = { Claim, DUPLICATE, FULL, claimed, inProgress, partsFor }
