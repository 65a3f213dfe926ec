// Redis servers for the tests, each on a free port and in a folder of its own; and one that answers what a test says.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const LEFT_OUT = fileURLToPath(new URL('../../hardening/left_out.sh', import.meta.url))
const READY_MILLISECONDS = 10_000

/** Whether there is a server to test with. Where there must be one, an error says how to install it. */
export function hasRedis(what) {
  const { stdout } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' })
  if (Number(stdout?.match(/ v=(\d+)\./)?.[1]) >= 7) return true
  execFileSync(LEFT_OUT, ['--missing', 'redis-server of Redis 7 or later', 'apt-get install redis-server', what], { stdio: 'inherit' })
  return false
}

/** Starts a server with these options. `stop` ends it and removes its folder; `restart` starts it again on its port. */
export function startRedis(...options) {
  return startServer((port, folder) => ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no', ...options])
}

/** Starts a cluster of two servers, each with half of the keys. */
export async function startCluster() {
  const started = []
  for (let at = 0; at < 2; at++) {
    // By default the other port is 10000 above the first, which may be more than there is.
    started.push(await startRedis('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-port', await freePort()))
  }
  const [first, second] = started
  await ask(first.port, 'CLUSTER ADDSLOTSRANGE 0 8191')
  await ask(second.port, 'CLUSTER ADDSLOTSRANGE 8192 16383')
  const [, bus] = (await ask(second.port, 'CONFIG GET cluster-port')).match(/(\d+)\r\n$/)
  await ask(first.port, `CLUSTER MEET 127.0.0.1 ${second.port} ${bus}`)
  for (const { port } of started) {
    await until(async () => {
      const info = await ask(port, 'CLUSTER INFO')
      return info.includes('cluster_state:ok') && info.includes('cluster_size:2')
    }, `the cluster on port ${port}`)
  }
  return { ports: started.map(({ port }) => port), url: first.url, stop: () => Promise.all(started.map(({ stop }) => stop())) }
}

/** Starts a sentinel that watches the server on a port by the name `main`. */
export function startSentinel(watched) {
  return startServer((port, folder) => {
    const path = join(folder, 'sentinel.conf')
    writeFileSync(path, `port ${port}\nbind 127.0.0.1\ndir ${folder}\nsentinel monitor main 127.0.0.1 ${watched} 1\n`)
    return [path, '--sentinel']
  })
}

async function startServer(optionsFor) {
  const folder = mkdtempSync(join(tmpdir(), 'hookseal-redis-'))
  const port = await freePort()
  const given = optionsFor(port, folder)
  let server
  const kill = () => server.kill('SIGKILL')
  const start = async () => {
    server = spawn('redis-server', given.map(String), { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    server.stdout.on('data', (text) => (output += text))
    const ended = once(server, 'exit').then(() => {
      throw new Error(`redis-server ended: ${output}`)
    })
    ended.catch(() => {})
    await Promise.race([until(async () => (await ask(port, 'PING')) === '+PONG\r\n', `redis-server on port ${port}`), ended])
  }
  process.on('exit', kill)
  await start()
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async restart() {
      const ended = once(server, 'exit')
      kill()
      await ended
      await start()
    },
    async stop() {
      process.off('exit', kill)
      const ended = once(server, 'exit')
      if (server.exitCode === null && server.signalCode === null) {
        kill()
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until it is so. */
export async function until(isSo, what) {
  const end = Date.now() + READY_MILLISECONDS
  while (!(await isSo().catch(() => false))) {
    if (Date.now() > end) throw new Error(`${what} is not ready`)
    await sleep(20)
  }
}

async function ask(port, command) {
  const socket = connect(port, '127.0.0.1')
  try {
    socket.write(`${command}\r\n`)
    const [answer] = await once(socket, 'data')
    return answer.toString()
  } finally {
    socket.destroy()
  }
}

/**
 * A server of RESP2 that answers with what `answerTo(command, ...arguments)` returns: bytes of the protocol, CLOSE or
 * SILENCE. Undefined is the usual answer to what a client sends when it connects.
 */
export async function startFake(answerTo) {
  const sockets = new Set()
  const server = createServer((socket) => {
    sockets.add(socket)
    let rest = Buffer.alloc(0)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes])
      for (let read = firstCommand(rest); read !== undefined; read = firstCommand(rest)) {
        rest = rest.subarray(read.length)
        const [command, ...given] = read.words
        const answer = answerTo(command.toUpperCase(), ...given) ?? USUAL[command.toUpperCase()]
        if (answer === CLOSE) socket.destroy()
        else if (answer !== SILENCE) socket.write(answer ?? '-ERR unknown command\r\n')
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export const CLOSE = Symbol('the connection is closed')
export const SILENCE = Symbol('no answer')
const USUAL = {
  CLIENT: '+OK\r\n',
  HELLO: `*4\r\n${bulk('version')}${bulk('7.2.0')}${bulk('proto')}:2\r\n`,
  INFO: bulk('# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\nredis_version:7.2.0\r\nloading:0\r\n'),
}

export function bulk(text) {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`
}

/** The first command of what was sent, and how many bytes it takes; undefined where it is not all there. */
function firstCommand(bytes) {
  const text = bytes.latin1Slice()
  const lines = /^\*(\d+)\r\n/.exec(text)
  if (lines === null) return undefined
  const words = []
  let at = lines[0].length
  for (let count = Number(lines[1]); count > 0; count--) {
    const head = /^\$(\d+)\r\n/.exec(text.slice(at))
    if (head === null) return undefined
    const start = at + head[0].length
    at = start + Number(head[1]) + 2
    if (at > text.length) return undefined
    words.push(text.slice(start, at - 2))
  }
  return { words, length: at }
}

/** A proxy that hands a command on, waits for its answer, and then closes the connection. */
export async function startLossyProxy(port, isLost) {
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    const close = () => {
      client.destroy()
      upstream.destroy()
    }
    let lost = false
    client.on('error', close).on('close', close)
    upstream.on('error', close).on('close', close)
    client.on('data', (bytes) => {
      lost ||= isLost(bytes.latin1Slice())
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => (lost ? close() : client.write(bytes)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: server.address().port, stop: () => server.close() }
}
