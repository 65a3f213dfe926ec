// The package from `npm pack` can be installed in an empty project. The READMEs' examples run there and the types
// compile.

import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { sign } from 'hookseal'

import { hasPostgres, query, startPostgres } from './postgres_server.js'
import { BODY, begin, send, statusOf } from './requests.js'

const { platform } = createRequire(import.meta.url)('../lib/native.cjs')
const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const LICENSES = ['LICENSE-APACHE', 'LICENSE-MIT']
const ID = '0f8fad5b-d9cb-469f-a165-70867728950e'
const OUTPUT = `transaction.created 'transaction/${ID}' 32\n`
// Codes that set a terminal's title, clear its screen or move its cursor. Only some terminals know the last two.
const CODES = ['\u001b]0;title\u0007', '\u001b[2J', '\b\r', '\u007f', '\u009b2J']
/** The characters that control a terminal. */
const DRIVING = /[^\P{Cc}\n]/u

/** Runs before a server, and sends the port that the system chose to the test. */
const TELL_PORT = `
  const { Server } = require('node:net')
  const { listen } = Server.prototype
  Server.prototype.listen = function (...options) {
    return listen.apply(this, options).once('listening', () => process.send(this.address().port))
  }`

const folder = mkdtempSync(join(tmpdir(), 'hookseal-package-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Runs npm without its own network traffic. */
function npm(cwd, ...args) {
  return execFileSync('npm', [...args, '--offline', '--no-audit', '--no-fund', '--loglevel=error'], { cwd, encoding: 'utf8' })
}

/** A project with these tarballs, and links to packages of the tests: by name, or as a name and where to find it. */
function project(name, tarballs, linked = []) {
  const path = join(folder, name)
  mkdirSync(path)
  writeFileSync(join(path, 'package.json'), '{"private":true}')
  npm(path, 'install', ...tarballs)
  for (const [dependency, of] of linked.map((one) => [one].flat())) {
    const link = join(path, 'node_modules', dependency)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(at(`../node_modules/${of ?? dependency}`), link, 'junction')
  }
  return path
}

function pack(path) {
  const [{ filename }] = JSON.parse(npm(path, 'pack', '--json', `--pack-destination=${folder}`))
  return join(folder, filename)
}

/** The files of the package at a path. */
function packed(path) {
  const [{ files }] = JSON.parse(npm(path, 'pack', '--json', '--dry-run'))
  return files.map(({ path }) => path)
}

const node = (cwd, ...args) => execFileSync(process.execPath, args, { cwd, encoding: 'utf8' })

/** The examples of a README. */
function blocks(path, language = 'js') {
  if (!existsSync(path)) return []
  return [...readFileSync(path, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, named]) => named === language).map(([, , code]) => code)
}

/** The examples that run by themselves. */
const examples = (path) => blocks(path).filter((code) => code.includes("from 'hookseal'") && !code.includes("from 'hookseal/") && !isOutgoing(code))

/** Whether outgoing_examples.test.js runs the example. */
const isOutgoing = (code) => code.includes('send.mjs')

/** Each occurs in one example alone. */
const SPECIAL = ['prom-client', 'ReplayGuard', 'SIGHUP']

/** The example that uses an adapter and contains a text. */
function adapterExample(adapter, text) {
  const isOfInbox = (code) => code.includes("from 'hookseal/inbox/")
  const isMeant = (code) => isOfInbox(code) === adapter.startsWith('inbox') && SPECIAL.every((word) => code.includes(word) === (text === word))
  const found = blocks(at('../README.md')).filter((code) => code.includes(`from 'hookseal/${adapter}'`) && code.includes(text) && isMeant(code) && !isOutgoing(code))
  assert.equal(found.length, 1, `${adapter}, ${text}`)
  return found[0]
}

const asCommonJs = (code) => code.replace(/^import (.*) from ('.*')$/gm, 'const $1 = require($2)')

describe('the packed package', () => {
  let empty
  let older
  before(() => {
    const tarball = pack(at('..'))
    older = project('older', [tarball], ['@types/node', 'undici-types', ['fastify', 'fastify-4']])
    empty = project('empty', [tarball], ['@types/node', 'undici-types', 'express', 'fastify', 'hono', '@hono/node-server', 'pg', 'prom-client'])
  })

  const all = [...examples(at('../README.md')), ...examples(at('../../README.md'))]
  assert.ok(all.length > 0)

  all.forEach((code, number) => {
    test(`example ${number + 1} runs as an ES module, in CommonJS and in TypeScript`, () => {
      writeFileSync(join(empty, `${number}.mjs`), code)
      const output = node(empty, `${number}.mjs`)
      assert.notEqual(output, '')
      writeFileSync(join(empty, `${number}.cjs`), asCommonJs(code))
      assert.equal(node(empty, `${number}.cjs`), output)
      for (const version of ['typescript', 'typescript-5.0']) {
        writeFileSync(join(empty, `ts${number}.mts`), code)
        writeFileSync(join(empty, `ts${number}.cts`), code)
        compile(empty, version, [`ts${number}.mts`, `ts${number}.cts`])
        assert.equal(node(empty, `ts${number}.mjs`), output)
        assert.equal(node(empty, `ts${number}.cjs`), output)
      }
    })
  })

  test('an example prints no control characters of a vendor', () => {
    const printing = all.filter((code) => code.includes(ID))
    assert.ok(printing.length >= 2)
    // JSON escapes inside of a JavaScript string.
    const escaped = (text) => [...text].map((character) => `\\\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
    for (const code of printing) {
      writeFileSync(join(empty, 'codes.mjs'), code.replace(ID, () => escaped(CODES.join(' '))))
      const output = node(empty, 'codes.mjs')
      assert.match(output, /^transaction\.created .*title/)
      assert.doesNotMatch(output, DRIVING)
    }
  })

  test('the first example says what it should', () => {
    writeFileSync(join(empty, 'first.mjs'), examples(at('../README.md'))[0])
    assert.equal(node(empty, 'first.mjs'), OUTPUT)
  })

  const servers = [
    ['express', 'express', "from 'express'", '/webhooks/benji'],
    ['node:http', 'express', "from 'node:http'", '/anywhere'],
    ['fastify', 'fastify', "from 'fastify'", '/webhooks/benji'],
    ['hono', 'fetch', "from 'hono'", '/webhooks/benji'],
  ]
  for (const [name, adapter, text, path] of servers) {
    test(`the example with a server receives a request: ${name}`, async () => {
      const file = `${name.replace(':', '_')}.mjs`
      writeFileSync(join(empty, file), adapterExample(adapter, text))
      writeFileSync(join(empty, 'tell_port.cjs'), TELL_PORT)
      const server = spawn(process.execPath, ['--require', './tell_port.cjs', file], { cwd: empty, env: { ...process.env, PORT: 0 }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
      let errors = ''
      server.stderr.on('data', (text) => (errors += text))
      try {
        const port = await new Promise((resolve, reject) => server.once('message', resolve).once('exit', () => reject(new Error(`the example ended: ${errors}`))))
        const url = `http://127.0.0.1:${port}${path}`
        const headers = sign.benji('the salt of the subscription', BODY)
        const lines = createInterface(server.stdout)
        // A sender that leaves half-way does not end the server.
        const leaving = begin(url, headers)
        await new Promise((resolve) => leaving.write('5\r\nhello\r\n', resolve))
        leaving.destroy()
        const line = once(lines, 'line')
        assert.equal((await send(url, { headers, body: BODY })).status, 204)
        assert.equal((await line)[0], "transaction.updated 'transaction/243'")
        const hostile = JSON.stringify({ event: 'transaction_created', entity_id: CODES.join(' ') })
        const escaped = once(lines, 'line')
        assert.equal((await send(url, { headers: sign.benji('the salt of the subscription', hostile), body: hostile })).status, 204)
        assert.match((await escaped)[0], /^transaction\.created .*title/)
        assert.doesNotMatch((await escaped)[0], DRIVING)
        const told = new Promise((resolve) => server.stderr.on('data', () => errors.includes('signature_mismatch') && resolve()))
        assert.equal((await send(url, { headers, body: '{}' })).status, 401)
        if (name === 'express') await told
      } finally {
        server.kill()
        await once(server, 'close')
      }
      assert.match(errors, name === 'express' ? /^unreadable_request .+\nsignature_mismatch .+\n$/ : /^$/)
    })
  }

  /** Runs an example with a server, and calls the function with its address, its lines and its process. */
  async function served(file, code, use, env = {}) {
    writeFileSync(join(empty, file), code)
    writeFileSync(join(empty, 'tell_port.cjs'), TELL_PORT)
    const server = spawn(process.execPath, ['--require', './tell_port.cjs', file], { cwd: empty, env: { ...process.env, PORT: 0, ...env }, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
    const lines = []
    createInterface(server.stdout).on('line', (line) => lines.push(line))
    try {
      const port = await new Promise((resolve, reject) => server.once('message', resolve).once('exit', () => reject(new Error('the example ended'))))
      await use(`http://127.0.0.1:${port}/webhooks/benji`, lines, server)
    } finally {
      server.kill()
      await once(server, 'close')
    }
  }

  test('the example with a guard handles a delivery once', async () => {
    await served('guard.mjs', adapterExample('express', 'ReplayGuard'), async (url, lines) => {
      const headers = sign.benji('the salt of the subscription', BODY)
      assert.deepEqual([(await send(url, { headers, body: BODY })).status, (await send(url, { headers, body: BODY })).status], [204, 200])
      while (lines.length < 3) await sleep(10)
      assert.deepEqual(lines, ["transaction.updated 'transaction/243'", 'handled', 'duplicate'])
    })
  })

  test('the example with a counter counts by code and by outcome', async () => {
    await served('metrics.mjs', adapterExample('express', 'prom-client'), async (url) => {
      const headers = sign.benji('the salt of the subscription', BODY)
      for (const body of [BODY, '{}', '{}']) await send(url, { headers, body })
      await send(url, { body: BODY })
      await send(url, { headers, chunks: Array.from({ length: 20 }, () => Buffer.alloc(10_000)) })
      const counters = ['refused_total{vendor="benji",source="urn:hookseal:benji",code="signature_mismatch"} 2', 'refused_total{vendor="benji",source="urn:hookseal:benji",code="missing_signature"} 1', 'refused_total{vendor="benji",source="urn:hookseal:benji",code="payload_too_large"} 1', 'accepted_total{vendor="benji",outcome="handled"} 1']
      let text = ''
      for (let round = 0; !counters.every((counter) => text.includes(`webhooks_${counter}\n`)) && round < 300; round++) {
        await sleep(10)
        text = await (await fetch(new URL('/metrics', url))).text()
      }
      for (const counter of counters) assert.ok(text.includes(`webhooks_${counter}\n`), text)
    })
  })

  test('the example that replaces salts accepts new ones while it runs', { skip: process.platform === 'win32' && 'it has no SIGHUP' }, async () => {
    const path = join(empty, 'salts.json')
    const write = (salts) => writeFileSync(path, typeof salts === 'string' ? salts : JSON.stringify(salts))
    write([{ id: 'a', salt: 'salt-a' }])
    await served('rotation.mjs', adapterExample('express', 'SIGHUP'), async (url, lines, server) => {
      const status = async (salt) => (await send(url, { headers: sign.benji(salt, BODY), body: BODY })).status
      const reloaded = async (salts) => {
        const before = lines.length
        write(salts)
        server.kill('SIGHUP')
        while (lines.length === before) await sleep(10)
        return lines.at(-1)
      }
      assert.deepEqual([await status('salt-a'), await status('salt-b')], [204, 401])
      // This request has begun: it keeps its salt.
      const begun = begin(url, sign.benji('salt-a', BODY))
      begun.write('1\r\n{\r\n')
      assert.equal(await status('salt-a'), 204)
      assert.equal(await reloaded([{ id: 'b', salt: 'salt-b' }, { id: 'a', salt: 'salt-a', notAfter: new Date(Date.now() + 3_600_000) }]), 'the new salts are in use')
      assert.deepEqual([await status('salt-a'), await status('salt-b')], [204, 204])
      for (const broken of ['"salt-c', '[]', '[{"id":"c","salt":""}]']) {
        assert.equal(await reloaded(broken), 'the salts cannot be read: the last ones stay in use')
      }
      assert.deepEqual([await status('salt-a'), await status('salt-b')], [204, 204])
      assert.equal(await reloaded([{ id: 'b', salt: 'salt-b' }, { id: 'a', salt: 'salt-a', notAfter: new Date(Date.now() - 1) }]), 'the new salts are in use')
      assert.deepEqual([await status('salt-a'), await status('salt-b')], [401, 204])
      begun.write(`${(BODY.length - 1).toString(16)}\r\n${BODY.subarray(1)}\r\n0\r\n\r\n`)
      assert.equal(await statusOf(begun), 204)
      const keys = lines.filter((line) => line.startsWith('transaction')).map((line) => line.at(-1))
      assert.deepEqual(keys, [...'aaabab', 'b', 'a'])
    }, { SALTS_FILE: path })
  })

  test('the example for Lambda receives a request', () => {
    writeFileSync(join(empty, 'lambda.mjs'), adapterExample('lambda', 'export const handler'))
    const event = { httpMethod: 'POST', headers: sign.benji('the salt of the subscription', BODY), body: BODY.toString() }
    const program = `import { handler } from './lambda.mjs'; console.log((await handler(${JSON.stringify(event)}, {})).statusCode)`
    writeFileSync(join(empty, 'invoke.mjs'), program)
    assert.equal(node(empty, 'invoke.mjs'), "transaction.updated 'transaction/243'\n204\n")
  })

  test('the examples with an inbox store a delivery and handle it once', { skip: !hasPostgres('the example with an inbox in Node') }, async () => {
    const postgres = await startPostgres()
    const children = []
    /** Runs an example, which tells the port if it is a server. */
    const start = (file, text, env) => {
      writeFileSync(join(empty, file), adapterExample('inbox/pg', text))
      writeFileSync(join(empty, 'tell_port.cjs'), TELL_PORT)
      const child = spawn(process.execPath, ['--require', './tell_port.cjs', file], { cwd: empty, env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
      children.push(child)
      return child
    }
    try {
      const url = await postgres.database()
      await query(url, 'CREATE TABLE events (id text, kind text)')
      const [port] = await once(start('service.mjs', 'createServer', { DATABASE_URL: url, PORT: 0 }), 'message')
      const headers = sign.benji('the salt of the subscription', BODY)
      const statuses = []
      for (let at = 0; at < 2; at++) statuses.push((await send(`http://127.0.0.1:${port}/`, { headers, body: BODY })).status)
      assert.deepEqual(statuses, [202, 200])
      const worker = start('worker.mjs', 'inbox.work', { DATABASE_URL: url })
      let events = []
      while (events.length === 0 && worker.exitCode === null) {
        await sleep(50)
        events = await query(url, 'SELECT kind FROM events')
      }
      assert.deepEqual(events, [{ kind: 'transaction.updated' }])
      const ended = once(worker, 'exit')
      worker.kill('SIGTERM')
      assert.deepEqual(await ended, [0, null])
      assert.deepEqual(await query(url, 'SELECT state FROM hookseal_inbox'), [{ state: 'done' }])
    } finally {
      for (const child of children) child.kill('SIGKILL')
      await postgres.stop()
    }
  })

  test('every example of the README is run', () => {
    // One for Lambda, three of the adapters, and two with an inbox. inbox_examples.test.js runs the recipe.
    const all = blocks(at('../README.md'))
    const count = examples(at('../README.md')).length + servers.length + 7 + all.filter(isOutgoing).length
    assert.equal(all.length, count)
  })

  // Each resolution that a version has. The current one has no node10.
  const RESOLUTIONS = {
    typescript: [['node16', 'node16'], ['nodenext', 'nodenext'], ['esnext', 'bundler']],
    'typescript-5.0': [['node16', 'node16'], ['nodenext', 'nodenext'], ['esnext', 'bundler'], ['commonjs', 'node10', '--esModuleInterop']],
  }
  for (const [version, resolutions] of Object.entries(RESOLUTIONS)) {
    for (const [module, resolution, ...more] of resolutions) {
      test(`the declarations compile under strict with ${version} and ${resolution}`, () => {
        // The declarations of Fastify 5 need TypeScript 5.4. Those of pino, which Fastify imports, need esModuleInterop.
        const path = version === 'typescript' ? empty : older
        const extensions = module.startsWith('node') ? ['mts', 'cts'] : ['ts']
        const [readme] = blocks(at('../README.md'), 'ts')
        for (const extension of extensions) {
          copyFileSync(at('types/package.test.ts'), join(path, `types.${extension}`))
          writeFileSync(join(path, `readme.${extension}`), readme)
        }
        const files = extensions.flatMap((extension) => [`types.${extension}`, `readme.${extension}`])
        compile(path, version, files, ['--module', module, '--moduleResolution', resolution, ...more])
      })
    }
  }

  test('the adapters fit the declarations of the frameworks', () => {
    execFileSync(process.execPath, [at('../node_modules/typescript/bin/tsc'), '-p', at('types')], { stdio: 'pipe' })
  })

  test('the package contains exactly the files that it needs', () => {
    const paths = packed(at('..'))
    for (const path of ['index.js', 'index.cjs', 'index.d.ts', 'index.d.cts', 'hookseal.node', 'README.md', ...LICENSES]) assert.ok(paths.includes(path), path)
    assert.deepEqual(paths.filter((path) => !/^(index\.|lib\/|adapters\/|hookseal\.node$|README\.md$|LICENSE-|package\.json$)/.test(path)), [])
  })

  test('the native module is stripped, and holds no path of the machine that built it', () => {
    const binary = readFileSync(at('../hookseal.node')).toString('latin1')
    const manifest = at('../Cargo.toml')
    const told = JSON.parse(execFileSync(process.env.CARGO ?? 'cargo', ['metadata', '--no-deps', '--format-version=1', `--manifest-path=${manifest}`], { encoding: 'utf8' }))
    const folders = [homedir(), process.env.CARGO_HOME ?? join(homedir(), '.cargo'), at('../..'), told.workspace_root, told.target_directory].map((path) => path.replace(/[\\/]*$/, sep))
    assert.deepEqual(folders.filter((path) => path !== sep && binary.includes(path)), [])
    // No path of any machine that may have built it.
    assert.doesNotMatch(binary, /[\\/](?:home|root|Users|runner|workspace|builds?|work|registry|checkouts)[\\/][\w.\\/-]*\.rs/)
    assert.match(binary, /crates[\\/]napi-\d[\d.]*[\\/]src[\\/]/)
    assert.doesNotMatch(binary, /_(?:ZN|R)\w*hookseal/)
  })

  test('flags from the environment are kept, before those that hide folders', () => {
    const program = `import { remapped } from ${JSON.stringify(new URL('../scripts/remapped.mjs', import.meta.url))}
      const { options, environment } = remapped(process.env.CARGO ?? 'cargo', ${JSON.stringify(at('../Cargo.toml'))})
      console.log(JSON.stringify({ options, flags: environment.CARGO_ENCODED_RUSTFLAGS?.split('\\x1f'), plain: environment.RUSTFLAGS }))`
    const made = (flags) => {
      const { RUSTFLAGS, CARGO_ENCODED_RUSTFLAGS, ...others } = process.env
      const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', env: { ...others, ...flags } })
      return JSON.parse(output)
    }
    const { options, flags } = made({})
    assert.equal(flags, undefined)
    assert.match(options[1], /^target\.'cfg\(all\(\)\)'\.rustflags=\["--remap-path-prefix=/)
    const ours = JSON.parse(options[1].slice(options[1].indexOf('[')))
    for (const given of [{ RUSTFLAGS: ' -C  opt-level=3 ' }, { CARGO_ENCODED_RUSTFLAGS: '-C\x1fopt-level=3', RUSTFLAGS: '-C debuginfo=2' }]) {
      assert.deepEqual(made(given), { options: [], flags: ['-C', 'opt-level=3', ...ours] })
    }
  })

  test('the licences are those of the project', () => {
    for (const text of LICENSES) assert.deepEqual(readFileSync(at(`../${text}`)), readFileSync(at(`../../${text}`)), text)
  })
})

describe('the packages of the platforms', () => {
  const output = join(folder, 'published')
  before(() => {
    mkdirSync(join(folder, 'artifacts'))
    copyFileSync(at('../hookseal.node'), join(folder, 'artifacts', `${platform()}.node`))
    node(folder, at('../scripts/platforms.mjs'), 'artifacts', output)
  })

  test('each has the licences', () => {
    for (const name of ['hookseal', platform()]) {
      const paths = packed(join(output, name))
      for (const text of LICENSES) assert.ok(paths.includes(text), `${text} of ${name}`)
    }
    assert.deepEqual(packed(join(output, platform())).sort(), ['hookseal.node', 'package.json', ...LICENSES].sort())
  })

  test('the native module comes from the package of the platform', () => {
    const path = project('platform', [pack(join(output, 'hookseal')), pack(join(output, platform()))])
    writeFileSync(join(path, 'example.mjs'), examples(at('../README.md'))[0])
    assert.equal(node(path, 'example.mjs'), OUTPUT)
    assert.equal(existsSync(join(path, 'node_modules/hookseal/hookseal.node')), false)
  })

  test('without it the error names the platform and what to do', () => {
    const path = project('bare', [pack(join(output, 'hookseal'))])
    const program = "try { require('hookseal') } catch (error) { console.log(error.message) }"
    const message = node(path, '-e', program)
    assert.ok(message.startsWith(`hookseal has no native module for ${platform()} (Node ${process.version}): install again`), message)
  })
})

test('a Node that may not load native modules says what to do', () => {
  const program = "try { require('hookseal') } catch (error) { console.log(error.message, error.cause.code) }"
  const message = 'hookseal has a native module, which this Node may not load: start it with --allow-addons and without --no-addons'
  assert.equal(node(at('..'), '--no-addons', '-e', program), `${message} ERR_DLOPEN_DISABLED\n`)
})

function compile(cwd, version, files, more = ['--module', 'node16', '--moduleResolution', 'node16']) {
  const options = ['--strict', '--skipLibCheck', 'false', '--exactOptionalPropertyTypes', '--target', 'es2022', '--types', 'node']
  try {
    node(cwd, at(`../node_modules/${version}/bin/tsc`), ...options, ...more, ...files)
  } catch (error) {
    assert.fail(error.stdout)
  }
}
