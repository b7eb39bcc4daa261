/** What every mechanism is asked: the outside at one instant, how safe a target is, what may be done, and how safety moves with prices. */
import type { Atoms, FeedAnswer, UnixSeconds } from './units.ts'

/** Name of a price feed: its scale is the feed's own (see {@link FeedAnswer}). */
export type FeedId = string
/** Name of an asset inside one mechanism's state; decimals stand in the state. */
export type AssetId = string

/** The outside at one instant: no clock and no wire below, so time and prices come as an argument. `undefined`: the feed does not answer. */
export type Moment = { readonly time: UnixSeconds; readonly price: (feed: FeedId) => FeedAnswer | undefined }

/**
 * How safe a target is, in the protocol's own unit of value: `backing` = collateral weighted as the rule weights it, `required` = what it must
 * cover, `equity` = unweighted collateral − debt. Health factor = backing / required; the verdict is the contract's own comparison.
 */
export type Health = {
  readonly backing: bigint
  readonly required: bigint
  readonly equity: bigint
  readonly liquidatable: boolean
}

/** Amount of one asset in its smallest units. */
export type AssetAmount = { readonly asset: AssetId; readonly atoms: Atoms }

/** Something that may be done to a target now: who may do it, the action itself, what it costs and what it gives. */
export type Offer<A> = {
  readonly target: string
  readonly actor: 'anyone' | 'engine'
  readonly action: A
  readonly pay: readonly AssetAmount[]
  readonly receive: readonly AssetAmount[]
  /** What it gives later, where a rule settles with delay (a bid that may win, a claim behind a challenge window): amounts, and the earliest time. */
  readonly later?: { readonly amounts: readonly AssetAmount[]; readonly at: UnixSeconds } | undefined
}

/** Safety as a straight line in prices (float64, whole units of value per unit of price): for screens, never for verdicts. */
export type Exposure = {
  readonly slopes: readonly { readonly feed: FeedId; readonly backing: number; readonly required: number }[]
  readonly constant: { readonly backing: number; readonly required: number }
}
