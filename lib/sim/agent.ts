/** An agent is a pure function from what it sees to what it bids: the simulator feeds it the market, a keeper feeds it the chain; it cannot tell which. */
import type { AssetAmount, Offer, UnixSeconds } from '../model/index.ts'

/** What an agent sees at one instant. Money is USD. */
export type View<A> = {
  readonly time: UnixSeconds
  /** What may be done now, by anyone. */
  readonly offers: readonly Offer<A>[]
  /** What selling these amounts now would bring, slippage included. */
  readonly proceeds: (amounts: readonly AssetAmount[]) => number
  /** What buying these amounts now would cost, slippage included. */
  readonly cost: (amounts: readonly AssetAmount[]) => number
  /** What one transaction costs at the gas price of now, and that price, gwei. */
  readonly gasUsd: number
  readonly gasPrice: number
  /** Money that is free. */
  readonly capital: number
}

/** What an agent wants to do: the offer it takes, and what it gives to whoever orders the transactions, USD. */
export type Bid<A> = { readonly offer: Offer<A>; readonly tip: number }

/** Decides. The same view gives the same bids. */
export type Agent<A> = (view: View<A>) => readonly Bid<A>[]
