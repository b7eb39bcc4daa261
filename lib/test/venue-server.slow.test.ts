import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Batch,
  type ConnectionStatus,
  catchUp,
  eventId,
  type Feed,
  listStreams,
  readRecording,
  recordingPath,
  replay,
  saveInstruments,
  startFeed,
} from '../feed/index.ts'
import { isLiquidation, type MarketEvent, type Prng, prng, type Rejected, type UnixMs } from '../model/index.ts'
import { type Connection, type Venue, venues } from '../venues/index.ts'
import { startVenueServer, type VenueServer } from './venue-server.ts'
import { frameOf, instrumentsOf, type Order, SPOKEN } from './venue-voices.ts'

const clock = { now: () => Date.now() as UnixMs }
/** Venue time runs this many times faster in the scaled plans. */
const SCALE = 100
const spoken = SPOKEN.filter((id) => venues.has(id))

/** The plan with its waits scaled to the test. What is sent, answered and understood stays the venue's own. */
function scaled(plan: Connection, cutAfterMs?: number): Connection {
  if (plan.kind !== 'socket') return plan
  const ping = plan.ping && { ...plan.ping, everyMs: plan.ping.everyMs / SCALE }
  // Where rotation is the question, a busy machine's pause must not pass for a dead connection.
  return { ...plan, ping, cutAfterMs, subscribeEveryMs: 2, deadAfterMs: cutAfterMs === undefined ? 700 : 10_000 }
}

function scaledVenue(id: string, cutAfterMs?: number): Venue {
  const venue = venues.get(id)!
  // Venues with a socket per kind of contract (HTX, Gate) are spoken to on the first: the session's orders are of that kind.
  const plan: Venue['plan'] = (want) =>
    venue
      .plan(want)
      .slice(0, 1)
      .map((each) => scaled(each, cutAfterMs))
  return { ...venue, metadata: venue.metadata.slice(0, 1), plan }
}

/** A store that keeps one of each id and lets a test wait for events. */
function mapStore() {
  const events = new Map<string, MarketEvent>()
  const rejected: Rejected[] = []
  const checkpoints = new Map<string, string>()
  const waiting = new Set<() => void>()
  return {
    events,
    rejected,
    checkpoints,
    duplicates: 0,
    async append(this: { duplicates: number; look: () => void }, batch: Batch) {
      for (const event of batch.events) {
        if (events.has(event.id)) this.duplicates++
        else events.set(event.id, event)
      }
      rejected.push(...batch.rejected)
      checkpoints.set(batch.stream, batch.position)
      this.look()
    },
    look() {
      for (const check of [...waiting]) check()
    },
    until(holds: () => boolean): Promise<void> {
      return new Promise((resolve) => {
        const check = () => {
          if (!holds()) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      })
    },
  }
}

/** Tells seeded liquidations of one venue and knows which events they are. */
function teller(server: VenueServer, id: string, chance: Prng) {
  const decode = venues.get(id)!.decoder({ instruments: new Map(instrumentsOf(id).map((each) => [each.symbol, each])) })
  const expected = new Map<string, number>()
  let n = 0
  const orders = (count: number): Order[] =>
    Array.from({ length: count }, () => ({
      n: ++n,
      coin: chance.next() < 0.5 ? 'BTC' : 'ETH',
      side: chance.next() < 0.5 ? 'long' : 'short',
      time: Date.now() - chance.int(400),
    }))
  return {
    expected,
    /** A burst of frames in one tick, each with one to five rows. */
    burst(frames: number): number {
      const texts = Array.from({ length: frames }, () => frameOf(id, orders(1 + chance.int(5))))
      const clients = server.send(id, texts)
      if (clients === 0) return 0
      for (const text of texts) {
        for (const item of decode({ received: clock.now(), text })) {
          expect(item.type, `${id}: ${text}`).not.toBe('refused')
          if (item.type !== 'refused') expected.set(eventId(id, item.key), Date.now())
        }
      }
      return clients
    },
  }
}

let dataDir: string
let server: VenueServer | undefined
let feed: Feed | undefined
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'breakwater-venues-'))
})
afterEach(async () => {
  await feed?.stop()
  await server?.close()
  feed = server = undefined
  await rm(dataDir, { recursive: true })
})

