// Next.js: a route handler for Benji. `hookseal/fetch` reads the body from the Web Request.
//
//   npm ci && npx next build && BENJI_SALT=... BENTI_SECRET=... npx next start -p 3000
//
// It needs the runtime `nodejs`, which is the default, and `serverExternalPackages` of next.config.js.

import { Receiver } from 'hookseal'
import { webhook } from 'hookseal/fetch'

function handle(delivery) {
  for (const event of delivery) console.log('%s %o', event.kind, `${event.subject}`)
}

// `next build` loads this file too, and need not know the salt. So the receiver is made when the first request comes.
let hook
export function POST(request) {
  hook ??= webhook(Receiver.benji(process.env.BENJI_SALT), handle, {
    onRejection: ({ code, message }) => console.warn(code, message),
  })
  return hook(request)
}
