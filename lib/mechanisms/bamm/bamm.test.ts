import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FeedAnswer, Moment, UnixSeconds } from '../../model/index.ts'
import { conformance } from '../conformance.ts'
import { wasRefused } from '../mechanism.ts'
import { type BammAction, bamm, bammAccrued, bammState } from './mechanism.ts'
import {
  BAMM_RATE_TERMS,
  bammRate,
  ltvDown,
  maxSellDown,
  mintLp,
  repayShare,
  sqrtDown,
  swapPair,
  WAD,
} from './rules.ts'
import { bammWorld } from './world.ts'

const START = 1_700_000_000

function protocol(maxDeviationBps = 100_000n) {
  const pair = { reserve0: 1_000_000n * WAD, reserve1: 1_000_000n * WAD, supply: 1_000_000n * WAD, kept: 9_970n }
  const state = bammState(pair, BAMM_RATE_TERMS, 'average', maxDeviationBps, BigInt(START))
  const at = (days: number): Moment => ({
    time: (START + days * 86_400) as UnixSeconds,
    price: () => WAD as FeedAnswer,
  })
  const run = (action: BammAction, days = 0) => {
    const done = bamm.apply(state, action, at(days))
    if (wasRefused(done)) throw new Error(done.refused.message)
    return done
  }
  run({ do: 'lend', account: 'len', lp: 500_000n * WAD })
  run({ do: 'adjust', vault: 'a', rent: 400_000n * WAD, token0: 10_000n * WAD, token1: 10_000n * WAD })
  const ltv = () => Number(ltvDown(state.vaults.get('a')!, state.multiplier)) / 1e18
  return { state, run, at, ltv }
}

