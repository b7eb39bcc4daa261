/** How the mechanisms write numbers, and how they turn them into the integers of a contract and back. */
import { formatNumber, formatUsd } from '../../../../lib/analytics/index.ts'
import {
  type FeedAnswer,
  fixedToNumber,
  type Moment,
  parseFixed,
  type UnixSeconds,
} from '../../../../lib/model/index.ts'

const MINUS = '−'

/** A part as percent. */
export function part(value: number, decimals = 2): string {
  if (!Number.isFinite(value)) return '—'
  const size = Math.abs(value) * 100
  const text = size >= 100_000 ? amount(size, 0) : size.toFixed(decimals)
  return `${value < 0 && /[1-9]/.test(text) ? MINUS : ''}${text} %`
}

/** A part as percent, its sign told. */
export function change(value: number, decimals = 2): string {
  const text = part(value, decimals)
  return value > 0 && Number(Math.abs(value * 100).toFixed(decimals)) !== 0 ? `+${text}` : text
}

/** An amount: grouped, with as many decimals as it needs for four or five digits. */
export function amount(value: number, digits?: number): string {
  if (!Number.isFinite(value)) return '—'
  const size = Math.abs(value)
  if (digits === undefined && Number.isInteger(value) && size < 1e15) return amount(value, 0)
  const decimals = digits ?? (size >= 10_000 ? 0 : size >= 1 ? 2 : 4)
  const [whole = '', fraction] = size.toFixed(decimals).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  const sign = value < 0 && /[1-9]/.test(`${whole}${fraction ?? ''}`) ? MINUS : ''
  return `${sign}${fraction ? `${grouped}.${fraction}` : grouped}`
}

/** An amount of dollars (or of a coin that stands for one). */
export function dollars(value: number): string {
  if (Math.abs(value) >= 1e6) return formatUsd(value).replace('-', MINUS)
  const text = amount(value)
  return text.startsWith(MINUS) ? `${MINUS}$${text.slice(1)}` : `$${text}`
}

/** An amount as the mark of an axis: large ones in millions and more. */
export function mark(value: number): string {
  return Math.abs(value) >= 1e6 ? dollars(value).replace('$', '') : amount(value)
}

/** A number with some significant digits. */
export function digits(value: number, count = 5): string {
  return formatNumber(value, count).replace('-', MINUS)
}

/** Seconds as a person says them. */
export function duration(seconds: number): string {
  if (seconds === 0) return 'one transaction'
  if (seconds < 120) return `${formatNumber(seconds, 3)} s`
  if (seconds < 7_200) return `${formatNumber(seconds / 60, 3)} min`
  if (seconds < 172_800) return `${formatNumber(seconds / 3_600, 3)} h`
  return `${formatNumber(seconds / 86_400, 3)} d`
}

/** A number as an integer with 18 (or other) decimals, rounded to 15 digits: what a person types is exact. */
export function fixed(value: number, decimals = 18): bigint {
  if (value === 0) return 0n
  const places = Math.max(0, Math.min(decimals, 14 - Math.floor(Math.log10(Math.abs(value)))))
  return parseFixed(value.toFixed(places), places) * 10n ** BigInt(decimals - places)
}

/** An integer with 18 (or other) decimals as a number. */
export function float(value: bigint, decimals = 18): number {
  return fixedToNumber(value, decimals)
}

/** A moment at which every feed gives the same answer. */
export function momentOf(time: number, answer: bigint): Moment {
  return { time: time as UnixSeconds, price: () => answer as FeedAnswer }
}
