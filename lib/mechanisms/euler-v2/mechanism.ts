/**
 * An Euler v2 vault as a mechanism: its lenders and borrowers, and the collateral vaults' shares that back them. A liquidation takes the debt over
 * with the collateral; with `settle` the liquidator repays it in the same batch and goes off with the shares, without it both stay on his account,
 * which must then stand by itself. Rules stand in `rules.ts` and `vault.ts`, user actions in `actions.ts`.
 */
import { type Atoms, atoms, type Exposure, type Fact, type Health, type Moment, type Offer } from '../../model/index.ts'
import type { Applied, Completed, Mechanism } from '../mechanism.ts'
import { applied, revert } from '../solidity.ts'
import {
  addCollateral,
  borrow,
  deposit,
  disableController,
  type EulerUse,
  enableCollateral,
  operation,
  pullDebt,
  removeCollateral,
  repaid,
  repay,
  sendCollateral,
  setLtv,
  withdraw,
} from './actions.ts'
import {
  AS_MUCH_AS_ALLOWED,
  type EulerAccount,
  type EulerLiquidation,
  type EulerQuote,
  type EulerState,
  isRecognized,
  isViolating,
  liquidate,
  liquidationLtvAt,
  liquidityOf,
} from './rules.ts'
import { accrue, currentOwed, toAssetsUp } from './vault.ts'

type Of<D extends string, T = unknown> = { readonly do: D; readonly account: string } & T

/** What may be done. Amounts in atoms, shares in vault shares; 2^256 − 1 means all of it. */
export type EulerAction =
  | { readonly do: 'accrue' }
  | Of<'deposit', { readonly amount: bigint }>
  | Of<'withdraw', { readonly amount: bigint }>
  | Of<'redeem', { readonly shares: bigint }>
  | Of<'borrow', { readonly amount: bigint }>
  | Of<'repay', { readonly amount: bigint }>
  | Of<'pull-debt', { readonly from: string; readonly amount: bigint }>
  | Of<'add-collateral', { readonly asset: string; readonly amount: bigint }>
  | Of<'remove-collateral', { readonly asset: string; readonly amount: bigint }>
  | Of<'enable-collateral', { readonly asset: string; readonly on: boolean }>
  | Of<'disable-controller'>
  | Of<
      'liquidate',
      {
        readonly collateral: string
        readonly repayAssets: bigint
        readonly minYield: bigint
        readonly liquidator?: string | undefined
        readonly settle?: boolean | undefined
      }
    >
  | {
      readonly do: 'set-ltv'
      readonly asset: string
      readonly borrow: bigint
      readonly liquidation: bigint
      readonly rampDuration: bigint
    }

/** Who liquidates when nobody is named. */
export const EULER_LIQUIDATOR = 'liquidator'
const WAD = 10n ** 18n

/**
 * The mechanism. Feeds are named as the assets and answer the value of 1e18 atoms (of collateral: vault shares) in the unit of account, 18 decimals;
 * a missing one is an oracle that reverts, 0 is a price.
 */
export const eulerV2: Mechanism<EulerState, EulerAction> = {
  id: 'euler-v2',
  targets,
  assess,
  offers,
  apply,
  exposure,
  holdings,
}

function quotesOf(at: Moment): EulerQuote {
  return (asset, amount) => {
    const price = at.price(asset)
    if (price === undefined || price < 0n) revert('oracle', `the feed ${asset} gives no price`)
    return (amount * price) / WAD
  }
}

function* targets(state: EulerState): Iterable<string> {
  for (const [name, { debt }] of state.accounts) if (debt.owed > 0n) yield name
}

/** An account of the vault with interest; `undefined` before the vault's last update. */
function look(
  state: EulerState,
  target: string,
  at: Moment,
): { readonly accrued: EulerState; readonly account: EulerAccount } | undefined {
  const account = state.accounts.get(target)
  if (!account || BigInt(at.time) < state.vault.lastUpdate) return undefined
  const vault = { ...state.vault }
  accrue(vault, BigInt(at.time))
  return { accrued: { ...state, vault }, account }
}

