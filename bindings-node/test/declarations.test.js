// The declarations say of every option what happens without it.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'

const adapters = readdirSync(new URL('../adapters', import.meta.url)).filter((name) => name.endsWith('.d.cts'))
const files = ['index.d.cts', 'lib/outgoing.d.cts', ...adapters.map((name) => `adapters/${name}`)]
const read = (name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

/** The options that a file declares, each with its comment. */
function optionsIn(text) {
  const found = []
  for (const [, of, body] of text.matchAll(/^export (?:interface|type) (\w*(?:Options|Callbacks)\b)[^{;]* \{\n(.*?)^\}/gms)) {
    for (const [, comment = '', name] of body.matchAll(/((?: {2}\/\*\*(?:(?!\*\/).)*\*\/\n)?)^ {2}(\w+)\??:/gms)) found.push({ of, name, comment: comment.replace(/\s*\n\s*\*\s*/g, ' ') })
  }
  return found
}

const all = files.flatMap((file) => optionsIn(read(file)).map((option) => ({ file, ...option })))

for (const { file, of, name, comment } of all) {
  test(`${name} of ${of} in ${file} has a default or is required`, () => {
    assert.match(comment, /by default|required/i)
  })
}

test('every option of a receiver is declared, and no other', () => {
  const source = readFileSync(createRequire(import.meta.url).resolve('../lib/options.cjs'), 'utf8')
  const known = [...source.match(/^const CHECKS = \{\n(.*?)^\}/ms)[1].matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name)
  const ofReceivers = all.filter(({ of }) => ['ReceiverOptions', 'BenjiOptions', 'BentiOptions', 'BentoOptions'].includes(of)).map(({ name }) => name)
  assert.deepEqual([...new Set([...ofReceivers, 'basic', 'bearer', 'header'])].sort(), known.sort())
})
