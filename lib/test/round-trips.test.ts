/** Rounding never favours who borrows or who supplies, for the mechanisms with worlds of several markets or with tokens of their own. */
import { describe, expect, it } from 'vitest'
import {
  type AaveAction,
  type AaveState,
  aaveV36,
  aaveV36World,
  type BammAction,
  type BammState,
  type BobAction,
  type BobState,
  bamm,
  bammRules,
  bammWorld,
  bob,
  bobWorld,
  type InfinifiAction,
  type InfinifiState,
  infinifi,
  infinifiWorld,
  type KaminoAction,
  type KaminoState,
  kamino,
  kaminoWorld,
  type LlammaAction,
  type LlammaState,
  llamma,
  llammaWorld,
  type MakerClipAction,
  type MakerClipState,
  type MorphoAction,
  type MorphoState,
  makerClip,
  makerClipWorld,
  morphoBlue,
  morphoWorld,
} from '../mechanisms/index.ts'
import { gains, ME } from './round-trips.ts'

const MAX = (1n << 256n) - 1n
const RICH = 10n ** 24n

describe('round trips gain nothing', () => {
  it('aave-v3.6', () => {
    const report = gains<AaveState, AaveAction>(
      aaveV36,
      aaveV36World,
      (amount) => [
        [
          { do: 'supply', account: ME, asset: 'USDC', amount },
          () => ({ do: 'withdraw', account: ME, asset: 'USDC', amount: MAX }),
        ],
        [
          { do: 'borrow', account: ME, asset: 'USDC', amount },
          () => ({ do: 'repay', account: ME, asset: 'USDC', amount: MAX }),
        ],
      ],
      [
        { do: 'supply', account: ME, asset: 'WETH', amount: 10n ** 20n },
        { do: 'set-collateral', account: ME, asset: 'WETH', enabled: true },
      ],
    )
    expect(report.completed).toBeGreaterThan(300)
    expect(report.gained).toEqual([])
  })

  it('morpho-blue', () => {
    const market = 'weth-usdc'
    const shares = (state: MorphoState, key: 'supplyShares' | 'borrowShares') =>
      state.positions.get(market)?.get(ME)?.[key] ?? 0n
    const report = gains<MorphoState, MorphoAction>(
      morphoBlue,
      morphoWorld,
      (assets) => [
        [
          { do: 'supply', market, account: ME, assets },
          (state) => ({ do: 'withdraw', market, account: ME, shares: shares(state, 'supplyShares') }),
        ],
        [
          { do: 'borrow', market, account: ME, assets },
          (state) => ({ do: 'repay', market, account: ME, shares: shares(state, 'borrowShares') }),
        ],
      ],
      [{ do: 'supply-collateral', market, account: ME, assets: RICH }],
    )
    expect(report.completed).toBeGreaterThan(200)
    expect(report.gained).toEqual([])
  })

  it('maker-clip', () => {
    const report = gains<MakerClipState, MakerClipAction>(
      makerClip,
      makerClipWorld,
      (amount) => [
        [
          { do: 'frob', ilk: 'ETH-A', account: ME, dink: 0n, dart: amount * 10n ** 12n },
          () => ({ do: 'frob', ilk: 'ETH-A', account: ME, dink: 0n, dart: -amount * 10n ** 12n }),
        ],
      ],
      [{ do: 'frob', ilk: 'ETH-A', account: ME, dink: 10n ** 24n, dart: 10n ** 22n }],
    )
    expect(report.completed).toBeGreaterThan(100)
    expect(report.gained).toEqual([])
  })

  it('kamino', () => {
    const report = gains<KaminoState, KaminoAction>(
      kamino,
      kaminoWorld,
      (amount) => [
        [
          { do: 'borrow', account: ME, reserve: 'USDC', amount },
          () => ({ do: 'repay', account: ME, reserve: 'USDC', amount: (1n << 64n) - 1n }),
        ],
        [
          { do: 'lend', reserve: 'USDC', amount },
          (_state, { received }) => ({ do: 'redeem', reserve: 'USDC', claims: received?.[0]?.atoms ?? 0n }),
        ],
      ],
      [{ do: 'deposit', account: ME, reserve: 'SOL', amount: 10n ** 12n }],
    )
    expect(report.completed).toBeGreaterThan(200)
    // A claim is another unit than what it claims: only what came and went of the reserve itself may be compared.
    expect(report.gained).toEqual([])
  })

  it('llamma', () => {
    // A loan of n hundred dollars against n tenths of ether or n hundredths of bitcoin, give or take an odd atom.
    const unit = { weth: 10n ** 17n, wbtc: 10n ** 6n } as const
    const report = gains<LlammaState, LlammaAction>(llamma, llammaWorld, (amount) => {
      const n = 1n + (amount % 50n)
      return (['weth', 'wbtc'] as const).map((market) => [
        {
          ...{ do: 'create', market, account: ME, bands: 4 + Number(amount % 9n) },
          ...{ collateral: n * unit[market] + (amount % 7n), debt: n * 10n ** 20n + amount },
        },
        () => ({ do: 'repay', market, account: ME, debt: 1n << 110n }),
      ])
    })
    expect(report.completed).toBeGreaterThan(50)
    expect(report.gained).toEqual([])
  })

  it('bob', () => {
    const report = gains<BobState, BobAction>(
      bob,
      bobWorld,
      (amount) => [
        [
          { do: 'borrow', vault: ME, amount: amount * 10n ** 9n },
          () => ({ do: 'repay', vault: ME, amount: MAX >> 100n }),
        ],
      ],
      [{ do: 'lock', vault: ME, amount: 10n ** 10n }],
    )
    expect(report.completed).toBeGreaterThan(300)
    expect(report.gained).toEqual([])
  })

  it('bamm', () => {
    // Both tokens of the pair come back as what they are: counted in √k, which is what is rented.
    const report = gains<BammState, BammAction>(bamm, bammWorld, (amount) => [
      [
        { do: 'lend', account: ME, lp: amount * 10n ** 8n },
        (state) => ({ do: 'redeem', account: ME, shares: state.lenders.get(ME) ?? 0n }),
      ],
    ])
    expect(report.completed).toBeGreaterThan(100)
    expect(report.gained).toEqual([])
    expect(bammRules.sqrtDown(15n)).toBe(3n)
  })

  it('infinifi', () => {
    const report = gains<InfinifiState, InfinifiAction>(
      infinifi,
      infinifiWorld,
      (amount) => [
        [
          { do: 'stake', account: ME, amount },
          (state) => ({ do: 'unstake', account: ME, amount: state.savings.holders.get(ME) ?? 0n }),
        ],
      ],
      [{ do: 'mint', account: ME, amount: RICH }],
    )
    expect(report.completed).toBeGreaterThan(200)
    expect(report.gained).toEqual([])
  })
})
