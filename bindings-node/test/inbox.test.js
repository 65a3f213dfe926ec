// The rules of the inbox, each on every database: what put stores, and what becomes of a row.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'

import { Receiver, Recorded, fromTrustedRecord, sign } from 'hookseal'
import { InboxUnavailableError, LeaseEnded, tables } from 'hookseal/inbox/pg'

import { DATABASES, stopPostgres, until } from './inbox_databases.js'
import { hasPostgres } from './postgres_server.js'
import { newDelivery } from './requests.js'

const isPossible = hasPostgres('the tests of the inbox in Node')
after(stopPostgres)

const SECRET = 'sk_live_of_a_customer'
/** Settings with which a failed row can be taken again at once. */
const AT_ONCE = { firstDelaySeconds: 0, longestDelaySeconds: 0 }

/** What was logged by the package, and the warnings. */
const logged = []
const warnings = []
console.error = (...texts) => logged.push(texts)
process.on('warning', (warning) => warnings.push(warning))

/** The texts of an inbox's warnings. */
function warningsOf(inbox) {
  const [, start] = /^Inbox(\(.*\))$/.exec(inspect(inbox))
  const told = warnings.filter(({ message }) => message.startsWith(`the inbox ${start.slice(1, -1)}: `))
  assert.ok(told.every(({ name }) => name === 'HooksealInboxWarning'))
  return told.map(({ message }) => message.slice(message.indexOf(': ') + 2))
}

const putMany = async (inbox, count) => {
  const outcomes = []
  for (let at = 0; at < count; at++) outcomes.push(await inbox.put(newDelivery()))
  return outcomes
}

/** Works until it is so. */
const workUntil = async (inbox, handler, isSo, options) => {
  const working = inbox.work(handler, { onFailure: () => {}, ...options })
  try {
    await Promise.race([until(isSo), working])
  } finally {
    await inbox.stop()
    await working
  }
}

// Much of the time is spent waiting, so the databases are tested at the same time.
describe('the inbox', { concurrency: true }, () => DATABASES.forEach(testWith))

