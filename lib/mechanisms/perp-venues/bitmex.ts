/** BitMEX, historical: the venue closed on 2026-09-23. */
import type { PerpProfile } from '../perp/profile.ts'
import { brackets, COMMON_FUNDING, market, source } from './parts.ts'

const APP = 'https://www.bitmex.com/app/'

/** Risk limits of XBTUSD: base 200 XBT, steps of 100 XBT, each 0.5 % more of maintenance and of initial margin. */
const RISK_LIMITS = Array.from(
  { length: 9 },
  (_, step) => [step === 0 ? 0 : 100 + 100 * step, 0.005 * (step + 1), 1 / (0.01 + 0.005 * step)] as const,
)

/** BitMEX’s XBTUSD. */
export const BITMEX_PROFILES: readonly PerpProfile[] = [
  {
    id: 'bitmex',
    venue: 'bitmex',
    name: 'BitMEX',
    from: '2018-01-01',
    until: '2026-09-23',
    modes: ['isolated', 'cross'],
    hedgeMode: false,
    isolated: 'at-entry',
    trigger: { price: 'mark', test: 'at-or-below', withFee: false, warnAt: undefined },
    reduction: { kind: 'tiers', down: 1, wholeBelow: 1 },
    order: { timeInForce: 'fok', limit: 'bankruptcy', fee: 0 },
    takeover: { by: 'engine', when: 'unfilled', price: 'bankruptcy', scope: 'position', rest: 'kept' },
    insurance: { scope: 'venue', deleverage: { kind: 'empty' }, socialise: false },
    deleverage: { rank: 'bitmex', price: 'bankruptcy' },
    fees: { maker: -0.00025, taker: 0.00075 },
    funding: {
      ...COMMON_FUNDING,
      intervalHours: 8,
      sampleMs: 60_000,
      average: 'mean',
      bound: { kind: 'initial-minus-maintenance', ratio: 0.75 },
      paidOn: 'mark',
    },
    mark: { kind: 'fair-basis', impactNotional: undefined },
    markets: [
      market(
        ['XBTUSD', 'BTC', 'USD', 'BTC'],
        [1, 0.5, 1],
        brackets(RISK_LIMITS, 1_000, { unit: 'coin', wholeRate: true }),
        {
          asOf: '2018-01-01',
          source: 'risk limits of XBTUSD: base 200 XBT, step 100 XBT; rates as published in 2018, not verified',
        },
      ),
    ],
    collateral: undefined,
    sources: [
      source('Risk limits', ['tiers'], `${APP}riskLimits`, '2018-01-01', 'unverified'),
      source(
        'Liquidation: orders cancelled, risk limit stepped down, fill-or-kill, takeover at the bankruptcy price',
        ['trigger', 'reduction', 'order', 'takeover'],
        `${APP}liquidation`,
        '2024-10-24',
      ),
      source('Insurance fund', ['insurance'], `${APP}insuranceFund`, '2024-10-24'),
      source('Auto-deleveraging, with worked examples', ['deleverage'], `${APP}autoDeleveragingExamples`, '2024-10-24'),
      source('Fees of 2018', ['fees'], `${APP}fees`, '2018-01-01', 'unverified'),
      source('Fair price marking and funding', ['mark', 'funding'], `${APP}fairPriceMarking`, '2024-10-24'),
      source('Collateral: XBT alone', ['collateral'], `${APP}isolatedMargin`, '2024-10-24'),
    ],
    notes: ['A risk limit’s rates ask for the whole position, so that the margin jumps between limits.'],
  },
]
