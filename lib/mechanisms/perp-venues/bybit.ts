/** Bybit: linear and inverse contracts with isolated margin, and the unified account. */
import type { PerpProfile } from '../perp/profile.ts'
import { brackets, COMMON_FUNDING, LOWEST_ONLY, market, source } from './parts.ts'

const HELP = 'https://www.bybit.com/en/help-center/'
const DOCS = 'https://bybit-exchange.github.io/docs/v5/'

const LINEAR = [
  market(['BTCUSDT', 'BTC', 'USDT', 'USDT'], [1, 0.1, 0.001], brackets([[0, 0.005, 100]], 2_000_000), {
    asOf: '2024-01-01',
    source: 'lowest risk limit of BTCUSDT as Bybit’s documentation of risk limits shows it; not verified for today',
  }),
  market(['ETHUSDT', 'ETH', 'USDT', 'USDT'], [1, 0.01, 0.01], brackets([[0, 0.005, 100]], 1_000_000), {
    asOf: '2024-01-01',
    source: 'lowest risk limit of ETHUSDT; not verified for today',
  }),
]
const INVERSE = [
  market(['BTCUSD', 'BTC', 'USD', 'BTC'], [1, 0.5, 1], brackets([[0, 0.005, 100]], 150, { unit: 'coin' }), {
    asOf: '2024-01-01',
    source: 'example answer of Bybit’s risk-limit endpoint: 150 BTC, 0.5 %, 100x',
  }),
]

const SHARED = {
  venue: 'bybit',
  hedgeMode: true,
  trigger: { price: 'mark', test: 'at-or-below', withFee: false, warnAt: undefined },
  reduction: { kind: 'tiers', down: 1, wholeBelow: 1 },
  order: { timeInForce: 'ioc', limit: 'bankruptcy', fee: 0 },
  takeover: { by: 'engine', when: 'unfilled', price: 'bankruptcy', scope: 'position', rest: 'kept' },
  insurance: { scope: 'pool', deleverage: { kind: 'drawdown', part: 0.3, windowMs: 28_800_000 }, socialise: false },
  deleverage: { rank: 'leveraged-return', price: 'bankruptcy' },
  fees: { maker: 0.0002, taker: 0.00055 },
  funding: {
    ...COMMON_FUNDING,
    intervalHours: 8,
    sampleMs: 60_000,
    average: 'time-weighted',
    bound: { kind: 'initial-minus-maintenance', ratio: 0.75 },
    paidOn: 'mark',
  },
  mark: { kind: 'binance-median', windowMs: 300_000, sampleMs: 60_000 },
  collateral: undefined,
} as const satisfies Partial<PerpProfile>

const SOURCES = [
  source('Risk limits: lowest brackets', ['tiers'], `${DOCS}market/risk-limit`, '2024-01-01', 'unverified'),
  source(
    'Liquidation price of isolated margin: maintenance fixed at entry, no fee',
    ['trigger', 'reduction', 'order', 'takeover'],
    `${HELP}article/Liquidation-Price-Calculation-under-Isolated-Mode-Unified-Trading-Account`,
    '2024-10-24',
  ),
  source(
    'Auto-deleveraging by leveraged return at the bankruptcy price',
    ['deleverage'],
    `${HELP}article/Auto-Deleveraging-ADL`,
    '2025-12-19',
  ),
  source('Fees of the base level', ['fees'], `${HELP}article/Trading-Fee-Structure`, '2024-10-24', 'unverified'),
  source(
    'Funding and mark price',
    ['funding', 'mark'],
    `${HELP}article/Introduction-to-Funding-Rate`,
    '2024-10-24',
    'unverified',
  ),
  source(
    'Isolated margin is the settle currency alone',
    ['collateral'],
    `${HELP}article/Liquidation-Price-Calculation-under-Isolated-Mode-Unified-Trading-Account`,
    '2024-10-24',
  ),
]
const POOLED = source(
  'Pooled insurance funds: 30 % drawdown within 8 hours starts auto-deleveraging',
  ['insurance'],
  `${HELP}article/Insurance-Fund`,
  '2025-12-19',
)
const PER_CONTRACT = source(
  'Insurance fund per contract: 30 % drawdown within 8 hours',
  ['insurance'],
  `${HELP}article/Insurance-Fund`,
  '2025-12-18',
  'derived',
)

/** Bybit’s USDT contracts with isolated margin, before and since the insurance funds were pooled. */
export const BYBIT_LINEAR: readonly PerpProfile[] = [
  {
    ...SHARED,
    id: 'bybit-linear',
    name: 'Bybit USDT isolated',
    from: '2024-01-01',
    until: '2025-12-19',
    modes: ['isolated'],
    isolated: 'at-entry',
    insurance: { ...SHARED.insurance, scope: 'contract' },
    markets: LINEAR,
    sources: [...SOURCES, PER_CONTRACT],
    notes: [LOWEST_ONLY],
  },
  {
    ...SHARED,
    id: 'bybit-linear',
    name: 'Bybit USDT isolated',
    from: '2025-12-19',
    until: undefined,
    modes: ['isolated'],
    isolated: 'at-entry',
    markets: LINEAR,
    sources: [...SOURCES, POOLED],
    notes: [
      LOWEST_ONLY,
      'New listings share a pool of at least $8M for 30 days, other contracts pools of $2–4M for at most 9 contracts.',
    ],
  },
]

/** Bybit’s coin-margined contracts with isolated margin. */
export const BYBIT_INVERSE: readonly PerpProfile[] = [
  {
    ...SHARED,
    id: 'bybit-inverse',
    name: 'Bybit inverse isolated',
    from: '2024-01-01',
    until: undefined,
    modes: ['isolated', 'cross'],
    isolated: 'at-entry',
    markets: INVERSE,
    sources: [...SOURCES, POOLED],
    notes: [LOWEST_ONLY, 'The venue rounds a liquidation price to its tick of 0.5 against the position.'],
  },
]

/** Bybit’s unified account: one margin for everything, coins as collateral after haircuts. */
export const BYBIT_UNIFIED: readonly PerpProfile[] = [
  {
    ...SHARED,
    id: 'bybit-unified',
    name: 'Bybit unified account',
    from: '2025-12-19',
    until: undefined,
    modes: ['unified'],
    isolated: 'at-price',
    takeover: { ...SHARED.takeover, scope: 'account' },
    markets: LINEAR,
    collateral: [
      { coin: 'USDT', brackets: [{ upTo: Number.POSITIVE_INFINITY, ratio: 1 }] },
      { coin: 'USDC', brackets: [{ upTo: Number.POSITIVE_INFINITY, ratio: 1 }] },
      { coin: 'BTC', brackets: [{ upTo: Number.POSITIVE_INFINITY, ratio: 0.95 }] },
      { coin: 'ETH', brackets: [{ upTo: Number.POSITIVE_INFINITY, ratio: 0.95 }] },
    ],
    sources: [
      ...SOURCES,
      POOLED,
      source(
        'Unified account: liquidated when the account’s maintenance rate is at or above 100 %',
        ['trigger'],
        `${HELP}article/Liquidation-Process-Unified-Trading-Account`,
        '2025-12-19',
      ),
      source('Collateral value ratios', ['collateral'], `${DOCS}market/collateral-ratio`, '2024-10-24', 'unverified'),
    ],
    notes: [
      LOWEST_ONLY,
      'Haircuts come in tiers by amount; only one ratio per coin is carried here and it is not verified.',
    ],
  },
]
