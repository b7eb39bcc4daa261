/**
 * Leveraged positions whose margin funding eats: each interval the paying side loses rate · notional of margin, so that its liquidation price comes
 * nearer without the price moving. Whoever's equity falls below maintenance is closed at the market. Isolated margin = entry notional / leverage.
 */
import type { Trader } from '../run.ts'

/** The positions. `rate` > 0: longs pay shorts, a fraction of the notional per interval. */
export type FundingDrainTerms = {
  readonly id: string
  readonly symbol: string
  readonly positions: readonly {
    readonly side: 'long' | 'short'
    readonly coins: number
    readonly entry: number
    readonly leverage: number
  }[]
  readonly maintenance: number
  readonly rate: number
  readonly intervalHours: number
}

/** Holders of the positions, who are closed one after the other. */
export function fundingDrain({ id, symbol, positions, maintenance, rate, intervalHours }: FundingDrainTerms): Trader {
  const open = positions.map((one) => ({ ...one, margin: (one.coins * one.entry) / one.leverage, gone: false }))
  let [begun, paid] = [undefined as number | undefined, 0]
  return {
    id,
    trade({ time, price }) {
      begun ??= time
      const now = price(symbol)
      const due = Math.floor((time - begun) / (intervalHours * 3_600))
      let bought = 0
      for (const one of open) {
        if (one.gone) continue
        const sign = one.side === 'long' ? 1 : -1
        one.margin -= sign * rate * (due - paid) * one.coins * now
        const equity = one.margin + sign * one.coins * (now - one.entry)
        if (equity >= maintenance * one.coins * now) continue
        one.gone = true
        bought -= sign * one.coins
      }
      paid = due
      return bought === 0 ? new Map() : new Map([[symbol, bought]])
    },
  }
}
