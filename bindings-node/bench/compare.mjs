// Compares hookseal with other ways to check and read the same webhook.
//
//     node bench/compare.mjs [--json <file>] [--check]
//
// All contenders of a case take turns. The ratio is the median of the ratios in each turn, so a busy machine disturbs
// it little. A contender that is not installed is listed without a time. With --check the exit status says whether
// every target was met.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { cases } from './cases.mjs'

// A turn is far shorter than the milliseconds for which the operating system lets another program run. On a busy
// machine every second turn of a longer kind would contain such a pause, and the median would measure the pauses.
// Garbage collections fall into few turns too, so the medians leave them out, for every contender alike.
const TURN_NANOSECONDS = 250_000
const TURNS = 400
// Long enough for the compiler to optimize a contender.
const WARM_UP_MILLISECONDS = 200
const { values: options } = parseArgs({ options: { json: { type: 'string' }, check: { type: 'boolean' } } })

const rows = []
for (const { name, contenders, targets } of await cases()) {
  const turns = await measure(name, contenders)
  const ours = turns.hookseal
  for (const [peer, theirs] of Object.entries(turns)) {
    const ratio = theirs && median(theirs.map((nanoseconds, turn) => nanoseconds / ours[turn]))
    rows.push({ case: name, peer, median_ns: theirs && Math.round(median(theirs)), ratio: ratio && Number(ratio.toFixed(2)), target: targets[peer] })
  }
}

console.table(rows.map(({ median_ns, ...row }) => ({ ...row, median_ns: median_ns ?? 'absent' })))
if (options.json !== undefined) {
  const shown = rows.map(({ target, median_ns = null, ratio = null, ...row }) => ({ ...row, median_ns, ratio }))
  writeFileSync(options.json, `${JSON.stringify({ language: 'node', cases: shown }, null, 2)}\n`)
}
const missed = rows.filter(({ ratio, target }) => ratio < target)
for (const { case: name, peer, ratio, target } of missed) console.log(`missed: ${name} against ${peer}: ${ratio}, not ${target}`)
if (options.check && missed.length > 0) process.exitCode = 1

/** The nanoseconds of each contender in each turn. Undefined for an absent contender. */
async function measure(of, contenders) {
  const present = Object.entries(contenders).filter(([, run]) => run !== undefined)
  const times = {}
  const turns = Object.fromEntries(Object.keys(contenders).map((name) => [name, undefined]))
  for (const [name, run] of present) {
    turns[name] = []
    try {
      await run()
    } catch (cause) {
      throw new Error(`the benchmark "${of}" stops at ${name}`, { cause })
    }
    let fastest = Infinity
    for (const end = performance.now() + WARM_UP_MILLISECONDS; performance.now() < end; ) fastest = Math.min(fastest, await timed(run, 10))
    times[name] = Math.ceil(TURN_NANOSECONDS / fastest)
  }
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [name, run] of present) {
      // First one uncounted turn: the caches still hold data of the previous contender.
      await timed(run, times[name])
      turns[name].push(await timed(run, times[name]))
    }
  }
  return turns
}

/** The nanoseconds of one run. */
async function timed(run, times) {
  const first = run()
  const isAsynchronous = first instanceof Promise
  await first
  const start = process.hrtime.bigint()
  if (isAsynchronous) for (let count = 0; count < times; count++) await run()
  else for (let count = 0; count < times; count++) run()
  return Number(process.hrtime.bigint() - start) / times
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}
