/**
 * What governance does in the middle of a history: pauses, freezes, grace, other risk parameters, caps, ceilings, e-modes. Changes our state as the
 * configurator changes the chain's.
 */
import type { AaveEMode, AaveReserve, AaveState } from '../../mechanisms/aave/state.ts'
import type { Prng } from '../../model/index.ts'
import { type AaveMarket, drawRisk, originMinor } from './aave-market.ts'
import { type Call, callOf } from './chain.ts'

type Site = {
  readonly market: AaveMarket
  readonly state: AaveState
  readonly chance: Prng
  readonly id: string
  readonly reserve: AaveReserve
}

/** Now and then one change at a time; gives the calls that make it on the chain. What was paused or frozen is soon free again. */
export function govern(market: AaveMarket, state: AaveState, chance: Prng, time: bigint): readonly Call[] {
  const at = (id: string): Site => ({ market, state, chance, id, reserve: state.reserves.get(id) as AaveReserve })
  const stopped = [...state.reserves].filter(([, { paused, frozen }]) => paused || frozen)
  if (stopped.length === 0 && chance.next() > 0.045) return []
  if (stopped.length > 0) return chance.next() < 0.6 ? stopped.flatMap(([id]) => release(at(id), time)) : []
  const site = at(chance.pick(market.assets).id)
  const dice = chance.next()
  if (dice < 0.2) return pause(site, true)
  if (dice < 0.32) return freeze(site, true)
  if (dice < 0.45 && market.version !== 'v2') return takeFee(site)
  if (dice < 0.52) return lend(site)
  if (dice < 0.72 && market.version !== 'v2') return limit(site)
  if (dice < 0.85 && market.version !== 'v2') return regroup(site)
  return rerate(site)
}

const coinOf = ({ market, id }: Site) => market.assets.find((asset) => asset.id === id)?.coin.address
const order = ({ market }: Site, name: string, ...values: readonly unknown[]): Call =>
  callOf(market.configurator, name, values, market.chain.accounts[0])

function change({ state }: Site, id: string, changed: Partial<AaveReserve>): void {
  state.reserves.set(id, { ...(state.reserves.get(id) as AaveReserve), ...changed })
}

function configure(site: Site, changed: Partial<AaveReserve['config']>): void {
  change(site, site.id, { config: { ...site.reserve.config, ...changed } })
}

/** A reserve, or in v2 the whole pool. */
function pause(site: Site, paused: boolean): readonly Call[] {
  if (site.market.version !== 'v2') {
    change(site, site.id, { paused })
    return [order(site, 'setReservePause', coinOf(site), paused)]
  }
  for (const asset of site.state.reserves.keys()) change(site, asset, { paused })
  return [order(site, 'setPoolPause', paused)]
}

/** Loan-to-value of reserves that a freeze took it from, to be given back (v3.3 to v3.5). */
const taken = new WeakMap<AaveState, Map<string, bigint>>()

/** From v3.3 on a freeze takes the loan-to-value away; from v3.6 on in every e-mode too, and it does not come back with the end of the freeze. */
function freeze(site: Site, frozen: boolean): readonly Call[] {
  const { market, state, id, reserve } = site
  const minor = originMinor(market.version)
  const pending = taken.get(state) ?? new Map<string, bigint>()
  taken.set(state, pending)
  const { config } = reserve
  const ltv = minor === 0 ? config.ltv : frozen ? 0n : minor < 6 ? (pending.get(id) ?? 0n) : config.ltv
  if (frozen) pending.set(id, config.ltv)
  change(site, id, { frozen, config: { ...config, ltv } })
  if (minor >= 6 && frozen)
    for (const [category, eMode] of state.eModes)
      if (eMode.collateral.includes(id))
        state.eModes.set(category, { ...eMode, ltvZero: toggled(eMode.ltvZero, id, true) })
  if (market.version === 'v2') return [order(site, frozen ? 'freezeReserve' : 'unfreezeReserve', coinOf(site))]
  return [order(site, 'setReserveFreeze', coinOf(site), frozen)]
}

/** Ends a pause (from v3.3 on with some grace before liquidations) or a freeze. */
function release(site: Site, time: bigint): readonly Call[] {
  const { market, chance, id, reserve } = site
  if (reserve.frozen) return freeze(site, false)
  if (!reserve.paused) return []
  if (originMinor(market.version) === 0) return pause(site, false)
  const grace = chance.next() < 0.5 ? 0 : 1 + chance.int(3_000)
  change(site, id, { paused: false, ...(grace > 0 ? { graceUntil: time + BigInt(grace) } : {}) })
  return [order(site, 'setReservePause', coinOf(site), false, grace)]
}

function takeFee(site: Site): readonly Call[] {
  const { chance } = site
  const liquidationProtocolFee = chance.next() < 0.15 ? 10_000n : BigInt(chance.int(6_000))
  configure(site, { liquidationProtocolFee })
  return [order(site, 'setLiquidationProtocolFee', coinOf(site), liquidationProtocolFee)]
}

/** Another loan-to-value, threshold and bonus: accounts may become liquidatable by it. A reserve that never was collateral stays so. */
function rerate(site: Site): readonly Call[] {
  if (site.reserve.config.liquidationThreshold === 0n) return []
  const risk = drawRisk(site.chance)
  configure(site, risk)
  taken.get(site.state)?.delete(site.id)
  const { ltv, liquidationThreshold, liquidationBonus } = risk
  return [order(site, 'configureReserveAsCollateral', coinOf(site), ltv, liquidationThreshold, liquidationBonus)]
}

