/** A Morpho market whose borrowers all opted into pre-liquidation: small early repayments at a small incentive, and Morpho's own rule behind them. */
import {
  type Mechanism,
  morphoBlue,
  morphoPreLiquidation,
  type PreLiquidationAction,
  type PreLiquidationState,
} from '../../../mechanisms/index.ts'
import { type RoomMaker, roomOf } from '../room.ts'
import { morphoOutside, morphoStandings, openedMorpho } from './morpho.ts'
import { momentOf, openBook, paramsOf, type RoomKind, type RoomSetup, scaled, wad } from './room-kind.ts'

const CONTRACT = 'pre'
const MARKET = 'market'

/** Morpho with pre-liquidation. */
export const preLiquidationRoom: RoomKind = {
  id: 'pre-liquidation',
  title: 'Morpho with pre-liquidation',
  exactness: 'bytecode',
  params: {
    lltv: { value: 0.86, least: 0.05, most: 0.99, says: 'Morpho’s liquidation loan-to-value, a fraction' },
    preLltv: {
      value: 0.82,
      least: 0.01,
      most: 0.98,
      says: 'loan-to-value at which pre-liquidation begins, a fraction',
    },
    firstClose: { value: 0.05, least: 0.0001, most: 1, says: 'part of the debt that may be repaid at preLltv' },
    lastClose: { value: 0.4, least: 0.0001, most: 1, says: 'part of the debt that may be repaid at the LLTV' },
    firstIncentive: { value: 1.01, least: 1, most: 1.15, says: 'collateral per repaid value at preLltv, a ratio' },
    lastIncentive: { value: 1.04, least: 1, most: 1.15, says: 'collateral per repaid value at the LLTV, a ratio' },
    utilisation: { value: 0.9, least: 0.01, most: 1, says: 'borrowed part of the supply at the start, a fraction' },
  },
  order: [
    ['preLltv', 'lltv'],
    ['firstClose', 'lastClose', 'equal'],
    ['firstIncentive', 'lastIncentive', 'equal'],
  ],
  line: ({ lltv = 0 }) => lltv,
  make,
}

/** Both rules as one: what the contract leaves to Morpho is offered as well. */
const both: Mechanism<PreLiquidationState, PreLiquidationAction> = {
  ...morphoPreLiquidation,
  *targets(state) {
    yield* morphoPreLiquidation.targets(state)
    yield* morphoBlue.targets(state.morpho)
  },
  assess: (state, target, at) =>
    target.startsWith(`${MARKET}/`)
      ? morphoBlue.assess(state.morpho, target, at)
      : morphoPreLiquidation.assess(state, target, at),
  offers: (state, target, at) =>
    target.startsWith(`${MARKET}/`)
      ? morphoBlue.offers(state.morpho, target, at)
      : morphoPreLiquidation.offers(state, target, at),
  exposure: (state, target, at) =>
    target.startsWith(`${MARKET}/`)
      ? morphoBlue.exposure?.(state.morpho, target, at)
      : morphoPreLiquidation.exposure?.(state, target, at),
}

function make(setup: RoomSetup): RoomMaker {
  const params = paramsOf(preLiquidationRoom, setup.params)
  const {
    lltv = 0,
    preLltv = 0,
    firstClose = 0,
    lastClose = 0,
    firstIncentive = 1,
    lastIncentive = 1,
    utilisation = 1,
  } = params
  const state: PreLiquidationState = {
    morpho: openedMorpho(setup, lltv, utilisation),
    contracts: new Map(),
    authorised: new Map(),
  }
  const terms = {
    ...{ preLltv: wad(preLltv), preLCF1: wad(firstClose), preLCF2: wad(lastClose) },
    ...{ preLIF1: wad(firstIncentive), preLIF2: wad(lastIncentive), feed: 'collateral/loan' },
  }
  openBook(both, state, momentOf(setup.start, { 'collateral/loan': scaled(setup.price, 36) }), [
    { who: CONTRACT, action: { do: 'deploy', contract: CONTRACT, market: MARKET, params: terms } },
    ...setup.borrowers.map(({ id }) => ({
      who: id,
      action: { do: 'authorise', account: id, contract: CONTRACT, allowed: true } as const,
    })),
  ])
  const standing = morphoStandings(setup)
  return roomOf<PreLiquidationState, PreLiquidationAction>({
    ...{ id: setup.id, mechanism: both, state },
    ...morphoOutside(setup),
    standings: ({ morpho }, at) => standing(morpho, at),
  })
}
