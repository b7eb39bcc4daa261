/** Rounding never favours who borrows or who supplies: a loan repaid at once costs at least what was lent, a deposit taken back gives at most what came. */
import { describe, expect, it } from 'vitest'
import { gains, ME } from '../test/round-trips.ts'
import { type CompoundAction, type CompoundState, compoundV2, compoundWorld } from './compound-v2/index.ts'
import { type CometAction, type CometState, cometWorld, compoundV3 } from './compound-v3/index.ts'
import { type EulerAction, type EulerState, eulerV2, eulerWorld } from './euler-v2/index.ts'
import { type FraxlendAction, type FraxlendState, fraxlend, fraxlendWorld } from './fraxlend/index.ts'
import { MAX_UINT256 } from './solidity.ts'
import { venusCore, venusWorld } from './venus/index.ts'

const rich = 10n ** 24n

describe('round trips', () => {
  it.each([
    ['compound-v2', compoundV2, compoundWorld],
    ['venus-core', venusCore, venusWorld],
  ] as const)('%s', (_id, mechanism, world) => {
    const report = gains<CompoundState, CompoundAction>(
      mechanism,
      world,
      (amount) => [
        [
          { do: 'mint', account: ME, market: 'USDC', amount },
          (_state, { moved }) => ({ do: 'redeem', account: ME, market: 'USDC', tokens: moved?.['tokens'] ?? 0n }),
        ],
        [
          { do: 'borrow', account: ME, market: 'USDC', amount },
          () => ({ do: 'repay', account: ME, market: 'USDC', amount: MAX_UINT256 }),
        ],
      ],
      [
        { do: 'mint', account: ME, market: 'DAI', amount: rich },
        { do: 'enter', account: ME, market: 'DAI' },
      ],
    )
    expect(report.completed).toBeGreaterThan(300)
    expect(report.gained).toEqual([])
  })

  it('compound-v3', () => {
    const report = gains<CometState, CometAction>(
      compoundV3,
      cometWorld,
      (amount) => [
        [
          { do: 'supply', account: ME, asset: 'USDC', amount },
          () => ({ do: 'withdraw', account: ME, asset: 'USDC', amount: MAX_UINT256 }),
        ],
        [
          { do: 'withdraw', account: ME, asset: 'USDC', amount: amount + 10n ** 8n },
          () => ({ do: 'supply', account: ME, asset: 'USDC', amount: MAX_UINT256 }),
        ],
      ],
      [{ do: 'supply', account: ME, asset: 'WETH', amount: 10n ** 22n }],
    )
    expect(report.completed).toBeGreaterThan(300)
    expect(report.gained).toEqual([])
  })

  it('euler-v2', () => {
    const report = gains<EulerState, EulerAction>(
      eulerV2,
      eulerWorld,
      (amount) => [
        [{ do: 'deposit', account: ME, amount }, () => ({ do: 'redeem', account: ME, shares: MAX_UINT256 })],
        [{ do: 'borrow', account: ME, amount }, () => ({ do: 'repay', account: ME, amount: MAX_UINT256 })],
      ],
      [
        { do: 'add-collateral', account: ME, asset: 'eWETH', amount: rich },
        { do: 'enable-collateral', account: ME, asset: 'eWETH', on: true },
      ],
    )
    expect(report.completed).toBeGreaterThan(300)
    expect(report.gained).toEqual([])
  })

  it('fraxlend', () => {
    const report = gains<FraxlendState, FraxlendAction>(
      fraxlend,
      fraxlendWorld,
      (amount) => [
        [
          { do: 'deposit', account: ME, amount },
          (state) => ({ do: 'redeem', account: ME, shares: state.lenders.get(ME) ?? 0n }),
        ],
        [
          { do: 'borrow', account: ME, amount, collateral: 0n },
          (state) => ({ do: 'repay', account: ME, shares: state.borrowers.get(ME)?.borrowShares ?? 0n }),
        ],
      ],
      [{ do: 'add-collateral', account: ME, amount: rich }],
    )
    expect(report.completed).toBeGreaterThan(300)
    expect(report.gained).toEqual([])
  })
})
