// Projects with the package as npm packs it: with its native module, and with the package of the platform.

import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const { platform } = createRequire(import.meta.url)('../lib/native.cjs')
const at = (path) => fileURLToPath(new URL(path, import.meta.url))

export const folder = mkdtempSync(join(tmpdir(), 'hookseal-toolchains-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

function npm(cwd, ...args) {
  return execFileSync('npm', [...args, '--offline', '--no-audit', '--no-fund', '--loglevel=error'], { cwd, encoding: 'utf8' })
}

function pack(path) {
  const [{ filename }] = JSON.parse(npm(path, 'pack', '--json', `--pack-destination=${folder}`))
  return join(folder, filename)
}

/** What is published: the package without a native module, and that of this platform. */
export function published() {
  const output = join(folder, 'published')
  mkdirSync(join(folder, 'artifacts'))
  copyFileSync(at('../hookseal.node'), join(folder, 'artifacts', `${platform()}.node`))
  execFileSync(process.execPath, [at('../scripts/platforms.mjs'), join(folder, 'artifacts'), output])
  return { main: pack(join(output, 'hookseal')), native: pack(join(output, platform())) }
}

/** A project with these packages, and links to packages that the tests have. */
export function project(name, tarballs, files, linked = []) {
  const path = join(folder, name)
  mkdirSync(path)
  writeFileSync(join(path, 'package.json'), '{"private":true}')
  npm(path, 'install', ...tarballs)
  for (const dependency of linked) {
    const link = join(path, 'node_modules', dependency)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(at(`../node_modules/${dependency}`), link, 'junction')
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text)
  return path
}

/** What a program prints in a folder that has no packages, so that only its own files count. */
export function run(path, environment = {}) {
  return execFileSync(process.execPath, [path], { encoding: 'utf8', cwd: dirname(path), env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
}
