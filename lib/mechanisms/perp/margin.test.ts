import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountLiquidationPrices, accountMargin, collateralValue, withdrawable } from './account.ts'
import { coordinate, legOf } from './leg.ts'
import { crossLiquidationPrices, liquidationPrice, slackAt } from './liquidation-price.ts'
import {
  bankruptcyPrice,
  checkLeverage,
  effectiveLeverage,
  initialMargin,
  maintenanceAt,
  notionalAt,
  unrealisedAt,
} from './margin.ts'
import type { MaintenanceRule, PerpPosition, TierTable } from './profile.ts'
import { bracketAt, checkTierTable, deductionsOf, singleTier } from './tiers.ts'

const BTC: readonly (readonly [number, number, number])[] = [
  [0, 0.004, 125],
  [50_000, 0.005, 100],
  [600_000, 0.0065, 75],
  [3e6, 0.01, 50],
  [12e6, 0.02, 25],
  [70e6, 0.025, 20],
  [100e6, 0.05, 10],
  [230e6, 0.1, 5],
]

function tableOf(brackets: typeof BTC, patch: Partial<TierTable> = {}): TierTable {
  const deductions = deductionsOf(brackets.map(([floor, rate]) => [floor, rate]))
  return {
    tiers: brackets.map(([floor, rate, maxLeverage], at) => ({
      floor,
      rate,
      maxLeverage,
      deduction: deductions[at] as number,
    })),
    unit: 'quote',
    boundary: 'higher',
    ceiling: 480e6,
    ...patch,
  }
}

const tiers: MaintenanceRule = { kind: 'tiers', table: tableOf(BTC) }
const linear = { payoff: 'linear', maintenance: tiers } as const
const coins = tableOf(
  BTC.map(([floor, rate, lev]) => [floor / 60_000, rate, lev]),
  { unit: 'coin', ceiling: 8000 },
)
const inverse = { payoff: 'inverse', maintenance: { kind: 'tiers', table: coins } } as const
const growing = {
  payoff: 'inverse',
  maintenance: { kind: 'growing', rate: { base: 0.005, perCoin: 0.00005, cap: 0.1, maxLeverage: 50 } },
} as const

const side = fc.constantFrom('long', 'short') as fc.Arbitrary<'long' | 'short'>
const positions = fc.record({
  side,
  size: fc.double({ min: 1e-3, max: 3000, noNaN: true }),
  entryPrice: fc.double({ min: 100, max: 90_000, noNaN: true }),
})
const leverages = fc.double({ min: 1, max: 20, noNaN: true })

