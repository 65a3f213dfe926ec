'use strict'

// The subject, the parent and the actor of an event.

const { inspect } = require('node:util')

/** Whom or what an event is about: an entity, and its id if the vendor sends one. */
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

  // The id is not shown, because it can be an e-mail address.
  [inspect.custom]() {
    return `Subject(${this.entity})`
  }
}

module.exports = { Subject }
