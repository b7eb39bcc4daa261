/** The what-if of loans: what the shocks strike by the rules alone, and, if asked, what then happens on the market with feedback. */
import {
  type LendingBook,
  type LendingBooks,
  type LendingShock,
  type SourceCard,
  shockSentence,
  shockText,
  sourceCard,
} from '../../analytics/index.ts'
import {
  type CoreOutcome,
  impactOf,
  type MonteCarloPlan,
  monteCarloPlan,
  runMarket,
  type ScenarioSummary,
  scenarioSummary,
  stressCore,
} from '../../sim/index.ts'
import { type LoanLevel, loanLevels, priceOfCoin } from './loan-levels.ts'
import { loanMarket, type MarketTerms } from './loan-market.ts'
import type { StressQuestion } from './question.ts'
import { checkShocks, nextLoans, type ShockedLoan, shockedLoans } from './shocked.ts'
import type { Watched } from './watched.ts'

/** Sums over loans, dollars at the shocked prices. `badDebt`: what no collateral covers, before any liquidation. */
export type Struck = {
  readonly accounts: number
  readonly collateral: number
  readonly debt: number
  readonly badDebt: number
}

/** A loan that is named. */
export type StruckLoan = {
  readonly protocol: string
  readonly account: string
  readonly target: string
  readonly healthFactor: number | undefined
  readonly collateral: number
  readonly debt: number
  readonly before: boolean
}

/** What shocks strike at once: in all, by mechanism, and the largest loans by name. */
export type Strike = Struck & {
  readonly shocks: readonly { readonly shock: string; readonly sentence: string }[]
  readonly byMechanism: readonly (Struck & { readonly protocol: string })[]
  readonly listed: readonly StruckLoan[]
}

/** One shocked coin's cascade as a fixed point of its price; `pricedAs`: the coin whose price stands for it, where the book does not price it itself. */
export type CoinCascade = CoreOutcome & { readonly coin: string; readonly pricedAs: string }

/** What happens with feedback: each shocked coin's fixed point, and the market run by every protocol's own rules. */
export type LoanCascade = {
  readonly coins: readonly CoinCascade[]
  readonly market: Omit<ScenarioSummary, 'name'>
}

/** The answer about loans. */
export type LoanStress = {
  readonly book: 'loans'
  readonly kind: 'simulated'
  readonly source: SourceCard
  readonly loans: number
  readonly unjudged: number
  readonly strike: Strike
  readonly compare: (Strike & { readonly ratio: number | undefined }) | undefined
  readonly next: readonly (StruckLoan & { readonly further: number })[]
  readonly cascade: LoanCascade | undefined
  readonly assumed: readonly string[]
}

/** Answers. Stopped while its market runs, it says so of the market. Throws as the shocks and the market do. */
export function loanStress(
  { source, books }: LendingBooks,
  question: StressQuestion,
  watched?: Watched | undefined,
): LoanStress {
  const { shocks, compare, limit, cascade, assumed } = question
  checkNames(books, question)
  const seen = shockedLoans(books, shocks)
  const strike = strikeOf(seen.loans, shocks, limit)
  const other = compare && strikeOf(shockedLoans(books, compare).loans, compare, limit)
  return {
    ...{ book: 'loans', kind: 'simulated', source: sourceCard(source), strike },
    ...{ loans: seen.loans.length + seen.unjudged, unjudged: seen.unjudged },
    compare: other && { ...other, ratio: strike.debt > 0 ? other.debt / strike.debt : undefined },
    next: (limit === 0 ? [] : nextLoans(seen, shocks, limit)).map(({ loan, further }) => ({
      ...namedLoan(loan),
      further,
    })),
    cascade: cascade ? loanCascade(books, question, watched) : undefined,
    assumed: [...question.said, ...(cascade || question.paths ? assumed : [])],
  }
}

function checkNames(books: readonly LendingBook[], { shocks, compare = [], depthCoins }: StressQuestion): void {
  const named = depthCoins.map((asset) => ({ kind: 'market', asset, move: -0.01 }) as const)
  checkShocks(books, [...shocks, ...compare, ...named])
}

/** Only what the shocks strike at once. */
export function loanStrike(books: readonly LendingBook[], question: StressQuestion): Strike {
  checkNames(books, question)
  return strikeOf(shockedLoans(books, question.shocks).loans, question.shocks, question.limit)
}

