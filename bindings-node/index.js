import hookseal from './index.cjs'

export const { version } = hookseal
