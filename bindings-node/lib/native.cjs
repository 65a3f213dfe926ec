'use strict'

// Finds the native module: the one that was built here, otherwise that of the platform's package.

// Bundlers and tracers find a file if its name is literal, and accept that it is absent if that happens in a `try`.

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
  if (typeof process !== 'object' || typeof process.versions?.node !== 'string') {
    throw new Error(
      'hookseal has a native module, which runs in Node alone, not in an edge runtime or a browser: run this code in Node, ' +
        'in Next.js with export const runtime = "nodejs"',
    )
  }
  return local() ?? ofPlatform(platform())
}

function local() {
  try {
    return require('../hookseal.node')
  } catch (cause) {
    if (cause?.code !== 'MODULE_NOT_FOUND') throw notLoaded(cause)
    return undefined
  }
}

function ofPlatform(target) {
  try {
    switch (target) {
      case 'darwin-arm64':
        return require('@hookseal/darwin-arm64')
      case 'darwin-x64':
        return require('@hookseal/darwin-x64')
      case 'linux-arm64-gnu':
        return require('@hookseal/linux-arm64-gnu')
      case 'linux-arm64-musl':
        return require('@hookseal/linux-arm64-musl')
      case 'linux-x64-gnu':
        return require('@hookseal/linux-x64-gnu')
      case 'linux-x64-musl':
        return require('@hookseal/linux-x64-musl')
      case 'win32-arm64-msvc':
        return require('@hookseal/win32-arm64-msvc')
      case 'win32-x64-msvc':
        return require('@hookseal/win32-x64-msvc')
    }
  } catch (cause) {
    if (cause?.code !== 'MODULE_NOT_FOUND') throw notLoaded(cause)
    throw missing(target, isBundled() ? UNBUNDLE : REINSTALL, cause)
  }
  throw missing(target, BUILD)
}

/** The error of a file that exists but does not load. Its own error says why, but not what to do. */
function notLoaded(cause) {
  if (cause?.code !== 'ERR_DLOPEN_DISABLED') return cause
  return new Error('hookseal has a native module, which this Node may not load: start it with --allow-addons and without --no-addons', { __proto__: null, cause })
}

const REINSTALL =
  'install again without --omit=optional and without a lock file from another platform, so that its package is installed'
const UNBUNDLE =
  'a bundler left it out. Keep hookseal out of the bundle, and install it beside: --external:hookseal of esbuild, ' +
  'externals of webpack, external of rollup, serverExternalPackages of Next.js'
const BUILD = 'there is no package for it. Build from source with "npm run build" in bindings-node, which needs Rust'

function missing(target, advice, cause) {
  return new Error(`hookseal has no native module for ${target} (Node ${process.version}): ${advice}`, { __proto__: null, cause })
}

/** Whether a bundler has copied this file into another. */
function isBundled() {
  return typeof __filename !== 'string' || !__filename.endsWith('native.cjs')
}

/** The native module with its functions for this copy of the JavaScript, which no other copy shares. */
function connect(native) {
  const own = { __proto__: null }
  native.connect(own)
  const functions = { ...native, ...own }
  return Object.getPrototypeOf(native) === Object.prototype ? functions : withErrorsOfHere(functions)
}

/**
 * The functions of a native module that was loaded in another realm, as test runners do: its errors would be no errors
 * of the program's realm. Functions that a call writes to an object without a prototype are of the other realm too.
 */
function withErrorsOfHere(functions) {
  for (const [name, value] of Object.entries(functions)) if (typeof value === 'function') functions[name] = withErrors(value)
  return functions
}

function withErrors(call) {
  return (...given) => {
    try {
      const result = call(...given)
      for (const made of given) if (isBare(made)) withErrorsOfHere(made)
      return result
    } catch (error) {
      throw new (ERRORS[error?.name] ?? Error)(error?.message)
    }
  }
}

const isBare = (value) => typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null
const ERRORS = { __proto__: null, RangeError, TypeError }

module.exports = { native: connect(load()), platform }
