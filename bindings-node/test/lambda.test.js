// The events of core/adapters/lambda.json, which the tests of the Python package read too.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { Receiver } from 'hookseal'
import { webhook } from 'hookseal/lambda'

const { about, receivers, cases, ...unknown } = JSON.parse(
  readFileSync(new URL('../../core/adapters/lambda.json', import.meta.url), 'utf8'),
)

const CASE = ['name', 'receiver', 'event', 'body_parts', 'expect']
const MADE = Object.fromEntries(Object.entries(receivers).map(([name, described]) => [name, receiverOf(described)]))

function receiverOf({ vendor, secret, options: { max_body_bytes: maxBodyBytes, window, ...unknownOptions }, ...unknown }) {
  assert.deepEqual([unknown, unknownOptions], [{}, {}])
  const make = { benji: Receiver.benji, benti: Receiver.benti }[vendor]
  return make(secret, { maxBodyBytes, ...(window !== undefined && { window }) })
}

test('the table is read whole', () => {
  assert.deepEqual(unknown, {})
  assert.ok(Object.keys(about).length > 0)
  assert.ok(cases.length > 80, `${cases.length} cases`)
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length)
})

for (const one of cases) {
  test(one.name, async () => {
    assert.deepEqual(Object.keys(one).filter((field) => !CASE.includes(field)), [])
    const { receiver, event, body_parts: parts, expect: { error, events, code, answer, ...unknown } } = one
    assert.deepEqual(unknown, {})
    if (parts !== undefined) event.body = parts.map(([text, times]) => text.repeat(times)).join('')

    const seen = { events: null, code: null }
    const context = {}
    const handler = webhook(MADE[receiver], (delivery, ...given) => {
      assert.equal(seen.events, null)
      assert.deepEqual([given.length, given[0] === event, given[1] === context], [2, true, true])
      seen.events = [...delivery].map(({ raw }) => raw.toString())
    }, {
      onRejection: (rejection, given) => {
        assert.equal(seen.code, null)
        assert.equal(given, event)
        seen.code = rejection.code
      },
    })
    if (error !== undefined) {
      await assert.rejects(handler(event, context), (thrown) => {
        assert.ok(thrown instanceof TypeError)
        assert.ok(thrown.message.includes(error), thrown.message)
        return true
      })
      assert.deepEqual(seen, { events: null, code: null })
      return
    }
    assert.deepEqual(await handler(event, context), answer)
    // What could not be checked has a code of the adapters alone.
    const isUnreadable = code === null && answer.statusCode === 400
    assert.deepEqual(seen, { events, code: isUnreadable ? 'unreadable_request' : code })
  })
}
