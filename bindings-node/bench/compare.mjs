// Compares hookseal with other ways to check and read the same webhook.
//
//     node bench/compare.mjs [--json <file>] [--check]
//
// All contenders of a case take turns; a ratio is the median of those of the turns, so that a busy machine disturbs it
// little. With --check the exit status tells whether every target was met.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { cases } from './cases.mjs'

const TURN_NANOSECONDS = 4_000_000
const { values: options } = parseArgs({ options: { json: { type: 'string' }, check: { type: 'boolean' } } })

const rows = []
for (const { name, rounds, contenders, targets } of await cases()) {
  const turns = await measure(contenders, rounds)
  const ours = turns.hookseal
  for (const [peer, theirs] of Object.entries(turns)) {
    const ratio = theirs && median(theirs.map((nanoseconds, turn) => nanoseconds / ours[turn]))
    rows.push({ case: name, peer, median_ns: theirs && Math.round(median(theirs)), ratio: ratio && Number(ratio.toFixed(2)), target: targets[peer] })
  }
}

console.table(rows.map(({ median_ns, ...row }) => ({ ...row, median_ns: median_ns ?? 'absent' })))
if (options.json !== undefined) {
  const shown = rows.filter(({ median_ns }) => median_ns !== undefined).map(({ target, ...row }) => row)
  writeFileSync(options.json, `${JSON.stringify({ language: 'node', cases: shown }, null, 2)}\n`)
}
const missed = rows.filter(({ ratio, target }) => ratio < target)
for (const { case: name, peer, ratio, target } of missed) console.log(`missed: ${name} against ${peer}: ${ratio}, not ${target}`)
if (options.check && missed.length > 0) process.exitCode = 1

/** The nanoseconds of each contender in each turn; undefined for one that is absent. */
async function measure(contenders, rounds) {
  const present = Object.entries(contenders).filter(([, run]) => run !== undefined)
  const times = {}
  const turns = Object.fromEntries(Object.keys(contenders).map((name) => [name, undefined]))
  for (const [name, run] of present) {
    turns[name] = []
    // Long enough for the compiler; then as many runs as fill a turn.
    for (let warm = 0; warm < 10; warm++) await timed(run, Math.ceil(TURN_NANOSECONDS / (await timed(run, 10))))
    times[name] = Math.max(1, Math.ceil(TURN_NANOSECONDS / (await timed(run, 1000))))
  }
  for (let turn = 0; turn < rounds; turn++) {
    for (const [name, run] of present) turns[name].push(await timed(run, times[name]))
  }
  return turns
}

/** Nanoseconds a run. */
async function timed(run, times) {
  const isAsynchronous = run() instanceof Promise
  const start = process.hrtime.bigint()
  if (isAsynchronous) for (let count = 0; count < times; count++) await run()
  else for (let count = 0; count < times; count++) run()
  return Number(process.hrtime.bigint() - start) / times
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}
