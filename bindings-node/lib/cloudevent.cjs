'use strict'

// An event in the JSON format of CloudEvents 1.0.

const TYPE_PREFIX = { benji: 'com.withbenji', benti: 'io.inbenta.benti', bento: 'com.bentonow' }

const encoded = (text) => text.replace(/[\p{Cc}\p{White_Space}]/gu, (character) => percentEncoded(character))

function percentEncoded(character) {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}

/** Everything but `data`. A subject that is an e-mail address is left out: context attributes are logged. */
function attributes(event) {
  const { subject, time } = event
  const isShown = subject.id !== undefined && subject.entity !== 'subscriber' && !subject.id.includes('@')
  return {
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: `${TYPE_PREFIX[event.vendor]}.${encoded(event.name)}`,
    ...(isShown && { subject: `${subject.entity}/${encoded(subject.id)}` }),
    ...(time !== undefined && { time: rfc3339(time) }),
    datacontenttype: 'application/json',
    hooksealkind: event.kind,
    batchindex: event.index,
  }
}

/** As the core writes it: milliseconds only where there are any. */
const rfc3339 = (time) => time.toISOString().replace('.000Z', 'Z')

module.exports = { attributes }
