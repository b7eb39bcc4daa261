/** BitMEX, historical: the venue closed on 2026-09-23. */
import type { PerpProfile, ProfileMarket } from '../perp/profile.ts'
import { brackets, COMMON_FUNDING, market, READ, source } from './parts.ts'

const APP = 'https://www.bitmex.com/app/'
/** Base risk limit of XBTUSD, XBT. */
const BASE = 200
/** Steps above the base that are written out here. */
const STEPS = 8
const INITIAL = 0.01

/** Risk limits of XBTUSD: each step above 200 XBT asks the base maintenance rate once more, of maintenance and of initial margin. */
function xbtusd(maintenance: number, step: number, asOf: string): ProfileMarket {
  const rows = Array.from({ length: STEPS + 1 }, (_, at) => {
    const floor = at === 0 ? 0 : BASE + step * (at - 1)
    return [floor, maintenance * (at + 1), 1 / (INITIAL + maintenance * at)] as const
  })
  return market(
    ['XBTUSD', 'BTC', 'USD', 'BTC'],
    [1, 0.5, 1],
    brackets(rows, BASE + step * STEPS, { unit: 'coin', wholeRate: true }),
    { asOf, source: `risk limits of XBTUSD: base ${BASE} XBT, step ${step} XBT` },
  )
}

const SHARED = {
  id: 'bitmex',
  venue: 'bitmex',
  name: 'BitMEX',
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
  collateral: undefined,
} as const satisfies Partial<PerpProfile>

const SOURCES = [
  source(
    'Risk limits: how steps raise both margins, with the example of XBTUSD, in copies of early 2019 and later',
    ['tiers'],
    `${APP}riskLimitsExamples`,
    READ,
  ),
  source(
    'Liquidation: orders cancelled, risk limit stepped down, fill-or-kill, takeover at the bankruptcy price',
    ['trigger', 'reduction', 'order', 'takeover'],
    `${APP}liquidation`,
    READ,
  ),
  source('Insurance fund', ['insurance'], `${APP}insuranceFund`, READ),
  source('Auto-deleveraging, with worked examples', ['deleverage'], `${APP}autoDeleveragingExamples`, READ),
  source('Fees of 2018; later ones were not looked up', ['fees'], `${APP}fees`, '2018-01-01', 'unverified'),
  source('Fair price marking and funding', ['mark', 'funding'], `${APP}fairPriceMarking`, READ),
  source('Collateral: XBT alone', ['collateral'], `${APP}isolatedMargin`, READ),
]
const LOWER_MARGIN = source(
  'Base maintenance of XBTUSD lowered from 0.45 % to 0.40 % on trial, 2020-05-05 02:00 UTC',
  ['tiers'],
  'https://cryptomak.co.uk/?p=156497',
  '2020-05-05',
  'news',
)
const LARGER_STEP = source(
  'Risk step of XBTUSD raised from 100 to 150 XBT, 2021-08-31 06:00 UTC',
  ['tiers'],
  'https://cryptomak.co.uk/?p=263944',
  '2021-08-31',
  'news',
)
const NOTES = [
  'A risk limit’s rates ask for the whole position, so that the margin jumps between limits.',
  `Steps are written out up to the ${STEPS}th; the venue’s table went on.`,
]

/** BitMEX’s XBTUSD: until the lower margins of May 2020, until the larger steps of August 2021, until the end. */
export const BITMEX_PROFILES: readonly PerpProfile[] = [
  {
    ...SHARED,
    from: '2018-01-01',
    until: '2020-05-05',
    markets: [xbtusd(0.005, 100, '2019-01-01')],
    sources: [...SOURCES, LOWER_MARGIN],
    notes: [...NOTES, 'Shortly before 2020-05-05 the base maintenance was 0.45 %; since when is not known here.'],
  },
  {
    ...SHARED,
    from: '2020-05-05',
    until: '2021-08-31',
    markets: [xbtusd(0.004, 100, '2020-05-05')],
    sources: [...SOURCES, LOWER_MARGIN, LARGER_STEP],
    notes: [...NOTES, 'The 0.40 % was a trial; when it ended is not known here.'],
  },
  {
    ...SHARED,
    from: '2021-08-31',
    until: '2026-09-23',
    markets: [xbtusd(0.005, 150, '2021-08-31')],
    sources: [...SOURCES, LARGER_STEP],
    notes: [...NOTES, 'The page’s example with steps of 150 XBT shows a base maintenance of 0.50 % again.'],
  },
]
