/** What is live on this page: the stream's state, the program's status, and a bell for whoever waits for events. */
import { createSignal, onCleanup } from 'solid-js'
import type { StreamData, StreamTopic, WireEvent, WireGap } from '../../../lib/api/index.ts'
import { openStream, type StreamState } from './stream.ts'

/** Told of what comes in, in batches. */
export type LiveListener = {
  readonly onEvents?: (events: readonly WireEvent[]) => void
  readonly onGaps?: (gaps: readonly WireGap[]) => void
  readonly onMissed?: (topic: StreamTopic) => void
  readonly onBegin?: (topic: StreamTopic) => void
}

/** The stream of the page, opened once. */
export function createLive() {
  const [state, setState] = createSignal<StreamState>('connecting')
  const [status, setStatus] = createSignal<StreamData['status']>()
  const [heard, setHeard] = createSignal(0)
  const listeners = new Set<LiveListener>()
  const begun = new Set<StreamTopic>()
  const address = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/stream`
  const close = openStream(address, {
    onState: setState,
    onMissed: (topic) => {
      for (const listener of listeners) listener.onMissed?.(topic)
    },
    onBegin: (topic) => {
      begun.add(topic)
      for (const listener of listeners) listener.onBegin?.(topic)
    },
    onMessage: (message) => {
      if (!('data' in message)) return
      if (message.topic === 'status') setStatus(message.data)
      else if (message.topic === 'liquidations') {
        if (message.data.length > 0) setHeard((count) => count + message.data.length)
        for (const listener of listeners) listener.onEvents?.(message.data)
      } else for (const listener of listeners) listener.onGaps?.(message.data)
    },
  })
  onCleanup(close)
  return {
    state,
    status,
    /** Events since the page was opened. */
    heard,
    /** True once the stream tells of everything on this topic, or says what it could not. */
    begun: (topic: StreamTopic) => begun.has(topic),
    listen: (listener: LiveListener) => {
      listeners.add(listener)
      onCleanup(() => listeners.delete(listener))
    },
  }
}

/** See {@link createLive}. */
export type Live = ReturnType<typeof createLive>
