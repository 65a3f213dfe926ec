'use strict'

// Requests that a program sends to the vendors, as values.

const { inspect } = require('node:util')
const { isSharedArrayBuffer, isUint8Array } = require('node:util').types

const { bufferOf } = require('./body.cjs')
const { ADVICE_OF_CLIENT } = require('./comparison.cjs')
const { askEvent } = require('./event.cjs')
const { secretOf } = require('./keys.cjs')
const { native } = require('./native.cjs')
const { ofType, textOf, withNamesAsHere } = require('./options.cjs')
const { ownOptions, refuseMore } = require('./own.cjs')
const { BentiWebhook, BentiWebhooks, Commanded, Done, LookedUp, Secret, Sent, Subscribed, Tracked, keptSecret } = require('./outgoing_answers.cjs')
const { MAKE, OutgoingError, made } = require('./outgoing_error.cjs')
const { Outgoing, RateLimit, Refusal } = require('./outgoing_request.cjs')
const { BentoCommand, BentoEmail, BentoEvent, BentoSubscriber, keptCommand, keptEmail, keptEvent, keptSubscriber } = require('./outgoing_values.cjs')

const BENJI_HOSTS = ['notificationsHost', 'usersHost', 'campaignsHost', 'transactionsHost']
const BENTO_TEXTS = ['apiHost', 'trackHost', 'userAgent']

/** Requests to Benji: subscriptions, and what a webhook names. */
class Benji {
  notCopied = ADVICE_OF_CLIENT
  #kept

  constructor(partnerKey, options) {
    refuseMore(arguments, 'Benji', ['partnerKey', 'options'])
    const given = ownOptions(options, [...BENJI_HOSTS, 'bearer'], 'Benji')
    const { bearer = false } = given
    const setup = { __proto__: null, partnerKey: givenSecret(partnerKey, 'partnerKey'), bearer: ofType('boolean', bearer, 'bearer') }
    for (const name of BENJI_HOSTS) setup[name] = textOf(given[name], name)
    this.#kept = ask(native.createBenji, setup)
    Object.freeze(this)
  }

  static keyFor(event) {
    return native.apiKeys[made(ofEvent(event, 'keyFor'))]
  }

