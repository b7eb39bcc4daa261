import { describe, expect, it } from 'vitest'
import { canonical, type FeedAnswer, type Moment, prng, type UnixSeconds } from '../../model/index.ts'
import { type Completed, wasRefused } from '../mechanism.ts'
import {
  emptyFxV1,
  FX_V1_TERMS,
  type FxV1Action,
  type FxV1State,
  type FxV1Terms,
  fxV1,
  fxV1Mode,
  fxV1Rules as rules,
} from './index.ts'

const WAD = 10n ** 18n
const whole = (value: number) => BigInt(Math.round(value * 1e9)) * 10n ** 9n
const at = (price: number | undefined): Moment => ({
  time: 1_700_000_000 as UnixSeconds,
  price: () => (price === undefined ? undefined : (whole(price) as FeedAnswer)),
})
const FREE = { usual: 0n, extra: 0n }
const NO_FEES = { mintF: FREE, mintX: FREE, redeemF: FREE, redeemX: FREE }

/** 100 base at 2,000: 100,000 of f and as much of x, no fees. */
function treasury(terms: Partial<FxV1Terms> = {}): FxV1State {
  const state = emptyFxV1({ ...FX_V1_TERMS, beta: 0n, fees: NO_FEES, ...terms }, 'base/usd', 2_000n * WAD)
  did(state, { do: 'init', base: 100n * WAD }, 2_000)
  return state
}
function did(state: FxV1State, action: FxV1Action, price: number): Completed {
  const done = fxV1.apply(state, action, at(price))
  if (wasRefused(done)) throw new Error(`${action.do}: ${done.refused.message}`)
  return done
}
function refused(state: FxV1State, action: FxV1Action, price: number | undefined): string {
  const before = canonical(state)
  const done = fxV1.apply(state, action, at(price))
  expect(canonical(state)).toBe(before)
  return wasRefused(done) ? done.refused.code : 'completed'
}
const ratio = (state: FxV1State, price: number) => Number(fxV1Mode(state, at(price))?.collateralRatio) / 1e18

