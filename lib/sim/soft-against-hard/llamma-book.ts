/** LLAMMA's side of the comparison: a market without interest, every borrower over the same number of bands, an arbitrageur at every price. */
import {
  type LlammaAction,
  type LlammaState,
  llamma,
  llammaMarket,
  llammaRules,
  llammaTarget,
} from '../../mechanisms/index.ts'
import { breakwaterError, type FeedAnswer, fixedToNumber, type Moment, type UnixSeconds } from '../../model/index.ts'
import { llammaArbitrage, toWad } from '../agents/llamma-arbitrageur.ts'
import type { ActingCosts, ComparedBook, ComparedBorrower, PathPrice } from './run.ts'

/** Terms of the market, fractions; mainnet's ETH market is A 100, fee 0.006, discounts 0.09 and 0.06, an oracle average of 866 s. */
export type LlammaBookTerms = {
  readonly A: number
  readonly bands: number
  readonly fee: number
  readonly loanDiscount: number
  readonly liquidationDiscount: number
  readonly emaSeconds: number
}

const ID = 'weth'

/** The book with all loans opened at the first price. Throws `bad-scenario` for a borrower whom the market refuses. */
export function llammaBook(
  borrowers: readonly ComparedBorrower[],
  first: PathPrice,
  terms: LlammaBookTerms,
  costs: ActingCosts,
): ComparedBook<LlammaState, LlammaAction> {
  const market = llammaMarket({
    ...{ collateral: 'WETH', borrowed: 'crvUSD', feed: 'eth', A: terms.A, basePrice: toWad(first.price) },
    ...{ fee: toWad(terms.fee), loanDiscount: toWad(terms.loanDiscount) },
    liquidationDiscount: toWad(terms.liquidationDiscount),
    ...{ ceiling: 10n ** 32n, time: BigInt(first.time), emaSeconds: BigInt(terms.emaSeconds) },
  })
  const state: LlammaState = { markets: new Map([[ID, market]]) }
  for (const { account, collateral, debt } of borrowers) {
    const loan = { collateral: toWad(collateral), debt: toWad(debt), bands: terms.bands }
    const done = llamma.apply(state, { do: 'create', market: ID, account, ...loan }, momentOf(first))
    if ('refused' in done)
      throw breakwaterError('bad-scenario', `LLAMMA refuses ${account}: ${done.refused.message}`, { account })
  }
  return {
    ...{ name: `LLAMMA, A ${terms.A}, N ${terms.bands}`, mechanism: llamma, state, moment: momentOf },
    target: (account) => llammaTarget(ID, account),
    standing: (now, account, at) => standingOf(now, account, at),
    worth: (amounts, price) =>
      amounts.reduce((sum, one) => sum + fixedToNumber(one.atoms, 18) * (one.asset === 'WETH' ? price : 1), 0),
    arbitrage: (now, { price }, at) => {
      const made = now.markets.get(ID)
      return made && llammaArbitrage(ID, made, price, costs, at)?.action
    },
  }
}

function momentOf({ time, price }: PathPrice): Moment {
  return { time: time as UnixSeconds, price: () => toWad(price) as FeedAnswer }
}

function standingOf(state: LlammaState, account: string, at: Moment) {
  const market = state.markets.get(ID)
  if (!market) return { x: 0, y: 0, debt: 0 }
  const { x, y } = llammaRules.sumXY(market, account)
  const debt = llammaRules.debtOf(market, account, BigInt(at.time))
  return { x: fixedToNumber(x, 18), y: fixedToNumber(y, 18), debt: fixedToNumber(debt, 18) }
}
