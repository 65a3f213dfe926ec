'use strict'

// What edge runtimes get in place of the package. They ask for it by the conditions of `exports`.

/** Bundlers that look for named exports before the program runs would report those in place of this error. */
module.exports = refuse()

function refuse() {
  throw new Error(
    'hookseal has a native module, which runs in Node alone, not in an edge runtime: run this code in Node, ' +
      'in Next.js with export const runtime = "nodejs"',
  )
}
