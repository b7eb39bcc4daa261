/** Morpho's pre-liquidation as a mechanism over Morpho's state. Rules stand in `pre-liquidation-rules.ts`. */
import { atoms, type Exposure, fixedToNumber, type Health, type Moment, type Offer } from '../../model/index.ts'
import type { Completed, Mechanism } from '../mechanism.ts'
import { applied, ensure, unlessReverted } from '../solidity.ts'
import { actMorpho, lend, morphoPrice, moveCollateral } from './actions.ts'
import { morphoBlue } from './mechanism.ts'
import {
  ensurePreLiquidation,
  type PreLiquidationParams,
  preFactorsOf,
  preLiquidationSizes,
  preStanding,
  repayableSharesDown,
} from './pre-liquidation-rules.ts'
import { accrued, type MorphoMarket, type MorphoPosition, ORACLE_PRICE_SCALE } from './rules.ts'
import { draftOf, type MorphoAction, type MorphoState, positionIn } from './state.ts'

/** A pre-liquidation contract: the market it stands beside and its parameters. */
export type PreLiquidationContract = { readonly market: string; readonly params: PreLiquidationParams }

/** Morpho's state; contracts by id; contract ids that an account authorised. */
export type PreLiquidationState = {
  readonly morpho: MorphoState
  readonly contracts: Map<string, PreLiquidationContract>
  readonly authorised: Map<string, readonly string[]>
}

/** What may be done: everything that Morpho takes, making a contract, authorising it or not, and the pre-liquidation itself. */
export type PreLiquidationAction =
  | MorphoAction
  | { readonly do: 'deploy'; readonly contract: string; readonly market: string; readonly params: PreLiquidationParams }
  | { readonly do: 'authorise'; readonly account: string; readonly contract: string; readonly allowed: boolean }
  | {
      readonly do: 'pre-liquidate'
      readonly contract: string
      readonly account: string
      readonly seizedAssets: bigint
      readonly repaidShares: bigint
      readonly liquidator?: string | undefined
    }

/** Target id of an account for a contract. */
export function preLiquidationTarget(contract: string, account: string): string {
  return `${contract}/${account}`
}

/**
 * The mechanism. Its targets are the accounts that authorised a contract and owe on its market; `liquidatable` means: by this contract, now. Above
 * the market's LLTV that is false, and `morpho-blue` says the rest.
 */
export const morphoPreLiquidation: Mechanism<PreLiquidationState, PreLiquidationAction> = {
  id: 'morpho-pre-liquidation',
  targets,
  assess: (state, target, at) => unlessReverted(() => assess(state, target, at)),
  offers: (state, target, at) => unlessReverted(() => offers(state, target, at)) ?? [],
  apply: (state, action, at) => applied(() => act(state, action, at)),
  exposure: (state, target, at) => unlessReverted(() => exposure(state, target, at)),
  holdings: ({ morpho }) => morphoBlue.holdings(morpho),
}

function* targets({ morpho, contracts, authorised }: PreLiquidationState): Iterable<string> {
  for (const [account, ids] of authorised)
    for (const id of ids) {
      const contract = contracts.get(id)
      if (contract && positionIn(morpho, contract.market, account).borrowShares > 0n)
        yield preLiquidationTarget(id, account)
    }
}

type Sight = {
  readonly contract: string
  readonly account: string
  readonly params: PreLiquidationParams
  readonly market: MorphoMarket
  readonly position: MorphoPosition
  readonly price: bigint
}

function look({ morpho, contracts, authorised }: PreLiquidationState, target: string, at: Moment): Sight | undefined {
  const cut = target.indexOf('/')
  const [contract, account] = [target.slice(0, cut), target.slice(cut + 1)]
  const made = contracts.get(contract)
  const stored = made && morpho.markets.get(made.market)
  const price = made && at.price(made.params.feed)
  if (!stored || price === undefined || !authorised.get(account)?.includes(contract)) return undefined
  const position = positionIn(morpho, made.market, account)
  if (position.borrowShares === 0n) return undefined
  return { contract, account, params: made.params, market: accrued(stored, BigInt(at.time)).totals, position, price }
}

function assess(state: PreLiquidationState, target: string, at: Moment): Health | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { collateralQuoted, borrowed, threshold, limit } = preStanding(
    ...([seen.params, seen.market, seen.position, seen.price] as const),
  )
  const liquidatable = borrowed > threshold && borrowed <= limit
  return { backing: threshold, required: borrowed, equity: collateralQuoted - borrowed, liquidatable }
}

