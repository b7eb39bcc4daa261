/** One event as one line of tape. */
import { formatNumber, formatSpan, formatTime, formatUsd, SIDE_WORDS } from '../analytics/index.ts'
import type { Leg, MarketEvent } from '../model/index.ts'

const GLYPHS = { long: '▼', short: '▲', unknown: '◆' } as const

/** The line of one event: time, side in words, what, how much, at which price of which kind, where. Gaps are lines too. */
export function tapeLine(event: MarketEvent): string {
  const mark = event.source === 'simulated' ? '⊢ ' : ''
  return `${formatTime(event.time, true).slice(0, 23)} ${mark}${body(event)}`
}

function body(event: MarketEvent): string {
  if (event.type === 'perp-liquidation' || event.type === 'auto-deleveraging') {
    const side = event.side ?? 'unknown'
    const kind = event.type === 'perp-liquidation' ? event.priceKind : 'ADL'
    const account = event.account ? ` ${short(event.account)}` : ''
    return `${GLYPHS[side]} ${SIDE_WORDS[side]}  ${event.coin} ${formatNumber(event.size)}  ${formatUsd(event.usd)} @ ${formatNumber(event.price)} ${kind}  ${event.venue}${account}`
  }
  if (event.type === 'loan-liquidation')
    return `▼ loan liquidated  ${leg(event.repaid)} repaid, ${leg(event.seized)} seized  ${formatUsd(event.usd)}  ${event.venue} ${short(event.account)}`
  if (event.type === 'auction-started')
    return `▼ auction started  ${leg(event.lot)} for ${leg(event.due)}  ${formatUsd(event.usd)}  ${event.venue} ${event.market}`
  if (event.type === 'auction-taken') return `· auction taken  ${formatUsd(event.usd)}  ${event.venue} ${event.market}`
  if (event.type === 'bad-debt') return `✖ bad debt  ${leg(event.loss)}  ${formatUsd(event.usd)}  ${event.venue}`
  if (event.type === 'gap')
    return `— deaf ${event.venue} ${formatSpan(event.to - event.from)} (${event.channel}: ${event.why})`
  if (event.type === 'retraction') return `↶ withdrawn ${event.of} (${event.why})  ${event.venue}`
  return `${event.type}  ${event.venue}`
}

function leg({ asset, amount }: Leg): string {
  return `${amount === undefined ? '— ' : `${formatNumber(Number(amount))} `}${asset.startsWith('0x') ? short(asset) : asset}`
}

function short(account: string): string {
  return account.length > 14 ? `${account.slice(0, 6)}…${account.slice(-4)}` : account
}
