/** The record book: ranks, memory and multiples, against their definitions said plainly. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY } from '../model/index.ts'
import { type DayFigures, recordsOf } from './records.ts'
import { dayOf } from './window.ts'

const START = Date.UTC(2021, 0, 1)
const figures = (offset: number, usd: number): DayFigures => ({
  day: dayOf(START + offset * DAY),
  usd,
  events: 1,
  unpriced: 0,
  accounts: undefined,
  largest: undefined,
  bound: '=',
})
const book = (days: readonly DayFigures[], more = {}) =>
  recordsOf({ filter: {}, days, order: 'worst', limit: 10_000, method: 'm', ...more })
const someDays = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 20 })), {
    minLength: 1,
    maxLength: 60,
    selector: ([offset]) => offset,
  })
  .map((list) => list.map(([offset, usd]) => figures(offset, usd)))

describe('the record book', () => {
  it('ranks every day once, whatever the order it was given in', () => {
    fc.assert(
      fc.property(someDays, (days) => {
        const { days: ranked } = book(days)
        expect(ranked.map((day) => day.rank)).toEqual(days.map((_, i) => i + 1))
        for (let i = 1; i < ranked.length; i++)
          expect((ranked[i - 1] as DayFigures).usd).toBeGreaterThanOrEqual((ranked[i] as DayFigures).usd)
        expect(book([...days].reverse()).days).toEqual(ranked)
      }),
    )
  })
  it('remembers the last day at least as bad, and the greatest before', () => {
    fc.assert(
      fc.property(someDays, (days) => {
        for (const record of book(days).days) {
          const earlier = days.filter((day) => day.day < record.day).sort((a, b) => (a.day < b.day ? -1 : 1))
          expect(record.worstSince?.day).toBe(earlier.filter((day) => day.usd >= record.usd).at(-1)?.day)
          expect(record.previousRecord?.usd).toBe(
            earlier.length > 0 ? Math.max(...earlier.map((day) => day.usd)) : undefined,
          )
          if (record.rank === 1) expect(record.worstSince).toBeUndefined()
        }
      }),
    )
  })
  it('compares with the days before, empty ones as zero', () => {
    const { days } = book([figures(0, 30), figures(10, 60), figures(40, 300)])
    const worst = days[0]
    expect(worst).toMatchObject({ day: '2021-02-10', previousRecord: { day: '2021-01-11', usd: 60, multiple: 5 } })
    // 30 days back is 11 January: one day of 60, 29 of nothing.
    expect(worst?.versus).toEqual({ days: 30, mean: 2, median: 0, meanMultiple: 150, medianMultiple: undefined })
  })
  it('does not compare with less than a week', () => {
    expect(book([figures(0, 1), figures(6, 2)]).days[0]?.versus).toBeUndefined()
    expect(book([figures(0, 7), figures(7, 2)]).days[1]?.versus).toMatchObject({ days: 7, mean: 1, meanMultiple: 2 })
  })
  it('gives one day, or the newest, ranked in the whole', () => {
    const all = [figures(0, 1), figures(1, 3), figures(2, 2)]
    expect(book(all, { day: '2021-01-03' }).days).toMatchObject([{ rank: 2, ofDays: 3 }])
    expect(book(all, { order: 'recent', limit: 1 }).days).toMatchObject([{ day: '2021-01-03' }])
    expect(book([{ ...figures(0, 0), events: 0 }])).toMatchObject({ days: [], daysWithEvents: 0, begins: undefined })
  })
})
