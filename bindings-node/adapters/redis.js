// The guard on Redis or Valkey, as an ES module.

import redis from './redis.cjs'

export const { GuardUnavailableError, ReplayGuard } = redis
