// hookseal in bundlers and tracers: each result runs in a folder that has no packages but its own files.

import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { createRequire } from 'node:module'

import commonjs from '@rollup/plugin-commonjs'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import ncc from '@vercel/ncc'
import { nodeFileTrace } from '@vercel/nft'
import * as esbuild from 'esbuild'
import { rollup } from 'rollup'
import webpack from 'webpack'

import { folder, platform, project, published, run } from './project.js'

const PROGRAM = `
import { Receiver, sign } from 'hookseal'
import { webhook } from 'hookseal/lambda'
const body = '{"event":"transaction_created","entity_type":3,"entity_id":"7"}'
const headers = sign.benji('salt', Buffer.from(body))
const answer = webhook(Receiver.benji('salt'), (delivery) => console.log([...delivery][0].kind))({ httpMethod: 'POST', headers, body })
answer.then(({ statusCode }) => console.log(statusCode))
`
const OUTPUT = 'transaction.created\n204\n'
const PACKAGE = `@hookseal/${platform()}`
/** The program tells why it failed. */
const CAUGHT = "import('hookseal').then(() => console.log('it runs'), (error) => console.log(error.message))"

let path
before(() => {
  const { main, native } = published()
  path = project('bundled', [main, native], { 'program.mjs': PROGRAM, 'caught.mjs': CAUGHT })
})

let count = 0
const empty = () => {
  const made = join(folder, `empty ${(count += 1)}`)
  mkdirSync(made)
  writeFileSync(join(made, 'package.json'), '{"private":true}')
  return made
}
const beside = () => join(path, `bundle${(count += 1)}`)

describe('esbuild', () => {
  const options = () => ({ absWorkingDir: path, bundle: true, platform: 'node', logLevel: 'silent' })

  test('with hookseal in the bundle', async () => {
    const outfile = join(empty(), 'bundle.cjs')
    const { warnings } = await esbuild.build({ ...options(), entryPoints: ['program.mjs'], outfile, loader: { '.node': 'copy' } })
    assert.deepEqual([warnings, run(outfile)], [[], OUTPUT])
  })

  test('with hookseal in a bundle of ES modules, which needs a require', async () => {
    const [, js] = readFileSync(new URL('../README.md', import.meta.url), 'utf8').match(/`--banner:js="(.*)"`/)
    const outfile = join(empty(), 'bundle.mjs')
    await esbuild.build({ ...options(), entryPoints: ['program.mjs'], format: 'esm', outfile, loader: { '.node': 'copy' }, banner: { js } })
    assert.equal(run(outfile), OUTPUT)
  })

  for (const [format, extension] of [['cjs', 'cjs'], ['esm', 'mjs']]) {
    test(`with hookseal beside the bundle, ${format}`, async () => {
      const outfile = `${beside()}.${extension}`
      await esbuild.build({ ...options(), entryPoints: ['program.mjs'], format, outfile, external: ['hookseal'] })
      assert.equal(run(outfile), OUTPUT)
    })
  }

  test('a bundle without the native module says what to do', async () => {
    const outfile = join(empty(), 'bundle.cjs')
    await esbuild.build({ ...options(), entryPoints: ['caught.mjs'], outfile, external: ['@hookseal/*'] })
    assert.match(run(outfile), /^hookseal has no native module for .*: a bundler left it out\. Keep hookseal out of the bundle, and install it beside: .*serverExternalPackages of Next\.js\n$/)
  })

  for (const condition of ['edge-light', 'workerd']) {
    test(`in an edge runtime it says what to do, ${condition}`, async () => {
      for (const name of ['hookseal', 'hookseal/fetch', 'hookseal/lambda']) {
        const { outputFiles: [{ text }] } = await esbuild.build({
          absWorkingDir: path, bundle: true, logLevel: 'silent', write: false, format: 'iife', conditions: [condition, 'worker'],
          stdin: { contents: `import * as hookseal from '${name}'; globalThis.hookseal = hookseal`, resolveDir: path },
        })
        assert.throws(() => runInContext(text, createContext({})), (error) => {
          assert.match(error.message, /^hookseal has a native module, which runs in Node alone, not in an edge runtime: run this code in Node, in Next\.js with export const runtime = "nodejs"$/)
          return true
        })
      }
    })
  }
})

