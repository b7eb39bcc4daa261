/** The stream as server-sent events, for curl and EventSource: one-way, resumed by `Last-Event-ID`. */
import type { ServerResponse } from 'node:http'
import type { StreamRequest, StreamTopic } from '../types.ts'
import type { Hub } from './hub.ts'
import type { Sink } from './lane.ts'
import { eventIdOf } from './subscription.ts'

/** A client that reads nothing for so many pings is gone. */
const MAX_STALLED_PINGS = 3

/** Serves one response until it closes. The head is written here; refuses (`overloaded`) before that. */
export function serveEvents(
  response: ServerResponse,
  hub: Hub,
  request: StreamRequest,
  headers: Readonly<Record<string, string>>,
): void {
  const seqs = new Map<StreamTopic, number>()
  const sink: Sink = {
    buffered: () => response.writableLength,
    send: (message, topic, seq) => {
      if (response.writableEnded || response.destroyed) return
      if (seq !== undefined) seqs.set(topic, seq)
      response.cork()
      response.write(`event: ${topic}\n${seqs.size ? `id: ${eventIdOf(seqs)}\n` : ''}data: `)
      response.write(message)
      response.write('\n\n')
      response.uncork()
    },
  }
  const client = hub.join(sink)
  response.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'keep-alive',
    'x-accel-buffering': 'no',
  })
  response.write('retry: 2000\n\n')
  let stalled = 0
  let written = 0
  const pings = setInterval(() => {
    const progress = response.socket?.bytesWritten ?? 0
    stalled = response.writableLength > 0 && progress === written ? stalled + 1 : 0
    written = progress
    if (stalled > MAX_STALLED_PINGS) response.destroy()
    else if (response.writableLength === 0) response.write(': ping\n\n')
  }, hub.limits.pingMs)
  response.on('close', () => {
    clearInterval(pings)
    client.leave()
  })
  response.on('error', () => response.destroy())
  client.ask(request)
}
