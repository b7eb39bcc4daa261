import { describe, expect, it } from 'vitest'
import { prng } from '../../model/index.ts'
import { E96, MAX_TICK, ratioAtTick, tickAtRatioDown, tickOfUp } from './tick-math.ts'

describe('ticks of f(x) v2', () => {
  it('have the contract’s outermost ratios', () => {
    expect(ratioAtTick(-MAX_TICK)).toBe(37_075_071n)
    expect(ratioAtTick(MAX_TICK)).toBe(169_307_877_264_527_972_847_801_929_085_841_449_095_838_922_544_595n)
    expect(ratioAtTick(0)).toBe(E96)
  })

  it('turn back into themselves, and stand between their neighbours', () => {
    const chance = prng('ticks')
    for (let step = 0; step < 2_000; step++) {
      const tick = chance.int(2 * MAX_TICK - 1) - MAX_TICK + 1
      const ratio = ratioAtTick(tick)
      expect(ratioAtTick(tick + 1)).toBeGreaterThan(ratio)
      // The logarithm's tables are rounded: a tick's own ratio may fall into the tick below.
      expect(tick - tickAtRatioDown(ratio)).toBeOneOf([0, 1])
      expect(tickAtRatioDown((ratio + ratioAtTick(tick + 1)) / 2n)).toBe(tick)
    }
  })

  it('round up for positions', () => {
    expect(tickOfUp(1_230_000_000_000_000_000n, 2_200n * 10n ** 18n)).toBe(4_997)
    expect(tickOfUp(10n ** 18n, 10n ** 18n)).toBe(0)
    expect(tickOfUp(10n ** 18n, 10n ** 18n + 1n)).toBe(1)
    expect(tickOfUp(10n ** 18n + 1_000n, 10n ** 18n)).toBe(0)
  })

  it('refuse what has no tick', () => {
    expect(() => ratioAtTick(MAX_TICK + 1)).toThrow('no tick')
    expect(() => tickAtRatioDown(0n)).toThrow('no tick')
    expect(() => tickAtRatioDown(ratioAtTick(MAX_TICK) + 1n)).toThrow('no tick')
    expect(() => tickOfUp(0n, 1n)).toThrow('collateral')
  })
})
