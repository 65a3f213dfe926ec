// Keeps this machine's folders out of a binary: Rust's panic messages name source files, with the path on the machine
// that built them.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, parse } from 'node:path'

const tell = (program, ...options) => execFileSync(program, options, { encoding: 'utf8', maxBuffer: Infinity, stdio: ['ignore', 'pipe', 'inherit'] })

/** Each folder of this machine that a binary can contain, with its replacement. More specific folders come last. */
function folders(cargo, manifest) {
  const told = JSON.parse(tell(cargo, 'metadata', '--no-deps', '--format-version=1', `--manifest-path=${manifest}`))
  // Unpacks the sources of the dependencies, so that the folders of their registries exist.
  tell(cargo, 'tree', '--locked', '--edges=no-dev', `--manifest-path=${manifest}`)
  const home = process.env.CARGO_HOME ?? join(homedir(), '.cargo')
  const registries = join(home, 'registry', 'src')
  return [
    [homedir(), 'home'],
    [tell(process.env.RUSTC ?? 'rustc', '--print=sysroot').trim(), 'rust'],
    [home, 'cargo'],
    // The name of such a folder contains the host of the registry.
    ...(existsSync(registries) ? readdirSync(registries).map((name) => [join(registries, name), 'crates']) : []),
    [told.workspace_root, 'hookseal'],
    [told.target_directory, 'target'],
  ]
}

/**
 * Cargo's options and environment for such a build. Flags in an environment variable replace all others, so if there
 * are any, ours are appended to them. Otherwise ours become flags for the target. Cargo then ignores `build.rustflags`
 * of a configuration.
 */
export function remapped(cargo, manifest) {
  const flags = folders(cargo, manifest)
    // A symbolic link has two names. In some containers the home is the root, with which every path begins.
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