describe('webpack', () => {
  async function build(filename, more) {
    const options = { mode: 'production', target: 'node', context: path, entry: './program.mjs', output: { path: dirname(filename), filename: 'bundle.cjs' }, ...more }
    const stats = await promisify(webpack)(options)
    assert.deepEqual(stats.toJson().errors, [])
  }

  test('with hookseal in the bundle', async () => {
    const filename = join(empty(), 'bundle.cjs')
    const loader = createRequire(import.meta.url).resolve('node-loader')
    await build(filename, { module: { rules: [{ test: /\.node$/, loader }] } })
    assert.equal(run(filename), OUTPUT)
  })

  test('with hookseal beside the bundle', async () => {
    const filename = join(beside(), 'bundle.cjs')
    await build(filename, { externals: [({ request }, done) => (/^hookseal($|\/)/.test(request) ? done(null, `commonjs ${request}`) : done())] })
    assert.equal(run(filename), OUTPUT)
  })
})

describe('rollup', () => {
  async function build(file, external) {
    const made = await rollup({ input: join(path, 'program.mjs'), external, plugins: [nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }), commonjs({ ignoreDynamicRequires: true })], onwarn: () => {} })
    await made.write({ file, format: file.endsWith('.cjs') ? 'cjs' : 'es' })
    await made.close()
  }

  test('with the native module beside the bundle', async () => {
    const file = `${beside()}.cjs`
    await build(file, [/^node:/, /^@hookseal\//])
    assert.equal(run(file), OUTPUT)
  })

  test('with hookseal beside the bundle', async () => {
    for (const extension of ['cjs', 'mjs']) {
      const file = `${beside()}.${extension}`
      await build(file, [/^hookseal/])
      assert.equal(run(file), OUTPUT)
    }
  })
})

test('@vercel/nft finds every file', async () => {
  const { fileList } = await nodeFileTrace([join(path, 'program.mjs')], { base: path })
  assert.ok(fileList.has(join('node_modules', PACKAGE, 'hookseal.node')), [...fileList].join('\n'))
  const traced = empty()
  for (const file of fileList) cpSync(join(path, file), join(traced, file), { dereference: true })
  assert.equal(run(join(traced, 'program.mjs')), OUTPUT)
})

test('@vercel/ncc copies the native module', async () => {
  // In an ES module ncc's own code for a native module calls require, which is not there.
  writeFileSync(join(path, 'program.cjs'), PROGRAM.replace(/^import (.*) from ('.*')$/gm, 'const $1 = require($2)'))
  const { code, assets } = await ncc(join(path, 'program.cjs'), { cache: false, quiet: true })
  const built = empty()
  writeFileSync(join(built, 'index.cjs'), code)
  for (const [name, { source }] of Object.entries(assets)) {
    mkdirSync(dirname(join(built, name)), { recursive: true })
    writeFileSync(join(built, name), source)
  }
  assert.ok(readdirSync(built, { recursive: true }).some((name) => name.endsWith('.node')))
  assert.equal(run(join(built, 'index.cjs')), OUTPUT)
})

test('on an unsupported platform it says what to do', () => {
  const file = join(path, 'unsupported.cjs')
  writeFileSync(file, "Object.defineProperty(process, 'platform', { value: 'freebsd' }); try { require('hookseal') } catch ({ message }) { console.log(message) }")
  assert.equal(run(file), `hookseal has no native module for freebsd-${process.arch} (Node ${process.version}): there is no package for it. Build from source with "npm run build" in bindings-node, which needs Rust\n`)
})
