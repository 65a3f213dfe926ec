// Builds the native module with cargo and copies it beside index.cjs as hookseal.node.
//
//     node scripts/build.mjs [<file>.node [<feature>...]]
//
// A test builds another file, with the feature forced-panic.

import { spawnSync } from 'node:child_process'
import { copyFileSync, renameSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { remapped } from './remapped.mjs'

const [file = '../hookseal.node', ...features] = process.argv.slice(2)
const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const program = process.env.CARGO ?? 'cargo'
const { options, environment } = remapped(program, at('../Cargo.toml'))

// cargo's messages name the file that it built. Its folder and name depend on the target, the system and the
// environment.
const cargo = spawnSync(
  program,
  [
    ...options,
    'build',
    '--release',
    '--locked',
    '--message-format=json-render-diagnostics',
    `--manifest-path=${at('../Cargo.toml')}`,
    `--features=${features}`,
  ],
  { encoding: 'utf8', maxBuffer: Infinity, stdio: ['ignore', 'pipe', 'inherit'], env: environment },
)
if (cargo.error) throw cargo.error
if (cargo.status !== 0) process.exit(cargo.status ?? 1)

const library = cargo.stdout
  .split('\n')
  .filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line))
  .find((message) => message.reason === 'compiler-artifact' && message.target.name === 'hookseal_node')
  ?.filenames.find((name) => /\.(so|dylib|dll)$/.test(name))
if (library === undefined) throw new Error('cargo built no library hookseal_node')

// Renamed into place, because a running Node may still have the old file mapped.
const target = file.startsWith('../') ? at(file) : file
copyFileSync(library, `${target}.new`)
renameSync(`${target}.new`, target)
