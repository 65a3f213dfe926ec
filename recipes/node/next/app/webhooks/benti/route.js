// Next.js: a route handler for Benti, which begins with a GET.

import { Receiver } from 'hookseal'
import { webhook } from 'hookseal/fetch'

function handle(delivery) {
  for (const event of delivery) console.log('%s %o', event.kind, `${event.subject}`)
}

// As in benji/route.js.
let hook
function receive(request) {
  hook ??= webhook(Receiver.benti(process.env.BENTI_SECRET), handle, {
    onRejection: ({ code, message }) => console.warn(code, message),
  })
  return hook(request)
}

export { receive as GET, receive as POST }
