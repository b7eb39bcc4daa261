/** dYdX v4: oracle price for everything, an insurance fund on chain. */
import type { PerpProfile, ProfileMarket } from '../perp/profile.ts'
import { brackets, market, READ, source } from './parts.ts'

const CHAIN = 'https://github.com/dydxprotocol/v4-chain/blob/main'
const GENESIS = `${CHAIN}/protocol/testing/genesis.sh`
/** Day of the chain’s code that was read. */
const REVISION = '2026-03-05'

/** Initial margin fraction of a liquidity tier, and the part of it that maintenance is. */
type LiquidityTier = readonly [initial: number, maintenancePart: number]
const SMALL_CAP: LiquidityTier = [0.1, 0.5]

function perp(coin: string, steps: readonly [tick: number, lot: number], tier: LiquidityTier, asOf: string) {
  const [initial, part] = tier
  return market(
    [`${coin}-USD`, coin, 'USD', 'USDC'],
    [1, ...steps],
    brackets([[0, initial * part, 1 / initial]], Number.POSITIVE_INFINITY),
    { asOf, source: 'liquidity tiers of the genesis script of the chain’s repository; votes may have changed them' },
  )
}

function marketsOf(largeCap: LiquidityTier, asOf: string): readonly ProfileMarket[] {
  return [
    perp('BTC', [1, 0.0001], largeCap, asOf),
    perp('ETH', [0.1, 0.001], largeCap, asOf),
    perp('SOL', [0.01, 0.1], SMALL_CAP, asOf),
    perp('PEPE', [1e-10, 10_000_000], SMALL_CAP, asOf),
  ]
}

const SHARED = {
  id: 'dydx-v4',
  venue: 'dydx',
  name: 'dYdX v4',
  modes: ['cross', 'isolated'],
  hedgeMode: false,
  isolated: 'at-price',
  trigger: { price: 'oracle', test: 'below', withFee: false, warnAt: undefined },
  reduction: { kind: 'fraction', part: 0.1, above: 1_000, cooldownMs: 0 },
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
  collateral: undefined,
} as const satisfies Partial<PerpProfile>

const SOURCES = [
  source(
    'Liquidations: at most a tenth of a position a block and at least 1,000 USDC, fee up to 1.5 %; caps of funding',
    ['reduction', 'order', 'funding'],
    GENESIS,
    REVISION,
  ),
  source(
    'Liquidatable when the maintenance requirement is above the net collateral; orders at the fillable price; the insurance fund gets the fee or pays down to the bankruptcy price',
    ['trigger', 'order', 'takeover', 'insurance', 'collateral'],
    `${CHAIN}/protocol/x/clob/keeper/liquidations.go`,
    REVISION,
  ),
  source(
    'Deleveraging of an account with negative collateral at its bankruptcy price, against accounts on the other side',
    ['deleverage', 'takeover'],
    `${CHAIN}/protocol/x/clob/keeper/deleveraging.go`,
    REVISION,
  ),
  source(
    'Funding: hourly, impact notional 500 USDC / initial margin; oracle price',
    ['funding', 'mark'],
    'https://help.dydx.trade/en/articles/166992-funding',
    READ,
  ),
  source(
    'Standard fee tiers: maker 0.01 %, taker 0.05 % at the base',
    ['fees'],
    `${CHAIN}/protocol/x/feetiers/types/genesis.go`,
    REVISION,
  ),
]
const NOTES = [
  'Counterparties of a deleveraging are drawn at random on chain; the profile ranks them by profit over equity.',
  'Initial margin grows with open interest above a cap (not in the largest tier); that growth is not modelled.',
  'A step is at least 1,000 USDC: between 1,000 and 10,000 USDC of notional the profile’s tenth is smaller than the chain’s step. An account is also limited to 100,000 USDC a block.',
  'Orders are filled at the fillable price, up to 1.5 times the maintenance rate from the oracle price; the profile bounds them by the bankruptcy price. Liquidity tiers are those of the genesis script: votes may have moved markets between tiers.',
]

/** dYdX v4, with the largest tier at 20x, and at 50x since October 2024. */
export const DYDX_PROFILES: readonly PerpProfile[] = [
  {
    ...SHARED,
    from: '2023-11-01',
    until: '2024-10-02',
    markets: marketsOf([0.05, 0.6], '2024-10-01'),
    sources: [
      ...SOURCES,
      source('Liquidity tiers: largest 5 %, 60 % of it maintenance', ['tiers'], GENESIS, '2024-10-01', 'derived'),
    ],
    notes: NOTES,
  },
  {
    ...SHARED,
    from: '2024-10-02',
    until: undefined,
    markets: marketsOf([0.02, 0.6], REVISION),
    sources: [
      ...SOURCES,
      source('Liquidity tiers: largest 2 %, 60 % of it maintenance', ['tiers'], GENESIS, REVISION, 'derived'),
    ],
    notes: [...NOTES, 'The window begins with the change of the script; the day of the vote was not looked up.'],
  },
]
