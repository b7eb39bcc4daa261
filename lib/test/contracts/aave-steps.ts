/** What a history of an Aave market is made of: its steps, the run that draws them on our own state, and the amounts that are drawn from. */
import type { AaveAction } from '../../mechanisms/aave/action.ts'
import type { AaveAccount, AaveEMode, AaveReserve, AaveState } from '../../mechanisms/aave/state.ts'
import type { AaveAccountData } from '../../mechanisms/aave/v3-account.ts'
import type { Applied } from '../../mechanisms/mechanism.ts'
import type { Prng } from '../../model/index.ts'
import { govern } from './aave-governance.ts'
import { type AaveMarket, originMinor, usualPrice } from './aave-market.ts'
import type { AaveOurs } from './aave-ours.ts'
import { type AaveTerms, type Reading, readingOf } from './aave-reading.ts'
import type { Call } from './chain.ts'

/** What an account has before a call: how many collaterals and debts, how many of these at a stable rate, and its e-mode. */
export type AaveShape = {
  readonly collaterals: number
  readonly debts: number
  readonly stable: number
  readonly eMode: number
}

/**
 * One call, and what we say it does: `before` the call the health of `watched`, the outcome, and everything stored `after` it. `governed`: what
 * governance does right before, `terms` and `eModes` the parameters that then hold.
 */
export type AaveStep = {
  readonly time: bigint
  readonly prices: ReadonlyMap<string, bigint>
  readonly governed: readonly Call[]
  readonly terms: ReadonlyMap<string, AaveTerms>
  readonly eModes: ReadonlyMap<number, AaveEMode>
  readonly shape: AaveShape
  readonly action: AaveAction
  readonly sender: string
  readonly watched: string
  readonly before: AaveAccountData | undefined
  readonly applied: Applied
  readonly after: Reading
}

/** Asks for everything: 2^256 − 1. */
export const ALL = (1n << 256n) - 1n

/** A history being drawn: our state after its steps, the time and the prices of the next one. */
export type Run = {
  readonly ours: AaveOurs
  readonly market: AaveMarket
  readonly chance: Prng
  readonly steps: AaveStep[]
  readonly state: AaveState
  time: bigint
  prices: Map<string, bigint>
  liquidations: number
}

/** Takes a step: governance may come first; our mechanism acts on our state. */
export function act(run: Run, action: AaveAction): void {
  // A block has one set of prices.
  const last = run.steps.at(-1)
  if (last?.time === run.time && [...run.prices].some(([id, price]) => last.prices.get(id) !== price)) run.time += 1n
  const { ours, market, state, time, prices } = run
  const [sender, watched] =
    action.do === 'liquidate' ? [action.liquidator, action.borrower] : [action.account, action.account]
  const at = { time, prices: new Map(prices) }
  const governed = run.steps.length < 25 ? [] : govern(market, state, run.chance, time)
  const terms = new Map([...state.reserves].map(([id, reserve]) => [id, termsOf(reserve)]))
  const shape = shapeOf(state.accounts.get(watched) as AaveAccount)
  const before = ours.worth(state, state.accounts.get(watched) as AaveAccount, at)
  const applied = ours.apply(state, action, at)
  const after = readingOf(market, state, (account) => ours.worth(state, account, at))
  const eModes = new Map(state.eModes)
  run.steps.push({ ...at, governed, terms, eModes, action, sender, watched, shape, before, applied, after })
  if (action.do === 'liquidate') run.liquidations += 1
}

const termsOf = ({ config, paused, frozen, graceUntil }: AaveReserve): AaveTerms => ({
  config,
  paused,
  frozen,
  graceUntil,
})

function shapeOf({ eMode, positions }: AaveAccount): AaveShape {
  const all = [...positions.values()]
  const stable = all.filter((position) => position.stable !== undefined).length
  return {
    collaterals: all.filter(({ usedAsCollateral }) => usedAsCollateral).length,
    debts: all.filter(({ scaledDebt }) => scaledDebt > 0n).length + stable,
    ...{ eMode, stable },
  }
}