/** One offer: as much as the close factor allows, when Morpho takes it. */
function offers(state: PreLiquidationState, target: string, at: Moment): readonly Offer<PreLiquidationAction>[] {
  const seen = look(state, target, at)
  if (!seen) return []
  const { contract, account, params, market, position, price } = seen
  const { preLCF } = preFactorsOf(params, market, position, price)
  const repaidShares = repayableSharesDown(position, preLCF)
  const action = { do: 'pre-liquidate', contract, account, seizedAssets: 0n, repaidShares } as const
  const { done } = preLiquidated(state, action, at)
  return [{ target, actor: 'anyone', action, pay: done.paid ?? [], receive: done.received ?? [] }]
}

function act(state: PreLiquidationState, action: PreLiquidationAction, at: Moment): Completed {
  switch (action.do) {
    case 'deploy': {
      const market = state.morpho.markets.get(action.market)
      ensure(market !== undefined && market.lastUpdate !== 0n, 'NonexistentMarket')
      ensurePreLiquidation(action.params, market.lltv)
      // The factory makes each contract at an address that its parameters determine: the second time there is no room.
      ensure(!state.contracts.has(action.contract), '(empty)', 'this contract stands already')
      state.contracts.set(action.contract, { market: action.market, params: action.params })
      return { facts: [] }
    }
    case 'authorise': {
      const now = state.authorised.get(action.account) ?? []
      ensure(now.includes(action.contract) !== action.allowed, 'already set')
      const others = now.filter((id) => id !== action.contract)
      state.authorised.set(action.account, action.allowed ? [...others, action.contract] : others)
      return { facts: [] }
    }
    case 'pre-liquidate': {
      const { done, commit } = preLiquidated(state, action, at)
      commit()
      return done
    }
    default:
      return actMorpho(state.morpho, action, at)
  }
}

/** The pre-liquidation on a draft: sizes, then Morpho's repayment, then Morpho's withdrawal of the collateral. */
function preLiquidated(
  state: PreLiquidationState,
  action: Extract<PreLiquidationAction, { do: 'pre-liquidate' }>,
  at: Moment,
): { readonly done: Completed; readonly commit: () => void } {
  const { contract: id, account, liquidator } = action
  const contract = state.contracts.get(id)
  ensure(contract !== undefined, '(empty)', `there is no contract ${id}`)
  ensure((action.seizedAssets === 0n) !== (action.repaidShares === 0n), 'InconsistentInput')
  const { market: marketId, params } = contract
  const draft = draftOf(state.morpho, marketId, BigInt(at.time))
  const { market } = draft
  const price = morphoPrice(params.feed, at)
  const { seizedAssets, repaidShares } = preLiquidationSizes(params, market, draft.position(account), price, action)
  ensure(repaidShares !== 0n, 'inconsistent input')
  const common = { market: marketId, account }
  const { moved } = lend(draft, { do: 'repay', ...common, shares: repaidShares }, at)
  const repaidAssets = moved?.['assets'] ?? 0n
  ensure(seizedAssets !== 0n, 'zero assets')
  ensure(state.authorised.get(account)?.includes(id) ?? false, 'unauthorized')
  moveCollateral(draft, { do: 'withdraw-collateral', ...common, assets: seizedAssets }, at)
  const repaid = { asset: market.loan, atoms: atoms(repaidAssets) }
  const seized = { asset: market.collateral, atoms: atoms(seizedAssets) }
  const protocol = 'morpho-pre-liquidation'
  return {
    commit: draft.commit,
    done: {
      facts: [{ type: 'loan-liquidation', protocol, ...common, liquidator, repaid, seized, usd: undefined }],
      ...{ paid: [repaid], received: [seized] },
      moved: { repaidAssets, repaidShares, seizedAssets },
    },
  }
}

/** Backing = collateral · price · preLltv; required = debt; float64, price in the feed's own scale. */
function exposure(state: PreLiquidationState, target: string, at: Moment): Exposure | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { params, market, position, price } = seen
  const { borrowed } = preStanding(params, market, position, price)
  const backing = (Number(position.collateral) * fixedToNumber(params.preLltv, 18)) / Number(ORACLE_PRICE_SCALE)
  return {
    slopes: [{ feed: params.feed, backing, required: 0 }],
    constant: { backing: 0, required: Number(borrowed) },
  }
}
