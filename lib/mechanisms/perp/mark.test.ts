import { describe, expect, it } from 'vitest'
import { EMPTY_EMA, EMPTY_WINDOW, emaStep, emaValue, windowStep } from './ema.ts'
import {
  attackBreakEven,
  friendAttack,
  friendAttackProfit,
  maintenanceRefund,
  shareCost,
  subjectIndex,
  tvlIndex,
} from './friend-index.ts'
import {
  boundedFundingRate,
  EMPTY_HYPERP,
  fundingBound,
  fundingOver,
  fundingPayment,
  fundingRate,
  hyperpStep,
  liquidationPriceShift,
  marginAfterFunding,
} from './funding.ts'
import { clampStep, clampWindow, isStale, oracleStep, updatesBetween } from './hip3.ts'
import { liquidationPrice } from './liquidation-price.ts'
import { EMPTY_MARK, fundingPrice, hyperliquidMark, type MarkInputs, markStep } from './mark.ts'
import { averagePremium, EMPTY_PREMIUMS, impactNotional, impactPrice, premiumIndex, premiumStep } from './premium.ts'
import type { FundingRule, MarkRule } from './profile.ts'
import { singleTier } from './tiers.ts'

const after = (rule: MarkRule, ...samples: MarkInputs[]) =>
  samples.reduce((state, sample) => markStep(rule, state, sample), EMPTY_MARK).mark

describe('mark prices', () => {
  const binance: MarkRule = { kind: 'binance-median', windowMs: 30_000, sampleMs: 1_000 }
  it('Binance: the median of three, the mean of two, the one there is', () => {
    const book = { bid: 100.9, ask: 101.1 }
    const full = {
      now: 0,
      index: 100,
      ...book,
      last: 100.4,
      fundingRate: 0.001,
      toFundingMs: 14_400_000,
      intervalMs: 28_800_000,
    }
    // P1 = 100.05, P2 = 101, contract 100.4.
    expect(after(binance, full)).toBeCloseTo(100.4, 12)
    expect(fundingPrice(100, 0.001, 14_400_000, 28_800_000)).toBeCloseTo(100.05, 12)
    expect(after(binance, { ...full, last: undefined })).toBeCloseTo(100.525, 12)
    expect(after(binance, { now: 0, last: 7 })).toBe(7)
    expect(after(binance, { now: 0, last: 7 }, { now: 1_000 })).toBe(7)
    expect(() => after(binance, { now: 0, last: 0 })).toThrow(/last price is 0/)
  })
  it('index plus basis: the average of its window, bounded', () => {
    const rule: MarkRule = { kind: 'index-plus-basis', windowMs: 9_000, bound: 0.01 }
    expect(
      after(rule, { now: 0, index: 100, bid: 100.2, ask: 100.4 }, { now: 3_000, index: 100, bid: 100.4, ask: 100.6 }),
    ).toBeCloseTo(100.4, 12)
    expect(after(rule, { now: 0, index: 100, bid: 108, ask: 112 })).toBe(101)
    expect(after(rule, { now: 0, bid: 108, ask: 112 })).toBeUndefined()
  })
  it('fair basis and oracle', () => {
    expect(
      after(
        { kind: 'fair-basis', impactNotional: undefined },
        { now: 0, index: 200, fundingRate: -0.001, toFundingMs: 28_800_000 },
      ),
    ).toBeCloseTo(199.8, 12)
    expect(after({ kind: 'oracle' }, { now: 0, oracle: 5 }, { now: 1 })).toBe(5)
  })
  it('Hyperliquid: three inputs, and the 30 s average when there are two', () => {
    expect(hyperliquidMark({ oracle: 10_000, emaBasis: 20, local: 10_010, external: 10_012 })).toBe(10_012)
    expect(
      hyperliquidMark({ oracle: 10_000, emaBasis: 20, local: 10_010, external: undefined, localEma: 10_000 }),
    ).toBe(10_010)
    expect(
      hyperliquidMark({ oracle: undefined, emaBasis: undefined, local: 10_010, external: undefined, localEma: 9 }),
    ).toBe(10_010)
    const rule: MarkRule = { kind: 'hyperliquid', emaMs: 150_000, fallbackEmaMs: 30_000 }
    expect(after(rule, { now: 0, oracle: 100, bid: 101, ask: 103, last: 102, external: [101.5] })).toBe(102)
  })
  it('HIP-3: a wrong price needs many updates, a thin book takes over when the deployer is silent', () => {
    const rule: MarkRule = { kind: 'hip3', maxStep: 0.01, minGapMs: 2_500, staleMs: 10_000 }
    const first = markStep(rule, EMPTY_MARK, { now: 0, external: [2_277] })
    expect(first.mark).toBe(2_277)
    expect(markStep(rule, first, { now: 1_000, external: [1_254] }).mark).toBe(2_277)
    expect(markStep(rule, first, { now: 2_500, external: [1_254] }).mark).toBeCloseTo(2_277 * 0.99, 9)
    expect(markStep(rule, first, { now: 5_000, bid: 1, ask: 3, last: 2 }).mark).toBe(2_277)
    expect(markStep(rule, first, { now: 10_000, bid: 1, ask: 3, last: 2 }).mark).toBe(2)
  })
})

