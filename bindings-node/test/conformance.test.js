// The conformance vectors, which have the same outcome in Rust, Python and Node.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { FOLDER, expectedOf, outcomeOf, readVectors, receive, receiverOf } from './vectors.js'

const vectors = readVectors()

test('there are vectors for every vendor', () => {
  assert.ok(vectors.length > 1000, `${vectors.length} vectors`)
  assert.deepEqual([...new Set(vectors.map(({ vendor }) => vendor))], ['benji', 'benti', 'bento'])
})

test('a missing or empty file is an error', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hookseal-vectors-')) + '/'
  const files = { 'benji/order.json': readFileSync(FOLDER + 'benji/order.json'), 'counts.json': '{"benji/order":9}' }
  const read = (changed) => {
    for (const vendor of ['benji', 'benti', 'bento']) mkdirSync(folder + vendor, { recursive: true })
    for (const [name, content] of Object.entries({ ...files, ...changed })) writeFileSync(folder + name, content)
    return readVectors(folder)
  }
  try {
    assert.equal(read({}).length, 9)
    assert.throws(() => read({ 'benji/order.json': '' }), SyntaxError)
    assert.throws(() => read({ 'benji/order.json': '[]' }), /benji\/order has 0 vectors/)
    assert.throws(() => read({ 'benji/order.json': '[{"name":"benji/order/other"}]' }), /benji\/order has 1 vectors/)
    assert.throws(() => read({ 'counts.json': '{"benji/order":9,"bento/date":1}' }), /bento\/date has no vectors/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

for (const vector of vectors) {
  test(vector.name, () => {
    if (vector.expect.outcome === 'setup_error') {
      // An error of the core, or of the types and ranges that JavaScript checks before.
      assert.throws(() => receiverOf(vector), (error) => error instanceof TypeError || error instanceof RangeError)
      return
    }
    const receiver = receiverOf(vector)
    for (const headers of formsOf(vector.headers)) {
      assert.deepEqual(outcomeOf(receive(receiver, vector, headers), vector), expectedOf(vector))
    }
  })
}

/** The headers as pairs and as Node's rawHeaders; and as an object and as Web Headers if these show the same. */
function formsOf(pairs) {
  const forms = [pairs, pairs.flat()]
  const names = pairs.map(([name]) => name.toLowerCase())
  if (new Set(names).size !== names.length) return forms
  forms.push(Object.fromEntries(pairs))
  try {
    forms.push(new Headers(pairs))
  } catch {
    // A value that no header can carry.
  }
  return forms
}
