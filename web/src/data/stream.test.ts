import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openStream } from './stream.ts'

type Fake = Pick<WebSocket, 'onopen' | 'onmessage' | 'onclose'> & { sent: unknown[]; closed: boolean }

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('addEventListener', () => undefined)
  vi.stubGlobal('removeEventListener', () => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function stream() {
  const sockets: Fake[] = []
  const told: string[] = []
  const close = openStream(
    'ws://here',
    {
      onState: () => undefined,
      onMessage: () => undefined,
      onMissed: (topic) => told.push(`missed ${topic}`),
      onBegin: (topic) => told.push(`begin ${topic}`),
    },
    () => {
      const fake: Fake = { onopen: null, onmessage: null, onclose: null, sent: [], closed: false }
      sockets.push(fake)
      const socket = { send: (text: string) => fake.sent.push(JSON.parse(text)), close: () => undefined }
      return Object.assign(fake, socket) as unknown as WebSocket
    },
  )
  const last = () => sockets.at(-1) as Fake
  const open = () => (last().onopen as () => void)()
  const tell = (message: object) => (last().onmessage as (frame: object) => void)({ data: JSON.stringify(message) })
  const cut = () => {
    ;(last().onclose as () => void)()
    vi.advanceTimersByTime(10_000)
  }
  return { told, open, tell, cut, close, last }
}

describe('the stream', () => {
  it('says from where on nothing is missed, once per topic', () => {
    const { told, open, tell, cut, close, last } = stream()
    open()
    tell({ topic: 'liquidations', subscribed: true, seq: 7 })
    expect(told).toEqual(['begin liquidations'])
    tell({ topic: 'liquidations', seq: 9, data: [] })
    cut()
    open()
    expect(last().sent).toMatchObject([{ op: 'subscribe', resume: { liquidations: 9 } }])
    // Resumed: what came meanwhile is sent again, so there is nothing to fetch. Another topic was never begun.
    tell({ topic: 'liquidations', subscribed: true, seq: 9 })
    tell({ topic: 'gaps', subscribed: true, seq: 3 })
    expect(told).toEqual(['begin liquidations', 'begin gaps'])
    close()
  })

  it('begins anew when it broke before it was told where it stands', () => {
    const { told, open, tell, cut, close, last } = stream()
    open()
    cut()
    open()
    expect(last().sent).toEqual([{ op: 'subscribe', args: ['liquidations', 'gaps', 'status'] }])
    tell({ topic: 'liquidations', subscribed: true, seq: 7 })
    expect(told).toEqual(['begin liquidations'])
    close()
  })

  it('says what was missed: a past that is gone, and what a slow reader was not sent', () => {
    const { told, open, tell, close } = stream()
    open()
    tell({ topic: 'liquidations', reset: true, seq: 7 })
    tell({ topic: 'gaps', dropped: 2, from: 1, to: 2 })
    expect(told).toEqual(['missed liquidations', 'missed gaps'])
    close()
  })
})
