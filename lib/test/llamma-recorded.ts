/**
 * Histories of LLAMMA as its contracts lived them, kept in `recorded/llamma.json`: the market's terms, every action with its time and price, the contract's
 * outcome in clear, and marks of its answers to every reading. Written by the live suite, replayed here through our mechanism.
 */
import { type LlammaAction, type LlammaMarket, type LlammaTerms, llamma, llammaRules } from '../mechanisms/index.ts'
import type { FeedAnswer, Moment, UnixSeconds } from '../model/index.ts'
import {
  kindsOf,
  type LlammaOutcome,
  marksOf,
  openingMarket,
  outcomeDifferences,
  ownOutcome,
  readingsOf,
} from './llamma-readings.ts'

/** One step: unix seconds, the outside price (18 decimals), what was tried, what came of it, a letter for each kind of reading, a mark of all. */
export type RecordedStep = {
  readonly time: number
  readonly price: bigint
  readonly action: LlammaAction
  readonly outcome: LlammaOutcome
  readonly letters: string
  readonly mark: string
}

/** A market and what happened in it. */
export type RecordedHistory = {
  readonly name: string
  readonly terms: LlammaTerms
  readonly made: bigint
  readonly steps: readonly RecordedStep[]
}

/** The id of the one market. */
const MARKET = 'coin'

/** The file's text: a line for each step, whole numbers of the contracts as text. */
export function writeHistories(histories: readonly RecordedHistory[]): string {
  const text = (value: unknown) => JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? String(one) : one))
  const parts = histories.map(({ name, terms, made, steps }) => {
    const lines = steps.map(({ time, price, action: { market: _market, ...action }, outcome, letters, mark }) =>
      text([time, price, action, outcome, letters, mark]),
    )
    return `{"name":${text(name)},"made":${text(made)},"terms":${text(terms)},"steps":[\n${lines.join(',\n')}\n]}`
  })
  return `[\n${parts.join(',\n')}\n]\n`
}

type Line = readonly [number, string, Record<string, unknown>, string | Record<string, string>, string, string]

/** What {@link writeHistories} wrote. */
export function readHistories(text: string): readonly RecordedHistory[] {
  const rows = JSON.parse(text) as { name: string; made: string; terms: unknown; steps: readonly Line[] }[]
  return rows.map(({ name, made, terms, steps }) => ({
    ...{ name, made: BigInt(made), terms: whole(terms) as LlammaTerms },
    steps: steps.map(([time, price, action, outcome, letters, mark]) => ({
      ...{ time, price: BigInt(price), action: { ...(whole(action) as LlammaAction), market: MARKET } },
      ...{ outcome: typeof outcome === 'string' ? outcome : (whole(outcome) as Record<string, bigint>), letters, mark },
    })),
  }))
}

/** Text of digits as the whole number it is. */
function whole(value: unknown): unknown {
  if (typeof value === 'string') return /^-?\d+$/.test(value) ? BigInt(value) : value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, whole(one)]))
}

/** What a replay saw: the first differing step's differences, and how often each corner of the rules was reached. */
export type Replayed = {
  readonly steps: number
  readonly differences: readonly string[]
  readonly corners: ReadonlyMap<Corner, number>
}

/** Replays a history through our mechanism, or one that was spoiled on purpose. */
export function replay(history: RecordedHistory, apply = llamma.apply): Replayed {
  const state = { markets: new Map([[MARKET, openingMarket(history.terms, history.made)]]) }
  const corners = new Map<Corner, number>()
  for (const [index, step] of history.steps.entries()) {
    const at: Moment = { time: step.time as UnixSeconds, price: () => step.price as FeedAnswer }
    const before = structuredClone(state.markets.get(MARKET)) as LlammaMarket
    const done = apply(state, step.action, at)
    const after = state.markets.get(MARKET) as LlammaMarket
    const ours = ownOutcome(done, after)
    const wrong = [
      ...outcomeDifferences(step.action, ours, step.outcome),
      ...readingDifferences(step, after, at, index),
    ]
    if (wrong.length > 0) {
      const place = `${history.name}, step ${index} (${step.action.do})`
      return { steps: index, differences: wrong.map((one) => `${place}: ${one}`), corners }
    }
    if (typeof ours !== 'string')
      for (const corner of cornersOf(step.action, { before, after, at, moved: ours }))
        corners.set(corner, (corners.get(corner) ?? 0) + 1)
  }
  return { steps: history.steps.length, differences: [], corners }
}

