// Only the core's code holds its words, so a word that is added there reaches JavaScript without an edit here.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'

import { Receiver, sign } from 'hookseal'

const { native } = createRequire(import.meta.url)('../lib/native.cjs')
const { actions, assurances, encodings, entities, idOrigins, kinds, kindsOfEvents, policies, vendors } = native

/** Code that may name a vendor because the API does, and words of the core with another meaning. */
const ALLOWED = {
  'lib/options.cjs': [/^const OPTIONS = \{$.*?^\}$/ms],
  'lib/receiver.cjs': [/^ {2}static \w+\(.*?^ {2}\}$/gms, /'use Receiver\..*'/],
  'lib/sign.cjs': [/.*/s],
  'src/setup.rs': [/^use hookseal::.*?;$/ms, /^fn receiver\(.*?^\}$/ms, new RegExp(`^fn (${vendors.join('|')})\\(.*?^\\}$`, 'gms')],
  'src/sign.rs': [/.*/s],
  // Clients, values and answers have the names that the core gives them.
  ...Object.fromEntries(
    ['lib/outgoing.cjs', 'lib/outgoing_answers.cjs', 'lib/outgoing_values.cjs', 'src/outgoing_clients.rs', 'src/outgoing_request.rs', 'src/outgoing_values.rs'].map((name) => [name, [/.*/s]]),
  ),
  'lib/outgoing_json.cjs': [/JSON has no other/, /in each other/],
  // In Fastify a reply is the answer.
  'adapters/fastify.cjs': [/\breply\b/g],
  'adapters/express.cjs': [/other parsers/],
  // Transactions of a database.
  'adapters/inbox.cjs': [/\btransaction\b/g],
  'adapters/inbox_pg.cjs': [/\btransaction\b/g],
  'adapters/inbox_row.cjs': [/\btransaction\b/g],
  'adapters/inbox_sqlite.cjs': [/\btransaction\b/g, /no other connection/],
  // The lease of a row, not a campaign.
  'adapters/inbox_worker.cjs': [/the lease ended/],
}

/** The core's words in a file's code. A vendor's word is found in any part of a name, another only as a whole word. */
function wordsIn(code, allowed = []) {
  const bare = code.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/(^|\s)\/\/.*/g, '')
  const searched = allowed.reduce((text, place) => text.replace(place, ''), bare)
  const found = new RegExp(`${vendors.join('|')}|\\b(?:${[...entities, ...actions].join('|')})\\b`, 'gi')
  return searched.match(found) ?? []
}

describe('no code has a word of the core', () => {
  for (const [folder, extension] of [['lib', '.cjs'], ['adapters', '.cjs'], ['src', '.rs']]) {
    const names = readdirSync(new URL(`../${folder}`, import.meta.url)).filter((name) => name.endsWith(extension))
    assert.ok(names.length > 5)
    for (const name of names.map((name) => `${folder}/${name}`)) {
      test(name, () => {
        const code = readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
        assert.deepEqual(wordsIn(code, ALLOWED[name]), [])
      })
    }
  }

  test('a planted word is found', () => {
    const planted = {
      "return new Subject('ticket', id)": ['ticket'],
      "kind === 'ticket.answered'": ['ticket', 'answered'],
      '`${entity}.created`': ['created'],
      'const isLate = { campaign: true }': ['campaign'],
      'unwrap_or(Entity::Other)': ['Other'],
      'family == Family::BentiApi': ['Benti'],
      'receiver.vendor() == Vendor::Benji': ['Benji'],
      'function bentoKind() {} // a ticket': ['bento'],
    }
    for (const [code, words] of Object.entries(planted)) assert.deepEqual(wordsIn(code), words, code)
    assert.deepEqual(wordsIn('/** A ticket of Benti. */\n//! A user of Benji.\nfunction bytesOfOther() {}'), [])
  })
})

test('a kind is made of every entity and every action', () => {
  assert.deepEqual(kinds, entities.map((entity) => actions.map((action) => `${entity}.${action}`)))
})

test('every encoding and every policy of the core is accepted', () => {
  for (const encoding of encodings) {
    const headers = sign.benji('salt', '{"event":"a"}', { encoding })
    const receiver = Receiver.benji('salt', { signatureEncoding: encoding })
    assert.equal(receiver.receive({ method: 'POST', headers, body: Buffer.from('{"event":"a"}') }).length, 1)
  }
  for (const replayPolicy of policies) Receiver.benji('salt', { replayPolicy })
})

test('a word that the core does not know is an error', () => {
  const misfit = /JavaScript and its native module do not match/
  const create = (setup) => native.createReceiver({ __proto__: null, scheme: 'bearer', name: '', keys: ['token'], ...setup }, {})
  create({})
  for (const scheme of ['', 'Bearer', 'digest', 'bento']) assert.throws(() => create({ scheme }), misfit)
  assert.throws(() => create({ replayPolicy: 'lax' }), misfit)
  assert.throws(() => create({ scheme: 'benji', signatureEncoding: 'base32' }), misfit)
  for (const window of [[300], [1, 2, 3]]) assert.throws(() => create({ scheme: 'benji', window }), misfit)
  const request = { __proto__: null, scheme: 'benji', secret: 'salt', body: Buffer.from('{}'), time: Date.now(), encoding: 'hex' }
  native.sign(request, {})
  assert.throws(() => native.sign({ ...request, encoding: 'base32' }, {}), misfit)
  assert.throws(() => native.sign({ ...request, time: Infinity }, {}), misfit)
  assert.throws(() => native.sign({ ...request, name: 'x-token', scheme: 'bento' }, {}), misfit)
  assert.throws(() => native.createKey('secret', false, undefined, -Infinity, undefined), misfit)
})

test('the declarations have the words of the core', () => {
  const declared = readFileSync(new URL('../lib/words.d.cts', import.meta.url), 'utf8')
  const coverages = [...new Set(assurances.map(([body]) => body))]
  const types = { Vendor: vendors, Entity: entities, Action: actions, Kind: kindsOfEvents, Coverage: coverages, IdOrigin: idOrigins, SignatureEncoding: encodings }
  const words = (text) => [...text.matchAll(/'([\w.]+)'/g)].map(([, word]) => word)
  const union = (text, type) => words(text.match(new RegExp(`^export type ${type} =([^]*?)\n\n`, 'm'))[1])
  for (const [type, expected] of Object.entries(types)) assert.deepEqual(union(declared, type), expected, type)
  assert.deepEqual(union(readFileSync(new URL('../index.d.cts', import.meta.url), 'utf8'), 'ReplayPolicy'), policies)
})
