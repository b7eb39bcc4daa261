/** What governance does in the middle of a history: pauses, freezes, grace, other risk parameters. Changes our state as the configurator changes the chain's. */
import type { AaveReserve, AaveState } from '../../mechanisms/aave/state.ts'
import type { Prng } from '../../model/index.ts'
import { type AaveMarket, drawRisk } from './aave-market.ts'
import { type Call, callOf } from './chain.ts'

/** Now and then one change at a time; gives the calls that make it on the chain. What was paused or frozen is soon free again. */
export function govern(market: AaveMarket, state: AaveState, chance: Prng, time: bigint): readonly Call[] {
  const stopped = [...state.reserves].filter(([, { paused, frozen }]) => paused || frozen)
  if (stopped.length === 0 && chance.next() > 0.035) return []
  if (stopped.length > 0)
    return chance.next() < 0.6 ? stopped.flatMap(([id]) => release(market, state, chance, id, time)) : []
  const { id } = chance.pick(market.assets)
  const dice = chance.next()
  if (dice < 0.25) return pause(market, state, id, true)
  if (dice < 0.4 && market.version !== 'v3.6') return freeze(market, state, id, true)
  if (dice < 0.65 && market.version !== 'v2') return takeFee(market, state, id, BigInt(chance.int(6_000)))
  return rerate(market, state, chance, id)
}

const coinOf = ({ assets }: AaveMarket, asset: string) => assets.find(({ id }) => id === asset)?.coin.address
const order = (market: AaveMarket, name: string, ...values: readonly unknown[]): Call =>
  callOf(market.configurator, name, values, market.chain.accounts[0])

function change(state: AaveState, id: string, changed: Partial<AaveReserve>): void {
  state.reserves.set(id, { ...(state.reserves.get(id) as AaveReserve), ...changed })
}

/** A reserve, or in v2 the whole pool. */
function pause(market: AaveMarket, state: AaveState, id: string, paused: boolean): readonly Call[] {
  if (market.version !== 'v2') {
    change(state, id, { paused })
    return [order(market, 'setReservePause', coinOf(market, id), paused)]
  }
  for (const asset of state.reserves.keys()) change(state, asset, { paused })
  return [order(market, 'setPoolPause', paused)]
}

function freeze(market: AaveMarket, state: AaveState, id: string, frozen: boolean): readonly Call[] {
  change(state, id, { frozen })
  if (market.version === 'v2') return [order(market, frozen ? 'freezeReserve' : 'unfreezeReserve', coinOf(market, id))]
  return [order(market, 'setReserveFreeze', coinOf(market, id), frozen)]
}

/** Ends a pause (in v3.6 with some grace before liquidations) or a freeze. */
function release(market: AaveMarket, state: AaveState, chance: Prng, id: string, time: bigint): readonly Call[] {
  const reserve = state.reserves.get(id)
  if (reserve?.frozen) return freeze(market, state, id, false)
  if (!reserve?.paused) return []
  if (market.version !== 'v3.6') return pause(market, state, id, false)
  const grace = chance.next() < 0.5 ? 0 : 1 + chance.int(3_000)
  change(state, id, { paused: false, ...(grace > 0 ? { graceUntil: time + BigInt(grace) } : {}) })
  return [order(market, 'setReservePause', coinOf(market, id), false, grace)]
}

function takeFee(market: AaveMarket, state: AaveState, id: string, liquidationProtocolFee: bigint): readonly Call[] {
  const config = (state.reserves.get(id) as AaveReserve).config
  change(state, id, { config: { ...config, liquidationProtocolFee } })
  return [order(market, 'setLiquidationProtocolFee', coinOf(market, id), liquidationProtocolFee)]
}

/** Another loan-to-value, threshold and bonus: accounts may become liquidatable by it. */
function rerate(market: AaveMarket, state: AaveState, chance: Prng, id: string): readonly Call[] {
  const risk = drawRisk(chance)
  change(state, id, { config: { ...(state.reserves.get(id) as AaveReserve).config, ...risk } })
  const { ltv, liquidationThreshold, liquidationBonus } = risk
  return [
    order(market, 'configureReserveAsCollateral', coinOf(market, id), ltv, liquidationThreshold, liquidationBonus),
  ]
}
