/** What the profiles are put together from: brackets with their deductions, sources, and rules that several venues share. */
import type { Certainty, FundingRule, ProfileMarket, RuleFamily, RuleSource, TierTable } from '../perp/profile.ts'
import { checkTierTable, deductionsOf } from '../perp/tiers.ts'

/** Brackets as venues print them: floor of notional, maintenance rate (fraction), largest leverage. Deductions follow. */
export function brackets(
  rows: readonly (readonly [floor: number, rate: number, maxLeverage: number])[],
  ceiling: number,
  { unit = 'quote', boundary = 'higher', wholeRate }: Partial<Pick<TierTable, 'unit' | 'boundary' | 'wholeRate'>> = {},
): TierTable {
  const deductions = deductionsOf(rows.map(([floor, rate]) => [floor, rate]))
  const tiers = rows.map(([floor, rate, maxLeverage], at) => ({
    floor,
    rate,
    deduction: wholeRate ? 0 : (deductions[at] as number),
    maxLeverage,
  }))
  return checkTierTable({ tiers, unit, boundary, ceiling, ...(wholeRate ? { wholeRate } : {}) })
}

/** A market with brackets. */
export function market(
  names: readonly [symbol: string, coin: string, quote: string, settle: string],
  [contractSize, tickSize, lotSize]: readonly [number, number, number],
  table: TierTable,
  of: Pick<ProfileMarket, 'asOf' | 'source'>,
): ProfileMarket {
  const [symbol, coin, quote, settle] = names
  const payoff = settle === coin ? 'inverse' : 'linear'
  return {
    symbol,
    coin,
    quote,
    settle,
    payoff,
    contractSize,
    tickSize,
    lotSize,
    maintenance: { kind: 'tiers', table },
    ...of,
  }
}

/** A source of some families of rules. */
export function source(
  what: string,
  rules: readonly RuleFamily[],
  url: string,
  date: string,
  certainty: Certainty = 'source',
): RuleSource {
  return { what, rules, url, date, certainty }
}

/** The day on which the sources were last gone through: that of every page that carries no date of its own. */
export const READ = '2026-11-21'

/** Interest of 0.01 % and a clamp of 0.05 % per 8 h: the terms that most venues took from BitMEX. */
export const COMMON_FUNDING = { interest: 0.0001, clamp: 0.0005 } as const satisfies Partial<FundingRule>

/** Note of venues of which only the lowest bracket was found. */
export const LOWEST_ONLY =
  'Only the lowest bracket is known here: a larger position is refused. Give the venue’s table of the day with --tiers.'