function testWith({ name, open, isBrief = false }) {
  const skip = name.startsWith('pg') && !isPossible
  describe(name, { skip, concurrency: 1 }, () => {
    const plainName = name.replaceAll(/[: ]/g, '_')
    let database
    before(async () => (database = await open()))
    after(() => database?.close())
    beforeEach(() => database.run('DELETE FROM hookseal_inbox'))
    beforeEach(() => database.run('DELETE FROM effects'))

    const rowOf = async ({ number }) => (await database.rows(`SELECT * FROM hookseal_inbox WHERE number = ${number}`))[0]
    const statesOf = async () => (await database.rows('SELECT state FROM hookseal_inbox ORDER BY number')).map(({ state }) => state)
    const makeDue = () => database.run(`UPDATE hookseal_inbox SET next_at = ${database.now} - ${database.seconds(1)}`)
    const effect = (connection, number) => database.runIn(connection, `INSERT INTO effects (number) VALUES (${number})`)

    describe('put', () => {
      test('a delivery is stored once, and a repetition of it is a duplicate', async () => {
        const inbox = database.inbox()
        const outcome = await inbox.put(newDelivery('one'))
        assert.deepEqual(outcome, { outcome: 'stored', number: outcome.number })
        assert.ok(Number.isSafeInteger(outcome.number) && Object.isFrozen(outcome))
        const again = await inbox.put(newDelivery('one'))
        assert.deepEqual(again, { outcome: 'duplicate' })
        assert.ok(Object.isFrozen(again))
        assert.equal((await inbox.put(newDelivery('another'))).outcome, 'stored')
        assert.deepEqual(await statesOf(), ['waiting', 'waiting'])
      })

      test('a row has the record without its body, and the body as it came', async () => {
        const inbox = database.inbox()
        for (const text of ['plain', `NUL \0 and \\u0000 \ud83d\ude00 ${'ü'.repeat(1000)}`, 'x'.repeat(1_000_000)]) {
          const delivery = newDelivery(text)
          const row = await rowOf(await inbox.put(delivery))
          assert.deepEqual(Buffer.from(row.body), delivery.body)
          assert.deepEqual([row.inbox, row.key, row.state, row.error], ['default', delivery.replayKey().value, 'waiting', null])
          const record = JSON.parse(row.record)
          assert.equal(record.body, undefined)
          assert.equal(record.hookseal_record, 1)
          const [taken] = await inbox.take()
          assert.equal(taken.delivery.toRecord(), delivery.toRecord())
          assert.deepEqual(taken.body, delivery.body)
        }
      })

      test('bytes that are no text stay as they are', async () => {
        const inbox = database.inbox()
        const body = Buffer.concat([Buffer.from('{"event":"e"}'), Buffer.from('\n \t ')])
        const delivery = Receiver.bento({ bearer: 'token' }).receive({ method: 'POST', headers: sign.bentoBearer('token'), body })
        const row = await rowOf(await inbox.put(delivery))
        assert.deepEqual(Buffer.from(row.body), body)
      })

      test('a delivery without a replay key is stored each time', async () => {
        const inbox = database.inbox()
        const numbers = new Set()
        for (let at = 0; at < 3; at++) {
          const { number } = await inbox.put(newDelivery('none', { replayPolicy: 'none' }))
          numbers.add(number)
          assert.match((await rowOf({ number })).key, /^[0-9a-f]{32}$/)
        }
        assert.equal(numbers.size, 3)
      })

      test('a key without an end is kept without end', async () => {
        const inbox = database.inbox()
        const make = () => {
          const body = Buffer.from('{"event":"transaction_created","entity_id":7}')
          return Receiver.benji('salt', { replayPolicy: 'strict' }).receive({ method: 'POST', headers: sign.benjiBodyOnly('salt', body), body })
        }
        assert.equal(make().replayKey().retentionSeconds, undefined)
        assert.equal((await inbox.put(make())).outcome, 'stored')
        assert.equal((await inbox.put(make())).outcome, 'duplicate')
        const [{ isLong }] = await database.rows(`SELECT key_until > ${database.now} + ${database.seconds(100 * 365 * 86_400)} AS "isLong" FROM hookseal_inbox`)
        assert.ok(isLong)
      })

      test('a recorded delivery is stored as the delivery that it was', async () => {
        const inbox = database.inbox()
        const delivery = newDelivery()
        assert.equal((await inbox.put(fromTrustedRecord(delivery.toRecord()))).outcome, 'stored')
        assert.equal((await inbox.put(delivery)).outcome, 'duplicate')
        const [row] = await inbox.take()
        assert.equal(row.delivery.toRecord(), delivery.toRecord())
      })

      test('inboxes of one table know nothing of each other', async () => {
        const [shop, office, again] = ['shop', 'office', 'shop'].map((name) => database.inbox({ name }))
        const delivery = newDelivery()
        assert.deepEqual([(await shop.put(delivery)).outcome, (await office.put(delivery)).outcome, (await again.put(delivery)).outcome], ['stored', 'stored', 'duplicate'])
        assert.equal((await shop.take()).length, 1)
        assert.deepEqual(await shop.take(), [])
        assert.equal((await office.counts()).waiting, 1)
      })

      test('of many puts at once exactly one is stored for each key', async () => {
        const inboxes = Array.from({ length: 4 }, () => database.inbox())
        const texts = Array.from({ length: 10 }, (_, at) => `${at}`)
        const outcomes = await Promise.all(texts.flatMap((text) => inboxes.map(async (inbox) => [text, (await inbox.put(newDelivery(text))).outcome])))
        for (const text of texts) {
          const told = outcomes.filter(([of]) => of === text).map(([, outcome]) => outcome)
          assert.deepEqual(told.sort(), ['duplicate', 'duplicate', 'duplicate', 'stored'])
        }
      })

      test('a key whose retention has ended is taken over by exactly one', async () => {
        const inboxes = Array.from({ length: 4 }, () => database.inbox())
        for (let round = 0; round < 5; round++) {
          const text = `${round}`
          const { number } = await inboxes[0].put(newDelivery(text))
          await database.run(`UPDATE hookseal_inbox SET key_until = ${database.now}`)
          const outcomes = await Promise.all(inboxes.map((inbox) => inbox.put(newDelivery(text))))
          assert.deepEqual(outcomes.map(({ outcome }) => outcome).sort(), ['duplicate', 'duplicate', 'duplicate', 'stored'])
          const old = await rowOf({ number })
          assert.deepEqual([old.key, old.state], [null, 'waiting'])
        }
      })

      test('what is no delivery is an error of the program', async () => {
        const inbox = database.inbox()
        const delivery = newDelivery()
        const handshake = Receiver.benti('secret', { allowUnsignedHandshake: true }).receive({ method: 'GET', headers: { 'x-inbenta-challenge': 'abc' } })
        for (const bad of [undefined, null, 'text', {}, { ...delivery }, Object.create(delivery), delivery.toRecord(), handshake, [...delivery][0]]) {
          await assert.rejects(inbox.put(bad), { name: 'TypeError', message: /^this is no delivery/ })
        }
        assert.deepEqual(await statesOf(), [])
      })
    })

    describe('a full inbox', { skip: isBrief }, () => {
      test('is full for as many puts at once as there are', async () => {
        const inbox = database.inbox({ maxWaiting: 5 })
        const outcomes = await Promise.all(Array.from({ length: 20 }, () => inbox.put(newDelivery())))
        assert.equal(outcomes.filter(({ outcome }) => outcome === 'stored').length, 5)
        assert.equal(outcomes.filter(({ outcome }) => outcome === 'full').length, 15)
      })
    })

    describe("put in the program's transaction", () => {
      test('is stored with it, or not at all', async () => {
        const inbox = database.inbox()
        await database.within('ROLLBACK', async (connection) => {
          assert.equal((await inbox.put(newDelivery('one'), { connection })).outcome, 'stored')
          assert.equal((await inbox.put(newDelivery('one'), { connection })).outcome, 'duplicate')
        })
        assert.deepEqual(await statesOf(), [])
        await database.within('COMMIT', async (connection) => {
          const { number } = await inbox.put(newDelivery('one'), { connection })
          await effect(connection, number)
        })
        assert.deepEqual(await statesOf(), ['waiting'])
        assert.equal((await inbox.put(newDelivery('one'))).outcome, 'duplicate')
      })

      test('is refused without a transaction, and without a connection', async () => {
        const inbox = database.inbox()
        await database.withConnection(async (connection) => {
          await assert.rejects(inbox.put(newDelivery(), { connection }), { name: 'TypeError', message: /no transaction is open on the connection/ })
        })
        for (const connection of [null, 7, 'text', {}, () => {}]) {
          await assert.rejects(inbox.put(newDelivery(), { connection }), { name: 'TypeError', message: /^the connection must be/ })
        }
        await assert.rejects(inbox.put(newDelivery(), { connection: undefined }), { name: 'TypeError', message: /^connection is undefined/ })
        await assert.rejects(inbox.put(newDelivery(), { client: 7 }), { name: 'TypeError', message: /is not an option of put/ })
        assert.deepEqual(await statesOf(), [])
      })

      test('also says when the inbox is full', async () => {
        const inbox = database.inbox({ maxWaiting: 1 })
        await database.within('COMMIT', async (connection) => {
          assert.equal((await inbox.put(newDelivery('one'), { connection })).outcome, 'stored')
          assert.equal((await inbox.put(newDelivery('two'), { connection })).outcome, 'full')
          assert.equal((await inbox.put(newDelivery('one'), { connection })).outcome, 'duplicate')
        })
      })
    })

    describe('the parts', () => {
      test('take gives rows, done ends them, in the transaction of their effect', async () => {
        const inbox = database.inbox()
        const { number } = await inbox.put(newDelivery('one'))
        const rows = await inbox.take()
        assert.equal(rows.length, 1)
        const [row] = rows
        assert.ok(Object.isFrozen(rows) && Object.isFrozen(row))
        assert.deepEqual({ ...row }, { number, attempts: 1, state: 'taken', error: undefined })
        assert.ok(row.delivery instanceof Recorded)
        assert.equal(row.delivery, row.delivery)
        assert.equal(inspect(row), `Row(${number} taken)`)
        row.body.fill(0)
        assert.equal(row.body.length, newDelivery('one').body.length)
        assert.deepEqual(row.body, newDelivery('one').body)
        assert.deepEqual(await inbox.take(), [])

        const failure = new Error('the effect fails')
        await assert.rejects(
          inbox.transaction(async (connection) => {
            assert.equal(await inbox.done(row, connection), true)
            await effect(connection, number)
            throw failure
          }),
          (error) => error === failure,
        )
        assert.deepEqual([await statesOf(), await database.rows('SELECT * FROM effects')], [['taken'], []])
        const answer = await inbox.transaction(async (connection) => {
          assert.equal(await inbox.done(row, connection), true)
          await effect(connection, number)
          return 7
        })
        assert.equal(answer, 7)
        assert.deepEqual([await statesOf(), (await database.rows('SELECT * FROM effects')).length], [['done'], 1])
        await inbox.transaction(async (connection) => assert.equal(await inbox.done(row, connection), false))
      })

      test('done needs a transaction, and a row of its inbox', async () => {
        const inbox = database.inbox()
        await inbox.put(newDelivery())
        const [row] = await inbox.take()
        await database.withConnection(async (connection) => {
          await assert.rejects(inbox.done(row, connection), { name: 'TypeError', message: /no transaction is open/ })
          await assert.rejects(inbox.doneByNumber(row.number, connection), { name: 'TypeError', message: /no transaction is open/ })
        })
        await inbox.transaction(async (connection) => {
          for (const bad of [undefined, null, 7, {}, { ...row }, Object.create(row)]) {
            await assert.rejects(inbox.done(bad, connection), { name: 'TypeError', message: /^this is no row/ })
          }
          await assert.rejects(database.inbox().done(row, connection), { name: 'TypeError', message: /another inbox/ })
        })
        assert.throws(() => new row.constructor(Symbol('make'), inbox, {}), { name: 'TypeError', message: 'a Row comes out of an inbox' })
      })

      test('a turn that was taken since changes nothing', async () => {
        const inbox = database.inbox()
        await inbox.put(newDelivery())
        const [slow] = await inbox.take()
        await makeDue()
        const [row] = await inbox.take()
        assert.deepEqual([slow.number, slow.attempts, row.attempts], [row.number, 1, 2])
        await inbox.transaction(async (connection) => assert.equal(await inbox.done(slow, connection), false))
        assert.deepEqual([await inbox.fail(slow, new Error('late')), await inbox.giveBack(slow)], [undefined, false])
        assert.deepEqual(await statesOf(), ['taken'])
        await inbox.transaction(async (connection) => assert.equal(await inbox.done(row, connection), true))
      })

      test('doneByNumber handles a row that nobody took, once', async () => {
        const inbox = database.inbox()
        const delivery = newDelivery()
        const { number } = await inbox.put(delivery)
        await inbox.transaction(async (connection) => {
          const found = await inbox.doneByNumber(number, connection)
          assert.ok(found instanceof Recorded)
          assert.equal(found.toRecord(), delivery.toRecord())
          assert.equal(await inbox.doneByNumber(number, connection), undefined)
          assert.equal(await inbox.doneByNumber(number + 1000, connection), undefined)
          assert.equal(await database.inbox({ name: 'other' }).doneByNumber(number, connection), undefined)
        })
        assert.deepEqual(await statesOf(), ['done'])
      })

      test('a number that no row of the inbox has is told as such, and what is no number as an error', async () => {
        const inbox = database.inbox({ maxAttempts: 1 })
        const { number } = await inbox.put(newDelivery())
        const other = await database.inbox({ name: 'other' }).put(newDelivery())
        await database.run("UPDATE hookseal_inbox SET state = 'dead'")
        const none = [other.number, 0, -0, -1, 1.5, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 63, 2 ** 64, 1e300, -1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 64n, -(2n ** 64n), BigInt(number) + 2n ** 64n]
        for (const bad of none) assert.equal(await inbox.retry(bad), false, `${bad}`)
        assert.deepEqual(await statesOf(), ['dead', 'dead'])
        assert.equal(await inbox.retry(BigInt(number)), true)
        assert.deepEqual(await statesOf(), ['waiting', 'dead'])
        await inbox.transaction(async (connection) => {
          for (const bad of none) assert.equal(await inbox.doneByNumber(bad, connection), undefined, `${bad}`)
          for (const bad of [undefined, null, '1', true, {}, [number], new Number(number)]) {
            await assert.rejects(inbox.doneByNumber(bad, connection), { name: 'TypeError', message: /^the number of a row must be/ })
            await assert.rejects(inbox.retry(bad), { name: 'TypeError', message: /^the number of a row must be/ })
          }
          assert.ok((await inbox.doneByNumber(BigInt(number), connection)) instanceof Recorded)
        })
        assert.deepEqual(await statesOf(), ['done', 'dead'])
      })

      test('fail makes a row wait, longer each time, and ends with a dead row', async () => {
        const inbox = database.inbox({ maxAttempts: 3, firstDelaySeconds: 100, longestDelaySeconds: 150 })
        const { number } = await inbox.put(newDelivery())
        for (const [attempt, least, most] of [[1, 50, 100], [2, 75, 150]]) {
          const [row] = await inbox.take()
          assert.equal(row.attempts, attempt)
          assert.equal(await inbox.fail(row, new RangeError(SECRET)), 'waiting')
          const [{ isLater, isSoon }] = await database.rows(`SELECT next_at > ${database.now} + ${database.seconds(least - 1)} AS "isLater", next_at < ${database.now} + ${database.seconds(most + 1)} AS "isSoon" FROM hookseal_inbox`)
          assert.ok(isLater && isSoon)
          assert.deepEqual(await inbox.take(), [])
          await makeDue()
        }
        const [row] = await inbox.take()
        assert.deepEqual([row.attempts, row.error], [3, 'RangeError'])
        assert.equal(await inbox.fail(row, new RangeError(SECRET)), 'dead')
        await makeDue()
        assert.deepEqual(await inbox.take(), [])
        const [dead] = await inbox.dead()
        assert.deepEqual({ ...dead }, { number, attempts: 3, state: 'dead', error: 'RangeError' })
        assert.equal(await inbox.retry(number), true)
        assert.deepEqual((await inbox.take()).map(({ number, attempts }) => [number, attempts]), [[number, 1]])
        assert.equal(await inbox.retry(number), false)
        assert.equal(await inbox.retry(number + 1000), false)
      })

      test('only the class of an error is stored', async () => {
        class PaymentDeclined extends Error {}
        class Named extends Error {
          name = SECRET
        }
        class Odd extends Error {}
        Object.defineProperty(Odd, 'name', { value: `a ${SECRET}` })
        const hostile = new Proxy(new Error(SECRET), { getPrototypeOf: () => { throw new Error(SECRET) } })
        const cases = [
          [Object.assign(new PaymentDeclined(SECRET, { cause: SECRET }), { code: SECRET }), 'PaymentDeclined'],
          [new Named(SECRET), 'Named'], [new Odd(SECRET), 'Error'], [new Error(SECRET), 'Error'], [SECRET, 'Error'], [undefined, 'Error'],
          [{ constructor: { name: SECRET } }, 'Error'], [Object.create(null), 'Error'], [hostile, 'Error'],
        ]
        const inbox = database.inbox(AT_ONCE)
        for (const [thrown, stored] of cases) {
          const { number } = await inbox.put(newDelivery())
          const [row] = await inbox.take()
          await inbox.fail(row, thrown)
          assert.equal((await rowOf({ number })).error, stored)
          await database.run('DELETE FROM hookseal_inbox')
        }
      })

      test('giveBack counts no attempt', async () => {
        const inbox = database.inbox()
        await inbox.put(newDelivery())
        for (let at = 0; at < 3; at++) {
          const [row] = await inbox.take()
          assert.equal(row.attempts, 1)
          assert.equal(await inbox.giveBack(row), true)
          assert.equal(await inbox.giveBack(row), false)
        }
      })

      test('a row whose last attempt had no end is dead', async () => {
        const inbox = database.inbox({ maxAttempts: 1 })
        const { number } = await inbox.put(newDelivery())
        await inbox.take()
        await makeDue()
        assert.deepEqual(await inbox.take(), [])
        const [row] = await inbox.dead()
        assert.deepEqual({ ...row }, { number, attempts: 1, state: 'dead', error: 'LeaseEnded' })
        assert.equal((await inbox.counts()).dead, 1)
      })

      test('dead gives pages in the order of numbers', async () => {
        const inbox = database.inbox({ maxAttempts: 1 })
        await putMany(inbox, 5)
        for (let at = 0; at < 5; at++) await inbox.fail((await inbox.take())[0], new Error('a'))
        const numbers = (await inbox.dead()).map(({ number }) => number)
        assert.equal(numbers.length, 5)
        assert.deepEqual((await inbox.dead({ limit: 2 })).map(({ number }) => number), numbers.slice(0, 2))
        assert.deepEqual((await inbox.dead({ after: numbers[1], limit: 2 })).map(({ number }) => number), numbers.slice(2, 4))
        assert.deepEqual(await inbox.dead({ after: numbers[4] }), [])
        assert.deepEqual(await inbox.dead({ after: Number.MAX_SAFE_INTEGER }), [])
        for (const bad of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) await assert.rejects(inbox.dead({ limit: bad }), { name: 'RangeError', message: 'limit must be a whole number from 1' })
        for (const bad of [-1, 1.5, NaN, 2 ** 53]) await assert.rejects(inbox.dead({ after: bad }), { name: 'RangeError', message: 'after must be a whole number from 0' })
        for (const bad of ['2', 2n, null, {}]) await assert.rejects(inbox.dead({ limit: bad }), TypeError)
        assert.equal((await inbox.dead({ limit: Number.MAX_SAFE_INTEGER })).length, 5)
      })

      test('with several rows a take, fresh rows come together and all others alone', async () => {
        const inbox = database.inbox({ rowsPerTake: 10, ...AT_ONCE })
        await putMany(inbox, 6)
        const first = await inbox.take()
        assert.equal(first.length, 6)
        assert.deepEqual(first.map(({ number }) => number), first.map(({ number }) => number).sort((one, other) => one - other))
        for (const row of first) await inbox.fail(row, new Error('a'))
        await putMany(inbox, 4)
        const sizes = []
        for (let at = 0; at < 8; at++) sizes.push((await inbox.take()).length)
        assert.deepEqual(sizes.sort(), [1, 1, 1, 1, 1, 1, 4, 0].sort())
      })

      test('prune deletes rows that are done, and empties those whose keys are still needed', async () => {
        const inbox = database.inbox({ keepDoneSeconds: 10 })
        const [old, held, fresh] = await putMany(inbox, 3)
        await putMany(inbox, 1)
        await database.run(`UPDATE hookseal_inbox SET state = 'done', closed_at = ${database.now} - ${database.seconds(20)} WHERE number IN (${old.number}, ${held.number})`)
        await database.run(`UPDATE hookseal_inbox SET key_until = ${database.now} - ${database.seconds(1)} WHERE number = ${old.number}`)
        await database.run(`UPDATE hookseal_inbox SET state = 'done', closed_at = ${database.now} WHERE number = ${fresh.number}`)
        const pruned = await inbox.prune()
        assert.deepEqual(pruned, { deleted: 1, emptied: 1 })
        assert.ok(Object.isFrozen(pruned))
        assert.equal(await rowOf(old), undefined)
        const kept = await rowOf(held)
        assert.deepEqual([kept.record, kept.body.length], ['', 0])
        assert.equal(await inbox.retry(held.number), false)
        assert.ok((await rowOf(fresh)).body.length > 0)
        assert.deepEqual(await inbox.prune(), { deleted: 0, emptied: 0 })
      })

      test('prune goes on until nothing is left', async () => {
        const inbox = database.inbox({ keepDoneSeconds: 0 })
        await inbox.put(newDelivery())
        await database.run(`
          INSERT INTO hookseal_inbox (inbox, key, key_until, state, closed_at, next_at, stored_at, record, body)
          WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
          SELECT 'default', NULL, key_until, 'done', ${database.now} - ${database.seconds(5)}, next_at, stored_at, record, body FROM n CROSS JOIN hookseal_inbox`)
        assert.deepEqual(await inbox.prune(), { deleted: 2500, emptied: 0 })
      })

      test('counts tells how many rows there are, and how old the oldest is', async () => {
        const inbox = database.inbox({ maxAttempts: 1 })
        assert.deepEqual((({ oldestTransactionSeconds, ...others }) => others)(await inbox.counts()), { waiting: 0, taken: 0, done: 0, dead: 0, oldestWaitingSeconds: undefined })
        await putMany(inbox, 4)
        await database.run(`UPDATE hookseal_inbox SET stored_at = stored_at - ${database.seconds(100)}`)
        await inbox.take()
        const [row] = await inbox.take()
        await inbox.transaction((connection) => inbox.done(row, connection))
        const counts = await inbox.counts()
        assert.deepEqual([counts.waiting, counts.taken, counts.done, counts.dead], [2, 1, 1, 0])
        assert.ok(counts.oldestWaitingSeconds >= 100 && counts.oldestWaitingSeconds < 160)
        assert.ok(Object.isFrozen(counts))
        if (database.isPostgres) {
          await database.within('ROLLBACK', async () => {
            await sleep(50)
            assert.ok((await inbox.counts()).oldestTransactionSeconds >= 0.04)
          })
        } else {
          assert.equal(counts.oldestTransactionSeconds, undefined)
        }
      })
    })

    describe('a worker', { skip: isBrief }, () => {
      test('handles each row once, in the transaction of its effect', async () => {
        const inbox = database.inbox()
        const deliveries = new Map()
        for (let at = 0; at < 20; at++) {
          const delivery = newDelivery()
          deliveries.set((await inbox.put(delivery)).number, delivery.toRecord())
        }
        const handled = []
        const handler = async (delivery, connection, context) => {
          assert.ok(delivery instanceof Recorded && context.signal instanceof AbortSignal && Object.isFrozen(context))
          handled.push(delivery.toRecord())
          await effect(connection, handled.length)
        }
        await workUntil(inbox, handler, async () => (await inbox.counts()).done === 20)
        assert.deepEqual(handled.sort(), [...deliveries.values()].sort())
        assert.equal((await database.rows('SELECT * FROM effects')).length, 20)
      })

      test('a handler that fails has no effect, and its error leaves only its class', async () => {
        const inbox = database.inbox({ ...AT_ONCE, maxAttempts: 3 })
        const { number } = await inbox.put(newDelivery())
        class Declined extends Error {}
        const failures = []
        const handler = async (_delivery, connection) => {
          await effect(connection, number)
          throw new Declined(SECRET)
        }
        await workUntil(inbox, handler, async () => failures.length === 3, { onFailure: (row, error) => failures.push([row.number, row.attempts, row.state, row.error, error.message]) })
        assert.deepEqual(failures, [
          [number, 1, 'waiting', 'Declined', SECRET],
          [number, 2, 'waiting', 'Declined', SECRET],
          [number, 3, 'dead', 'Declined', SECRET],
        ])
        assert.deepEqual(await database.rows('SELECT * FROM effects'), [])
        const row = await rowOf({ number })
        assert.deepEqual([row.state, row.error], ['dead', 'Declined'])
        assert.ok(!JSON.stringify(row).includes(SECRET) && !Buffer.from(row.body).includes(SECRET))
      })

      test('a handler may fail at once, or with what is no Error', async () => {
        const inbox = database.inbox({ ...AT_ONCE, maxAttempts: 2 })
        const { number } = await inbox.put(newDelivery())
        const failures = []
        let calls = 0
        const handler = () => {
          calls += 1
          if (calls === 1) throw undefined
          return Promise.reject('text')
        }
        await workUntil(inbox, handler, async () => failures.length === 2, { onFailure: (row, error) => failures.push([row.error, error]) })
        assert.deepEqual(failures, [['Error', undefined], ['Error', 'text']])
        assert.equal((await rowOf({ number })).state, 'dead')
      })

      test('onFailure is awaited, and changes nothing if it fails', async () => {
        const inbox = database.inbox({ ...AT_ONCE, maxAttempts: 1, name: `telling_${plainName}` })
        await putMany(inbox, 3)
        const order = []
        const faults = [new Error(`a fault with ${name}`), `text of ${name}`, undefined]
        const onFailure = (row) => {
          order.push(`told ${row.number}`)
          const fault = faults[order.filter((what) => what.startsWith('told')).length - 1]
          if (fault instanceof Error) throw fault
          return sleep(30).then(() => {
            order.push(`heard ${row.number}`)
            throw fault
          })
        }
        const handler = async (delivery) => {
          order.push('handled')
          throw new Error(SECRET, { cause: delivery })
        }
        await workUntil(inbox, handler, () => order.length === 8, { onFailure })
        const [first, second, third] = (await inbox.dead()).map(({ number }) => number)
        assert.deepEqual(order, ['handled', `told ${first}`, 'handled', `told ${second}`, `heard ${second}`, 'handled', `told ${third}`, `heard ${third}`])
        const reported = logged.filter(([what]) => what === 'hookseal: onFailure failed:').map(([, text]) => text)
        assert.equal(reported.filter((text) => text.includes(`a fault with ${name}\n`)).length, 1)
        assert.ok(reported.includes('a string was thrown') && reported.includes('undefined was thrown'))
        assert.ok(reported.every((text) => !text.includes(SECRET)))
        assert.deepEqual(warningsOf(inbox), [])
      })

      test('without onFailure a failure is a warning without its text', async () => {
        const inbox = database.inbox({ ...AT_ONCE, maxAttempts: 2, name: plainName })
        const { number } = await inbox.put(newDelivery())
        await workUntil(inbox, () => Promise.reject(new RangeError(SECRET)), () => warningsOf(inbox).length === 2, { onFailure: undefined })
        assert.deepEqual(warningsOf(inbox), [
          `row ${number} failed at attempt 1 with RangeError, and waits for the next attempt`,
          `row ${number} failed at attempt 2 with RangeError, and is dead`,
        ])
      })

      for (const end of ['fails', 'returns']) {
        test(`a handler that ${end} after its lease has ended is told with LeaseEnded, and the row left to the other worker`, async () => {
          const inbox = database.inbox({ name: `late_${end}_${plainName}` })
          const { number } = await inbox.put(newDelivery())
          const failure = new RangeError(SECRET)
          const handler = async (_delivery, connection) => {
            await effect(connection, number)
            // As the server does with a transaction that takes too long.
            await database.runIn(connection, 'ROLLBACK')
            await makeDue()
            assert.equal((await database.inbox({ name: `late_${end}_${plainName}` }).take()).length, 1)
            if (end === 'fails') throw failure
          }
          const told = []
          await workUntil(inbox, handler, () => told.length > 0, { onFailure: (row, error) => told.push([row, error]) })
          assert.equal(told.length, 1)
          const [[row, error]] = told
          assert.ok(error instanceof LeaseEnded && error.name === 'LeaseEnded')
          assert.deepEqual([row.number, row.state, row.attempts], [number, 'taken', 1])
          if (end === 'fails') assert.equal(error.cause, failure)
          else assert.match(error.cause.message, /^the transaction was over/)
          const stored = await rowOf({ number })
          assert.deepEqual([stored.state, Number(stored.turn), stored.error], ['taken', 2, null])
          assert.deepEqual(await database.rows('SELECT * FROM effects'), [])

          // Without onFailure it is a warning.
          await makeDue()
          const another = database.inbox({ name: `late_${end}_${plainName}` })
          await workUntil(another, handler, () => warningsOf(another).length > 0, { onFailure: undefined })
          assert.deepEqual(warningsOf(another), [`row ${number} failed at attempt 3 with LeaseEnded, and another worker may have it`])
        })
      }

      test('close lets the running handler end, and ends nothing of the program', async () => {
        const inbox = database.inbox()
        await inbox.put(newDelivery('one'))
        let isOver = false
        let finish
        const working = inbox.work(async () => {
          await new Promise((resolve) => (finish = resolve))
          isOver = true
        })
        await until(() => finish !== undefined)
        const closed = inbox.close().then(() => assert.ok(isOver))
        await nextTurn()
        finish()
        await closed
        await working
        assert.deepEqual(await statesOf(), ['done'])
        assert.equal((await inbox.put(newDelivery('one'))).outcome, 'duplicate')
        assert.equal((await database.inbox().put(newDelivery())).outcome, 'stored')
        await inbox.close()
        await inbox.close()
      })

      test('a row whose process ended at its last attempt is told as dead, and not handled', async () => {
        const inbox = database.inbox({ maxAttempts: 1 })
        const { number } = await inbox.put(newDelivery())
        await inbox.take()
        await makeDue()
        const told = []
        await workUntil(inbox, () => assert.fail('it was handled'), async () => told.length > 0, { onFailure: (row, error) => told.push([row.number, row.state, row.error, error.name]) })
        assert.deepEqual(told, [[number, 'dead', 'LeaseEnded', 'LeaseEnded']])
      })

      test('stop lets the running handler end, and gives back what no handler began', async () => {
        const inbox = database.inbox({ rowsPerTake: 5 })
        await putMany(inbox, 5)
        const begun = []
        let finish
        const working = inbox.work(async (delivery, connection) => {
          begun.push(delivery)
          await effect(connection, 1)
          await new Promise((resolve) => (finish = resolve))
        })
        await until(() => finish !== undefined)
        let isStopped = false
        const stopped = inbox.stop().then(() => (isStopped = true))
        await sleep(50)
        assert.equal(isStopped, false)
        finish()
        await Promise.all([stopped, working])
        assert.equal(begun.length, 1)
        assert.equal((await database.rows('SELECT * FROM effects')).length, 1)
        const rows = await database.rows('SELECT state, attempts FROM hookseal_inbox ORDER BY number')
        assert.deepEqual(rows.map(({ state, attempts }) => `${state} ${attempts}`), ['done 1', ...Array(4).fill('waiting 0')])
        // All of them can be taken at once.
        assert.equal((await inbox.take()).length, 4)
      })

      test('a signal stops a worker, and an aborted one lets none begin', async () => {
        const inbox = database.inbox()
        const controller = new AbortController()
        let ended = 0
        const working = inbox.work(() => {}, { signal: controller.signal }).then(() => (ended += 1))
        const other = inbox.work(() => {})
        await putMany(inbox, 1)
        await until(async () => (await inbox.counts()).done === 1)
        controller.abort()
        await working
        assert.equal(ended, 1)
        await putMany(inbox, 1)
        await until(async () => (await inbox.counts()).done === 2)
        await inbox.stop()
        await other
        await inbox.work(() => assert.fail('it began'), { signal: AbortSignal.abort() })
        await inbox.stop()
      })

      test('a row that another worker has taken meanwhile is left to it', async () => {
        const inbox = database.inbox({ rowsPerTake: 2 })
        const [, second] = await putMany(inbox, 2)
        let calls = 0
        const handler = async (_delivery, connection) => {
          calls += 1
          await database.runIn(connection, `UPDATE hookseal_inbox SET turn = turn + 1, next_at = ${database.now} + ${database.seconds(60)} WHERE number = ${second.number}`)
        }
        await workUntil(inbox, handler, async () => (await inbox.counts()).done === 1)
        await sleep(20)
        assert.equal(calls, 1)
        assert.deepEqual(await statesOf(), ['done', 'taken'])
      })

      test('a record of a newer version is left for later, and any other bad record is a failure', async () => {
        const inbox = database.inbox({ maxAttempts: 1 })
        const [newer, bad, good] = await putMany(inbox, 3)
        await database.run(`UPDATE hookseal_inbox SET record = replace(record, '"hookseal_record":1', '"hookseal_record":2') WHERE number = ${newer.number}`)
        await database.run(`UPDATE hookseal_inbox SET record = 'no record' WHERE number = ${bad.number}`)
        const told = []
        let calls = 0
        await workUntil(inbox, () => void (calls += 1), async () => (await inbox.counts()).done === 1 && told.length === 1, { onFailure: (row, error) => told.push([row.number, row.error, error.code]) })
        assert.equal(calls, 1)
        assert.deepEqual(told, [[bad.number, 'RecordError', 'not_a_record']])
        const row = await rowOf(newer)
        assert.deepEqual([row.state, row.attempts, row.error], ['waiting', 0, null])
        const [{ isLater }] = await database.rows(`SELECT next_at > ${database.now} + ${database.seconds(50)} AS "isLater" FROM hookseal_inbox WHERE number = ${newer.number}`)
        assert.ok(isLater)
        assert.equal((await rowOf(good)).state, 'done')
      })

      test('a handler that ends its transaction itself is a failure', async () => {
        const inbox = database.inbox({ firstDelaySeconds: 1000 })
        const { number } = await inbox.put(newDelivery())
        const told = []
        await workUntil(inbox, (_delivery, connection) => database.runIn(connection, 'ROLLBACK'), async () => told.length > 0, { onFailure: (row, error) => told.push([row.number, row.state, error.name, error.message]) })
        assert.equal(told.length, 1)
        assert.deepEqual(told[0].slice(0, 3), [number, 'waiting', 'InboxUnavailableError'])
        assert.match(told[0][3], /leave COMMIT and ROLLBACK to the inbox/)
      })

      test('a handler that takes too long is ended with its transaction, and the next row is handled', async () => {
        const inbox = database.inbox({ handlerLimitSeconds: 1, leaseSeconds: 30, firstDelaySeconds: 1000 })
        const [{ number }] = await putMany(inbox, 2)
        const failures = []
        let calls = 0
        let seen
        let isOver = false
        const handler = async (_delivery, connection, { signal }) => {
          calls += 1
          await effect(connection, calls)
          if (calls > 1) return
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          seen = signal.reason.name
          // The connection is gone: nothing of this handler is stored any more.
          await sleep(50)
          await effect(connection, 7).finally(() => (isOver = true))
        }
        await workUntil(inbox, handler, async () => (await inbox.counts()).done === 1 && isOver, { onFailure: (row, error) => failures.push([row.number, row.state, row.error, error.name]) })
        assert.deepEqual(failures, [[number, 'waiting', 'TimeoutError', 'TimeoutError']])
        assert.equal(seen, 'TimeoutError')
        assert.deepEqual((await database.rows('SELECT number FROM effects')).map(({ number }) => Number(number)), [2])
      })

      test('a put of the same process wakes a worker that sleeps long, and it looks twice more before it sleeps again', async () => {
        const { inbox, takes } = database.watched({ pollMilliseconds: 60_000 })
        let calls = 0
        const working = inbox.work(() => void (calls += 1))
        await until(() => takes() === 1)
        for (let at = 1; at <= 3; at++) {
          await inbox.put(newDelivery())
          // The one with the row, one at once, and two after a while.
          await until(() => takes() === 1 + 4 * at)
          assert.equal(calls, at)
        }
        await sleep(100)
        assert.equal(takes(), 13)
        await inbox.stop()
        await working
      })

      test('a worker that nobody wakes looks by itself', async () => {
        const { inbox, takes } = database.watched({ pollMilliseconds: 100 })
        let calls = 0
        const working = inbox.work(() => void (calls += 1))
        await until(() => takes() === 1)
        await database.within('COMMIT', (connection) => inbox.put(newDelivery(), { connection }))
        await until(() => calls === 1)
        await inbox.stop()
        await working
      })

      test('wake is for who put in a transaction of its own', async () => {
        const { inbox, takes } = database.watched({ pollMilliseconds: 60_000 })
        let calls = 0
        const working = inbox.work(() => void (calls += 1))
        await until(() => takes() === 1)
        await database.within('COMMIT', (connection) => inbox.put(newDelivery(), { connection }))
        await sleep(100)
        assert.equal(calls, 0)
        assert.equal(await inbox.wake(), undefined)
        await until(() => calls === 1)
        await inbox.stop()
        await working
      })

      test('what work is given is checked at once', async () => {
        const inbox = database.inbox()
        for (const bad of [undefined, null, 7, {}]) await assert.rejects(inbox.work(bad), TypeError)
        await assert.rejects(inbox.work(function* () {}), { name: 'TypeError', message: /generator/ })
        await assert.rejects(inbox.work((_a, _b, _c, _done) => {}), { name: 'TypeError', message: /callback/ })
        await assert.rejects(inbox.work(() => {}, { onfailure: () => {} }), { name: 'TypeError', message: /onfailure is not an option of work/ })
        await assert.rejects(inbox.work(() => {}, { onFailure: 7 }), TypeError)
        await assert.rejects(inbox.work(() => {}, { signal: {} }), TypeError)
        await assert.rejects(inbox.transaction(7), TypeError)
      })
    })

    describe('a table', () => {
      const setVersion = (version) => database.run(`UPDATE hookseal_version SET version = ${version}`)
      afterEach(() => setVersion(1))
      const isUnavailable = (message) => (error) => {
        assert.ok(error instanceof InboxUnavailableError, `${error}`)
        assert.equal(error.name, 'InboxUnavailableError')
        assert.match(error.message, message)
        return true
      }

      test('of another version is refused with what to do', async () => {
        for (const [version, message] of [[0, /version 0, and this hookseal needs version 1: run the migration/], [2, /version 2, and this hookseal knows version 1: update hookseal/]]) {
          await setVersion(version)
          const inbox = database.inbox()
          await assert.rejects(inbox.put(newDelivery()), isUnavailable(message))
          await assert.rejects(inbox.take(), isUnavailable(message))
          await assert.rejects(inbox.counts(), isUnavailable(message))
          await assert.rejects(inbox.transaction(() => {}), isUnavailable(message))
          await database.within('ROLLBACK', (connection) => assert.rejects(inbox.put(newDelivery(), { connection }), isUnavailable(message)))
          await setVersion(1)
          // It is looked up again until it was right.
          assert.equal((await inbox.put(newDelivery())).outcome, 'stored')
        }
      })

      test('is looked up once', async () => {
        const inbox = database.inbox()
        await inbox.put(newDelivery())
        await setVersion(2)
        assert.equal((await inbox.put(newDelivery())).outcome, 'stored')
      })

      test('that is not there is made by the program', async () => {
        const other = await open()
        await other.run('DROP TABLE hookseal_inbox')
        await other.run('DROP TABLE hookseal_version')
        const inbox = other.inbox()
        const message = new RegExp(`has no table of the inbox: run the SQL that tables\\('${other.isPostgres ? 'postgresql' : 'sqlite'}'\\) returns`)
        await assert.rejects(inbox.put(newDelivery()), isUnavailable(message))
        await other.run('CREATE TABLE hookseal_version (part text PRIMARY KEY, version integer NOT NULL)')
        await assert.rejects(inbox.put(newDelivery()), isUnavailable(message))
        await other.run('DROP TABLE hookseal_version')
        await other.run(tables(other.isPostgres ? 'postgresql' : 'sqlite'))
        assert.equal((await inbox.put(newDelivery())).outcome, 'stored')
        await other.close()
      })
    })

    test('settings have the ranges of the core', () => {
      const bad = [
        { maxWaiting: 0 }, { maxWaiting: 1_000_000_001 }, { rowsPerTake: 1001 }, { handlerLimitSeconds: 0.5 }, { leaseSeconds: 1 }, { maxAttempts: NaN }, { firstDelaySeconds: -1 },
        { longestDelaySeconds: Infinity }, { keepDoneSeconds: -1 }, { pollMilliseconds: 9 }, { lockTimeoutMilliseconds: 0 },
      ]
      for (const options of bad) {
        const [[name]] = Object.entries(options)
        assert.throws(() => database.inbox(options), { name: 'RangeError', message: new RegExp(`^${name} must be a whole number from \\d+ to \\d+$`) })
      }
      for (const options of [{ maxWaiting: '7' }, { maxWaiting: 7n }, { maxWaiting: null }, { name: 7 }, { name: null }]) assert.throws(() => database.inbox(options), TypeError)
      for (const name of ['', ' ', 'a b', 'é', "a'b", 'a\0', 'n'.repeat(101)]) assert.throws(() => database.inbox({ name }), { name: 'RangeError', message: /^the name of an inbox/ })
      for (const options of [{ handlerLimitSeconds: 120 }, { leaseSeconds: 60 }, { leaseSeconds: 10 }]) {
        assert.throws(() => database.inbox(options), { name: 'RangeError', message: /^leaseSeconds must be more than handlerLimitSeconds/ })
      }
      assert.throws(() => database.inbox({ maxwaiting: 7 }), { name: 'TypeError', message: /^maxwaiting is not an option of Inbox: it has name, maxWaiting, / })
      assert.throws(() => database.inbox(Object.create({ __proto__: null, leaseSeconds: 7 })), { name: 'TypeError', message: /^leaseSeconds is inherited/ })
      const inbox = database.inbox({ name: 'Orders-2.eu_west', maxWaiting: undefined })
      assert.ok(Object.isFrozen(inbox))
      assert.equal(inspect(inbox), 'Inbox(Orders-2.eu_west)')
    })
  })
}

