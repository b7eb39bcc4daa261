/** Figures of incidents as people read them: the same words on the command line and in the terminal. */
import type { FigureRow, FigureVerdict } from './run-incident.ts'

/** What a verdict says. A fitted figure that is met shows nothing, and says so. */
export function verdictWords({ verdict, fitted }: Pick<FigureRow, 'verdict' | 'fitted'>): string {
  const words: Readonly<Record<FigureVerdict, string>> = {
    met: 'met',
    missed: 'missed',
    'needs-data': 'needs data',
    'no-number': 'no number',
  }
  return fitted ? `${words[verdict]}, fitted by ${fitted}` : words[verdict]
}

/** A number in its unit, six digits at most: `$8.32M`, `34.6 %`, `382.808 ETH`. A dash for none. */
export function figureText(value: number | undefined, unit: string): string {
  if (value === undefined) return '—'
  if (unit === 'USD' && Math.abs(value) >= 1_000) return `${value < 0 ? '−' : ''}$${compact(Math.abs(value))}`
  if (unit.startsWith('share')) return `${plain(value * 100)} %${unit.slice(5)}`
  if (unit === 'USD') return `${value < 0 ? '−' : ''}$${plain(Math.abs(value))}`
  return `${plain(value)}${unit === '' ? '' : ` ${unit}`}`
}

/** A published figure: a number or a range. */
export function publishedText({ published, unit }: Pick<FigureRow, 'published' | 'unit'>): string {
  if (typeof published === 'number') return figureText(published, unit)
  return `${figureText(published[0], unit)} to ${figureText(published[1], unit)}`
}

/** The difference as a signed part of the published figure, or in its unit where that is 0; `in range` inside a range. */
export function differenceText({ difference, relative, unit, published }: FigureRow): string {
  if (difference === undefined) return '—'
  if (difference === 0 && typeof published !== 'number') return 'in range'
  if (difference === 0) return '0'
  if (relative === undefined) return signed(figureText(Math.abs(difference), unit), difference)
  const percent = Math.abs(relative) * 100
  return percent < 0.005 ? 'under 0.01 %' : signed(`${percent.toFixed(2)} %`, difference)
}

const signed = (text: string, of: number) => `${of < 0 ? '−' : '+'}${text}`

const UNITS = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

function compact(value: number): string {
  const unit = UNITS.find(([from]) => value >= from)
  return unit ? `${plain(value / unit[0], 4)}${unit[1]}` : plain(value)
}

function plain(value: number, digits = 6): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size < 1e-4 || size >= 1e12) return value.toExponential(2).replaceAll('-', '−').replace('e+', 'e')
  const rounded = size >= 10 ** digits ? Math.round(value) : Number(value.toPrecision(digits))
  const [whole = '', part] = String(rounded).split('.')
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${part === undefined ? '' : `.${part}`}`.replace('-', '−')
}
