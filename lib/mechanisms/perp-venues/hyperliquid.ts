/** Hyperliquid: the main book, and HIP-3 builder markets. */
import type { PerpProfile, ProfileMarket, TierTable } from '../perp/profile.ts'
import { brackets, COMMON_FUNDING, market, source } from './parts.ts'

const DOCS = 'https://hyperliquid.gitbook.io/hyperliquid-docs/'
const LIVE = { asOf: '2026-07-19', source: 'meta and marginTables of the venue’s info endpoint' } as const

/** Maintenance is half of the initial margin at the largest leverage of a tier. */
function halved(tiers: readonly (readonly [floor: number, maxLeverage: number])[]): TierTable {
  return brackets(
    tiers.map(([floor, maxLeverage]) => [floor, 1 / (2 * maxLeverage), maxLeverage]),
    Number.POSITIVE_INFINITY,
  )
}

function perp(
  symbol: string,
  steps: readonly [tick: number, lot: number],
  tiers: readonly (readonly [number, number])[],
): ProfileMarket {
  const coin = symbol.slice(symbol.indexOf(':') + 1)
  return market([symbol, coin, 'USD', 'USDC'], [1, ...steps], halved(tiers), LIVE)
}

const SHARED = {
  venue: 'hyperliquid',
  hedgeMode: false,
  isolated: 'at-price',
  trigger: { price: 'mark', test: 'below', withFee: false, warnAt: undefined },
  reduction: { kind: 'fraction', part: 0.2, above: 100_000, cooldownMs: 30_000 },
  order: { timeInForce: 'ioc', limit: 'none', fee: 0 },
  insurance: { scope: 'none', deleverage: { kind: 'empty' }, socialise: false },
  deleverage: { rank: 'hyperliquid', price: 'previous-mark' },
  fees: { maker: 0.00015, taker: 0.00045 },
  funding: {
    ...COMMON_FUNDING,
    intervalHours: 1,
    sampleMs: 5_000,
    average: 'mean',
    bound: { kind: 'per-hour', rate: 0.04 },
    paidOn: 'oracle',
  },
  collateral: undefined,
} as const satisfies Partial<PerpProfile>

const SOURCES = [
  source(
    'Liquidations: market orders, 20 % above 100,000 USDC, 30 s cooldown, backstop below 2/3 of maintenance',
    ['trigger', 'reduction', 'order', 'takeover', 'insurance'],
    `${DOCS}trading/liquidations`,
    '2026-07-19',
  ),
  source(
    'Auto-deleveraging: ranking of longs; that of shorts is derived',
    ['deleverage'],
    `${DOCS}trading/auto-deleveraging`,
    '2026-07-19',
    'derived',
  ),
  source(
    'Funding: 8 h rate paid hourly, cap 4 % an hour, on the oracle price',
    ['funding'],
    `${DOCS}trading/funding`,
    '2026-07-19',
  ),
  source('Fees of the base level', ['fees'], `${DOCS}trading/fees`, '2026-07-19'),
  source('Margining and margin tiers', ['tiers', 'collateral'], `${DOCS}trading/margin-tiers`, '2026-07-19'),
]
const NOTES = [
  'A position keeps the largest leverage of the day it was opened: the server of 2026-07-19 still used 50x for old ones.',
  'The documentation prints the ranking of longs only; for shorts entry / mark is used. It closes at the previous mark; an older one said the previous oracle price.',
  'Prices have five significant figures: the tick is that at the prices of 2026-07-19.',
]
const MAIN = {
  ...SHARED,
  id: 'hyperliquid',
  name: 'Hyperliquid',
  modes: ['isolated', 'cross'],
  takeover: { by: 'vault', when: 'two-thirds', price: 'mark', scope: 'account', rest: 'kept' },
  mark: { kind: 'hyperliquid', emaMs: 150_000, fallbackEmaMs: 30_000 },
  markets: [
    perp(
      'BTC',
      [1, 0.00001],
      [
        [0, 40],
        [150_000_000, 20],
      ],
    ),
    perp(
      'ETH',
      [0.1, 0.0001],
      [
        [0, 25],
        [100_000_000, 15],
      ],
    ),
    perp('DYDX', [0.00001, 0.1], [[0, 5]]),
  ],
  sources: [...SOURCES, source('Robust price indices', ['mark'], `${DOCS}trading/robust-price-indices`, '2026-07-19')],
} as const satisfies Partial<PerpProfile>

/** Hyperliquid’s main book, before and since transfers must leave 10 % of the notional. */
export const HYPERLIQUID_PROFILES: readonly PerpProfile[] = [
  { ...MAIN, from: '2024-01-01', until: '2025-03-12', notes: [...NOTES, 'Brackets are those of 2026-07-19.'] },
  {
    ...MAIN,
    from: '2025-03-12',
    until: undefined,
    transferFloor: 0.1,
    sources: [
      ...MAIN.sources,
      source(
        'Removing margin must leave a tenth of all notional; one source says a fifth',
        ['collateral'],
        `${DOCS}trading/margining`,
        '2026-07-19',
        'conflicting',
      ),
    ],
    notes: [...NOTES, 'Removing margin must leave a tenth of all notional; one source says a fifth.'],
  },
]

/** Builder markets: the deployer’s oracle within a clamp, no vault behind the book. */
export const HIP3_PROFILES: readonly PerpProfile[] = [
  {
    ...SHARED,
    id: 'hyperliquid-hip3',
    name: 'Hyperliquid HIP-3',
    from: '2025-10-13',
    until: undefined,
    modes: ['isolated', 'cross'],
    takeover: { by: 'nobody', when: 'bankrupt', price: 'mark', scope: 'position', rest: 'returned' },
    mark: { kind: 'hip3', maxStep: 0.01, minGapMs: 2_500, staleMs: 10_000 },
    markets: [
      perp('xyz:XYZ100', [1, 0.0001], [[0, 30]]),
      perp('xyz:GOLD', [0.1, 0.0001], [[0, 25]]),
      perp('xyz:TSLA', [0.01, 0.001], [[0, 20]]),
      perp('xyz:HOOD', [0.001, 0.001], [[0, 10]]),
    ],
    sources: [
      ...SOURCES,
      source(
        'Deploying HIP-3 assets: 1 % per update, 2.5 s between updates, local mark after 10 s',
        ['mark', 'takeover'],
        `${DOCS}for-developers/api/hip-3-deployer-actions`,
        '2026-07-19',
      ),
    ],
    notes: [
      ...NOTES,
      'There is no vault: what the book does not take goes to auto-deleveraging. xyz:HOOD takes isolated margin only. The window’s first day, that of the first such market, was not looked up.',
    ],
  },
]
