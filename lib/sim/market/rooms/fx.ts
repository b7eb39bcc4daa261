/** f(x) v2: rebalanced from 88 % by a keeper that may be down, liquidated from 95 % by anyone, both through a pool of stablecoins. */
import {
  emptyFxV2,
  FX_V2_TERMS,
  type FxV2Action,
  type FxV2State,
  type FxV2Terms,
  fxV2,
  fxV2Look,
  fxV2PositionNow,
  fxV2Rules,
  type Mechanism,
  type OracleFault,
  pushFeed,
} from '../../../mechanisms/index.ts'
import { atoms, type Moment, type Offer } from '../../../model/index.ts'
import { type Chore, type ChoreView, type RoomMaker, roomOf, type Standing, UNTRADED } from '../room.ts'
import { momentOf, openBook, paramsOf, type RoomKind, type RoomSetup, scaled, wad } from './room-kind.ts'

const [MIN, MAX, STABLE] = ['coin/usd:min', 'coin/usd:max', 'usdc/usd']
const HOUR = 3_600
/** Gas of a rebalance through the stable pool. */
const REBALANCE_GAS = 900_000

/** f(x) v2. */
export const fxRoom: RoomKind = {
  id: 'fx',
  title: 'f(x) v2: rebalance before liquidation',
  exactness: 'formula',
  params: {
    rebalanceRatio: {
      value: 0.88,
      least: 0.5,
      most: 0.98,
      says: 'debt ratio from which debt is rebalanced, a fraction',
    },
    rebalanceBonus: { value: 0.025, least: 0, most: 0.2, says: 'collateral beyond what is rebalanced, a fraction' },
    liquidationRatio: { value: 0.95, least: 0.5, most: 0.99, says: 'debt ratio of liquidation, a fraction' },
    liquidationBonus: { value: 0.04, least: 0, most: 0.2, says: 'collateral beyond what is liquidated, a fraction' },
    keeper: { value: 1, least: 0, most: 1, says: '1: a keeper rebalances; 0: nobody does' },
    downFrom: { value: 0, least: 0, most: 10_000, says: 'hours after the start at which the keeper goes down' },
    downHours: { value: 0, least: 0, most: 10_000, says: 'hours for which it is down' },
    stablePool: { value: 1, least: 0.001, most: 10, says: 'stablecoins in the pool per debt at the start, a ratio' },
    reserve: { value: 0, least: 0, most: 1, says: 'coins in the reserve per collateral at the start, a fraction' },
  },
  order: [['rebalanceRatio', 'liquidationRatio']],
  line: ({ liquidationRatio = 0 }) => liquidationRatio,
  make,
}

/**
 * Nobody but the keeper rebalances here, so that its absence shows; liquidations stay open to all. A liquidation takes everything from the top tick
 * down: it is one offer for all positions below the line, worked out once for a book and a moment.
 */
function liquidationsOnly(): Mechanism<FxV2State, FxV2Action> {
  let last: { book: FxV2State['book']; at: Moment; offers: readonly Offer<FxV2Action>[] } | undefined
  return {
    ...fxV2,
    offers(state, target, at) {
      if (fxV2Look(state, target, at)?.stage !== 'liquidate') return []
      if (last?.book !== state.book || last.at !== at)
        last = { book: state.book, at, offers: fxV2.offers(state, target, at) }
      return last.offers.map((offer) => ({ ...offer, target }))
    },
  }
}

function make(setup: RoomSetup): RoomMaker {
  const params = paramsOf(fxRoom, setup.params)
  const { keeper = 0, downFrom = 0, downHours = 0 } = params
  const state = opened(setup, params)
  const usd = setup.debtSymbol ?? 'USD'
  const coin = { symbol: setup.symbol, decimals: 18, oracle: setup.oracle }
  const up = (time: number) => {
    const hours = (time - setup.start) / HOUR
    return keeper > 0 && !(hours >= downFrom && hours < downFrom + downHours)
  }
  return roomOf<FxV2State, FxV2Action>({
    ...{ id: setup.id, mechanism: liquidationsOnly(), state, faults: faultsOf(setup.faults) },
    assets: new Map([
      ['collateral', { symbol: setup.symbol, decimals: 18 }],
      ['fxUSD', { symbol: usd, decimals: 18 }],
      ['USDC', { symbol: usd, decimals: 6 }],
      ['fxBASE', UNTRADED],
    ]),
    feeds: new Map([
      [MIN, coin],
      [MAX, coin],
      [STABLE, { symbol: 'USD', decimals: 18, oracle: pushFeed({ deviationBps: 50, heartbeat: 24 * HOUR }) }],
    ]),
    chores: (now, view) => (up(view.at.time) ? rebalances(now, view, setup.symbol) : []),
    standings: (now) => standings(now, setup, usd),
    // Positions share ticks, and every liquidation draws on one pool.
    entangled: true,
    spreads: true,
    // Fees and the reserve; depositors of the stable pool lend.
    protocol: ({ book: { feesKept, reserve } }) => [{ asset: 'collateral', atoms: atoms(feesKept + reserve) }],
  })
}