// One after the other, because the clock is everybody's.
describe('the inbox, with a clock that stands and is moved', () => {
  for (const { name, open, isBrief = false } of DATABASES) {
    describe(name, { skip: isBrief || (name.startsWith('pg') && !isPossible) }, () => {
      let database
      let clock
      beforeEach(async (t) => {
        database = await open()
        clock = performance.now()
        t.mock.method(performance, 'now', () => clock)
      })
      afterEach(() => database.close())

      test('a full inbox stores nothing more, but knows a repetition', async () => {
        const inbox = database.inbox({ maxWaiting: 3 })
        const texts = ['a', 'b', 'c', 'd', 'e']
        const outcomes = []
        for (const text of texts) outcomes.push((await inbox.put(newDelivery(text))).outcome)
        assert.deepEqual(outcomes, ['stored', 'stored', 'stored', 'full', 'full'])
        assert.deepEqual(await inbox.put(newDelivery('b')), { outcome: 'duplicate' })
        assert.ok(Object.isFrozen(await inbox.put(newDelivery('f'))))
        // Rows that are taken count too.
        const [row] = await inbox.take()
        clock += 110
        assert.equal((await inbox.put(newDelivery('d'))).outcome, 'full')
        await inbox.transaction((connection) => inbox.done(row, connection))
        clock += 110
        assert.equal((await inbox.put(newDelivery('d'))).outcome, 'stored')
        assert.equal((await inbox.put(newDelivery('e'))).outcome, 'full')
      })

      test('an inbox is counted once a second, with its own puts in between, and again near the limit', async () => {
        const inbox = database.inbox({ maxWaiting: 4 })
        const other = database.inbox()
        assert.equal((await inbox.put(newDelivery())).outcome, 'stored')
        await putMany(other, 10)
        // The count of a moment ago is used, plus one's own.
        for (let at = 0; at < 3; at++) assert.equal((await inbox.put(newDelivery())).outcome, 'stored')
        assert.equal((await inbox.put(newDelivery())).outcome, 'full')
        // The limit is reached by its own count, so it looks, and there is room.
        const third = database.inbox({ maxWaiting: 16 })
        await third.put(newDelivery())
        await third.put(newDelivery())
        await database.run("UPDATE hookseal_inbox SET state = 'done'")
        assert.equal((await third.put(newDelivery())).outcome, 'stored')
        // After a second it is counted again.
        const slow = database.inbox({ maxWaiting: 4 })
        await slow.put(newDelivery())
        await putMany(other, 10)
        clock += 1010
        assert.equal((await slow.put(newDelivery())).outcome, 'full')
      })

      test('rows of a batch whose lease would not last are given back', async () => {
        const inbox = database.inbox({ rowsPerTake: 4, handlerLimitSeconds: 1, leaseSeconds: 2 })
        await putMany(inbox, 4)
        const seen = []
        const handler = async () => {
          seen.push((await database.rows('SELECT number, state, attempts, turn FROM hookseal_inbox ORDER BY number')).map(({ state, attempts, turn }) => `${state} ${attempts} ${turn}`))
          clock += seen.length < 3 ? 600 : 0
        }
        await workUntil(inbox, handler, async () => (await inbox.counts()).done === 4)
        assert.deepEqual((await database.rows('SELECT attempts, turn FROM hookseal_inbox ORDER BY number')).map(({ attempts, turn }) => `${attempts} ${turn}`), ['1 1', '1 1', '1 2', '1 2'])
      })
    })
  }
})

test('the declarations state the defaults of the core, each once', () => {
  const { settings, ranges } = createRequire(import.meta.url)('../lib/native.cjs').native.inbox
  const [, body] = /interface InboxOptions \{\n(.*?)^\}/ms.exec(readFileSync(new URL('../adapters/inbox.d.cts', import.meta.url), 'utf8'))
  const stated = [...body.matchAll(/\/\*\*(.*?)\*\/\s*(\w+)\?:/gs)].map(([, text, option]) => [option, text.replace(/\s*\*\s*/g, ' ').match(/(?<=[Bb]y default )[\d,]*\d/g)?.map((number) => Number(number.replaceAll(',', '')))])
  const expected = settings.map((name, at) => [name.replace(/_[a-z]/g, (pair) => pair[1].toUpperCase()), [ranges[at][0]]])
  assert.deepEqual(stated, [['name', undefined], ...expected])
})

test('the tables are those of the core', () => {
  assert.match(tables('postgresql'), /CREATE TABLE hookseal_inbox \(/)
  assert.match(tables('sqlite'), /AUTOINCREMENT/)
  for (const bad of [undefined, 'mysql', 'toString', '__proto__']) assert.throws(() => tables(bad), { name: 'TypeError', message: /postgresql and sqlite/ })
})