/** Sides in the unit of account, 18 decimals. In violation is also who is still in his cool-off, where no call is accepted. */
function assess(state: EulerState, target: string, at: Moment): Health | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { accrued, account } = seen
  let health: Health | undefined
  applied(() => {
    const quote = quotesOf(at)
    const liquidity = liquidityOf(accrued, account, quote, BigInt(at.time))
    const { collateralValue: backing, liabilityValue: required } = liquidity
    const worth = account.enabled.reduce((sum, asset) => {
      const balance = account.collaterals.get(asset) ?? 0n
      return balance > 0n && isRecognized(accrued, asset) ? sum + quote(asset, balance) : sum
    }, 0n)
    health = { backing, required, equity: worth - required, liquidatable: isViolating(liquidity) }
    return { facts: [] }
  })
  return health
}

/** One offer for each collateral: as much as allowed, repaid at once; nothing for nothing only where it writes a debt off. */
function offers(state: EulerState, target: string, at: Moment): readonly Offer<EulerAction>[] {
  const health = assess(state, target, at)
  if (!health?.liquidatable) return []
  const account = state.accounts.get(target)
  return [...(account?.enabled ?? [])].flatMap((collateral): Offer<EulerAction>[] => {
    const amounts = { repayAssets: AS_MUCH_AS_ALLOWED, minYield: 0n }
    const action: EulerAction = { do: 'liquidate', account: target, collateral, ...amounts, settle: true }
    const done = applied(() => run(copyOf(state, accountsOf(action)), action, at))
    if ('refused' in done || done.facts.length === 0) return []
    return [{ target, actor: 'anyone', action, pay: done.paid ?? [], receive: done.received ?? [] }]
  })
}

function accountsOf(action: EulerAction): readonly string[] {
  if (action.do === 'liquidate') return [action.account, action.liquidator ?? EULER_LIQUIDATOR]
  if (action.do === 'pull-debt') return [action.account, action.from]
  return 'account' in action ? [action.account] : []
}

function apply(state: EulerState, action: EulerAction, at: Moment): Applied {
  const copy = copyOf(state, accountsOf(action))
  const done = applied(() => run(copy, action, at))
  if ('refused' in done) return done
  Object.assign(state.vault, copy.vault)
  for (const [asset, ltv] of copy.ltvs) state.ltvs.set(asset, ltv)
  for (const [name, account] of copy.accounts) state.accounts.set(name, account)
  return done
}

/** A copy that can be changed: the vault, and the accounts named. */
function copyOf(state: EulerState, names: readonly string[]): EulerState {
  const accounts = names.flatMap((name) => {
    const account = state.accounts.get(name)
    if (!account) return []
    return [[name, { ...account, debt: { ...account.debt }, collaterals: new Map(account.collaterals) }] as const]
  })
  return { ...state, vault: { ...state.vault }, ltvs: new Map(state.ltvs), accounts: new Map(accounts) }
}

/** Runs an action on a state that may be left half changed when it reverts. */
function run(state: EulerState, action: EulerAction, at: Moment): Completed {
  const time = BigInt(at.time)
  const quote = quotesOf(at)
  if (action.do === 'accrue') {
    operation(state, time, () => undefined)
    return { facts: [] }
  }
  if (action.do === 'set-ltv') {
    setLtv(state, action.asset, action, time)
    return { facts: [] }
  }
  const use: EulerUse = { account: action.account, quote, time }
  const flow = (asset: string, amount: bigint) => [{ asset, atoms: atoms(amount) }]
  switch (action.do) {
    case 'liquidate':
      return liquidation(state, action, quote, time)
    case 'deposit': {
      const shares = deposit(state, use, action.amount)
      return { facts: [], paid: flow(state.asset, action.amount), moved: { shares } }
    }
    case 'withdraw':
    case 'redeem':
      return { facts: [], received: flow(state.asset, withdraw(state, use, action)) }
    case 'borrow':
      return { facts: [], received: flow(state.asset, borrow(state, use, action.amount)) }
    case 'repay':
      return { facts: [], paid: flow(state.asset, repay(state, use, action.amount)) }
    case 'add-collateral':
      addCollateral(state, action.account, action.asset, action.amount)
      return { facts: [], paid: flow(action.asset, action.amount) }
    case 'remove-collateral':
      removeCollateral(state, use, action.asset, action.amount)
      return { facts: [], received: flow(action.asset, action.amount) }
    case 'pull-debt':
      pullDebt(state, use, action.from, action.amount)
      return { facts: [] }
    case 'enable-collateral':
      enableCollateral(state, use, action.asset, action.on)
      return { facts: [] }
    case 'disable-controller':
      disableController(state, action.account)
      return { facts: [] }
  }
}

