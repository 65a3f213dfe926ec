'use strict'

// The sender's side: the headers of a genuine request, for tests and for programs that send in a vendor's place.

const { isAnyArrayBuffer, isUint8Array } = require('node:util').types

const { bytesOf } = require('./body.cjs')
const { secretOf } = require('./keys.cjs')
const { native } = require('./native.cjs')
const { oneOf, textOf, withNamesAsHere } = require('./options.cjs')
const { ownOptions, refuseMore } = require('./own.cjs')
const { millisecondsOf } = require('./time.cjs')

function headersOf(request) {
  const headers = { __proto__: null }
  withNamesAsHere(() => native.sign({ __proto__: null, ...request }, headers))
  return { ...headers }
}

/** The bytes to sign. The advice for a request that was received would not help here. */
function bodyOf(body) {
  if (typeof body === 'string') return Buffer.from(textOf(body, 'body'))
  if (isUint8Array(body) || isAnyArrayBuffer(body)) return bytesOf(body, 'POST')
  throw new TypeError('body must be a string or a Uint8Array, exactly as it is sent: JSON.stringify makes a string of an object')
}

const OPTIONS = ['time', 'encoding']

function benji(scheme, given, salt, body, options = {}) {
  refuseMore(given, `sign.${scheme}`, ['salt', 'body', 'options'], `: the options are ${OPTIONS.join(', ')}`)
  const { time = Date.now(), encoding = 'hex' } = ownOptions(options, OPTIONS, `sign.${scheme}`)
  return headersOf({
    scheme,
    secret: secretOf(salt),
    body: bodyOf(body),
    time: millisecondsOf(time, 'time'),
    encoding: oneOf(native.encodings, encoding, 'encoding'),
  })
}

const sign = Object.freeze({
  benji(salt, body, options) {
    return benji('benji', arguments, salt, body, options)
  },

  benjiBodyOnly(salt, body, options) {
    return benji('benjiBodyOnly', arguments, salt, body, options)
  },

  benti(secret) {
    refuseMore(arguments, 'sign.benti', ['secret'])
    return headersOf({ scheme: 'benti', secret: secretOf(secret) })
  },

  bentiHandshake(secret, challenge) {
    refuseMore(arguments, 'sign.bentiHandshake', ['secret', 'challenge'])
    return headersOf({ scheme: 'bentiHandshake', secret: secretOf(secret), name: textOf(challenge, 'challenge') })
  },

  bentoBasic(user, secret) {
    refuseMore(arguments, 'sign.bentoBasic', ['user', 'secret'])
    return headersOf({ scheme: 'bentoBasic', secret: secretOf(secret), name: textOf(user, 'user') })
  },

  bentoBearer(secret) {
    refuseMore(arguments, 'sign.bentoBearer', ['secret'])
    return headersOf({ scheme: 'bentoBearer', secret: secretOf(secret) })
  },

  bentoHeader(name, secret) {
    refuseMore(arguments, 'sign.bentoHeader', ['name', 'secret'])
    return headersOf({ scheme: 'bentoHeader', secret: secretOf(secret), name: textOf(name, 'name') })
  },
})

module.exports = { sign }
