// The conformance vectors, and the receivers that they describe.

import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { Key, Receiver } from 'hookseal'

const FOLDER = fileURLToPath(new URL('../../core/conformance/', import.meta.url))
const KNOWN = ['name', 'about', 'vendor', 'keys', 'options', 'method', 'now', 'headers', 'body_base64', 'expect']

/** Every vector; an error where a file is missing, or has not as many vectors as it must have. */
export function readVectors() {
  const counts = readJson('counts.json')
  const files = ['benji', 'benti', 'bento'].flatMap((vendor) =>
    readdirSync(FOLDER + vendor, { recursive: true })
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => `${vendor}/${name.replaceAll('\\', '/')}`),
  )
  const read = Object.fromEntries(files.map((name) => [name.replace(/\.json$/, ''), readJson(name)]))
  for (const topic of new Set([...Object.keys(counts), ...Object.keys(read)])) {
    const found = read[topic]?.length
    if (!(found > 0) || found !== counts[topic]) {
      throw new Error(`${topic} has ${found ?? 'no'} vectors, and counts.json says ${counts[topic]}`)
    }
  }
  return Object.values(read).flat().map(checked)
}

const readJson = (name) => JSON.parse(readFileSync(FOLDER + name, 'utf8'))

/** The vector, if it has no field that nothing here looks at. */
export function checked(vector) {
  const unknown = Object.keys(vector).filter((field) => !KNOWN.includes(field))
  if (unknown.length > 0) throw new Error(`${vector.name} has the unknown fields ${unknown}`)
  return vector
}

export function receiverOf({ vendor, keys, options = {} }) {
  const { scheme, window, ...rest } = options
  const ring = keys.map(({ secret, secret_base64, exact, id, not_before, not_after, ...unknown }) => {
    if (Object.keys(unknown).length > 0) throw new Error(`a key has the unknown fields ${Object.keys(unknown)}`)
    const bytes = secret ?? Buffer.from(secret_base64, 'base64')
    return new Key(bytes, { exact, id, notBefore: dateOf(not_before), notAfter: dateOf(not_after) })
  })
  const named = Object.fromEntries(Object.entries(rest).map(([name, value]) => [camelCase(name), value]))
  if (window !== undefined) named.window = window === 'off' ? 'off' : { past: window[0], future: window[1] }
  if (vendor === 'benji') return Receiver.benji(ring, named)
  if (vendor === 'benti') return Receiver.benti(ring, named)
  if (scheme.basic !== undefined) return Receiver.bento({ basic: { user: scheme.basic, keys: ring }, ...named })
  if (scheme.bearer === true) return Receiver.bento({ bearer: ring, ...named })
  return Receiver.bento({ header: { name: scheme.header, keys: ring }, ...named })
}

const camelCase = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())

const dateOf = (milliseconds) => (milliseconds === undefined ? undefined : new Date(milliseconds))
