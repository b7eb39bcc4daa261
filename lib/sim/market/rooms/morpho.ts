/** A Morpho market: no close factor, incentive by LLTV, bad debt to the suppliers at once. */
import {
  emptyMorpho,
  type MorphoAction,
  type MorphoState,
  morphoBlue,
  morphoRules,
  newMorphoMarket,
} from '../../../mechanisms/index.ts'
import type { Moment } from '../../../model/index.ts'
import { type RoomMaker, roomOf, type Standing } from '../room.ts'
import { momentOf, openBook, paramsOf, type RoomKind, type RoomSetup, scaled, wad } from './room-kind.ts'

const MARKET = 'market'
const FEED = 'collateral/loan'
/** Decimals of the market's price: 36 + loan decimals − collateral decimals, both 18 here. */
const PRICE_DECIMALS = 36

/** Morpho Blue. */
export const morphoRoom: RoomKind = {
  id: 'morpho',
  title: 'Morpho Blue',
  exactness: 'bytecode',
  params: {
    lltv: { value: 0.86, least: 0.01, most: 0.99, says: 'liquidation loan-to-value, a fraction' },
    utilisation: { value: 0.9, least: 0.01, most: 1, says: 'borrowed part of the supply at the start, a fraction' },
  },
  line: ({ lltv = 0 }) => lltv,
  make,
}

function make(setup: RoomSetup): RoomMaker {
  const { lltv = 0, utilisation = 1 } = paramsOf(morphoRoom, setup.params)
  const state = openedMorpho(setup, lltv, utilisation)
  return roomOf<MorphoState, MorphoAction>({
    id: setup.id,
    mechanism: morphoBlue,
    state,
    ...morphoOutside(setup),
    standings: morphoStandings(setup),
  })
}

/** A market with the borrowers in it, supplied so that their debt is `utilisation` of the supply. */
export function openedMorpho(setup: RoomSetup, lltv: number, utilisation: number): MorphoState {
  const state = emptyMorpho('fees')
  const params = {
    loan: 'loan',
    collateral: 'collateral',
    feed: FEED,
    lltv: wad(lltv),
    rateModel: { kind: 'none' } as const,
  }
  state.markets.set(MARKET, newMorphoMarket(params, BigInt(setup.start)))
  const at = momentOf(setup.start, { [FEED]: scaled(setup.price, PRICE_DECIMALS) })
  const debt = setup.borrowers.reduce((sum, one) => sum + one.debt, 0)
  openBook(morphoBlue, state, at, [
    {
      who: 'lenders',
      action: { do: 'supply', market: MARKET, account: 'lenders', assets: wad(debt / utilisation) + 1n },
    },
    ...setup.borrowers.flatMap(({ id, coins, debt: own }) => [
      { who: id, action: { do: 'supply-collateral', market: MARKET, account: id, assets: wad(coins) } as const },
      { who: id, action: { do: 'borrow', market: MARKET, account: id, assets: wad(own) } as const },
    ]),
  ])
  return state
}

/** What the room's assets and its feed are called outside. */
export function morphoOutside(setup: RoomSetup) {
  const quote = setup.debtSymbol
  return {
    assets: new Map([
      ['collateral', { symbol: setup.symbol, decimals: 18 }],
      ['loan', { symbol: quote ?? 'USD', decimals: 18 }],
    ]),
    feeds: new Map([[FEED, { symbol: setup.symbol, quote, decimals: PRICE_DECIMALS, oracle: setup.oracle }]]),
    faults: setup.faults,
  }
}

/** What every borrower has and owes. */
export function morphoStandings({ borrowers, symbol, debtSymbol = 'USD' }: RoomSetup) {
  return (state: MorphoState, at: Moment): readonly Standing[] => {
    const stored = state.markets.get(MARKET)
    const positions = state.positions.get(MARKET)
    if (!stored) return []
    const { totals } = morphoRules.accrued(stored, BigInt(at.time))
    return borrowers.map(({ id }) => {
      const position = positions?.get(id)
      const owes = morphoRules.toAssetsUp(
        position?.borrowShares ?? 0n,
        totals.totalBorrowAssets,
        totals.totalBorrowShares,
      )
      return {
        id,
        holds: { [symbol]: Number(position?.collateral ?? 0n) / 1e18 },
        owes: { [debtSymbol]: Number(owes) / 1e18 },
      }
    })
  }
}