/** Ends lending, at one rate or both, or allows it again. */
function lend(site: Site): readonly Call[] {
  const { market, chance, reserve } = site
  const { borrowing, stable } = reserve.config
  const on = borrowing === false
  const enabled = on && chance.next() < 0.8
  configure(site, { borrowing: on, ...(stable ? { stable: { ...stable, enabled } } : {}) })
  if (market.version === 'v2')
    return [
      on
        ? order(site, 'enableBorrowingOnReserve', coinOf(site), enabled)
        : order(site, 'disableBorrowingOnReserve', coinOf(site)),
    ]
  const whole = order(site, 'setReserveBorrowing', coinOf(site), on)
  if (originMinor(market.version) > 0) return [whole]
  const fixed = order(site, 'setReserveStableRateBorrowing', coinOf(site), enabled)
  return on ? [whole, fixed] : [fixed, whole]
}

/** The largest cap that 36 bits hold, less what may be added. */
const MOST_CAP = (1n << 36n) - 10n

/** A cap close to what is there, a ceiling for one that has one (none: what counts against it is forgotten), isolation, siloed no longer. */
function limit(site: Site): readonly Call[] {
  const { market, chance, id, reserve } = site
  const { config, scaledDebt, variableBorrowIndex, virtualBalance } = reserve
  const tokens = (scaledDebt * variableBorrowIndex) / 10n ** 27n / 10n ** config.decimals
  const dice = chance.next()
  // After sums of any size no cap may be close to what is there.
  if (tokens + virtualBalance / 10n ** config.decimals > MOST_CAP) return []
  if (dice < 0.3) {
    const borrowCap = chance.next() < 0.3 ? 0n : tokens + BigInt(chance.int(3))
    configure(site, { borrowCap })
    return [order(site, 'setBorrowCap', coinOf(site), borrowCap)]
  }
  if (dice < 0.55) {
    const supplyCap =
      chance.next() < 0.3 ? 0n : tokens + virtualBalance / 10n ** config.decimals + BigInt(chance.int(3))
    configure(site, { supplyCap })
    return [order(site, 'setSupplyCap', coinOf(site), supplyCap)]
  }
  if (market.version === 'v3.7') return []
  if (dice < 0.7 && config.siloed) {
    configure(site, { siloed: false })
    return [order(site, 'setSiloedBorrowing', coinOf(site), false)]
  }
  if ((config.debtCeiling ?? 0n) > 0n) {
    const debtCeiling = chance.next() < 0.25 ? 0n : BigInt(Math.ceil(10 ** (4 + chance.next() * 6)))
    change(site, id, { config: { ...config, debtCeiling }, ...(debtCeiling === 0n ? { isolationDebt: 0n } : {}) })
    return [order(site, 'setDebtCeiling', coinOf(site), debtCeiling)]
  }
  const borrowableInIsolation = config.borrowableInIsolation !== true
  configure(site, { borrowableInIsolation })
  return [order(site, 'setBorrowableInIsolation', coinOf(site), borrowableInIsolation)]
}

const toggled = (list: readonly string[] = [], id: string, on: boolean) => [
  ...list.filter((one) => one !== id),
  ...(on ? [id] : []),
]

/** An asset enters or leaves an e-mode, or may be borrowed in it or no longer. In v3.0 it can be in one only. */
function regroup(site: Site): readonly Call[] {
  const { market, state, chance, id, reserve } = site
  const minor = originMinor(market.version)
  const [category, eMode] = chance.pick([...state.eModes])
  const put = (changed: Partial<AaveEMode>) => state.eModes.set(category, { ...eMode, ...changed })
  const inside = eMode.collateral.includes(id)
  if (minor === 0) {
    if (!inside && eMode.liquidationThreshold <= reserve.config.liquidationThreshold) return []
    for (const [one, other] of state.eModes)
      state.eModes.set(one, { ...other, collateral: toggled(other.collateral, id, one === category && !inside) })
    return [order(site, 'setAssetEModeCategory', coinOf(site), inside ? 0 : category)]
  }
  const dice = chance.next()
  if (dice < 0.35) {
    const on = !(eMode.borrowable ?? []).includes(id)
    put({ borrowable: toggled(eMode.borrowable, id, on) })
    return [order(site, 'setAssetBorrowableInEMode', coinOf(site), category, on)]
  }
  if (dice < 0.6 && minor >= 6 && inside) {
    const on = !(eMode.ltvZero ?? []).includes(id)
    put({ ltvZero: toggled(eMode.ltvZero, id, on) })
    return [order(site, 'setAssetLtvzeroInEMode', coinOf(site), category, on)]
  }
  if (dice < 0.75 && minor >= 7) {
    put({ isolated: eMode.isolated !== true })
    return [order(site, 'setEModeCategoryIsolated', category, eMode.isolated !== true)]
  }
  // Who is collateral in no other way may not be taken out while it is supplied.
  if (inside && reserve.config.liquidationThreshold === 0n) return []
  put({ collateral: toggled(eMode.collateral, id, !inside), ltvZero: toggled(eMode.ltvZero, id, false) })
  return [order(site, 'setAssetCollateralInEMode', coinOf(site), category, !inside)]
}
