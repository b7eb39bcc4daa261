/** The real server over a store in memory, filled with a day of the seeded demo market in the venues' own wire formats. */
import { fileURLToPath } from 'node:url'
import { type Api, type ApiOptions, startApi } from '../../api/index.ts'
import { shippedDays } from '../../cli/shipped.ts'
import { type ConnectionStatus, stamp } from '../../feed/index.ts'
import { type Clock, HOUR, isLiquidation, type MarketEvent, type UnixMs } from '../../model/index.ts'
import { type DemoItem, demoInstruments, demoSession, receivedAt } from '../../sim/index.ts'
import { memoryStore, type Store } from '../../store/index.ts'
import { type Decoder, venues } from '../../venues/index.ts'

/** Where the built terminal lies. */
export const WEB_ROOT = fileURLToPath(new URL('../../../web/dist', import.meta.url))
const SYSTEM_CLOCK: Clock = { now: () => Date.now() as UnixMs }

/** A running server with its store. */
export type World = {
  readonly store: Store
  readonly api: Api
  readonly options: ApiOptions
  /** Stores events and tells the stream, as the program does. */
  publish(events: readonly MarketEvent[]): Promise<void>
  /** Stops the server and starts it again at the same port, over the same store. */
  restart(meanwhile: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** Starts a world. `events` are in its store from the beginning. */
export async function startWorld(events: readonly MarketEvent[], more: Partial<ApiOptions> = {}): Promise<World> {
  const store = memoryStore()
  await store.append(events)
  const options: ApiOptions = {
    ...{ host: '127.0.0.1', port: 0, store, clock: SYSTEM_CLOCK, log: () => undefined, webRoot: WEB_ROOT },
    ...{ status: () => connectionsOf(events), mode: () => 'simulated', version: '0.0.0-test' },
    rawFrame: async ({ offset }) => (offset === undefined ? undefined : rawFrames.get(offset)),
    shipped: await shippedDays(),
    requestsPerMinute: 100_000,
    ...more,
  }
  let api = await startApi(options)
  const { port } = new URL(api.address)
  return {
    store,
    options,
    get api() {
      return api
    },
    publish: async (fresh) => {
      await store.append(fresh)
      api.publish(fresh)
    },
    restart: async (meanwhile) => {
      await api.close()
      await meanwhile()
      api = await startApi({ ...options, port: Number(port) })
    },
    close: async () => {
      await api.close()
      await store.close()
    },
  }
}

const rawFrames = new Map<number, string>()

/**
 * Events of the demo market that were received in the `hours` before `until`, in order of receipt: every gap, one liquidation of `every`
 * (a store in memory looks at all of them for each answer), and the newest open interest and funding.
 */
export function demoEvents(until: UnixMs, hours = 25, every = 40, seed = 'e2e'): readonly MarketEvent[] {
  const from = (Math.floor((until - hours * HOUR) / HOUR) * HOUR) as UnixMs
  const decoders = new Map<string, Decoder>()
  const events: MarketEvent[] = []
  for (const item of demoSession({ seed, from, crashAfterMs: (hours - 4) * HOUR })) {
    if (receivedAt(item) >= until) break
    events.push(...eventsOf(item, decoders))
  }
  let count = 0
  return events.filter((event) => {
    if (event.type === 'gap') return true
    return isLiquidation(event) ? count++ % every === 0 : event.received > until - 120_000
  })
}

function eventsOf(item: DemoItem, decoders: Map<string, Decoder>): readonly MarketEvent[] {
  const venue = venues.get(item.venue)
  if (!venue) return []
  const id = `sim:${item.venue}`
  if (item.kind === 'gap') {
    const { from, to, why } = item
    const gap = { type: 'gap', channel: 'liquidations', from, to, why, key: `gap ${from}`, time: to } as const
    return [stamp(id, 'simulated', gap, to)]
  }
  const decoder = decoders.get(item.venue) ?? venue.decoder({ instruments: demoInstruments(item.venue) })
  decoders.set(item.venue, decoder)
  const offset = rawFrames.size
  rawFrames.set(offset, item.text)
  const receipt = { file: `recordings/${id}`, segment: '000001', offset }
  return decoder({ received: item.received, text: item.text }).flatMap((fact) =>
    fact.type === 'refused' ? [] : [stamp(id, 'simulated', fact, item.received, receipt)],
  )
}

/** `count` liquidations heard just now on two venues, the newest last: odd ones longs of ETH on bybit, even ones shorts of BTC on okx. */
export function heardNow(count: number, name = 'now'): readonly MarketEvent[] {
  const end = Date.now()
  return Array.from({ length: count }, (_, index) => {
    const odd = index % 2 === 1
    const time = (end - (count - index) * 20) as UnixMs
    return {
      ...{ id: `${name}-${String(index).padStart(6, '0')}`, venue: odd ? 'bybit' : 'okx', source: 'live' },
      ...{ time, received: (time + 7) as UnixMs, type: 'perp-liquidation', instrument: odd ? 'ETHUSDT' : 'BTCUSDT' },
      ...{ coin: odd ? 'ETH' : 'BTC', side: odd ? 'long' : 'short', size: 2, price: 1_000 + index, priceKind: 'fill' },
      ...{ usd: 2 * (1_000 + index), usdBasis: 'notional' },
    } as MarketEvent
  })
}

/** A venue that was deaf until now. */
export function deafUntilNow(venue: string, ms: number, why: string): MarketEvent {
  const to = Date.now() as UnixMs
  const from = (to - ms) as UnixMs
  const gap = { type: 'gap', channel: 'liquidations', from, to, why } as const
  return { ...gap, id: `gap-${venue}-${from}`, venue, source: 'live', time: to, received: to }
}

function connectionsOf(events: readonly MarketEvent[]): readonly ConnectionStatus[] {
  return [...new Set(events.map(({ venue }) => venue))].map((venue) => {
    const last = events.findLast((event) => event.venue === venue)?.received
    return {
      ...{ venue, name: 'liquidations-1', state: 'open', why: undefined, since: Date.now() as UnixMs },
      ...{ lastFrame: last, lastEvent: last, frames: 1_000, events: 700, rejected: 0, dropped: 0, reconnects: 1 },
      skewMs: 12,
    } as const
  })
}
