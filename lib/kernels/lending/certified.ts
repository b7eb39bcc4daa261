/**
 * The exact health factors again, several times as fast: each whole number is computed as an unevaluated sum of two float64 (about 104 bits), and taken only
 * where the error bound proves that rounding down or up gives the integer that the contract gets. Where it does not (a product that comes out whole, or
 * too close to it; numbers beyond 2^53 in base currency), the loan goes through bigint. The answer is the same integer either way.
 *
 * Products by Dekker (1971); sums by Knuth. Error of a product of two such sums: below 2^-100 of it; 2^-96 is allowed for.
 */
import { EXACT_NO_DEBT, type ExactColumns, type ExactTable, exactHealthFactor } from './exact.ts'

const RAY = 10n ** 27n
/** 2^27 + 1: splits a float64 into two halves whose products are exact. */
const SPLIT = 134_217_729
const ERROR = 2 ** -96
const SAFE = Number.MAX_SAFE_INTEGER
const HALF_PERCENT = 1e4
const WAD_OVER_PERCENT = 1e14
/** Bits that a ratio is shifted up by before it is read as two float64. */
const SHIFT = 240n
const DOWN = 2 ** -240

/** Scaled amounts as two float64 each; amounts of more than 106 bits are named by NaN and go through bigint. */
export type CertifiedColumns = { readonly exact: ExactColumns; readonly high: Float64Array; readonly low: Float64Array }

/** Splits the amounts of columns. */
export function certifiedColumns(exact: ExactColumns): CertifiedColumns {
  const high = new Float64Array(exact.scaled.length)
  const low = new Float64Array(exact.scaled.length)
  exact.scaled.forEach((amount, leg) => {
    const top = Number(amount)
    const rest = amount - BigInt(top)
    const fits = BigInt(Number(rest)) === rest
    high[leg] = fits ? top : Number.NaN
    low[leg] = fits ? Number(rest) : 0
  })
  return { exact, high, low }
}

/** A moment's weights: per weight index / RAY and price / unit as two float64 each, then price, unit and threshold. */
const FIELDS = 7

/** The weights of a moment for the certified kernel. */
export type CertifiedTable = { readonly exact: ExactTable; readonly numbers: Float64Array }

/** Prepares the weights of a moment. */
export function certifiedTable(exact: ExactTable): CertifiedTable {
  const numbers = new Float64Array(FIELDS * exact.prices.length)
  exact.prices.forEach((price, weight) => {
    const unit = exact.units[weight] as bigint
    const ratios = [ratioOf(exact.indices[weight] as bigint, RAY), ratioOf(price, unit)].flat()
    numbers.set([...ratios, Number(price), Number(unit), Number(exact.thresholds[weight])], FIELDS * weight)
  })
  return { exact, numbers }
}

function ratioOf(above: bigint, below: bigint): [number, number] {
  const big = (above << SHIFT) / below
  const top = Number(big)
  return [top * DOWN, Number(big - BigInt(top)) * DOWN]
}

/** Health factors in wad into `out`; returns how many loans went through bigint. */
export function certifiedHealthFactors(columns: CertifiedColumns, table: CertifiedTable, out: bigint[]): number {
  const { starts, middles, weights, loans } = columns.exact
  const { high, low } = columns
  const { numbers } = table
  const pair = new Float64Array(2)
  let unproven = 0
  let leg = 0
  for (let loan = 0; loan < loans; loan++) {
    const middle = middles[loan] as number
    const end = starts[loan + 1] as number
    let sum = 0
    let rest = 0
    let proven = true
    for (; leg < middle; leg++) {
      const at = FIELDS * (weights[leg] as number)
      const value = legValue(high[leg] as number, low[leg] as number, numbers, at, 0, pair)
      product(value, numbers[at + 6] as number, pair)
      // Whole numbers below 2^70: the running sum of two float64 is exact.
      const next = sum + (pair[0] as number)
      const back = next - sum
      rest += sum - (next - back) + ((pair[0] as number) - back) + (pair[1] as number)
      sum = next
      proven = proven && value >= 0
    }
    let owed = 0
    for (; leg < end; leg++) {
      const at = FIELDS * (weights[leg] as number)
      owed += legValue(high[leg] as number, low[leg] as number, numbers, at, 1, pair)
    }
    if (proven && owed > 0 && owed <= SAFE && quotient(sum, rest, owed, pair)) {
      out[loan] = BigInt(pair[0] as number) + BigInt(pair[1] as number)
    } else if (proven && owed === 0) out[loan] = EXACT_NO_DEBT
    else {
      out[loan] = exactHealthFactor(columns.exact, table.exact, loan)
      unproven++
    }
  }
  return unproven
}

