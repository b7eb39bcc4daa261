import { describe, expect, it } from 'vitest'
import type { FeedAnswer, Moment, UnixSeconds } from '../../model/index.ts'
import { wasRefused } from '../mechanism.ts'
import { type CometAction, type CometState, cometRules, cometSale, compoundV3 } from './index.ts'

const WAD = 10n ** 18n
const USDC = 10n ** 8n
const curve = { kink: WAD, base: 0n, slopeLow: 0n, slopeHigh: 0n }

function comet(): CometState {
  return {
    config: {
      base: { symbol: 'USDC', feed: 'USDC', scale: 10n ** 6n },
      ...{ storeFrontPriceFactor: WAD / 2n, targetReserves: 10n ** 12n, baseBorrowMin: 10n ** 8n },
      ...{ supply: curve, borrow: curve },
      assets: [
        {
          ...{ symbol: 'WETH', feed: 'WETH', scale: WAD, borrowCollateralFactor: (WAD * 80n) / 100n },
          ...{ liquidateCollateralFactor: (WAD * 85n) / 100n, liquidationFactor: (WAD * 90n) / 100n },
        },
      ],
    },
    ...{ baseSupplyIndex: 10n ** 15n, baseBorrowIndex: 10n ** 15n, totalSupplyBase: 0n, totalBorrowBase: 0n },
    ...{ lastAccrualTime: 0n, baseBalance: 0n, owed: new Map(), held: new Map(), accounts: new Map() },
  }
}

function moment(weth: bigint | undefined, usdc: bigint | undefined = USDC): Moment {
  const prices: Record<string, bigint | undefined> = { WETH: weth, USDC: usdc }
  return { time: 100 as UnixSeconds, price: (feed) => prices[feed] as FeedAnswer | undefined }
}

/** Ann and Ben each owe 1,500 USDC on one WETH of $2,000. */
function loans(): CometState {
  const state = comet()
  const at = moment(2_000n * USDC)
  for (const action of [
    { do: 'supply', account: 'sue', asset: 'USDC', amount: 10_000n * 10n ** 6n },
    { do: 'supply', account: 'ann', asset: 'WETH', amount: WAD },
    { do: 'withdraw', account: 'ann', asset: 'USDC', amount: 1_500n * 10n ** 6n },
    { do: 'supply', account: 'ben', asset: 'WETH', amount: WAD },
    { do: 'withdraw', account: 'ben', asset: 'USDC', amount: 1_600n * 10n ** 6n },
  ] as const)
    expect(wasRefused(compoundV3.apply(state, action, at))).toBe(false)
  return state
}

describe('Comet', () => {
  it('absorbs accounts in any order to the same end, and sells what it took at the discount', () => {
    const at = moment(1_500n * USDC)
    const [one, other] = [loans(), loans()]
    compoundV3.apply(one, { do: 'absorb', accounts: ['ann', 'ben'] }, at)
    compoundV3.apply(other, { do: 'absorb', accounts: ['ben', 'ann'] }, at)
    expect(one).toEqual(other)
    // Reserves paid both debts; credits were 1,350 each, so that 150 and 250 were not covered.
    expect(cometRules.reservesAt(one, 100n)).toBe(-3_100n * 10n ** 6n)
    const [sale] = compoundV3.offers(one, cometSale('WETH'), at)
    expect(sale?.receive).toEqual([{ asset: 'WETH', atoms: 2n * WAD }])
    expect(Number(sale?.pay[0]?.atoms) / 1e6).toBeCloseTo(2 * 1_500 * (1 - 0.5 * 0.1), 4)
  })

  it('refuses the whole call when one account is healthy or stands in it twice', () => {
    const at = moment(1_800n * USDC)
    for (const accounts of [
      ['ben', 'ann'],
      ['ben', 'ben'],
      ['ben', 'nobody'],
    ]) {
      const state = loans()
      const before = structuredClone(state)
      expect(compoundV3.apply(state, { do: 'absorb', accounts }, at)).toMatchObject({
        refused: { code: 'NotLiquidatable' },
      })
      expect(state).toEqual(before)
    }
  })

  it('says BadPrice for a price that is missing or zero, BadAsset for an unknown asset, and finds the empty account healthy', () => {
    const state = loans()
    for (const at of [moment(undefined), moment(0n), moment(2_000n * USDC, 0n)]) {
      expect(compoundV3.assess(state, 'ann', at)).toBeUndefined()
      expect(compoundV3.offers(state, 'ann', at)).toEqual([])
      const more = { do: 'withdraw', account: 'ann', asset: 'USDC', amount: 10n ** 8n } as const
      expect(compoundV3.apply(state, more, at)).toMatchObject({ refused: { code: 'BadPrice' } })
    }
    const at = moment(2_000n * USDC)
    const unknown = { do: 'supply', account: 'ann', asset: 'XYZ', amount: 1n } as const
    expect(compoundV3.apply(state, unknown, at)).toMatchObject({ refused: { code: 'BadAsset' } })
    const small = { do: 'withdraw', account: 'cid', asset: 'USDC', amount: 1n } as const
    expect(compoundV3.apply(state, small, at)).toMatchObject({ refused: { code: 'BorrowTooSmall' } })
    expect(compoundV3.assess(state, 'nobody', at)).toBeUndefined()
    expect(compoundV3.assess(state, 'sue', at)).toEqual({ backing: 0n, required: 0n, equity: 0n, liquidatable: false })
  })

  it('refuses what its narrow integers cannot hold, each in its own word', () => {
    const at = moment(2_000n * USDC)
    const word = (state: CometState, action: CometAction) => {
      const done = compoundV3.apply(state, action, at)
      return wasRefused(done) ? done.refused.code : 'done'
    }
    const supply = (amount: bigint) => ({ do: 'supply', account: 'sue', asset: 'USDC', amount }) as const
    expect(word(comet(), supply((1n << 103n) - 1n))).toBe('done')
    expect(word(comet(), supply(1n << 103n))).toBe('InvalidInt104')
    expect(word(comet(), supply(1n << 104n))).toBe('InvalidUInt104')
    expect(word(comet(), supply(1n << 255n))).toBe('InvalidInt256')
    const move = { do: 'transfer', account: 'ann', to: 'ben', asset: 'WETH', amount: 1n << 128n } as const
    expect(word(loans(), move)).toBe('InvalidUInt128')
    expect(word(loans(), { ...move, amount: (1n << 128n) - 1n })).toBe('Panic(0x11)')
    const total = { ...comet(), totalSupplyBase: (1n << 104n) - 10n }
    expect(word(total, supply(9n))).toBe('done')
    expect(word(total, supply(1n))).toBe('Panic(0x11)')
  })

  it('cannot accrue at a usage that makes its rate wider than 64 bits: absorptions, sales and reserves fail with it', () => {
    const at = moment(1_000n * USDC)
    const state = loans()
    // One atom of supply is left against debts of 3,100 USDC: the rate per second, wad, would be 3.1e9 · 1e10.
    const steep = { ...state.config, borrow: { kink: WAD, base: 0n, slopeLow: 0n, slopeHigh: 10n ** 10n } }
    const drained: CometState = { ...state, config: steep, totalSupplyBase: 1n, lastAccrualTime: 0n }
    for (const action of [
      { do: 'absorb', accounts: ['ann'] },
      { do: 'buy', asset: 'WETH', minAmount: 0n, baseAmount: 1n },
      { do: 'withdraw-reserves', amount: 1n },
    ] as const)
      expect(compoundV3.apply(drained, action, at)).toMatchObject({ refused: { code: 'InvalidUInt64' } })
  })
})
