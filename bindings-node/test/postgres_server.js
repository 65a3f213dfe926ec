// PostgreSQL servers for the tests, each on a free port and in a folder of its own, and a pgbouncer before one.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { tables } from 'hookseal/inbox/pg'
import pg from 'pg'

import { freePort, until } from './redis_server.js'

const LEFT_OUT = fileURLToPath(new URL('../../hardening/left_out.sh', import.meta.url))
const INSTALLED = '/usr/lib/postgresql'

/** The folder with the server's programs; undefined if there is none. Debian does not put it in the PATH. */
function programs() {
  const installed = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort((one, other) => other - one) : []
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...installed.map((version) => join(INSTALLED, version, 'bin'))]
  return folders.find((folder) => ['initdb', 'postgres', 'psql'].every((name) => existsSync(join(folder, name))))
}

/** Reports a tool that is missing. Where there must be one, an error says how to install it. */
function isThere(found, tool, command, what) {
  if (!found) execFileSync(LEFT_OUT, ['--missing', tool, command, what], { stdio: 'inherit' })
  return found
}

/** Reports a check for which no tool could be installed. */
export const leftOut = (what, why) => void execFileSync(LEFT_OUT, [what, why], { stdio: 'inherit' })

export const hasPostgres = (what) => isThere(programs() !== undefined, 'initdb of PostgreSQL', 'apt-get install postgresql', what)

export const hasPgbouncer = (what) => isThere(spawnSync('pgbouncer', ['--version']).status === 0, 'pgbouncer', 'apt-get install pgbouncer', what)

/** PostgreSQL refuses to run as root: then it runs as the user that its package makes. */
function runner() {
  if (process.getuid?.() !== 0) return {}
  const id = (which) => Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/**
 * Starts a server with these settings. `database` makes a database with the tables, and gives its URL; `restart` ends
 * the server as a crash does and starts it again on its port; `stop` ends it and removes its folder.
 */
export async function startPostgres(settings = {}) {
  const user = runner()
  const folder = mkdtempSync(join(tmpdir(), 'hookseal-postgres-'))
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const port = await freePort()
  const program = (name) => join(programs(), name)
  execFileSync(program('initdb'), ['--pgdata', data, '--username=tests', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'], { ...user, cwd: folder, stdio: 'pipe' })
  const all = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: 60,
    shared_buffers: '16MB',
    log_min_messages: 'fatal',
    ...settings,
  }
  let server
  const kill = () => server.kill('SIGQUIT')
  const url = (database) => `postgresql://tests@127.0.0.1:${port}/${database}`
  const start = async () => {
    server = spawn(program('postgres'), ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])], { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    let errors = ''
    server.stderr.on('data', (text) => (errors += text))
    const ended = once(server, 'exit').then(() => {
      throw new Error(`postgres ended: ${errors}`)
    })
    ended.catch(() => {})
    await Promise.race([until(async () => (await query(url('postgres'), 'SELECT 1')).length === 1, `postgres on port ${port}`), ended])
  }
  const end = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    // An immediate shutdown, after which the server recovers as after a crash.
    kill()
    await ended
  }
  process.on('exit', kill)
  await start()
  let count = 0
  let last = Promise.resolve()
  await query(url('postgres'), 'CREATE DATABASE with_tables')
  await query(url('with_tables'), tables('postgresql'))
  // PostgreSQL 15 and later would write the copy to its log, which takes three times as long without fsync.
  const [{ isNew }] = await query(url('postgres'), `SELECT current_setting('server_version_num')::int >= 150000 AS "isNew"`)
  const strategy = isNew ? 'STRATEGY file_copy' : ''
  return {
    port,
    async database() {
      count += 1
      const name = `test_${count}`
      // A database is copied by one at a time.
      last = last.then(() => query(url('postgres'), `CREATE DATABASE ${name} TEMPLATE with_tables ${strategy}`))
      await last
      return url(name)
    },
    kill: end,
    start,
    async restart() {
      await end()
      await start()
    },
    async stop() {
      process.off('exit', kill)
      await end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The rows of a statement on a connection of its own. */
export async function query(url, text, values) {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query(text, values)
    return rows ?? []
  } finally {
    await client.end()
  }
}

/** Runs a statement while nothing else in this process runs. */
export function queryNow(url, text) {
  execFileSync(join(programs(), 'psql'), [url, '-c', text], { stdio: 'pipe' })
}

/** Starts a pgbouncer in transaction mode, which gives each transaction any of its few connections to the server. */
export async function startPgbouncer(server) {
  const user = runner()
  const folder = mkdtempSync(join(tmpdir(), 'hookseal-pgbouncer-'))
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
  const port = await freePort()
  const path = join(folder, 'pgbouncer.ini')
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'transaction',
    default_pool_size: 3,
    max_client_conn: 100,
    logfile: join(folder, 'log'),
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  writeFileSync(path, `[databases]\n* = host=127.0.0.1 port=${server.port} user=tests\n[pgbouncer]\n${lines.join('\n')}\n`)
  const bouncer = spawn('pgbouncer', ['-q', path], { ...user, cwd: folder, stdio: 'ignore' })
  const kill = () => bouncer.kill('SIGKILL')
  process.on('exit', kill)
  const through = (url) => url.replace(/:\d+\//, `:${port}/`)
  await until(async () => (await query(through(`postgresql://tests@127.0.0.1:${server.port}/postgres`), 'SELECT 1')).length === 1, `pgbouncer on port ${port}`)
  return {
    through,
    async stop() {
      process.off('exit', kill)
      const ended = once(bouncer, 'exit')
      kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
