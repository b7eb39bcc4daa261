import { describe, expect, it } from 'vitest'
import { prng, type UnixSeconds } from '../model/index.ts'
import { fxKeeper, upExcept } from './agents/fx-keeper.ts'
import { type FxKeeperPlan, runFxKeeper } from './fx-keeper-path.ts'

const START = 1_700_000_000 as UnixSeconds
const MINUTES = 15
const HOUR = 3_600

/** Two days in steps of a quarter of an hour: 0.3 % a step, falling by about a fifth; now and then one step falls by 9 %. */
function path(seed: string, jumps = 0): readonly number[] {
  const chance = prng(seed)
  let price = 2_000
  return Array.from({ length: (48 * 60) / MINUTES }, () => {
    const jump = chance.next() < jumps ? -0.09 : 0
    price *= Math.exp(-0.0012 + 0.003 * chance.normal() + jump)
    return price
  })
}

const BOOK = Array.from({ length: 30 }, (_, at) => ({ coins: 1 + (at % 5), leverage: 2.05 + (4.7 * at) / 29 }))

function plan(change: Partial<FxKeeperPlan> & { readonly outages?: readonly (readonly [number, number])[] } = {}) {
  const { outages = [], ...rest } = change
  return {
    ...{ positions: BOOK, prices: path('one'), start: START, seconds: MINUTES * 60, stablePool: 1e6 },
    keeper: fxKeeper({ up: upExcept(outages.map(([from, until]) => [START + from * HOUR, START + until * HOUR])) }),
    ...rest,
  } satisfies FxKeeperPlan
}

describe('f(x)’s keeper', () => {
  it('keeps everybody from liquidation on a path without jumps', () => {
    const seen = runFxKeeper(plan())
    expect(seen.rebalances).toBeGreaterThan(50)
    expect(seen).toMatchObject({ liquidations: 0, badDebt: 0, closed: 0 })
    expect(seen.bonus / seen.rebalanced).toBeCloseTo(0.025, 3)
  })

  it.each([
    'positions',
    'ticks',
  ] as const)('down for hours lets positions jump from safe to liquidated: %s', (calls) => {
    const up = runFxKeeper(plan({ terms: { calls } }))
    const down = runFxKeeper(plan({ terms: { calls }, outages: [[6, 40]] }))
    expect(up.liquidations).toBe(0)
    expect(down.liquidations).toBeGreaterThan(5)
    expect(down.rebalances).toBeLessThan(up.rebalances)
    expect(down.closed).toBeGreaterThan(5)
    // Whoever is liquidated loses the whole position and a greater bonus on all of its debt.
    expect(down.bonus).toBeGreaterThan(up.bonus)
    const always = runFxKeeper(plan({ terms: { calls }, outages: [[0, 48]] }))
    expect(always.rebalances).toBe(0)
    expect(always.liquidations).toBeGreaterThanOrEqual(down.liquidations)
  })

  it('has no count that holds for every path: one jump passes both lines though the keeper is up', () => {
    const counts = Array.from({ length: 12 }, (_, at) => runFxKeeper(plan({ prices: path(`path ${at}`, 0.004) })))
    expect(counts.some(({ rebalances, liquidations }) => rebalances > 50 && liquidations === 0)).toBe(true)
    expect(counts.some(({ liquidations }) => liquidations > 0)).toBe(true)
  })

  it('leaves bad debt to the others when the price falls through everything in one step', () => {
    const seen = runFxKeeper(plan({ prices: [2_000, 1_650, 1_650] }))
    expect(seen.badDebt).toBeGreaterThan(0)
    expect(seen.liquidations).toBeGreaterThan(5)
  })

  it('does not rebalance what does not pay for its gas, and refuses a book that cannot be', () => {
    expect(runFxKeeper(plan({ gasUsd: 1e6 })).rebalances).toBe(0)
    expect(() => runFxKeeper(plan({ positions: [{ coins: 1, leverage: 9 }] }))).toThrow('ErrorDebtRatioTooLarge')
    expect(() => runFxKeeper(plan({ prices: [0] }))).toThrow('above 0')
  })
})
