// Genuine requests, and a client that sends exactly what it is told to.

import { request } from 'node:http'
import { connect } from 'node:net'

import { Receiver, sign } from 'hookseal'

export const SALT = 'salt-7f3c9b1e'
export const BODY = Buffer.from('{"event":"reward_transaction_updated","entity":3,"entity_id":243}')

export const benji = () => Receiver.benji(SALT)

/** A request of Benji to `receive`. */
export function benjiRequest(body = BODY, options) {
  return { method: 'POST', headers: sign.benji(SALT, body, options), body }
}

/** A request of Bento with this JSON text, to a receiver with the bearer token `token`. */
export function bentoRequest(json) {
  return { method: 'POST', headers: sign.bentoBearer('token'), body: Buffer.from(json) }
}

/** A socket with the head of a chunked request, whose body is still to come. */
export function begin(url, headers) {
  const { port, pathname } = new URL(url)
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.write(`POST ${pathname} HTTP/1.1\r\nhost: localhost\r\n${fields}transfer-encoding: chunked\r\n\r\n`)
  return socket
}

/** The status of the first answer on a socket; undefined where it is closed without one. */
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

/** Sends a request, over a socket of its own unless there is an agent; `chunks` go out without a content-length. */
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
    // The answer can come before all of the body was sent; the rest then fails, which is no matter.
    sent.on('error', (error) => (sent.res ? undefined : reject(error)))
    if (chunks === undefined) return sent.end(body)
    for (const chunk of chunks) sent.write(chunk)
    sent.end()
  })
}
