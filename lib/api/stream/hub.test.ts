/** The stream's promises: numbered, batched once, filtered, resumable without loss, and honest to slow clients. */
import { describe, expect, it } from 'vitest'
import type { MarketEvent, UnixMs } from '../../model/index.ts'
import type { StreamMessage, WireEvent } from '../types.ts'
import { streamHub } from './hub.ts'
import type { Sink } from './lane.ts'

const clock = { now: () => 1_700_000_000_000 as UnixMs }
const START = 1_700_000_000_000_000

function event(n: number, more: Partial<MarketEvent> = {}): MarketEvent {
  return {
    id: `e${n}`,
    venue: n % 2 ? 'bybit' : 'okx',
    time: (1_700_000_000_000 + n) as UnixMs,
    received: (1_700_000_000_001 + n) as UnixMs,
    source: 'live',
    type: 'perp-liquidation',
    instrument: 'BTCUSDT',
    coin: n % 3 ? 'BTC' : 'ETH',
    side: n % 2 ? 'long' : 'short',
    size: 1,
    price: 100,
    priceKind: 'fill',
    usd: n,
    ...more,
  } as MarketEvent
}

const events = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => event(from + i))

function client() {
  const raw: Buffer[] = []
  let buffered = 0
  const sink: Sink = { buffered: () => buffered, send: (message) => raw.push(message) }
  const messages = () => raw.map((buffer) => JSON.parse(buffer.toString()) as StreamMessage)
  const ids = () =>
    messages().flatMap((m) =>
      'data' in m && m.topic === 'liquidations' ? m.data.map((e: WireEvent) => Number(e.id.slice(1))) : [],
    )
  return { sink, raw, messages, ids, block: (bytes: number) => (buffered = bytes) }
}

