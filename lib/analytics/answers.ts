/** The answers: what a total, a record, a report and a coverage table look like, for CLI, API, terminal and library alike. */
import type { MarketEvent, Side, Source, UnixMs } from '../model/index.ts'
import type { Policy } from '../venues/index.ts'
import type { Filter, GroupKey } from './question.ts'

/** `=` everything there was; `≥` a lower bound: throttled feeds, gaps, unpriced events or venues without a feed. */
export type Bound = '=' | '≥'

/** A half-open span of venue time, ms. */
export type Window = { readonly from: UnixMs; readonly to: UnixMs }

/** A number of events and their dollars. */
export type Part = { readonly usd: number; readonly events: number }

/** One group of a breakdown. `share` is its part of the known dollars of the whole, 0..1. */
export type TotalsGroup = {
  readonly keys: Readonly<Partial<Record<GroupKey, string | number>>>
  readonly usd: number
  readonly bound: Bound
  readonly share: number | undefined
  readonly events: number
  readonly unpriced: number
  readonly accounts: number | undefined
  readonly long: Part
  readonly short: Part
  readonly unknownSide: Part
  readonly largest: { readonly id: string; readonly usd: number } | undefined
}

/** A total over a window, never without its scope, its bound and its coverage. Dollars are float64. */
export type Totals = {
  readonly window: Window
  /** In words: which venues, kinds, coins; printed wherever the number is. */
  readonly scope: string
  readonly filter: Filter
  /** Of the dollars. */
  readonly bound: Bound
  /** Of the counts: unpriced events are counted, so they do not make a count a lower bound. */
  readonly countBound: Bound
  readonly usd: number
  readonly events: number
  readonly unpriced: number
  /** Distinct accounts where events carry ids; `undefined` where none does. `accountsComplete`: every event carried one. */
  readonly accounts: number | undefined
  readonly accountsComplete: boolean
  readonly long: Part
  readonly short: Part
  readonly unknownSide: Part
  /** Long dollars / (long + short dollars); `undefined` where no side is known, as for loans. */
  readonly longShare: number | undefined
  readonly largest: MarketEvent | undefined
  readonly groups: readonly TotalsGroup[]
  readonly coverage: CoverageSummary
  /** `sum-by-repaid v1` (loans), `sum-notional v1` (perps) or both joined by `+`. */
  readonly method: string
}

/** One point of a series: a UTC minute, hour or day. */
export type SeriesPoint = {
  readonly time: UnixMs
  readonly usd: number
  readonly events: number
  readonly unpriced: number
  readonly long: Part
  readonly short: Part
  readonly unknownSide: Part
}

/** Deaf time of one venue inside a window. `share` = heard time / window, 0..1. */
export type VenueCoverage = {
  readonly venue: string
  readonly name: string
  readonly policy: Policy
  readonly since: string | undefined
  readonly bound: Bound
  readonly share: number
  readonly gaps: readonly {
    readonly from: UnixMs
    readonly to: UnixMs
    readonly why: string
    readonly lost?: number | undefined
  }[]
  readonly events: number
  readonly sources: readonly Source[]
  readonly lastEvent: UnixMs | undefined
  readonly accounts: boolean
  readonly page: string
  readonly note: string | undefined
}

/** Coverage of a whole total: venue-time heard / venue-time asked for, over the venues that were listened to. */
export type CoverageSummary = {
  readonly share: number
  readonly bound: Bound
  readonly venues: readonly VenueCoverage[]
  /** Venues heard in the window whose feed is silent or deaf at its end. */
  readonly silent: readonly string[]
  /** Venues that publish no liquidations at all: not estimated. */
  readonly without: readonly string[]
  /** Why the bound is `≥`, one sentence each; empty for `=`. */
  readonly reasons: readonly string[]
}

/** One day of the record book. Ranks count days with events in scope; 1 = the worst. */
export type DayRecord = {
  readonly day: string
  readonly usd: number
  readonly bound: Bound
  readonly events: number
  readonly unpriced: number
  readonly accounts: number | undefined
  readonly largest: { readonly id?: string | undefined; readonly usd: number } | undefined
  readonly rank: number
  readonly ofDays: number
  /** The last earlier day that was at least as bad, with its dollars; `undefined`: the worst since the record begins. */
  readonly worstSince: { readonly day: string; readonly usd: number } | undefined
  /** The greatest earlier day, and this day's multiple of it. */
  readonly previousRecord: { readonly day: string; readonly usd: number; readonly multiple: number } | undefined
  /** Multiples of the mean and the median of the `days` days before (days without events count as 0); `undefined` without history. */
  readonly versus:
    | {
        readonly days: number
        readonly mean: number
        readonly median: number
        readonly meanMultiple: number | undefined
        readonly medianMultiple: number | undefined
      }
    | undefined
}

/** The record book of one scope. */
export type Records = {
  readonly scope: string
  readonly filter: Filter
  readonly begins: string | undefined
  readonly ends: string | undefined
  readonly daysWithEvents: number
  readonly days: readonly DayRecord[]
  readonly method: string
}

/** One receipt: the question or rows a sentence stands on. `command` reproduces it; `value` is what it gave. */
export type ReceiptLine = {
  readonly id: number
  readonly says: string
  readonly query: string
  readonly command: string
  readonly value: string
}

/** One sentence and the receipts it stands on (never none). */
export type Sentence = { readonly text: string; readonly receipts: readonly number[] }

/** The article of a day or window. */
export type Report = {
  readonly window: Window
  readonly scope: string
  readonly source: Source | 'mixed'
  readonly headline: string
  readonly sentences: readonly Sentence[]
  readonly receipts: readonly ReceiptLine[]
  readonly totals: Totals
  readonly record: DayRecord | undefined
  readonly markdown: string
}

/** Where an answer comes from; goes with every answer, on every door. */
export type Provenance = {
  readonly sources: readonly Source[]
  /** `reported`: what feeds said; `computed`: worked out from rules and the values asked about. */
  readonly kind: 'reported' | 'computed'
  readonly method: string
  readonly asOf: string
  readonly coverage: number
  readonly bound: Bound
  readonly silent: readonly string[]
  /** The command line that gives the same answer, and sha-256 of the canonical text of `data`. */
  readonly command: string
  readonly hash: string
}

/** Every answer of every door. */
export type Answer<T> = { readonly data: T; readonly provenance: Provenance }

/** A side in words, always with what it means for the market. */
export const SIDE_WORDS: Readonly<Record<Side | 'unknown', string>> = {
  long: 'long liquidated (sold)',
  short: 'short liquidated (bought)',
  unknown: 'side unknown',
}