function liquidation(
  state: EulerState,
  action: Extract<EulerAction, { do: 'liquidate' }>,
  quote: EulerQuote,
  time: bigint,
): Completed {
  const { account: violator, liquidator = EULER_LIQUIDATOR, collateral, repayAssets, minYield, settle } = action
  const debtOf = () => {
    const debt = state.accounts.get(liquidator)?.debt
    return debt ? toAssetsUp(currentOwed(state.vault, debt)) : 0n
  }
  const call = { violator, liquidator, collateral, repayAssets, minYield, time }
  const batch = () => {
    const before = debtOf()
    const moved = liquidate(state, call, quote)
    const taker = state.accounts.get(liquidator)
    // Only who has the vault as controller may call (`initOperation` of `OP_LIQUIDATE`).
    if (taker) taker.controller = true
    const paid = settle ? repaid(state, liquidator, debtOf() - before) : 0n
    if (settle) sendCollateral(state, liquidator, collateral, moved.yieldBalance)
    return { moved, paid }
  }
  const { moved, paid } = operation(state, time, batch, { account: liquidator, quote, time })
  const facts = factsOf(state, call, moved)
  if (!settle) return { facts, moved: { ...moved } }
  return {
    facts,
    paid: [{ asset: state.asset, atoms: atoms(paid) }],
    received: [{ asset: collateral, atoms: atoms(moved.yieldBalance) }],
    moved: { ...moved, paid },
  }
}

/** The liquidation as the log tells it; a call that moved nothing tells nothing, and one that only wrote off tells the loss. */
function factsOf(
  { asset, name }: EulerState,
  { violator: account, liquidator, collateral }: { violator: string; liquidator: string; collateral: string },
  { repay: repaid, yieldBalance, debtSocialized }: EulerLiquidation,
): readonly Fact[] {
  const loss = { asset, atoms: debtSocialized }
  const where = { protocol: 'euler-v2', market: name, account } as const
  if (repaid === 0n && yieldBalance === 0n)
    return debtSocialized > 0n ? [{ type: 'bad-debt', ...where, loss, usd: undefined }] : []
  return [
    {
      ...{ type: 'loan-liquidation', ...where, liquidator },
      repaid: { asset, atoms: repaid },
      seized: { asset: collateral, atoms: yieldBalance },
      usd: undefined,
      badDebt: debtSocialized > 0n ? loss : undefined,
    },
  ]
}

/** Each collateral's price moves the backing, the asset's price the debt; unit of account per unit of the feed. */
function exposure(state: EulerState, target: string, at: Moment): Exposure | undefined {
  const seen = look(state, target, at)
  if (!seen) return undefined
  const { accrued, account } = seen
  const owed = toAssetsUp(currentOwed(accrued.vault, account.debt))
  const slopes = [{ feed: state.asset, backing: 0, required: Number(owed) / 1e18 }]
  for (const asset of account.enabled) {
    const ltv = state.ltvs.get(asset)
    const balance = account.collaterals.get(asset) ?? 0n
    if (!ltv || balance === 0n) continue
    const rate = Number(liquidationLtvAt(ltv, BigInt(at.time))) / 1e4
    slopes.push({ feed: asset, backing: (Number(balance) * rate) / 1e18, required: 0 })
  }
  return { slopes, constant: { backing: 0, required: 0 } }
}

/** The vault's cash, and the collateral vaults' shares of its accounts. Shares of the vault itself are claims inside it. */
function holdings(state: EulerState): ReadonlyMap<string, Atoms> {
  const held = new Map<string, Atoms>([[state.asset, atoms(state.vault.cash)]])
  for (const { collaterals } of state.accounts.values())
    for (const [asset, amount] of collaterals) held.set(asset, atoms((held.get(asset) ?? 0n) + amount))
  return held
}
