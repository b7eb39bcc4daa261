/** LLAMMA against Aave on one path: the arbitrageur, books that close, and ETH's fall of 5 August 2024. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type LlammaMarket, llamma, llammaMarket } from '../mechanisms/index.ts'
import { type FeedAnswer, fixedToNumber, type Moment, prng, type UnixSeconds } from '../model/index.ts'
import { type ComparedBorrower, llammaArbitrage, pathOfCandles, softAgainstHard, toWad } from '../sim/index.ts'
import { SHARED_DATA } from './shared-data.ts'

const FILE = join(SHARED_DATA, 'ohlcv', 'ETHUSDT_1h_2023-06_2026-06.csv.gz')
const TERMS = {
  llamma: { A: 100, bands: 10, fee: 0.006, loanDiscount: 0.09, liquidationDiscount: 0.06, emaSeconds: 866 },
  aave: { ltv: 8_050, liquidationThreshold: 8_300, bonus: 500, protocolFee: 1_000 },
  costs: { outsideFee: 0.0005, gas: 20, lookSeconds: 300 },
}

function august(): Parameters<typeof pathOfCandles>[0] {
  const rows = gunzipSync(readFileSync(FILE)).toString('utf8').split('\n')
  return rows
    .filter((row) => /^2024-08-0[4-6] /.test(row))
    .map((row) => {
      const [time = '', open, high, low, close] = row.split(',')
      const [o, h, l, c] = [Number(open), Number(high), Number(low), Number(close)]
      return { time: Date.parse(time.replace(' ', 'T')) / 1000, open: o, high: h, low: l, close: c }
    })
}

/** Borrowers of 100,000 each at loan-to-values spread from 50 % to 80 % of the first price. */
function borrowersAt(price: number, count: number): readonly ComparedBorrower[] {
  return Array.from({ length: count }, (_, i) => ({
    account: `loan ${i + 1}`,
    debt: 100_000,
    collateral: 100_000 / (price * (0.5 + (0.3 * i) / (count - 1))),
  }))
}

describe('the arbitrageur', () => {
  const at = (time: number, price: number): Moment => ({
    time: time as UnixSeconds,
    price: () => toWad(price) as FeedAnswer,
  })
  const fresh = () => {
    const market = llammaMarket({
      ...{ collateral: 'WETH', borrowed: 'crvUSD', feed: 'eth', A: 100, basePrice: toWad(3000), fee: toWad(0.006) },
      ...{ loanDiscount: toWad(0.09), liquidationDiscount: toWad(0.06), ceiling: 10n ** 30n, time: 1_000n },
    })
    const state = { markets: new Map<string, LlammaMarket>([['m', market]]) }
    const loan = { account: 'ann', collateral: toWad(10), debt: toWad(24_000), bands: 10 } as const
    llamma.apply(state, { do: 'create', market: 'm', ...loan }, at(2_000, 2950))
    return state
  }

  it('leaves no trade that pays, and profits as it said', () => {
    const state = fresh()
    const chance = prng('arbitrage')
    let [price, trades] = [2900, 0]
    for (let step = 0; step < 400; step++) {
      price = Math.min(Math.max(price * Math.exp(0.01 * chance.normal()), 2200), 3000)
      const now = at(3_000 + 300 * step, price)
      const market = state.markets.get('m') as LlammaMarket
      const found = llammaArbitrage('m', market, price, { outsideFee: 0.0005, gas: 0 }, now)
      if (!found) continue
      trades += 1
      const before = { x: market.balanceX, y: market.balanceY }
      expect(llamma.apply(state, found.action, now)).not.toHaveProperty('refused')
      const [dx, dy] = [fixedToNumber(before.x - market.balanceX, 18), fixedToNumber(before.y - market.balanceY, 18)]
      const cost = dy > 0 ? price * (1 - 0.0005) : price * (1 + 0.0005)
      expect(dx + dy * cost).toBeCloseTo(found.profit, 6)
      const again = llammaArbitrage('m', market, price, { outsideFee: 0.0005, gas: 0 }, now)
      expect(again?.profit ?? 0).toBeLessThan(Math.max(0.1, 0.1 * found.profit))
    }
    expect(trades).toBeGreaterThan(50)
  })

  it('does nothing when gas eats the profit, or without an oracle; refuses an outside price of zero', () => {
    const market = fresh().markets.get('m') as LlammaMarket
    const now = at(9_000, 2500)
    expect(llammaArbitrage('m', market, 2500, { outsideFee: 0.0005, gas: 20 }, now)?.profit).toBeGreaterThan(0)
    expect(llammaArbitrage('m', market, 2500, { outsideFee: 0.0005, gas: 1e9 }, now)).toBeUndefined()
    expect(llammaArbitrage('m', market, 2500, { outsideFee: 0, gas: 0 }, { ...now, price: () => undefined })).toBe(
      undefined,
    )
    expect(() => llammaArbitrage('m', market, 0, { outsideFee: 0, gas: 0 }, now)).toThrow(/outside price is 0/)
  })
})