const hubOf = (limits = {}) => streamHub({ clock, status: () => ({ mode: 'live' }), limits })
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('the stream hub', () => {
  it('numbers events and sends one batch, the same bytes to every client of a filter', () => {
    const hub = hubOf()
    const [a, b, filtered] = [client(), client(), client()]
    for (const c of [a, b]) hub.join(c.sink).ask({ op: 'subscribe', args: ['liquidations'] })
    hub.join(filtered.sink).ask({ op: 'subscribe', args: ['liquidations'], filter: { coin: ['eth'], minUsd: 5 } })
    hub.publish(events(1, 10))
    hub.flush()
    expect(a.messages()[0]).toEqual({ topic: 'liquidations', subscribed: true, seq: START })
    expect(a.messages()[1]).toMatchObject({ topic: 'liquidations', seq: START + 10, sent: clock.now() })
    expect(a.ids()).toEqual(range(1, 10))
    expect(a.raw[1]).toBe(b.raw[1])
    expect(filtered.ids()).toEqual([6, 9])
    hub.close()
  })

  it('narrows by venue and side; a retraction reaches everyone; gaps have their own topic', () => {
    const hub = hubOf()
    const [long, gaps] = [client(), client()]
    hub.join(long.sink).ask({ op: 'subscribe', args: ['liquidations'], filter: { side: ['long'], venue: ['bybit'] } })
    hub.join(gaps.sink).ask({ op: 'subscribe', args: ['gaps'] })
    const gap = { type: 'gap', channel: 'liquidations', from: 1, to: 2, why: 'reconnect' } as unknown as MarketEvent
    hub.publish([
      ...events(1, 4),
      event(90, gap),
      event(91, { type: 'retraction', of: 'e1', why: 'reorganised' } as unknown as MarketEvent),
      event(93, { venue: 'sim:bybit' }),
      event(94, { type: 'trade' } as unknown as MarketEvent),
    ])
    hub.flush()
    expect(long.ids()).toEqual([1, 3, 91, 93])
    expect(gaps.messages()[1]).toMatchObject({ topic: 'gaps', seq: START + 1, data: [{ why: 'reconnect' }] })
    hub.close()
  })

  it('resumes without loss and without repetition, and says when the past is gone', () => {
    const hub = hubOf({ ringItems: 20, catchUpCharacters: 600 })
    hub.publish(events(1, 15))
    hub.flush()
    const back = client()
    hub.join(back.sink).ask({ op: 'subscribe', args: ['liquidations'], resume: { liquidations: START + 5 } })
    hub.publish(events(16, 17))
    hub.flush()
    expect(back.ids()).toEqual(range(6, 17))
    expect(back.messages().some((m) => 'dropped' in m || 'reset' in m)).toBe(false)

    hub.publish(events(18, 40))
    hub.flush()
    const late = client()
    hub.join(late.sink).ask({ op: 'subscribe', args: ['liquidations'], resume: { liquidations: START + 5 } })
    hub.publish(events(41, 41))
    hub.flush()
    expect(late.messages()[0]).toEqual({ topic: 'liquidations', reset: true, seq: START + 40 })
    expect(late.ids()).toEqual([41])
    const future = client()
    hub.join(future.sink).ask({ op: 'subscribe', args: ['liquidations'], resume: { liquidations: START + 999 } })
    expect(future.messages()[0]).toMatchObject({ reset: true })
    hub.close()
  })

  it('gives a slow client the newest, says exactly what it missed, and lets it fetch that', () => {
    const hub = hubOf({ highWater: 100, catchUpCharacters: 1_000 })
    const [slow, quick] = [client(), client()]
    const at = hub.join(slow.sink)
    at.ask({ op: 'subscribe', args: ['liquidations'], filter: { side: ['long'] } })
    hub.join(quick.sink).ask({ op: 'subscribe', args: ['liquidations'] })
    slow.block(101)
    for (let n = 1; n <= 91; n += 10) {
      hub.publish(events(n, n + 9))
      hub.flush()
    }
    expect(slow.raw).toHaveLength(1)
    slow.block(0)
    hub.flush()
    const told = slow.messages().find((m) => 'dropped' in m) as { dropped: number; from: number; to: number }
    const got = slow.ids()
    expect(got.at(-1)).toBe(99)
    expect(told).toEqual({
      topic: 'liquidations',
      dropped: 50 - got.length,
      from: START + 1,
      to: START + (got[0] as number) - 1,
    })
    expect(hub.facts().dropped).toBe(told.dropped)
    expect(quick.ids()).toEqual(range(1, 100))

    at.ask({
      op: 'subscribe',
      args: ['liquidations'],
      filter: { side: ['long'] },
      resume: { liquidations: told.from - 1 },
    })
    expect(new Set(slow.ids())).toEqual(new Set(range(1, 100).filter((n) => n % 2)))
    hub.close()
  })

  it('counts what left the memory before a slow client read again', () => {
    const hub = hubOf({ highWater: 100, ringItems: 10 })
    const slow = client()
    hub.join(slow.sink).ask({ op: 'subscribe', args: ['liquidations'] })
    slow.block(101)
    for (let n = 1; n <= 50; n++) {
      hub.publish([event(n)])
      hub.flush()
    }
    slow.block(0)
    hub.flush()
    expect(slow.messages()[1]).toEqual({ topic: 'liquidations', dropped: 40, from: START + 1, to: START + 40 })
    expect(slow.ids()).toEqual(range(41, 50))
    hub.close()
  })

  it('tells a quiet filtered client how far it is, so that it can resume from there', () => {
    const hub = hubOf()
    const quiet = client()
    hub.join(quiet.sink).ask({ op: 'subscribe', args: ['liquidations'], filter: { coin: ['DOGE'] } })
    hub.publish(events(1, 5))
    hub.flush()
    expect(quiet.messages()).toHaveLength(1)
    hub.beat()
    hub.beat()
    expect(quiet.messages().slice(1)).toEqual([{ topic: 'liquidations', seq: START + 5, sent: clock.now(), data: [] }])
    hub.close()
  })

  it('status is a state: at once on subscribing, again only when it changes, the newest only for the slow', () => {
    let mode = 'live'
    const hub = streamHub({ clock, status: () => ({ mode }), limits: { highWater: 100 } })
    const watcher = client()
    hub.join(watcher.sink).ask({ op: 'subscribe', args: ['status'] })
    hub.flush()
    hub.flush()
    expect(watcher.messages().slice(1)).toMatchObject([{ data: { mode: 'live' } }])
    watcher.block(101)
    mode = 'offline'
    hub.flush()
    mode = 'recorded'
    hub.flush()
    watcher.block(0)
    hub.flush()
    expect(watcher.messages().slice(2)).toMatchObject([{ data: { mode: 'recorded' } }])
    hub.close()
  })

  it('refuses one client too many, and forgets those that left', () => {
    const hub = hubOf({ maxClients: 1 })
    const [a, b] = [client(), client()]
    const first = hub.join(a.sink)
    first.ask({ op: 'subscribe', args: ['liquidations'] })
    expect(() => hub.join(b.sink)).toThrow(expect.objectContaining({ code: 'overloaded' }))
    first.leave()
    hub.publish(events(1, 1))
    hub.flush()
    expect(a.ids()).toEqual([])
    expect(hub.facts().clients).toBe(0)
    hub.close()
  })
})
