// The types of the adapter for Express and node:http, as an ES module.

export * from './express.cjs'