/** A fault of the coin's feed without a name of its own hits both of its prices, never the dollar. */
function faultsOf(faults: readonly OracleFault[] = []): readonly OracleFault[] {
  return faults.flatMap((fault) =>
    fault.feed === undefined ? [MIN, MAX].map((feed) => ({ ...fault, feed })) : [fault],
  )
}

function opened(setup: RoomSetup, params: Readonly<Record<string, number>>): FxV2State {
  const { rebalanceRatio = 0, rebalanceBonus = 0, liquidationRatio = 0, liquidationBonus = 0 } = params
  const terms: FxV2Terms = {
    ...FX_V2_TERMS,
    ...{ rebalanceRatio: wad(rebalanceRatio), rebalanceBonus: scaled(rebalanceBonus, 9) },
    ...{ liquidateRatio: wad(liquidationRatio), liquidateBonus: scaled(liquidationBonus, 9) },
    // Any loan below the liquidation line may be opened, so that the same book stands in every room; opening and closing cost nothing.
    ...{
      minDebtRatio: 0n,
      maxDebtRatio: wad(liquidationRatio),
      collateralCapacity: 10n ** 40n,
      debtCapacity: 10n ** 40n,
    },
    fees: { ...FX_V2_TERMS.fees, supply: 0n, withdraw: 0n, borrow: 0n, repay: 0n },
    funding: { below: 0n, crowded: 0n, maxFxUsdRatio: 0n },
  }
  const state = emptyFxV2(terms, { min: MIN, max: MAX, stable: STABLE }, BigInt(setup.start))
  const price = scaled(setup.price, 18)
  const { stablePool = 0, reserve = 0 } = params
  const [debt, coins] = setup.borrowers.reduce(([owed, held], one) => [owed + one.debt, held + one.coins], [0, 0])
  const first: { who: string; action: FxV2Action }[] = [
    { who: 'pool', action: { do: 'base-deposit', by: 'pool', token: 'stable', amount: scaled(stablePool * debt, 6) } },
  ]
  if (reserve > 0) first.push({ who: 'reserve', action: { do: 'fund-reserve', amount: wad(reserve * coins) } })
  openBook(fxV2, state, momentOf(setup.start, { [MIN]: price, [MAX]: price, [STABLE]: 10n ** 18n }), [
    ...first,
    ...setup.borrowers.map(({ id, coins: own, debt: owed }) => ({
      who: id,
      action: { do: 'operate', by: id, coll: wad(own), debt: wad(owed) } as const,
    })),
  ])
  return state
}

/** The keeper takes each tick that has reached the line, as long as selling what it gets pays for the debt and the gas. */
function* rebalances(state: FxV2State, view: ChoreView, symbol: string): Generator<Chore<FxV2Action>> {
  const seen = new Set<number>()
  for (const target of fxV2.targets(state)) {
    if (fxV2Look(state, target, view.at)?.stage !== 'rebalance') continue
    for (const { action, pay, receive } of fxV2.offers(state, target, view.at)) {
      if (action.do !== 'rebalance-tick' || seen.has(action.tick)) continue
      seen.add(action.tick)
      const coins = receive.reduce((sum, { atoms }) => sum + Number(atoms) / 1e18, 0)
      const cost = pay.reduce((sum, { asset, atoms }) => sum + Number(atoms) / (asset === 'USDC' ? 1e6 : 1e18), 0)
      if (view.proceeds(symbol, coins) < cost + view.gasUsd(REBALANCE_GAS)) continue
      yield { actor: 'keeper', action, gas: REBALANCE_GAS }
    }
  }
}

/** Positions are numbered in the order of the book. */
function standings(state: FxV2State, { borrowers, symbol }: RoomSetup, usd: string): readonly Standing[] {
  const { collIndex, debtIndex } = state.book
  return borrowers.map(({ id }, at) => {
    const position = state.positions.get(String(at + 1))
    const { colls, debts } = position ? fxV2PositionNow(state, position) : { colls: 0n, debts: 0n }
    return {
      id,
      holds: { [symbol]: Number(fxV2Rules.rawCollDown(colls, collIndex)) / 1e18 },
      owes: { [usd]: Number(fxV2Rules.rawDebtDown(debts, debtIndex)) / 1e18 },
    }
  })
}
