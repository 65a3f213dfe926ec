// The adapter for Fastify, as an ES module.

import adapter from './fastify.cjs'

export const { webhook } = adapter
