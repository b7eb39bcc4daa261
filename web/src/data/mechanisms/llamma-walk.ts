/**
 * A LLAMMA loan along a price path, in the integers of the contract: the outside price (and the oracle with it) moves in steps of one size, and after
 * each step an arbitrageur without costs of his own trades. Steps once walked are kept, so that a dragged price costs one step.
 */
import { arbitrageDown, arbitrageUp, llammaBands, llammaInstant, setInstant } from '../../../../lib/kernels/index.ts'
import {
  type LlammaMarket,
  type LlammaState,
  llamma,
  llammaMarket,
  llammaRules,
  llammaTarget,
  wasRefused,
} from '../../../../lib/mechanisms/index.ts'
import { llammaArbitrage } from '../../../../lib/sim/index.ts'
import { fixed, float, momentOf } from './words.ts'

/** A loan and how the price moves: prices in stablecoins per collateral, fee, discounts and step as fractions. */
export type WalkTerms = {
  readonly open: number
  readonly collateral: number
  readonly debt: number
  readonly bands: number
  readonly A: number
  readonly fee: number
  readonly loanDiscount: number
  readonly liquidationDiscount: number
  readonly step: number
}

/** Where the loan stands after some steps. Read by {@link standingOf}; changed by nobody. */
export type Walked = {
  readonly price: number
  readonly time: number
  readonly state: LlammaState
  /** What arbitrageurs took so far at the outside price of each moment, stablecoins. */
  readonly taken: number
  readonly trades: number
}

/** A loan's figures at a place of its path; `amm` is missing where the AMM has nothing of the loan to trade. */
export type Standing = {
  readonly price: number
  readonly stable: number
  readonly coins: number
  readonly full: number
  readonly quick: number
  readonly hard: boolean
  readonly amm: number | undefined
  readonly taken: number
  readonly trades: number
}

const ID = 'market'
const WHO = 'loan'
const NO_COSTS = { outsideFee: 0, gas: 0 }
/** Time between two steps, seconds: longer than the oracle's limiter remembers. */
const STEP_SECONDS = 3_600
const MOST_STEPS = 600

/** Opens the loan. The contract's word where it refuses. */
export function openLoan(terms: WalkTerms): Walked | { readonly refused: string } {
  const state: LlammaState = {
    markets: new Map([
      [
        ID,
        llammaMarket({
          ...{ collateral: 'ETH', borrowed: 'crvUSD', feed: 'ETH', time: 0n, ceiling: 10n ** 33n },
          ...{ A: terms.A, basePrice: fixed(terms.open), fee: fixed(terms.fee) },
          ...{ loanDiscount: fixed(terms.loanDiscount), liquidationDiscount: fixed(terms.liquidationDiscount) },
        }),
      ],
    ]),
  }
  const action = {
    ...{ do: 'create' as const, market: ID, account: WHO, bands: terms.bands },
    ...{ collateral: fixed(terms.collateral), debt: fixed(terms.debt) },
  }
  const done = llamma.apply(state, action, momentOf(0, fixed(terms.open)))
  if (wasRefused(done)) return { refused: done.refused.message }
  return { price: terms.open, time: 0, state, taken: 0, trades: 0 }
}

/** One move of the price and the trade after it. The state before stays as it is. */
export function stepTo(from: Walked, price: number): Walked {
  const time = from.time + STEP_SECONDS
  const at = momentOf(time, fixed(price))
  const trade = llammaArbitrage(ID, marketOf(from), price, NO_COSTS, at)
  if (!trade) return { ...from, price, time }
  const state = structuredClone(from.state)
  if (wasRefused(llamma.apply(state, trade.action, at))) return { ...from, price, time }
  return { price, time, state, taken: from.taken + trade.profit, trades: from.trades + 1 }
}

