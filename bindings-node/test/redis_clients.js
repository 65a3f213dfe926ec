// The clients with which the guard on Redis is tested.

import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-5'
import { createClient, createClientPool } from 'redis'
import { createClient as createClient5, createClientPool as createClientPool5 } from 'redis-5'

/** By name: opens a client to a port, with options of its own. */
export const OPENERS = {
  'redis with RESP2': (port, options) => ofRedis(createClient, port, { RESP: 2, ...options }),
  'redis with RESP3': (port, options) => ofRedis(createClient, port, { RESP: 3, ...options }),
  'redis 5 with RESP2': (port, options) => ofRedis(createClient5, port, { RESP: 2, ...options }),
  'redis 5 with RESP3': (port, options) => ofRedis(createClient5, port, { RESP: 3, ...options }),
  ioredis: (port, options) => ofIoRedis(Redis, port, options),
  'ioredis 5': (port, options) => ofIoRedis(Redis5, port, options),
}

/** More forms of the same clients. */
export const MORE_OPENERS = {
  'a pool of redis': (port) => ofRedis(createClientPool, port, {}),
  'a pool of redis 5': (port) => ofRedis(createClientPool5, port, {}),
  'ioredis that joins commands': (port) => ofIoRedis(Redis, port, { enableAutoPipelining: true }),
  'ioredis 5 that joins commands': (port) => ofIoRedis(Redis5, port, { enableAutoPipelining: true }),
  'ioredis 5 with texts for numbers': (port) => ofIoRedis(Redis5, port, { stringNumbers: true }),
}

async function ofRedis(create, port, options) {
  const client = create({ ...options, url: `redis://127.0.0.1:${port}` })
  // Without a listener an error of the connection ends the process.
  client.on('error', () => {})
  await client.connect()
  return { client, close: () => void (client.isOpen && client.destroy()) }
}

async function ofIoRedis(Client, port, options) {
  const client = new Client({ host: '127.0.0.1', port, ...options })
  client.on('error', () => {})
  return { client, close: () => client.disconnect() }
}