describe('the HIP-3 clamp', () => {
  const rule = { maxStep: 0.01, minGapMs: 2_500, staleMs: 10_000 }
  it('lets −44.93 % happen in 60 updates, 150 s; a window limit does not', () => {
    expect(updatesBetween(2_277, 1_254, rule)).toEqual({
      updates: 60,
      ms: 150_000,
      move: expect.closeTo(-0.4492753623188406, 15),
    })
    let update = oracleStep(undefined, 2_277, 0, rule)
    let limited = [update]
    for (let at = 1; at <= 60; at++) {
      const now = at * 2_500
      update = oracleStep(update, 1_254, now, rule)
      const last = limited.at(-1) as { price: number; time: number }
      const stepped = clampStep(last.price, 1_254, rule.maxStep)
      limited = [
        ...limited,
        { price: clampWindow(limited, stepped, now, { maxMove: 0.1, windowMs: 3_600_000 }), time: now },
      ]
    }
    expect(update.price).toBe(1_254)
    expect(limited.at(-1)?.price).toBeCloseTo(2_277 * 0.9, 9)
  })
  it('refuses what is early and forgets what is old', () => {
    const last = { price: 100, time: 0 }
    expect(() => oracleStep(last, 100, 2_499, rule)).toThrow(expect.objectContaining({ code: 'bad-time' }))
    expect([9_999, 10_000].map((now) => isStale(last, now, rule))).toEqual([false, true])
    expect(clampStep(100, 200, 0.01)).toBe(101)
    expect(clampWindow([], 50, 0, { maxMove: 0.1, windowMs: 1 })).toBe(50)
    expect(clampWindow([last, { price: 150, time: 1 }], 90, 2, { maxMove: 0.1, windowMs: 10 })).toBe(150)
  })
})

describe('averages', () => {
  it('decay with their time constant, and irregular samples weigh by their time', () => {
    const ema = [10, 10, 40].reduce((state, value) => emaStep(state, value, 3, 150), EMPTY_EMA)
    expect(emaValue(ema)).toBeCloseTo(20.200653267828336, 12)
    expect(emaValue(EMPTY_EMA)).toBeUndefined()
    expect(() => emaStep(ema, 1, -1, 150)).toThrow(/-1/)
  })
  it('of a window take one sample per period and forget', () => {
    const at = (times: number[]) =>
      times.reduce((window, now) => windowStep(window, now, now, 3_000, 1_000), EMPTY_WINDOW)
    expect(at([0, 500, 1_000]).mean).toBe(500)
    expect(at([0, 1_000, 2_000, 3_000]).samples.map(({ time }) => time)).toEqual([1_000, 2_000, 3_000])
    expect(() => at([1_000, 0])).toThrow(/came after/)
  })
})

