/** An API over a store in memory with a few real-looking events, for the tests of the api room. */
import type { ApiOptions } from '../api/index.ts'
import type { ConnectionStatus } from '../feed/index.ts'
import { DAY, type MarketEvent, type UnixMs } from '../model/index.ts'
import { memoryStore, type Store } from '../store/index.ts'

/** The present of every test. */
export const NOW = Date.parse('2026-11-20T12:00:00Z') as UnixMs
/** A clock that stands. */
export const CLOCK = { now: () => NOW }

/** The n-th event: a perp liquidation n minutes before the present; odd ones are longs on bybit, even ones shorts on okx. */
export function perp(n: number, more: Partial<MarketEvent> = {}): MarketEvent {
  const time = NOW - n * 60_000
  return {
    ...{
      id: `perp${String(n).padStart(4, '0')}`,
      venue: n % 2 ? 'bybit' : 'okx',
      source: 'live',
      time,
      received: time + 80,
    },
    ...{
      type: 'perp-liquidation',
      instrument: n % 3 ? 'BTCUSDT' : 'ETHUSDT',
      coin: n % 3 ? 'BTC' : 'ETH',
      priceKind: 'fill',
    },
    ...{ side: n % 2 ? 'long' : 'short', size: n, price: 1000, usd: n * 1000, usdBasis: 'notional' },
    ...{ receipt: { file: 'recordings/bybit', segment: '000001', offset: n * 100 } },
    ...more,
  } as MarketEvent
}

/** The n-th loan: a liquidation on 2021-05-19, its amounts beyond 2^53. */
export function loan(n: number, more: Partial<MarketEvent> = {}): MarketEvent {
  const time = Date.parse('2021-05-19T11:00:00Z') + n * 60_000
  return {
    ...{ id: `loan${String(n).padStart(4, '0')}`, venue: 'aave-v2', source: 'recorded', time, received: NOW - DAY },
    ...{ type: 'loan-liquidation', protocol: 'aave-v2', market: 'main', account: `0xacc${n}`, liquidator: '0x11' },
    repaid: { asset: 'USDC', amount: String(n * 500), atoms: BigInt(n) * 500_000_000n, decimals: 6 },
    seized: { asset: 'WETH', amount: '1.5', atoms: 1_500_000_000_000_000_000n, decimals: 18 },
    ...{ usd: n * 500, usdBasis: 'dollar-par' },
    ...more,
  } as MarketEvent
}

/** Events of both kinds, one without a price, one gap, open interest and funding. */
export function someEvents(): readonly MarketEvent[] {
  const at = NOW - 3_600_000
  const heard = { venue: 'bybit', source: 'live', received: at, time: at }
  return [
    ...Array.from({ length: 60 }, (_, i) => perp(i + 1)),
    ...Array.from({ length: 20 }, (_, i) => loan(i + 1)),
    loan(90, { usd: undefined, usdBasis: undefined }),
    {
      ...heard,
      id: 'gap1',
      type: 'gap',
      channel: 'liquidations',
      from: at - 60_000,
      to: at,
      why: 'reconnect',
    } as MarketEvent,
    {
      ...heard,
      id: 'oi1',
      type: 'open-interest',
      instrument: 'BTCUSDT',
      coin: 'BTC',
      size: 5,
      usd: 500_000,
    } as MarketEvent,
    {
      ...heard,
      id: 'fr1',
      type: 'funding',
      instrument: 'BTCUSDT',
      coin: 'BTC',
      rate: 0.0001,
      intervalHours: 8,
    } as MarketEvent,
  ]
}

/** One open and one waiting connection. */
export function connections(): readonly ConnectionStatus[] {
  const one = {
    name: 'liquidations-1',
    since: NOW,
    lastFrame: NOW,
    lastEvent: NOW,
    frames: 10,
    events: 7,
    rejected: 1,
    dropped: 0,
    reconnects: 0,
    skewMs: 3,
  }
  return [
    { ...one, venue: 'bybit', state: 'open', why: undefined },
    {
      ...one,
      venue: 'okx',
      state: 'waiting',
      why: 'refused',
      skewMs: undefined,
      lastFrame: undefined,
      lastEvent: undefined,
    },
  ]
}

/** Options over a store that holds {@link someEvents}; `logged` collects what the server logs. */
export async function apiOptions(more: Partial<ApiOptions> = {}) {
  const store: Store = memoryStore()
  await store.append(someEvents())
  const logged: { level: string; message: string; values?: Readonly<Record<string, unknown>> | undefined }[] = []
  const options: ApiOptions = {
    ...{
      host: '127.0.0.1',
      port: 0,
      store,
      clock: CLOCK,
      status: connections,
      mode: () => 'live',
      version: '0.0.0-test',
    },
    log: (level, message, values) => logged.push({ level, message, values }),
    rawFrame: async ({ offset }) => (offset === 100 ? '{"topic":"allLiquidation.BTCUSDT"}' : undefined),
    ...more,
  }
  return { options, store, logged }
}
