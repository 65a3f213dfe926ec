'use strict'

// The sender's side: the headers of a genuine request, for tests and for whoever sends in a vendor's place.

const { bytesOf } = require('./body.cjs')
const { secretBytes } = require('./keys.cjs')
const { native } = require('./native.cjs')
const { ENCODINGS, oneOf, ofType, withNamesAsHere } = require('./options.cjs')
const { millisecondsOf } = require('./time.cjs')

function headersOf(request) {
  const parts = withNamesAsHere(() => native.sign(request))
  request.secret.fill(0)
  const headers = {}
  for (let at = 0; at < parts.length; at += 2) headers[parts[at]] = parts[at + 1]
  return headers
}

function benji(scheme, salt, body, { time = Date.now(), encoding = 'hex' } = {}) {
  oneOf(ENCODINGS, encoding, 'encoding')
  const bytes = Buffer.from(typeof body === 'string' ? body : bytesOf(body, 'POST'))
  return headersOf({ scheme, secret: secretBytes(salt), body: bytes, time: millisecondsOf(time, 'time'), encoding })
}

const sign = Object.freeze({
  benji(salt, body, options) {
    return benji('benji', salt, body, options)
  },

  benjiBodyOnly(salt, body, options) {
    return benji('benjiBodyOnly', salt, body, options)
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
