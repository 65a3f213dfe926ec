// The adapter for a Web Request, as an ES module.

import adapter from './fetch.cjs'

export const { webhook } = adapter