/** Only the fixed point of each shocked coin's price. */
export function loanCoins(books: readonly LendingBook[], question: StressQuestion): readonly CoinCascade[] {
  checkNames(books, question)
  return coinLevels(books, question.shocks, question.market).map(coreOf)
}

function strikeOf(loans: readonly ShockedLoan[], shocks: readonly LendingShock[], limit: number): Strike {
  const struck = loans.filter(({ health }) => health.liquidatable)
  const protocols = [...new Set(struck.map(({ book }) => book.protocol))].sort()
  return {
    shocks: shocks.map((one) => ({ shock: shockText(one), sentence: shockSentence(one) })),
    ...sumsOf(struck),
    byMechanism: protocols.map((protocol) => ({
      protocol,
      ...sumsOf(struck.filter(({ book }) => book.protocol === protocol)),
    })),
    listed: [...struck]
      .sort((a, b) => b.debt - a.debt)
      .slice(0, limit)
      .map(namedLoan),
  }
}

function sumsOf(loans: readonly ShockedLoan[]): Struck {
  const sum = (key: 'collateral' | 'debt' | 'badDebt') => loans.reduce((total, one) => total + one[key], 0)
  return { accounts: loans.length, collateral: sum('collateral'), debt: sum('debt'), badDebt: sum('badDebt') }
}

/** A loan by its names and figures. */
export function namedLoan({ book, target, factor, collateral, debt, before }: ShockedLoan): StruckLoan {
  const healthFactor = Number.isFinite(factor) ? factor : undefined
  return { protocol: book.protocol, account: book.account(target), target, healthFactor, collateral, debt, before }
}

function loanCascade(
  books: readonly LendingBook[],
  { shocks, market, seed }: StressQuestion,
  watched: Watched | undefined,
): LoanCascade {
  const plan = loanMarket(books, shocks, market)
  const coins = coinLevels(books, shocks, market).map(coreOf)
  const run = runMarket(plan, (step) => {
    watched?.at?.('steps', step, market.steps)
    // The first step is always done: before it there is no market to tell of.
    return step === 0 || (watched?.goOn() ?? true)
  })
  const { name: _none, ...summary } = scenarioSummary({ name: '', seed, steps: market.steps }, plan, run)
  return { coins, market: summary }
}

type CoinLevels = {
  readonly coin: string
  readonly shock: Exclude<LendingShock, { kind: 'feed' }>
  readonly start: number
  readonly pricedAs: string
  readonly levels: readonly LoanLevel[]
  readonly impact: ReturnType<typeof impactOf>
}

/** Levels of every shocked coin, with what its market bears. */
function coinLevels(
  books: readonly LendingBook[],
  shocks: readonly LendingShock[],
  terms: MarketTerms,
): readonly CoinLevels[] {
  return shocks.flatMap((shock) => {
    if (shock.kind === 'feed') return []
    const { price: start, pricedAs } = priceOfCoin(books, shock.asset)
    const impact = impactOf({ kind: 'two-percent', usd: terms.depthUsd(shock.asset) * terms.depth }, start)
    return [{ coin: shock.asset, pricedAs, shock, start, levels: loanLevels(books, shock, start), impact }]
  })
}

function coreOf({ coin, pricedAs, shock, start, levels, impact }: CoinLevels): CoinCascade {
  return { coin, pricedAs, ...stressCore({ start, external: start * (1 + shock.move), levels, impact }) }
}

/** A coin's paths to follow. */
export type CoinPaths = { readonly coin: string; readonly plan: MonteCarloPlan }

/** A plan of paths for each shocked coin: the shock at once, then chance. */
export function loanPaths(
  books: readonly LendingBook[],
  { shocks, market, paths, seed }: StressQuestion,
): readonly CoinPaths[] {
  if (!paths) return []
  return coinLevels(books, shocks, market).map(({ coin, shock, start, levels, impact }) => ({
    coin,
    plan: monteCarloPlan({ ...pathTerms(market, paths, seed), levels, impact, start, shock: shock.move }),
  }))
}

/** What paths of any book share: steps of a minute, or as many as 100,000 cover the days. */
export function pathTerms(
  { halfLife, permanent }: MarketTerms,
  paths: NonNullable<StressQuestion['paths']>,
  seed: string,
) {
  const seconds = Math.max(60, Math.ceil((paths.days * 86_400) / 100_000))
  const { volatility, drift, jumps, days } = paths
  return {
    ...{ halfLife, permanent, seconds, seed, volatility, drift, jumps, paths: paths.paths },
    steps: Math.max(1, Math.round((days * 86_400) / seconds)),
  }
}
