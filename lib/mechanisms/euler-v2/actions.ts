/**
 * What users of an Euler v2 vault do, with the checks that the connector defers to the end of a call: the account's status (collateral at borrow
 * LTVs above the liability), then the vault's (caps, new rate). Every operation accrues first. Source: euler-xyz/euler-vault-kit@5b98b420
 * `Vault.sol`, `Borrowing.sol`, `RiskManager.sol`, `Governance.sol` (`setLTV`), `LTVConfig.sol`.
 */
import { ensure, MAX_UINT256, sub } from '../solidity.ts'
import {
  type EulerAccount,
  type EulerQuote,
  type EulerState,
  emptyAccount,
  isRecognized,
  liquidationLtvAt,
  liquidityOf,
} from './rules.ts'
import {
  accrue,
  CONFIG_SCALE,
  checkVault,
  currentOwed,
  decreaseBorrow,
  increaseBorrow,
  saneAmount,
  sharesToAssetsDown,
  takeCash,
  toAssetsUp,
  toSharesDown,
  toSharesUp,
  transferBorrow,
} from './vault.ts'

/** A call of a user: when, and the prices its account is judged by. */
export type EulerUse = { readonly account: string; readonly quote: EulerQuote; readonly time: bigint }

/** An account, made when there is none. */
export function accountOf(state: EulerState, name: string): EulerAccount {
  const account = state.accounts.get(name) ?? emptyAccount(state.vault)
  state.accounts.set(name, account)
  return account
}

/** Runs an operation of the vault between accrual and the vault's own check. */
export function operation<T>(state: EulerState, time: bigint, run: () => T): T {
  accrue(state.vault, time)
  const before = { ...state.vault }
  const result = run()
  checkVault(state.vault, before)
  return result
}

/** The account's status check, which the connector makes for accounts under a controller: what is owed must be less than what backs it. */
export function checkAccount(state: EulerState, { account: name, quote, time }: EulerUse): void {
  const account = accountOf(state, name)
  if (!account.controller) return
  if (currentOwed(state.vault, account.debt) > 0n) {
    const { collateralValue, liabilityValue } = liquidityOf(state, account, quote, time, 'borrow')
    ensure(collateralValue > liabilityValue, 'E_AccountLiquidity')
  }
  account.lastStatusCheck = time
}

/** `deposit`: atoms for shares, rounded down; too few for one share are refused. Gives the shares. */
export function deposit(state: EulerState, { account, time }: EulerUse, amount: bigint): bigint {
  return operation(state, time, () => {
    if (saneAmount(amount) === 0n) return 0n
    const shares = toSharesDown(state.vault, amount)
    ensure(shares !== 0n, 'E_ZeroShares')
    state.vault.cash = saneAmount(state.vault.cash + amount)
    state.vault.totalShares = saneAmount(state.vault.totalShares + shares)
    accountOf(state, account).shares += shares
    return shares
  })
}

/** `withdraw` by atoms (shares rounded up) or `redeem` by shares (atoms rounded down; 2^256 − 1: all). Gives the atoms paid out. */
export function withdraw(
  state: EulerState,
  use: EulerUse,
  call: { readonly amount: bigint } | { readonly shares: bigint },
): bigint {
  const paid = operation(state, use.time, () => {
    const { vault } = state
    const account = accountOf(state, use.account)
    const shares = 'amount' in call ? toSharesUp(vault, saneAmount(call.amount)) : wholeOr(call.shares, account.shares)
    const amount = 'amount' in call ? call.amount : sharesToAssetsDown(vault, saneAmount(shares))
    if (shares === 0n) return 0n
    ensure(amount !== 0n, 'E_ZeroAssets')
    takeCash(vault, amount)
    ensure(account.shares >= shares, 'E_InsufficientBalance')
    account.shares -= shares
    vault.totalShares = sub(vault.totalShares, shares)
    return amount
  })
  checkAccount(state, use)
  return paid
}

function wholeOr(asked: bigint, whole: bigint): bigint {
  return asked === MAX_UINT256 ? whole : asked
}