async function startWith(
  ids: readonly string[],
  store: ReturnType<typeof mapStore>,
  options: { cutAfterMs?: number } = {},
) {
  // biome-ignore format: one line
  const { cutAfterMs } = options
  // The server answers no list: the one on disk is used.
  for (const id of ids) await saveInstruments(dataDir, id, instrumentsOf(id), clock.now())
  server = await startVenueServer({
    pingEveryMs: 60,
    clientSilenceMs: cutAfterMs === undefined ? 1_500 : 10_000,
    cutAfterMs,
  })
  feed = await startFeed({
    dataDir,
    venues: ids.map((id) => scaledVenue(id, cutAfterMs)),
    channels: ['liquidations'],
    symbols: ids.length === 1 && ids[0] === 'hyperliquid' ? ['0x00000000000000000000000000000000000000aa'] : undefined,
    clock,
    random: prng('feed').next,
    urlFor: server.urlFor,
    backoff: { firstMs: 20, mostMs: 100 },
    socket: { overlapMs: 50, wire: { acknowledgeMs: 500 } },
    onBatch: (batch) => store.append(batch),
    onStatus: () => store.look(),
  })
  return server
}

const hasAll = (store: ReturnType<typeof mapStore>, expected: ReadonlyMap<string, number>) =>
  store.until(() => [...expected.keys()].every((id) => store.events.has(id)))

describe('every venue, spoken to as it speaks', () => {
  it('covers what is registered', () => {
    expect(spoken.length).toBeGreaterThan(0)
    expect(SPOKEN.filter((id) => !spoken.includes(id))).toEqual([])
  })

  for (const id of spoken) {
    it(`${id}: bursts, broken frames, refusals, drops and death: every event once, a gap for each outage`, async () => {
      const store = mapStore()
      const chance = prng('session').fork(id)
      const local = await startWith([id], store)
      const tell = teller(local, id, chance)
      const outages: { lost: number; lastSent: number; gone: number; back: number }[] = []
      await local.subscribers(id, 1)
      await store.until(() => feed!.status().every(({ state }) => state === 'open'))
      for (const outage of ['drop', 'freeze', 'shut', 'refuse', 'drop'] as const) {
        const sent = Date.now()
        expect(tell.burst(50)).toBe(1)
        local.send(id, ['{"broken', '{"an":"unknown topic"}'])
        tell.burst(1 + chance.int(20))
        await hasAll(store, tell.expected)
        const lost = Date.now()
        if (outage === 'refuse') local.refuse(id, 2)
        if (outage === 'shut') local.shut(id, true)
        if (outage === 'freeze') local.freeze(id, true)
        else local.drop(id)
        await local.subscribers(id, 0)
        const gone = Date.now()
        if (outage === 'shut') local.shut(id, false)
        if (outage === 'freeze') local.freeze(id, false)
        await local.subscribers(id, 1)
        // With several subscriptions the server knows the first before the feed has them all.
        await store.until(() => gapsOf(store).length === outages.length + 1)
        outages.push({
          lost,
          gone,
          lastSent: sent,
          back: local.happenings.findLast(({ what }) => what === 'subscribed')!.at,
        })
      }
      expect(tell.burst(50)).toBe(1)
      await hasAll(store, tell.expected)
      const events = [...store.events.values()]
      expect(new Set(events.filter(isLiquidation).map((event) => event.id))).toEqual(new Set(tell.expected.keys()))
      expect(store.duplicates).toBe(0)
      expect(store.rejected.map(({ raw }) => raw)).toContain('{"broken')
      const gaps = gapsOf(store).sort((a, b) => a.from - b.from)
      expect(gaps).toHaveLength(outages.length)
      for (const [index, { lastSent, gone, back }] of outages.entries()) {
        const { from, to } = gaps[index]!
        // Heard last after the last burst was sent and before the server saw the connection end; heard again once it acknowledged.
        expect(from).toBeGreaterThanOrEqual(lastSent)
        expect(from).toBeLessThanOrEqual(gone)
        expect(to).toBeGreaterThanOrEqual(back)
        expect(to).toBeLessThanOrEqual(outages[index + 1]?.lost ?? Date.now())
      }
      await feed!.stop()
      await expectReplayEqual(store)
    })
  }
})

function gapsOf(store: ReturnType<typeof mapStore>) {
  return [...store.events.values()].flatMap((event) => (event.type === 'gap' ? [event] : []))
}

