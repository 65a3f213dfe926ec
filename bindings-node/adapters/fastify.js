import adapter from './fastify.cjs'

export const { webhook } = adapter