describe('liquidation price', () => {
  it('is −9.64 %, −1.61 %, −0.60 % for 10x, 50x, 100x, not −10, −2, −1 %', () => {
    const contract = { payoff: 'linear', maintenance: { kind: 'tiers', table: singleTier(0.004) } } as const
    const moves = [10, 50, 100].map((leverage) => {
      const position = { side: 'long', size: 1, entryPrice: 60_000 } as const
      return ((liquidationPrice(contract, position, { margin: 60_000 / leverage })?.price ?? 0) / 60_000 - 1) * 100
    })
    expect(moves.map((move) => move.toFixed(2))).toEqual(['-9.64', '-1.61', '-0.60'])
  })

  it.each([
    ['linear', linear, 1],
    ['inverse', inverse, 60_000],
    ['inverse with a growing rate', growing, 60_000],
  ] as const)('equity equals maintenance there to 1e-12: %s', (_, contract, scale) => {
    let solved = 0
    fc.assert(
      fc.property(positions, leverages, (drawn, leverage) => {
        const position = { ...drawn, size: drawn.size * scale }
        const margin = notionalAt(contract, position, position.entryPrice) / leverage
        const found = liquidationPrice(contract, position, { margin })
        if (!found) return
        solved++
        const equity = margin + unrealisedAt(contract, position, found.price)
        const required = maintenanceAt(contract, position, found.price)
        const size = Math.max(margin, notionalAt(contract, position, found.price))
        expect(Math.abs(equity - required.margin) / size).toBeLessThanOrEqual(1e-12)
        expect(Math.abs(required.bracket - found.bracket)).toBeLessThanOrEqual(1)
      }),
      { seed: 3, numRuns: 2000 },
    )
    expect(solved).toBeGreaterThan(1000)
  })

  it('moves towards the entry as leverage or paid funding grow', () => {
    fc.assert(
      fc.property(positions, leverages, fc.double({ min: 1.001, max: 2, noNaN: true }), (position, leverage, more) => {
        const notional = notionalAt(linear, position, position.entryPrice)
        const at = (margin: number) => liquidationPrice(linear, position, { margin })?.price ?? 0
        const sign = position.side === 'long' ? 1 : -1
        expect(sign * (at(notional / leverage / more) - at(notional / leverage))).toBeGreaterThanOrEqual(0)
      }),
      { seed: 4, numRuns: 1000 },
    )
  })

  it('is none for an over-collateralised long, and far above the mark for such a short', () => {
    const position = { side: 'long', size: 1, entryPrice: 100 } as const
    expect(liquidationPrice(linear, position, { margin: 150 })).toBeUndefined()
    expect(liquidationPrice(linear, { ...position, side: 'short' }, { margin: 1000 })?.price).toBeCloseTo(
      1100 / 1.004,
      9,
    )
  })

  it('takes the root of its own bracket only, and a jump of whole-rate brackets where it crosses', () => {
    const position = { side: 'short', size: 10, entryPrice: 4_900 } as const
    const found = liquidationPrice(linear, position, { margin: 2_000 })
    expect(found).toEqual({ price: expect.closeTo((2_000 + 50 + 49_000) / (10 * 1.005), 9), bracket: 2 })
    const whole = tableOf(
      [
        [0, 0.01, 50],
        [50_000, 0.05, 20],
      ],
      { wholeRate: true },
    )
    const jumping = {
      payoff: 'linear',
      maintenance: {
        kind: 'tiers',
        table: { ...whole, tiers: whole.tiers.map((tier) => ({ ...tier, deduction: 0 })) },
      },
    } as const
    expect(liquidationPrice(jumping, position, { margin: 2_000 })?.price).toBe(5_000)
  })

  it('solves both legs of hedge mode together: none while they cancel out', () => {
    const leg = (s: 'long' | 'short', size: number) => ({
      contract: linear,
      mark: 60_000,
      position: { side: s, size, entryPrice: 60_000 } as PerpPosition,
    })
    expect(crossLiquidationPrices([leg('long', 1)], 3_000).below).toBeGreaterThan(57_000)
    const both = crossLiquidationPrices([leg('long', 1), leg('short', 0.9)], 3_000)
    expect(both.below ?? 0).toBeLessThan(40_000)
    const even = crossLiquidationPrices([leg('long', 1), leg('short', 1)], 3_000)
    expect(even.below).toBeUndefined()
    expect(even.above).toBeGreaterThan(200_000)
  })
})

describe('bankruptcy price', () => {
  it('closes with exactly nothing left, before fees', () => {
    fc.assert(
      fc.property(positions, leverages, fc.boolean(), (drawn, leverage, coinSettled) => {
        const contract = coinSettled ? inverse : linear
        const position = coinSettled ? { ...drawn, size: drawn.size * 60_000 } : drawn
        const margin = notionalAt(contract, position, position.entryPrice) / leverage
        const price = bankruptcyPrice(contract, position, margin)
        if (price === undefined) return
        const left = margin + unrealisedAt(contract, position, price)
        expect(Math.abs(left) / Math.max(margin, notionalAt(contract, position, price))).toBeLessThanOrEqual(1e-12)
      }),
      { seed: 5, numRuns: 1000 },
    )
  })

  it('lies beyond the liquidation price, and a partial close at it never worsens the ratio', () => {
    const position = { side: 'long', size: 2, entryPrice: 60_000 } as const
    const found = liquidationPrice(linear, position, { margin: 12_000 })
    const bankrupt = bankruptcyPrice(linear, position, 12_000) as number
    expect(bankrupt).toBe(54_000)
    expect(found?.price).toBeGreaterThan(bankrupt)
    const at = 54_100
    const ratio = (size: number) =>
      maintenanceAt(linear, { ...position, size }, at).margin /
      ((12_000 * size) / 2 + unrealisedAt(linear, { ...position, size }, at))
    expect(ratio(1)).toBeLessThanOrEqual(ratio(2))
  })
})