/** The gaps stand exactly on what the recording heard last and when it was subscribed again; a replay gives the same events. */
async function expectReplayEqual(store: ReturnType<typeof mapStore>): Promise<void> {
  const replayed = new Map<string, MarketEvent>()
  await replay({
    ...{ dataDir, venues, speed: 0, source: 'live' as const },
    onBatch: async ({ events }) => {
      for (const event of events) if (!replayed.has(event.id)) replayed.set(event.id, event)
    },
  })
  expect(replayed).toEqual(store.events)
  for (const { venue, stream } of await listStreams(dataDir)) {
    const subscribedAt = new Set<number>()
    for await (const { entries } of readRecording(join(dataDir, recordingPath(venue, stream)))) {
      for (const entry of entries) if ('note' in entry && entry.note === 'subscribed') subscribedAt.add(entry.received)
    }
    for (const gap of gapsOf(store).filter((each) => each.venue === venue)) expect(subscribedAt).toContain(gap.to)
  }
}

describe('all venues at once', () => {
  it('rotate before their cut with overlap: no gap, no loss, duplicates vanish by id', async () => {
    const store = mapStore()
    const ids = spoken.filter((id) => id !== 'hyperliquid')
    const local = await startWith(ids, store, { cutAfterMs: 2_500 })
    const tellers = ids.map((id) => teller(local, id, prng('rotate').fork(id)))
    await Promise.all(ids.map((id) => local.subscribers(id, 1)))
    const rotated = () => ids.every((id) => local.happenings.filter((each) => each.venue === id && each.what === 'subscribed').length >= 4) // biome-ignore format: one line
    let overlapped = 0
    while (!rotated()) {
      for (const tell of tellers) if (tell.burst(3) > 1) overlapped++
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    for (const tell of tellers) await hasAll(store, tell.expected)
    expect(overlapped).toBeGreaterThan(0)
    expect(store.duplicates).toBeGreaterThan(0)
    expect(gapsOf(store)).toEqual([])
    const liquidations = [...store.events.values()].filter(isLiquidation)
    expect(liquidations.length).toBe(tellers.reduce((sum, { expected }) => sum + expected.size, 0))
    expect(local.happenings.filter(({ what }) => what === 'cut')).toEqual([])
  })

  it('after a stop the next start says how long nobody listened, and catches up what the store had not taken', async () => {
    const store = mapStore()
    const [id] = spoken as [string]
    const local = await startWith([id], store)
    const tell = teller(local, id, prng('restart'))
    await local.subscribers(id, 1)
    tell.burst(20)
    await hasAll(store, tell.expected)
    await feed!.stop()
    const lost = new Map(store.events)
    store.events.clear()
    const caught = await catchUp({
      dataDir,
      venues,
      checkpoint: async () => undefined,
      onBatch: (batch) => store.append(batch),
    })
    expect(store.events).toEqual(lost)
    expect(caught.events).toBe(lost.size)
    await local.close()
    const again = await startWith([id], store)
    await again.subscribers(id, 1)
    await store.until(() => gapsOf(store).length === 1)
    const lastHeard = Math.max(...[...lost.values()].map(({ received }) => received))
    expect(gapsOf(store)[0]).toMatchObject({ channel: 'liquidations', why: 'the feed was stopped' })
    expect(gapsOf(store)[0]!.from).toBeGreaterThanOrEqual(lastHeard)
  })

  it('a venue that cannot be reached is a status that says why', async () => {
    const told: ConnectionStatus[] = []
    const ids = spoken.filter((id) => id !== 'hyperliquid')
    let waiting: () => void = () => undefined
    const all = new Promise<void>((resolve) => {
      waiting = resolve
    })
    for (const id of ids) await saveInstruments(dataDir, id, instrumentsOf(id), clock.now())
    feed = await startFeed({
      ...{ dataDir, venues: ids.map((id) => scaledVenue(id)), channels: ['liquidations'], clock, random: () => 0.5 },
      urlFor: (url) => (url.startsWith('http') ? 'http://127.0.0.1:9/' : 'ws://127.0.0.1:9/'),
      onBatch: async () => undefined,
      onStatus: (status) => {
        if (status.state === 'waiting') told.push(status)
        if (new Set(told.map(({ venue }) => venue)).size === ids.length) waiting()
      },
    })
    await all
    for (const { why } of told) expect(why).toMatch(/refused/)
  })
})
