export * from './lambda.cjs'
