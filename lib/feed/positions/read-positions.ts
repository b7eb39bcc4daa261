/** What a reading of a protocol gives: its state as its mechanism wants it, and the moment at which it was read. */
import type { FeedAnswer, Moment, UnixSeconds } from '../../model/index.ts'
import type { ChainAt } from './chain-at.ts'

/** State at a block; prices by feed, as the protocol's own oracle gave them at that block. A feed without an answer is not among them. */
export type PositionsRead<S> = {
  readonly state: S
  readonly chainId: number
  readonly block: bigint
  readonly time: UnixSeconds
  readonly prices: ReadonlyMap<string, bigint>
}

/** A reading's moment: what the mechanism is asked with. */
export function momentOf({ time, prices }: Pick<PositionsRead<unknown>, 'time' | 'prices'>): Moment {
  return { time, price: (feed) => prices.get(feed) as FeedAnswer | undefined }
}

/** Puts a reading together. */
export function positionsRead<S>(chain: ChainAt, state: S, prices: ReadonlyMap<string, bigint>): PositionsRead<S> {
  return { state, prices, chainId: chain.chainId, block: chain.block, time: chain.time }
}
