// The types of the adapter for Fastify, as an ES module.

export * from './fastify.cjs'
