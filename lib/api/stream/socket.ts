/** The stream over WebSocket. */
import type { WebSocket } from 'ws'
import { isBreakwaterError } from '../../model/index.ts'
import type { StreamRequest } from '../types.ts'
import type { Hub } from './hub.ts'
import type { Sink } from './lane.ts'
import { parseStreamRequest } from './subscription.ts'

/** The longest message a client may send, bytes. */
export const MAX_CLIENT_MESSAGE = 16_384
/** Messages a client may send between two pings. */
const MAX_REQUESTS_PER_PING = 60
/** A client that answers none of so many pings is gone. */
const MAX_MISSED_PONGS = 3

/** Serves one WebSocket until it closes. `first` is what its address asked for. */
export function serveSocket(socket: WebSocket, hub: Hub, first: StreamRequest | undefined): void {
  const sink: Sink = {
    buffered: () => socket.bufferedAmount,
    send: (message) => {
      if (socket.readyState === socket.OPEN) socket.send(message, { binary: false })
    },
  }
  let client: ReturnType<Hub['join']>
  try {
    client = hub.join(sink)
  } catch (error) {
    refuse(socket, error)
    socket.close(1013, 'too many clients')
    return
  }
  let missed = 0
  let requests = 0
  const pings = setInterval(() => {
    requests = 0
    if (++missed > MAX_MISSED_PONGS) socket.terminate()
    else socket.ping()
  }, hub.limits.pingMs)
  socket.on('pong', () => {
    missed = 0
  })
  socket.on('error', () => socket.terminate())
  socket.on('close', () => {
    clearInterval(pings)
    client.leave()
  })
  socket.on('message', (data, isBinary) => {
    if (++requests > MAX_REQUESTS_PER_PING) return socket.close(1008, 'too many requests')
    try {
      client.ask(parseStreamRequest(isBinary ? '' : data.toString()))
    } catch (error) {
      refuse(socket, error)
    }
  })
  if (first) client.ask(first)
}

function refuse(socket: WebSocket, error: unknown): void {
  if (!isBreakwaterError(error)) throw error
  socket.send(JSON.stringify({ error: { code: error.code, detail: error.message, fix: error.fix } }))
}
