/** Amounts of dollars as they are written: 250000, 250k, 1.5M, 2B. */
import { breakwaterError } from '../../model/index.ts'

const LETTERS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, b: 1e9 }

/** Dollars: 250000, 250k, 1.5M, 2B. Throws `bad-number`. */
export function moneyOf(word: string, text: string): number {
  const match = /^\$?(\d+(?:\.\d+)?)([kmb]?)$/i.exec(text.trim())
  const value = match ? Number(match[1]) * (LETTERS[(match[2] as string).toLowerCase()] as number) : Number.NaN
  if (value > 0) return value
  throw breakwaterError(
    'bad-number',
    `${word} '${text.slice(0, 40)}' is no amount above 0`,
    { [word]: text.slice(0, 40) },
    { fix: 'Write 250000, 250k, 1.5M or 2B.' },
  )
}