describe('soft against hard', () => {
  it('takes nothing from loans that the path never reaches', () => {
    const path = Array.from({ length: 50 }, (_, i) => ({ time: 1_000 + 600 * i, price: 3000 + i }))
    const { soft, hard } = softAgainstHard({ path, borrowers: borrowersAt(3000, 5), ...TERMS })
    for (const side of [soft, hard]) {
      expect(side.liquidated).toBe(0)
      expect(side.trades + side.liquidations).toBe(0)
      expect(Math.abs(side.againstHolding)).toBeLessThan(1e-6)
    }
  })

  it('refuses an empty path and a borrower beyond the limits', () => {
    expect(() => softAgainstHard({ path: [], borrowers: [], ...TERMS })).toThrow()
    const path = [{ time: 1_000, price: 3000 }]
    const borrowers = [{ account: 'much', collateral: 1, debt: 2_900 }]
    expect(() => softAgainstHard({ path, borrowers, ...TERMS })).toThrow(/refuses much/)
  })

  it.skipIf(!existsSync(FILE))('ETH, 4 to 6 August 2024: both totals, losses per borrower, and what they mean', () => {
    const path = pathOfCandles(august(), 3600, 20)
    expect(path.length).toBe(3 * 24 * 60)
    const borrowers = borrowersAt(path[0]?.price ?? 0, 11)
    const { soft, hard, sentence } = softAgainstHard({ path, borrowers, ...TERMS })
    const money = (value: number) => Math.round(value).toLocaleString('en-US').padStart(10)
    for (const { name, debt, liquidated, taken, againstHolding, trades, liquidations } of [soft, hard])
      console.info(
        `${name}: debt ${money(debt)}, liquidated by force ${money(liquidated)} in ${liquidations}, taken ${money(taken)} (${trades} trades), equity against holding ${money(againstHolding)}`,
      )
    for (const [i, one] of soft.borrowers.entries()) {
      const other = hard.borrowers[i]
      if (other)
        console.info(
          `  ${one.account.padEnd(8)} LTV ${(50 + (30 * i) / 10).toFixed(1)} %: soft liquidated ${money(one.liquidated)} taken ${money(one.taken)}, hard liquidated ${money(other.liquidated)} taken ${money(other.taken)}`,
        )
    }
    console.info(sentence)
    expect(soft.debt).toBe(hard.debt)
    expect(hard.liquidated).toBeGreaterThan(0)
    expect(soft.liquidated).toBeLessThan(hard.liquidated)
    expect(soft.taken).toBeGreaterThan(0)
    expect(soft.taken - soft.takenByForce).toBeGreaterThan(0)
    expect(sentence).toMatch(/arbitrageurs take .* below untouched ones/)
  })
})
