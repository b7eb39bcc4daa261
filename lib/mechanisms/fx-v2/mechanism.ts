/** f(x) Protocol v2 as a mechanism. Rules in `rules.ts`, the tick tree in `tree.ts`, actions check by check in `operate.ts`, `pool.ts` and `forced.ts`. */
import type { AssetId, Atoms, Exposure, Health, Moment, Offer } from '../../model/index.ts'
import { atoms } from '../../model/index.ts'
import { type Completed, type Mechanism, wasRefused } from '../mechanism.ts'
import { applied, ensure, unlessReverted } from '../solidity.ts'
import type { FxV2Action, FxV2ForcedAction, FxV2Payment } from './actions.ts'
import { actBase } from './base-pool.ts'
import { answerOf, collIndexAt, FX_V2_ASSETS, flow, stableScaleOf } from './books.ts'
import { force, harvest, redeem, reduceDebt } from './forced.ts'
import { operate } from './operate.ts'
import { sideOf, verdictOf } from './pool.ts'
import { type FxV2Shares, type FxV2Stage, scaleDown, WAD } from './rules.ts'
import { draftFxV2, type FxV2Draft, type FxV2State } from './state.ts'
import { currentPosition, sharesAt } from './tree.ts'

/**
 * f(x) v2. Targets: positions. Health is measured at the first line, where a rebalance may be forced: backing = collateral · rebalance ratio, required =
 * debt, both fxUSD. Since March 2025 the contract looks at ticks: the verdict is then that of the position's tick.
 */
export const fxV2: Mechanism<FxV2State, FxV2Action> = {
  id: 'fx-v2',
  targets: ({ positions }) => positions.keys(),
  assess: (state, target, at) => unlessReverted(() => lookAt(state, target, at))?.health,
  offers: (state, target, at) => unlessReverted(() => offers(state, target, at)) ?? [],
  apply: (state, action, at) =>
    applied(() => {
      if (action.do === 'set-terms') return setTerms(state, action.terms)
      const draft = draftFxV2(state)
      const done = act(draft, action, at)
      draft.commit()
      return done
    }),
  exposure,
  holdings,
}

/** What a position has and owes at a moment, funding included, its tick, its stage, and its health. */
export type FxV2Look = {
  readonly side: FxV2Shares
  readonly tick: number | undefined
  readonly stage: FxV2Stage
  readonly health: Health
}

/** A position as an action would find it; `undefined` for an unknown one or without a price. */
export function fxV2Look(state: FxV2State, target: string, at: Moment): FxV2Look | undefined {
  return unlessReverted(() => lookAt(state, target, at))
}

function lookAt(state: FxV2State, target: string, at: Moment): FxV2Look | undefined {
  const stored = state.positions.get(target)
  if (!stored) return undefined
  const price = answerOf(state.feeds.min, at)
  const indexes = { collIndex: collIndexAt(state, at), debtIndex: state.book.debtIndex }
  const position = currentPosition(state, stored)
  const side = sideOf(position, indexes, price)
  const tick = position.node === '' || side.rawDebt === 0n ? undefined : state.nodes.get(position.node)?.tick
  const whole = tick === undefined ? undefined : sideOf(sharesAt(state, tick), indexes, price)
  const stage = verdictOf(state, side, whole)
  const worth = side.rawColl * price
  return {
    ...{ side, tick, stage },
    health: {
      backing: (worth * state.terms.rebalanceRatio) / (WAD * WAD),
      required: side.rawDebt,
      equity: worth / WAD - side.rawDebt,
      liquidatable: stage !== 'safe',
    },
  }
}

function act(draft: FxV2Draft, action: Exclude<FxV2Action, { do: 'set-terms' }>, at: Moment): Completed {
  switch (action.do) {
    case 'operate':
      return operate(draft, action, at)
    case 'redeem':
      return redeem(draft, action, at)
    case 'harvest':
      return harvest(draft, at)
    case 'reduce-debt':
      return reduceDebt(draft, action.amount)
    case 'fund-reserve':
      ensure(action.amount > 0n, 'nothing to fund')
      draft.book.reserve += action.amount
      return { facts: [], paid: [flow('collateral', action.amount)] }
    case 'base-deposit':
    case 'base-request':
    case 'base-redeem':
    case 'base-instant-redeem':
      return actBase(draft, action, at)
    default:
      return force(draft, action, at)
  }
}

