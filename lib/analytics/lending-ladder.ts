/**
 * What a shock does to sets of loans: who becomes liquidatable, and a ladder of drops with what they have and owe. A float64 line proposes,
 * the mechanism's integers decide: nobody is named or left out by a rounding.
 */
import type { Mechanism } from '../mechanisms/index.ts'
import { breakwaterError, type Exposure, type Health, type Moment } from '../model/index.ts'
import {
  healthUnder,
  type LendingShock,
  type PriceMap,
  type ShockedMoment,
  shockedMoment,
  shockSentence,
  withMove,
} from './lending-shock.ts'

/**
 * Loans of one mechanism: its state, the moment, what the feeds mean, and `worth` = what one of the mechanism's units of value is worth for a
 * target at a moment, so that sums over mechanisms make sense (1e-8 for Aave v3's base currency; 1 when left out). `targets`: all when left out.
 */
export type LoanBook<S = unknown, A = unknown> = {
  readonly mechanism: Mechanism<S, A>
  readonly state: S
  readonly at: Moment
  readonly map: PriceMap
  readonly targets?: readonly string[] | undefined
  readonly worth?: ((target: string, at: Moment) => number) | undefined
}

/** A loan that a shock makes liquidatable; `before`: it is so without the shock already. */
export type BrokenLoan = {
  readonly protocol: string
  readonly target: string
  readonly health: Health
  readonly before: boolean
  /** Collateral, debt and what of the debt no collateral covers, in units of `worth`. */
  readonly collateral: number
  readonly debt: number
  readonly badDebt: number
}

/**
 * A rung: `drop` in percent; loans liquidatable at it, their collateral and debt at the moved prices, and the debt beyond the collateral, before
 * any liquidator or price impact. `debt` is what the rule requires: the debt itself where the rule weights collateral only.
 */
export type LadderRow = {
  readonly drop: number
  readonly accounts: number
  readonly collateral: number
  readonly debt: number
  readonly badDebt: number
}

/** A ladder with the sentence of its question, the number of loans looked at, and those that could not be judged (a price is missing). */
export type Ladder = {
  readonly sentence: string
  readonly loans: number
  readonly unjudged: number
  readonly rows: readonly LadderRow[]
}

/** How to look: without the screen every loan is assessed. */
export type LadderOptions = { readonly screen?: boolean | undefined }

/** The loans that are liquidatable after the shock, in the order of books and targets. Loans without a price are left out; see {@link ladder}. */
export function brokenBy(
  books: readonly LoanBook[],
  shock: LendingShock,
  options: LadderOptions = {},
): readonly BrokenLoan[] {
  return books.flatMap((book) => screenedLoans(book).broken(shock, options))
}

/** One rung a drop (percent, above 0 and below 100), each asked by itself. Refuses `bad-shock` for another drop, `unknown-asset` as the shock does. */
export function ladder(
  books: readonly LoanBook[],
  shock: LendingShock,
  drops: readonly number[],
  options: LadderOptions = {},
): Ladder {
  for (const drop of drops)
    if (!(drop > 0 && drop < 100)) throw breakwaterError('bad-shock', `a drop of ${drop} % is none`, { drop })
  const screens = books.map(screenedLoans)
  const rows = drops.map((drop) => {
    const broken = screens.flatMap((one) => one.broken(withMove(shock, -drop / 100), options))
    const sum = (key: 'collateral' | 'debt' | 'badDebt') => broken.reduce((total, loan) => total + loan[key], 0)
    return { drop, accounts: broken.length, collateral: sum('collateral'), debt: sum('debt'), badDebt: sum('badDebt') }
  })
  return {
    sentence: shockSentence(shock),
    loans: screens.reduce((total, { loans }) => total + loans, 0),
    unjudged: screens.reduce((total, { unjudged }) => total + unjudged, 0),
    rows,
  }
}

/** The same book under two shocks: both sentences, both results, and the second over the first (`undefined` when the first is nothing). */
export type ShockComparison = {
  readonly sentences: readonly [string, string]
  readonly accounts: readonly [number, number]
  readonly debt: readonly [number, number]
  readonly ratio: number | undefined
}

/** Compares two shocks by the debt that becomes liquidatable. */
export function compareShocks(books: readonly LoanBook[], first: LendingShock, second: LendingShock): ShockComparison {
  const [a, b] = [brokenBy(books, first), brokenBy(books, second)]
  const debtOf = (broken: readonly BrokenLoan[]) => broken.reduce((sum, { debt }) => sum + debt, 0)
  const debt = [debtOf(a), debtOf(b)] as const
  return {
    sentences: [shockSentence(first), shockSentence(second)],
    accounts: [a.length, b.length],
    debt,
    ratio: debt[0] > 0 ? debt[1] / debt[0] : undefined,
  }
}

/** Beyond this the line does not decide: relative, and in units of value. Lines agree with the rule to 1e-9 and two units. */
const SLACK = { relative: 1e-6, units: 8 }

type Line = { readonly target: string; readonly line: Exposure | undefined; readonly before: boolean }

/** A book looked at once, so that many shocks can be asked of it: `broken` as {@link brokenBy}. */
export type ScreenedLoans = {
  readonly loans: number
  readonly unjudged: number
  readonly broken: (shock: LendingShock, options: LadderOptions) => readonly BrokenLoan[]
  /** What is liquidatable without any shock. */
  readonly standing: () => readonly BrokenLoan[]
}

/** Looks at a book once. */
export function screenedLoans({ mechanism, state, at, map, targets, worth }: LoanBook): ScreenedLoans {
  const lines: Line[] = []
  let unjudged = 0
  for (const target of targets ?? mechanism.targets(state)) {
    const health = mechanism.assess(state, target, at)
    if (!health) unjudged++
    else lines.push({ target, line: mechanism.exposure?.(state, target, at), before: health.liquidatable })
  }
  const found = (target: string, health: Health, before: boolean, at: Moment): BrokenLoan => {
    const unit = worth?.(target, at) ?? 1
    return {
      ...{ protocol: mechanism.id, target, health, before },
      collateral: Number(health.equity + health.required) * unit,
      debt: Number(health.required) * unit,
      badDebt: health.equity < 0n ? -Number(health.equity) * unit : 0,
    }
  }
  const broken = (shock: LendingShock, { screen = true }: LadderOptions): BrokenLoan[] => {
    const moment = shockedMoment(at, shock, map)
    return lines.flatMap(({ target, line, before }) => {
      if (screen && line && isClearlySafe(line, moment)) return []
      const health = healthUnder(mechanism, state, target, moment)
      return health.liquidatable ? [found(target, health, before, moment.debt)] : []
    })
  }
  const standing = () =>
    lines.flatMap(({ target, before }) => {
      const health = before ? mechanism.assess(state, target, at) : undefined
      return health ? [found(target, health, before, at)] : []
    })
  return { loans: lines.length + unjudged, unjudged, broken, standing }
}

function isClearlySafe({ slopes, constant }: Exposure, { collateral, debt }: ShockedMoment): boolean {
  let { backing, required } = constant
  for (const slope of slopes) {
    if (slope.backing !== 0) backing += slope.backing * Number(collateral.price(slope.feed) ?? Number.NaN)
    if (slope.required !== 0) required += slope.required * Number(debt.price(slope.feed) ?? Number.NaN)
  }
  // NaN is never clearly safe.
  return backing - required > SLACK.relative * required + SLACK.units
}
