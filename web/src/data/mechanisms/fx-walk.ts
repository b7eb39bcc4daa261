/** An f(x) v2 position along a falling price, with a keeper who calls after each step, never, or only at the end. */
import {
  emptyFxV2,
  FX_V2_TERMS,
  type FxV2Action,
  type FxV2State,
  type FxV2Terms,
  fxV2,
  fxV2Look,
  fxV2Rules,
  wasRefused,
} from '../../../../lib/mechanisms/index.ts'
import type { FeedAnswer, Moment, UnixSeconds } from '../../../../lib/model/index.ts'
import { fixed, float } from './words.ts'

/** A position and its pool: price in dollars, lines, bonuses and step as fractions. */
export type FxTerms = {
  readonly open: number
  readonly coins: number
  readonly leverage: number
  readonly rebalanceLine: number
  readonly liquidateLine: number
  readonly rebalanceBonus: number
  readonly liquidateBonus: number
  readonly reserve: number
  readonly step: number
}

/** Where the position stands at a price. */
export type FxPlace = {
  readonly price: number
  readonly state: FxV2State
  readonly rebalances: number
  readonly liquidations: number
  /** Debt that no collateral was left for and that all other positions share, fxUSD. */
  readonly spread: number
}

/** Figures of a place; `ratio` is missing where nothing is left to owe for. */
export type FxStanding = {
  readonly ratio: number | undefined
  readonly coins: number
  readonly debt: number
  readonly tick: number | undefined
  readonly stage: 'safe' | 'rebalance' | 'liquidate'
}

const START = 1_700_000_000
const FEEDS = { min: 'price', max: 'price', stable: 'usdc' }
const MINE = '1'
const MOST_STEPS = 400
const MOST_CALLS = 12

function moment(price: number): Moment {
  const answers: Readonly<Record<string, bigint>> = { price: fixed(price), usdc: fixed(1) }
  return { time: START as UnixSeconds, price: (feed) => answers[feed] as FeedAnswer | undefined }
}

/** Opens the position beside a larger one of twice leverage, with a stable pool that can pay for both. The contract's word where it refuses. */
export function openFx(terms: FxTerms): FxPlace | { readonly refused: string } {
  const { open, coins, leverage, reserve } = terms
  const fees = { ...FX_V2_TERMS.fees, supply: 0n, withdraw: 0n, borrow: 0n, repay: 0n }
  const pool: FxV2Terms = {
    ...{ ...FX_V2_TERMS, fees, minDebtRatio: 0n },
    ...{ rebalanceRatio: fixed(terms.rebalanceLine), liquidateRatio: fixed(terms.liquidateLine) },
    rebalanceBonus: fixed(terms.rebalanceBonus, 9),
    liquidateBonus: fixed(terms.liquidateBonus, 9),
  }
  const state = emptyFxV2(pool, FEEDS, BigInt(START))
  const at = moment(open)
  const borrowed = (size: number, times: number) => fixed(size * open * (1 - 1 / times))
  const usdc = BigInt(Math.ceil(coins * open * 30)) * 1_000_000n
  const actions: readonly FxV2Action[] = [
    { do: 'operate', by: 'owner', coll: fixed(coins), debt: borrowed(coins, leverage) },
    { do: 'operate', by: 'others', coll: fixed(coins * 10), debt: borrowed(coins * 10, 2) },
    { do: 'base-deposit', by: 'savers', token: 'stable', amount: usdc },
    ...(reserve > 0 ? [{ do: 'fund-reserve', amount: fixed(reserve) } as const] : []),
  ]
  for (const action of actions) {
    const done = fxV2.apply(state, action, at)
    if (wasRefused(done)) return { refused: done.refused.message }
  }
  return { price: open, state, rebalances: 0, liquidations: 0, spread: 0 }
}

/** The price moves; a keeper that is up makes every call that is offered. */
export function moveTo(from: FxPlace, price: number, keeper: boolean): FxPlace {
  if (!keeper) return { ...from, price }
  const at = moment(price)
  let { rebalances, liquidations, spread } = from
  const state = structuredClone(from.state)
  for (let call = 0; call < MOST_CALLS; call++) {
    const offer = [...fxV2.targets(state)].flatMap((target) => fxV2.offers(state, target, at))[0]
    if (!offer) break
    const done = fxV2.apply(state, offer.action, at)
    if (wasRefused(done)) break
    if (offer.action.do === 'rebalance-tick') rebalances += 1
    else liquidations += 1
    for (const fact of done.facts)
      if (fact.type === 'loan-liquidation' && fact.badDebt) spread += float(fact.badDebt.atoms as bigint)
  }
  return { price, state, rebalances, liquidations, spread }
}

/** Whole steps down from the opening, as far as they are needed; `keep` holds them from call to call. */
export function fall(
  opened: FxPlace,
  price: number,
  step: number,
  keeper: boolean,
  keep: FxPlace[],
): readonly FxPlace[] {
  if (keep.length === 0) keep.push(opened)
  while (keep.length < MOST_STEPS) {
    const last = keep[keep.length - 1] as FxPlace
    if (last.price * (1 - step) <= price) break
    keep.push(moveTo(last, last.price * (1 - step), keeper))
  }
  const whole = keep.filter((place) => place.price > price)
  const last = whole[whole.length - 1] ?? opened
  return price === opened.price ? [opened] : [...whole, moveTo(last, price, keeper)]
}

/** Figures of the position at a place. */
export function fxStanding({ state, price }: FxPlace): FxStanding {
  const look = fxV2Look(state, MINE, moment(price))
  if (!look) return { ratio: undefined, coins: 0, debt: 0, tick: undefined, stage: 'safe' }
  const { rawColl, rawDebt } = look.side
  const ratio = fxV2Rules.debtRatioDown(look.side)
  return {
    ratio: rawDebt === 0n || ratio === undefined ? undefined : float(ratio),
    ...{ coins: float(rawColl), debt: float(rawDebt), tick: look.tick, stage: look.stage },
  }
}
