/** Numbers as people read them: three significant digits, tabular, `—` for what is not known, never a bare bound. */
import type { Bound } from './answers.ts'

const SCALES: readonly (readonly [number, string])[] = [
  [1e12, ' T'],
  [1e9, ' B'],
  [1e6, ' M'],
  [1e3, ' k'],
]

/** `$156.8 M`, `$4.49 M`, `$23.4 M`, `$812`, `$0`; `—` where unknown. Three significant digits, four from 100 of a scale on. */
export function formatUsd(usd: number | undefined): string {
  if (usd === undefined || !Number.isFinite(usd)) return '—'
  const sign = usd < 0 ? '−' : ''
  const size = Math.abs(usd)
  for (const [scale, letter] of SCALES) {
    // 999,950 is $1.00 M, not $1000 k; whole dollars round earlier.
    if (size >= scale * (scale === 1e3 ? 0.9995 : 0.99995)) return `${sign}$${digits(size / scale)}${letter}`
  }
  if (size < 0.005) return '$0'
  return `${sign}$${size >= 100 || Number.isInteger(size) ? Math.round(size) : size.toFixed(2)}`
}

/** `=$156.8 M` or `≥$311 M`: a total with its bound. */
export function formatBound(bound: Bound, usd: number | undefined): string {
  return usd === undefined ? '—' : `${bound}${formatUsd(usd)}`
}

/** Whole numbers with thin groups: `11,484`; `—` where unknown. */
export function formatCount(count: number | undefined): string {
  return count === undefined ? '—' : String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A share as `84 %`, below ten percent with one decimal; `—` where unknown. Never rounds up to 100. */
export function formatShare(share: number | undefined): string {
  if (share === undefined || !Number.isFinite(share)) return '—'
  const percent = share * 100
  if (percent > 99.5 && percent < 100) return `${(Math.floor(percent * 10) / 10).toFixed(1)} %`
  if (percent < 0 && percent > -0.05) return '0 %'
  return `${percent !== 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`.replace(/^-/, '−')
}

/** A multiple as `6.7×`, from 20 on `65×`; `—` where unknown. */
export function formatMultiple(multiple: number | undefined): string {
  if (multiple === undefined || !Number.isFinite(multiple)) return '—'
  return `${multiple < 19.95 ? multiple.toFixed(1) : formatCount(multiple)}×`
}

/** A span as `4 s`, `12 min`, `3 h`, `2 d`. */
export function formatSpan(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`
}

/** `2021-05-19 11:04:32Z`, with milliseconds on request. */
export function formatTime(time: number, milliseconds = false): string {
  return `${new Date(time)
    .toISOString()
    .slice(0, milliseconds ? 23 : 19)
    .replace('T', ' ')}Z`
}

/** A price or size with at most `significant` digits and thin groups. */
export function formatNumber(value: number | undefined, significant = 7): string {
  if (value === undefined || !Number.isFinite(value)) return '—'
  const text = String(Number(value.toPrecision(significant))).replace(/^-/, '−')
  if (text.includes('e')) return text
  const [whole = '', fraction] = text.split('.')
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction ? `.${fraction}` : '')
}

function digits(value: number): string {
  return value >= 99.95 ? value.toFixed(1) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2)
}
