/** The answers, made in one place for every door: CLI, HTTP and library give the same data with the same hash. */
import {
  type Answer,
  type CoverageSummary,
  checkWords,
  commandOf,
  FILTER_WORDS,
  type Filter,
  type Params,
  parseFilter,
  parseGroups,
  parseInstant,
  parseWhole,
  parseWindow,
  pinWindow,
  pointOf,
  type SeriesPoint,
  type Totals,
  totalsOf,
  WINDOW_WORDS,
  type Window,
} from '../analytics/index.ts'
import { breakwaterError, DAY, HOUR, type MarketEvent, type UnixMs } from '../model/index.ts'
import { type Venue, venues } from '../venues/index.ts'
import { type AnswerContext, answerOf, coverageFor, toldBy } from './context.ts'

const LIQUIDATIONS = ['perp-liquidation', 'loan-liquidation', 'auction-started'] as const
const SCOPED = [...WINDOW_WORDS, ...FILTER_WORDS]
const PAGE = { least: 1, usual: 100, most: 1_000 }

/** What a question comes down to. */
export type Asked = {
  readonly filter: Filter
  readonly window: Window
  readonly where: Filter
  /** The words of the command that asks the same, whenever it is asked. */
  readonly words: Params
}

/** Reads window and filter. Refuses (`bad-query`, `bad-time`) words that mean nothing. */
export function asked(context: AnswerContext, params: Params, more: readonly string[] = []): Asked {
  checkWords(params, [...SCOPED, ...more])
  const filter = parseFilter(params)
  const window = parseWindow(params, context.now)
  return { filter, window, where: { ...filter, ...window }, words: pinWindow(params, context.now) }
}

/** `totals`: dollars, counts, accounts, sides, largest, groups (`by`), with coverage. Default: the last 24 hours. */
export async function totalsAnswer(context: AnswerContext, params: Params): Promise<Answer<Totals>> {
  const question = asked(context, params, ['by'])
  const totals = await totalsFor(context, question, params['by'])
  return answerOf(context, totals, toldBy(totals.coverage, 'totals', question.words, totals.method))
}

/** The total behind `totals` and `report`. */
export async function totalsFor(
  context: AnswerContext,
  { filter, window, where }: Asked,
  by: string | undefined,
): Promise<Totals> {
  const { store } = context
  const keys = parseGroups(by)
  const [[whole], kinds, groups] = await Promise.all([
    store.aggregate({ where, by: [] }),
    store.aggregate({ where, by: ['kind'] }),
    keys.length > 0 ? store.aggregate({ where, by: keys }) : [],
  ])
  const largest = whole?.largest ? await store.get(whole.largest.id) : undefined
  const coverage = await coverageFor(context, filter, window, whole?.unpriced ?? 0)
  return totalsOf({
    window,
    filter,
    whole,
    kinds: kinds.map((row) => String(row.keys.kind)),
    groups,
    largest,
    coverage,
  })
}

/** `totals/history`: the same sums by `interval` (minute, hour, day; fitting the window unless told). Intervals without events are absent. */
export async function historyAnswer(context: AnswerContext, params: Params): Promise<Answer<readonly SeriesPoint[]>> {
  const { filter, window, where, words } = asked(context, params, ['interval'])
  const length = window.to - window.from
  const interval = params['interval'] ?? (length <= 3 * HOUR ? 'minute' : length <= 14 * DAY ? 'hour' : 'day')
  if (interval !== 'minute' && interval !== 'hour' && interval !== 'day')
    throw breakwaterError(
      'bad-query',
      `interval '${interval.slice(0, 40)}' is none`,
      { interval: interval.slice(0, 40) },
      { fix: 'Use minute, hour or day.' },
    )
  const rows = await context.store.aggregate({ where, by: [interval] })
  const unpriced = rows.reduce((sum, row) => sum + row.unpriced, 0)
  const coverage = await coverageFor(context, filter, window, unpriced)
  return answerOf(
    context,
    rows.map((row) => pointOf(row, interval)),
    toldBy(coverage, 'totals', { ...words, interval: undefined, by: interval }, 'sum v1'),
  )
}

/** A page of events, and the cursor of the next one while there is more. */
export type EventPage = { readonly events: readonly MarketEvent[]; readonly next: string | undefined }

