/** What Morpho stores, what may be done to it, and a draft of the part that one action touches. */
import { ensure } from '../solidity.ts'
import { accrued, type MorphoMarket, type MorphoPosition, type MorphoRateModel } from './rules.ts'

/** Markets by id; positions by market id, then account; who receives every market's fee. */
export type MorphoState = {
  readonly markets: Map<string, MorphoMarket>
  readonly positions: Map<string, Map<string, MorphoPosition>>
  feeRecipient: string
  /** What a new market may choose, as the owner enabled it; `undefined`: every rate model, every LLTV below 1. */
  enabled?: { readonly lltvs: bigint[]; readonly rateModels: MorphoRateModel['kind'][] } | undefined
}

/** What a market is made of for good. */
export type MorphoMarketParams = Pick<MorphoMarket, 'loan' | 'collateral' | 'feed' | 'lltv' | 'rateModel'>

/** Supply, withdraw, borrow, repay: by `assets` or by `shares`, one of them above zero and the other zero or left out. */
export type MorphoLoanAction = {
  readonly do: 'supply' | 'withdraw' | 'borrow' | 'repay'
  readonly market: string
  readonly account: string
  readonly assets?: bigint | undefined
  readonly shares?: bigint | undefined
}

/** Collateral in and out. */
export type MorphoCollateralAction = {
  readonly do: 'supply-collateral' | 'withdraw-collateral'
  readonly market: string
  readonly account: string
  readonly assets: bigint
}

/** A liquidation: exactly one of `seizedAssets` and `repaidShares` is above zero. */
export type MorphoLiquidateAction = {
  readonly do: 'liquidate'
  readonly market: string
  readonly account: string
  readonly seizedAssets: bigint
  readonly repaidShares: bigint
  readonly liquidator?: string | undefined
}

/** What the contract's owner may do, and making a market, which anybody may. `fee` is a share of interest, wad. */
export type MorphoOwnerAction =
  | { readonly do: 'create-market'; readonly market: string; readonly params: MorphoMarketParams }
  | { readonly do: 'enable-lltv'; readonly lltv: bigint }
  | { readonly do: 'enable-rate-model'; readonly kind: MorphoRateModel['kind'] }
  | { readonly do: 'set-fee'; readonly market: string; readonly fee: bigint }
  | { readonly do: 'set-fee-recipient'; readonly account: string }

/**
 * What may be done. Who calls is not part of an action: it is taken to come from somebody who may (the account itself or whom it authorised, the
 * owner), so the contract's `unauthorized` and `not owner` never happen here; nor do a token's own refusals.
 */
export type MorphoAction =
  | { readonly do: 'accrue'; readonly market: string }
  | MorphoLoanAction
  | MorphoCollateralAction
  | MorphoLiquidateAction
  | MorphoOwnerAction

/** The account that nobody owns: the contract takes nothing on its behalf. */
export const MORPHO_NOBODY = `0x${'0'.repeat(40)}`

/** A state without markets. */
export function emptyMorpho(feeRecipient = MORPHO_NOBODY): MorphoState {
  return { markets: new Map(), positions: new Map(), feeRecipient }
}

/** A market that was just made. */
export function newMorphoMarket(params: MorphoMarketParams, time: bigint): MorphoMarket {
  return {
    ...params,
    ...{ totalSupplyAssets: 0n, totalSupplyShares: 0n, totalBorrowAssets: 0n, totalBorrowShares: 0n },
    ...{ lastUpdate: time, fee: 0n },
  }
}

/** What an account has in a market; nothing when it was never there. */
export function positionIn(state: MorphoState, market: string, account: string): Readonly<MorphoPosition> {
  return state.positions.get(market)?.get(account) ?? { supplyShares: 0n, borrowShares: 0n, collateral: 0n }
}

/** A market that exists, or the contract's refusal. */
export function created(state: MorphoState, id: string): MorphoMarket {
  const market = state.markets.get(id)
  ensure(market !== undefined && market.lastUpdate !== 0n, 'market not created')
  return market
}

/** Copies of a market and of the positions that an action changes; nothing is written before `commit`. */
export type MorphoDraft = {
  readonly id: string
  readonly market: MorphoMarket
  position(account: string): MorphoPosition
  commit(): void
}

/** Opens a draft of a market with interest accrued until `time`; as stored when `time` is left out. */
export function draftOf(state: MorphoState, id: string, time?: bigint): MorphoDraft {
  const stored = created(state, id)
  const changed = new Map<string, MorphoPosition>()
  const position = (account: string): MorphoPosition => {
    const copy = changed.get(account) ?? { ...positionIn(state, id, account) }
    changed.set(account, copy)
    return copy
  }
  const { totals, feeShares } = time === undefined ? { totals: stored, feeShares: 0n } : accrued(stored, time)
  if (feeShares > 0n) position(state.feeRecipient).supplyShares += feeShares
  const market = { ...totals }
  return {
    ...{ id, market, position },
    commit: () => {
      Object.assign(stored, market)
      const positions = state.positions.get(id) ?? new Map<string, MorphoPosition>()
      for (const [account, copy] of changed) positions.set(account, copy)
      state.positions.set(id, positions)
    },
  }
}
