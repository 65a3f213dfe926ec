// The adapter for AWS Lambda, as an ES module.

import adapter from './lambda.cjs'

export const { webhook } = adapter
