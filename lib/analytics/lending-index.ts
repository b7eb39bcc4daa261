/**
 * A ladder for a price that is being dragged: every loan looked at three times, then a rung is a few searches in a sorted index, however many loans
 * there are. A screen in float64: a loan within 1e-9 of the boundary (a basis point where the rule rounds an average threshold: Aave up to v3.4) may
 * stand on either side. Loans that are no straight line in the shock's factor
 * are asked of the mechanism itself at every rung.
 */
import { killIndex, type ShockLines, shockLines } from '../kernels/index.ts'
import { breakwaterError, type Health } from '../model/index.ts'
import { type LadderRow, type LoanBook, screenedLoans } from './lending-ladder.ts'
import { healthUnder, type LendingShock, shockedMoment, shockSentence, withMove } from './lending-shock.ts'

/** An index for one kind of shock: `curved` loans take the slow way, `unjudged` ones have no health now. */
export type LadderIndex = {
  readonly sentence: string
  readonly loans: number
  readonly curved: number
  readonly unjudged: number
  /** The rung at a drop in percent, above 0 and below 100. Refuses `bad-shock` for another. */
  readonly rung: (drop: number) => LadderRow
}

/** Factors of the shocked prices at which a loan is looked at: two make the line, the third tries it. */
const NOW = 1
const HALF = 0.5
const TRIED = 0.75
/** How far the line may be off there: relative, and in the mechanism's units (integers round). */
const SLACK = { relative: 1e-9, units: 8 }

/** Builds the index of a shock's kind over books; the shock's own move does not matter. Refuses as the shock does. */
export function ladderIndex(books: readonly LoanBook[], shock: LendingShock): LadderIndex {
  const straight: Line[] = []
  const curved: LoanBook[] = []
  let unjudged = 0
  for (const book of books) {
    const { lines, targets, lost } = linesOf(book, shock)
    for (const line of lines) straight.push(line)
    if (targets.length > 0) curved.push({ ...book, targets })
    unjudged += lost
  }
  const index = killIndex(columnsOf(straight))
  const screens = curved.map(screenedLoans)
  const slow = curved.reduce((sum, { targets = [] }) => sum + targets.length, 0)
  return {
    ...{ sentence: shockSentence(shock), loans: straight.length + slow, curved: slow, unjudged },
    rung(drop) {
      if (!(drop > 0 && drop < 100)) throw breakwaterError('bad-shock', `a drop of ${drop} % is none`, { drop })
      const found = index.at(1 - drop / 100)
      const row = {
        drop,
        accounts: found.loans,
        collateral: found.collateral,
        debt: found.debt,
        badDebt: found.badDebt,
      }
      for (const loan of screens.flatMap((one) => one.broken(withMove(shock, -drop / 100), {}))) {
        row.accounts += 1
        row.collateral += loan.collateral
        row.debt += loan.debt
        row.badDebt += loan.badDebt
      }
      return row
    },
  }
}

/** A loan at factor x: each pair is the value at x = 0 and what a factor of 1 adds, in units of worth. */
type Line = Readonly<Record<'backing' | 'required' | 'collateral', readonly [number, number]>>

function linesOf(book: LoanBook, shock: LendingShock): { lines: Line[]; targets: string[]; lost: number } {
  const { mechanism, state, at, map, worth } = book
  const moments = [NOW, HALF, TRIED].map((factor) => shockedMoment(at, withMove(shock, factor - 1), map))
  const lines: Line[] = []
  const targets: string[] = []
  let lost = 0
  for (const target of book.targets ?? mechanism.targets(state)) {
    if (!mechanism.assess(state, target, at)) {
      lost++
      continue
    }
    const seen = moments.map((moment) =>
      [moment.collateral, moment.debt].every((one) => mechanism.assess(state, target, one))
        ? valuesOf(healthUnder(mechanism, state, target, moment), worth?.(target, moment.debt) ?? 1)
        : undefined,
    )
    const line = lineOf(seen)
    if (line) lines.push(line)
    else targets.push(target)
  }
  return { lines, targets, lost }
}

type Values = Readonly<Record<'backing' | 'required' | 'collateral' | 'unit', number>>

function valuesOf({ backing, required, equity }: Health, unit: number): Values {
  return {
    ...{ backing: Number(backing) * unit, required: Number(required) * unit, unit },
    collateral: Number(equity + required) * unit,
  }
}

function lineOf([now, half, tried]: readonly (Values | undefined)[]): Line | undefined {
  if (!now || !half || !tried) return undefined
  const through = (key: keyof Line): readonly [number, number] | undefined => {
    const slope = (now[key] - half[key]) / (NOW - HALF)
    const fixed = now[key] - slope
    const off = Math.abs(fixed + slope * TRIED - tried[key])
    return off <= SLACK.relative * now[key] + SLACK.units * now.unit ? [fixed, slope] : undefined
  }
  const [backing, required, collateral] = [through('backing'), through('required'), through('collateral')]
  return backing && required && collateral && { backing, required, collateral }
}

function columnsOf(lines: readonly Line[]): ShockLines {
  const columns = shockLines(lines.length)
  lines.forEach(({ backing, required, collateral }, loan) => {
    columns.backing[loan] = backing[0]
    columns.backingSlope[loan] = backing[1]
    columns.required[loan] = required[0]
    columns.requiredSlope[loan] = required[1]
    columns.collateral[loan] = collateral[0]
    columns.collateralSlope[loan] = collateral[1]
  })
  return columns
}
