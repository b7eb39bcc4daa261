/** Random worlds of f(x) v2: owners at high leverage, prices that wander and jump through both lines, a stable pool that runs dry, both generations of calls. */
import type { FeedAnswer, Moment, Prng, UnixSeconds } from '../../model/index.ts'
import type { World } from '../conformance.ts'
import type { FxV2Action, FxV2Payment } from './actions.ts'
import { fxV2Look } from './mechanism.ts'
import { FEE, rawCollDown, rawDebtDown, WAD } from './rules.ts'
import { emptyFxV2, FX_V2_TERMS, type FxV2Feeds, type FxV2State, type FxV2Terms } from './state.ts'
import { currentPosition } from './tree.ts'

const OWNERS = ['ann', 'bob', 'cid', 'dot'] as const
const START = 1_700_000_000
const MOST_POSITIONS = 5
const PERCENT = WAD / 100n

/** A world of its own for every generator. */
export function fxV2World(chance: Prng): World<FxV2State, FxV2Action> {
  const feeds: FxV2Feeds = {
    ...{ min: 'min', max: 'max', rate: 'rate', stable: 'usdc', borrowIndex: 'index' },
    ...(chance.next() < 0.5 ? { fxUsd: 'fxUSD' } : {}),
  }
  const state = emptyFxV2(termsOf(chance), feeds, BigInt(START), { interest: BigInt(chance.int(20)) * PERCENT })
  const market = marketOf(chance)
  const first = market.momentAt(START)
  return {
    state,
    at: first,
    next: (now, { time }) => {
      const at = market.momentAt(time + 1 + chance.int(chance.pick([600, 20_000, 200_000])))
      return { action: actionOf(now, chance, at), at }
    },
    attacks: (now, target, at) => attacksOn(now, target, at),
    toxic: (now, target, at) => isToxic(now, target, at),
    audit: auditor(),
  }
}

function termsOf(chance: Prng): FxV2Terms {
  const fee = (most: number) => BigInt(chance.int(most)) * 1_000_000n
  return {
    ...FX_V2_TERMS,
    calls: chance.pick(['positions', 'ticks'] as const),
    rebalanceRatio: BigInt(87 + chance.int(3)) * PERCENT,
    liquidateRatio: BigInt(92 + chance.int(4)) * PERCENT,
    liquidateBonus: (BigInt(chance.int(6)) * FEE) / 100n,
    fees: { ...FX_V2_TERMS.fees, supply: fee(3), withdraw: fee(3), borrow: fee(6), repay: fee(3), redeem: fee(10) },
    funding: { below: WAD, crowded: chance.pick([0n, WAD / 2n]), maxFxUsdRatio: 50n * PERCENT },
  }
}

type Market = { readonly momentAt: (time: number) => Moment }

function marketOf(chance: Prng): Market {
  let [price, peg] = [2_500, 1]
  const wad = (value: number) => (BigInt(Math.round(value * 1e9)) * 10n ** 9n) as FeedAnswer
  return {
    momentAt(time) {
      const jump = chance.next() < 0.1 ? 0.2 * chance.normal() : 0
      price = Math.max(600, Math.min(9_000, price * Math.exp(0.035 * chance.normal() + jump)))
      peg = Math.max(0.96, Math.min(1.03, peg + 0.004 * chance.normal() + 0.1 * (1 - peg)))
      const spread = 0.002 * chance.next()
      const silent = chance.next() < 0.01
      const years = (time - START) / 31_536_000
      const answers = new Map<string, FeedAnswer>([
        ['min', wad(price * (1 - spread))],
        ['max', wad(price * (1 + spread))],
        ['rate', wad(1.1 + 0.03 * years)],
        ['usdc', wad(0.998 + 0.004 * chance.next())],
        ['fxUSD', wad(peg)],
        ['index', (10n ** 27n + BigInt(Math.round(years * 5e14)) * 10n ** 11n) as FeedAnswer],
      ])
      if (silent) answers.delete('min')
      return { time: time as UnixSeconds, price: (feed) => answers.get(feed) }
    },
  }
}

