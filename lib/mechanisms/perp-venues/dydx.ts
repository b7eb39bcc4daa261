/** dYdX v4: oracle price for everything, an insurance fund on chain. */
import type { PerpProfile } from '../perp/profile.ts'
import { brackets, market, source } from './parts.ts'

const HELP = 'https://help.dydx.trade/en/articles/'
const OF = {
  asOf: '2024-10-24',
  source: 'liquidity tiers of dYdX v4: initial margin fraction and maintenance fraction; not verified for today',
} as const

/** dYdX v4. */
export const DYDX_PROFILES: readonly PerpProfile[] = [
  {
    id: 'dydx-v4',
    venue: 'dydx',
    name: 'dYdX v4',
    from: '2023-11-01',
    until: undefined,
    modes: ['cross', 'isolated'],
    hedgeMode: false,
    isolated: 'at-price',
    trigger: { price: 'oracle', test: 'below', withFee: false, warnAt: undefined },
    reduction: { kind: 'whole' },
    order: { timeInForce: 'ioc', limit: 'bankruptcy', fee: 0.015 },
    takeover: { by: 'nobody', when: 'bankrupt', price: 'mark', scope: 'position', rest: 'returned' },
    insurance: { scope: 'venue', deleverage: { kind: 'empty' }, socialise: false },
    deleverage: { rank: 'pnl-of-account', price: 'bankruptcy' },
    fees: { maker: 0.0001, taker: 0.0005 },
    funding: {
      intervalHours: 1,
      interest: 0,
      clamp: 0,
      sampleMs: 60_000,
      average: 'mean',
      bound: { kind: 'initial-minus-maintenance', ratio: 6 },
      paidOn: 'oracle',
    },
    mark: { kind: 'oracle' },
    markets: [
      market(
        ['BTC-USD', 'BTC', 'USD', 'USDC'],
        [1, 1, 0.0001],
        brackets([[0, 0.03, 20]], Number.POSITIVE_INFINITY),
        OF,
      ),
      market(
        ['ETH-USD', 'ETH', 'USD', 'USDC'],
        [1, 0.1, 0.001],
        brackets([[0, 0.03, 20]], Number.POSITIVE_INFINITY),
        OF,
      ),
    ],
    collateral: undefined,
    sources: [
      source(
        'Contract loss mechanisms, margin, liquidations and deleveraging',
        ['tiers', 'trigger', 'reduction', 'order', 'takeover', 'insurance', 'deleverage', 'collateral'],
        `${HELP}166973-contract-loss-mechanisms-on-dydx-chain`,
        '2024-10-24',
        'unverified',
      ),
      source(
        'Funding: hourly, impact notional 500 USDC / initial margin',
        ['funding', 'mark'],
        `${HELP}166992-funding`,
        '2024-10-24',
      ),
      source('Fees of the base level', ['fees'], `${HELP}166998-trading-fees`, '2024-10-24', 'unverified'),
    ],
    notes: [
      'Counterparties of a deleveraging are drawn at random on chain; the profile ranks them by profit over equity.',
      'Initial margin grows with open interest; that growth is not modelled.',
    ],
  },
]
