import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Instrument, MarketEvent, UnixMs } from '../model/index.ts'
import { tinyFrame, tinyVenue } from '../test/tiny-venue.ts'
import type { Protocol } from '../test/venue-protocols.ts'
import { startVenueServer, type VenueServer } from '../test/venue-server.ts'
import type { PollPlan, SocketPlan, Venue } from '../venues/index.ts'
import type { ConnectionStatus, Feed } from './feed.ts'
import type { IntakeItem } from './intake.ts'
import { type FeedOptions, startFeed } from './live.ts'
import { replay } from './replay.ts'
import type { Timers } from './timers.ts'

const clock = { now: () => Date.now() as UnixMs }
const socketPlan: SocketPlan = {
  kind: 'socket',
  name: 'liquidations-1',
  channels: ['liquidations'],
  url: 'wss://venue.example/ws',
  subscribe: ['{"sub":1}'],
  subscribeEveryMs: 1,
  deadAfterMs: 5_000,
  control: (text) => (text.includes('"ok"') ? { kind: 'subscribed' } : undefined),
}
const pollPlan: PollPlan = { kind: 'poll', name: 'poll-1', channels: ['open-interest'], url: 'https://venue.example/oi', everyMs: 20 } // biome-ignore format: one line
const tinyProtocol: Protocol = {
  answer: (text) => ({ say: text.includes('sub') ? ['{"ok":1}'] : [], subscribes: text.includes('sub') }),
}
const scale = (contractSize: number): Instrument => ({ symbol: 'X', coin: 'X', quote: 'USD', settle: 'USD', payoff: 'linear', contractSize }) // biome-ignore format: one line

let dataDir: string
let server: VenueServer | undefined
let feed: Feed | undefined
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'breakwater-live-'))
})
afterEach(async () => {
  await feed?.stop()
  await server?.close()
  feed = server = undefined
  await rm(dataDir, { recursive: true })
})

