/** Morpho Blue as a mechanism: how safe positions are, and offers to liquidators. Rules stand in `rules.ts`, actions in `actions.ts`. */
import {
  type Atoms,
  atoms,
  type Exposure,
  fixedToNumber,
  type Health,
  type Moment,
  type Offer,
} from '../../model/index.ts'
import type { Applied, Mechanism } from '../mechanism.ts'
import { applied, unlessReverted } from '../solidity.ts'
import { actMorpho } from './actions.ts'
import {
  accrued,
  isHealthy,
  liquidation,
  type MorphoMarket,
  type MorphoPosition,
  maxBorrowDown,
  ORACLE_PRICE_SCALE,
  toAssetsUp,
} from './rules.ts'
import type { MorphoAction, MorphoState } from './state.ts'

/** Target id of an account in a market. */
export function morphoTarget(market: string, account: string): string {
  return `${market}/${account}`
}

/** The mechanism. Feeds answer in Morpho's oracle scale; 0 is an answer, a missing feed is none. */
export const morphoBlue: Mechanism<MorphoState, MorphoAction> = {
  id: 'morpho-blue',
  targets,
  assess: (state, target, at) => unlessReverted(() => assess(state, target, at)),
  offers: (state, target, at) => unlessReverted(() => offers(state, target, at)) ?? [],
  apply: (state, action, at): Applied => applied(() => actMorpho(state, action, at)),
  exposure: (state, target, at) => unlessReverted(() => exposure(state, target, at)),
  holdings,
}

function* targets(state: MorphoState): Iterable<string> {
  for (const [market, positions] of state.positions)
    for (const [account, { borrowShares }] of positions) if (borrowShares > 0n) yield morphoTarget(market, account)
}

/** A target as it stands at a moment: interest accrued, price read. */
type Sight = {
  readonly id: string
  readonly account: string
  readonly market: MorphoMarket
  readonly position: MorphoPosition
  readonly price: bigint
}

function look(state: MorphoState, target: string, at: Moment): Sight | undefined {
  const cut = target.indexOf('/')
  const [id, account] = [target.slice(0, cut), target.slice(cut + 1)]
  const stored = state.markets.get(id)
  const position = state.positions.get(id)?.get(account)
  if (!stored || stored.lastUpdate === 0n || !position || BigInt(at.time) < stored.lastUpdate) return undefined
  const price = at.price(stored.feed)
  if (price === undefined) return undefined
  return { id, account, market: accrued(stored, BigInt(at.time)).totals, position, price }
}

function assess(state: MorphoState, target: string, at: Moment): Health | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { market, position, price } = seen
  const required = toAssetsUp(position.borrowShares, market.totalBorrowAssets, market.totalBorrowShares)
  const backing = maxBorrowDown(position.collateral, price, market.lltv)
  const equity = (position.collateral * price) / ORACLE_PRICE_SCALE - required
  return { backing, required, equity, liquidatable: !isHealthy(market, position, price) }
}

/** One offer: repay everything, or as much as the collateral pays for; what the contract would take now. */
function offers(state: MorphoState, target: string, at: Moment): readonly Offer<MorphoAction>[] {
  const seen = look(state, target, at)
  if (!seen || seen.price === 0n || isHealthy(seen.market, seen.position, seen.price)) return []
  const { id, account, market, position, price } = seen
  for (const call of [
    { seizedAssets: 0n, repaidShares: position.borrowShares },
    { seizedAssets: position.collateral, repaidShares: 0n },
    // Rounding can put both ends out of reach by an atom.
    { seizedAssets: position.collateral - 1n, repaidShares: 0n },
  ]) {
    if (call.seizedAssets <= 0n && call.repaidShares <= 0n) continue
    const moved = unlessReverted(() => liquidation(market, position, price, call).moved)
    if (moved === undefined) continue
    const action: MorphoAction = { do: 'liquidate', market: id, account, ...call }
    return [
      {
        ...{ target, actor: 'anyone', action },
        pay: [{ asset: market.loan, atoms: atoms(moved.repaidAssets) }],
        receive: [{ asset: market.collateral, atoms: atoms(moved.seizedAssets) }],
      },
    ]
  }
  return []
}

/** Backing = collateral · price · LLTV; required = debt; float64, price in the feed's own scale. */
function exposure(state: MorphoState, target: string, at: Moment): Exposure | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { market, position } = seen
  const debt = toAssetsUp(position.borrowShares, market.totalBorrowAssets, market.totalBorrowShares)
  const backing = (Number(position.collateral) * fixedToNumber(market.lltv, 18)) / Number(ORACLE_PRICE_SCALE)
  return {
    slopes: [{ feed: market.feed, backing, required: 0 }],
    constant: { backing: 0, required: Number(debt) },
  }
}

/** Tokens that the contract holds: collateral, supplied but not borrowed loan assets, and what rounding left over. */
function holdings(state: MorphoState): ReadonlyMap<string, Atoms> {
  const held = new Map<string, Atoms>()
  const put = (asset: string, amount: bigint) => held.set(asset, atoms((held.get(asset) ?? 0n) + amount))
  for (const [id, market] of state.markets) {
    put(market.loan, market.totalSupplyAssets - market.totalBorrowAssets + (market.excess ?? 0n))
    for (const { collateral } of state.positions.get(id)?.values() ?? []) put(market.collateral, collateral)
  }
  return held
}