  subscribe(endpoint, options = {}) {
    refuseMore(arguments, 'subscribe', ['endpoint', 'options'])
    const request = ask(native.benjiSubscribe, this.#kept, ...subscription(options, 'subscribe'), textOf(endpoint, 'endpoint'))
    return new Outgoing(MAKE, request, Subscribed)
  }

  update(endpoint, options = {}) {
    refuseMore(arguments, 'update', ['endpoint', 'options'])
    const request = ask(native.benjiUpdate, this.#kept, ...subscription(options, 'update'), textOf(endpoint, 'endpoint'))
    return new Outgoing(MAKE, request, Subscribed)
  }

  unsubscribe(options = {}) {
    refuseMore(arguments, 'unsubscribe', ['options'])
    return new Outgoing(MAKE, ask(native.benjiUnsubscribe, this.#kept, ...subscription(options, 'unsubscribe')), Done)
  }

  followUp(event, options = {}) {
    refuseMore(arguments, 'followUp', ['event', 'options'])
    const { userToken } = ownOptions(options, ['userToken'], 'followUp')
    const token = userToken === undefined ? null : givenSecret(userToken, 'userToken')
    return new Outgoing(MAKE, ask(ofEvent, event, 'followUp', this.#kept, token), LookedUp)
  }

  [inspect.custom]() {
    return 'Benji'
  }
}

/** Entity type and event, or null for each. */
function subscription(options, of) {
  const { entityType, event } = ownOptions(options, ['entityType', 'event'], of)
  return [
    entityType === undefined ? null : textOf(entityType, 'entityType'),
    event === undefined ? null : textOf(event, 'event'),
  ]
}

/** What the native module answers to a question about an event. */
function ofEvent(event, name, ...more) {
  const answer = askEvent(event, name, more)
  if (answer === undefined) throw new TypeError('event must be an event of a delivery or of a record')
  return answer
}

/** Requests to Benti: create, list, update and delete a webhook. */
class Benti {
  notCopied = ADVICE_OF_CLIENT
  #kept

  constructor(base, options) {
    refuseMore(arguments, 'Benti', ['base', 'options'])
    const { apiKey, token } = ownOptions(options, ['apiKey', 'token'], 'Benti')
    this.#kept = ask(native.createBenti, textOf(base, 'base'), givenSecret(apiKey, 'apiKey'), givenSecret(token, 'token'))
    Object.freeze(this)
  }

  static newSecret(randomness) {
    if (!isUint8Array(randomness) || isSharedArrayBuffer(bufferOf(randomness))) {
      throw new TypeError('randomness must be a Uint8Array of at least 32 random bytes, such as crypto.randomBytes(32)')
    }
    return new Secret(MAKE, ask(native.bentiSecret, randomness))
  }

  create(item, url, secret) {
    refuseMore(arguments, 'create', ['item', 'url', 'secret'])
    return new Outgoing(MAKE, ask(native.bentiCreate, this.#kept, ...webhook(item, url, secret)), BentiWebhook)
  }

  list() {
    refuseMore(arguments, 'list', [], 'no arguments')
    return new Outgoing(MAKE, native.bentiList(this.#kept), BentiWebhooks)
  }

  update(id, item, url, secret) {
    refuseMore(arguments, 'update', ['id', 'item', 'url', 'secret'])
    return new Outgoing(MAKE, ask(native.bentiUpdate, this.#kept, ...webhook(item, url, secret), textOf(id, 'id')), Done)
  }

  delete(id) {
    refuseMore(arguments, 'delete', ['id'])
    return new Outgoing(MAKE, ask(native.bentiDelete, this.#kept, textOf(id, 'id')), Done)
  }

  [inspect.custom]() {
    return 'Benti'
  }
}

function webhook(item, url, secret) {
  return [textOf(item, 'item'), textOf(url, 'url'), givenSecret(secret, 'secret')]
}

/** Requests to Bento's API and to its webhook endpoint. */
class Bento {
  notCopied = ADVICE_OF_CLIENT
  #kept

  constructor(publishableKey, secretKey, siteUuid, options = {}) {
    refuseMore(arguments, 'Bento', ['publishableKey', 'secretKey', 'siteUuid', 'options'])
    const given = ownOptions(options, [...BENTO_TEXTS, 'siteUuidInQuery'], 'Bento')
    const { siteUuidInQuery = false } = given
    const setup = {
      __proto__: null,
      publishableKey: textOf(publishableKey, 'publishableKey'),
      secretKey: givenSecret(secretKey, 'secretKey'),
      siteUuid: textOf(siteUuid, 'siteUuid'),
      siteUuidInQuery: ofType('boolean', siteUuidInQuery, 'siteUuidInQuery'),
    }
    for (const name of BENTO_TEXTS) if (given[name] !== undefined) setup[name] = textOf(given[name], name)
    this.#kept = ask(native.createBento, setup)
    Object.freeze(this)
  }

  events(events) {
    const given = listOf(events, 'events', BentoEvent, keptEvent)
    return requests(native.bentoEvents(this.#kept, given.kept), Sent, given)
  }

  subscribers(subscribers) {
    const given = listOf(subscribers, 'subscribers', BentoSubscriber, keptSubscriber)
    return requests(native.bentoSubscribers(this.#kept, given.kept), Sent, given)
  }

  emails(emails) {
    const given = listOf(emails, 'emails', BentoEmail, keptEmail)
    return requests(native.bentoEmails(this.#kept, given.kept), Sent, given)
  }

  command(command) {
    const kept = keptCommand(command)
    if (kept === undefined) throw new TypeError('command must be a BentoCommand: make one with new BentoCommand({ … })')
    return new Outgoing(MAKE, native.bentoCommand(this.#kept, kept), Commanded)
  }

  webhook(source, events) {
    refuseMore(arguments, 'webhook', ['source', 'events'])
    const given = listOf(events, 'events', BentoEvent, keptEvent)
    return requests(ask(native.bentoWebhook, this.#kept, given.kept, textOf(source, 'source')), Tracked, given)
  }

  [inspect.custom]() {
    return 'Bento'
  }
}

/** The values of any iterable, and what the native module keeps for each. */
function listOf(iterable, name, Value, keptOf) {
  if (typeof iterable?.[Symbol.iterator] !== 'function') throw new TypeError(`${name} must be a list of ${Value.name}s, or another iterable`)
  const values = [...iterable]
  const kept = values.map((value, at) => {
    const found = keptOf(value)
    if (found === undefined) throw new TypeError(`${name}[${at}] must be a ${Value.name}: make one with new ${Value.name}({ … })`)
    return found
  })
  return { values, kept }
}

const requests = (kept, answer, { values }) => kept.map((request) => new Outgoing(MAKE, request, answer, values))

/** A secret in a form that the native module takes. */
const givenSecret = (secret, name) => keptSecret(secret) ?? secretOf(secret, name)

/** What a function of the native module makes. Throws an OutgoingError. */
const ask = (call, ...given) => made(withNamesAsHere(() => call(...given)))

module.exports = Object.freeze({
  Benji,
  Benti,
  BentiWebhook,
  BentiWebhooks,
  Bento,
  BentoCommand,
  BentoEmail,
  BentoEvent,
  BentoSubscriber,
  Commanded,
  Done,
  LookedUp,
  MAX_ANSWER_BYTES: native.maxAnswerBytes,
  Outgoing,
  OutgoingError,
  RateLimit,
  Refusal,
  Secret,
  Sent,
  Subscribed,
  Tracked,
})
