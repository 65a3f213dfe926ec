// Injects faults into the Node package. Each must give an ordinary error or a clean exit.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { Worker } from 'node:worker_threads'

const MODULE = new URL('../../bindings-node/index.js', import.meta.url).href
const { Receiver } = await import(MODULE)

const event = (n) => `{"type":"$view","email":"a${n}@example.com","n":[1,"x"]}`
const BODY = `{"events":[${Array.from({ length: 20 }, (_, n) => event(n))}]}`
const receiver = Receiver.bento({ bearer: 'secret' })
const headers = { authorization: 'Bearer secret' }

let tried = 0

function readAll(body = Buffer.from(BODY)) {
  const received = receiver.receive({ method: 'POST', headers, body })
  for (const { kind, name, id, subject, time, data, raw } of received) void [kind, name, id, subject, time, data, raw]
  return received.length
}

function headersThatThrow() {
  const fail = () => {
    throw new EvalError('own')
  }
  const throwing = [
    Object.defineProperty({}, 'authorization', { enumerable: true, get: fail }),
    new Proxy({}, { get: fail, has: fail, ownKeys: fail, getOwnPropertyDescriptor: fail }),
    new Proxy(headers, { ownKeys: fail }),
    { [Symbol.iterator]: fail },
    [{ [Symbol.iterator]: fail }],
    { authorization: { toString: fail, [Symbol.toPrimitive]: fail } },
    [['authorization', { toString: fail }]],
    Object.assign(Object.create({ get authorization() { return fail() } }), {}),
  ]
  for (const one of throwing) {
    tried += 1
    try {
      receiver.receive({ method: 'POST', headers: one, body: Buffer.from(BODY) })
      assert.fail('headers that throw were accepted')
    } catch (error) {
      // The program's own error, an error about the arguments, or a refusal. Never a crash.
      assert.ok(error instanceof Error && error.code !== 'ERR_ASSERTION', String(error))
    }
  }
  assert.equal(readAll(), 20)
}

function buffersThatAreDetached() {
  for (const size of [BODY.length, 100_000]) {
    for (const early of [true, false]) {
      tried += 1
      const memory = new ArrayBuffer(size)
      const body = new Uint8Array(memory)
      body.fill(0x20)
      body.set(Buffer.from(BODY))
      let after
      const detaching = {
        get authorization() {
          if (early) structuredClone(null, { transfer: [memory] })
          return 'Bearer secret'
        },
      }
      try {
        after = receiver.receive({ method: 'POST', headers: detaching, body })
        if (!early) structuredClone(null, { transfer: [memory] })
        assert.equal([...after].length, 20)
        assert.equal([...after][19].subject.id, 'a19@example.com')
      } catch (error) {
        assert.ok(error instanceof Error && error.code !== 'ERR_ASSERTION', String(error))
      }
    }
  }
  tried += 1
  const gone = new Uint8Array(Buffer.from(BODY))
  structuredClone(null, { transfer: [gone.buffer] })
  assert.throws(() => receiver.receive({ method: 'POST', headers, body: gone }))
}

/** A worker with a heap that is too small ends with an error, and this process continues. */
async function memoryThatRunsOut() {
  tried += 1
  const program = `
    const { workerData } = require('node:worker_threads')
    import(workerData.module).then(({ Receiver }) => {
      const receiver = Receiver.bento({ bearer: 'secret' })
      const kept = []
      for (;;) {
        const received = receiver.receive({ method: 'POST', headers: { authorization: 'Bearer secret' }, body: Buffer.from(workerData.body) })
        kept.push([...received].map((event) => [event, event.data, event.raw.toString()]))
      }
    })`
  const worker = new Worker(program, {
    eval: true,
    workerData: { module: MODULE, body: BODY },
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
  })
  const error = await new Promise((resolve) => worker.once('error', resolve).once('exit', resolve))
  assert.equal(error.code, 'ERR_WORKER_OUT_OF_MEMORY')
  assert.equal(readAll(), 20)
}

const START = `const { Receiver } = await import(${JSON.stringify(MODULE)})
  const receiver = Receiver.bento({ bearer: 'secret' })
  const receive = () => receiver.receive({ method: 'POST', headers: { authorization: 'Bearer secret' }, body: Buffer.from(${JSON.stringify(BODY)}) })
  globalThis.kept = [...receive()]
`
const EXITS = {
  'events in a global': '',
  'an exit in the middle': 'for (const event of receive()) process.exit(0)',
  'events read at the exit': "process.on('exit', () => kept.map((event) => event.data))",
  'a finalizer at the exit': 'new FinalizationRegistry(() => kept[0].kind).register(receive()); globalThis.gc?.()',
  'workers that are ended': `
    const { Worker } = await import('node:worker_threads')
    const work = "import(" + ${JSON.stringify(JSON.stringify(MODULE))} + ").then(({ Receiver }) => { const receiver = Receiver.benji('salt'); for (;;) receiver.tryReceive({ method: 'POST', headers: {}, body: Buffer.alloc(9) }) })"
    const workers = Array.from({ length: 3 }, () => new Worker(work, { eval: true }))
    await new Promise((resolve) => setTimeout(resolve, 500))
    await Promise.all(workers.slice(1).map((worker) => worker.terminate()))
    process.exit(0)`,
}

function processesThatEnd() {
  for (const [name, program] of Object.entries(EXITS)) {
    tried += 1
    const done = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', START + program], {
      encoding: 'utf8',
      timeout: 600_000,
    })
    assert.equal(done.status, 0, `${name}: ${done.signal ?? done.status}\n${done.stderr}`)
    assert.equal(done.stderr, '', name)
  }
}

let findings = 0
for (const check of [headersThatThrow, buffersThatAreDetached, memoryThatRunsOut, processesThatEnd]) {
  try {
    await check()
  } catch (error) {
    findings += 1
    console.log(`  ${check.name}: ${error.stack}`)
  }
}
console.log(`${'faults in Node'.padEnd(22)} ${String(tried).padStart(13)} faults  ${findings} findings`)
process.exitCode = findings > 0 ? 1 : 0
