// Genuine requests, and a client that sends exactly the given bytes.

import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { connect } from 'node:net'

import { Receiver, sign } from 'hookseal'

export const SALT = 'salt-7f3c9b1e'
export const BODY = Buffer.from('{"event":"reward_transaction_updated","entity":3,"entity_id":243}')

export const benji = () => Receiver.benji(SALT)

/** A Benji request for `receive`. */
export function benjiRequest(body = BODY, options) {
  return { method: 'POST', headers: sign.benji(SALT, body, options), body }
}

/** A Bento request with this JSON text, for a receiver with the bearer token `token`. */
export function bentoRequest(json) {
  return { method: 'POST', headers: sign.bentoBearer('token'), body: Buffer.from(json) }
}

/** A socket that has sent the head of a chunked request, but no body yet. */
export function begin(url, headers) {
  const { port, pathname } = new URL(url)
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.write(`POST ${pathname} HTTP/1.1\r\nhost: localhost\r\n${fields}transfer-encoding: chunked\r\n\r\n`)
  return socket
}

/** The status of the first answer on a socket. Undefined if the socket is closed without an answer. */
export async function statusOf(socket) {
  let text = ''
  try {
    for await (const part of socket) {
      text += part
      const [, status] = text.match(/^HTTP\/1\.1 (\d+)/) ?? []
      if (status !== undefined) return Number(status)
    }
  } catch {
    // A reset.
  }
  return undefined
}

/** Sends a request. Without an agent it uses a new socket. `chunks` are sent without a content-length. */
export function send(url, { method = 'POST', headers = {}, body, chunks, agent = false }) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent }, (response) => {
      const parts = []
      response.on('data', (part) => parts.push(part))
      response.on('end', () => {
        const { statusCode: status, headers } = response
        resolve({ status, headers, body: Buffer.concat(parts).toString(), reusedSocket: sent.reusedSocket })
      })
      response.on('error', reject)
    })
    // The answer can arrive before the whole body was sent. Sending the rest then fails, which does not matter.
    sent.on('error', (error) => (sent.res ? undefined : reject(error)))
    if (chunks === undefined) return sent.end(body)
    for (const chunk of chunks) sent.write(chunk)
    sent.end()
  })
}

const receivers = new Map()
const receiverOf = (options) => {
  const key = JSON.stringify(options)
  if (!receivers.has(key)) receivers.set(key, Receiver.bento({ bearer: 'token', maxBodyBytes: 8_000_000, ...options }))
  return receivers.get(key)
}

/** A delivery that no other test has; with the same text an equal one. */
export function newDelivery(text = randomUUID(), options = {}) {
  const body = Buffer.from(JSON.stringify({ event: 'e', text }))
  return receiverOf(options).receive({ method: 'POST', headers: sign.bentoBearer('token'), body })
}
