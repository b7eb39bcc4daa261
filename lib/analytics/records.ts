/** The record book of a scope: ranks, "worst day since", the previous record, multiples of the days before. Days without events count as zero. */
import { DAY } from '../model/index.ts'
import type { Bound, DayRecord, Records } from './answers.ts'
import { scopeOf } from './filter.ts'
import type { Filter } from './question.ts'
import { dayOf, startOfDay } from './window.ts'

/** One day's figures, from the store or from the table that ships with the package. */
export type DayFigures = {
  readonly day: string
  readonly usd: number
  readonly events: number
  readonly unpriced: number
  readonly accounts: number | undefined
  readonly largest: { readonly id?: string | undefined; readonly usd: number } | undefined
  readonly bound: Bound
}

/** Days of the mean and median that a day is compared with. */
export const COMPARED_DAYS = 30
/** With fewer days of history than this there is no comparison. */
const LEAST_HISTORY = 7

/** What {@link recordsOf} reads. `order`: the worst days or the most recent ones first; `day`: only that one. */
export type RecordsInput = {
  readonly filter: Filter
  readonly days: readonly DayFigures[]
  readonly order: 'worst' | 'recent'
  readonly limit: number
  readonly day?: string | undefined
  readonly note?: string | undefined
  /** The kinds of liquidation found in scope. */
  readonly kinds?: readonly string[] | undefined
  readonly method: string
}

/** The record book. Ties rank the earlier day first. */
export function recordsOf(input: RecordsInput): Records {
  const days = [...input.days].filter((day) => day.events > 0).sort((a, b) => (a.day < b.day ? -1 : 1))
  const ranked = [...days].sort((a, b) => b.usd - a.usd || (a.day < b.day ? -1 : 1))
  const rank = new Map(ranked.map((day, index) => [day.day, index + 1]))
  const records = days.map((day, index) => recordOf(day, days, index, rank.get(day.day) as number))
  const ordered = input.order === 'worst' ? records.sort((a, b) => a.rank - b.rank) : records.reverse()
  return {
    scope: `${scopeOf(input.filter, input.kinds)}${input.note ? `; ${input.note}` : ''}`,
    filter: input.filter,
    begins: days[0]?.day,
    ends: days.at(-1)?.day,
    daysWithEvents: days.length,
    days: (input.day === undefined ? ordered : ordered.filter((record) => record.day === input.day)).slice(
      0,
      input.limit,
    ),
    method: input.method,
  }
}

function recordOf(day: DayFigures, days: readonly DayFigures[], index: number, rank: number): DayRecord {
  const earlier = days.slice(0, index)
  const asBad = earlier.findLast((candidate) => candidate.usd >= day.usd)
  const greatest = earlier.reduce<DayFigures | undefined>(
    (best, candidate) => (!best || candidate.usd > best.usd ? candidate : best),
    undefined,
  )
  return {
    ...day,
    rank,
    ofDays: days.length,
    worstSince: asBad && { day: asBad.day, usd: asBad.usd },
    previousRecord: greatest && {
      day: greatest.day,
      usd: greatest.usd,
      multiple: greatest.usd > 0 ? day.usd / greatest.usd : 0,
    },
    versus: versus(day, earlier),
  }
}

function versus(day: DayFigures, earlier: readonly DayFigures[]): DayRecord['versus'] {
  const begins = earlier[0]
  if (!begins) return undefined
  const time = startOfDay(day.day)
  const days = Math.min(COMPARED_DAYS, Math.round((time - startOfDay(begins.day)) / DAY))
  if (days < LEAST_HISTORY) return undefined
  const from = dayOf(time - days * DAY)
  const known = earlier.filter((candidate) => candidate.day >= from).map((candidate) => candidate.usd)
  const values = [...known, ...new Array<number>(days - known.length).fill(0)].sort((a, b) => a - b)
  const mean = known.reduce((sum, usd) => sum + usd, 0) / days
  const middle = days >> 1
  const median =
    days % 2 === 1 ? (values[middle] as number) : ((values[middle - 1] as number) + (values[middle] as number)) / 2
  return {
    days,
    mean,
    median,
    meanMultiple: mean > 0 ? day.usd / mean : undefined,
    medianMultiple: median > 0 ? day.usd / median : undefined,
  }
}
