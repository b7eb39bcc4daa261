/**
 * States and sums that a plain history seldom comes to: reserves emptied to the last atom, lent out to the last atom, indices far apart after years,
 * amounts at the very limit of what our rule takes or that fit into no word, single atoms, assets that nobody listed, values just at a threshold.
 */
import type { AaveAction } from '../../mechanisms/aave/action.ts'
import { type AaveAccount, copyOf } from '../../mechanisms/aave/state.ts'
import { wasRefused } from '../../mechanisms/mechanism.ts'
import { BORROWERS, LENDER, LIQUIDATOR, originMinor, TREASURY, USER } from './aave-market.ts'
import { ALL, act, atomsAt, atomsOf, heldBy, modeIn, owedBy, type Run, roomOf, shuffled, wait } from './aave-steps.ts'

/** One rare thing, at most 35 steps. */
export function rare(run: Run): void {
  const { chance } = run
  const things = [
    ...[atLimit, atLimit, atLimit, single, single, drain, unwind, years, years, atCap, unlisted, fixed],
    ...[isolated, isolated, isolated, siloed, siloed],
  ]
  chance.pick(things)(run)
}

/** What may break a market for good, so that it stands at the end: ages, and sums of any size. At most 16 steps. */
export function tail(run: Run): void {
  const { chance } = run
  for (let more = 4 + chance.int(9); more > 0; more--) {
    if (chance.next() < 0.2) wait(run, Math.floor(10 ** (8 + chance.next() * 2.9)))
    chance.pick([huge, huge, huge, atLimit, single])(run)
  }
}

/** Everybody who acts; the treasury where it is an account like others. */
function someone({ chance, market }: Run): string {
  if (market.version !== 'v2' && chance.next() < 0.05) return TREASURY
  return chance.pick([...BORROWERS, LIQUIDATOR, USER, LENDER])
}

const assetOf = ({ chance, market }: Run) => chance.pick(market.assets).id
const accountOf = ({ state }: Run, name: string) => state.accounts.get(name) as AaveAccount
const years = (run: Run) => wait(run, Math.floor(31_536_000 * 30 ** run.chance.next()))

type Sized = Extract<AaveAction, { readonly amount: bigint }>

/** Any action that names an amount, with about how much there is for it. */
function sized(run: Run): { readonly about: bigint; readonly make: (amount: bigint) => AaveAction } {
  const { chance, state, market } = run
  const [account, asset] = [someone(run), assetOf(run)]
  const mode = modeIn(run, chance.pick(['variable', 'stable']))
  const make = (kind: Sized['do']) => (amount: bigint) => ({ do: kind, account, asset, amount, mode }) as AaveAction
  const who = accountOf(run, account)
  const [held, owed] = [heldBy(state, who, asset), owedBy(state, who, asset)]
  const debts = market.assets.filter(({ id }) => owedBy(state, who, id) > 0n).map(({ id }) => id)
  const backing = market.assets.filter(({ id }) => who.positions.get(id)?.usedAsCollateral).map(({ id }) => id)
  const dice = chance.next()
  if (dice < 0.3) return { about: held, make: make('withdraw') }
  if (dice < 0.65) return { about: atomsAt(run, asset, roomOf(run, account)), make: make('borrow') }
  if (dice < 0.75) return { about: owed, make: make('repay') }
  if (dice < 0.85) return { about: atomsOf(run, asset, 1_000), make: make('supply') }
  const debt = debts.length > 0 ? chance.pick(debts) : asset
  return {
    about: owedBy(state, who, debt),
    make: (debtToCover) => ({
      ...{ do: 'liquidate', borrower: account, liquidator: LIQUIDATOR, debt, debtToCover },
      ...{ collateral: backing.length > 0 ? chance.pick(backing) : asset, receiveAToken: chance.next() < 0.4 },
    }),
  }
}

