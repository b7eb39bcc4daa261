/** The live stream: one WebSocket that reconnects, resumes where it was, and says when it could not. */
import type { StreamMessage, StreamRequest, StreamTopic } from '../../../lib/api/index.ts'

/** How the stream is doing. */
export type StreamState = 'connecting' | 'open' | 'lost'

/** What the stream tells. */
export type StreamListener = {
  readonly onMessage: (message: StreamMessage) => void
  readonly onState: (state: StreamState) => void
  /** Events were missed on this topic: fetch them. */
  readonly onMissed: (topic: StreamTopic) => void
  /** From here on nothing of this topic is missed; what came before it must be fetched after this. */
  readonly onBegin: (topic: StreamTopic) => void
}

/** The browser's WebSocket, or one of a test. */
export type OpenSocket = (url: string) => WebSocket

const TOPICS: readonly StreamTopic[] = ['liquidations', 'gaps', 'status']
const BACKOFF_MS = { least: 400, most: 8_000 }

/** Opens the stream; the function that comes back closes it. */
export function openStream(
  url: string,
  listener: StreamListener,
  open: OpenSocket = (address) => new WebSocket(address),
): () => void {
  const seqs: Partial<Record<StreamTopic, number>> = {}
  let closed = false
  let tries = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let socket: WebSocket | undefined

  const connect = () => {
    timer = undefined
    listener.onState(tries === 0 ? 'connecting' : 'lost')
    const mine = open(url)
    const resumed = { ...seqs }
    socket = mine
    mine.onopen = () => {
      const known = Object.keys(resumed).length > 0
      const request: StreamRequest = { op: 'subscribe', args: TOPICS, ...(known ? { resume: resumed } : {}) }
      mine.send(JSON.stringify(request))
      tries = 0
      listener.onState('open')
    }
    mine.onmessage = (frame) => {
      if (socket !== mine) return
      const message = JSON.parse(String(frame.data)) as StreamMessage
      if ('error' in message) return
      if ('reset' in message || 'dropped' in message) listener.onMissed(message.topic)
      if ('seq' in message) seqs[message.topic] = message.seq
      if ('subscribed' in message && resumed[message.topic] === undefined) listener.onBegin(message.topic)
      listener.onMessage(message)
    }
    mine.onclose = () => {
      if (closed || socket !== mine) return
      listener.onState('lost')
      tries += 1
      const wait = Math.min(BACKOFF_MS.most, BACKOFF_MS.least * 2 ** (tries - 1))
      timer = setTimeout(connect, wait * (0.5 + Math.random() / 2))
    }
  }
  const hurry = () => {
    if (timer === undefined) return
    clearTimeout(timer)
    connect()
  }
  addEventListener('online', hurry)
  connect()
  return () => {
    closed = true
    removeEventListener('online', hurry)
    clearTimeout(timer)
    socket?.close()
  }
}
