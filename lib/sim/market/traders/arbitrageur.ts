/** Arbitrage between several markets of one coin: buys where it is cheap, sells where it is dear, some steps after it saw the gap. */
import type { Depth } from '../depth.ts'
import type { Trader } from '../run.ts'

/** Markets by symbol with their depths; `cost` of a round trip as a fraction of the price; `lag` in steps; `most` coins in a step. */
export type ArbitrageurTerms = {
  readonly id: string
  readonly markets: ReadonlyMap<string, Depth>
  readonly cost: number
  readonly lag: number
  readonly most: number
}

/** The arbitrageur. It moves what pays at the margin: until the two prices are no further apart than its cost. */
export function arbitrageur({ id, markets, cost, lag, most }: ArbitrageurTerms): Trader {
  const seen: { readonly cheap: string; readonly dear: string }[] = []
  return {
    id,
    trade({ price }) {
      seen.push(extremes([...markets.keys()], price))
      const then = seen.length > lag ? seen.shift() : undefined
      if (!then || then.cheap === then.dear) return new Map()
      const coins = worthMoving(markets.get(then.cheap) as Depth, markets.get(then.dear) as Depth, cost, most)
      return coins > 0
        ? new Map([
            [then.cheap, coins],
            [then.dear, -coins],
          ])
        : new Map()
    },
  }
}

function extremes(symbols: readonly string[], price: (symbol: string) => number) {
  const sorted = [...symbols].sort((a, b) => price(a) - price(b) || (a < b ? -1 : 1))
  return { cheap: sorted[0] as string, dear: sorted[sorted.length - 1] as string }
}

/** Dollars by which the margin is looked at: far above what is lost when two sums of a whole market are subtracted. */
const LOOK_USD = 10

/** Coins at which one more brings no more than its cost, found by doubling and halving; never more than `most`. */
function worthMoving(cheap: Depth, dear: Depth, cost: number, most: number): number {
  const least = LOOK_USD / cheap.price()
  const pays = (coins: number) => {
    const more = Math.max(coins * 1e-3, least)
    const bought = -(cheap.quote(-(coins + more)) - cheap.quote(-coins)) / more
    const sold = (dear.quote(coins + more) - dear.quote(coins)) / more
    return sold - bought > cost * cheap.price()
  }
  if (!pays(0)) return 0
  let low = 0
  let high = least
  while (high < most && pays(high)) {
    low = high
    high *= 2
  }
  if (high >= most && pays(most)) return most
  high = Math.min(high, most)
  for (let round = 0; round < 40; round++) {
    const middle = (low + high) / 2
    if (pays(middle)) low = middle
    else high = middle
  }
  return low
}