describe('what is refused', () => {
  const position = { side: 'long', size: 1, entryPrice: 60_000 } as const
  it.each([
    ['negative size', { ...position, size: -1 }, 'bad-position', 'size'],
    ['NaN size', { ...position, size: Number.NaN }, 'bad-position', 'size'],
    ['price 0', { ...position, entryPrice: 0 }, 'bad-position', 'entry price'],
    ['no side', { ...position, side: 'up' as never }, 'bad-position', 'side'],
  ])('%s', (_, wrong, code, word) => {
    expect(() => legOf(linear, wrong)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(word) }),
    )
  })

  it('leverage above the bracket, and a position above the venue', () => {
    expect(checkLeverage(linear, 0.5, 60_000, 125)).toBe(125)
    expect(() => initialMargin(linear, position, 101)).toThrow(
      expect.objectContaining({
        code: 'over-leverage',
        values: expect.objectContaining({ leverage: 101, limit: 100 }),
      }),
    )
    expect(() => checkLeverage(linear, 10_000, 60_000, 1)).toThrow(/largest, 480000000/)
  })

  it.each([
    ['a hole', tableOf([[10, 0.01, 50]])],
    [
      'floors that do not ascend',
      tableOf([
        [0, 0.01, 50],
        [0, 0.02, 25],
      ]),
    ],
    [
      'falling rates',
      tableOf([
        [0, 0.02, 50],
        [100, 0.01, 25],
      ]),
    ],
    [
      'rising leverage',
      tableOf([
        [0, 0.01, 50],
        [100, 0.02, 75],
      ]),
    ],
    ['a jump', { ...tableOf(BTC), tiers: tableOf(BTC).tiers.map((tier) => ({ ...tier, deduction: 0 })) }],
    ['no bracket', tableOf([])],
    ['NaN', tableOf([[0, Number.NaN, 50]])],
    ['a low ceiling', tableOf(BTC, { ceiling: 1000 })],
  ])('a table with %s', (_, table) => {
    expect(() => checkTierTable(table)).toThrow(expect.objectContaining({ code: 'bad-tiers' }))
  })
})

describe('brackets', () => {
  it('own their floors as the venue says', () => {
    expect(checkTierTable(tableOf(BTC)).tiers).toHaveLength(8)
    expect([49_999, 50_000].map((notional) => bracketAt(tableOf(BTC), notional))).toEqual([0, 1])
    expect(bracketAt(tableOf(BTC, { boundary: 'lower' }), 50_000)).toBe(0)
  })
})

describe('an account', () => {
  const eth = {
    symbol: 'ETH',
    payoff: 'linear',
    maintenance: { kind: 'tiers', table: singleTier(0.1, 135_365) },
  } as const
  const btc = {
    symbol: 'BTC',
    payoff: 'linear',
    maintenance: { kind: 'tiers', table: singleTier(0.025, 16_300) },
  } as const
  const account = {
    collateral: [{ coin: 'USDT', amount: 1_535_443.01, price: 1 }],
    positions: [
      { contract: eth, position: { side: 'long', size: 3683.979, entryPrice: 1456.84 }, mark: 1335.18, leverage: 5 },
      {
        contract: btc,
        position: { side: 'long', size: 109.488, entryPrice: 32_481.98 },
        mark: 31_967.27,
        leverage: 10,
      },
    ],
  } as const

  it('gives Binance’s published cross example with both positions', () => {
    expect(accountLiquidationPrices(account, 1).below).toBeCloseTo(26_316.89, 2)
    expect(accountLiquidationPrices(account, 0).below).toBeCloseTo(1_153.26, 2)
  })

  it('counts collateral by its haircuts, debts in full, unlisted coins not at all', () => {
    const haircuts = [
      {
        coin: 'BTC',
        brackets: [
          { upTo: 1e6, ratio: 0.95 },
          { upTo: Number.POSITIVE_INFINITY, ratio: 0.9 },
        ],
      },
    ]
    expect(collateralValue({ coin: 'BTC', amount: 20, price: 1e5 }, haircuts)).toBeCloseTo(1.85e6, 6)
    expect(collateralValue({ coin: 'BTC', amount: -1, price: 1e5 }, haircuts)).toBe(-1e5)
    expect(collateralValue({ coin: 'DOGE', amount: 1, price: 1 }, haircuts)).toBe(0)
    expect(collateralValue({ coin: 'DOGE', amount: 1, price: 1 }, undefined)).toBe(1)
  })

  it('has a margin ratio, an effective leverage, and keeps back what transfers must leave', () => {
    const margin = accountMargin(account)
    expect(margin.equity).toBeCloseTo(1_535_443.01 - 448_192.88514 - 56_354.56848, 4)
    expect(margin.ratio).toBeCloseTo(margin.maintenance / margin.equity, 15)
    expect(effectiveLeverage(margin.notional, margin.equity)).toBeCloseTo(margin.notional / margin.equity, 15)
    expect(withdrawable(margin)).toBe(0)
    expect(withdrawable({ ...margin, initial: 10, notional: 1000, equity: 500 }, 0.1)).toBe(400)
  })

  it('slack is zero at the liquidation price of the account', () => {
    const { below } = crossLiquidationPrices(
      [{ contract: btc, position: account.positions[1].position, mark: 31_967.27 }],
      1e6,
    )
    const standing = { legs: [legOf(btc, account.positions[1].position)], money: 1e6, part: 1 }
    expect(Math.abs(slackAt(standing, coordinate('linear', below as number)))).toBeLessThan(1e-6)
  })
})
