// The types of the guard on Redis or Valkey, as an ES module.

export * from './redis.cjs'
