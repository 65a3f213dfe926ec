// The types of the adapter for a Web Request, as an ES module.

export * from './fetch.cjs'