/** Nothing where no marks are kept; else the first kind of reading whose letter differs; where the letters agree by chance, the mark still tells. */
function readingDifferences({ letters, mark }: RecordedStep, market: LlammaMarket, at: Moment, step: number): string[] {
  if (mark === '') return []
  const readings = readingsOf(market, at, step)
  const marks = marksOf(
    readings,
    readings.map(({ ours }) => ours),
  )
  if (marks.mark === mark) return []
  const kinds = kindsOf(readings)
  const first = [...marks.letters].findIndex((letter, index) => letter !== letters[index])
  if (letters.length !== marks.letters.length || first < 0)
    return [`${kinds.length} readings differ from the contract's`]
  return [`the first reading that differs: ${kinds[first]}`]
}

/** Corners of the rules that recorded histories must reach. */
export const CORNERS = [
  ...['soft liquidation', 'conversion back', 'hard liquidation', 'partial liquidation', 'exactly out', 'skipped bands'],
  ...['bands below zero', '4 bands', '50 bands', '8 decimals', '6 decimals of stablecoin', 'limited price'],
  ...['fee of a moving price', 'moving average', 'semi-logarithmic rate', 'aggregate rate', 'fees collected'],
] as const

/** One of them. */
export type Corner = (typeof CORNERS)[number]

type Seen = {
  readonly before: LlammaMarket
  readonly after: LlammaMarket
  readonly at: Moment
  readonly moved: Readonly<Record<string, bigint>>
}

function cornersOf(action: LlammaAction, seen: Seen): readonly Corner[] {
  const { before, after, at, moved } = seen
  const found: Corner[] = []
  const note = (corner: Corner, reached: boolean) => reached && found.push(corner)
  if (action.do === 'exchange' && (moved['bought'] ?? 0n) > 0n) {
    const pump = action.sell === 'borrowed'
    const { price, fee } = llammaRules.oraclePrice(before, at)
    note('soft liquidation', pump)
    note('conversion back', !pump)
    note('exactly out', action.exact === 'out')
    note('skipped bands', emptyBetween(before, after.activeBand))
    note('limited price', price !== llammaRules.outsidePrice(before, at))
    note('fee of a moving price', fee > before.fee)
    note('moving average', before.oracle.kind === 'ema')
    note('8 decimals', before.collateralPrecision === 10n ** 10n)
    note('6 decimals of stablecoin', before.borrowedPrecision === 10n ** 12n)
  }
  if (action.do === 'liquidate') {
    const whole = action.fraction === undefined || action.fraction >= llammaRules.WAD
    const others = action.by !== action.account
    note('hard liquidation', whole && others)
    note('partial liquidation', !whole && others)
  }
  if (action.do === 'create') {
    note('bands below zero', (moved['n1'] ?? 0n) < 0n)
    note('4 bands', action.bands === 4)
    note('50 bands', action.bands === 50)
    note('skipped bands', before.activeBand !== after.activeBand)
  }
  note('fees collected', action.do === 'collect-fees' && (moved['interest'] ?? 0n) > 0n)
  note('semi-logarithmic rate', before.policy.kind === 'semilog' && after.rate !== before.rate)
  note('aggregate rate', before.policy.kind === 'aggregate' && after.rate !== before.rate)
  return found
}

/** True when an exchange went over a band that held nothing. */
function emptyBetween(market: LlammaMarket, to: number): boolean {
  const step = Math.sign(to - market.activeBand)
  for (let band = market.activeBand + step; step !== 0 && band !== to; band += step)
    if (llammaRules.xOf(market, band) === 0n && llammaRules.yOf(market, band) === 0n) return true
  return false
}
