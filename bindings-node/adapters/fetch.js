import adapter from './fetch.cjs'

export const { webhook } = adapter