describe('bamm', () => {
  it('keeps the promises of a mechanism', () => {
    const report = conformance(bamm, bammWorld, { seed: 5, worlds: 16, steps: 80 })
    expect(report.broken).toEqual([])
    expect(report.offers).toBeGreaterThan(20)
  })

  it('cannot be liquidated by a price: no swap of any size moves the LTV', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 3_000_000 })), { maxLength: 6 }),
        (swaps) => {
          const { state, run, ltv, at } = protocol()
          const before = ltv()
          for (const [zeroForOne, amount] of swaps) run({ do: 'swap', zeroForOne, amountIn: BigInt(amount) * WAD })
          expect(ltv()).toBe(before)
          expect(bamm.assess(state, 'a', at(0))?.liquidatable).toBe(false)
        },
      ),
    )
  })

  it('can be liquidated by interest, which the word "liquidation-free" leaves out', () => {
    const { state, at } = protocol()
    expect(bamm.offers(state, 'a', at(1))).toEqual([])
    const days = Array.from({ length: 400 }, (_, day) => day)
    const first = days.find((day) => bamm.assess(state, 'a', at(day))?.liquidatable)
    expect(first).toBeGreaterThan(1)
    expect(bamm.offers(state, 'a', at(first ?? 0))).toHaveLength(1)
  })

  it('but not by fees of the pair: the debt is √k, and they fall to the LP that is still there', () => {
    const { state, run, at } = protocol()
    const supply = state.pair.supply
    const worth = () => Number(sqrtDown(state.pair.reserve0 * state.pair.reserve1)) / Number(state.pair.supply)
    const start = worth()
    for (let turn = 0; turn < 200; turn++) {
      const out = run({ do: 'swap', zeroForOne: true, amountIn: 300_000n * WAD }).received?.[0]?.atoms ?? 0n
      run({ do: 'swap', zeroForOne: false, amountIn: out })
    }
    expect(state.pair.supply).toBe(supply)
    expect(worth()).toBeGreaterThan(start * 1.05)
    // A swap of the vault's own tokens does cost it its fee, and that moves the LTV.
    const ltv = () => Number(ltvDown(state.vaults.get('a') ?? { token0: 0n, token1: 0n, rented: 0n }, state.multiplier))
    const before = ltv()
    run({ do: 'adjust', vault: 'a', swap: { zeroForOne: true, amountIn: 1_000n * WAD } })
    expect(ltv()).toBeGreaterThan(before)
    expect(bamm.assess(state, 'a', at(0))?.liquidatable).toBe(false)
  })

  it('repays little at 98 % and all above 99 %, and writes off what nobody can repay', () => {
    const { state, run, ltv } = protocol()
    let day = 0
    while (ltv() < 0.981) {
      day += 1
      run({ do: 'accrue' }, day)
    }
    const owed = state.vaults.get('a')?.rented ?? 0n
    run({ do: 'micro-liquidate', vault: 'a' }, day)
    const left = state.vaults.get('a')?.rented ?? 0n
    expect(left).toBeLessThan(owed)
    expect(Number(left)).toBeGreaterThan(0.9 * Number(owed))
    while (ltv() < 1.01) {
      day += 10
      run({ do: 'accrue' }, day)
    }
    const done = run({ do: 'micro-liquidate', vault: 'a' }, day)
    expect(done.facts).toMatchObject([{ badDebt: { asset: 'LP' } }])
    expect([state.vaults.get('a')?.rented, state.rented]).toEqual([0n, 0n])
  })

  it('waits while the pair is far from its average, and has no loan beyond 95 % of what is lent', () => {
    const { state, run, at } = protocol(500n)
    run({ do: 'swap', zeroForOne: true, amountIn: 100_000n * WAD })
    expect(bamm.apply(state, { do: 'micro-liquidate', vault: 'a' }, at(300))).toMatchObject({
      refused: { code: 'OraclePriceDeviated' },
    })
    const dark: Moment = { ...at(300), price: () => undefined }
    expect(bamm.apply(state, { do: 'micro-liquidate', vault: 'a' }, dark)).toMatchObject({
      refused: { code: 'Period too long' },
    })
    expect(() =>
      run({ do: 'adjust', vault: 'b', rent: 80_000n * WAD, token0: 90_000n * WAD, token1: 90_000n * WAD }),
    ).toThrow(/InvalidUtilityRate/)
    expect(() => run({ do: 'adjust', vault: 'b', rent: 1_000n * WAD })).toThrow(/NotSolvent/)
    expect(bamm.apply(state, { do: 'micro-liquidate', vault: 'nobody' }, at(0))).toMatchObject({ refused: {} })
  })

  it('counts what is lent and owed rounded up for a new lender, who gets no atom too many', () => {
    const { state, run } = protocol()
    run({ do: 'swap', zeroForOne: true, amountIn: 12_345_678_901_234_567n })
    run({ do: 'adjust', vault: 'a', rent: -123_456_789n }, 3)
    const { pair, lp, shares, rented, multiplier } = structuredClone(state)
    const up = (a: bigint, b: bigint, c: bigint) => (a * b + c - 1n) / c
    const root = sqrtDown(pair.reserve0 * pair.reserve1)
    const all = up(lp, root, pair.supply) + up(rented, multiplier, WAD)
    const brought = 100_000n * WAD
    const minted = (((brought * root) / pair.supply) * shares) / all
    const done = run({ do: 'lend', account: 'late', lp: brought }, 3)
    expect(done.received).toEqual([{ asset: 'BAMM', atoms: minted }])
  })

  it('closes a vault that is short of one token: its owner brings what is missing', () => {
    const { state, run } = protocol()
    // The vault swaps most of its margin into token0, so that token1 no longer covers the rent.
    run({ do: 'adjust', vault: 'a', swap: { zeroForOne: false, amountIn: 30_000n * WAD } })
    const before = structuredClone(state.vaults.get('a')!)
    const pool = structuredClone(state.pair)
    const done = run({ do: 'close', vault: 'a' })
    const gave = state.pair.reserve1 - pool.reserve1
    expect(gave).toBeGreaterThan(before.token1)
    expect(done.paid).toEqual([{ asset: 'token1', atoms: gave - before.token1 }])
    expect(done.received).toEqual([{ asset: 'token0', atoms: before.token0 - (state.pair.reserve0 - pool.reserve0) }])
    expect(state.vaults.get('a')).toEqual({ token0: 0n, token1: 0n, rented: 0n })
  })

  it('refuses what the pair refuses: a swap that gives nothing, LP that releases nothing', () => {
    const { state, run } = protocol()
    run({ do: 'swap', zeroForOne: true, amountIn: 4_000_000n * WAD })
    expect(() => run({ do: 'swap', zeroForOne: true, amountIn: 1n })).toThrow(/gives nothing/)
    expect(() => run({ do: 'adjust', vault: 'b', rent: 1n, token0: WAD, token1: WAD })).toThrow(/releases nothing/)
    expect(state.vaults.has('b')).toBe(false)
  })

  it('sells as much as makes the vault look like the pair', () => {
    const amount = fc.bigInt({ min: 10n ** 12n, max: 10n ** 24n })
    fc.assert(
      fc.property(amount, amount, amount, amount, (tokenIn, tokenOut, reserve0, reserve1) => {
        const sold = maxSellDown(tokenIn, tokenOut, reserve0, reserve1)
        fc.pre(sold > 10n ** 6n)
        const pair = { reserve0, reserve1, supply: 1n, kept: 10_000n }
        const got = swapPair(pair, true, sold)
        const [vault, pool] = [
          Number(tokenIn - sold) / Number(tokenOut + got),
          Number(pair.reserve0) / Number(pair.reserve1),
        ]
        expect(Math.abs(vault / pool - 1)).toBeLessThan(1e-4)
      }),
    )
    expect(repayShare(98n * 10n ** 16n)).toBe(2n * 10n ** 15n)
    expect(repayShare(99n * 10n ** 16n + 1n)).toBe(WAD)
  })

  it('raises the full rate above its target and lowers it below, by its half-life', () => {
    const year = (rate: bigint) => (Number(rate) * 365.24 * 86_400) / 1e18
    const { rate, fullRate } = bammRate(BAMM_RATE_TERMS, BAMM_RATE_TERMS.minFullRate, 100_000n, 172_800n)
    expect(Number(fullRate) / Number(BAMM_RATE_TERMS.minFullRate)).toBeCloseTo(2, 6)
    expect(rate).toBe(fullRate)
    expect(year(bammRate(BAMM_RATE_TERMS, BAMM_RATE_TERMS.minFullRate, 0n, 0n).rate)).toBeCloseTo(0.001, 4)
    expect(year(BAMM_RATE_TERMS.maxFullRate)).toBeCloseTo(7.3, 1)
    expect(bammRate(BAMM_RATE_TERMS, fullRate, 0n, 10n ** 7n).fullRate).toBe(BAMM_RATE_TERMS.minFullRate)
  })

  it('adds interest when the lending contract is called, not when somebody trades in the pair', () => {
    const { state, run, at } = protocol()
    run({ do: 'swap', zeroForOne: true, amountIn: WAD }, 30)
    run({ do: 'add-liquidity', token0: WAD, token1: WAD }, 60)
    expect([state.multiplier, state.updated]).toEqual([WAD, BigInt(START)])
    // Who looks sees the interest that the next call adds, over the whole time at once.
    const seen = bammAccrued(state, at(90)).multiplier
    expect(seen).toBeGreaterThan(WAD)
    run({ do: 'accrue' }, 90)
    expect([state.multiplier, state.updated]).toEqual([seen, BigInt(START + 90 * 86_400)])
  })

  it('begins with the rates of its deployment', () => {
    const { state } = protocol()
    const year = (rate: bigint) => (Number(rate) * 365.24 * 86_400) / 1e18
    expect(year(state.fullRate)).toBeCloseTo(0.3, 3)
    const second = bammRate(BAMM_RATE_TERMS, 10n ** 10n, 90_000n, 0n).rate
    expect(second).toBe(((10n ** 10n - BAMM_RATE_TERMS.zeroRate) * 3n) / 10n + BAMM_RATE_TERMS.zeroRate)
  })

  it('does nothing where there is nothing to do, and stops in the words of the contract that stops', () => {
    const { state, run, at } = protocol()
    const codeOf = (action: BammAction) => {
      const done = bamm.apply(state, action, at(0))
      return wasRefused(done) ? done.refused.code : 'completed'
    }
    expect(codeOf({ do: 'close', vault: 'nobody' })).toBe('completed')
    expect(state.vaults.has('nobody')).toBe(false)
    expect(codeOf({ do: 'redeem', account: 'nobody', shares: 0n })).toBe('completed')
    expect(codeOf({ do: 'redeem', account: 'nobody', shares: 1n })).toBe('ERC20InsufficientBalance')
    expect(codeOf({ do: 'redeem', account: 'len', shares: state.lenders.get('len') ?? 0n })).toBe('Panic(0x11)')
    expect(codeOf({ do: 'adjust', vault: 'a', swap: { zeroForOne: true, amountIn: 0n } })).toBe('completed')
    expect(codeOf({ do: 'adjust', vault: 'a', rent: -state.rented - 1n })).toBe('Panic(0x11)')
    expect(codeOf({ do: 'adjust', vault: 'b', rent: state.lp * 2n })).toBe('Panic(0x11)')
    expect(codeOf({ do: 'lend', account: 'len', lp: state.pair.supply })).toBe('Panic(0x11)')
    expect(codeOf({ do: 'swap', zeroForOne: true, amountIn: 1n << 112n })).toBe('Uint112Overflow')
    run({ do: 'swap', zeroForOne: true, amountIn: 4_000_000n * WAD })
    expect(codeOf({ do: 'swap', zeroForOne: true, amountIn: 1n })).toBe('InsufficientOutputAmount')
    expect(codeOf({ do: 'add-liquidity', token0: 1n, token1: 0n })).toBe('(empty)')
    const fresh = { reserve0: 0n, reserve1: 0n, supply: 0n, kept: 9_970n }
    expect(mintLp(fresh, 4_000n, 4_000n)).toBe(3_000n)
    expect(fresh.supply).toBe(4_000n)
  })
})
