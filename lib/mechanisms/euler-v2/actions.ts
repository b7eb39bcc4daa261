/**
 * What users of an Euler v2 vault do, with the checks that the connector defers to the end of a call: the account's status (collateral at borrow
 * LTVs above the liability), then the vault's (caps, new rate). Every operation of the vault accrues first; what happens at the connector or at a
 * collateral's vault only looks at it. Sources: euler-xyz/euler-vault-kit@5b98b420 `Vault.sol`, `Borrowing.sol`, `RiskManager.sol`, `Governance.sol`
 * (`setLTV`), `LTVConfig.sol`; ethereum-vault-connector@34bb7882 (`restoreExecutionContext`, `Set.sol`).
 */
import { ensure, MAX_UINT256, sub } from '../solidity.ts'
import {
  type EulerAccount,
  type EulerQuote,
  type EulerState,
  emptyAccount,
  isBacked,
  isRecognized,
  liquidationLtvAt,
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

/** Runs an operation of the vault after accrual; then come the check of the account that `use` names, if any, and the vault's own. */
export function operation<T>(state: EulerState, time: bigint, run: () => T, use?: EulerUse): T {
  accrue(state.vault, time)
  const before = { ...state.vault }
  const result = run()
  if (use) checkAccount(state, use)
  checkVault(state.vault, before)
  return result
}

/** The account's status check, made for accounts under a controller: what is owed must be less than what backs it. It only looks at the vault. */
function checkAccount(state: EulerState, { account: name, quote, time }: EulerUse): void {
  const account = accountOf(state, name)
  if (!account.controller) return
  const vault = { ...state.vault }
  accrue(vault, time)
  ensure(isBacked({ ...state, vault }, account, quote), 'E_AccountLiquidity')
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
  return operation(state, use.time, () => withdrawn(state, use.account, call), use)
}

function withdrawn(state: EulerState, name: string, call: { amount: bigint } | { shares: bigint }): bigint {
  const { vault } = state
  const account = accountOf(state, name)
  const shares = 'amount' in call ? toSharesUp(vault, saneAmount(call.amount)) : wholeOr(call.shares, account.shares)
  const amount = 'amount' in call ? call.amount : sharesToAssetsDown(vault, saneAmount(shares))
  if (shares === 0n) return 0n
  ensure(amount !== 0n, 'E_ZeroAssets')
  takeCash(vault, amount)
  ensure(account.shares >= shares, 'E_InsufficientBalance')
  account.shares -= shares
  vault.totalShares = sub(vault.totalShares, shares)
  return amount
}

function wholeOr(asked: bigint, whole: bigint): bigint {
  return asked === MAX_UINT256 ? whole : asked
}

/** `borrow`: 2^256 − 1 takes all cash. The vault becomes the account's controller. Gives the atoms lent. */
export function borrow(state: EulerState, use: EulerUse, amount: bigint): bigint {
  const lend = () => {
    const assets = saneAmount(wholeOr(amount, state.vault.cash))
    const account = accountOf(state, use.account)
    account.controller = true
    if (assets === 0n) return 0n
    ensure(assets <= state.vault.cash, 'E_InsufficientCash')
    increaseBorrow(state.vault, account.debt, assets)
    takeCash(state.vault, assets)
    return assets
  }
  return operation(state, use.time, lend, use)
}

/** `repay`: 2^256 − 1 repays everything; more than is owed, rounded up to atoms, is refused. Gives the atoms paid. */
export function repay(state: EulerState, { account, time }: EulerUse, amount: bigint): bigint {
  return operation(state, time, () => repaid(state, account, amount))
}

/** The same inside an operation that is under way, as a batch does it. */
export function repaid(state: EulerState, name: string, amount: bigint): bigint {
  const { debt } = accountOf(state, name)
  const assets = saneAmount(wholeOr(amount, toAssetsUp(currentOwed(state.vault, debt))))
  if (assets === 0n) return 0n
  state.vault.cash = saneAmount(state.vault.cash + assets)
  decreaseBorrow(state.vault, debt, assets)
  return assets
}

/** `pullDebt`: takes atoms of another account's debt over. */
export function pullDebt(state: EulerState, use: EulerUse, from: string, amount: bigint): void {
  const pull = () => {
    ensure(from !== use.account, 'E_SelfTransfer')
    const [source, target] = [accountOf(state, from), accountOf(state, use.account)]
    target.controller = true
    const assets = saneAmount(wholeOr(amount, toAssetsUp(currentOwed(state.vault, source.debt))))
    if (assets > 0n) transferBorrow(state.vault, source.debt, target.debt, assets)
  }
  operation(state, use.time, pull, use)
}

/** Shares of a collateral vault come into an account: they count once it has enabled them. */
export function addCollateral(state: EulerState, account: string, asset: string, amount: bigint): void {
  const { collaterals } = accountOf(state, account)
  collaterals.set(asset, saneAmount((collaterals.get(asset) ?? 0n) + amount))
}

/** Shares of a collateral vault leave an account, which is then judged. */
export function removeCollateral(state: EulerState, use: EulerUse, asset: string, amount: bigint): void {
  sendCollateral(state, use.account, asset, amount)
  checkAccount(state, use)
}

/** The same inside an operation that is under way, which judges the account at its end. */
export function sendCollateral(state: EulerState, account: string, asset: string, amount: bigint): void {
  const { collaterals } = accountOf(state, account)
  const held = collaterals.get(asset) ?? 0n
  ensure(held >= amount, 'E_InsufficientBalance')
  collaterals.set(asset, held - amount)
}

/** The connector's `enableCollateral` and `disableCollateral`: both have the account judged. The last one takes the place of one that leaves. */
export function enableCollateral(state: EulerState, use: EulerUse, asset: string, on: boolean): void {
  const account = accountOf(state, use.account)
  const place = account.enabled.indexOf(asset)
  if (on && place < 0) account.enabled = [...account.enabled, asset]
  else if (!on && place >= 0) {
    const last = account.enabled.at(-1) ?? asset
    account.enabled = account.enabled.map((one) => (one === asset ? last : one)).slice(0, -1)
  }
  checkAccount(state, use)
}

/** `disableController`: releases an account that owes nothing. */
export function disableController(state: EulerState, name: string): void {
  const account = accountOf(state, name)
  ensure(account.debt.owed === 0n, 'E_OutstandingDebt')
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
  ensure(asset !== state.name, 'E_InvalidLTVAsset')
  ensure(least <= CONFIG_SCALE && liquidation <= CONFIG_SCALE, 'E_ConfigAmountTooLargeToEncode')
  ensure(least <= liquidation, 'E_LTVBorrow')
  const before = state.ltvs.get(asset)
  const initial = before && isRecognized(state, asset) ? liquidationLtvAt(before, time) : 0n
  ensure(liquidation < initial || rampDuration === 0n, 'E_LTVLiquidation')
  state.ltvs.set(asset, { ...terms, initial, targetTimestamp: time + rampDuration })
}
