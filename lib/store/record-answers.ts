/** The record book and the report: days of the store, joined with the days that ship with the package where the store has none of that scope. */
import {
  type AggregateRow,
  type Answer,
  type Bound,
  checkWords,
  commandOf,
  type DayFigures,
  dayOf,
  FILTER_WORDS,
  type Filter,
  isDay,
  methodOf,
  type Params,
  parseFilter,
  parseWhole,
  parseWindow,
  pinWindow,
  pointOf,
  policyBound,
  type Records,
  type Report,
  recordsOf,
  reportOf,
  startOfDay,
  WINDOW_WORDS,
} from '../analytics/index.ts'
import { breakwaterError, DAY, type UnixMs } from '../model/index.ts'
import { asked, totalsFor } from './answers.ts'
import { type AnswerContext, answerOf, type ShippedRecord, type Told, toldBy } from './context.ts'

/** `records`: the worst (or, `order=recent`, the newest) days; `at` picks one; `from` and `to` bound the record; `limit` 10 unless told. */
export async function recordsAnswer(context: AnswerContext, params: Params): Promise<Answer<Records>> {
  checkWords(params, [...WINDOW_WORDS, ...FILTER_WORDS, 'order', 'limit', 'by'])
  const { order = 'worst', by = 'day', at, from, to } = params
  if (order !== 'worst' && order !== 'recent')
    throw breakwaterError(
      'bad-query',
      `order '${order.slice(0, 40)}' is none`,
      { order: order.slice(0, 40) },
      { fix: 'Use worst or recent.' },
    )
  if (by !== 'day')
    throw breakwaterError(
      'bad-query',
      `records by '${by.slice(0, 40)}' are not kept`,
      { by: by.slice(0, 40) },
      { fix: 'Use by=day.' },
    )
  const filter = parseFilter(params)
  const spanned = from !== undefined || to !== undefined
  if (spanned && params['window'] !== undefined) parseWindow(params, context.now)
  // A record without `from` reaches back as far as it goes.
  const bounds = spanned
    ? parseWindow({ from: from ?? '2009-01-03', to }, context.now)
    : params['window'] === undefined
      ? undefined
      : parseWindow({ window: params['window'], at }, context.now)
  const { days, note, shipped, method, kinds } = await daysOf(context, { ...filter, ...bounds })
  const limit = parseWhole('limit', params['limit'], 10, 1, 5_000)
  const day =
    at === undefined || params['window'] !== undefined
      ? undefined
      : dayOf(isDay(at) ? startOfDay(at) : parseWindow({ at }, context.now).to - 1)
  const records = recordsOf({ filter, days, order, limit, day, note, method, kinds })
  const bound: Bound = records.days.every((record) => record.bound === '=') ? '=' : '≥'
  const told: Told = {
    method,
    command: commandOf('worst', bounds ? pinWindow(params, context.now) : params),
    sources: shipped ? ['recorded'] : await sourcesOf(context, filter),
    coverage: 1,
    bound,
    silent: [],
  }
  return answerOf(context, records, told)
}

/** `report`: the article of a day (`at`) or window. */
export async function reportAnswer(context: AnswerContext, params: Params): Promise<Answer<Report>> {
  const question = asked(context, params)
  const { filter, window, where, words } = question
  const totals = await totalsFor(context, question, undefined)
  const hours = (await context.store.aggregate({ where, by: ['hour'] })).map((row) => pointOf(row, 'hour'))
  const wholeDay = window.to - window.from === DAY && window.from % DAY === 0
  const { days } = wholeDay ? await daysOf(context, filter) : { days: [] }
  const records = recordsOf({ filter, days, order: 'worst', limit: days.length, method: totals.method })
  const record = records.days.find((entry) => entry.day === dayOf(window.from))
  const told = toldBy(totals.coverage, 'report', words, totals.method)
  return answerOf(
    context,
    reportOf({ totals, hours, record, recordBegins: records.begins, sources: told.sources, words }),
    told,
  )
}

type Days = {
  readonly days: readonly DayFigures[]
  readonly note: string | undefined
  readonly shipped: boolean
  readonly method: string
  readonly kinds: readonly string[]
}

/** Every day of a scope with events. Shipped days serve a scope of exactly their venue (or an empty store); days of the store win. */
async function daysOf(context: AnswerContext, where: Filter): Promise<Days> {
  const [rows, kindRows] = await Promise.all([
    context.store.aggregate({ where, by: ['day'] }),
    context.store.aggregate({ where, by: ['kind'] }),
  ])
  const perVenue = await context.store.aggregate({ where, by: ['venue', 'source'] })
  const names = [...new Set(perVenue.map((row) => String(row.keys.venue)))]
  const partly = await partlyHeard(context, where, perVenue)
  const kept = rows.map((row): DayFigures => {
    const from = row.keys.day as UnixMs
    const window = { from, to: (from + DAY) as UnixMs }
    const held = row.unpriced > 0 || partly.has(from) || names.some((name) => policyBound(name, window) === '≥')
    const bound: Bound = held ? '≥' : '='
    return {
      day: dayOf(from),
      usd: row.usd,
      events: row.events,
      unpriced: row.unpriced,
      accounts: row.accountEvents > 0 ? row.accounts : undefined,
      largest: row.largest,
      bound,
    }
  })
  const table = shippedFor(context, where, kept.length === 0)
  const shipped = (table?.days ?? []).filter(
    (day) => inside(day.day, where) && !kept.some((other) => other.day === day.day),
  )
  const kinds = kindRows.map((row) => String(row.keys.kind))
  if (!table || shipped.length === 0)
    return { days: kept, note: undefined, shipped: false, method: methodOf(kinds), kinds }
  return {
    days: [...kept, ...shipped],
    note: `with the daily table that ships with the program (${table.from})`,
    shipped: true,
    method: table.method,
    kinds: [...new Set([...kinds, table.kind])],
  }
}

/** The UTC days of which something is missing: deaf spans, the day a feed was first heard, and the day that is not over. */
async function partlyHeard(
  { store, now }: AnswerContext,
  { venues, sources, from, to }: Filter,
  perVenue: readonly AggregateRow[],
): Promise<ReadonlySet<number>> {
  const midnight = (time: number) => time - (time % DAY)
  const days = new Set([midnight(now)])
  for (const { keys, first } of perVenue) if (keys.source !== 'recorded') days.add(midnight(first))
  for await (const gap of store.scan({ venues, sources, from, to, types: ['gap'] })) {
    if (gap.type !== 'gap' || gap.channel !== 'liquidations') continue
    for (let day = midnight(gap.from); day < gap.to; day += DAY) days.add(day)
  }
  return days
}

function shippedFor({ shipped }: AnswerContext, where: Filter, empty: boolean): ShippedRecord | undefined {
  const { venues, sources, protocols, chains, coins, sides, minUsd, account, kinds } = where
  if (protocols || chains || coins || sides || account || minUsd !== undefined) return undefined
  if (sources && !sources.includes('recorded')) return undefined
  if (venues) return venues.length === 1 ? shipped.find((table) => table.venue === venues[0]) : undefined
  return empty ? shipped.find((table) => !kinds || kinds.includes(table.kind)) : undefined
}

function inside(day: string, { from, to }: Filter): boolean {
  const start = startOfDay(day)
  return (from === undefined || start >= from) && (to === undefined || start < to)
}

async function sourcesOf({ store }: AnswerContext, where: Filter): Promise<Told['sources']> {
  return (await store.aggregate({ where, by: ['source'] })).map((row) => row.keys.source as Told['sources'][number])
}