/** The steps from a place towards a price, the last one shorter so that it ends there; `keep` holds whole steps from call to call. */
export function walkTo(from: Walked, price: number, step: number, keep: Walked[]): readonly Walked[] {
  const down = price < from.price
  const factor = down ? 1 - step : 1 / (1 - step)
  const beyond = (at: number) => (down ? at <= price : at >= price)
  if (keep.length === 0) keep.push(from)
  while (keep.length < MOST_STEPS) {
    const last = keep[keep.length - 1] as Walked
    if (beyond(last.price * factor)) break
    keep.push(stepTo(last, last.price * factor))
  }
  const until = keep.findIndex(({ price: at }) => beyond(at))
  const whole = until < 0 ? keep : keep.slice(0, Math.max(1, until))
  const last = whole[whole.length - 1] as Walked
  return last.price === price ? whole : [...whole, stepTo(last, price)]
}

/** Market of a place. */
export function marketOf({ state }: Walked): LlammaMarket {
  return state.markets.get(ID) as LlammaMarket
}

/** First and last band of the loan. */
export function rangeOf(walked: Walked): { readonly n1: number; readonly n2: number } {
  return marketOf(walked).deposits.get(WHO) as { n1: number; n2: number }
}

const known = new WeakMap<Walked, Standing>()

/** Figures at a place; computed once. */
export function standingOf(walked: Walked): Standing {
  const found = known.get(walked)
  if (found) return found
  const market = marketOf(walked)
  const at = momentOf(walked.time, fixed(walked.price))
  const { x, y } = llammaRules.sumXY(market, WHO)
  const owed = llammaRules.debtOf(market, WHO, BigInt(walked.time))
  const discount = market.loans.get(WHO)?.liquidationDiscount ?? 0n
  const health = (kind: 'full' | 'quick') => float(llammaRules.healthOf(market, WHO, owed, kind, discount, at))
  const { n1 } = rangeOf(walked)
  const hard = llamma.assess(walked.state, llammaTarget(ID, WHO), at)?.liquidatable ?? false
  const touched = market.activeBand >= n1 && y > 1_000n
  const standing = {
    ...{ price: walked.price, taken: walked.taken, trades: walked.trades, hard },
    ...{ stable: float(x), coins: float(y), full: health('full'), quick: health('quick') },
    amm: touched ? float(llammaRules.ammPrice(market, at)) : undefined,
  }
  known.set(walked, standing)
  return standing
}

/** The loan's bands, highest first: amounts, and the oracle prices at their edges. */
export function bandsOf(walked: Walked) {
  const market = marketOf(walked)
  const { n1, n2 } = rangeOf(walked)
  return Array.from({ length: n2 - n1 + 1 }, (_, k) => {
    const n = n1 + k
    const time = BigInt(walked.time)
    const [up, down] = [float(llammaRules.upperPrice(market, n, time)), float(llammaRules.lowerPrice(market, n, time))]
    return { n, up, down, stable: float(llammaRules.xOf(market, n)), coins: float(llammaRules.yOf(market, n)) }
  })
}

/**
 * What is left after the price went from the opening to `low` and all the way back, by the float64 kernel: stablecoins and collateral.
 * The kernel agrees with the integers to about 1e-9; this figure is asked for at every move of a slider.
 */
export function thereAndBack(terms: WalkTerms, n1: number, low: number): { readonly x: number; readonly y: number } {
  const bands = llammaBands(terms.A, terms.open, n1, terms.bands)
  bands.y.fill(terms.collateral / terms.bands)
  const now = llammaInstant()
  const trade = (price: number) => {
    setInstant(now, price, terms.fee, price, price)
    arbitrageUp(bands, now)
    arbitrageDown(bands, now)
  }
  const factor = 1 - terms.step
  const walk = (from: number, to: number, by: number) => {
    for (let price = from * by; by < 1 ? price > to : price < to; price *= by) trade(price)
    trade(to)
  }
  if (low < terms.open) walk(terms.open, low, factor)
  walk(low, terms.open, 1 / factor)
  return { x: bands.x.reduce((sum, one) => sum + one, 0), y: bands.y.reduce((sum, one) => sum + one, 0) }
}
