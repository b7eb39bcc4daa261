/** f(x) Protocol v1 as a mechanism: the target is the treasury, judged by its collateral ratio. Rules in `rules.ts`, actions in `treasury.ts`. */
import {
  type AssetId,
  type Atoms,
  atoms,
  type Exposure,
  type Health,
  type Moment,
  type Offer,
} from '../../model/index.ts'
import { type Completed, type Mechanism, wasRefused } from '../mechanism.ts'
import { applied, ensure, unlessReverted } from '../solidity.ts'
import { actPool, poolLiquidate } from './rebalance-pool.ts'
import { collateralRatioDown, type FxV1Mode, modeOf, WAD } from './rules.ts'
import type { FxV1Action, FxV1State } from './state.ts'
import {
  basePrice,
  FX_V1_ASSETS,
  type FxV1Desk,
  liquidate,
  redeemHeldF,
  redeemX,
  settle,
  sideAt,
  takeBase,
} from './treasury.ts'

const TARGET = 'treasury'

/**
 * f(x) v1. Health is measured at the liquidation line: backing = base, required = line · value of all f, both USD. Liquidatable means that anyone may burn
 * f with the incentive, which ends again where the ratio falls below 1.
 */
export const fxV1: Mechanism<FxV1State, FxV1Action> = {
  id: 'fx-v1',
  *targets({ book }) {
    if (book.fSupply > 0n) yield TARGET
  },
  assess: (state, target, at) => unlessReverted(() => (target === TARGET ? look(state, at) : undefined))?.health,
  offers: (state, target, at) => unlessReverted(() => offers(state, target, at)) ?? [],
  apply: (state, action, at) =>
    applied(() => {
      if (action.do === 'set-terms') return setTerms(state, action.terms)
      const desk = deskOf(state, at)
      const done = act(state, desk, action)
      state.book = desk.book
      return done
    }),
  exposure,
  holdings,
}

/** The mode of the treasury at a moment, and its collateral ratio in wad; `undefined` without a price. */
export function fxV1Mode(
  state: FxV1State,
  at: Moment,
): { readonly mode: FxV1Mode; readonly collateralRatio: bigint } | undefined {
  return unlessReverted(() => look(state, at))
}

function look(state: FxV1State, at: Moment) {
  const side = sideAt(state, basePrice(state, at))
  const collateralRatio = collateralRatioDown(side)
  const mode = modeOf(collateralRatio, state.terms.lines)
  const [value, owed] = [side.base * side.price, side.fSupply * side.fNav]
  const health: Health = {
    backing: value / WAD,
    required: (owed * state.terms.lines.liquidation) / WAD / WAD,
    equity: (value - owed) / WAD,
    liquidatable: side.fSupply > 0n && (mode === 'liquidation' || mode === 'self-liquidation'),
  }
  return { mode, collateralRatio, health }
}

function deskOf(state: FxV1State, at: Moment): FxV1Desk {
  return { book: { ...state.book }, terms: state.terms, price: basePrice(state, at) }
}

function act(state: FxV1State, desk: FxV1Desk, action: Exclude<FxV1Action, { do: 'set-terms' }>): Completed {
  if ('base' in action) return takeBase(desk, action)
  if ('by' in action) return actPool(state, desk, action)
  switch (action.do) {
    case 'redeem-f':
      return redeemHeldF(desk, action.fToken)
    case 'redeem-x':
      return redeemX(desk, action.xToken)
    case 'liquidate':
    case 'self-liquidate':
      return liquidate(desk, action.fToken, action.do === 'self-liquidate')
    case 'pool-liquidate':
      return poolLiquidate(state, desk, action.most)
    case 'settle':
      return settle(desk)
  }
}

function setTerms(state: FxV1State, terms: Extract<FxV1Action, { do: 'set-terms' }>['terms']): Completed {
  const next = { ...state.terms, ...terms }
  const { stability, liquidation, selfLiquidation, recapitalisation } = next.lines
  const falling = stability > liquidation && liquidation > selfLiquidation && selfLiquidation > recapitalisation
  ensure(falling && recapitalisation >= WAD, 'invalid market config')
  state.terms = next
  return { facts: [] }
}

/** Burning f with the incentive, by anyone; redeeming the pool's f and the protocol's own purchase, by those who run it. */
function offers(state: FxV1State, target: string, at: Moment): readonly Offer<FxV1Action>[] {
  if (target !== TARGET || state.book.fSupply === 0n) return []
  const held = state.book.fSupply - state.book.poolF
  const tries = [
    { actor: 'anyone', action: { do: 'liquidate', fToken: held } },
    { actor: 'engine', action: { do: 'self-liquidate', fToken: held } },
    { actor: 'engine', action: { do: 'pool-liquidate' } },
  ] as const
  return tries.flatMap(({ actor, action }) => {
    // Nothing is kept of a try but what it would do: depositors change only by their own actions.
    const copy: FxV1State = { ...state, closed: new Map(state.closed) }
    const done = applied(() => act(copy, deskOf(state, at), action))
    return wasRefused(done) ? [] : [{ target, actor, action, pay: done.paid ?? [], receive: done.received ?? [] }]
  })
}

/** f's own price is a straight line in the price of the base too. */
function exposure(state: FxV1State, target: string, at: Moment): Exposure | undefined {
  const { book, terms, feed } = state
  const price = at.price(feed)
  if (target !== TARGET || price === undefined || price <= 0n || book.base === 0n) return undefined
  const owed = (Number(book.fSupply) * Number(book.fNav) * Number(terms.lines.liquidation)) / 1e36
  const beta = Number(terms.beta) / 1e18
  return {
    slopes: [{ feed, backing: Number(book.base) / 1e18, required: (owed * beta) / Number(book.price) }],
    constant: { backing: 0, required: owed * (1 - beta) },
  }
}

/** Base in treasury, reserve, pool and fees; f and x that others hold count as owed. */
function holdings({ book }: FxV1State): ReadonlyMap<AssetId, Atoms> {
  return new Map([
    [FX_V1_ASSETS.base, atoms(book.base + book.reserve + book.feesKept + book.poolBase)],
    [FX_V1_ASSETS.fToken, atoms(book.poolF - book.fSupply)],
    [FX_V1_ASSETS.xToken, atoms(-book.xSupply)],
  ])
}