/** Value of a leg in base currency, balance and value rounded down (`up` 0) or up (1); NaN where no rounding is proven. */
function legValue(high: number, low: number, numbers: Float64Array, at: number, up: 0 | 1, pair: Float64Array): number {
  let balance = high
  let balanceLow = low
  // An index of exactly one ray leaves the amount as it is.
  if (numbers[at] !== 1 || numbers[at + 1] !== 0) {
    timesRatio(high, low, numbers[at] as number, numbers[at + 1] as number, pair)
    if (!toWhole(pair, up)) return high === 0 ? 0 : Number.NaN
    balance = pair[0] as number
    balanceLow = pair[1] as number
  }
  const price = numbers[at + 4] as number
  const unit = numbers[at + 5] as number
  if (balanceLow === 0 && balance <= SAFE && price <= SAFE && unit <= 1e9)
    return divided(balance, price, unit, up, pair)
  timesRatio(balance, balanceLow, numbers[at + 2] as number, numbers[at + 3] as number, pair)
  if (!toWhole(pair, up)) return balance === 0 ? 0 : Number.NaN
  const value = (pair[0] as number) + (pair[1] as number)
  return value <= SAFE ? value : Number.NaN
}

/** The exact product of two float64 as two. */
function product(a: number, b: number, pair: Float64Array): void {
  const p = a * b
  const ta = SPLIT * a
  const ah = ta - (ta - a)
  const al = a - ah
  const tb = SPLIT * b
  const bh = tb - (tb - b)
  const bl = b - bh
  pair[0] = p
  pair[1] = ah * bh - p + ah * bl + al * bh + al * bl
}

/** (high + low) · (ratio + ratioLow) as two float64, the first the nearest to the sum. */
function timesRatio(high: number, low: number, ratio: number, ratioLow: number, pair: Float64Array): void {
  product(high, ratio, pair)
  const error = (pair[1] as number) + (high * ratioLow + low * ratio)
  const sum = (pair[0] as number) + error
  pair[1] = error - (sum - (pair[0] as number))
  pair[0] = sum
}

/** Rounds the pair down (0) or up (1) to a whole number in place; false where the error bound does not tell which. */
function toWhole(pair: Float64Array, up: 0 | 1): boolean {
  const first = pair[0] as number
  const whole = Math.floor(first)
  const rest = first - whole + (pair[1] as number)
  const below = Math.floor(rest)
  const fraction = rest - below
  const slack = first * ERROR + 2 ** -48
  pair[0] = whole
  pair[1] = below + up
  if (whole < SAFE) {
    pair[0] = whole + below + up
    pair[1] = 0
  }
  return fraction > slack && fraction < 1 - slack
}

/** balance · price / unit for whole numbers of at most 53 bits and a unit of at most 1e9: exact, by the remainder. */
function divided(balance: number, price: number, unit: number, up: 0 | 1, pair: Float64Array): number {
  product(balance, price, pair)
  const [top, low] = [pair[0] as number, pair[1] as number]
  let quotient = Math.floor(top / unit)
  if (!(quotient < SAFE)) return Number.NaN
  product(quotient, unit, pair)
  let remainder = top - (pair[0] as number) - (pair[1] as number) + low
  while (remainder < 0) {
    quotient--
    remainder += unit
  }
  while (remainder >= unit) {
    quotient++
    remainder -= unit
  }
  return up === 1 && remainder > 0 ? quotient + 1 : quotient
}

/** floor((weighted · 1e18 + floor(owed / 2)) / owed / 1e4) as two whole float64; false where it is not proven. */
function quotient(sum: number, rest: number, owed: number, pair: Float64Array): boolean {
  if (sum === 0) {
    pair[0] = 0
    pair[1] = 0
    // floor(owed / 2) / owed is below one half, and a ten-thousandth of it below one.
    return true
  }
  timesRatio(sum, rest, WAD_OVER_PERCENT, 0, pair)
  const [top, low] = [pair[0] as number, pair[1] as number]
  const first = top / owed
  product(first, owed, pair)
  const second =
    (top - (pair[0] as number) - (pair[1] as number) + low) / owed + Math.floor(owed / 2) / owed / HALF_PERCENT
  const whole = first + second
  pair[1] = second - (whole - first)
  pair[0] = whole
  return toWhole(pair, 0)
}