describe('f(x) v1', () => {
  it('keeps n·v = nf·vf + nx·vx while the price moves: f by β of it, x by the rest', () => {
    const chance = prng('invariant')
    for (const beta of [0n, WAD / 10n]) {
      const state = treasury({ beta })
      for (let step = 0; step < 50; step++) {
        const price = 2_000 * (0.8 + chance.next())
        const { base, fSupply, fNav } = state.book
        const nav = rules.fNavDown(fNav, beta, whole(price), state.book.price)
        const side = { base, price: whole(price), fSupply, fNav: nav }
        expect(base * side.price - rules.xValue(side)).toBe(fSupply * nav)
        expect(Number(nav) / 1e18).toBeCloseTo(1 + (Number(beta) / 1e18) * (price / 2_000 - 1), 9)
      }
    }
  })

  it('has the leverage of the formula, at most 100, and none from a share of 1 on', () => {
    expect(rules.leverageDown(WAD / 2n, WAD / 10n, 0n)).toBe((19n * WAD) / 10n)
    expect(rules.leverageDown((8n * WAD) / 10n, 0n, 0n)).toBe(5n * WAD)
    expect(rules.leverageDown(WAD - 1n, 0n, 0n)).toBe(100n * WAD)
    expect(() => rules.leverageDown(WAD, 0n, 0n)).toThrow()
  })

  it('goes through its modes strictly below each line', () => {
    const state = treasury()
    const mode = (price: number) => fxV1Mode(state, at(price))?.mode
    expect([1_300, 1_299, 1_200, 1_199, 1_140, 1_139, 1_000, 999].map(mode)).toEqual([
      ...['normal', 'stability', 'stability', 'liquidation', 'liquidation'],
      ...['self-liquidation', 'self-liquidation', 'recapitalisation'],
    ])
    expect(refused(state, { do: 'mint-f', base: WAD }, 1_300)).toBe('fToken mint paused')
    expect(refused(state, { do: 'redeem-x', xToken: WAD }, 1_299)).toBe('xToken redeem paused')
    expect(refused(state, { do: 'liquidate', fToken: WAD }, 1_200)).toBe('Not liquidation mode')
    expect(refused(state, { do: 'self-liquidate', fToken: WAD }, 1_140)).toBe('Not self liquidation mode')
    expect(refused(state, { do: 'add-base', base: WAD }, 1_300)).toBe('Not system stability mode')
    expect(refused(state, { do: 'recapitalise', base: WAD }, 1_000)).toBe('Not recapitalisation mode')
  })

  it('mints f only down to the stability line', () => {
    const state = treasury()
    did(state, { do: 'mint-f', base: 10_000n * WAD }, 2_000)
    expect(ratio(state, 2_000)).toBeCloseTo(1.3, 12)
    // (200,000 − 1.3 · 100,000) / (0.3 · 2,000).
    expect(Number(state.book.base) / 1e18).toBeCloseTo(100 + 350 / 3, 9)
  })

  it('burning f with the incentive restores the line, and the rest of f pays by its price', () => {
    const state = treasury()
    const offer = fxV1.offers(state, 'treasury', at(1_150)).find(({ actor }) => actor === 'anyone')
    const done = did(state, { do: 'liquidate', fToken: 90_000n * WAD }, 1_150)
    expect(done.paid).toEqual(offer?.pay)
    // Δn = (1.2 · 100,000 − 115,000) / (0.2 · 1,150); Δf = Δn · 1,150 / 1.1.
    expect(Number(done.moved?.base) / 1e18).toBeCloseTo(5_000 / 230, 9)
    expect(Number(done.moved?.fToken) / 1e18).toBeCloseTo(25_000 / 1.1, 7)
    expect(ratio(state, 1_150)).toBeCloseTo(1.2, 12)
    expect(Number(state.book.fNav) / 1e18).toBeCloseTo(1 - (0.1 * 25_000) / 1.1 / (100_000 - 25_000 / 1.1), 12)
  })

  it('new base for x restores the stability line the same way', () => {
    const state = treasury()
    const done = did(state, { do: 'add-base', base: 1_000n * WAD }, 1_150)
    // Δn = (1.3 · 100,000 − 115,000) / (1,150 · (1 + 0.15 · 1.3)).
    expect(Number(done.paid?.[0]?.atoms) / 1e18).toBeCloseTo(15_000 / 1_150 / 1.195, 9)
    expect(ratio(state, 1_150)).toBeCloseTo(1.3, 12)
  })

  it('the rebalance pool gives its f for base, shared by deposits; whoever comes later has no part in it', () => {
    const state = treasury()
    did(state, { do: 'pool-deposit', by: 'ann', fToken: 30_000n * WAD }, 2_000)
    did(state, { do: 'pool-deposit', by: 'bob', fToken: 10_000n * WAD }, 2_000)
    expect(refused(state, { do: 'pool-liquidate' }, 1_200)).toBe('cannot liquidate')
    const done = did(state, { do: 'pool-liquidate' }, 1_150)
    expect(Number(done.moved?.fToken) / 1e18).toBeCloseTo(25_000, 7)
    expect(ratio(state, 1_150)).toBeCloseTo(1.2, 12)
    did(state, { do: 'pool-deposit', by: 'cid', fToken: 15_000n * WAD }, 1_150)
    expect(refused(state, { do: 'pool-claim', by: 'cid' }, 1_150)).toBe('nothing to claim')
    const claimed = ['ann', 'bob'].map((by) => did(state, { do: 'pool-claim', by }, 1_150).received?.[0]?.atoms ?? 0n)
    expect(Number(claimed[0]) / Number(claimed[1])).toBeCloseTo(3, 12)
    expect(state.book.poolBase).toBeLessThan(3n)
    // Emptied, the pool begins anew, and old shares are worth nothing but what they are owed.
    did(state, { do: 'pool-liquidate' }, 1_000.001)
    expect(state.book).toMatchObject({ poolF: 0n, poolShares: 0n, epoch: 2 })
    expect(refused(state, { do: 'pool-withdraw', by: 'ann', shares: 1n }, 1_000.001)).toBe('withdraw zero amount')
    expect(did(state, { do: 'pool-claim', by: 'ann' }, 1_000.001).received?.[0]?.atoms).toBeGreaterThan(0n)
  })

  it('under water redemptions stop, or f is worth its part; new base ends it', () => {
    const [stops, shares] = [treasury(), treasury({ underWater: 'shares' })]
    expect(refused(stops, { do: 'redeem-f', fToken: WAD }, 900)).toBe('SafeMath: subtraction overflow')
    expect(did(shares, { do: 'redeem-f', fToken: 1_000n * WAD }, 900).received).toEqual([{ asset: 'base', atoms: WAD }])
    for (const state of [stops, shares]) {
      expect(fxV1.assess(state, 'treasury', at(900))).toMatchObject({ liquidatable: false })
      expect(fxV1.offers(state, 'treasury', at(900)).filter(({ actor }) => actor === 'anyone')).toEqual([])
      did(state, { do: 'recapitalise', base: 40n * WAD }, 900)
      expect(ratio(state, 900)).toBeGreaterThan(1.2)
    }
  })

  it('without a price, or with one of zero, nothing is judged and nothing is done', () => {
    const state = treasury()
    for (const price of [undefined, 0]) {
      expect(fxV1.assess(state, 'treasury', at(price))).toBeUndefined()
      expect(fxV1.offers(state, 'treasury', at(price))).toEqual([])
      expect(refused(state, { do: 'liquidate', fToken: WAD }, price)).toBe('oracle price is invalid')
    }
    expect(refused(state, { do: 'mint-x', base: 0n }, 2_000)).toBe('mint zero amount')
    expect(refused(state, { do: 'init', base: WAD }, 2_000)).toBe('only initialize once')
    expect(refused(state, { do: 'redeem-f', fToken: 200_000n * WAD }, 2_000)).toContain('exceeds balance')
  })
})