function actionOf(state: FxV2State, chance: Prng, at: Moment): FxV2Action {
  const { book, terms } = state
  const part = (amount: bigint, most = 1_000) => (amount * BigInt(1 + chance.int(most))) / 1_000n
  const dice = chance.int(40)
  if (dice < 4 || book.baseShares === 0n)
    return { do: 'base-deposit', by: 'len', token: 'stable', amount: BigInt(1 + chance.int(400_000)) * 10n ** 6n }
  if (state.positions.size < 2 || (dice < 14 && state.positions.size < MOST_POSITIONS)) return open(chance, at)
  if (dice < 20) return change(state, chance, at)
  if (dice < 22) return { do: 'fund-reserve', amount: part(10n ** 18n) }
  if (dice < 24) return { do: 'redeem', debt: part(book.supply, 300) }
  if (dice < 25) return { do: 'harvest' }
  if (dice < 27) return { do: 'base-deposit', by: 'kim', token: 'fxUsd', amount: part(book.supply - book.baseFxUsd) }
  if (dice < 28)
    return { do: chance.pick(['base-request', 'base-redeem'] as const), by: 'len', shares: part(10n ** 23n) }
  if (dice < 29) return { do: 'base-instant-redeem', by: 'len', shares: part(book.baseShares, 900) }
  if (dice < 30) return { do: 'reduce-debt', amount: part(book.supply, 5) }
  if (dice < 31)
    return { do: 'set-terms', terms: { borrowPaused: chance.next() < 0.1, rebalanceRatio: terms.rebalanceRatio } }
  return forced(state, chance, at)
}

const priceOf = (at: Moment) => Number(at.price('min') ?? 10n ** 21n) / 1e18

function open(chance: Prng, at: Moment): FxV2Action {
  const coll = BigInt(Math.floor(1e16 * 10 ** (chance.next() * 4)))
  const worth = Number(coll) * 1.1 * priceOf(at)
  const ratio = 0.48 + 0.38 * Math.sqrt(chance.next())
  return { do: 'operate', by: chance.pick(OWNERS), coll, debt: BigInt(Math.floor(worth * ratio)) }
}

function change(state: FxV2State, chance: Prng, at: Moment): FxV2Action {
  const ids = [...state.positions.keys()]
  const position = chance.pick(ids)
  const by = chance.next() < 0.9 ? (state.positions.get(position)?.owner ?? 'ann') : 'eve'
  const side = fxV2Look(state, position, at)?.side ?? { rawColl: 10n ** 18n, rawDebt: 10n ** 21n }
  const part = (amount: bigint) => (amount * BigInt(1 + chance.int(250))) / 1_000n
  return {
    ...{ do: 'operate', by, position },
    ...chance.pick([
      { coll: part(side.rawColl), debt: 0n },
      { coll: -part(side.rawColl), debt: 0n },
      { coll: 0n, debt: part(side.rawDebt) },
      { coll: 0n, debt: -part(side.rawDebt) },
      { coll: -part(side.rawColl), debt: -part(side.rawDebt) },
      { coll: 0n, debt: -part(side.rawDebt / 10n ** 12n), inStable: true },
      { coll: 'all', debt: 'all' },
    ] as const),
  }
}

