// A worker of chaos.test.js: claims, handles and confirms the deliveries that it is sent, and dies where it is told to.
//
//     node chaos_worker.js <port> <with tokens | without tokens>

import { setTimeout as sleep } from 'node:timers/promises'

import { Receiver, sign } from 'hookseal'
import { ReplayGuard } from 'hookseal/redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'

/** The shortest lease, so that slow handlers outlive it. */
const LEASE_SECONDS = 1
const [port, tokens] = process.argv.slice(2)

const receiver = Receiver.bento({ bearer: 'token' })
const log = new Redis(Number(port))
// Both clients share the guard.
const client = process.pid % 2 === 0 ? log : await createClient({ url: `redis://127.0.0.1:${port}` }).connect()
const guard = new ReplayGuard(tokens === 'with tokens' ? client : withoutTokens(log), { leaseSeconds: LEASE_SECONDS })

/** A client whose scripts end every claim, whoever has the key: the control. */
function withoutTokens(redis) {
  return {
    set: (...given) => redis.set(...given),
    pttl: (key) => redis.pttl(key),
    info: (section) => redis.info(section),
    async evalsha(_sha1, _keys, key, token, retention) {
      if (retention === undefined) await redis.del(key)
      else await redis.set(key, `+${token}`, 'PX', retention)
      return 1
    },
    eval: () => 0,
  }
}

async function statusOf({ number, delivery, dieAt, isSlow, milliseconds, fails }) {
  const reach = (state) => state === dieAt && process.kill(process.pid, 'SIGKILL')
  const body = Buffer.from(`{"event":"delivery ${delivery}"}`)
  const key = receiver.receive({ method: 'POST', headers: sign.bentoBearer('token'), body }).replayKey()
  const outcome = await guard.claim(key)
  if (outcome.outcome === 'duplicate') return 200
  if (outcome.outcome === 'in_progress') return 503
  reach('claimed')
  // The sender gives up at once, and not after a time, which a busy machine could need for any answer.
  if (isSlow) process.send({ number, status: undefined })
  await sleep(milliseconds)
  if (fails) {
    await guard.release(outcome.claim)
    reach('released')
    return 500
  }
  await log.rpush(`handled:${delivery}`, process.pid)
  reach('handled')
  const isConfirmed = await guard.confirm(outcome.claim)
  if (isConfirmed) await log.rpush(`confirmed:${delivery}`, process.pid)
  reach('confirmed')
  return 200
}

process.on('message', async (sent) => process.send({ number: sent.number, status: await statusOf(sent) }))
process.on('disconnect', () => process.exit())
process.send('ready')
