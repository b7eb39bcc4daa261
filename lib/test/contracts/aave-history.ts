/**
 * Random histories of an Aave market: accounts open positions of one to three collaterals and debts, time passes, prices land an account near its
 * threshold, anybody liquidates and goes on acting. Drawn on our own running state, so that a whole history can be replayed on the chain at once.
 */
import type { AaveAction } from '../../mechanisms/aave/action.ts'
import type { AaveAccount, AaveReserve, AaveState } from '../../mechanisms/aave/state.ts'
import type { AaveAccountData } from '../../mechanisms/aave/v3-account.ts'
import { type Applied, wasRefused } from '../../mechanisms/mechanism.ts'
import type { Prng } from '../../model/index.ts'
import { govern } from './aave-governance.ts'
import { type AaveMarket, BORROWERS, LENDER, LIQUIDATOR, USER, usualPrice } from './aave-market.ts'
import type { AaveOurs } from './aave-ours.ts'
import { type AaveTerms, type Reading, readingOf, stateFrom } from './aave-reading.ts'
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
 * governance does right before, and `terms` the parameters that then hold.
 */
export type AaveStep = {
  readonly time: bigint
  readonly prices: ReadonlyMap<string, bigint>
  readonly governed: readonly Call[]
  readonly terms: ReadonlyMap<string, AaveTerms>
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

/** Where a history ends even if liquidations are few: with what its last episode adds it still fits into the blocks of one request. */
const MOST_STEPS = 200

/** A history of about so many liquidation calls, from the state that was read at a time. */
export function drawHistory(
  ours: AaveOurs,
  market: AaveMarket,
  start: { readonly reading: Reading; readonly time: bigint },
  liquidations: number,
  chance: Prng,
): readonly AaveStep[] {
  const run: Run = {
    ...{ ours, market, chance, steps: [], liquidations: 0 },
    state: stateFrom(market, start.reading),
    time: start.time,
    prices: new Map(market.assets.map(({ id }) => [id, usualPrice(market.version, id)])),
  }
  stock(run)
  while (run.liquidations < liquidations && run.steps.length < MOST_STEPS) {
    const account = chance.pick(BORROWERS)
    calm(run)
    if (chance.next() < 0.85) open(run, account)
    wait(run, Math.floor(10 ** (chance.next() * 7.7)))
    land(run, account)
    if ((worthOf(run, account)?.healthFactor ?? 0n) < WAD || chance.next() < 0.12) attack(run, account)
    for (let more = chance.int(4); more > 0; more--) anything(run)
  }
  return run.steps
}

type Run = {
  readonly ours: AaveOurs
  readonly market: AaveMarket
  readonly chance: Prng
  readonly steps: AaveStep[]
  readonly state: AaveState
  time: bigint
  prices: Map<string, bigint>
  liquidations: number
}

function act(run: Run, action: AaveAction): void {
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
  run.steps.push({ ...at, governed, terms, action, sender, watched, shape, before, applied, after })
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

const wait = (run: Run, seconds: number) => {
  run.time += BigInt(seconds)
}

/** Atoms of an asset worth so many dollars at its usual price, never zero, the last digits random. */
function atomsOf(run: Run, asset: string, dollars: number): bigint {
  const { version, assets } = run.market
  const dollar = version === 'v2' ? 5n * 10n ** 14n : 10n ** 8n
  const decimals = assets.find(({ id }) => id === asset)?.config.decimals ?? 0n
  const value = (BigInt(Math.round(dollars * 1e6)) * dollar) / 1_000_000n
  return (value * 10n ** decimals) / usualPrice(version, asset) + BigInt(1 + run.chance.int(1_000))
}

/** Suppliers of every asset, and a borrower who uses between a tenth and nine tenths of it. */
function stock(run: Run): void {
  const { chance, market } = run
  const dollars = 10 ** (6 + chance.next() * 2)
  for (const { id } of market.assets) {
    wait(run, 1 + chance.int(1_000))
    const amount = atomsOf(run, id, dollars * (0.5 + chance.next()))
    act(run, { do: 'supply', account: LENDER, asset: id, amount })
    act(run, { do: 'supply', account: USER, asset: id, amount: amount * 20n })
    act(run, { do: 'withdraw', account: LENDER, asset: id, amount: amount / BigInt(2 + chance.int(9)) })
  }
  for (const { id } of market.assets) {
    wait(run, chance.int(1_000))
    const free = run.state.reserves.get(id)?.virtualBalance ?? 0n
    const mode = chance.next() < 0.2 ? 'stable' : 'variable'
    const share = mode === 'stable' ? 1 + chance.int(20) : 10 + chance.int(85)
    const amount = (free * BigInt(share)) / 100n
    act(run, { do: 'borrow', account: USER, asset: id, amount, mode: modeIn(run, mode) })
  }
}

const modeIn = ({ market }: Run, mode: 'variable' | 'stable') => (market.version === 'v3.6' ? 'variable' : mode)

/** Prices come back to where they usually are, within 30 %. */
function calm(run: Run): void {
  for (const { id } of run.market.assets) {
    const factor = BigInt(Math.round(1e9 * Math.exp(run.chance.normal() * 0.15)))
    run.prices.set(id, (usualPrice(run.market.version, id) * factor) / 1_000_000_000n + BigInt(run.chance.int(100)))
  }
}

/** Opens a position of one to three collaterals and one to three debts, or adds to the one there is. */
function open(run: Run, account: string): void {
  const { chance, market } = run
  const ids = shuffled(run)
  const collaterals = ids.slice(0, 1 + chance.int(3))
  const tiny = chance.next() < 0.06
  const dollars = 10 ** (2.3 + chance.next() * 4.2)
  if (market.eModes.size > 0 && chance.next() < 0.4)
    act(run, { do: 'set-emode', account, category: chance.pick([0, 1, 2, 1, 2]) })
  for (const asset of collaterals) {
    wait(run, chance.int(300))
    const amount = tiny ? BigInt(1 + chance.int(5_000)) : atomsOf(run, asset, dollars * (0.1 + chance.next()))
    act(run, { do: 'supply', account, asset, amount })
    if (chance.next() < 0.35) act(run, { do: 'set-collateral', account, asset, enabled: chance.next() < 0.9 })
  }
  const room = roomOf(run, account)
  const used = 0.3 + 0.68 * chance.next()
  const others = chance.next() < 0.7 ? [...ids.slice(collaterals.length), ...collaterals] : shuffled(run)
  const debts = others.slice(0, 1 + chance.int(3))
  for (const asset of debts) {
    wait(run, chance.int(300))
    const amount = tiny ? BigInt(1 + chance.int(3_000)) : atomsAt(run, asset, (room * used) / debts.length)
    act(run, {
      do: 'borrow',
      account,
      asset,
      amount,
      mode: modeIn(run, chance.pick(['variable', 'variable', 'stable'])),
    })
  }
}

function shuffled({ market, chance }: Run): string[] {
  const ids = market.assets.map(({ id }) => id)
  for (let last = ids.length - 1; last > 0; last--) {
    const other = chance.int(last + 1)
    const [a, b] = [ids[last] as string, ids[other] as string]
    ids[last] = b
    ids[other] = a
  }
  return ids
}

/** About how much more an account may borrow, in base currency at present prices. */
function roomOf(run: Run, account: string): number {
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
function atomsAt(run: Run, asset: string, base: number): bigint {
  if (!((run.prices.get(asset) ?? 0n) > 0n)) return 1n
  const decimals = Number(run.market.assets.find(({ id }) => id === asset)?.config.decimals ?? 0n)
  return BigInt(Math.floor((base / Number(run.prices.get(asset))) * 10 ** decimals)) + BigInt(run.chance.int(10))
}

const WAD = 10n ** 18n

/** Moves prices of what an account has (or else owes) so that its health becomes what was drawn; at times to the atom where a rule changes. */
function land(run: Run, name: string): void {
  const { chance, ours, state, market } = run
  const account = state.accounts.get(name) as AaveAccount
  const health = () => ours.worth(state, account, run)?.healthFactor ?? 0n
  const flags = market.assets.map(({ id }) => ({ id, position: account.positions.get(id) }))
  const owes = ({ position }: (typeof flags)[number]) => position?.borrowing === true || position?.stable !== undefined
  const owned = flags.filter((flag) => flag.position?.usedAsCollateral && !owes(flag)).map(({ id }) => id)
  const owed = flags.filter((flag) => owes(flag) && !flag.position?.usedAsCollateral).map(({ id }) => id)
  const moving = owned.length > 0 ? owned : owed
  const prices = new Map(run.prices)
  const move = (factor: number) => {
    const parts = BigInt(Math.max(1, Math.round(factor * 1e9)))
    for (const id of moving) run.prices.set(id, ((prices.get(id) ?? 0n) * parts) / 1_000_000_000n + 1n)
    const now = Number(health()) / 1e18
    return owned.length > 0 ? now : 1 / now
  }
  const [once, twice, aim] = [move(1), move(2), aimOf(chance)]
  // Health is a straight line in the prices of what is owned, its reciprocal one in those of what is owed.
  const factor = 1 + ((owned.length > 0 ? aim : 1 / aim) - once) / (twice - once)
  move(Number.isFinite(factor) && once < 1e6 ? Math.min(Math.max(factor, 1e-3), 1e3) : 1)
  if (owned.length > 0 && chance.next() < 0.15) edge(run, chance.pick(owned), health)
}

/** Mostly below 1, often just below, sometimes just above, sometimes deep under water. */
function aimOf(chance: Prng): number {
  const dice = chance.next()
  if (dice < 0.5) return 0.6 + 0.4 * chance.next()
  if (dice < 0.8) return 0.94 + 0.06 * chance.next()
  return dice < 0.88 ? 1 + 0.05 * chance.next() : 0.05 + 0.55 * chance.next()
}

/** Searches the lowest price at which health is still at a threshold, and takes it or the one below. */
function edge(run: Run, asset: string, health: () => bigint): void {
  const threshold = run.chance.pick([WAD, WAD, (95n * WAD) / 100n])
  const was = run.prices.get(asset) ?? 0n
  let [low, high] = [1n, was * 1_000n]
  while (low < high) {
    const middle = (low + high) / 2n
    run.prices.set(asset, middle)
    if (health() >= threshold) high = middle
    else low = middle + 1n
  }
  run.prices.set(asset, low > was * 100n ? was : low - BigInt(run.chance.int(2)))
}

/** A few liquidations of an account (now and then of another); when it has become healthy, prices may fall once more. */
function attack(run: Run, name: string): void {
  const { chance } = run
  for (let tries = 2 + chance.int(5); tries > 0; tries--) {
    const borrower = chance.next() < 0.06 ? chance.pick(BORROWERS) : name
    const blank = chance.next() < 0.01 ? chance.pick(run.market.assets).id : undefined
    const price = blank === undefined ? undefined : run.prices.get(blank)
    if (blank !== undefined) run.prices.set(blank, 0n)
    act(run, liquidationOf(run, borrower))
    if (blank !== undefined && price !== undefined) run.prices.set(blank, price)
    if (chance.next() < 0.6) wait(run, chance.int(5_000))
    const health = worthOf(run, name)?.healthFactor ?? 0n
    if (health >= WAD && chance.next() < 0.9) {
      wait(run, 1 + chance.int(100_000))
      land(run, name)
      if ((worthOf(run, name)?.healthFactor ?? 0n) >= WAD && chance.next() < 0.85) return
    }
  }
}

const worthOf = (run: Run, name: string) => run.ours.worth(run.state, run.state.accounts.get(name) as AaveAccount, run)

function liquidationOf(run: Run, borrower: string): AaveAction {
  const { chance, market, state } = run
  const account = state.accounts.get(borrower) as AaveAccount
  const ids = market.assets.map(({ id }) => id)
  const having = ids.filter((id) => account.positions.get(id)?.usedAsCollateral)
  const owing = ids.filter((id) => account.positions.get(id)?.borrowing || account.positions.get(id)?.stable)
  const wrong = () => chance.next() < 0.05
  const collateral = chance.pick(having.length > 0 && !wrong() ? having : ids)
  const debt = chance.pick(owing.length > 0 && !wrong() ? owing : ids)
  const dice = chance.next()
  const liquidator =
    dice < 0.7
      ? LIQUIDATOR
      : dice < 0.97
        ? chance.pick([USER, ...BORROWERS].filter((one) => one !== borrower))
        : borrower
  return {
    ...{ do: 'liquidate', borrower, liquidator, collateral, debt },
    debtToCover: sizeOf(run, owedBy(state, account, debt)),
    receiveAToken: chance.next() < 0.35,
  }
}

/** About what an account owes of an asset, atoms. */
function owedBy(state: AaveState, account: AaveAccount, asset: string): bigint {
  const [position, reserve] = [account.positions.get(asset), state.reserves.get(asset)]
  if (!position || !reserve) return 0n
  return (position.scaledDebt * reserve.variableBorrowIndex) / 10n ** 27n + (position.stable?.principal ?? 0n)
}

/** All, more than all, half, a fraction, one atom, nothing. */
function sizeOf({ chance }: Run, whole: bigint): bigint {
  const dice = chance.next()
  if (dice < 0.42) return ALL
  if (dice < 0.5) return whole
  if (dice < 0.58) return whole * 2n + 1n
  if (dice < 0.66) return whole / 2n
  if (dice < 0.95) return (whole * BigInt(1 + chance.int(999))) / 1_000n
  return dice < 0.98 ? 1n + BigInt(chance.int(3)) : 0n
}

/** What users do beside: repay, withdraw, supply, borrow, choose collateral or e-mode. */
function anything(run: Run): void {
  const { chance, market, state } = run
  wait(run, chance.int(20_000))
  const account = chance.pick([...BORROWERS, LIQUIDATOR, USER])
  const asset = chance.pick(market.assets).id
  const found = state.accounts.get(account) as AaveAccount
  const mode = modeIn(run, chance.pick(['variable', 'stable']))
  const some = (whole: bigint) => (chance.next() < 0.3 ? ALL : (whole * BigInt(1 + chance.int(1_100))) / 1_000n)
  const supplied =
    ((found.positions.get(asset)?.scaledCollateral ?? 0n) * (state.reserves.get(asset)?.liquidityIndex ?? 0n)) /
    10n ** 27n
  const choices: readonly AaveAction[] = [
    { do: 'repay', account, asset, amount: some(owedBy(state, found, asset)), mode },
    { do: 'withdraw', account, asset, amount: some(supplied) },
    { do: 'supply', account, asset, amount: atomsOf(run, asset, 10 ** (1 + chance.next() * 5)) },
    { do: 'borrow', account, asset, amount: atomsAt(run, asset, roomOf(run, account) * 1.1 * chance.next()), mode },
    { do: 'set-collateral', account, asset, enabled: chance.next() < 0.5 },
    { do: 'set-emode', account, category: chance.int(4) },
  ]
  act(run, chance.pick(market.version === 'v2' ? choices.slice(0, 5) : choices))
}

/** How many steps did what, for the count that the tests print. */
export function isLiquidation({ action }: AaveStep): boolean {
  return action.do === 'liquidate'
}

/** True when we say that the call was refused. */
export function refusedByUs({ applied }: AaveStep): boolean {
  return wasRefused(applied)
}
