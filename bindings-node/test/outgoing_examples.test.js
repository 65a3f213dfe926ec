// The examples of outgoing requests in the README, over real sockets: their hosts lead to stand-ins here.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { Server, createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { inspect } from 'node:util'

import { Receiver, sign } from 'hookseal'

import { send } from './requests.js'
import { listening } from './servers.js'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'hookseal-outgoing-'))
after(() => rmSync(folder, { recursive: true, force: true }))
mkdirSync(join(folder, 'node_modules'))
symlinkSync(at('..'), join(folder, 'node_modules/hookseal'), 'junction')

const EXAMPLES = [...readFileSync(at('../README.md'), 'utf8').matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code).filter((code) => code.includes('send.mjs'))
const named = (word) => EXAMPLES.filter((code) => code.includes(word))
writeFileSync(join(folder, 'send.mjs'), named('// send.mjs')[0])

let runs = 0

/** Runs the example with this word, as a module of its own. What it prints is `printed`, what it throws `thrown`. */
async function run(t, word, answer, edit = (code) => code) {
  const [code, ...more] = named(word)
  assert.equal(more.length, 0)
  const server = await listening(createServer(answer), '')
  const { fetch } = globalThis
  // fetch itself runs, with another host.
  t.mock.method(globalThis, 'fetch', (url, options) => fetch(url.replace(/^https:\/\/[^/]+/, server.url), options))
  const printed = []
  t.mock.method(console, 'log', (...values) => printed.push(values))
  t.after(server.close)
  const file = join(folder, `${runs++}.mjs`)
  writeFileSync(file, edit(code))
  try {
    return { module: await import(pathToFileURL(file).href), printed }
  } catch (thrown) {
    return { thrown, printed }
  }
}

async function bodyOf(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString()
}

test('there is one example for each vendor, and the one that all need', () => {
  assert.equal(EXAMPLES.length, 4)
})

test('Bento: an event is sent until it is accepted', async (t) => {
  const receiver = Receiver.bento({ basic: { user: 'the publishable key', keys: 'the secret key' } })
  const got = []
  const { printed } = await run(t, 'new Bento(', async (request, response) => {
    const [event] = receiver.receive({ method: 'POST', headers: request.rawHeaders, body: Buffer.from(await bodyOf(request)) })
    got.push(`${request.url} ${event.name}`)
    if (got.length === 1) response.writeHead(429).end()
    else if (got.length === 2) response.destroy()
    else response.end('{"results":1,"failed":0}')
  })
  assert.deepEqual(got, Array(3).fill('/api/v1/batch/events ticket.answered'))
  assert.deepEqual(printed, [['%d accepted, %d handed back', 1, 0]])
})

test('Bento: what may be done is not sent again without a unique key', async (t) => {
  let calls = 0
  const answer = (_, response) => response.writeHead(++calls === 1 ? 500 : 200).end('{"results":1,"failed":0}')
  const { thrown, printed } = await run(t, 'new Bento(', answer, (code) => code.replace("'id-of-the-answer'", 'null'))
  assert.equal(thrown.code, 'server_error')
  assert.deepEqual([calls, printed], [1, []])
})

test('the start of a refused answer is kept, and a log does not show it', async (t) => {
  const { thrown } = await run(t, 'new Bento(', (_, response) => response.writeHead(400).end(`{"error":"zoe"}${' '.repeat(5000)}`))
  assert.equal(thrown.code, 'bad_request')
  assert.deepEqual([thrown.body.length, thrown.body.trim()], [2048, '{"error":"zoe"}'])
  assert.doesNotMatch(inspect(thrown), /zoe/)
})

test('Benji: a subscription, and what its webhook names', async (t) => {
  const got = []
  const { module, printed } = await run(t, 'outgoing.Benji(', async (request, response) => {
    got.push(`${request.method} ${request.url} ${request.headers['x-api-key']} ${await bodyOf(request)}`)
    response.end(request.method === 'GET' ? '{"id":"7","n":1}' : '{"code":"ok","data":{"subscribed":true}}')
  })
  assert.deepEqual(printed, [['the dashboard shows the salt']])
  const eventOf = (body) => [...Receiver.benji('salt').receive({ method: 'POST', headers: sign.benji('salt', body), body: Buffer.from(body) })][0]
  assert.deepEqual(await module.read(eventOf('{"event":"transaction_created","entity_id":"7"}')), { id: '7', n: 1 })
  await module.read(eventOf('{"event":"user_partner_connected","entity_type":1,"entity_id":"u-1"}'), (id) => `token of ${id}`)
  assert.deepEqual(got, [
    'POST /webhooks/subscribe the partner key {"endpoint":"https://example.com/webhooks/benji","entity_type":3}',
    'GET /transactions/7 the partner key ',
    'GET /users/u-1 token of u-1 ',
  ])
})

test('Benti: its check of the new webhook is answered before the webhook is created', async (t) => {
  const PORT = '40000'
  const servers = []
  const { listen } = Server.prototype
  t.mock.method(Server.prototype, 'listen', function (...options) {
    servers.push(this)
    return listen.call(this, ...(options[0] === PORT ? [0, '127.0.0.1'] : options))
  })
  process.env.PORT = PORT
  t.after(() => delete process.env.PORT)
  const order = []
  const { printed } = await run(t, 'outgoing.Benti(', async (request, response) => {
    const { secret, item, url } = JSON.parse(await bodyOf(request))
    order.push(`${request.method} ${request.url} ${item} ${url}`)
    const { port } = servers.at(-1).address()
    const checked = await send(`http://127.0.0.1:${port}/`, { method: 'GET', headers: sign.bentiHandshake(secret, 'challenge-1') })
    order.push(`the check is answered with ${checked.status} ${checked.body}`)
    response.writeHead(201).end('{"uuid":"0f8fad5b-d9cb-469f-a165-70867728950e"}')
  })
  t.after(() => servers.at(-1).close())
  assert.deepEqual(order, ['POST /ticketing/v1/webhooks ticket https://example.com/webhooks/benti', 'the check is answered with 200 challenge-1'])
  assert.deepEqual(printed, [['the webhook %s is created', '0f8fad5b-d9cb-469f-a165-70867728950e']])
})
