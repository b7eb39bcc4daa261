/** Binance: USD-M (linear) and COIN-M (inverse) futures. */
import type { PerpProfile, RuleSource } from '../perp/profile.ts'
import { COINM_2020, COINM_2021, USDM_2021, USDM_2024 } from './binance-tiers.ts'
import { COMMON_FUNDING, READ, source } from './parts.ts'

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
const MARK_PAGE = `${FAQ}360033525071`

/** Sources of everything but brackets and mark price. */
const SOURCES: readonly RuleSource[] = [
  source(
    'How to calculate the liquidation price: wallet of the settle currency against maintenance at the mark price',
    ['trigger', 'collateral'],
    `${FAQ}b3c689c1f50a44cabb3a84e663b81d93`,
    READ,
  ),
  source(
    'Liquidation protocol: orders cancelled, one immediate-or-cancel reduction, insurance fund at the bankruptcy price',
    ['reduction', 'takeover', 'order', 'insurance'],
    `${FAQ}360033525271`,
    READ,
  ),
  source(
    'Counterparty liquidation when the fund cannot take a position; ranking published as a quantile only',
    ['insurance', 'deleverage'],
    `${FAQ}360033525471`,
    '2020-06-09',
  ),
  source('Funding rates: time-weighted premium, interest, clamp, caps', ['funding'], `${FAQ}360033525031`, READ),
  source(
    'Fee schedule of the base level, and the liquidation clearance fee',
    ['fees', 'order'],
    'https://www.binance.com/en/fee/futureFee',
    READ,
    'unverified',
  ),
]
/** The same for years whose pages are not at hand: what undated pages say is taken to have held then. */
const OLD_SOURCES: readonly RuleSource[] = SOURCES.map((one) =>
  one.date === READ && one.certainty === 'source'
    ? { ...one, certainty: one.rules.includes('funding') ? 'unverified' : 'derived' }
    : one,
)

const USDM_TIERS = source(
  'Leverage brackets with maintenance amounts',
  ['tiers'],
  'https://github.com/freqtrade/freqtrade/blob/develop/freqtrade/exchange/binance_leverage_tiers.json',
  '2024-10-24',
)
const MARK_OLD = source(
  'Mark price: 30 samples of 5 s; its last day is not known',
  ['mark'],
  MARK_PAGE,
  READ,
  'derived',
)
const MARK_MINUTE = source(
  'Mark price with the one-minute average; the distance of samples is derived',
  ['mark'],
  MARK_PAGE,
  READ,
  'derived',
)
const MARK_NOW = source('Mark price: 30 samples of 1 s since 2025-09-18 08:01 UTC', ['mark'], MARK_PAGE, '2025-09-18')

const NOTES = [
  'The order in which positions of a cross account are reduced is not published; the largest maintenance margin first is assumed.',
  'The liquidation clearance fee differs by symbol; 1.25 % is that of BTCUSDT and is not verified for others. Steps of price and size are not dated.',
]
const OLD_NOTES = [
  ...NOTES,
  'Fees and funding caps of that time were not found: those of 2024 stand in, but for the taker fee of 0.04 % (not verified).',
]
const mark = (windowMs: number, sampleMs: number) => ({ kind: 'binance-median', windowMs, sampleMs }) as const
const USDM = { ...SHARED, id: 'binance-usdm', name: 'Binance USD-M' } as const

/** Binance USD-M: spring 2021; then before and since the shorter mark price window. */
export const BINANCE_USDM: readonly PerpProfile[] = [
  {
    ...USDM,
    from: '2021-03-26',
    until: '2021-07-27',
    fees: { maker: 0.0002, taker: 0.0004 },
    mark: mark(150_000, 5_000),
    markets: USDM_2021,
    sources: [
      ...OLD_SOURCES,
      MARK_OLD,
      source(
        'Maintenance brackets of BTCUSDT, read out of the venue’s web page by a third party',
        ['tiers'],
        'https://gist.github.com/highfestiva/b71e76f51eed84d56c1be8ebbcc286b5',
        '2021-03-26',
        'derived',
      ),
    ],
    notes: [
      ...OLD_NOTES,
      'The window ends when new accounts were limited to 20x; brackets between then and 2024-10-24 are not known here.',
    ],
  },
  {
    ...USDM,
    from: '2024-10-24',
    until: '2025-09-18',
    mark: mark(60_000, 2_000),
    markets: USDM_2024,
    sources: [...SOURCES, USDM_TIERS, MARK_MINUTE],
    notes: NOTES,
  },
  {
    ...USDM,
    from: '2025-09-18',
    until: undefined,
    mark: mark(30_000, 1_000),
    markets: USDM_2024,
    sources: [...SOURCES, USDM_TIERS, MARK_NOW],
    notes: [
      ...NOTES,
      'Brackets are those of 2024-10-24: Binance has changed some since. Give a newer table with --tiers.',
    ],
  },
]

const COINM = {
  ...SHARED,
  id: 'binance-coinm',
  name: 'Binance COIN-M',
  order: { ...SHARED.order, fee: 0.015 },
} as const
const COINM_PAGE = `${FAQ}be2c7d9d95b04a7e8044ed02dd7dfe5c`
const COINM_NOTE = 'Above 400 BTC the maintenance rates were not found: larger positions are refused.'
const COINM_TIERS = source(
  'Largest leverage by notional in coin, as of 2021; maintenance rates as in 2020, not verified for today',
  ['tiers'],
  COINM_PAGE,
  '2021-07-27',
  'derived',
)

/** Binance COIN-M: the brackets of 2020, and the lower ones of 2021 before and since the shorter mark price window. */
export const BINANCE_COINM: readonly PerpProfile[] = [
  {
    ...COINM,
    from: '2020-06-11',
    until: '2021-07-27',
    fees: { maker: 0.00015, taker: 0.0004 },
    mark: mark(150_000, 5_000),
    markets: COINM_2020,
    sources: [
      ...OLD_SOURCES,
      MARK_OLD,
      source('Largest leverage by notional in coin', ['tiers'], COINM_PAGE, '2020-06-11'),
      source(
        'Worked margin examples: deductions 0.56, 1.81 and 11.81 BTC, which the rates reproduce',
        ['tiers'],
        `${FAQ}85eac2bba0b342819122dc9bd4745e9b`,
        '2020-06-11',
        'derived',
      ),
    ],
    notes: [...OLD_NOTES, COINM_NOTE],
  },
  {
    ...COINM,
    from: '2021-07-27',
    until: '2025-09-18',
    mark: mark(60_000, 2_000),
    markets: COINM_2021,
    sources: [...SOURCES, COINM_TIERS, MARK_MINUTE],
    notes: [...NOTES, COINM_NOTE, 'The window’s first day is that of the page that shows the lower limits.'],
  },
  {
    ...COINM,
    from: '2025-09-18',
    until: undefined,
    mark: mark(30_000, 1_000),
    markets: COINM_2021,
    sources: [...SOURCES, COINM_TIERS, MARK_NOW],
    notes: [...NOTES, COINM_NOTE, 'Brackets are those of 2021. Give a newer table with --tiers.'],
  },
]
