// node hostile_server.js <name of a starter>: a server that tells its parent its address and, asked, its peak memory.

import { benji } from './requests.js'
import { STARTERS } from './servers.js'

const { url } = await STARTERS[process.argv[2]](benji(), (delivery) => {
  for (const { name } of delivery) if (name === 'fail') throw new Error('no database')
})
process.on('message', () => process.send(process.resourceUsage().maxRSS * 1024))
process.send(url)
