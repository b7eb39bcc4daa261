/** Decimal text to scaled integers and back, and multiply-divide with the rounding in the name. */
import { breakwaterError } from './errors.ts'

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/

/**
 * The integer `text × 10^decimals`, exactly.
 * Refuses (`bad-number`) text that is no decimal number and digits that the scale cannot hold.
 */
export function parseFixed(text: string, decimals: number): bigint {
  const match = DECIMAL.exec(text.trim())
  if (!match) throw breakwaterError('bad-number', `'${text.slice(0, 80)}' is not a decimal number`, { decimals })
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const shift = decimals + Number(exponent) - fraction.length
  const digits = BigInt(whole + fraction)
  if (shift < 0) {
    const divisor = 10n ** BigInt(-shift)
    if (digits % divisor !== 0n)
      throw breakwaterError('bad-number', `'${text.slice(0, 80)}' has more than ${decimals} decimals`, { decimals })
    return sign === '-' ? -(digits / divisor) : digits / divisor
  }
  const value = digits * 10n ** BigInt(shift)
  return sign === '-' ? -value : value
}

/** Decimal text of `value / 10^decimals`, without trailing zeros: `formatFixed(1500n, 3) === '1.5'`. */
export function formatFixed(value: bigint, decimals: number): string {
  const negative = value < 0n
  const digits = (negative ? -value : value).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return `${negative ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`
}

/** The float64 nearest to `value / 10^decimals` (a view, never a verdict). */
export function fixedToNumber(value: bigint, decimals: number): number {
  return Number(formatFixed(value, decimals))
}

/** `a × b / c` rounded towards zero, for values ≥ 0 and c > 0. */
export function mulDivDown(a: bigint, b: bigint, c: bigint): bigint {
  return (a * b) / c
}

/** `a × b / c` rounded away from zero, for values ≥ 0 and c > 0. */
export function mulDivUp(a: bigint, b: bigint, c: bigint): bigint {
  const product = a * b
  return product === 0n ? 0n : (product - 1n) / c + 1n
}