describe('funding', () => {
  const rule: FundingRule = {
    intervalHours: 1,
    interest: 0.0001,
    clamp: 0.0005,
    sampleMs: 5_000,
    average: 'mean',
    bound: { kind: 'per-hour', rate: 0.04 },
    paidOn: 'oracle',
  }
  const rates = { maintenanceRate: 0.004, initialRate: 0.008 }
  it('Hyperliquid’s own example: $118.75 an hour', () => {
    const premium = premiumIndex({ impactBid: 10_100, impactAsk: undefined, index: 10_000 })
    expect(premium).toBeCloseTo(0.01, 15)
    const rate = boundedFundingRate(premium, rule, rates)
    expect(fundingPayment({ side: 'long', size: 10, price: 10_000, payoff: 'linear' }, rate)).toBeCloseTo(118.75, 9)
    expect(fundingPayment({ side: 'short', size: 10, price: 10_000, payoff: 'linear' }, rate)).toBeCloseTo(-118.75, 9)
    expect(fundingPayment({ side: 'long', size: 10_000, price: 50_000, payoff: 'inverse' }, 0.0001)).toBeCloseTo(
      0.00002,
      15,
    )
  })
  it('is bounded both ways, each kind of bound', () => {
    expect(boundedFundingRate(1, rule, rates)).toBe(0.04)
    expect(boundedFundingRate(-1, rule, rates)).toBe(-0.04)
    const bound = (kind: FundingRule['bound']) => fundingBound({ bound: kind, intervalHours: 8 }, rates)
    expect(bound({ kind: 'maintenance', ratio: 0.75 })).toBeCloseTo(0.003, 15)
    expect(bound({ kind: 'initial-minus-maintenance', ratio: 6 })).toBeCloseTo(0.024, 15)
    expect(bound({ kind: 'per-interval', rate: 0.02 })).toBe(0.02)
    expect(bound({ kind: 'none' })).toBe(Number.POSITIVE_INFINITY)
    expect(fundingRate(0, { ...rule, intervalHours: 8 })).toBe(0.0001)
  })
  it('drains the margin, and the liquidation price follows by the formula', () => {
    expect(fundingOver(20_000, 0.0001, 3)).toBeCloseTo(6, 12)
    expect(marginAfterFunding(10, [3, 3, -1])).toEqual([7, 4, 5])
    const contract = { payoff: 'linear', maintenance: { kind: 'tiers', table: singleTier(0.01) } } as const
    for (const side of ['long', 'short'] as const) {
      const position = { side, size: 2, entryPrice: 100 } as const
      const [before, later] = [20, 17].map((margin) => liquidationPrice(contract, position, { margin })?.price ?? 0)
      expect((later ?? 0) - (before ?? 0)).toBeCloseTo(liquidationPriceShift(position, 0.01, 3), 12)
    }
  })
  it('weighs later samples more where the venue does', () => {
    const samples = [0.01, 0.02, 0.03].reduce(premiumStep, EMPTY_PREMIUMS)
    expect(averagePremium(samples, 'mean')).toBeCloseTo(0.02, 15)
    expect(averagePremium(samples, 'time-weighted')).toBeCloseTo((0.01 + 0.04 + 0.09) / 6, 15)
    expect(averagePremium(EMPTY_PREMIUMS, 'mean')).toBeUndefined()
  })
  it('has impact prices only where the book is deep enough', () => {
    const asks = [
      { price: 100, size: 1 },
      { price: 110, size: 1 },
    ]
    expect(impactNotional(200, 0.01)).toBe(20_000)
    expect(impactPrice(asks, 155)).toBeCloseTo(155 / 1.5, 12)
    expect(impactPrice(asks, 211)).toBeUndefined()
    expect(() => impactPrice([{ price: 0, size: 1 }], 1)).toThrow(/price of a level is 0/)
  })
  it('of a hyperp is measured against its own 8 h average', () => {
    expect(emaValue(hyperpStep(hyperpStep(EMPTY_HYPERP, 10, 3_000), 20, 3_000))).toBeCloseTo(15, 3)
  })
})

describe('the FRIEND-USD index', () => {
  it('can be moved by whoever owns a subject, and then pays from a notional on', () => {
    const attack = { supply: 1, buy: 100, ethUsd: 1_650, tvlUsd: 7_200_000 }
    expect(tvlIndex(7_200_000, 1_000_000)).toBe(7.2)
    expect(shareCost(1, 100)).toBeCloseTo(21.146875, 12)
    expect(friendAttack(attack, true)).toEqual({
      ethIn: 21.146875,
      tvlMove: expect.closeTo(0.004846158854166667, 12),
      costEth: expect.closeTo(2.1146875, 12),
    })
    const even = attackBreakEven(7_200_000, true)
    expect(even).toBeCloseTo(720_000, 6)
    expect(friendAttackProfit(even, attack, true)).toBeCloseTo(0, 6)
    expect(friendAttackProfit(even, attack, false)).toBeLessThan(0)
  })
  it('has robust successors', () => {
    const prices = Array.from({ length: 20 }, (_, at) => at + 1)
    expect(subjectIndex(prices)).toEqual({ median: 10.5, middle: 10.5, mean: 10.5 })
    expect(subjectIndex([...prices.slice(0, 19), 1_000])).toMatchObject({ median: 10.5, middle: 10.5 })
    expect(() => subjectIndex([])).toThrow(/number of subjects is 0/)
    expect(
      maintenanceRefund(
        [
          { time: 1, maintenance: 5 },
          { time: 9, maintenance: 7 },
        ],
        1,
        9,
      ),
    ).toEqual({ accounts: 1, usd: 5 })
  })
})
