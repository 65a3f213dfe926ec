'use strict'

// The sender's side: the headers of a genuine request, for tests and for whoever sends in a vendor's place.

const { bytesOf } = require('./body.cjs')
const { secretBytes } = require('./keys.cjs')
const { native } = require('./native.cjs')
const { ofType, withNamesAsHere } = require('./options.cjs')
const { millisecondsOf } = require('./time.cjs')

const ENCODINGS = ['hex', 'base64', 'base64url']

function headersOf(request) {
  const parts = withNamesAsHere(() => native.sign(request))
  request.secret.fill(0)
  const headers = {}
  for (let at = 0; at < parts.length; at += 2) headers[parts[at]] = parts[at + 1]
  return headers
}

const sign = Object.freeze({
  benji(salt, body, { time = Date.now(), encoding = 'hex' } = {}) {
    if (!ENCODINGS.includes(encoding)) throw new TypeError(`encoding must be one of ${ENCODINGS.join(', ')}`)
    const bytes = Buffer.from(typeof body === 'string' ? body : bytesOf(body, 'POST'))
    return headersOf({ scheme: 'benji', secret: secretBytes(salt), body: bytes, time: millisecondsOf(time, 'time'), encoding })
  },

  benti(secret) {
    return headersOf({ scheme: 'benti', secret: secretBytes(secret) })
  },

  bentiHandshake(secret, challenge) {
    return headersOf({ scheme: 'bentiHandshake', secret: secretBytes(secret), name: ofType('string', challenge, 'challenge') })
  },

  bentoBasic(user, secret) {
    return headersOf({ scheme: 'bentoBasic', secret: secretBytes(secret), name: ofType('string', user, 'user') })
  },

  bentoBearer(secret) {
    return headersOf({ scheme: 'bentoBearer', secret: secretBytes(secret) })
  },

  bentoHeader(name, secret) {
    return headersOf({ scheme: 'bentoHeader', secret: secretBytes(secret), name: ofType('string', name, 'name') })
  },
})

module.exports = { sign }