/** `borrow`: 2^256 − 1 takes all cash. The vault becomes the account's controller. Gives the atoms lent. */
export function borrow(state: EulerState, use: EulerUse, amount: bigint): bigint {
  const lent = operation(state, use.time, () => {
    const assets = saneAmount(wholeOr(amount, state.vault.cash))
    const account = accountOf(state, use.account)
    account.controller = true
    if (assets === 0n) return 0n
    ensure(assets <= state.vault.cash, 'E_InsufficientCash')
    increaseBorrow(state.vault, account.debt, assets)
    takeCash(state.vault, assets)
    return assets
  })
  checkAccount(state, use)
  return lent
}

/** `repay`: 2^256 − 1 repays everything; more than is owed, rounded up to atoms, is refused. Gives the atoms paid. */
export function repay(state: EulerState, { account: name, time }: EulerUse, amount: bigint): bigint {
  return operation(state, time, () => {
    const { debt } = accountOf(state, name)
    const assets = saneAmount(wholeOr(amount, toAssetsUp(currentOwed(state.vault, debt))))
    if (assets === 0n) return 0n
    state.vault.cash = saneAmount(state.vault.cash + assets)
    decreaseBorrow(state.vault, debt, assets)
    return assets
  })
}

/** `pullDebt`: takes atoms of another account's debt over. */
export function pullDebt(state: EulerState, use: EulerUse, from: string, amount: bigint): void {
  operation(state, use.time, () => {
    ensure(from !== use.account, 'E_SelfTransfer')
    const [source, target] = [accountOf(state, from), accountOf(state, use.account)]
    target.controller = true
    const assets = saneAmount(wholeOr(amount, toAssetsUp(currentOwed(state.vault, source.debt))))
    if (assets > 0n) transferBorrow(state.vault, source.debt, target.debt, assets)
  })
  checkAccount(state, use)
}

/** Shares of a collateral vault come into an account: they count once it has enabled them. */
export function addCollateral(state: EulerState, account: string, asset: string, amount: bigint): void {
  const { collaterals } = accountOf(state, account)
  collaterals.set(asset, saneAmount((collaterals.get(asset) ?? 0n) + amount))
}

/** Shares of a collateral vault leave an account, which is then judged. */
export function removeCollateral(state: EulerState, use: EulerUse, asset: string, amount: bigint): void {
  accrue(state.vault, use.time)
  const { collaterals } = accountOf(state, use.account)
  const held = collaterals.get(asset) ?? 0n
  ensure(held >= amount, 'E_InsufficientBalance')
  collaterals.set(asset, held - amount)
  checkAccount(state, use)
}

/** The connector's `enableCollateral` and `disableCollateral`: both have the account judged. */
export function enableCollateral(state: EulerState, use: EulerUse, asset: string, on: boolean): void {
  accrue(state.vault, use.time)
  const account = accountOf(state, use.account)
  const others = account.enabled.filter((one) => one !== asset)
  if (on && others.length === account.enabled.length) account.enabled = [...others, asset]
  else if (!on) account.enabled = others
  checkAccount(state, use)
}

/** `disableController`: releases an account that owes nothing. */
export function disableController(state: EulerState, { account: name, time }: EulerUse): void {
  accrue(state.vault, time)
  const account = accountOf(state, name)
  ensure(currentOwed(state.vault, account.debt) === 0n, 'E_OutstandingDebt')
  account.controller = false
}

/** `setLTV`: a lower liquidation LTV may come into force along a ramp; a higher one is in force at once. Loan-to-values 1e4. */
export function setLtv(
  state: EulerState,
  asset: string,
  terms: { readonly borrow: bigint; readonly liquidation: bigint; readonly rampDuration: bigint },
  time: bigint,
): void {
  const { borrow: least, liquidation, rampDuration } = terms
  ensure(least <= CONFIG_SCALE && liquidation <= CONFIG_SCALE, 'E_InvalidConfigAmount')
  ensure(asset !== state.name, 'E_InvalidLTVAsset')
  ensure(least <= liquidation, 'E_LTVBorrow')
  const before = state.ltvs.get(asset)
  const initial = before && isRecognized(state, asset) ? liquidationLtvAt(before, time) : 0n
  ensure(liquidation < initial || rampDuration === 0n, 'E_LTVLiquidation')
  state.ltvs.set(asset, { ...terms, initial, targetTimestamp: time + rampDuration })
}
