/** How loans read on the page: prices, moves, states. */
import { formatNumber, type LoanFigures, STATE_WORDS, type Standing } from '../../../lib/analytics/index.ts'
import { percent } from './position-words.ts'

/** A price with six significant digits; cents where it is worth more. */
export function priceText(value: number | undefined): string {
  if (value === undefined) return 'none'
  return formatNumber(value, value >= 1_000 ? 7 : 6)
}

/** A move in percent; two decimals. */
export function moveText(move: number | undefined): string {
  return move === undefined ? '' : percent(move, 2)
}

/** The class of a state: what is liquidatable stands out, bad debt is the system's loss. */
export function stateClass({ state }: Pick<Standing, 'state'>): string {
  if (state === 'under-water') return 'broken'
  return state === 'healthy' || state === 'no-debt' ? 'label' : 'long'
}

/** The state in words. */
export function stateText({ state }: Pick<Standing, 'state'>): string {
  return STATE_WORDS[state]
}

/** Assets of a side, the largest first. */
export function assetsText({ legs }: LoanFigures, side: 'collateral' | 'debt'): string {
  const own = legs.filter((leg) => leg.side === side && leg.counts).sort((a, b) => (b.usd ?? 0) - (a.usd ?? 0))
  return own.map(({ asset }) => asset).join(' + ') || '—'
}

/** A health factor's place on a lane from 0.8 to 1.6, 0 to 1. */
export function lanePlace(factor: number | undefined): number {
  return factor === undefined ? 1 : Math.min(1, Math.max(0, (factor - 0.8) / 0.8))
}
