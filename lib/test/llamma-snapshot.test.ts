/**
 * crvUSD's five markets of 30 January 2024: recorded health against the integer form, once with bands as the loans were recorded, once with the bands
 * as they were recorded 20 hours before. What changed in between is the difference, and the test shows it band by band.
 */
import { describe, expect, it } from 'vitest'
import { type LlammaMarket, type LlammaSnapshot, llammaFromSnapshot, llammaRules } from '../mechanisms/index.ts'
import type { FeedAnswer, Moment, UnixSeconds } from '../model/index.ts'
import { fromBands, fromLoans, hasSnapshots, type RecordedMarket, recordedMarkets } from './llamma-snapshot.ts'

const HALF_A_POINT = 0.005

type Compared = {
  readonly health: readonly number[]
  readonly split: readonly number[]
  /** Health of the untouched loans all of whose bands hold what the loans in them hold, to 0.1 %. */
  readonly still: readonly number[]
}

function compare(recorded: RecordedMarket, snapshot: LlammaSnapshot): Compared {
  const market = llammaFromSnapshot(snapshot)
  const at: Moment = { time: recorded.times.loans as UnixSeconds, price: () => snapshot.price as FeedAnswer }
  const price = Number(snapshot.price) / 1e18
  const unit = 10 ** 18 / Number(market.collateralPrecision)
  const rows = recorded.loans.map((loan) => {
    const debt = llammaRules.debtOf(market, loan.account, BigInt(at.time))
    const health = llammaRules.healthOf(market, loan.account, debt, 'quick', market.liquidationDiscount, at)
    const { x, y } = llammaRules.sumXY(market, loan.account)
    const apart = Math.abs(Number(x) / 1e18 - loan.x) + Math.abs(Number(y) / unit - loan.y) * price
    return {
      health: Math.abs(Number(health) / 1e18 - loan.health),
      split: apart / (loan.x + loan.y * price),
      still: loan.x === 0 && unchanged(market, loan.n1, loan.n2),
    }
  })
  return {
    health: rows.map((row) => row.health),
    split: rows.map((row) => row.split),
    still: rows.filter((row) => row.still).map((row) => row.health),
  }
}

function unchanged(market: LlammaMarket, n1: number, n2: number): boolean {
  for (let band = n1; band <= n2; band++) {
    const ratio = Number(llammaRules.yOf(market, band)) / Number(market.totalShares.get(band))
    if (!(Math.abs(ratio - 1) < 1e-3)) return false
  }
  return true
}

const within = (values: readonly number[], bound: number) => values.filter((value) => value < bound).length
const quantile = (values: readonly number[], part: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0
const line = ({ health, split }: Compared) =>
  [
    `health off by ${quantile(health, 0.5).toExponential(1)} (median) ${quantile(health, 0.95).toExponential(1)} (95 %)`,
    `${quantile(health, 1).toExponential(1)} (most), ${within(health, HALF_A_POINT)}/${health.length} within 0.5 points;`,
    `split off by ${quantile(split, 0.5).toExponential(1)} ${quantile(split, 0.95).toExponential(1)}`,
  ].join(' ')

describe.skipIf(!hasSnapshots)('crvUSD on 30 January 2024', () => {
  const markets = hasSnapshots ? recordedMarkets() : []

  // Amounts are inputs here: that the split comes back shows the shares; health is computed and was not given.
  it('reproduces the recorded health of at least 99 % of the loans of each market within half a point', () => {
    expect(markets.map(({ name }) => name)).toEqual(['WETH', 'wstETH', 'WBTC', 'tBTC', 'sfrxETH'])
    for (const market of markets) {
      const compared = compare(market, fromLoans(market))
      console.info(`${market.name}, ${market.loans.length} loans, bands as recorded with the loans: ${line(compared)}`)
      expect(within(compared.health, HALF_A_POINT) / compared.health.length).toBeGreaterThan(0.99)
      expect(quantile(compared.health, 0.5)).toBeLessThan(2e-6)
      expect(quantile(compared.split, 0.95)).toBeLessThan(1e-5)
    }
  })

  it('shows that the bands are older than the loans: where they still agree, so does every health', () => {
    let [agreeing, right] = [0, 0]
    for (const market of markets) {
      const { times } = market
      expect(times.loans - times.bands).toBe(72_228)
      const compared = compare(market, fromBands(market))
      agreeing += compared.still.length
      right += within(compared.still, HALF_A_POINT)
      console.info(
        `${market.name}, bands of ${((times.loans - times.bands) / 3600).toFixed(1)} h before: ${line(compared)}; bands unchanged under ${compared.still.length} loans, right ${within(compared.still, HALF_A_POINT)}`,
      )
      expect(within(compared.health, HALF_A_POINT) / compared.health.length).toBeLessThan(0.95)
    }
    expect(agreeing).toBeGreaterThan(300)
    expect(right).toBe(agreeing)
  })
})
