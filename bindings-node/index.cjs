'use strict'

// The package as CommonJS. A file of lib/ imports only from those before it in this order. From the ground up: edge,
// own, native, body, time, subject, replay_key, headers, options, data, slab, store, comparison, event, delivery,
// recorded, claim, guard, answers, keys, receiver, sign, outgoing_error, outgoing_json, outgoing_values, outgoing_answers,
// outgoing_request, outgoing.

const { Handshake, Rejection } = require('./lib/answers.cjs')
const { Claim } = require('./lib/claim.cjs')
const { Delivery } = require('./lib/delivery.cjs')
const { Event } = require('./lib/event.cjs')
const { ReplayGuard } = require('./lib/guard.cjs')
const { Key } = require('./lib/keys.cjs')
const { native } = require('./lib/native.cjs')
const outgoing = require('./lib/outgoing.cjs')
const { Receiver } = require('./lib/receiver.cjs')
const { RecordError, Recorded, fromTrustedRecord } = require('./lib/recorded.cjs')
const { sign } = require('./lib/sign.cjs')

const { actions, entities, kindsOfEvents, vendors, version } = native

module.exports = {
  ACTIONS: Object.freeze([...actions]),
  ENTITIES: Object.freeze([...entities]),
  KINDS: Object.freeze([...kindsOfEvents]),
  VENDORS: Object.freeze([...vendors]),
  Claim,
  Delivery,
  Event,
  Handshake,
  Key,
  Receiver,
  RecordError,
  Recorded,
  Rejection,
  ReplayGuard,
  WebhookEvent: Event,
  fromTrustedRecord,
  outgoing,
  sign,
  version,
}