/** `liquidations`: one by one, newest first (`order=asc`: oldest first); `limit` 1..1000; `cursor` from the page before. */
export async function liquidationsAnswer(context: AnswerContext, params: Params): Promise<Answer<EventPage>> {
  const { limit, order = 'desc', cursor } = params
  const { filter, window, where, words } = asked(context, params, ['limit', 'order', 'cursor'])
  if (order !== 'asc' && order !== 'desc')
    throw breakwaterError(
      'bad-query',
      `order '${order.slice(0, 40)}' is none`,
      { order: order.slice(0, 40) },
      { fix: 'Use desc or asc.' },
    )
  const size = parseWhole('limit', limit, PAGE.usual, PAGE.least, PAGE.most)
  const after = cursor === undefined ? undefined : readCursor(cursor)
  // One more than asked for tells whether there is a next page.
  const found = await context.store.page({ where: { ...where, types: LIQUIDATIONS }, order, limit: size + 1, after })
  const events = found.slice(0, size)
  const last = events.at(-1)
  const next = found.length > size && last ? writeCursor(last) : undefined
  const coverage = await coverageFor(context, filter, window, 0)
  // The command line has no pages: it gives the whole of what a page is a part of.
  const whole = { ...words, limit: undefined, order: undefined, cursor: undefined, type: LIQUIDATIONS.join(',') }
  return answerOf(context, { events, next }, toldBy(coverage, 'export', whole, 'events v1'))
}

/** `largest`: the greatest single liquidations of known value; `limit` 1..1000, 10 unless told. */
export async function largestAnswer(context: AnswerContext, params: Params): Promise<Answer<readonly MarketEvent[]>> {
  const { filter, window, where, words } = asked(context, params, ['limit'])
  const limit = parseWhole('limit', params['limit'], 10, 1, PAGE.most)
  const events = await context.store.page({ where: { ...where, types: LIQUIDATIONS }, order: 'largest', limit })
  return answerOf(
    context,
    events,
    toldBy(await coverageFor(context, filter, window, 0), 'largest', words, 'largest v1'),
  )
}

/** `coverage`: what was heard of the window, venue by venue. */
export async function coverageAnswer(context: AnswerContext, params: Params): Promise<Answer<CoverageSummary>> {
  const { filter, window, where, words } = asked(context, params)
  const [whole] = await context.store.aggregate({ where, by: [] })
  const coverage = await coverageFor(context, filter, window, whole?.unpriced ?? 0)
  return answerOf(context, coverage, toldBy(coverage, 'coverage', words, 'coverage v1'))
}

/** A venue as the list of venues shows it. */
export type VenueCard = Pick<Venue, 'id' | 'name' | 'kind' | 'page' | 'accounts' | 'ended' | 'coverage'>

/** `venues`: every exchange and protocol, with the dated policies of its feeds. */
export async function venuesAnswer(context: AnswerContext, params: Params): Promise<Answer<readonly VenueCard[]>> {
  checkWords(params, [])
  const cards = [...venues.values()].map(({ id, name, kind, page, accounts, ended, coverage }) => ({
    id,
    name,
    kind,
    page,
    accounts,
    ended,
    coverage,
  }))
  return answerOf(context, cards, {
    method: 'venues v1',
    command: 'breakwater coverage --policies',
    sources: [],
    coverage: 1,
    bound: '=',
    silent: [],
  })
}

/** `oi`: open interest as last published, one-sided, per venue and instrument. The command gives every value published in the day before. */
export function oiAnswer(context: AnswerContext, params: Params): Promise<Answer<readonly MarketEvent[]>> {
  return latestAnswer(context, params, 'open-interest')
}

/** `funding`: funding rates as last published, per venue and instrument. The command gives every value published in the day before. */
export function fundingAnswer(context: AnswerContext, params: Params): Promise<Answer<readonly MarketEvent[]>> {
  return latestAnswer(context, params, 'funding')
}

async function latestAnswer(
  context: AnswerContext,
  params: Params,
  type: 'open-interest' | 'funding',
): Promise<Answer<readonly MarketEvent[]>> {
  checkWords(params, ['at', 'src', 'venue', 'coin'])
  const at = params['at'] === undefined ? context.now : parseInstant(params['at'], context.now)
  const events = await context.store.latest(type, at, parseFilter(params))
  const sources = [...new Set(events.map((event) => event.source))].sort()
  return answerOf(context, events, {
    method: `latest-${type} v1`,
    command: commandOf('export', { ...pinWindow(params, context.now), type }),
    sources,
    coverage: 1,
    bound: '≥',
    silent: context.silent,
  })
}

function writeCursor({ time, id }: MarketEvent): string {
  return Buffer.from(`${time} ${id}`).toString('base64url')
}

function readCursor(cursor: string): { time: UnixMs; id: string } {
  const match = /^(\d{12,14}) ([\x21-\x7e]{1,120})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))
  if (!match)
    throw breakwaterError('bad-cursor', 'the cursor was not made by this program', { cursor: cursor.slice(0, 60) })
  return { time: Number(match[1]) as UnixMs, id: match[2] as string }
}
