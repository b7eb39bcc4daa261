/** Bybit: linear and inverse contracts with isolated margin, and the unified account. */
import type { PerpProfile, ProfileMarket } from '../perp/profile.ts'
import { brackets, COMMON_FUNDING, LOWEST_ONLY, market, READ, source } from './parts.ts'

const HELP = 'https://www.bybit.com/en/help-center/'
const DOCS = 'https://bybit-exchange.github.io/docs/v5/'

const ETHUSDT = market(['ETHUSDT', 'ETH', 'USDT', 'USDT'], [1, 0.01, 0.01], brackets([[0, 0.005, 100]], 1_000_000), {
  asOf: '2024-01-01',
  source: 'lowest risk limit of ETHUSDT; not verified for today',
})
/** BTCUSDT from 2,000,000 USDT on: the largest leverage falls from 90x. */
const UPPER_BTC = [
  [2_000_000, 0.0056, 90],
  [2_600_000, 0.0063, 80],
  [3_200_000, 0.0067, 75],
  [3_800_000, 0.0071, 70],
  [4_400_000, 0.0077, 65],
  [5_000_000, 0.0091, 55],
  [5_600_000, 0.01, 50],
  [8_500_000, 0.013, 45],
  [10_000_000, 0.015, 40],
  [14_000_000, 0.016, 35],
  [20_000_000, 0.02, 30],
  [28_000_000, 0.025, 25],
  [38_000_000, 0.029, 20],
  [50_000_000, 0.03, 19],
  [55_000_000, 0.035, 18],
  [60_000_000, 0.036, 17],
  [65_000_000, 0.038, 16],
  [70_000_000, 0.04, 15],
  [75_000_000, 0.045, 14],
] as const
function btcusdt(
  lower: readonly (readonly [floor: number, rate: number, maxLeverage: number])[],
  of: Pick<ProfileMarket, 'asOf' | 'source'>,
): ProfileMarket {
  const table = brackets([...lower, ...UPPER_BTC], 80_000_000)
  return market(['BTCUSDT', 'BTC', 'USDT', 'USDT'], [1, 0.1, 0.001], table, of)
}
const LINEAR_2024 = [
  btcusdt([[0, 0.005, 100]], {
    asOf: '2024-03-12',
    source:
      'Bybit’s page of margin parameters, 20 tiers with deductions; the copy is undated, tiers apply by themselves since 2024-03-12',
  }),
  ETHUSDT,
]
const LINEAR_2026 = [
  btcusdt(
    [
      [0, 0.0033, 150],
      [300_000, 0.005, 100],
    ],
    {
      asOf: '2026-09-25',
      source:
        'the lowest three tiers as the venue’s endpoint answered in September 2026 (deductions 510 and 1,710 USDT); those above 2,600,000 USDT as on the older page',
    },
  ),
  ETHUSDT,
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
  order: { timeInForce: 'fok', limit: 'bankruptcy', fee: 0 },
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
  mark: { kind: 'binance-median', windowMs: 300_000, sampleMs: 1_000 },
  collateral: undefined,
} as const satisfies Partial<PerpProfile>

const SOURCES = [
  source(
    'Risk limits as the venue’s endpoint gives them: rates, leverages and deductions',
    ['tiers'],
    `${DOCS}market/risk-limit`,
    READ,
    'unverified',
  ),
  source(
    'Liquidation process: orders cancelled, fill-or-kill order down to a lower risk limit, the rest taken over at the bankruptcy price; the lowest limit at once',
    ['reduction', 'order', 'takeover', 'insurance'],
    'https://bybitglobal.com/en-US/help-center/HelpCenterKnowledge/bybitHC_Article?id=000001098&language=en_US',
    '2024-01-24',
  ),
  source(
    'Auto-deleveraging by leveraged return at the bankruptcy price',
    ['deleverage'],
    `${HELP}article/Auto-Deleveraging-ADL`,
    '2025-12-19',
  ),
  source('Fees of the base level', ['fees'], `${HELP}article/Trading-Fee-Structure`, READ, 'unverified'),
  source(
    'Funding: average of minute rates, clamp of 0.05 %, interest of 0.03 % a day',
    ['funding'],
    'https://www.bybit.com/en/announcement-info/fund-rate/',
    READ,
  ),
  source('Cap of the funding rate', ['funding'], `${HELP}article/Introduction-to-Funding-Rate`, READ, 'unverified'),
  source(
    'Mark price: median with the 5 min average of the basis, measured every second',
    ['mark'],
    'https://testnet.bybit.com/en-US/help-center/s/article/What-is-Dual-Price-mechanism',
    '2024-10-16',
  ),
]
const ISOLATED = source(
  'Isolated margin: maintenance fixed at entry, no fee, margin in the settle currency alone',
  ['trigger', 'collateral'],
  `${HELP}article/Liquidation-Price-Calculation-under-Isolated-Mode-Unified-Trading-Account`,
  READ,
)
const LINEAR_TIERS = source(
  'Margin parameters of BTCUSDT: 20 tiers whose deductions the profile reproduces',
  ['tiers'],
  'https://bybitx.global/pt-PT/announcement-info/margin-parameters',
  '2024-03-12',
)
const POOLED = source(
  'Pooled insurance funds: a contract’s drawdown of 30 % of the pool’s 8 h peak starts auto-deleveraging, as does an empty pool',
  ['insurance', 'deleverage'],
  `${DOCS}market/adl-alert`,
  READ,
)
const PER_CONTRACT = source(
  'Insurance fund per contract: 30 % drawdown within 8 hours',
  ['insurance'],
  `${HELP}article/Insurance-Fund`,
  '2025-12-18',
  'derived',
)

