'use strict'

// What vendors answer. Each class is made from what the native module read.

const { inspect } = require('node:util')

const { ADVICE_OF_LOOKED_UP, ADVICE_OF_SECRET, tagOf } = require('./comparison.cjs')
const { parse } = require('./data.cjs')
const { native } = require('./native.cjs')
const { MAKE } = require('./outgoing_error.cjs')

/** What the native module keeps for a Secret; undefined for anything else. */
let keptSecret

let secrets = 0

/** A secret in memory that JavaScript cannot reach. */
class Secret {
  notCopied = ADVICE_OF_SECRET
  #kept
  #number

  constructor(make, kept) {
    refuseOthers(make, 'Secret')
    this.#kept = kept
    this.#number = ++secrets
    Object.freeze(this)
  }

  /** A copy of the bytes, which nobody wipes. */
  expose() {
    return native.exposeSecret(this.#kept)
  }

  // No two secrets are deep-equal, because a comparison takes a time that depends on their bytes.
  get [Symbol.toStringTag]() {
    return #number in this ? `Secret ${this.#number}` : 'Secret'
  }

  toJSON() {
    return undefined
  }

  [inspect.custom]() {
    return 'Secret'
  }

  static {
    keptSecret = (value) => (typeof value === 'object' && value !== null && #kept in value ? value.#kept : undefined)
  }
}

/** A subscription was created or changed. */
class Subscribed {
  salt

  constructor(make, { salt }) {
    refuseOthers(make, 'Subscribed')
    this.salt = salt === null ? null : new Secret(MAKE, salt)
    Object.freeze(this)
  }
}

/** The vendor did what was asked, and its answer says no more. */
class Done {
  constructor(make) {
    refuseOthers(make, 'Done')
    Object.freeze(this)
  }
}

/** What a webhook names, as the vendor gives it. */
class LookedUp {
  notCopied = ADVICE_OF_LOOKED_UP
  #json
  #data

  constructor(make, { json }) {
    refuseOthers(make, 'LookedUp')
    this.#json = json
    Object.freeze(this)
  }

  get data() {
    this.#data ??= parse(this.#json, () => Buffer.from(this.#json), false)
    return this.#data
  }

  toJson() {
    return this.#json
  }

  get [Symbol.toStringTag]() {
    return #json in this ? tagOf('LookedUp', this.#json) : 'LookedUp'
  }

  // It holds personal data.
  [inspect.custom]() {
    return `LookedUp(${Buffer.byteLength(this.#json)} bytes)`
  }
}

/** A webhook as the vendor lists it. */
class BentiWebhook {
  id
  item
  url

  constructor(make, { webhook: [id, item, url] }) {
    refuseOthers(make, 'BentiWebhook')
    this.id = id
    this.item = item
    this.url = url
    Object.freeze(this)
  }

  // The URL can hold a secret.
  toJSON() {
    return { id: this.id, item: this.item }
  }

  [inspect.custom]() {
    return `BentiWebhook(${this.id})`
  }
}

/** The webhooks that the vendor lists. */
class BentiWebhooks {
  webhooks
  malformed

  constructor(make, { webhooks, malformed }) {
    refuseOthers(make, 'BentiWebhooks')
    this.webhooks = Object.freeze(webhooks.map((webhook) => new BentiWebhook(MAKE, { webhook })))
    this.malformed = malformed
    Object.freeze(this)
  }
}

/** How many values the vendor accepted, and which are handed back. */
class Sent {
  accepted
  failed
  handedBack
  isUndecided

  /** The bounds of `handedBack` count from the first value that was given, and `values` begin at `from`. */
  constructor(make, { accepted, failed, handedBack: [start, end], isUndecided }, values, from) {
    refuseOthers(make, 'Sent')
    this.accepted = accepted
    this.failed = failed
    this.handedBack = Object.freeze(values.slice(start - from, end - from))
    this.isUndecided = isUndecided
    Object.freeze(this)
  }
}

/** The vendor's answer to a command. */
class Commanded {
  results

  constructor(make, { results }) {
    refuseOthers(make, 'Commanded')
    this.results = results
    Object.freeze(this)
  }
}

/** The webhook endpoint took the events. */
class Tracked {
  constructor(make) {
    refuseOthers(make, 'Tracked')
    Object.freeze(this)
  }
}

function refuseOthers(make, name) {
  if (make !== MAKE) throw new TypeError(`only hookseal makes a ${name}`)
}

module.exports = { BentiWebhook, BentiWebhooks, Commanded, Done, LookedUp, Secret, Sent, Subscribed, Tracked, keptSecret, refuseOthers }
