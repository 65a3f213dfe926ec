// node hostile_server.js <name of a starter> <body limit>: a server that sends its address, and on request its peak
// memory, to its parent process.

import { Receiver } from 'hookseal'

import { SALT } from './requests.js'
import { STARTERS } from './servers.js'

const [name, limit] = process.argv.slice(2)
const receiver = Receiver.benji(SALT, { maxBodyBytes: Number(limit) })
const { url } = await STARTERS[name](receiver, (delivery) => {
  for (const { name } of delivery) if (name === 'fail') throw new Error('no database')
})
process.on('message', () => process.send(process.resourceUsage().maxRSS * 1024))
process.send(url)
