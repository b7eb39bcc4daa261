/**
 * f(x) v1: one treasury, so one leverage for all. A borrower's x is his part of its base and of the f that stands against it, by his equity at the start;
 * stablecoin holders are the lenders. A keeper redeems the rebalance pool's f below the pool's line; below the next one anyone may burn f with the incentive.
 */
import {
  emptyFxV1,
  FX_V1_TERMS,
  type FxV1Action,
  type FxV1State,
  type FxV1Terms,
  fxV1,
  fxV1Mode,
  fxV1Rules,
} from '../../../mechanisms/index.ts'
import { atoms, type Moment } from '../../../model/index.ts'
import { type Chore, type ChoreView, type RoomMaker, roomOf, type Standing, UNTRADED } from '../room.ts'
import { momentOf, openBook, paramsOf, type RoomKind, type RoomSetup, scaled, wad } from './room-kind.ts'

const FEED = 'base/usd'
const POOL = 'rebalance pool'
const HOUR = 3_600
/** Gas of redeeming the pool's f. */
const REBALANCE_GAS = 700_000

/** f(x) v1. */
export const fx1Room: RoomKind = {
  id: 'fx-v1',
  title: 'f(x) v1: rebalance pool (one leverage for all)',
  exactness: 'formula',
  params: {
    poolLine: {
      value: 1.3055,
      least: 1.01,
      most: 3,
      says: 'collateral ratio below which the rebalance pool’s f is redeemed, a ratio',
    },
    liquidationLine: {
      value: 1.2,
      least: 1.01,
      most: 3,
      says: 'collateral ratio below which anyone may burn f with the incentive, a ratio',
    },
    incentive: { value: 0.1, least: 0, most: 0.5, says: 'what burning f brings beyond its worth, a fraction' },
    beta: { value: 0, least: 0, most: 1, says: 'part of the base’s return that f takes; fxUSD 0, fETH 0.1' },
    pool: { value: 0.5, least: 0, most: 0.999, says: 'part of all f in the rebalance pool at the start, a fraction' },
    sells: { value: 1, least: 0, most: 1, says: '1: depositors sell what they receive at once; 0: they keep it' },
    keeper: { value: 1, least: 0, most: 1, says: '1: a keeper redeems the pool’s f; 0: nobody does' },
    downFrom: { value: 0, least: 0, most: 10_000, says: 'hours after the start at which the keeper goes down' },
    downHours: { value: 0, least: 0, most: 10_000, says: 'hours for which it is down' },
  },
  order: [['liquidationLine', 'poolLine', 'equal']],
  make,
}

function make(setup: RoomSetup): RoomMaker {
  const params = paramsOf(fx1Room, setup.params)
  const { keeper = 0, downFrom = 0, downHours = 0, sells = 0, poolLine = 0 } = params
  const state = opened(setup, params)
  const usd = setup.debtSymbol ?? 'USD'
  const up = (time: number) => {
    const hours = (time - setup.start) / HOUR
    return keeper > 0 && !(hours >= downFrom && hours < downFrom + downHours)
  }
  return roomOf<FxV1State, FxV1Action>({
    ...{ id: setup.id, mechanism: fxV1, state, faults: setup.faults },
    assets: new Map([
      ['base', { symbol: setup.symbol, decimals: 18 }],
      ['fToken', { symbol: usd, decimals: 18 }],
      ['xToken', UNTRADED],
    ]),
    feeds: new Map([[FEED, { symbol: setup.symbol, quote: setup.debtSymbol, decimals: 18, oracle: setup.oracle }]]),
    chores: (now, view) => chores(now, view, { up: up(view.at.time), sells: sells > 0 }),
    breached: (now, at) => ((fxV1Mode(now, at)?.collateralRatio ?? wad(poolLine)) < wad(poolLine) ? ['treasury'] : []),
    standings: (now, at) => standings(now, at, setup, usd),
    // Fees and the reserve; everybody else's f is the lenders'.
    protocol: ({ book }) => [{ asset: 'base', atoms: atoms(book.feesKept + book.reserve) }],
    lenders: [POOL],
    entangled: true,
  })
}

function opened(setup: RoomSetup, params: Readonly<Record<string, number>>): FxV1State {
  const { poolLine = 0, liquidationLine = 0, incentive = 0, beta = 0, pool = 0 } = params
  const [debt, coins] = setup.borrowers.reduce(([owed, held], one) => [owed + one.debt, held + one.coins], [0, 0])
  const line = wad(liquidationLine)
  const terms: FxV1Terms = {
    ...FX_V1_TERMS,
    ...{
      poolLine: wad(poolLine),
      beta: wad(beta),
      initialPart: wad(debt / (coins * setup.price)),
      underWater: 'shares',
    },
    // The other lines keep their distance from the liquidation line, so that the four always fall.
    lines: {
      ...{ stability: line + FX_V1_TERMS.lines.stability - FX_V1_TERMS.lines.liquidation, liquidation: line },
      ...{ selfLiquidation: FX_V1_TERMS.lines.recapitalisation + (line - 10n ** 18n) / 2n },
      recapitalisation: FX_V1_TERMS.lines.recapitalisation,
    },
    incentives: { ...FX_V1_TERMS.incentives, liquidation: wad(incentive) },
    cap: 10n ** 40n,
  }
  const state = emptyFxV1(terms, FEED, scaled(setup.price, 18))
  openBook(fxV1, state, momentOf(setup.start, { [FEED]: scaled(setup.price, 18) }), [
    { who: 'borrowers', action: { do: 'init', base: wad(coins) } },
    ...(pool > 0 ? [{ who: POOL, action: { do: 'pool-deposit', by: POOL, fToken: wad(debt * pool) } as const }] : []),
  ])
  return state
}

/** The keeper redeems what the pool has below its line; depositors take the base that came of it and sell it. */
function* chores(
  state: FxV1State,
  { at }: ChoreView,
  { up, sells }: { readonly up: boolean; readonly sells: boolean },
): Generator<Chore<FxV1Action>> {
  const ratio = fxV1Mode(state, at)?.collateralRatio
  if (up && ratio !== undefined && ratio < state.terms.poolLine && state.book.poolF > 0n)
    yield { actor: 'keeper', action: { do: 'pool-liquidate' }, gas: REBALANCE_GAS }
  if (sells && state.book.poolBase > 0n) yield { actor: POOL, action: { do: 'pool-claim', by: POOL } }
}

/** Parts of the treasury by equity at the start. */
function standings(
  { book, terms }: FxV1State,
  at: Moment,
  { borrowers, price: opening, symbol }: RoomSetup,
  usd: string,
): readonly Standing[] {
  const price = at.price(FEED) ?? book.price
  const nav = fxV1Rules.fNavDown(book.fNav, terms.beta, price, book.price)
  const [coins, debt] = [Number(book.base) / 1e18, (Number(book.fSupply) / 1e18) * (Number(nav) / 1e18)]
  const equity = borrowers.map((one) => one.coins * opening - one.debt)
  const all = equity.reduce((sum, one) => sum + one, 0)
  return borrowers.map(({ id }, index) => {
    const part = (equity[index] ?? 0) / all
    return { id, holds: { [symbol]: coins * part }, owes: { [usd]: debt * part } }
  })
}
