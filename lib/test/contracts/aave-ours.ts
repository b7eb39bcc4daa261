/** Our side of the comparison: a version's mechanism, and what its rule book says an account is worth. */
import type { AaveAction, AaveBook } from '../../mechanisms/aave/action.ts'
import { aaveMechanism } from '../../mechanisms/aave/mechanism.ts'
import type { AaveAccount, AaveState } from '../../mechanisms/aave/state.ts'
import type { AaveAccountData } from '../../mechanisms/aave/v3-account.ts'
import type { Applied } from '../../mechanisms/mechanism.ts'
import { applied } from '../../mechanisms/solidity.ts'
import type { FeedAnswer, UnixSeconds } from '../../model/index.ts'

/** When, unix seconds, and at what prices, base currency. */
export type AaveAt = { readonly time: bigint; readonly prices: ReadonlyMap<string, bigint> }

/** What a history is drawn with and compared to: `apply` changes the state or refuses; `worth` is `undefined` where the contract's view reverts. */
export type AaveOurs = {
  apply(state: AaveState, action: AaveAction, at: AaveAt): Applied
  worth(state: AaveState, account: AaveAccount, at: AaveAt): AaveAccountData | undefined
}

/** The mechanism of a rule book. */
export function oursOf(book: AaveBook): AaveOurs {
  const mechanism = aaveMechanism(book)
  return {
    apply: (state, action, { time, prices }) =>
      mechanism.apply(state, action, {
        time: Number(time) as UnixSeconds,
        price: (feed) => prices.get(feed) as FeedAnswer | undefined,
      }),
    worth: (state, account, { time, prices }) => {
      let worth: AaveAccountData | undefined
      applied(() => {
        const price = (feed: string) => prices.get(feed) || book.badPrice(feed)
        worth = book.data(state, account, { time, price })
        return { facts: [] }
      })
      return worth
    },
  }
}
