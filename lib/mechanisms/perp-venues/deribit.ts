/** Deribit: a maintenance rate that grows with the position, and liquidation in small steps. */
import type { PerpProfile, ProfileMarket } from '../perp/profile.ts'
import { READ, source } from './parts.ts'

const HELP = 'https://support.deribit.com/hc/en-us/articles/'
const CHANGE = `${HELP}25944826427293-11-January-2022`

function growing(coin: 'BTC' | 'ETH', base: number, perCoin: number, maxLeverage: number, asOf: string): ProfileMarket {
  return {
    symbol: `${coin}-PERPETUAL`,
    coin,
    quote: 'USD',
    settle: coin,
    payoff: 'inverse',
    contractSize: coin === 'BTC' ? 10 : 1,
    tickSize: coin === 'BTC' ? 0.5 : 0.05,
    lotSize: 1,
    maintenance: { kind: 'growing', rate: { base, perCoin, cap: 1, maxLeverage } },
    asOf,
    source: 'Deribit, margin changes of 11 January 2022',
  }
}

const SHARED = {
  id: 'deribit',
  venue: 'deribit',
  name: 'Deribit',
  modes: ['cross'],
  hedgeMode: false,
  isolated: 'at-price',
  trigger: { price: 'mark', test: 'below', withFee: false, warnAt: undefined },
  reduction: { kind: 'needed', minPart: 0 },
  takeover: { by: 'insurance-fund', when: 'bankrupt', price: 'bankruptcy', scope: 'account', rest: 'returned' },
  insurance: { scope: 'venue', deleverage: { kind: 'empty' }, socialise: true },
  deleverage: { rank: 'none', price: 'mark' },
  fees: { maker: 0, taker: 0.0005 },
  funding: {
    intervalHours: 8,
    interest: 0,
    clamp: 0.0005,
    sampleMs: 1_000,
    average: 'mean',
    bound: { kind: 'per-interval', rate: 0.005 },
    paidOn: 'index',
  },
  mark: { kind: 'index-plus-basis', windowMs: 30_000, bound: 0.005 },
  collateral: undefined,
} as const satisfies Partial<PerpProfile>

const SOURCES = [
  source('Margin and liquidation fees before and since 11 January 2022', ['tiers', 'order'], CHANGE, '2022-01-11'),
  source(
    'Liquidations: no margin call, a part of the positions at a time, one round a second, until the maintenance margin is met',
    ['trigger', 'reduction', 'order', 'takeover'],
    `${HELP}25944769313309-Liquidations`,
    READ,
  ),
  source(
    'Insurance fund covers negative equity and takes the liquidation fees; when empty, bankruptcies are socialised among the winners of the day',
    ['takeover', 'insurance', 'deleverage'],
    `${HELP}25944777576477-Insurance-Fund`,
    READ,
  ),
  source(
    'Cross margin in the coin: all funds of an account are margin',
    ['collateral'],
    'https://www.deribit.com/docs/cross-margin/',
    '2018-01-01',
  ),
  source(
    'Inverse perpetual: funding dead zone, mark price within 0.5 % of the index',
    ['funding', 'mark', 'fees'],
    `${HELP}25944674091677-Inverse-Perpetual`,
    READ,
    'unverified',
  ),
]
const NOTES = [
  'Funding is paid continuously; the profile counts it per 8 h. The liquidation fee of ETH is 0.9 %.',
  'Margin across coins (cross collateral) was not looked up and is not carried here.',
]

/** Deribit before and since the margins of January 2022. */
export const DERIBIT_PROFILES: readonly PerpProfile[] = [
  {
    ...SHARED,
    from: '2019-01-01',
    until: '2022-01-11',
    order: { timeInForce: 'ioc', limit: 'none', fee: 0.005 },
    markets: [growing('BTC', 0.00525, 0.00005, 100, '2022-01-10'), growing('ETH', 0.01, 0.000002, 50, '2022-01-10')],
    sources: SOURCES,
    notes: NOTES,
  },
  {
    ...SHARED,
    from: '2022-01-11',
    until: undefined,
    order: { timeInForce: 'ioc', limit: 'none', fee: 0.0075 },
    markets: [growing('BTC', 0.01, 0.00005, 50, '2022-01-11'), growing('ETH', 0.01, 0.000004, 50, '2022-01-11')],
    sources: SOURCES,
    notes: NOTES,
  },
]
