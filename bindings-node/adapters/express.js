// The adapter for Express and node:http, as an ES module.

import adapter from './express.cjs'

export const { webhook } = adapter