/** The largest amount that our rule takes, found by halving, or one of its neighbours. */
function atLimit(run: Run): void {
  const { about, make } = sized(run)
  const taken = (amount: bigint) => !wasRefused(run.ours.apply(copyOf(run.state), make(amount), run))
  let [low, high] = [0n, about * 2n + 16n]
  while (low + 1n < high) {
    const middle = (low + high) / 2n
    if (taken(middle)) low = middle
    else high = middle
  }
  const amount = low + BigInt(run.chance.pick([-1, 0, 0, 0, 1, 1, 1, 2]))
  act(run, make(amount > 0n ? amount : 0n))
}

/** A few atoms and what follows from them. */
function single(run: Run): void {
  const { chance } = run
  const [account, asset, other] = [someone(run), assetOf(run), assetOf(run)]
  const few = () => BigInt(1 + chance.int(3))
  const mode = modeIn(run, chance.pick(['variable', 'stable']))
  const choices: readonly AaveAction[] = [
    { do: 'supply', account, asset, amount: few() },
    { do: 'set-collateral', account, asset, enabled: true },
    { do: 'borrow', account, asset: other, amount: few(), mode },
    { do: 'withdraw', account, asset, amount: few() },
    { do: 'repay', account, asset: other, amount: few(), mode },
    { do: 'repay', account, asset: other, amount: ALL, mode },
    { do: 'withdraw', account, asset, amount: ALL },
  ]
  for (const action of choices) if (chance.next() < 0.5) act(run, action)
}

/** Somebody who has plenty borrows what a reserve has left, or all but an atom, or one more. */
function drain(run: Run): void {
  const { chance, state } = run
  const asset = assetOf(run)
  const free = state.reserves.get(asset)?.virtualBalance ?? 0n
  const amount = free + BigInt(chance.int(3) - 1)
  act(run, { do: 'borrow', account: USER, asset, amount: amount > 0n ? amount : 0n, mode: 'variable' })
  wait(run, chance.pick([0, 1, 1_000_000]))
  act(run, { do: 'withdraw', account: LENDER, asset, amount: chance.pick([1n, ALL]) })
}

/** Everybody pays back an asset and takes out what is there; then it begins anew with atoms. */
function unwind(run: Run): void {
  const { chance, state } = run
  const asset = assetOf(run)
  const names = [...BORROWERS, LIQUIDATOR, USER, LENDER]
  for (const mode of ['stable', 'variable'] as const)
    for (const account of names) {
      const { stable, scaledDebt = 0n } = accountOf(run, account).positions.get(asset) ?? {}
      if (mode === 'stable' ? stable === undefined : scaledDebt === 0n) continue
      wait(run, chance.pick([0, 0, 10, 100_000]))
      act(run, { do: 'repay', account, asset, amount: ALL, mode: modeIn(run, mode) })
    }
  for (const account of names) {
    if (heldBy(state, accountOf(run, account), asset) > 0n) act(run, { do: 'withdraw', account, asset, amount: ALL })
  }
  if (chance.next() < 0.5) act(run, { do: 'supply', account: LENDER, asset, amount: BigInt(1 + chance.int(3)) })
  if (chance.next() < 0.5) act(run, { do: 'borrow', account: USER, asset, amount: 1n, mode: 'variable' })
  act(run, { do: 'supply', account: LENDER, asset, amount: atomsOf(run, asset, 10 ** (6 + chance.next())) })
}

/** Stable-rate debts of several accounts that are paid back one after the other (where there are none: a plain episode of atoms). */
function fixed(run: Run): void {
  const { chance } = run
  if (originMinor(run.market.version) > 0) {
    single(run)
    return
  }
  const asset = assetOf(run)
  const names = shuffledNames(run).slice(0, 3)
  for (const account of names) {
    for (const id of shuffled(run).slice(0, 2))
      if (id !== asset) act(run, { do: 'supply', account, asset: id, amount: atomsOf(run, id, 20_000) })
    act(run, { do: 'borrow', account, asset, amount: atomsOf(run, asset, 10 ** (chance.next() * 4)), mode: 'stable' })
    wait(run, chance.pick([0, 3_000, 3_000_000]))
  }
  years(run)
  for (const account of [...names, USER])
    act(run, { do: 'repay', account, asset, amount: chance.next() < 0.8 ? ALL : 1n, mode: 'stable' })
}