const STEP_DOWN =
  'The fill-or-kill order goes down to the highest limit that meets the margin; the profile steps down one limit at a time, which ends at the same one where the book takes it all.'
const ADL_STOPS =
  'Auto-deleveraging stops again when the drawdown is back at 25 %; the profile has no such second threshold.'
const ETH_NOTE = 'ETHUSDT has its lowest tier alone, not verified for today. Give the venue’s table with --tiers.'
const POOLED_NOTES = [
  STEP_DOWN,
  ADL_STOPS,
  ETH_NOTE,
  'New listings share a pool of at least $8M for 30 days, other contracts pools of $2–4M for at most 9 contracts.',
]
const LOWER_TIERS = source(
  'Lowest tiers of BTCUSDT as the endpoint answered between 2026-09-17 and 2026-09-25, recorded in the tests of several public repositories; one undated recording differs above 300,000 USDT',
  ['tiers'],
  `${DOCS}market/risk-limit`,
  '2026-09-25',
  'conflicting',
)
const LOWER_NOTE =
  'The window begins with the first recorded answer that shows 150x; when Bybit introduced it was not found. Tiers of BTCUSDT above 2,600,000 USDT are those of the older page.'
const LINEAR_SHARED = {
  ...SHARED,
  id: 'bybit-linear',
  name: 'Bybit USDT isolated',
  modes: ['isolated'],
  isolated: 'at-entry',
} as const

/** Bybit’s USDT contracts with isolated margin, before and since the insurance funds were pooled. */
export const BYBIT_LINEAR: readonly PerpProfile[] = [
  {
    ...LINEAR_SHARED,
    from: '2024-01-01',
    until: '2025-12-19',
    insurance: { ...SHARED.insurance, scope: 'contract' },
    markets: LINEAR_2024,
    sources: [...SOURCES, ISOLATED, LINEAR_TIERS, PER_CONTRACT],
    notes: [STEP_DOWN, ETH_NOTE],
  },
  {
    ...LINEAR_SHARED,
    from: '2025-12-19',
    until: '2026-09-17',
    markets: LINEAR_2024,
    sources: [...SOURCES, ISOLATED, LINEAR_TIERS, POOLED],
    notes: POOLED_NOTES,
  },
  {
    ...LINEAR_SHARED,
    from: '2026-09-17',
    until: undefined,
    markets: LINEAR_2026,
    sources: [...SOURCES, ISOLATED, LINEAR_TIERS, LOWER_TIERS, POOLED],
    notes: [...POOLED_NOTES, LOWER_NOTE],
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
    sources: [...SOURCES, ISOLATED, POOLED],
    notes: [
      LOWEST_ONLY,
      STEP_DOWN,
      ADL_STOPS,
      'The venue rounds a liquidation price to its tick of 0.5 against the position.',
    ],
  },
]

const ALL = Number.POSITIVE_INFINITY

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
    order: { ...SHARED.order, timeInForce: 'ioc' },
    takeover: { ...SHARED.takeover, scope: 'account' },
    markets: LINEAR_2026,
    collateral: [
      { coin: 'USDT', brackets: [{ upTo: ALL, ratio: 1 }] },
      { coin: 'USDC', brackets: [{ upTo: ALL, ratio: 1 }] },
      { coin: 'BTC', brackets: [{ upTo: ALL, ratio: 0.95 }] },
      { coin: 'ETH', brackets: [{ upTo: ALL, ratio: 0.95 }] },
    ],
    sources: [
      ...SOURCES,
      LINEAR_TIERS,
      LOWER_TIERS,
      POOLED,
      source(
        'Unified account with cross margin: liquidated when the account’s maintenance rate reaches 100 %',
        ['trigger'],
        'https://bybitglobal.com/en/help-center/article?id=000001876',
        '2024-09-10',
      ),
      source(
        'Collateral value ratios by tiers of quantity; USDT counts in full, debts always do',
        ['collateral'],
        `${HELP}article/Assets-Collateral-Value-Ratio-List-UTA`,
        '2025-09-18',
        'unverified',
      ),
    ],
    notes: [
      STEP_DOWN,
      ADL_STOPS,
      ETH_NOTE,
      LOWER_NOTE,
      'The kind of the liquidation order of a cross account was not found; immediate-or-cancel is assumed.',
      'Haircuts come in tiers by quantity of coins: the page’s example for BTC begins at 0.98 up to 10 BTC and ends at 0 above 50. Only one ratio per coin is carried here; those of BTC and ETH are not verified.',
    ],
  },
]