function forced(state: FxV2State, chance: Prng, at: Moment): FxV2Action {
  const amount = BigInt(Math.floor(1e18 * 10 ** (chance.next() * 6)))
  const pay: FxV2Payment = chance.pick([
    { from: 'base', token: 'fxUsd' },
    { from: 'base', token: 'stable' },
    { from: 'base', token: 'stable', most: amount / 10n ** 12n },
    { from: 'base', token: 'fxUsd', most: amount },
    { from: 'own', fxUsd: amount, stable: 0n },
    { from: 'own', fxUsd: 0n, stable: amount / 10n ** 12n },
  ] as const)
  const looks = [...state.positions.keys()].map((id) => ({ id, look: fxV2Look(state, id, at) }))
  const unsafe = looks.filter(({ look }) => look !== undefined && look.stage !== 'safe')
  const { id, look } = chance.pick(unsafe.length > 0 ? unsafe : looks)
  if (look?.tick !== undefined && chance.next() < 0.3) return { do: 'rebalance-tick', tick: look.tick, pay }
  if (state.terms.calls === 'positions')
    return {
      do: look?.stage === 'liquidate' ? 'liquidate-position' : 'rebalance-position',
      ...{ position: id, pay },
    }
  return { do: chance.pick(['rebalance', 'liquidate'] as const), pay }
}

function attacksOn(state: FxV2State, target: string, at: Moment): readonly FxV2Action[] {
  const look = fxV2Look(state, target, at)
  // A closed position has no tick, and a call on positions would take nothing from nothing. One target a moment is enough.
  if (look?.tick === undefined || at.time % state.positions.size !== Number(target) % state.positions.size) return []
  const pay: FxV2Payment = { from: 'base', token: 'stable' }
  if (state.terms.calls === 'ticks') return [{ do: 'rebalance-tick', tick: look.tick, pay }]
  return [
    { do: 'rebalance-position', position: target, pay },
    { do: 'liquidate-position', position: target, pay },
  ]
}

/** Health falls when the bonus exceeds what the ratio leaves, and for whoever bears the bad debt of the others; dust loses atoms to rounding. */
function isToxic(state: FxV2State, target: string, at: Moment): boolean {
  const ids = state.terms.calls === 'ticks' ? [...state.positions.keys()] : [target]
  return ids.some((id) => {
    const side = fxV2Look(state, id, at)?.side
    if (!side || side.rawDebt === 0n) return false
    const borne = (WAD * FEE) / (FEE + state.terms.liquidateBonus)
    return side.rawDebt < 10n ** 12n || side.rawDebt * WAD * WAD >= side.rawColl * side.price * borne
  })
}

/**
 * Says what does not add up. Bad debt that is spread over the dust of rounding alone makes the debt index run over its 128 bits, as in the contract: from
 * then on debts say nothing any more.
 */
function auditor(): (state: FxV2State, at: Moment) => string | undefined {
  let [overrun, last] = [false, 0n]
  return (state, at) => {
    const { debtIndex } = state.book
    overrun ||= debtIndex > 1n << 106n || debtIndex * 2n < last
    last = debtIndex
    return auditOf(state, at, overrun)
  }
}

function auditOf(state: FxV2State, at: Moment, overrun: boolean): string | undefined {
  const { book } = state
  let [colls, debts] = [0n, 0n]
  for (const position of state.positions.values()) {
    const now = currentPosition(state, position)
    colls += now.colls
    debts += now.debts
  }
  const grain = (whole: bigint) => (whole >> 40n) + 1_000_000n
  if (debts > book.debtShares + grain(book.debtShares) || debts < book.debtShares - grain(book.debtShares))
    return `positions owe ${debts} shares, the pool says ${book.debtShares} at ${at.time}`
  if (colls > book.collShares + grain(book.collShares))
    return `positions have ${colls} shares of collateral, the pool ${book.collShares} at ${at.time}`
  const raw = rawDebtDown(book.debtShares, book.debtIndex)
  if (!overrun && (raw > book.debt + grain(raw) || raw < book.debt - grain(raw)))
    return `the pool owes ${raw}, booked is ${book.debt}`
  if (book.supply !== book.debt + book.stableManaged) return 'fxUSD is not covered by debt and USDC taken in its place'
  if (book.tokens < book.collateral + book.feesKept) return 'more collateral is booked than is there'
  if (!overrun && rawCollDown(book.collShares, book.collIndex) > book.rawCollateral + 1_000_000n)
    return 'the pool has more raw collateral than is booked'
  return undefined
}
