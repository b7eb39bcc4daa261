/** How the page of a position writes prices, amounts and parts. */
import { formatNumber } from '../../../lib/analytics/index.ts'

const MINUS = '−'

/** A price in the steps of its contract; `none` where there is none above 0. */
export function price(at: number | undefined, { tickSize }: { readonly tickSize: number }): string {
  if (at === undefined || !Number.isFinite(at)) return 'none'
  const decimals = Math.max(0, Math.min(10, Math.ceil(-Math.log10(tickSize) - 1e-9)))
  const [whole = '', fraction] = at.toFixed(decimals).split('.')
  const grouped = whole.replace('-', MINUS).replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction ? `${grouped}.${fraction}` : grouped
}

/** An amount of the settle currency: cents for money, six significant digits for coins. */
export function money(amount: number | undefined, { payoff }: { readonly payoff: 'linear' | 'inverse' }): string {
  if (amount === undefined || !Number.isFinite(amount)) return '—'
  const sign = amount < 0 ? MINUS : ''
  if (payoff === 'inverse') return sign + formatNumber(Math.abs(amount), 6)
  const size = Math.abs(amount)
  const [whole = '', fraction] = size.toFixed(size >= 10_000 ? 0 : 2).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return `${sign}${fraction ? `${grouped}.${fraction}` : grouped}`
}

/** A part as percent, its sign always told unless `signed` is false. */
export function percent(part: number | undefined, decimals = 2, signed = true): string {
  if (part === undefined || !Number.isFinite(part)) return '—'
  const text = (Math.abs(part) * 100).toFixed(decimals)
  const sign = Number(text) === 0 ? '' : part < 0 ? MINUS : signed ? '+' : ''
  return `${sign}${text} %`
}

/** A rate without needless zeros: `0.4 %`, `1.25 %`. */
export function rate(part: number | undefined): string {
  return part === undefined || !Number.isFinite(part) ? '—' : `${formatNumber(part * 100, 4)} %`
}

/** A leverage: `10×`, `9.64×`. */
export function times(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '—' : `${formatNumber(value, value < 10 ? 3 : 4)}×`
}