const shuffledNames = ({ chance }: Run) =>
  [...BORROWERS]
    .map((name) => [chance.next(), name] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, name]) => name)

/** Fills a cap to the atom, or past it; without caps, takes a quarter of what is there at a stable rate. */
function atCap(run: Run): void {
  const { chance, state, market } = run
  const asset = assetOf(run)
  const reserve = state.reserves.get(asset)
  if (!reserve) return
  const { config, scaledDebt, variableBorrowIndex, virtualBalance } = reserve
  const cap = (config.borrowCap ?? 0n) * 10n ** config.decimals
  const near = (whole: bigint) => (whole > 1n ? whole : 1n) + BigInt(chance.int(4) - 1)
  if (cap > 0n) {
    const left = cap - (scaledDebt * variableBorrowIndex) / 10n ** 27n - (reserve.stable?.principal ?? 0n)
    act(run, { do: 'borrow', account: USER, asset, amount: near(left), mode: 'variable' })
  } else if (originMinor(market.version) === 0)
    act(run, {
      do: 'borrow',
      account: chance.pick(BORROWERS),
      asset,
      amount: near(virtualBalance / 4n),
      mode: 'stable',
    })
  const most = (config.supplyCap ?? 0n) * 10n ** config.decimals
  const supplied = ((reserve.scaledSupply ?? 0n) + reserve.accruedToTreasury) * reserve.liquidityIndex
  if (most > 0n) act(run, { do: 'supply', account: LENDER, asset, amount: near(most - supplied / 10n ** 27n) })
}

/** Somebody without debts, whose collateral is no longer any. */
function freed(run: Run): string | undefined {
  const { market, chance } = run
  const debtless = [...BORROWERS, LIQUIDATOR].filter((name) =>
    market.assets.every(({ id }) => owedBy(run.state, accountOf(run, name), id) === 0n),
  )
  if (debtless.length === 0) return undefined
  const account = chance.pick(debtless)
  for (const { id } of market.assets)
    if (accountOf(run, account).positions.get(id)?.usedAsCollateral)
      act(run, { do: 'set-collateral', account, asset: id, enabled: false })
  return account
}

/** Isolated collateral alone: loans against it, of which more is paid back than counts against it, or which are liquidated. */
function isolated(run: Run): void {
  const { chance, state, market } = run
  const ceiled = [...state.reserves].filter(([, { config }]) => (config.debtCeiling ?? 0n) > 0n).map(([id]) => id)
  const account = ceiled.length > 0 ? freed(run) : undefined
  if (account === undefined) {
    single(run)
    return
  }
  const asset = chance.pick(ceiled)
  const lent = market.assets.map(({ id }) => id).filter((id) => state.reserves.get(id)?.config.borrowableInIsolation)
  act(run, { do: 'set-emode', account, category: 0 })
  act(run, { do: 'supply', account, asset, amount: atomsOf(run, asset, 10 ** (3 + chance.next() * 2)) })
  act(run, { do: 'set-collateral', account, asset, enabled: true })
  const debts = [...lent, assetOf(run)].slice(0, 2)
  for (const debt of debts) {
    const amount = atomsAt(run, debt, roomOf(run, account) * (0.3 + 0.5 * chance.next()))
    act(run, { do: 'borrow', account, asset: debt, amount, mode: modeIn(run, 'variable') })
  }
  if (chance.next() < 0.5) years(run)
  const debt = chance.pick(debts)
  const amount = chance.next() < 0.5 ? ALL : owedBy(state, accountOf(run, account), debt) / 2n
  if (chance.next() < 0.5) act(run, { do: 'repay', account, asset: debt, amount, mode: 'variable' })
  run.prices.set(asset, ((run.prices.get(asset) ?? 0n) * BigInt(20 + chance.int(60))) / 100n + 1n)
  act(run, {
    ...{ do: 'liquidate', borrower: account, liquidator: USER, collateral: asset, debt: chance.pick(debts) },
    ...{ debtToCover: chance.next() < 0.7 ? ALL : amount, receiveAToken: chance.next() < 0.4 },
  })
}

