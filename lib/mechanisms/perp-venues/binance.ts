/** Binance: USD-M (linear) and COIN-M (inverse) futures. */
import type { PerpProfile, ProfileMarket } from '../perp/profile.ts'
import { brackets, COMMON_FUNDING, market, source } from './parts.ts'

const TIERS = {
  asOf: '2024-10-24',
  source: 'Binance leverage brackets of 2024-10-24, as collected by freqtrade',
} as const

const USDM: readonly ProfileMarket[] = [
  market(
    ['BTCUSDT', 'BTC', 'USDT', 'USDT'],
    [1, 0.1, 0.001],
    brackets(
      [
        [0, 0.004, 125],
        [50_000, 0.005, 100],
        [600_000, 0.0065, 75],
        [3_000_000, 0.01, 50],
        [12_000_000, 0.02, 25],
        [70_000_000, 0.025, 20],
        [100_000_000, 0.05, 10],
        [230_000_000, 0.1, 5],
        [480_000_000, 0.125, 4],
        [600_000_000, 0.15, 3],
        [800_000_000, 0.25, 2],
        [1_200_000_000, 0.5, 1],
      ],
      1_800_000_000,
    ),
    TIERS,
  ),
  market(
    ['ETHUSDT', 'ETH', 'USDT', 'USDT'],
    [1, 0.01, 0.001],
    brackets(
      [
        [0, 0.004, 125],
        [50_000, 0.005, 100],
        [600_000, 0.0065, 75],
        [3_000_000, 0.01, 50],
        [12_000_000, 0.02, 25],
        [50_000_000, 0.025, 20],
        [65_000_000, 0.05, 10],
        [150_000_000, 0.1, 5],
        [320_000_000, 0.125, 4],
        [400_000_000, 0.15, 3],
        [530_000_000, 0.25, 2],
        [800_000_000, 0.5, 1],
      ],
      1_200_000_000,
    ),
    TIERS,
  ),
  market(
    ['SOLUSDT', 'SOL', 'USDT', 'USDT'],
    [1, 0.01, 1],
    brackets(
      [
        [0, 0.005, 100],
        [20_000, 0.0065, 75],
        [100_000, 0.01, 50],
        [800_000, 0.02, 25],
        [4_000_000, 0.025, 20],
        [8_000_000, 0.05, 10],
        [40_000_000, 0.1, 5],
        [80_000_000, 0.125, 4],
        [100_000_000, 0.25, 2],
        [200_000_000, 0.5, 1],
      ],
      400_000_000,
    ),
    TIERS,
  ),
  market(
    ['1000PEPEUSDT', '1000PEPE', 'USDT', 'USDT'],
    [1, 0.0000001, 1],
    brackets(
      [
        [0, 0.0065, 75],
        [20_000, 0.01, 50],
        [200_000, 0.015, 40],
        [300_000, 0.02, 25],
        [1_500_000, 0.025, 20],
        [3_000_000, 0.05, 10],
        [15_000_000, 0.1, 5],
        [30_000_000, 0.125, 4],
        [37_500_000, 0.25, 2],
        [75_000_000, 0.5, 1],
      ],
      150_000_000,
    ),
    TIERS,
  ),
]

const COINM: readonly ProfileMarket[] = [
  market(
    ['BTCUSD_PERP', 'BTC', 'USD', 'BTC'],
    [100, 0.1, 1],
    brackets(
      [
        [0, 0.004, 125],
        [10, 0.005, 100],
        [20, 0.01, 50],
        [30, 0.025, 20],
        [50, 0.05, 10],
        [100, 0.1, 5],
        [200, 0.125, 4],
      ],
      400,
      { unit: 'coin' },
    ),
    {
      asOf: '2024-10-24',
      source:
        'the deductions 0.56, 1.81 and 11.81 BTC of Binance’s own worked examples; the lower floors are derived from them',
    },
  ),
]

