/** Figures of the arena as a reader sees them. */
import { formatCount, formatShare, formatUsd } from '../../../lib/analytics/index.ts'
import type { ArenaMeasure, ArenaRow } from '../../../lib/sim/index.ts'

/** A measure of a row in words. */
export function measured({ unit }: Pick<ArenaMeasure, 'unit'>, value: number | undefined): string {
  if (value === undefined) return '—'
  if (unit === 'usd') return Math.abs(value) < 0.005 ? '$0' : formatUsd(value).replace('-', '−')
  if (unit === 'share') return formatShare(value).replace('-', '−')
  if (unit === 'count') return formatCount(value)
  if (unit === 'price') return `$${value.toFixed(value < 100 ? 4 : 0)}`
  return duration(value)
}

/** Seconds in words. */
export function duration(seconds: number): string {
  if (seconds === 0) return 'same step'
  if (seconds < 120) return `${Math.round(seconds)} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`
}

/** How near to the contracts a column is. */
export const EXACTNESS = {
  bytecode: ['exact', 'the contracts’ integers: compared with their compiled code or its recorded calls'],
  formula: ['formula', 'the published formulas; recorded cases are met, the contracts themselves were not run'],
  model: ['model', 'a model of a design whose contracts are not public'],
} as const satisfies Readonly<Record<ArenaRow['exactness'], readonly [string, string]>>
