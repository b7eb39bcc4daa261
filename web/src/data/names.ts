/** Names and words for what the API says in ids and shapes. */
import { formatNumber, policyWords } from '../../../lib/analytics/index.ts'
import type { Answers } from '../../../lib/api/index.ts'
import type { WireLiquidation } from './rows.ts'

/** A policy as the API writes it. */
export type WirePolicy = Answers['/v1/coverage']['data']['venues'][number]['policy']

/** A venue's name; a simulated one is told by its mark, not by its name. */
export function venueLabel(id: string, names: ReadonlyMap<string, string>): string {
  const plain = id.replace(/^sim:/, '')
  return names.get(plain) ?? plain
}

/** A policy in a few words for a narrow column. */
export function shortPolicy(policy: WirePolicy): string {
  if (policy.kind === 'complete') return 'everything'
  if (policy.kind === 'none') return 'no feed'
  const per = policy.perMs === 1_000 ? 's' : `${policy.perMs / 1_000} s`
  return `≤1/${policy.scope === 'symbol' ? 'symbol' : 'symbol·side'}/${per}`
}

/** A policy in full. */
export function longPolicy(policy: WirePolicy): string {
  return policyWords(policy as Parameters<typeof policyWords>[0])
}

/** What was liquidated: the contract's coin, or the collateral. */
export function coinText(event: WireLiquidation): string {
  if (event.type === 'perp-liquidation') return event.coin
  return event.type === 'loan-liquidation' ? event.seized.asset : event.lot.asset
}

/** How much of it, in coins. */
export function sizeText(event: WireLiquidation): string {
  if (event.type === 'perp-liquidation') return formatNumber(event.size, 5)
  const leg = event.type === 'loan-liquidation' ? event.seized : event.lot
  return leg.amount === undefined ? '—' : formatNumber(Number(leg.amount), 5)
}

/** What a price means, in the width of a column. */
export const PRICE_KINDS = { fill: 'fill', bankruptcy: 'bkr', mark: 'mark', entry: 'entry', limit: 'limit' } as const

/** The same in words. */
export const PRICE_WORDS = {
  fill: 'price of the fill',
  bankruptcy: 'bankruptcy price: where the position’s margin is gone, not where it was sold',
  mark: 'mark price',
  entry: 'entry price of the position',
  limit: 'limit of the liquidation order',
} as const

/** The sign of what happened. */
export const TYPE_GLYPHS = { 'perp-liquidation': '', 'loan-liquidation': '⬓', 'auction-started': '⚖' } as const

/** What happened, in words. */
export const TYPE_WORDS = {
  'perp-liquidation': 'perp liquidation',
  'loan-liquidation': 'loan repaid by force',
  'auction-started': 'collateral auction started',
} as const

/** `0x1234…cdef`. */
export function shortId(id: string): string {
  return id.length > 14 ? `${id.slice(0, 6)}…${id.slice(-4)}` : id
}
