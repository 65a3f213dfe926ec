// The recipe of core/docs/logs.md that counts refusals, run on a real server.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { Counter, register } from 'prom-client'

import { BODY, benji, benjiRequest, send } from './requests.js'
import { STARTERS } from './servers.js'

test('the recipe counts each refusal by vendor and code', async (t) => {
  const page = readFileSync(new URL('../../core/docs/logs.md', import.meta.url), 'utf8')
  const recipes = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code.replace(/^import .*\n/gm, ''))
  assert.equal(recipes.length, 1)
  const { onRejection } = new Function('Counter', `${recipes[0]}; return { onRejection }`)(Counter)
  t.after(() => register.clear())
  const { url, close } = await STARTERS.express(benji(), () => {}, { onRejection })
  t.after(close)
  await send(url, { body: BODY })
  for (let round = 0; round < 2; round++) await send(url, { ...benjiRequest(), body: '{}' })
  await send(url, benjiRequest())
  const lines = (await register.metrics()).split('\n').filter((line) => line.startsWith('webhook_refusals_total'))
  assert.deepEqual(lines.sort(), [
    'webhook_refusals_total{vendor="benji",code="missing_signature"} 1',
    'webhook_refusals_total{vendor="benji",code="signature_mismatch"} 2',
  ])
})
