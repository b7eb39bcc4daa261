/** Rows become a total: never without its bound, its coverage and its method. */
import type { MarketEvent } from '../model/index.ts'
import type { Bound, CoverageSummary, Part, SeriesPoint, Totals, TotalsGroup, Window } from './answers.ts'
import { policyBound } from './coverage.ts'
import { scopeOf } from './filter.ts'
import type { AggregateRow, Filter } from './question.ts'

/** What {@link totalsOf} reads: the whole (absent when nothing passed), its kinds, its groups, the largest event and the coverage. */
export type TotalsInput = {
  readonly window: Window
  readonly filter: Filter
  readonly whole: AggregateRow | undefined
  readonly kinds: readonly string[]
  readonly groups: readonly AggregateRow[]
  readonly largest: MarketEvent | undefined
  readonly coverage: CoverageSummary
}

/** The total of a window. */
export function totalsOf({ window, filter, whole, kinds, groups, largest, coverage }: TotalsInput): Totals {
  const parts = partsOf(whole)
  const known = parts.long.usd + parts.short.usd
  const counted = coverage.reasons.filter((reason) => !reason.includes('unknown dollar value'))
  return {
    window,
    scope: scopeOf(filter, kinds),
    filter,
    bound: coverage.bound,
    countBound: counted.length > 0 ? '≥' : '=',
    usd: whole?.usd ?? 0,
    events: whole?.events ?? 0,
    unpriced: whole?.unpriced ?? 0,
    accounts: whole && whole.accountEvents > 0 ? whole.accounts : undefined,
    accountsComplete: whole !== undefined && whole.accountEvents === whole.events,
    ...parts,
    longShare: known > 0 ? parts.long.usd / known : undefined,
    largest,
    groups: groups.map((row) => groupOf(row, whole?.usd ?? 0, window, coverage)),
    coverage,
    method: methodOf(kinds),
  }
}

/** The name of how dollars were summed. */
export function methodOf(kinds: readonly string[]): string {
  const methods = [
    ...(kinds.includes('perp') ? ['sum-notional v1'] : []),
    ...(kinds.includes('loan') ? ['sum-by-repaid v1'] : []),
  ]
  return methods.join(' + ') || 'sum v1'
}

/** One point of a series. */
export function pointOf(row: AggregateRow, key: 'minute' | 'hour' | 'day'): SeriesPoint {
  return {
    time: row.keys[key] as SeriesPoint['time'],
    usd: row.usd,
    events: row.events,
    unpriced: row.unpriced,
    ...partsOf(row),
  }
}

function partsOf(row: AggregateRow | undefined): { long: Part; short: Part; unknownSide: Part } {
  if (!row) return { long: { usd: 0, events: 0 }, short: { usd: 0, events: 0 }, unknownSide: { usd: 0, events: 0 } }
  const rest = row.usd - row.longUsd - row.shortUsd
  const unknownEvents = row.events - row.longEvents - row.shortEvents
  return {
    long: { usd: row.longUsd, events: row.longEvents },
    short: { usd: row.shortUsd, events: row.shortEvents },
    // Sums of dollars differ in their last bits; a side that nobody is on has none.
    unknownSide: { usd: unknownEvents === 0 ? 0 : Math.max(0, rest), events: unknownEvents },
  }
}

function groupOf(row: AggregateRow, whole: number, window: Window, coverage: CoverageSummary): TotalsGroup {
  return {
    keys: row.keys,
    usd: row.usd,
    bound: boundOf(row, window, coverage),
    share: whole > 0 ? row.usd / whole : undefined,
    events: row.events,
    unpriced: row.unpriced,
    accounts: row.accountEvents > 0 ? row.accounts : undefined,
    ...partsOf(row),
    largest: row.largest,
  }
}

/** A group by venue has its venue's bound; any other group may hold a part of every venue, so the whole's bound is its own. */
function boundOf(row: AggregateRow, window: Window, coverage: CoverageSummary): Bound {
  if (row.unpriced > 0) return '≥'
  const venue = row.keys.venue
  if (venue === undefined) return coverage.bound
  return coverage.venues.find((entry) => entry.venue === venue)?.bound ?? policyBound(String(venue), window)
}
