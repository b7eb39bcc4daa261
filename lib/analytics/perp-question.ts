/** A perp position in words (options of the command line, parameters of the API), read into a question; every refusal names the word and its value. */
import {
  checkTierTable,
  deductionsOf,
  type MarginMode,
  marketOf,
  type PerpProfile,
  type ProfileMarket,
  perpProfile,
  profileOfVenue,
  type TierTable,
  type Walk,
} from '../mechanisms/index.ts'
import { breakwaterError, fixedToNumber, parseFixed } from '../model/index.ts'
import { fundingPerDay, marginOf, type PositionQuestion } from './perp-position.ts'

/** Parameters in text. */
export type PositionParams = Readonly<Record<string, string | undefined>>

const DECIMALS = 18
const MODES: readonly MarginMode[] = ['isolated', 'cross', 'unified']

/**
 * Reads `venue` (a profile id, or binance, bybit … with the contract told by the symbol), `symbol`, `side`, `size`, `entry`, `leverage`; optional
 * `mark` (the entry), `mode` (the venue's first), `extra` or `margin`, `funding` (per interval, a fraction or with %), `days`, `on` (a day: the
 * rules of then). Throws `bad-query`, `bad-number`, `bad-position`, `over-leverage`, `not-found`.
 */
export function positionQuestion(params: PositionParams, tiers?: TierTable): PositionQuestion {
  const found = marketFor(params)
  const { profile } = found
  const market = tiers === undefined ? found.market : withTiers(found.market, tiers)
  const side = oneOf('side', need(params, 'side').toLowerCase(), ['long', 'short'] as const)
  const mode =
    params.mode === undefined ? (profile.modes[0] as MarginMode) : oneOf('mode', params.mode.toLowerCase(), MODES)
  const entryPrice = number('entry', need(params, 'entry'))
  const position = { side, size: number('size', need(params, 'size')), entryPrice }
  const question: PositionQuestion = {
    profile,
    market,
    position,
    mark: params.mark === undefined ? entryPrice : number('mark', params.mark),
    leverage: number('leverage', need(params, 'leverage').replace(/x$/i, '')),
    mode,
    extra: params.extra === undefined ? 0 : number('extra', params.extra),
    fundingRate: params.funding === undefined ? 0 : fraction('funding', params.funding),
    days: params.days === undefined ? 0 : number('days', params.days),
  }
  if (params.margin === undefined) return question
  if (params.extra !== undefined)
    throw breakwaterError(
      'bad-query',
      'margin is the whole of it, and extra what comes on top of the initial margin: give one of them',
    )
  const paid = fundingPerDay(question) * question.days
  return { ...question, extra: number('margin', params.margin) - (marginOf(question) + paid) }
}

function marketFor(params: PositionParams): { readonly profile: PerpProfile; readonly market: ProfileMarket } {
  const venue = need(params, 'venue').toLowerCase()
  const symbol = need(params, 'symbol').toUpperCase()
  const profile = profileOfVenue(venue, symbol, params.on) ?? perpProfile(venue, params.on)
  return { profile, market: marketOf(profile, symbol) }
}

function need(params: PositionParams, word: string): string {
  const value = params[word]
  if (value === undefined || value.trim() === '')
    throw breakwaterError(
      'bad-query',
      `${word} is missing`,
      { word },
      { fix: 'Give venue, symbol, side, size, entry and leverage.' },
    )
  return value.trim()
}

function oneOf<T extends string>(word: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value)
  if (found === undefined)
    throw breakwaterError('bad-query', `${word} '${value}' is none of ${allowed.join(', ')}`, { [word]: value })
  return found
}

function number(word: string, text: string): number {
  try {
    return fixedToNumber(parseFixed(text.replaceAll(',', '').replaceAll('_', ''), DECIMALS), DECIMALS)
  } catch {
    throw breakwaterError('bad-number', `${word} '${text.slice(0, 60)}' is no plain decimal number`, {
      [word]: text.slice(0, 60),
    })
  }
}

function fraction(word: string, text: string): number {
  return text.endsWith('%') ? number(word, text.slice(0, -1)) / 100 : number(word, text)
}

/** The market with other brackets: a table of one's own. */
function withTiers(market: ProfileMarket, table: TierTable): ProfileMarket {
  return {
    ...market,
    maintenance: { kind: 'tiers', table: checkTierTable(table) },
    source: 'a table given by the user',
  }
}

/**
 * A tier table as JSON: a list of `{floor, rate, maxLeverage?, deduction?}` or of `[floor, rate, maxLeverage?]`. Missing deductions are those that
 * make the margin continuous, missing leverages 1/rate. Floors count quote (linear) or coin (inverse). Throws `bad-tiers`.
 */
export function parseTierTable(text: string, payoff: 'linear' | 'inverse'): TierTable {
  const rows = rowsOf(text).map(([floor, rate, maxLeverage, deduction], at) => {
    if (typeof floor !== 'number' || typeof rate !== 'number')
      throw breakwaterError('bad-tiers', `bracket ${at + 1} has no numbers floor and rate`, { bracket: at + 1 })
    return { floor, rate, maxLeverage, deduction }
  })
  const deductions = deductionsOf(rows.map(({ floor, rate }) => [floor, rate]))
  return checkTierTable({
    tiers: rows.map(({ floor, rate, maxLeverage, deduction }, at) => ({
      floor,
      rate,
      maxLeverage: maxLeverage ?? 1 / rate,
      deduction: deduction ?? (deductions[at] as number),
    })),
    unit: payoff === 'linear' ? 'quote' : 'coin',
    boundary: 'higher',
    ceiling: Number.POSITIVE_INFINITY,
  })
}

type Row = readonly (number | undefined)[]

/** Brackets as lists in the order floor, rate, largest leverage, deduction. */
function rowsOf(text: string): readonly Row[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw breakwaterError('bad-tiers', `the tier table is no JSON: ${(error as Error).message}`)
  }
  if (!Array.isArray(value) || value.some((row) => typeof row !== 'object' || row === null))
    throw breakwaterError('bad-tiers', 'a tier table is a list of brackets')
  return value.map((row) => (Array.isArray(row) ? row : [row.floor, row.rate, row.maxLeverage, row.deduction]))
}

/**
 * A walk in words beside those of the position: `drop` (how far the mark goes against the position, 50%) or `until` (a price), `stride` (gap
 * between marks), `speed` (move per second), `depth` (part of each order that the book takes), `slippage`, `fund` (money).
 */
export function walkQuestion(params: PositionParams, tiers?: TierTable): Walk {
  const question = positionQuestion(params, tiers)
  const { profile, market, position, mark } = question
  const drop = params.drop === undefined ? 0.5 : fraction('drop', params.drop)
  const sign = position.side === 'long' ? 1 : -1
  return {
    profile,
    market,
    position,
    margin: marginOf(question),
    mark,
    until: params.until === undefined ? mark * (1 - sign * drop) : number('until', params.until),
    stride: params.stride === undefined ? 0 : fraction('stride', params.stride),
    perSecond: params.speed === undefined ? 0.001 : fraction('speed', params.speed),
    depth: params.depth === undefined ? 1 : fraction('depth', params.depth),
    slippage: params.slippage === undefined ? 0.0005 : fraction('slippage', params.slippage),
    fund: params.fund === undefined ? 1_000_000 : number('fund', params.fund),
  }
}
