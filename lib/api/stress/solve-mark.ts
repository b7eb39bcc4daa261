/** A mark that a figure has to cross: `badDebt>0`, `overshoot<-5%`. */
import { breakwaterError } from '../../model/index.ts'
import { moneyOf } from './money.ts'

/** A mark: a figure above or below a number. */
export type SolveMark = {
  readonly figure: string
  readonly than: '>' | '>=' | '<' | '<='
  readonly value: number
}

/** What is solved for, and until when. */
export type SolveWords = { readonly knob: string; readonly until: SolveMark }

const MARK = /^([A-Za-z][\w.]*)\s*(>=|<=|>|<)\s*([+-−]?\$?[\d.]+\s*[kmb%]?)$/i

/** Reads `badDebt>0`, `overshoot<-5%`, `debt<=10M`. Throws `bad-query`. */
export function parseMark(text: string): SolveMark {
  const match = MARK.exec(text.trim())
  const value = match ? numberOf(match[3] as string) : undefined
  if (match && value !== undefined) return { figure: match[1] as string, than: match[2] as SolveMark['than'], value }
  throw breakwaterError(
    'bad-query',
    `'${text.slice(0, 80)}' is no mark`,
    { until: text.slice(0, 80) },
    { fix: "Write --until 'badDebt>0', 'debt<=10M' or 'overshoot<-5%': a figure, a comparison, a number." },
  )
}

function numberOf(text: string): number | undefined {
  const sign = /^[-−]/.test(text) ? -1 : 1
  const bare = text.replace(/^[+\-−]/, '').trim()
  if (bare.endsWith('%')) {
    const part = Number(bare.slice(0, -1))
    return Number.isFinite(part) ? (sign * part) / 100 : undefined
  }
  if (/^\$?0(\.0+)?$/.test(bare)) return 0
  return /^\$?\d+(\.\d+)?[kmb]?$/i.test(bare) ? sign * moneyOf('until', bare) : undefined
}

/** The mark as it was written. */
export const markText = ({ figure, than, value }: SolveMark) => `${figure}${than}${value}`

/** Whether a figure meets it; one that is not known does not. */
export const meetsMark = ({ than, value }: SolveMark, figure: number | undefined): boolean => {
  if (figure === undefined) return false
  return than === '>'
    ? figure > value
    : than === '>='
      ? figure >= value
      : than === '<'
        ? figure < value
        : figure <= value
}
