/** How the cascade lab writes prices and moves, and the sentences over its charts. */
import { formatCount, formatNumber, formatUsd } from '../../../lib/analytics/index.ts'
import type { CliffMeter, CoinRun } from '../data/cascade.ts'
import { percent } from './position-words.ts'

/** A price with as many digits as its size asks for. */
export function coinPrice(at: number | undefined): string {
  return at === undefined || !Number.isFinite(at) ? 'none' : formatNumber(at, at >= 10_000 ? 7 : 6)
}

/** The move of a price since the start: `−5.6 %`. */
export function moved(at: number, start: number): string {
  return percent(at / start - 1)
}

/** Dollars with a minus of its own length and a plus where it matters. */
export function signedUsd(usd: number): string {
  if (Math.abs(usd) < 0.005) return '$0'
  return `${usd < 0 ? '−' : '+'}${formatUsd(Math.abs(usd))}`
}

/** What happened to a coin, in a sentence. */
export function runSentence({ coin, start, shock, outcome, forcedUsd, accounts }: CoinRun): string {
  const { rounds, price, next, end: ending } = outcome
  const side = outcome.side === 'long' ? 'longs are sold' : 'shorts are bought back'
  if (shock === 0) return `${coin} has no shock of its own: nothing is forced.`
  const from = `${coin} ${percent(shock)} from outside`
  const beyond = next
    ? ` The next account stands at ${coinPrice(next.price)}, ${percent(next.price / price - 1)} further.`
    : ''
  if (rounds.length === 0) return `${from} forces nothing.${beyond}`
  const end =
    ending === 'depth exhausted' ? 'finds no depth any more (depth exhausted)' : `becomes ${moved(price, start)}`
  return `${from} ${end}: in ${formatCount(rounds.length)} ${rounds.length === 1 ? 'round' : 'rounds'} ${formatUsd(forcedUsd)} of ${side}, ${formatCount(accounts)} accounts.${beyond}`
}

/** How near the cliff is, in a sentence. */
export function cliffSentence(cliff: CliffMeter | undefined, { start }: CoinRun): string {
  if (!cliff)
    return 'No cliff up to 32 times this impact: more of it moves the outcome step by step, without a jump of a tenth of the side.'
  const depth = `depth ×${formatNumber(1 / cliff.times, 3)}`
  const critical = `the critical impact is ×${formatNumber(cliff.times, 3)} of this one`
  return cliff.kind === 'ahead'
    ? `With ${depth} it runs away to ${moved(cliff.price, start)}: ${critical}.`
    : `It has gone over the cliff: ${depth} would hold it; ${critical}.`
}
