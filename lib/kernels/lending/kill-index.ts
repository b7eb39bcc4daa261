/**
 * A ladder that is asked while somebody drags a price: each loan's kill factor (the factor of the shocked prices at which it turns) sorted once,
 * with running sums of what the loans have and owe. A rung is two binary searches, however many loans there are.
 */
import { assert } from '../../model/index.ts'

/**
 * Loans as lines in one factor x of the shocked prices, x = 1 now: backing = `backing` + `backingSlope` · x, required likewise, and the unweighted
 * collateral, which decides bad debt. Float64, one unit of value.
 */
export type ShockLines = {
  readonly loans: number
  readonly backing: Float64Array
  readonly backingSlope: Float64Array
  readonly required: Float64Array
  readonly requiredSlope: Float64Array
  readonly collateral: Float64Array
  readonly collateralSlope: Float64Array
}

/** What is liquidatable at a factor: how many loans, their collateral and debt, and the debt beyond collateral of those under water. */
export type ShockRung = {
  readonly loans: number
  readonly collateral: number
  readonly debt: number
  readonly badDebt: number
}

/** The index. `order`: loans that turn when the price falls, the first to turn first; those liquidatable at a factor are its first so many. */
export type KillIndex = {
  at(factor: number): ShockRung
  readonly falling: { readonly order: Int32Array; readonly factors: Float64Array }
}

/** Room for as many lines, all zero: loans that owe nothing. */
export function shockLines(loans: number): ShockLines {
  const column = () => new Float64Array(loans)
  return {
    ...{ loans, backing: column(), backingSlope: column(), required: column(), requiredSlope: column() },
    ...{ collateral: column(), collateralSlope: column() },
  }
}

/** Sorts the lines. They are read once; later changes to them are not seen. */
export function killIndex(lines: ShockLines): KillIndex {
  const { backing, backingSlope, required, requiredSlope, collateral, collateralSlope } = lines
  const broken = turning(lines, backing, backingSlope)
  const drowned = turning(lines, collateral, collateralSlope)
  const [brokenFall, brokenRise] = broken.map((turn) => sums(lines, turn)) as [Sums, Sums]
  const [drownedFall, drownedRise] = drowned.map((turn) => sums(lines, turn)) as [Sums, Sums]
  assert(required.length === requiredSlope.length, 'lines have all their columns')
  return {
    falling: { order: broken[0].order, factors: broken[0].factors },
    at(factor) {
      const [falls, rises] = [reached(brokenFall, factor), reached(brokenRise, -factor)]
      const [under, over] = [reached(drownedFall, factor), reached(drownedRise, -factor)]
      const total = (sums: Sums, count: number, side: 'collateral' | 'debt') =>
        (sums[side][count] as number) + factor * (sums[`${side}Slope`][count] as number)
      const lost = (sums: Sums, count: number) => total(sums, count, 'debt') - total(sums, count, 'collateral')
      return {
        loans: falls + rises,
        collateral: total(brokenFall, falls, 'collateral') + total(brokenRise, rises, 'collateral'),
        debt: total(brokenFall, falls, 'debt') + total(brokenRise, rises, 'debt'),
        badDebt: lost(drownedFall, under) + lost(drownedRise, over),
      }
    },
  }
}

/** Loans that turn, by `sign · factor` descending: reached while the factor is below theirs (falling), or above it (rising, sign −1). */
type Turn = { readonly order: Int32Array; readonly factors: Float64Array }

/** Where `have + haveSlope · x` comes to lie below what is required, as the price falls and as it rises. */
function turning(lines: ShockLines, have: Float64Array, haveSlope: Float64Array): [Turn, Turn] {
  const { loans, required, requiredSlope } = lines
  const keys = new Float64Array(loans)
  const [falls, rises]: [number[], number[]] = [[], []]
  for (let loan = 0; loan < loans; loan++) {
    const slope = (haveSlope[loan] as number) - (requiredSlope[loan] as number)
    const short = (required[loan] as number) - (have[loan] as number)
    if (slope === 0) {
      // No factor changes its verdict: short for good is reached by every fall.
      keys[loan] = Number.POSITIVE_INFINITY
      if (short > 0) falls.push(loan)
    } else if (slope > 0) {
      keys[loan] = short / slope
      if (short > 0) falls.push(loan)
    } else {
      keys[loan] = -(short / slope)
      rises.push(loan)
    }
  }
  return [falls, rises].map((numbers) => {
    const order = Int32Array.from(numbers).sort((a, b) => (keys[b] as number) - (keys[a] as number))
    return { order, factors: Float64Array.from(order, (loan) => keys[loan] as number) }
  }) as [Turn, Turn]
}

/** Factors that the grid covers, either sign, and its cells: a power of two, so that their ends are exact. */
const REACH = 2
const CELLS = 32_768

type Sums = {
  readonly factors: Float64Array
  readonly grid: Int32Array
  readonly collateral: Float64Array
  readonly collateralSlope: Float64Array
  readonly debt: Float64Array
  readonly debtSlope: Float64Array
}

/** Sums over the first so many of an order. */
function sums(lines: ShockLines, { order, factors }: Turn): Sums {
  const running = (column: Float64Array) => {
    const sums = new Float64Array(order.length + 1)
    for (let index = 0; index < order.length; index++)
      sums[index + 1] = (sums[index] as number) + (column[order[index] as number] as number)
    return sums
  }
  return {
    ...{ factors, grid: gridOf(factors) },
    collateral: running(lines.collateral),
    collateralSlope: running(lines.collateralSlope),
    debt: running(lines.required),
    debtSlope: running(lines.requiredSlope),
  }
}

/** How many of the descending factors lie above `factor`: between the counts of the cell's two ends. */
function reached({ factors, grid }: Sums, factor: number): number {
  let [low, high] = [0, factors.length]
  let cell = Math.floor((factor + REACH) * (CELLS / (2 * REACH)))
  // The sum may have been rounded up onto the cell's lower end.
  if (edgeOf(cell) > factor) cell--
  if (cell >= 0 && cell < CELLS) {
    low = grid[cell + 1] as number
    high = grid[cell] as number
  }
  return search(factors, factor, low, high)
}

function search(factors: Float64Array, factor: number, from: number, to: number): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((factors[middle] as number) > factor) low = middle + 1
    else high = middle
  }
  return low
}

const edgeOf = (cell: number) => (cell * 2 * REACH) / CELLS - REACH

/** Counts at the ends of equal cells of −{@link REACH} … {@link REACH}, so that a search starts in a few hundred loans and not in all. */
function gridOf(factors: Float64Array): Int32Array {
  return Int32Array.from({ length: CELLS + 1 }, (_, cell) => search(factors, edgeOf(cell), 0, factors.length))
}