function setTerms(state: FxV2State, terms: Extract<FxV2Action, { do: 'set-terms' }>['terms']): Completed {
  const next = { ...state.terms, ...terms }
  const ratios = [next.rebalanceRatio, next.liquidateRatio, next.maxDebtRatio]
  ensure(ratios.every((one) => one >= 0n && one <= WAD) && next.minDebtRatio <= next.maxDebtRatio, 'ErrorValueTooLarge')
  state.terms = next
  return { facts: [] }
}

/** Ways to pay, in the order in which they are offered: the first that the contract would take. */
const PAYMENTS: readonly FxV2Payment[] = [
  { from: 'base', token: 'fxUsd' },
  { from: 'base', token: 'stable' },
  { from: 'own', fxUsd: 1n << 100n, stable: 0n },
  { from: 'own', fxUsd: 0n, stable: 1n << 80n },
]

function offers(state: FxV2State, target: string, at: Moment): readonly Offer<FxV2Action>[] {
  const look = fxV2Look(state, target, at)
  if (!look || look.stage === 'safe' || look.tick === undefined) return []
  for (const pay of [...PAYMENTS, ...topTickOnly(state, look, at)]) {
    const action = forcedOn(state, target, look, pay)
    const done = applied(() => act(draftFxV2(state), action, at))
    if (wasRefused(done) || done.facts.length === 0) continue
    const { paid = [], received = [] } = done
    return [{ target, actor: 'anyone', action, pay: paid, receive: received }]
  }
  return []
}

/** Where everything at once would leave nobody to bear the bad debt, the call as a whole reverts; as much as the top tick can repay may still go. */
function topTickOnly(state: FxV2State, { stage, side }: FxV2Look, at: Moment): readonly FxV2Payment[] {
  if (state.terms.calls !== 'ticks' || stage !== 'liquidate') return []
  const top = sideOf(sharesAt(state, state.book.topTick), side, side.price)
  const worth = (top.rawColl * side.price) / WAD
  const most = scaleDown(worth < top.rawDebt ? worth : top.rawDebt, stableScaleOf(state, at))
  return [{ from: 'base', token: 'stable', most }]
}

function forcedOn(
  { terms }: FxV2State,
  position: string,
  { stage, tick = 0 }: FxV2Look,
  pay: FxV2Payment,
): FxV2ForcedAction {
  if (terms.calls === 'positions')
    return { do: stage === 'rebalance' ? 'rebalance-position' : 'liquidate-position', position, pay }
  return stage === 'rebalance' ? { do: 'rebalance-tick', tick, pay } : { do: 'liquidate', pay }
}

function exposure(state: FxV2State, target: string, at: Moment): Exposure | undefined {
  const look = fxV2Look(state, target, at)
  if (!look) return undefined
  const backing = (Number(look.side.rawColl) * Number(state.terms.rebalanceRatio)) / 1e36
  return {
    slopes: [{ feed: state.feeds.min, backing, required: 0 }],
    constant: { backing: 0, required: Number(look.side.rawDebt) },
  }
}

/** Collateral in manager and reserve; fxUSD and fxBASE that others hold count as owed. */
function holdings({ book }: FxV2State): ReadonlyMap<AssetId, Atoms> {
  return new Map([
    [FX_V2_ASSETS.collateral, atoms(book.tokens + book.reserve)],
    [FX_V2_ASSETS.fxUsd, atoms(book.baseFxUsd - book.supply)],
    [FX_V2_ASSETS.stable, atoms(book.baseStable + book.stableOwned)],
    [FX_V2_ASSETS.base, atoms(-book.baseShares)],
  ])
}
