/** Gate: tiers with deductions, reduced one at a time, fee-inclusive liquidation prices. */
import type { PerpProfile } from '../perp/profile.ts'
import { brackets, COMMON_FUNDING, market, READ, source } from './parts.ts'

const HELP = 'https://www.gate.com/help/futures/futures-logic/'

/** Gate. */
export const GATE_PROFILES: readonly PerpProfile[] = [
  {
    id: 'gate',
    venue: 'gate',
    name: 'Gate',
    from: '2024-01-01',
    until: undefined,
    modes: ['isolated', 'cross'],
    hedgeMode: true,
    isolated: 'fee-inclusive',
    trigger: { price: 'mark', test: 'at-or-below', withFee: true, warnAt: undefined },
    reduction: { kind: 'tiers', down: 1, wholeBelow: 1 },
    order: { timeInForce: 'ioc', limit: 'bankruptcy', fee: 0 },
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
      market(
        ['BTC_USDT', 'BTC', 'USDT', 'USDT'],
        [0.0001, 0.1, 1],
        brackets(
          [
            [0, 0.003, 200],
            [500_000, 0.0035, 150.01],
            [1_000_000, 0.004, 125],
            [1_500_000, 0.0045, 100],
            [2_000_000, 0.005, 100],
          ],
          3_000_000,
        ),
        {
          asOf: '2026-08-09',
          source:
            'tiers 1, 2, 3 and 5 of BTC_USDT as the venue answered that day; tier 4 is what their deductions leave, its largest leverage is taken from tier 5',
        },
      ),
    ],
    collateral: undefined,
    sources: [
      source(
        'Risk limit tiers of BTC_USDT with deductions as answered on 2026-08-09, recorded in the tests of a public repository; tier 4 derived',
        ['tiers'],
        'https://www.gate.com/docs/developers/apiv4/en/#list-risk-limit-tiers',
        '2026-08-09',
        'derived',
      ),
      source(
        'Liquidation process: margin ratio at or below 100 %, orders cancelled, the risk limit lowered one tier and what exceeds it closed',
        ['trigger', 'reduction', 'collateral'],
        `${HELP}22159/liquidation-process`,
        READ,
      ),
      source(
        'Insurance fund: orders at the bankruptcy price, the rest to the fund at that price, then auto-deleveraging',
        ['order', 'takeover', 'insurance', 'deleverage'],
        `${HELP}22081`,
        READ,
      ),
      source('Ranking and price of auto-deleveraging: assumed', ['deleverage'], `${HELP}22081`, READ, 'unverified'),
      source(
        'Liquidation price with the closing fee, as freqtrade computes it for Gate and OKX',
        ['trigger'],
        'https://github.com/freqtrade/freqtrade/blob/develop/freqtrade/exchange/exchange.py',
        READ,
        'derived',
      ),
      source(
        'Fees of the base level, funding and mark price',
        ['fees', 'funding', 'mark'],
        'https://www.gate.com/help/futures/perpetual',
        READ,
        'unverified',
      ),
    ],
    notes: [
      'Tiers above the fifth were not found: larger positions are refused. Give the venue’s table of the day with --tiers. Those of BTC_USDT are of August 2026 whatever the day.',
      'The contract’s own answer states a taker fee of 0.075 % and a maker rebate of 0.01 %, the base level of accounts 0.05 % and 0.02 %; the latter stand here, not verified.',
      'The ranking of auto-deleveraging and its price were not found on a page; leveraged return at the bankruptcy price is assumed. Premiums are time-weighted since 2026-05-27.',
    ],
  },
]
