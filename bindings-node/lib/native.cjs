'use strict'

// Finds the native module: the one that was built here, otherwise that of the platform's package.

const { existsSync } = require('node:fs')
const { join } = require('node:path')

/** The name of the platform's package without its scope, such as `linux-x64-gnu`. */
function platform() {
  const { platform, arch } = process
  if (platform === 'linux') return `linux-${arch}-${isMusl() ? 'musl' : 'gnu'}`
  if (platform === 'win32') return `win32-${arch}-msvc`
  return `${platform}-${arch}`
}

/** Node's report names the version of glibc that Node runs with. With musl there is none. */
function isMusl() {
  const report = process.report
  if (typeof report?.getReport !== 'function') return false
  // Without this, the report asks the network for the names of open connections.
  const { excludeNetwork } = report
  report.excludeNetwork = true
  try {
    return !Object.hasOwn(report.getReport().header, 'glibcVersionRuntime')
  } finally {
    report.excludeNetwork = excludeNetwork
  }
}

function load() {
  const local = join(__dirname, '..', 'hookseal.node')
  // If the file exists but does not load, its own error says why.
  if (existsSync(local)) return require(local)
  const target = platform()
  try {
    return require(`@hookseal/${target}`)
  } catch (cause) {
    if (cause?.code !== 'MODULE_NOT_FOUND') throw cause
    throw new Error(
      `hookseal has no native module for ${target} (Node ${process.version}): install again without ` +
        `--omit=optional and without a lock file from another platform, so that @hookseal/${target} is installed; ` +
        'if that package does not exist, build from source with "npm run build" in bindings-node, which needs Rust',
      { cause },
    )
  }
}

/** The native module with its functions for this copy of the JavaScript, which no other copy shares. */
function connect(native) {
  const own = { __proto__: null }
  native.connect(own)
  return { ...native, ...own }
}

module.exports = { native: connect(load()), platform }
