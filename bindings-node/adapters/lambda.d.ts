// The types of the adapter for AWS Lambda, as an ES module.

export * from './lambda.cjs'
