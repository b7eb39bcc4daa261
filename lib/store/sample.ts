/** Events for tests and benchmarks of stores: one of every type, and seeded random batches with doubles and withdrawals. */
import type { Fact, MarketEvent, Prng, Rejected, UnixMs } from '../model/index.ts'
import { prng } from '../model/index.ts'

/** 2021-05-19T11:00:00Z. */
export const SAMPLE_TIME = 1_621_422_000_000 as UnixMs
const PLACE = { chain: 'ethereum', block: 12_465_000, tx: '0xabc', logIndex: 7, address: '0xdef' }
const WETH = { asset: 'weth', address: '0x1', atoms: 123_456_789_012_345_678_901n, decimals: 18, usd: 1234.5 }
const DAI = { asset: 'DAI', amount: '1000.000000000000000001', decimals: 18 }

/** One fact of every type, with every optional field filled, awkward text included. */
export const EVERY_FACT: readonly Fact[] = [
  {
    type: 'perp-liquidation', instrument: 'BTCUSDT', coin: 'BTC', side: 'long', size: 0.1, contracts: 3, price: 0.1 + 0.2,
    priceKind: 'bankruptcy', usd: 4321.000001, usdBasis: 'notional', account: '0xA', method: 'backstop', place: PLACE,
  },
  { type: 'perp-liquidation', instrument: "it's\t\"1000PEPE\"\\\n→", coin: '1000PEPE', side: undefined, size: undefined, price: 1e-9, priceKind: 'fill', usd: undefined },
  { type: 'loan-liquidation', protocol: 'aave-v2', market: '0xm', account: '0xB', liquidator: '0xL', repaid: DAI, seized: WETH, usd: 1000, usdBasis: 'dollar-par', badDebt: DAI, place: PLACE },
  { type: 'auction-started', protocol: 'maker', market: 'ETH-A', auction: '17', lot: WETH, due: DAI, usd: 0, place: PLACE },
  { type: 'auction-taken', protocol: 'maker', market: 'ETH-A', auction: '17', taker: '0xT', lotLeft: WETH, dueLeft: DAI, price: 3000, usd: undefined },
  { type: 'bad-debt', protocol: 'aave-v3', market: 'm', account: '', loss: DAI, usd: 1e300 },
  { type: 'auto-deleveraging', instrument: 'X', coin: 'X', side: 'short', size: 1, price: 2, usd: 2 },
  { type: 'insurance-draw', fund: 'f', currency: 'USDT', balance: 1e9, drawn: 5, state: 'adl' },
  { type: 'trade', instrument: 'X', coin: 'X', taker: 'buy', size: 1, price: 2, usd: 2 },
  { type: 'mark', instrument: 'X', coin: 'X', price: 2, index: 2.01 },
  { type: 'funding', instrument: 'X', coin: 'X', rate: -0.0001, intervalHours: 8, nextAt: SAMPLE_TIME },
  { type: 'open-interest', instrument: 'X', coin: 'X', size: 10, contracts: 100, usd: undefined },
  { type: 'position-change', instrument: 'X', coin: 'X', account: '0xC', size: -1, entryPrice: 3 },
  { type: 'gap', channel: 'liquidations', from: SAMPLE_TIME, to: (SAMPLE_TIME + 5) as UnixMs, why: 'closed 1006', lost: 2 },
] // biome-ignore format: one fact a line reads better

/** Events of {@link EVERY_FACT} under one venue, with every field of the stamp filled on the first. */
export function everyEvent(venue: string): MarketEvent[] {
  return EVERY_FACT.map((fact, index) => ({
    id: `${venue}/${index}`,
    venue,
    time: (SAMPLE_TIME + index) as UnixMs,
    received: (SAMPLE_TIME + index + 250) as UnixMs,
    source: 'recorded',
    ...(index === 0
      ? {
          timeKind: 'received',
          flags: ['implausible-price'],
          receipt: { file: 'a.bin', segment: 's', offset: 9, index: 1 },
        }
      : {}),
    ...fact,
  })) as MarketEvent[]
}

const COINS = ['BTC', 'ETH', 'SOL', '1000PEPE'] as const

/** A random liquidation of a small world: few accounts and coins, several days, some values and sides unknown. */
export function randomLiquidation(random: Prng, id: string, venue: string): MarketEvent {
  const time = (SAMPLE_TIME + random.int(3 * 86_400) * 1000 + random.int(3)) as UnixMs
  const stamp = { id, venue, time, received: time, source: random.pick(['live', 'recorded'] as const) }
  const usd = random.next() < 0.1 ? undefined : random.pick([1, 100, 12_345.678901, random.next() * 1e6, 1e-7])
  const account = random.next() < 0.5 ? { account: `0x${random.int(20)}` } : {}
  if (random.next() < 0.3) {
    const [protocol, chain] = random.pick([
      ['aave-v2', 'ethereum'],
      ['maker', 'ethereum'],
      ['aave-v3', 'base'],
    ] as const)
    const place = { chain, block: 1, tx: `0x${id}`, logIndex: 1, address: '0x1' }
    const seized = { asset: random.pick(COINS).toLowerCase(), atoms: BigInt(random.int(1e9)) * 10n ** 15n }
    const repaid = { asset: 'DAI', amount: '5.5' }
    return {
      ...stamp,
      type: 'loan-liquidation',
      protocol,
      market: 'm',
      account: '0x1',
      ...account,
      repaid,
      seized,
      usd,
      place,
    }
  }
  const coin = random.pick(COINS)
  const side = random.pick(['long', 'short', undefined] as const)
  return {
    ...stamp,
    type: 'perp-liquidation',
    instrument: `${coin}USDT`,
    coin,
    side,
    size: 1,
    price: 2,
    priceKind: 'fill',
    usd,
    ...account,
  }
}

/** Batches with doubles within and across batches, and withdrawals before, with and after what they withdraw. */
export function randomBatches(seed: string, count: number, venues: readonly [string, ...string[]]): MarketEvent[][] {
  const random = prng(seed)
  const events = Array.from({ length: count }, (_, i) => randomLiquidation(random, `${seed}/${i}`, random.pick(venues)))
  const withdrawals = events
    .filter(() => random.next() < 0.08)
    .map(({ id, venue, time }): MarketEvent => {
      return {
        id: `${id}/r`,
        venue,
        time,
        received: time,
        source: 'live',
        type: 'retraction',
        of: id,
        why: 'reorganised',
      }
    })
  const doubles = events.filter(() => random.next() < 0.2)
  const all = [...events, ...withdrawals, ...doubles]
  for (let i = all.length - 1; i > 0; i--) {
    const j = random.int(i + 1)
    ;[all[i], all[j]] = [all[j] as MarketEvent, all[i] as MarketEvent]
  }
  const batches: MarketEvent[][] = []
  while (all.length > 0) batches.push(all.splice(0, 1 + random.int(Math.max(1, Math.ceil(count / 3)))))
  return batches
}

/** A refused record. */
export function refusal(venue: string, raw: string, received = SAMPLE_TIME, line?: number): Rejected {
  const receipt = line === undefined ? {} : { receipt: { file: 'f.csv', line } }
  return { venue, received, code: 'bad-frame', reason: "it's broken\n", raw, ...receipt }
}
