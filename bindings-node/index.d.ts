// The types of the package as an ES module.

export * from './index.cjs'