const SHARED = {
  venue: 'binance',
  modes: ['isolated', 'cross'],
  hedgeMode: true,
  isolated: 'at-price',
  trigger: { price: 'mark', test: 'below', withFee: false, warnAt: undefined },
  reduction: { kind: 'needed', minPart: 0 },
  order: { timeInForce: 'ioc', limit: 'bankruptcy', fee: 0.0125 },
  takeover: { by: 'insurance-fund', when: 'unfilled', price: 'bankruptcy', scope: 'position', rest: 'kept' },
  insurance: { scope: 'venue', deleverage: { kind: 'empty' }, socialise: false },
  deleverage: { rank: 'binance-quantile', price: 'bankruptcy' },
  fees: { maker: 0.0002, taker: 0.0005 },
  funding: {
    ...COMMON_FUNDING,
    intervalHours: 8,
    sampleMs: 5_000,
    average: 'time-weighted',
    bound: { kind: 'maintenance', ratio: 0.75 },
    paidOn: 'mark',
  },
  collateral: undefined,
} as const satisfies Partial<PerpProfile>

const FAQ = 'https://www.binance.com/en/support/faq/'
const SOURCES = [
  source(
    'How to calculate the liquidation price of USD-M futures',
    ['tiers', 'trigger', 'collateral'],
    `${FAQ}b3c689c1f50a44cabb3a84e663b81d93`,
    '2024-10-24',
  ),
  source(
    'Liquidation protocol: smart reduction, insurance fund, bankruptcy price',
    ['reduction', 'takeover', 'order', 'insurance'],
    `${FAQ}360033525271`,
    '2024-10-24',
  ),
  source('Auto-deleveraging: ranking published as a quantile only', ['deleverage'], `${FAQ}360033525711`, '2024-10-24'),
  source(
    'Funding rates: time-weighted premium, interest, clamp, caps',
    ['funding'],
    `${FAQ}360033525031`,
    '2024-10-24',
  ),
  source(
    'Fee schedule of the base level, and the liquidation clearance fee',
    ['fees', 'order'],
    'https://www.binance.com/en/fee/futureFee',
    '2024-10-24',
    'unverified',
  ),
]
const NOTES = [
  'The order in which positions of a cross account are reduced is not published; the largest maintenance margin first is assumed.',
  'The liquidation clearance fee differs by symbol; 1.25 % is that of BTCUSDT and is not verified for others. Steps of price and size are those of 2024.',
]
const mark = (windowMs: number, sampleMs: number) => ({ kind: 'binance-median', windowMs, sampleMs }) as const
const MARK_PAGE = `${FAQ}360033525071`

/** Binance USD-M, before and since the shorter mark price window. */
export const BINANCE_USDM: readonly PerpProfile[] = [
  {
    ...SHARED,
    id: 'binance-usdm',
    name: 'Binance USD-M',
    from: '2024-10-24',
    until: '2025-09-18',
    mark: mark(60_000, 2_000),
    markets: USDM,
    sources: [
      ...SOURCES,
      source(
        'Mark price with the one-minute average; the distance of samples is derived',
        ['mark'],
        MARK_PAGE,
        '2024-10-24',
        'derived',
      ),
    ],
    notes: NOTES,
  },
  {
    ...SHARED,
    id: 'binance-usdm',
    name: 'Binance USD-M',
    from: '2025-09-18',
    until: undefined,
    mark: mark(30_000, 1_000),
    markets: USDM,
    sources: [
      ...SOURCES,
      source('Mark price: 30 samples of 1 s since 2025-09-18 08:01 UTC', ['mark'], MARK_PAGE, '2025-09-18'),
    ],
    notes: [
      ...NOTES,
      'Brackets are those of 2024-10-24: Binance has changed some since. Give a newer table with --tiers.',
    ],
  },
]

/** Binance COIN-M. */
export const BINANCE_COINM: readonly PerpProfile[] = [
  {
    ...SHARED,
    id: 'binance-coinm',
    name: 'Binance COIN-M',
    from: '2024-10-24',
    until: undefined,
    order: { ...SHARED.order, fee: 0.015 },
    mark: mark(30_000, 1_000),
    markets: COINM,
    sources: [
      ...SOURCES,
      source(
        'COIN-M margin examples: deductions 0.56, 1.81 and 11.81 BTC',
        ['tiers'],
        `${FAQ}85eac2bba0b342819122dc9bd4745e9b`,
        '2024-10-24',
        'derived',
      ),
      source('Mark price: 30 samples of 1 s since 2025-09-18', ['mark'], MARK_PAGE, '2025-09-18'),
    ],
    notes: [...NOTES, 'Floors of 10, 20 and 30 BTC are the round ones that give the published deduction of 0.56 BTC.'],
  },
]
