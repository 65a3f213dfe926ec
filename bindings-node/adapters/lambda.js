import adapter from './lambda.cjs'

export const { webhook } = adapter
