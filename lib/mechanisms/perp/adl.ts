/** Auto-deleveraging: winners are ranked by the venue's score and closed against the residual at one price, so that it is zero-sum. */
import { breakwaterError } from '../../model/index.ts'
import { checkAmount } from './leg.ts'
import type { DeleverageRule } from './profile.ts'

/** A position that may be closed. `size` > 0 in lots or coins; money of the settle currency; prices quote per coin. */
export type Winner = {
  readonly id: string
  readonly side: 'long' | 'short'
  readonly size: number
  readonly entryPrice: number
  readonly markPrice: number
  /** Value at mark and at entry, both above 0. */
  readonly notional: number
  readonly entryValue: number
  readonly unrealised: number
  /** Margin of the position (isolated) or equity of the account (cross), unrealised profit included. */
  readonly equity: number
  readonly maintenance: number
}

/** Value at mark over what would be left of it at bankruptcy: `|MarkValue| / (MarkValue − BankruptValue)` = notional / equity. */
function leverageOf({ notional, equity }: Winner): number {
  return equity > 0 ? notional / equity : Number.POSITIVE_INFINITY
}

/**
 * The venue's score, highest first:
 * - `bitmex`: profit % · effective leverage when in profit, profit % / effective leverage when not (bitmex.com, "auto-deleveraging");
 * - `hyperliquid`: mark / entry (shorts: entry / mark) · notional / account value (documentation, "auto-deleveraging"; shorts derived);
 * - `leveraged-return`: profit / margin before profit (Bybit, OKX, Gate);
 * - `binance-quantile`: profit / collateral · effective margin ratio (published only as quantiles 0 to 4);
 * - `pnl-of-account`: profit / equity.
 */
export function deleverageScore(rank: DeleverageRule['rank'], winner: Winner): number {
  const { side, entryPrice, markPrice, unrealised, entryValue, equity, maintenance } = winner
  const collateral = equity - unrealised
  switch (rank) {
    case 'none':
      return 0
    case 'hyperliquid':
      return (side === 'long' ? markPrice / entryPrice : entryPrice / markPrice) * leverageOf(winner)
    case 'bitmex': {
      const profit = unrealised / entryValue
      return profit > 0 ? profit * leverageOf(winner) : profit / leverageOf(winner)
    }
    case 'leveraged-return':
      return collateral > 0 ? unrealised / collateral : Math.sign(unrealised) * Number.POSITIVE_INFINITY
    case 'binance-quantile':
      return collateral > 0 && equity > 0
        ? (unrealised / collateral) * (maintenance / equity)
        : Math.sign(unrealised) * Number.POSITIVE_INFINITY
    case 'pnl-of-account':
      return equity > 0 ? unrealised / equity : Number.NEGATIVE_INFINITY
  }
}

/** Winners in the order in which they are closed: highest score first, equal scores by id, so that a replay gives the same. */
export function deleverageQueue(rank: DeleverageRule['rank'], winners: readonly Winner[]): readonly Winner[] {
  const scored = winners.map((winner) => ({ winner, score: deleverageScore(rank, winner) }))
  scored.sort((a, b) => b.score - a.score || (a.winner.id < b.winner.id ? -1 : 1))
  return scored.map(({ winner }) => winner)
}

/** How much of whom is closed. */
export type DeleverageFill = { readonly id: string; readonly size: number }

/**
 * Closes `residual` (> 0, in the winners' unit) along a queue: each wholly until the rest is smaller. The fills' sum is exactly the residual, or
 * all there is (`left` > 0: nobody remains on the other side). Whole lots stay whole.
 */
export function deleverageFills(
  queue: readonly { readonly id: string; readonly size: number }[],
  residual: number,
): { readonly fills: readonly DeleverageFill[]; readonly left: number } {
  let left = checkAmount('residual to deleverage', residual)
  const fills: DeleverageFill[] = []
  for (const { id, size } of queue) {
    if (left <= 0) break
    const taken = Math.min(checkAmount(`size of ${id}`, size), left)
    fills.push({ id, size: taken })
    left -= taken
  }
  return { fills, left }
}

/**
 * What a user sees of his place, in percent: `ceil(5 · cumulated size / total) · 20`, cumulated from the highest score down and his own size
 * included: 20 = front of the queue. Source: bitmex.com/app/autoDeleveragingExamples.
 */
export function queueLights(
  queue: readonly { readonly id: string; readonly size: number }[],
): ReadonlyMap<string, number> {
  const total = queue.reduce((sum, { size }) => sum + size, 0)
  let cumulated = 0
  return new Map(
    queue.map(({ id, size }) => {
      cumulated += size
      return [id, Math.ceil((5 * cumulated) / total) * 20]
    }),
  )
}

/** The price at which winners are closed: bankruptcy of the liquidated, the mark, or the mark before. Throws when the rule's price is missing. */
export function deleveragePrice(
  { price }: DeleverageRule,
  prices: {
    readonly bankruptcy?: number | undefined
    readonly mark: number
    readonly previousMark?: number | undefined
  },
): number {
  const chosen = {
    bankruptcy: prices.bankruptcy,
    mark: prices.mark,
    'previous-mark': prices.previousMark ?? prices.mark,
  }[price]
  if (chosen === undefined)
    throw breakwaterError('bad-position', 'there is no bankruptcy price to deleverage at', { mark: prices.mark })
  return chosen
}