function witness() {
  const events: MarketEvent[] = []
  const told: ConnectionStatus[] = []
  const waiting = new Set<() => void>()
  const look = () => {
    for (const check of [...waiting]) check()
  }
  return {
    events,
    told,
    options: {
      onBatch: async (batch: { events: readonly MarketEvent[] }) => {
        events.push(...batch.events)
        look()
      },
      onStatus: (status: ConnectionStatus) => {
        told.push(status)
        look()
      },
    },
    until: (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (!holds()) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
  }
}

const start = (venue: Venue, options: Partial<FeedOptions> & Pick<FeedOptions, 'onBatch'>) =>
  startFeed({
    ...{ dataDir, venues: [venue], channels: ['liquidations'], clock, random: () => 0, urlFor: server?.urlFor },
    backoff: { firstMs: 5, mostMs: 20 },
    ...options,
  })

describe('the live feed', () => {
  it('decodes with the list of its day: a venue’s new list is in force from its place in the recording, for replays too', async () => {
    let lists = 1
    server = await startVenueServer({
      ...{ pingEveryMs: 1000, clientSilenceMs: 1000, protocols: { tiny: tinyProtocol } },
      http: () => (lists > 0 ? { status: 200, body: '[]' } : { status: 503, body: '' }),
    })
    const parse = () => [scale(lists)]
    const venue = tinyVenue('tiny', {
      plan: () => [socketPlan],
      metadata: [{ url: 'https://venue.example/list', parse }],
    })
    const seen = witness()
    for (lists = 1; lists <= 2; lists++) {
      feed = await start(venue, seen.options)
      await server.subscribers('tiny', 1)
      server.send('tiny', [tinyFrame([`e${lists}`, Date.now(), 'long', 10, 1])])
      await seen.until(() =>
        seen.events.some((event) => event.type === 'perp-liquidation' && event.size === 10 * lists),
      )
      await feed.stop()
    }
    // The venue is away: the list that was confirmed last is used and the status says so.
    lists = 0
    feed = await start(venue, seen.options)
    expect(feed.status()[0]?.why).toMatch(/HTTP 503; using the list confirmed 0 h ago/)
    await server.subscribers('tiny', 1)
    server.send('tiny', [tinyFrame(['e3', Date.now(), 'long', 10, 1])])
    await seen.until(() => seen.events.filter(({ type }) => type === 'perp-liquidation').length === 3)
    await feed.stop()
    const sizes = (events: readonly MarketEvent[]) => events.flatMap((event) => (event.type === 'perp-liquidation' ? [event.size] : [])) // biome-ignore format: one line
    expect(sizes(seen.events)).toEqual([10, 20, 20])
    const replayed: MarketEvent[] = []
    const onBatch = async ({ events }: { events: readonly MarketEvent[] }) => {
      replayed.push(...events)
    }
    await replay({ dataDir, venues: new Map([['tiny', venue]]), speed: 0, source: 'live', onBatch })
    expect(replayed).toEqual(seen.events)
  })

  it('survives a full disk: drops are counted and shown, the gap has their time, and it goes on by itself', async () => {
    server = await startVenueServer({ pingEveryMs: 1000, clientSilenceMs: 1000, protocols: { tiny: tinyProtocol } })
    const venue = tinyVenue('tiny', { plan: () => [socketPlan] })
    const seen = witness()
    let full = false
    const openFile = async (path: string) => {
      const file = await open(path, 'wx')
      const write: typeof file.write = ((...args: Parameters<typeof file.write>) => {
        if (full) return Promise.reject(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))
        return file.write(...args)
      }) as typeof file.write
      return {
        write,
        datasync: () => file.datasync(),
        truncate: (n: number) => file.truncate(n),
        close: () => file.close(),
      }
    }
    feed = await start(venue, { ...seen.options, stream: { recorder: { openFile, retryMs: 10 } } })
    await server.subscribers('tiny', 1)
    server.send('tiny', [tinyFrame(['e1', Date.now(), 'long', 1, 1])])
    await seen.until(() => seen.events.length === 1)
    full = true
    const before = Date.now()
    server.send('tiny', [tinyFrame(['e2', before, 'long', 1, 1])])
    for (let n = 0; (feed.status()[0]?.dropped ?? 0) === 0 && n < 1000; n++)
      await new Promise((next) => setTimeout(next, 1))
    expect(feed.status()[0]?.why).toMatch(/disk is full/)
    full = false
    await seen.until(() => seen.events.some(({ type }) => type === 'gap'))
    server.send('tiny', [tinyFrame(['e3', Date.now(), 'long', 1, 1])])
    await seen.until(() => seen.events.filter(({ type }) => type === 'perp-liquidation').length === 2)
    const gap = seen.events.find((event) => event.type === 'gap')
    expect(gap).toMatchObject({ channel: 'liquidations', why: expect.stringContaining('disk is full') })
    expect(gap?.type === 'gap' && gap.from <= before && gap.to >= before).toBe(true)
    expect(feed.status()[0]).toMatchObject({ dropped: 1, state: 'open' })
  })

  it('polls, obeys Retry-After, and writes the outage down', async () => {
    const answers = [200, 429, 500, 200]
    let asked = 0
    server = await startVenueServer({
      ...{ pingEveryMs: 1000, clientSilenceMs: 1000 },
      http: () => {
        const status = answers[Math.min(asked++, answers.length - 1)]!
        return { status, body: tinyFrame([`p${asked}`, 1_760_000_000_000, 'long', 1, 1]), retryAfter: status === 429 ? 0 : undefined } // biome-ignore format: one line
      },
    })
    const seen = witness()
    feed = await start(tinyVenue('tiny', { plan: () => [pollPlan] }), seen.options)
    await seen.until(() => seen.events.some(({ type }) => type === 'gap'))
    expect(seen.events.find(({ type }) => type === 'gap')).toMatchObject({ channel: 'open-interest', why: 'the venue answered HTTP 429' }) // biome-ignore format: one line
    expect(seen.told.map(({ why }) => why)).toEqual(expect.arrayContaining(['the venue answered HTTP 429', 'the venue answered HTTP 500'])) // biome-ignore format: one line
    expect(seen.events.filter(({ type }) => type !== 'gap').length).toBeGreaterThanOrEqual(2)
  })

  it('takes any sequence of frames with a cursor, and goes on after it when it breaks or restarts', async () => {
    const plan = { kind: 'logs' as const, name: 'logs-x', channels: ['liquidations' as const], chain: 'x', topics: [] }
    const venue = tinyVenue('tiny', { plan: () => [plan] })
    const cursors: (string | undefined)[] = []
    const logs = async function* (
      _plan: unknown,
      cursor: string | undefined,
      signal: AbortSignal,
    ): AsyncGenerator<IntakeItem> {
      // biome-ignore format: one line
      cursors.push(cursor)
      for (let block = Number(cursor ?? 0) + 1; block <= 6; block++) {
        yield { frames: [{ received: clock.now(), text: tinyFrame([`b${block}`, 1_760_000_000_000, 'long', 1, 1]) }], cursor: String(block) } // biome-ignore format: one line
        if (block === 3) throw new Error('the provider is away')
      }
      await new Promise((done) => signal.addEventListener('abort', done, { once: true }))
    }
    const seen = witness()
    feed = await start(venue, { ...seen.options, logs })
    await seen.until(() => seen.events.length === 6)
    await feed.stop()
    feed = await start(venue, { ...seen.options, logs })
    await feed.stop()
    expect(cursors).toEqual([undefined, '3', '6'])
    expect(seen.events.map(({ id }) => id)).toHaveLength(new Set(seen.events.map(({ id }) => id)).size)
    expect(seen.told.map(({ why }) => why)).toContain('the provider is away')
  })
})

describe('a replay', () => {
  it('keeps the recording’s time, divided by the speed', async () => {
    server = await startVenueServer({ pingEveryMs: 1000, clientSilenceMs: 1000, protocols: { tiny: tinyProtocol } })
    const venue = tinyVenue('tiny', { plan: () => [socketPlan] })
    const seen = witness()
    let now = 1_760_000_000_000
    feed = await start(venue, { ...seen.options, clock: { now: () => now as UnixMs } })
    await server.subscribers('tiny', 1)
    for (let n = 1; n <= 3; n++) {
      now += 10_000
      server.send('tiny', [tinyFrame([`e${n}`, now, 'long', 1, 1])])
      await seen.until(() => seen.events.length === n)
    }
    await feed.stop()
    const waits: number[] = []
    const timers: Timers = {
      after: (ms, run) => {
        waits.push(ms)
        setImmediate(run)
        return () => undefined
      },
    }
    const replayed: MarketEvent[] = []
    await replay({
      ...{ dataDir, venues: new Map([['tiny', venue]]), speed: 4, source: 'recorded', timers },
      onBatch: async ({ events }) => {
        replayed.push(...events)
      },
    })
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(7_500)
    expect(replayed.map(({ source }) => source)).toEqual(['recorded', 'recorded', 'recorded'])
    expect(replayed.map(({ id }) => id)).toEqual(seen.events.map(({ id }) => id))
  })
})
