'use strict'

// The error for what the core does not build: a client, a value or a request.

const { inOwnWords } = require('./options.cjs')

/** Names of arguments that the core's messages write in another way. Members of values keep their names. */
const ARGUMENTS = new Set([
  'apiHost', 'apiKey', 'campaignsHost', 'entityType', 'notificationsHost', 'partnerKey', 'publishableKey', 'secretKey', 'siteUuid',
  'trackHost', 'transactionsHost', 'userAgent', 'userToken', 'usersHost',
])

/** Only code that has this symbol can make what a vendor answers. It never leaves the package. */
const MAKE = Symbol('make')

/** A request, a value or a client that cannot be: `code`, and a `message` that says what to change. */
class OutgoingError extends TypeError {
  code

  constructor(make, code, message) {
    if (make !== MAKE) throw new TypeError('only hookseal makes an OutgoingError')
    super(inOwnWords(message, ARGUMENTS))
    this.code = code
  }
}

Object.defineProperty(OutgoingError.prototype, 'name', { __proto__: null, value: 'OutgoingError', configurable: true, writable: true })

/** What the native module made. If it answered with a text, that is the error. */
function made(answer) {
  if (typeof answer === 'string') throw new OutgoingError(MAKE, ...answer.split('\0'))
  return answer
}

/** The error for a value that the core does not see, because it is no JSON. */
const malformed = (message) => new OutgoingError(MAKE, 'malformed_value', message)

module.exports = { MAKE, OutgoingError, made, malformed }
