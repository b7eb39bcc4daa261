/** Options dealers who keep their hedge: short puts, they sell as the price falls and buy as it rises (`system/dealer-hedging.ts`). */
import { dealerSales, type StrikeInterest } from '../../system/dealer-hedging.ts'
import type { Trader } from '../run.ts'

/** What they hold, and in which market they hedge. Contracts are fixed at the first price, as the notional is quoted at the index. */
export type OptionsDealersTerms = {
  readonly id: string
  readonly symbol: string
  readonly strikes: readonly StrikeInterest[]
}

/**
 * Dealers who trade at every step what the price's move did to the delta, at the time then left. Time alone (charm) moves no coins here and an expired
 * option is hedged no more: what is modelled is the flow that a fall sets off, which is what the published sum of coins per 1 % says.
 */
export function optionsDealers({ id, symbol, strikes }: OptionsDealersTerms): Trader {
  let last: number | undefined
  let begun = 0
  let held: readonly (StrikeInterest & { readonly contracts: number })[] = []
  return {
    id,
    trade({ time, price }) {
      const now = price(symbol)
      if (last === undefined) {
        held = strikes.map((strike) => ({ ...strike, contracts: strike.notional / now }))
        begun = time
        last = now
        return new Map()
      }
      const gone = (time - begun) / 86_400
      const open = held.filter(({ days }) => days - gone > 1e-3).map((one) => ({ ...one, days: one.days - gone }))
      const sold = dealerSales(last, now, open)
      last = now
      return new Map([[symbol, -sold]])
    },
  }
}
