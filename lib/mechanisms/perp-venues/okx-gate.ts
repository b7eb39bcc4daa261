/** OKX and Gate: brackets by size, fee-inclusive liquidation prices; and OKEx of 2018, which socialised losses. */
import type { PerpProfile } from '../perp/profile.ts'
import { brackets, COMMON_FUNDING, LOWEST_ONLY, market, source } from './parts.ts'

const OKX_HELP = 'https://www.okx.com/help/'
const OKX_MARKETS = [
  market(
    ['BTC-USDT-SWAP', 'BTC', 'USDT', 'USDT'],
    [0.01, 0.1, 0.01],
    brackets([[0, 0.004, 100]], 10, { unit: 'coin', boundary: 'lower', wholeRate: true }),
    {
      asOf: '2024-10-24',
      source: 'lowest position tier of BTC-USDT-SWAP; not verified for today',
    },
  ),
  market(
    ['ETH-USDT-SWAP', 'ETH', 'USDT', 'USDT'],
    [0.1, 0.01, 0.01],
    brackets([[0, 0.004, 100]], 100, { unit: 'coin', boundary: 'lower', wholeRate: true }),
    {
      asOf: '2024-10-24',
      source: 'lowest position tier of ETH-USDT-SWAP; not verified for today',
    },
  ),
]

const SHARED = {
  hedgeMode: true,
  isolated: 'fee-inclusive',
  trigger: { price: 'mark', test: 'at-or-below', withFee: true, warnAt: undefined },
  order: { timeInForce: 'ioc', limit: 'bankruptcy', fee: 0 },
  collateral: undefined,
} as const satisfies Partial<PerpProfile>

const OKX = {
  ...SHARED,
  venue: 'okx',
  modes: ['isolated', 'cross'],
  reduction: { kind: 'tiers', down: 2, wholeBelow: 2 },
  takeover: { by: 'engine', when: 'unfilled', price: 'bankruptcy', scope: 'position', rest: 'kept' },
  insurance: { scope: 'pool', deleverage: { kind: 'drawdown', part: 0.3, windowMs: 28_800_000 }, socialise: false },
  deleverage: { rank: 'leveraged-return', price: 'mark' },
  fees: { maker: 0.0002, taker: 0.0005 },
  funding: {
    ...COMMON_FUNDING,
    intervalHours: 8,
    sampleMs: 60_000,
    average: 'time-weighted',
    bound: { kind: 'per-interval', rate: 0.015 },
    paidOn: 'mark',
  },
  mark: { kind: 'index-plus-basis', windowMs: 300_000, bound: undefined },
  markets: OKX_MARKETS,
} as const satisfies Partial<PerpProfile>

const OKX_SOURCES = [
  source('Position tiers', ['tiers'], 'https://www.okx.com/trade-market/position/swap', '2024-10-24', 'unverified'),
  source(
    'Liquidation: margin ratio at or below 100 % with fees, reduction by two tiers from tier 3 on',
    ['trigger', 'reduction', 'order', 'takeover'],
    `${OKX_HELP}iii-single-currency-margin-cross-margin-trading`,
    '2024-10-24',
  ),
  source(
    'Insurance fund: auto-deleveraging from 30 % below its 8 h peak, at mark',
    ['insurance', 'deleverage'],
    `${OKX_HELP}auto-deleveraging-adl`,
    '2024-10-24',
  ),
  source('Fees of the base level', ['fees'], 'https://www.okx.com/fees', '2024-10-24', 'unverified'),
  source(
    'Funding and mark price',
    ['funding', 'mark'],
    `${OKX_HELP}perps-funding-fee-mechanism`,
    '2024-10-24',
    'unverified',
  ),
  source(
    'Collateral: the settle currency in single-currency margin',
    ['collateral'],
    `${OKX_HELP}iii-single-currency-margin-cross-margin-trading`,
    '2024-10-24',
  ),
]

/** OKX today, and OKEx of summer 2018. */
export const OKX_PROFILES: readonly PerpProfile[] = [
  {
    ...OKX,
    id: 'okx',
    name: 'OKEx 2018',
    from: '2018-07-01',
    until: '2018-12-31',
    reduction: { kind: 'whole' },
    insurance: { scope: 'venue', deleverage: { kind: 'empty' }, socialise: true },
    deleverage: { rank: 'none', price: 'bankruptcy' },
    sources: [
      ...OKX_SOURCES.map((one) => ({ ...one, certainty: 'unverified' as const })),
      source(
        'Clawback of 2018-07-31: a $460M long, 2,500 BTC injected, about 18 % taken from winners',
        ['insurance', 'deleverage'],
        'https://www.coindesk.com/markets/2018/08/03/okex-says-it-will-cover-losses-after-massive-bitcoin-futures-trade-goes-wrong',
        '2018-08-03',
        'news',
      ),
    ],
    notes: [
      'Futures were settled weekly and in coin then; margin rules are those of today, only the socialised loss is of 2018.',
      LOWEST_ONLY,
    ],
  },
  {
    ...OKX,
    id: 'okx',
    name: 'OKX',
    from: '2024-01-01',
    until: undefined,
    sources: OKX_SOURCES,
    notes: [
      LOWEST_ONLY,
      'Brackets are chosen by size, whatever the price, and their rate asks for the whole position: the margin jumps at a floor.',
    ],
  },
]

/** Gate. */
export const GATE_PROFILES: readonly PerpProfile[] = [
  {
    ...SHARED,
    id: 'gate',
    venue: 'gate',
    name: 'Gate',
    from: '2024-01-01',
    until: undefined,
    modes: ['isolated', 'cross'],
    reduction: { kind: 'tiers', down: 1, wholeBelow: 1 },
    takeover: { by: 'insurance-fund', when: 'unfilled', price: 'bankruptcy', scope: 'position', rest: 'kept' },
    insurance: { scope: 'venue', deleverage: { kind: 'empty' }, socialise: false },
    deleverage: { rank: 'leveraged-return', price: 'bankruptcy' },
    fees: { maker: 0.0002, taker: 0.0005 },
    funding: {
      ...COMMON_FUNDING,
      intervalHours: 8,
      sampleMs: 60_000,
      average: 'time-weighted',
      bound: { kind: 'initial-minus-maintenance', ratio: 0.75 },
      paidOn: 'mark',
    },
    mark: { kind: 'index-plus-basis', windowMs: 300_000, bound: undefined },
    markets: [
      market(['BTC_USDT', 'BTC', 'USDT', 'USDT'], [0.0001, 0.1, 1], brackets([[0, 0.005, 100]], 1_000_000), {
        asOf: '2024-10-24',
        source: 'lowest risk limit of BTC_USDT; not verified for today',
      }),
    ],
    sources: [
      source(
        'Liquidation price with the closing fee, as freqtrade computes it for Gate and OKX',
        ['tiers', 'trigger'],
        'https://github.com/freqtrade/freqtrade/blob/develop/freqtrade/exchange/exchange.py',
        '2024-10-24',
        'derived',
      ),
      source(
        'Liquidation, insurance fund and auto-deleveraging',
        ['reduction', 'order', 'takeover', 'insurance', 'deleverage'],
        'https://www.gate.io/help/futures/perpetual',
        '2024-10-24',
        'unverified',
      ),
      source(
        'Fees, funding, mark price and collateral',
        ['fees', 'funding', 'mark', 'collateral'],
        'https://www.gate.io/help/futures/perpetual',
        '2024-10-24',
        'unverified',
      ),
    ],
    notes: [LOWEST_ONLY, 'Premiums are time-weighted since 2026-05-27.'],
  },
]
