'use strict'

// What an event is about, its parent, and who caused it.

const { inspect } = require('node:util')

/** Whom or what an event is about: an entity, and its id where the vendor tells it. */
class Subject {
  entity
  id

  constructor(entity, id) {
    this.entity = entity
    this.id = id
    Object.freeze(this)
  }

  toString() {
    return this.id === undefined ? this.entity : `${this.entity}/${this.id}`
  }

  // An id can be an e-mail address.
  [inspect.custom]() {
    return `Subject(${this.entity})`
  }
}

module.exports = { Subject }
