import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prng } from '../model/index.ts'
import {
  type EstimateTerms,
  estimateHistory,
  estimateLevels,
  levelEstimator,
  openedLevels,
} from './heatmap-estimate.ts'
import { rankCorrelation, scoreLevels } from './heatmap-score.ts'
import { knownMarket } from './heatmap-truth.ts'

const TERMS: EstimateTerms = {
  leverages: [
    { leverage: 10, share: 0.5 },
    { leverage: 25, share: 0.3 },
    { leverage: 50, share: 0.2 },
  ],
  maintenance: 0.004,
  bucket: 0.002,
  source: 'test',
}
const flat = (time: number, price: number, openInterest: number) =>
  ({ time, high: price, low: price, vwap: price, openInterest }) as const

describe('estimated levels', () => {
  it('stand where the reference computes them', () => {
    const rows = openedLevels(60_000, 100e6, 0.5, TERMS)
    expect(
      rows.map(({ longPrice, shortPrice }) => [longPrice, shortPrice].map((one) => Number(one.toFixed(2)))),
    ).toEqual([
      [54_216.87, 65_737.05],
      [57_831.33, 62_151.39],
      [59_036.14, 60_956.18],
    ])
    expect(rows.map(({ long }) => long)).toEqual([25e6, 15e6, 10e6])
  })

  it('stay where they are while nothing moves, also beside longs without leverage that no price reaches', () => {
    const leverages = [
      { leverage: 1, share: 0.4 },
      { leverage: 10, share: 0.6 },
    ]
    const estimator = levelEstimator({ ...TERMS, leverages })
    estimator.step(flat(0, 100, 100))
    const first = estimator.points()
    expect(first.map(({ side, amount }) => [side, amount])).toEqual([
      ['long', 30],
      ['short', 30],
      ['short', 20],
    ])
    for (let time = 1; time < 5; time++) estimator.step(flat(time, 100, 100))
    expect(estimator.points()).toEqual(first)
    expect(estimator.total).toBe(100)
  })

  it('add up to the open interest after every bar, whatever prices do', () => {
    const bar = fc.record({
      price: fc.double({ min: 80, max: 120, noNaN: true }),
      range: fc.double({ min: 0, max: 0.1, noNaN: true }),
      openInterest: fc.double({ min: 1, max: 1e6, noNaN: true }),
      longShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(bar, { minLength: 1, maxLength: 40 }), fc.constantFrom(0, 0.4), (bars, clusterShare) => {
        const estimator = levelEstimator({ ...TERMS, clusterShare, clusterStep: 5 })
        bars.forEach(({ price, range, openInterest, longShare }, time) => {
          const [high, low] = [price * (1 + range), price * (1 - range)]
          const before = estimator.points()
          estimator.step({ time, high, low, vwap: price, openInterest, longShare })
          expect(estimator.total / openInterest).toBeCloseTo(1, 9)
          // What was crossed is gone; the rest stays, and grows only where something was opened.
          const left = before.filter((one) => (one.side === 'long' ? one.price < low : one.price > high))
          const shrink = Math.min(1, openInterest / left.reduce((sum, one) => sum + one.amount, 0))
          const now = estimator.points()
          if (shrink < 1) expect(now).toHaveLength(left.length)
          for (const was of left)
            expect(now.find((one) => one.side === was.side && one.price === was.price)?.amount).toBeGreaterThanOrEqual(
              was.amount * shrink * (1 - 1e-9),
            )
        })
      }),
      { numRuns: 200 },
    )
  })

  it('go when the price crosses them, and shrink alike when more is closed', () => {
    const estimator = levelEstimator(TERMS)
    estimator.step(flat(0, 60_000, 1000))
    expect(estimator.points().map(({ side, amount }) => [side, Math.round(amount)])).toEqual([
      ['long', 250],
      ['long', 150],
      ['long', 100],
      ['short', 100],
      ['short', 150],
      ['short', 250],
    ])
    // Down to 58,500: the 50x longs are gone, and so is their open interest; nothing is opened.
    estimator.step({ time: 1, high: 60_000, low: 58_500, vwap: 59_000, openInterest: 900 })
    expect(estimator.points().map(({ amount }) => Math.round(amount))).toEqual([250, 150, 100, 150, 250])
    estimator.step(flat(2, 59_000, 450))
    expect(estimator.points().map(({ amount }) => Math.round(amount))).toEqual([125, 75, 50, 75, 125])
  })

  it('cluster at round numbers with a share of their amount, never on the wrong side of the entry', () => {
    const points = (clusterShare: number) =>
      estimateLevels([flat(0, 60_100, 1000)], { ...TERMS, bucket: 0.0001, clusterShare, clusterStep: 1000 })
    const near = (price: number, share: number) =>
      points(share).reduce((sum, one) => (Math.abs(one.price / price - 1) < 1e-4 ? sum + one.amount : sum), 0)
    expect(near(54_000, 0)).toBe(0)
    // 10x long 54,307, 25x 57,928, 50x 59,135 → 54,000, 58,000, 59,000; 50x short 61,058 → 61,000.
    expect([54_000, 58_000, 59_000, 61_000].map((price) => Math.round(near(price, 0.4)))).toEqual([100, 60, 40, 40])
    const tight = estimateLevels([flat(0, 60_100, 1000)], { ...TERMS, clusterShare: 1, clusterStep: 50_000 })
    for (const { side, price } of tight) expect(side === 'long' ? price < 60_100 : price > 60_100).toBe(true)
  })

  it('are told over time, the last bar always among them', () => {
    const bars = [0, 1, 2, 3, 4].map((time) => flat(time, 60_000 + 100 * time, 1000 + time))
    const history = estimateHistory(bars, TERMS, 2)
    expect(history.map(({ time }) => time)).toEqual([0, 2, 4])
    expect(history[2]?.points).toEqual(estimateLevels(bars, TERMS))
    expect(history[1]?.points).toEqual(estimateLevels(bars.slice(0, 3), TERMS))
    expect(() => estimateHistory(bars, TERMS, 0)).toThrow(/every 0 bars/)
  })

  it('turn over: a share closes and is opened anew at the price of the bar, the sum stays the open interest', () => {
    const estimator = levelEstimator({ ...TERMS, turnover: 0.1 })
    estimator.step(flat(0, 60_000, 1000))
    estimator.step(flat(1, 60_500, 1000))
    const at = (entry: number) => {
      const row = openedLevels(entry, 1, 0.5, TERMS)[0]?.longPrice as number
      return estimator.points().find(({ price }) => Math.abs(price / row - 1) < TERMS.bucket)?.amount
    }
    // 250 of 10x longs, nine tenths of them left; a tenth of all came in 500 higher.
    expect([at(60_000), at(60_500), estimator.total].map((one) => Math.round(one ?? 0))).toEqual([225, 25, 1000])
    expect(() => levelEstimator({ ...TERMS, turnover: 1 })).toThrow(/turns over/)
  })

  it('refuse terms and bars that cannot be', () => {
    expect(() => levelEstimator({ ...TERMS, leverages: [{ leverage: 10, share: 0.9 }] })).toThrow(/sum of the shares/)
    expect(() => levelEstimator({ ...TERMS, maintenance: 0.03 })).toThrow(/leverage is 50/)
    expect(() => levelEstimator({ ...TERMS, clusterShare: 0.1 })).toThrow(/round numbers/)
    const estimator = levelEstimator(TERMS)
    estimator.step(flat(1, 100, 1))
    expect(() => estimator.step(flat(1, 100, 1))).toThrow(/does not come after/)
    expect(() => estimator.step({ ...flat(2, 100, 1), low: 101 })).toThrow(/average/)
    expect(() => estimator.step(flat(2, 100, -1))).toThrow(/open interest/)
  })
})

