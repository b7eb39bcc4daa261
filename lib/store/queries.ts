/** The one set of SQL: filters, groups and pages, for embedded and server alike. */
import {
  type Aggregate,
  type AggregateRow,
  compareKeys,
  type Filter,
  type GroupKey,
  usdOfMicros,
} from '../analytics/index.ts'
import { DAY, HOUR, type UnixMs } from '../model/index.ts'
import { LARGEST, MICROS } from './schema.ts'
import { instant, text, textList } from './sql.ts'

/** The types that totals count. */
const COUNTED = ['perp-liquidation', 'loan-liquidation', 'auction-started'] as const

/** How finely time must be read: whole days and hours can come from the sums of days and hours. */
type Grain = 'raw' | 'hour' | 'day'

const TIME_OF: Readonly<Record<Grain, string>> = {
  raw: 'time',
  hour: 'toStartOfHour(time)',
  day: 'toStartOfDay(time)',
}

/** A filter as a condition; `TRUE` when it lets everything pass. */
export function condition(where: Filter, grain: Grain = 'raw'): string {
  const parts: string[] = []
  const any = (column: string, values: readonly string[] | undefined) => {
    if (values !== undefined) parts.push(values.length === 0 ? 'FALSE' : `${column} IN ${textList(values)}`)
  }
  const literal = grain === 'raw' ? instant : (ms: number) => `toDateTime(${Math.trunc(ms / 1000)}, 'UTC')`
  if (where.from !== undefined) parts.push(`${TIME_OF[grain]} >= ${literal(where.from)}`)
  if (where.to !== undefined) parts.push(`${TIME_OF[grain]} < ${literal(where.to)}`)
  any('type', where.types)
  any('source', where.sources)
  any('venue', where.venues)
  any('protocol', where.protocols)
  any('chain', where.chains)
  any('coin', where.coins)
  any('side', where.sides)
  any('kind', where.kinds)
  if (where.account !== undefined) parts.push(`account = ${text(where.account)}`)
  if (where.minUsd !== undefined) parts.push(`usd >= ${where.minUsd}`)
  return parts.length === 0 ? 'TRUE' : parts.join(' AND ')
}

/** A stretch of time read at one grain. */
type Stretch = { readonly grain: Grain; readonly where: Filter }

/** Below this many ms rows are read themselves: fewer rows than sums to open. */
const SHORT = 3 * DAY

/**
 * Splits the window so that whole days or hours come from stored sums and only its ends from rows: the answer is the same, and
 * a year costs what a day costs.
 */
function stretchesOf({ where, by }: Aggregate): readonly Stretch[] {
  const raw: Stretch[] = [{ grain: 'raw', where }]
  if (by.includes('minute') || where.account !== undefined || where.minUsd !== undefined) return raw
  const { from, to } = where
  if (from !== undefined && to !== undefined && to - from < SHORT) return raw
  const needsCoin = by.includes('coin') || where.coins !== undefined
  const wholeDays = [from, to].every((ms) => ms === undefined || ms % DAY === 0)
  if (by.includes('hour') && needsCoin) return raw
  const grain = by.includes('hour') || (!wholeDays && !needsCoin) ? 'hour' : 'day'
  const unit = grain === 'hour' ? HOUR : DAY
  const start = from === undefined ? undefined : ((Math.ceil(from / unit) * unit) as UnixMs)
  const end = to === undefined ? undefined : ((Math.floor(to / unit) * unit) as UnixMs)
  const stretches: Stretch[] = [{ grain, where: { ...where, from: start, to: end } }]
  if (start !== from) stretches.push({ grain: 'raw', where: { ...where, to: start } })
  if (end !== to) stretches.push({ grain: 'raw', where: { ...where, from: end } })
  return stretches
}

function keySql(key: GroupKey, grain: Grain): string {
  const time = TIME_OF[grain]
  if (key === 'minute') return `toUnixTimestamp(toStartOfMinute(${time})) * 1000`
  if (key === 'hour') return `toUnixTimestamp(${grain === 'hour' ? time : `toStartOfHour(${time})`}) * 1000`
  if (key === 'day') return `toUnixTimestamp(${grain === 'day' ? time : `toStartOfDay(${time})`}) * 1000`
  return key
}

function groupBy(by: readonly GroupKey[], grain: Grain) {
  const keys = by.map((key, index) => `${keySql(key, grain)} AS k${index}`)
  return { select: keys, names: by.map((_, index) => `k${index}`) }
}

/** The sums of an aggregate by its keys and side. Sides are joined in {@link aggregateRows}, so that the stored sums can be used. */
export function sumsQuery(question: Aggregate): string {
  return stretchesOf(question)
    .map(({ grain, where }) => sumsOf(where, question.by, grain))
    .join(' UNION ALL ')
}

function sumsOf(where: Filter, by: readonly GroupKey[], grain: Grain): string {
  const { select, names } = groupBy(by, grain)
  const sums = [
    'side AS s',
    'count() AS events',
    'count(usd) AS priced',
    `toString(sum(${MICROS})) AS micros`,
    'sum(notEmpty(account)) AS accountEvents',
    `min(${LARGEST}) AS best`,
    'toUnixTimestamp64Milli(min(time)) AS first',
    'toUnixTimestamp64Milli(max(time)) AS last',
  ]
  return `SELECT ${[...select, ...sums].join(', ')} FROM events WHERE ${countedCondition(where, grain)} GROUP BY ${[...names, 's'].join(', ')}`
}

