'use strict'

const { version } = require('./hookseal.node')

module.exports = { version }
