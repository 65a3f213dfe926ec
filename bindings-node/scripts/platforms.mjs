// Makes the packages to publish: one without a native module, and for each platform one with its native module.
//
//     node scripts/platforms.mjs <folder with <platform>.node files> <output folder>
//
// The name of a platform is the one in lib/native.cjs, such as linux-x64-gnu or darwin-arm64.

import { cpSync, copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [artifacts, output] = process.argv.slice(2)
if (output === undefined) throw new Error('usage: node scripts/platforms.mjs <artifacts> <output>')

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const { version, description, license, engines } = manifest
const LICENSES = ['LICENSE-MIT', 'LICENSE-APACHE']
const LIBC = { gnu: 'glibc', musl: 'musl' }

const platforms = readdirSync(artifacts)
  .filter((file) => file.endsWith('.node'))
  .map((file) => file.slice(0, -'.node'.length))
if (platforms.length === 0) throw new Error(`there are no .node files in ${artifacts}`)
const loader = readFileSync(join(root, 'lib', 'native.cjs'), 'utf8')
const unknown = platforms.find((platform) => !loader.includes(`require('@hookseal/${platform}')`))
if (unknown !== undefined) throw new Error(`lib/native.cjs does not load the package of ${unknown}`)

for (const platform of platforms) {
  const [os, cpu, libc] = platform.split('-')
  write(platform, {
    name: `@hookseal/${platform}`,
    version,
    description: `${description} The native module for ${platform}.`,
    license,
    main: 'hookseal.node',
    files: ['hookseal.node', ...LICENSES],
    engines,
    os: [os],
    cpu: [cpu],
    ...(LIBC[libc] && { libc: [LIBC[libc]] }),
  })
  copyFileSync(join(artifacts, `${platform}.node`), join(output, platform, 'hookseal.node'))
}

const { devDependencies, scripts, ...published } = manifest
const files = manifest.files.filter((file) => file !== 'hookseal.node')
const optionalDependencies = Object.fromEntries(platforms.map((platform) => [`@hookseal/${platform}`, version]))
write('hookseal', { ...published, files, optionalDependencies })
for (const part of ['index.js', 'index.cjs', 'index.d.ts', 'index.d.cts', 'lib', 'adapters', 'README.md']) {
  cpSync(join(root, part), join(output, 'hookseal', part), { recursive: true })
}

function write(folder, contents) {
  mkdirSync(join(output, folder), { recursive: true })
  writeFileSync(join(output, folder, 'package.json'), `${JSON.stringify(contents, null, 2)}\n`)
  for (const text of LICENSES) copyFileSync(join(root, text), join(output, folder, text))
}
