// hookseal in real Vitest, which loads the package as an ES module.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

import { project, published } from './project.js'

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const { main, native } = published()

const TESTS = `
import { expect, test, vi } from 'vitest'
import { Receiver, fromTrustedRecord, sign } from 'hookseal'

const time = new Date('2026-03-04T05:06:07Z')
const body = (id) => JSON.stringify({ event: 'transaction_created', entity_type: 3, entity_id: id })
const received = (text) => Receiver.benji('salt').receive({ method: 'POST', headers: sign.benji('salt', text, { time }), body: Buffer.from(text) }, time)
const eventOf = (id) => [...received(body(id))][0]

test('different events are not equal, and equal ones are', () => {
  expect(eventOf('7')).toEqual(eventOf('7'))
  expect({ events: [eventOf('7')] }).toStrictEqual({ events: [eventOf('7')] })
  expect(eventOf('7')).not.toEqual(eventOf('8'))
  expect({ events: [eventOf('7')] }).not.toStrictEqual({ events: [eventOf('8')] })
  const handle = vi.fn()
  handle(eventOf('7'))
  expect(handle).toHaveBeenCalledWith(eventOf('7'))
  expect(handle).not.toHaveBeenCalledWith(eventOf('8'))
})

test('deliveries are compared by their events', () => {
  expect(received(body('7'))).toEqual(received(body('7')))
  expect(received(body('7'))).not.toEqual(received(body('8')))
  expect([...fromTrustedRecord(received(body('7')).toRecord())]).toEqual([eventOf('7')])
})
`

test('Vitest', { timeout: 120_000 }, () => {
  const path = project('vitest', [main, native], { 'hookseal.test.mjs': TESTS.replace("'vitest'", JSON.stringify(join(dirname(vitest), 'dist/index.js'))) })
  let output
  try {
    output = execFileSync(process.execPath, [vitest, 'run', '--reporter=json'], { encoding: 'utf8', cwd: path, stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    output = error.stdout
  }
  const { numPassedTests, testResults } = JSON.parse(output)
  assert.deepEqual(testResults.flatMap(({ message, assertionResults }) => [message, ...assertionResults.flatMap(({ failureMessages }) => failureMessages ?? [])]).filter(Boolean), [])
  assert.equal(numPassedTests, 2)
})
