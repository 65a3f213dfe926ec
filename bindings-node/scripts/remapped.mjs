// Leaves out of a binary where on this machine it was built: Rust's messages of panics name source files, with the folders
// of whoever built it.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, parse } from 'node:path'

const tell = (program, ...options) => execFileSync(program, options, { encoding: 'utf8', maxBuffer: Infinity, stdio: ['ignore', 'pipe', 'inherit'] })

/** What stands in place of each folder of this machine that can be in a binary, the more special ones last. */
function folders(cargo, manifest) {
  const told = JSON.parse(tell(cargo, 'metadata', '--no-deps', '--format-version=1', `--manifest-path=${manifest}`))
  // Unpacks the sources of what is needed, so that the folders of their registries are there.
  tell(cargo, 'tree', '--locked', '--edges=no-dev', `--manifest-path=${manifest}`)
  const home = process.env.CARGO_HOME ?? join(homedir(), '.cargo')
  const registries = join(home, 'registry', 'src')
  return [
    [homedir(), 'home'],
    [tell(process.env.RUSTC ?? 'rustc', '--print=sysroot').trim(), 'rust'],
    [home, 'cargo'],
    // Their names have the host of the registry in them.
    ...(existsSync(registries) ? readdirSync(registries).map((name) => [join(registries, name), 'crates']) : []),
    [told.workspace_root, 'hookseal'],
    [told.target_directory, 'target'],
  ]
}

/**
 * Cargo's options and environment in which it builds so. Flags in a variable take the place of all others, so that ours are
 * behind those that are there; else they go where cargo adds them to the flags for a target, which leaves out
 * `build.rustflags` of a configuration.
 */
export function remapped(cargo, manifest) {
  const flags = folders(cargo, manifest)
    // A link has two names. The root of a file system is the home of some containers, and in every path.
    .flatMap(([folder, name]) => [...new Set([folder, existsSync(folder) ? realpathSync(folder) : folder])].map((path) => [path, name]))
    .filter(([path]) => path !== parse(path).root)
    .map(([path, name]) => `--remap-path-prefix=${path}=${name}`)
  const { CARGO_ENCODED_RUSTFLAGS: encoded, RUSTFLAGS: plain, ...others } = process.env
  if (encoded === undefined && plain === undefined) {
    return { options: ['--config', `target.'cfg(all())'.rustflags=${JSON.stringify(flags)}`], environment: others }
  }
  const given = encoded !== undefined ? encoded.split('\x1f') : plain.split(/\s+/)
  return { options: [], environment: { ...others, CARGO_ENCODED_RUSTFLAGS: [...given.filter(Boolean), ...flags].join('\x1f') } }
}