/** Distinct accounts by the same keys, exactly; `days` (starts of days, ms) narrows them. */
export function accountsQuery(question: Aggregate, days?: readonly number[]): string {
  const { select, names } = groupBy(question.by, 'raw')
  const group = names.length === 0 ? '' : ` GROUP BY ${names.join(', ')}`
  const spans = days?.map((day) => `(time >= ${instant(day)} AND time < ${instant(day + DAY)})`)
  const within = spans === undefined ? '' : ` AND (${spans.join(' OR ')})`
  return `SELECT ${[...select, 'uniqExact(account) AS accounts'].join(', ')} FROM events WHERE account != ''${within} AND ${countedCondition(question.where, 'raw')}${group}`
}

function countedCondition(where: Filter, grain: Grain): string {
  const types = COUNTED.filter((type) => where.types === undefined || where.types.includes(type))
  return condition({ ...where, types }, grain)
}

/**
 * The days in which the `limit` greatest values of a filter lie, from the greatest value of each day: whoever is among the greatest
 * of all is in one of the days with the greatest maxima. `undefined` where stored sums cannot tell.
 */
export function largestDaysQuery(where: Filter, limit: number): string | undefined {
  const { from, to } = where
  if (where.account !== undefined || (from !== undefined && to !== undefined && to - from < SHORT)) return undefined
  const start = from === undefined ? undefined : ((Math.ceil(from / DAY) * DAY) as UnixMs)
  const end = to === undefined ? undefined : ((Math.floor(to / DAY) * DAY) as UnixMs)
  const whole = condition({ ...where, from: start, to: end, minUsd: undefined }, 'day')
  return `SELECT toUnixTimestamp(toStartOfDay(time)) * 1000 AS day, -(min(${LARGEST}).1) AS best FROM events WHERE ${whole} GROUP BY day ORDER BY best DESC LIMIT ${limit} WITH TIES`
}

/** The spans that hold the greatest values: the found days, and the ends of the window that are no whole day. */
export function largestSpans({ from, to }: Filter, days: readonly number[]): string {
  const spans = days.map((day) => `(time >= ${instant(day)} AND time < ${instant(day + DAY)})`)
  if (from !== undefined) spans.push(`(time < ${instant(Math.ceil(from / DAY) * DAY)})`)
  if (to !== undefined) spans.push(`(time >= ${instant(Math.floor(to / DAY) * DAY)})`)
  return spans.length === 0 ? 'FALSE' : `(${spans.join(' OR ')})`
}

/** A row of {@link sumsQuery}; the keys are `k0`, `k1`, … */
export type SumsRow = {
  readonly s: string
  readonly events: number
  readonly priced: number
  readonly micros: string
  readonly accountEvents: number
  readonly best: readonly [number | null, string]
  readonly first: number
  readonly last: number
} & { readonly [key: `k${number}`]: string | number }

/** A row of {@link accountsQuery}. */
export type AccountsRow = { readonly accounts: number } & { readonly [key: `k${number}`]: string | number }

/** Joins the rows of both queries to answers, sorted by their keys. */
export function aggregateRows(
  by: readonly GroupKey[],
  sums: readonly SumsRow[],
  accounts: readonly AccountsRow[],
): readonly AggregateRow[] {
  const keysOf = (row: SumsRow | AccountsRow) => by.map((_, index) => row[`k${index}`] as string | number)
  const accountsOf = new Map(accounts.map((row) => [JSON.stringify(keysOf(row)), row.accounts]))
  const groups = new Map<string, SumsRow[]>()
  for (const row of sums) {
    const name = JSON.stringify(keysOf(row))
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [row])
    else group.push(row)
  }
  return [...groups.entries()]
    .map(([name, rows]) => ({ name, rows, keys: keysOf(rows[0] as SumsRow) }))
    .sort((a, b) => compareKeys(a.keys, b.keys))
    .map(({ name, rows, keys }) => joinSides(by, keys, rows, accountsOf.get(name) ?? 0))
}

function joinSides(
  by: readonly GroupKey[],
  keys: readonly (string | number)[],
  rows: readonly SumsRow[],
  accounts: number,
): AggregateRow {
  const sum = (of: (row: SumsRow) => number) => rows.reduce((total, row) => total + of(row), 0)
  const usd = (of: readonly SumsRow[]) => usdOfMicros(of.reduce((total, row) => total + BigInt(row.micros), 0n))
  const count = (of: readonly SumsRow[]) => of.reduce((total, row) => total + row.events, 0)
  const long = rows.filter((row) => row.s === 'long')
  const short = rows.filter((row) => row.s === 'short')
  const best = rows
    .filter((row) => row.priced > 0)
    .map((row) => ({ id: row.best[1], usd: -(row.best[0] as number) + 0 }))
    .sort((a, b) => b.usd - a.usd || (a.id < b.id ? -1 : 1))[0]
  return {
    keys: Object.fromEntries(by.map((key, index) => [key, keys[index]])),
    events: sum((row) => row.events),
    usd: usd(rows),
    unpriced: sum((row) => row.events - row.priced),
    longEvents: count(long),
    longUsd: usd(long),
    shortEvents: count(short),
    shortUsd: usd(short),
    accounts,
    accountEvents: sum((row) => row.accountEvents),
    largest: best,
    first: Math.min(...rows.map((row) => row.first)) as UnixMs,
    last: Math.max(...rows.map((row) => row.last)) as UnixMs,
  }
}
