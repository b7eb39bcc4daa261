import { describe, expect, it } from 'vitest'
import { gateDays, loopLiquidation, loopStep } from '../../mechanisms/index.ts'
import { linearImpact } from '../impact.ts'
import { rwaExit, rwaExitScenario } from './exit.ts'

const thin = linearImpact(4e-9)

describe('levered loops of real-world assets', () => {
  it('lose less to a buyer who can hold than to a thin market, and the lenders nothing', () => {
    const [alone, helped] = [rwaExitScenario(false, thin, 0.14), rwaExitScenario(true, thin, 0.14)]
    expect(alone.liquidated).toBeGreaterThan(0)
    expect(helped.boughtToHold).toBeGreaterThan(0)
    expect(helped.soldOnMarket).toBeLessThan(alone.soldOnMarket)
    expect(Math.min(...helped.marketPrices)).toBeGreaterThan(Math.min(...alone.marketPrices))
    expect(helped.lendersLost).toBeLessThanOrEqual(alone.lendersLost)
    expect(helped.worstDiscount).toBeLessThanOrEqual(0.06)
  })

  it('are not liquidated by anybody while nobody gains by it, and end as the lenders’ loss', () => {
    const dead = rwaExitScenario(false, linearImpact(1e-6), 0.45)
    const deep = rwaExitScenario(false, linearImpact(1e-12), 0.45)
    expect(dead).toMatchObject({ liquidated: 0, soldOnMarket: 0, daysToExit: undefined })
    expect(dead.lendersLost).toBeGreaterThan(10e6)
    expect(deep.liquidated).toBeGreaterThan(60e6)
    expect(deep.daysToExit).toBe(14)
    // What a liquidator is given on top of a loan under water comes out of the lenders' pockets.
    expect(deep.lendersLost).toBeGreaterThan(dead.lendersLost * 0.9)
  })

  it('do nothing while the value stands', () => {
    expect(rwaExitScenario(false, thin, 0)).toMatchObject({
      liquidated: 0,
      lendersLost: 0,
      borrowersLost: 0,
      redeemed: 0,
    })
  })

  it('are sold while the market takes it, and queued when it does not', () => {
    const controller = { target: 3, band: 0.2, worstDiscount: 0.02 }
    const loop = { value: 100, debt: 75 }
    const step = (discount: number, carry = 0.04) => loopStep(controller, loop, { discount: () => discount, carry })
    expect(step(0.01)).toEqual({ do: 'sell', value: 25 })
    expect(step(0.05)).toEqual({ do: 'redeem', value: 25 })
    expect(step(0.01, -0.01)).toEqual({ do: 'sell', value: 75 })
    expect(loopStep(controller, { value: 100, debt: 50 }, { discount: () => 0, carry: 0.04 })).toEqual({
      do: 'lever',
      value: 50,
    })
    expect(loopStep(controller, { value: 100, debt: 120 }, { discount: () => 0, carry: 0 })).toEqual({ do: 'hold' })
  })

  it('wait for whole quarters behind a gate', () => {
    const gate = { fund: 1_000, share: 0.05, periodDays: 91, noticeDays: 31, nextInDays: 10 }
    expect(gateDays(50, gate)).toBe(31)
    expect(gateDays(51, gate)).toBe(31 + 91)
    expect(loopLiquidation(4, 0.86)).toBeCloseTo(1 - 0.75 / 0.86, 12)
    expect(() => gateDays(1, { ...gate, share: 0 })).toThrow(/above 0/)
    expect(() => rwaExit([], { ...({} as Parameters<typeof rwaExit>[1]), nav: [1, 0] })).toThrow(/each above 0/)
  })
})
