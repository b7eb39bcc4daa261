/**
 * Random histories of an Aave market: accounts open positions of one to three collaterals and debts, time passes, prices land an account near its
 * threshold, anybody liquidates and goes on acting. Drawn on our own running state, so that a whole history can be replayed on the chain at once.
 */
import type { AaveAction } from '../../mechanisms/aave/action.ts'
import type { AaveAccount } from '../../mechanisms/aave/state.ts'
import type { Prng } from '../../model/index.ts'
import {
  type AaveMarket,
  BORROWERS,
  LENDER,
  LIQUIDATOR,
  originMinor,
  TREASURY,
  USER,
  usualPrice,
} from './aave-market.ts'
import type { AaveOurs } from './aave-ours.ts'
import { leavingLeast, priceAtLeast, rare, tail } from './aave-rare.ts'
import { type Reading, stateFrom } from './aave-reading.ts'
import {
  type AaveStep,
  ALL,
  act,
  atomsAt,
  atomsOf,
  heldBy,
  modeIn,
  owedBy,
  type Run,
  roomOf,
  shuffled,
  WAD,
  wait,
  worthOf,
} from './aave-steps.ts'

/** Where a history ends even if liquidations are few: with what its last episode adds it still fits into the blocks of one request. */
const MOST_STEPS = 190

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
    if (chance.next() < 0.2 && run.steps.length < MOST_STEPS - 40) rare(run)
  }
  if (chance.next() < 0.6) tail(run)
  return run.steps
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
  else if (chance.next() < 0.06) priceAtLeast(run, name)
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
    const blank = chance.next() < 0.02 ? chance.pick(run.market.assets).id : undefined
    const price = blank === undefined ? undefined : run.prices.get(blank)
    // No price, or next to none: values round to nothing.
    if (blank !== undefined) run.prices.set(blank, BigInt(Math.max(0, chance.int(20) - 8)))
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
  const others = [USER, ...BORROWERS, ...(market.version === 'v2' ? [] : [TREASURY])]
  const liquidator =
    dice < 0.7 ? LIQUIDATOR : dice < 0.97 ? chance.pick(others.filter((one) => one !== borrower)) : borrower
  const whole = owedBy(state, account, debt)
  return {
    ...{ do: 'liquidate', borrower, liquidator, collateral, debt },
    debtToCover: chance.next() < 0.06 ? leavingLeast(run, debt, whole) : sizeOf(run, whole),
    receiveAToken: chance.next() < 0.35,
  }
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
  const treasury = originMinor(market.version) > 0 && chance.next() < 0.03
  const account = treasury ? TREASURY : chance.pick([...BORROWERS, LIQUIDATOR, USER])
  const asset = chance.pick(market.assets).id
  const found = state.accounts.get(account) as AaveAccount
  const mode = modeIn(run, chance.pick(['variable', 'stable']))
  const some = (whole: bigint) => (chance.next() < 0.3 ? ALL : (whole * BigInt(1 + chance.int(1_100))) / 1_000n)
  const supplied = heldBy(state, found, asset)
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
