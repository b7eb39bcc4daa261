import { describe, expect, it } from 'vitest'
import { axisOf, bucketsOf, type Heard, heardShare, type Point, stepsFor, timeTicks } from './series.ts'

const HOUR = 3_600_000
const part = (usd: number) => ({ usd, events: 1 })
const point = (time: number, long: number, short: number): Point => ({
  ...{ time, usd: long + short, events: 2, unpriced: 0 },
  ...{ long: part(long), short: part(short), unknownSide: part(0) },
})
const venue = (gaps: readonly [number, number][]) =>
  ({ gaps: gaps.map(([from, to]) => ({ from, to, why: 'x' })) }) as unknown as Heard

describe('a series', () => {
  it('sums points into even columns that end at the window', () => {
    const window = { from: 10.5 * HOUR, to: 13 * HOUR }
    const points = [point(10 * HOUR, 9, 9), point(11 * HOUR, 5, 1), point(11.5 * HOUR, 2, 2)]
    const buckets = bucketsOf(points, window, HOUR, [])
    expect(buckets.map(({ from, long, short }) => [from / HOUR, long, short])).toEqual([
      [10.5, 9, 9],
      [11, 7, 3],
      [12, 0, 0],
    ])
    expect(buckets.at(-1)?.to).toBe(13 * HOUR)
    expect(buckets[0]?.heard).toBeUndefined()
  })

  it('says how much of a column was heard', () => {
    const venues = [venue([[0, 50]]), venue([])]
    expect(heardShare(venues, 0, 100)).toBe(0.75)
    expect(heardShare(venues, 50, 100)).toBe(1)
    expect(heardShare([venue([[0, 100]])], 20, 40)).toBe(0)
    expect(heardShare([], 0, 100)).toBeUndefined()
  })

  it('draws lengths on a line, and decades where there are more than three', () => {
    const linear = axisOf([0, 10e6, 40e6])
    expect([linear.log, linear.place(0), linear.place(40e6)]).toEqual([false, 0, 1])
    expect(linear.ticks.map(({ label }) => label)).toEqual(['$20 M', '$40 M'])
    const log = axisOf([1_500, 4e7])
    expect(log.log).toBe(true)
    expect(log.place(1e8)).toBe(1)
    expect(log.place(1_000)).toBe(0)
    expect(log.ticks.map(({ label }) => label)).toEqual(['$1 M', '$100 M'])
    expect(axisOf([]).place(0)).toBe(0)
  })

  it('chooses steps that a screen can show', () => {
    for (const hours of [1, 4, 12, 24, 168, 720]) {
      const { step } = stepsFor(hours * HOUR)
      const columns = (hours * HOUR) / step
      expect(columns).toBeGreaterThanOrEqual(24)
      expect(columns).toBeLessThanOrEqual(60)
    }
  })

  it('labels round times', () => {
    const day = Date.parse('2026-11-20')
    const labels = timeTicks(day - 6 * HOUR, day + 6 * HOUR, 5).map(({ label }) => label)
    expect(labels).toEqual(['18:00', '21:00', '11-20', '03:00', '06:00'])
  })
})