/** Lets seconds pass. */
export const wait = (run: Run, seconds: number) => {
  run.time += BigInt(seconds)
}

/** Atoms of an asset worth so many dollars at its usual price, never zero, the last digits random. */
export function atomsOf(run: Run, asset: string, dollars: number): bigint {
  const { version, assets } = run.market
  const dollar = version === 'v2' ? 5n * 10n ** 14n : 10n ** 8n
  const decimals = assets.find(({ id }) => id === asset)?.config.decimals ?? 0n
  const value = (BigInt(Math.round(dollars * 1e6)) * dollar) / 1_000_000n
  return (value * 10n ** decimals) / usualPrice(version, asset) + BigInt(1 + run.chance.int(1_000))
}

/** The rate mode where the version has two, else the variable one, now and then the one that is gone. */
export const modeIn = ({ market, chance }: Run, mode: 'variable' | 'stable') =>
  originMinor(market.version) === 0 || (mode === 'stable' && chance.next() < 0.03) ? mode : 'variable'

/** About how much more an account may borrow, in base currency at present prices. */
export function roomOf(run: Run, account: string): number {
  const { state, market } = run
  const found = state.accounts.get(account)
  let room = 0
  for (const { id, config } of market.assets) {
    const [position, reserve] = [found?.positions.get(id), state.reserves.get(id)]
    if (!position || !reserve) continue
    const value = Number(run.prices.get(id)) / 10 ** Number(config.decimals)
    const category = state.eModes.get(found?.eMode ?? 0)
    const ltv = category?.collateral.includes(id) ? category.ltv : config.ltv
    if (position.usedAsCollateral)
      room += (Number(position.scaledCollateral) * Number(reserve.liquidityIndex) * 1e-27 * value * Number(ltv)) / 1e4
    room -= Number(position.scaledDebt) * Number(reserve.variableBorrowIndex) * 1e-27 * value
    room -= Number(position.stable?.principal ?? 0n) * value
  }
  return Math.max(room, 0)
}

/** Atoms of an asset worth so much base currency at present prices. */
export function atomsAt(run: Run, asset: string, base: number): bigint {
  if (!((run.prices.get(asset) ?? 0n) > 0n)) return 1n
  const decimals = Number(run.market.assets.find(({ id }) => id === asset)?.config.decimals ?? 0n)
  return BigInt(Math.floor((base / Number(run.prices.get(asset))) * 10 ** decimals)) + BigInt(run.chance.int(10))
}

/** 1 as health factor. */
export const WAD = 10n ** 18n

/** What an account is worth now. */
export const worthOf = (run: Run, name: string) =>
  run.ours.worth(run.state, run.state.accounts.get(name) as AaveAccount, run)

/** About what an account owes of an asset, atoms. */
export function owedBy(state: AaveState, account: AaveAccount, asset: string): bigint {
  const [position, reserve] = [account.positions.get(asset), state.reserves.get(asset)]
  if (!position || !reserve) return 0n
  return (position.scaledDebt * reserve.variableBorrowIndex) / 10n ** 27n + (position.stable?.principal ?? 0n)
}

/** About what an account holds of an asset, atoms. */
export function heldBy(state: AaveState, account: AaveAccount, asset: string): bigint {
  const [position, reserve] = [account.positions.get(asset), state.reserves.get(asset)]
  return position && reserve ? (position.scaledCollateral * reserve.liquidityIndex) / 10n ** 27n : 0n
}

/** The ids of a market's assets in random order. */
export function shuffled({ market, chance }: Run): string[] {
  const ids = market.assets.map(({ id }) => id)
  for (let last = ids.length - 1; last > 0; last--) {
    const other = chance.int(last + 1)
    const [a, b] = [ids[last] as string, ids[other] as string]
    ids[last] = b
    ids[other] = a
  }
  return ids
}