/** A siloed asset: borrowed alone, beside another, again, and another after it. */
function siloed(run: Run): void {
  const { chance, state } = run
  const silos = [...state.reserves].filter(([, { config }]) => config.siloed).map(([id]) => id)
  const account = silos.length > 0 ? freed(run) : undefined
  if (account === undefined) {
    single(run)
    return
  }
  const asset = chance.pick(silos)
  const other = shuffled(run).find((id) => id !== asset) as string
  act(run, { do: 'set-emode', account, category: 0 })
  for (const id of [other, asset]) {
    act(run, { do: 'supply', account, asset: id, amount: atomsOf(run, id, 10_000) })
    act(run, { do: 'set-collateral', account, asset: id, enabled: true })
  }
  for (const id of [asset, other, asset, other]) {
    const amount = atomsOf(run, id, 100)
    act(run, { do: 'borrow', account, asset: id, amount, mode: modeIn(run, chance.pick(['variable', 'stable'])) })
    if (id === other && chance.next() < 0.5) act(run, { do: 'repay', account, asset, amount: ALL, mode: 'variable' })
  }
}

/** An asset that no market has. */
function unlisted(run: Run): void {
  const { chance } = run
  const account = someone(run)
  const [asset, mode] = ['NONE', modeIn(run, 'variable')]
  const amount = chance.pick([0n, 1n, ALL])
  const both = chance.next() < 0.3
  const known = assetOf(run)
  const first = chance.next() < 0.5
  const choices: readonly AaveAction[] = [
    { do: 'supply', account, asset, amount },
    { do: 'withdraw', account, asset, amount },
    { do: 'borrow', account, asset, amount, mode },
    { do: 'repay', account, asset, amount, mode },
    { do: 'set-collateral', account, asset, enabled: first },
    {
      ...{ do: 'liquidate', borrower: chance.pick(BORROWERS), liquidator: account, debtToCover: ALL },
      ...{ collateral: both || first ? asset : known, debt: both || !first ? asset : known, receiveAToken: false },
    },
  ]
  act(run, chance.pick(choices))
}

/** Any sum that fits into a word, often just at the edge of a smaller word. */
function huge(run: Run): void {
  const { chance } = run
  const bits = chance.pick([120, 127, 128, 166, 255, 256, 90 + chance.int(167)])
  const amount = (1n << BigInt(bits)) + BigInt(chance.int(3) - 1)
  act(run, sized(run).make(amount > ALL ? ALL : amount))
}

/** How much of a debt leaves the least that v3.3 lets stand, 1,000 dollars, or an atom more or less; or half of it, or an atom more or less. */
export function leavingLeast(run: Run, asset: string, whole: bigint): bigint {
  const { chance, market, prices } = run
  const decimals = market.assets.find(({ id }) => id === asset)?.config.decimals ?? 0n
  const price = prices.get(asset) ?? 0n
  const least = originMinor(market.version) > 0 && price > 0n ? (10n ** 11n * 10n ** decimals) / price : whole / 2n
  const amount = whole - least + BigInt(chance.int(5) - 2)
  return amount > 0n ? amount : 1n
}

/** Moves the price of something an account has or owes so that it is worth 2,000 or 1,000 dollars, or a little less. */
export function priceAtLeast(run: Run, name: string): void {
  const { chance, market, state } = run
  if (originMinor(market.version) === 0) return
  const who = accountOf(run, name)
  const { id: asset, config } = chance.pick(market.assets)
  const amount = chance.next() < 0.5 ? heldBy(state, who, asset) : owedBy(state, who, asset)
  const worth = chance.pick([10n ** 11n, 2n * 10n ** 11n]) * 10n ** config.decimals
  const price = amount === 0n ? 0n : worth / amount + BigInt(chance.int(3) - 1)
  if (price > 0n && price < 10n ** 16n) run.prices.set(asset, price)
}