describe('the estimate against known levels', () => {
  const market = {
    ...{ bars: 900, barMs: 300_000, volatility: 0.003, takers: 24, meanLife: 150, maxLeverage: 50 },
    leverage: { median: 9, spread: 0.8 },
  }
  /** Shares that someone who does not know the market would write down. */
  const GUESS = [
    { leverage: 5, share: 0.25 },
    { leverage: 10, share: 0.35 },
    { leverage: 20, share: 0.25 },
    { leverage: 40, share: 0.15 },
  ]

  it('ranks bins of one percent well and misplaces a fifth to a third of the mass; without the history it is three quarters', () => {
    const lines: string[] = []
    for (const crossShare of [0, 0.4])
      for (const seed of [1, 2, 3]) {
        const { bars, truth, price, maintenance, leverages } = knownMarket(
          { ...market, crossShare },
          prng(`known ${seed}`),
        )
        const range = { lowest: price * 0.7, highest: price * 1.3, count: 60, scale: 'log' } as const
        const last = bars[bars.length - 1] as (typeof bars)[number]
        const terms = { maintenance, bucket: 0.002, source: 'estimate' }
        const score = (shown: typeof bars, shares: typeof GUESS) =>
          scoreLevels(estimateLevels(shown, { ...terms, leverages: shares }), truth, range)
        const known = score(bars, [...leverages])
        const guessed = score(bars, GUESS)
        const memoryless = score([{ ...last, low: last.vwap, high: last.vwap }], [...leverages])
        lines.push(
          [`cross ${crossShare}`, `seed ${seed}`]
            .concat(
              [known, guessed, memoryless].map(
                ({ rankCorrelation: rank, massError }) => `${rank?.toFixed(3)} / ${massError.toFixed(3)}`,
              ),
            )
            .join('  '),
        )
        expect(known.rankCorrelation).toBeGreaterThan(0.85)
        expect(known.massError).toBeLessThan(0.3)
        expect(guessed.rankCorrelation).toBeGreaterThan(0.8)
        expect(guessed.massError).toBeLessThan(0.35)
        expect(memoryless.rankCorrelation).toBeLessThan(0.6)
        expect(memoryless.massError).toBeGreaterThan(0.5)
      }
    process.stdout.write(
      `estimate against truth, rank correlation / mass error: leverages known, guessed, without history\n  ${lines.join('\n  ')}\n`,
    )
  }, 60_000)

  it('knows the life of every position: the open interest of every bar, and the levels that are left', () => {
    const { bars, lives, truth } = knownMarket({ ...market, bars: 120, crossShare: 0.2 }, prng('lives'))
    expect(lives.length).toBeGreaterThan(1500)
    bars.forEach(({ openInterest }, bar) => {
      const standing = lives.filter(({ from, until }) => from <= bar && bar < until)
      const sum = standing.reduce((all, { amount }) => all + amount, 0)
      // Levels at or below 0 are in the interest, not among the lives.
      expect(sum).toBeLessThanOrEqual(openInterest * (1 + 1e-9))
      expect(sum).toBeGreaterThan(openInterest * 0.8)
    })
    const left = lives.filter(({ until }) => until === bars.length)
    expect(left.map(({ level, amount }) => [level, amount])).toEqual(truth.map(({ price, amount }) => [price, amount]))
  })

  it('is scored as it should be: itself, its mirror image, ties', () => {
    const points = knownMarket({ ...market, bars: 60, crossShare: 0 }, prng('self')).truth
    const range = { lowest: 30_000, highest: 120_000, count: 100, scale: 'log' } as const
    expect(scoreLevels(points, points, range)).toMatchObject({
      rankCorrelation: expect.closeTo(1, 9),
      massError: 0,
      massRatio: 1,
    })
    const other = points.map((one) => ({ ...one, side: one.side === 'long' ? 'short' : 'long' }) as const)
    expect(scoreLevels(other, points, range).massError).toBeGreaterThan(0.8)
    expect(rankCorrelation([1, 2, 2, 4], [1, 3, 2, 4])).toBeCloseTo(0.9487, 4)
    expect(rankCorrelation([1, 1], [1, 2])).toBeUndefined()
    expect(() => scoreLevels([], points, range)).toThrow(/nothing stands/)
  })
})
