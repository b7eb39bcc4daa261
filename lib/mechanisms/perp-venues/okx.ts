/** OKX: brackets by size, fee-inclusive liquidation prices; and OKEx of 2018, which socialised losses. */
import type { PerpProfile } from '../perp/profile.ts'
import { brackets, COMMON_FUNDING, market, READ, source } from './parts.ts'

const OKX_HELP = 'https://www.okx.com/help/'
/** Brackets of 2026, in coins: contracts of 0.01 BTC and 0.1 ETH. */
const OKX_MARKETS = [
  market(
    ['BTC-USDT-SWAP', 'BTC', 'USDT', 'USDT'],
    [0.01, 0.1, 0.01],
    brackets(
      [
        [0, 0.004, 100],
        [10, 0.005, 66.66],
        [50, 0.0075, 50],
      ],
      200,
      { unit: 'coin', boundary: 'lower', wholeRate: true },
    ),
    {
      asOf: '2026-09-18',
      source:
        'first three position tiers of BTC-USDT (1,000, 5,000 and 20,000 contracts) as the venue answered that day',
    },
  ),
  market(
    ['ETH-USDT-SWAP', 'ETH', 'USDT', 'USDT'],
    [0.1, 0.01, 0.01],
    brackets([[0, 0.004, 100]], 500, { unit: 'coin', boundary: 'lower', wholeRate: true }),
    {
      asOf: '2026-09-26',
      source: 'first position tier of ETH-USDT (5,000 contracts) as the venue answered in September 2026',
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
  insurance: { scope: 'contract', deleverage: { kind: 'drawdown', part: 0.3, windowMs: 28_800_000 }, socialise: false },
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
  source(
    'Position tiers of BTC-USDT as answered on 2026-09-18, recorded in the tests of a public repository',
    ['tiers'],
    'https://www.okx.com/trade-market/position/swap',
    '2026-09-18',
    'derived',
  ),
  source(
    'Margin ratio with fees against 100 %; single-currency margin',
    ['trigger', 'collateral'],
    `${OKX_HELP}iii-single-currency-margin-cross-margin-trading`,
    READ,
  ),
  source(
    'Forced partial liquidation from tier 3 on, orders slightly better than the market, about a minute each; tiers 1 and 2 go to the engine at the bankruptcy price',
    ['reduction', 'order', 'takeover'],
    'https://supdljgzdhc.okx.com/hc/en-us/articles/360020411711-V-Forced-Partial-or-Full-Liquidation',
    READ,
  ),
  source(
    'Insurance funds by underlying and currency; auto-deleveraging when a fund falls 30 % from its 8 h peak, at mark, by leveraged return',
    ['insurance', 'deleverage'],
    `${OKX_HELP}iv-introduction-to-auto-deleveraging-adl`,
    '2025-03-06',
  ),
  source('Fees of the base level', ['fees'], 'https://www.okx.com/fees', READ, 'unverified'),
  source('Funding and mark price', ['funding', 'mark'], `${OKX_HELP}perps-funding-fee-mechanism`, READ, 'unverified'),
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
      'Brackets are those of September 2026, not those of 2018.',
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
      'Brackets are those of September 2026 whatever the day: BTC up to tier 3, ETH tier 1; larger positions are refused. Give the venue’s table of the day with --tiers.',
      'Brackets are chosen by size, whatever the price, and their rate asks for the whole position: the margin jumps at a floor.',
      'A reduction waits about a minute in the book before it is repeated; the profile repeats it at once.',
      'One third-party summary of 2025 gives the threshold of auto-deleveraging as 30 % below the 8 h average, at least 50,000 dollars, instead of below the peak; the venue’s own words were followed.',
    ],
  },
]
