// node --expose-gc dropped_secrets.js <case> <as> [headers]: uses secrets in one way, drops everything and prints
// `ready`. It then waits until its input ends, while the test searches its memory. The secrets are made here, so that
// only hookseal holds their bytes: a Uint8Array is wiped here, and the UTF-8 of a text exists only where hookseal
// encodes it.

import { fileURLToPath } from 'node:url'

import { Key, Receiver, outgoing, sign } from 'hookseal'

import { BODY, bentoRequest } from './requests.js'

const ROUNDS = 500
const SECRETS = 8
/** The secret that is kept on purpose. */
export const CONTROL = SECRETS

// Long secrets, because other objects seldom reuse such large memory.
const MAKERS = {
  bytes: (number) => Uint8Array.from({ length: 300 }, (_, at) => 128 + ((number * 37 + at * 29 + at * at) % 127)),
  // V8 stores these letters in other bytes than UTF-8.
  text: (number) => String.fromCharCode(...Array.from({ length: 150 }, (_, at) => 0x410 + ((number * 7 + at * 11 + at * at) % 48))),
}

/** The bytes of each secret. */
export const secretsOf = (as) => Array.from({ length: SECRETS + 1 }, (_, number) => Buffer.from(MAKERS[as](number)))

const HOSTS = Object.fromEntries(['notifications', 'users', 'campaigns', 'transactions'].map((name) => [`${name}Host`, 'https://a.example']))
const BENTI = new outgoing.Benti('https://a.example', { apiKey: 'key', token: 'token' })
const EVENT = new outgoing.BentoEvent({ type: 'x', email: 'a@example.com' })
const SITE = '11111111222233334444555555555555'

const USES = {
  keys: (secret) => new Key(secret),
  rings: (secret) => Receiver.benji([secret, new Key(secret, { id: 'a' })]),
  'id keys': (secret) => Receiver.bento({ bearer: 'token', idKey: secret }),
  'refused keys': (secret) => refused(() => new Key(secret, { id: '' })),
  'refused receivers': (secret) => {
    refused(() => Receiver.benji(secret, { maxBodyBytes: 0 }))
    refused(() => Receiver.benji([secret, undefined]))
    refused(() => Receiver.bento({ bearer: 'token', idKey: secret, maxBodyBytes: 0 }))
  },
  'refused signatures': (secret) => {
    refused(() => sign.benji(secret, {}))
    refused(() => sign.benji(secret, BODY, { time: 0 }))
    refused(() => sign.benji(secret, BODY, { encoding: 'base32' }))
  },
  signatures: (secret) => {
    sign.benji(secret, BODY)
    sign.benjiBodyOnly(secret, BODY, { encoding: 'base64' })
  },
  credentials: (secret) => {
    sign.benti(secret)
    sign.bentoBearer(secret)
    sign.bentoBasic('user', secret)
    sign.bentoHeader('x-own', secret)
  },
  // Only Bento's secret need not be text of a header.
  requests: (secret) => new outgoing.Bento('publishable', secret, SITE).events([EVENT])[0].read(200, {}, Buffer.from('{"results":1}')),
  'refused requests': (secret) => {
    refused(() => new outgoing.Benji(secret, HOSTS))
    refused(() => new outgoing.Benti('https://a.example', { apiKey: secret, token: secret }))
    refused(() => new outgoing.Bento('publishable:', secret, SITE))
    refused(() => BENTI.create('ticket', 'https://a.example', secret))
  },
}

function refused(make) {
  try {
    make()
  } catch {
    return
  }
  throw new Error('it was not refused')
}

/** A Benji delivery whose id is made of its signature. */
function receive(headers) {
  for (const event of Receiver.benji('salt', { window: 'off' }).receive({ method: 'POST', headers, body: BODY })) event.id
}

async function main([name, as, headers]) {
  const kept = []
  for (let round = 0; round < ROUNDS; round++) {
    if (name === 'deliveries') {
      receive(JSON.parse(headers))
      continue
    }
    const secret = MAKERS[as](round % SECRETS)
    USES[name](secret)
    if (as === 'bytes') secret.fill(0)
  }
  kept.push(Buffer.from(MAKERS[as](CONTROL)))
  // Further deliveries fill the memory that holds the last ones, so that it is released.
  const bento = Receiver.bento({ bearer: 'token' })
  for (let round = 0; round < ROUNDS; round++) bento.receive(bentoRequest('{}'))
  // Node frees memory outside of V8's heap between turns of the event loop.
  for (let turn = 0; turn < 4; turn++) {
    globalThis.gc()
    await new Promise(setImmediate)
  }
  process.stdin.on('end', () => kept.length).resume()
  console.log('ready')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2))
