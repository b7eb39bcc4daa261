/**
 * What lenders and borrowers of a FraxLend pair do: interest first, then the oracle where a debt is judged, then the move, then solvency at the
 * HIGH answer. Source: FraxFinance/fraxlend@2bed49d4 `FraxlendPairCore.sol` (`_deposit`, `_redeem`, `borrowAsset`, `addCollateral`,
 * `removeCollateral`, `repayAsset`, `_updateExchangeRate`), `VaultAccount.sol`.
 */
import { add, div, ensure, MAX_UINT128, mul, PANIC_ARITHMETIC, revert, sub } from '../solidity.ts'
import {
  addInterest,
  type FraxlendBorrower,
  type FraxlendState,
  isSolvent,
  toAmount,
  toShares,
  uint128,
  type VaultAccount,
} from './rules.ts'

const PRECISION = 100_000n

/** Reads both answers of the oracle; `undefined` where it gives none. */
export type FraxlendOracle = () => { readonly low: bigint; readonly high: bigint } | undefined

/** Reads the oracle once a second, stores it, and says whether the answers are near enough for a borrower. */
export function updateExchangeRate(state: FraxlendState, oracle: FraxlendOracle, time: bigint): boolean {
  if (state.exchange.lastTimestamp !== time) {
    const answers = oracle() ?? revert('oracle', 'the feeds give no exchange rate')
    state.exchange = { lastTimestamp: time, ...answers }
  }
  const { low, high } = state.exchange
  return div(mul(PRECISION, sub(high, low)), high) <= state.config.maxOracleDeviation
}

/** Amount and shares must each fit into 128 bits; a sum that does not is an arithmetic overflow. */
function grow(total: VaultAccount, amount: bigint, shares: bigint): void {
  const sums = [total.amount + uint128(amount), total.shares + uint128(shares)] as const
  ensure(sums[0] <= MAX_UINT128 && sums[1] <= MAX_UINT128, PANIC_ARITHMETIC)
  total.amount = sums[0]
  total.shares = sums[1]
}

function shrink(total: VaultAccount, amount: bigint, shares: bigint): void {
  total.amount = sub(total.amount, amount)
  total.shares = sub(total.shares, shares)
}

function receiver(name: string): void {
  ensure(name !== '', 'InvalidReceiver')
}

function borrowerOf(state: FraxlendState, name: string): FraxlendBorrower {
  const borrower = state.borrowers.get(name) ?? { collateral: 0n, borrowShares: 0n }
  state.borrowers.set(name, borrower)
  return borrower
}

/** Atoms of the asset that lie in the pair. */
export function availableOf({ totalAsset, totalBorrow }: FraxlendState): bigint {
  return sub(totalAsset.amount, totalBorrow.amount)
}

/** `deposit`: atoms for shares, rounded down. Gives the shares. */
export function deposit(state: FraxlendState, lender: string, amount: bigint, time: bigint): bigint {
  receiver(lender)
  addInterest(state, time)
  const limit = state.config.depositLimit
  ensure(limit === undefined || state.totalAsset.amount + amount <= limit, 'ExceedsDepositLimit')
  const shares = toShares(state.totalAsset, amount, false)
  grow(state.totalAsset, amount, shares)
  state.lenders.set(lender, (state.lenders.get(lender) ?? 0n) + shares)
  return shares
}

/** `redeem` by shares (atoms rounded down) or `withdraw` by atoms (shares rounded up). Gives the atoms paid out. */
export function redeem(
  state: FraxlendState,
  lender: string,
  call: { readonly shares: bigint } | { readonly amount: bigint },
  time: bigint,
): bigint {
  receiver(lender)
  ensure(!state.paused?.includes('withdraw'), 'WithdrawPaused')
  addInterest(state, time)
  const shares = 'shares' in call ? call.shares : toShares(state.totalAsset, call.amount, true)
  const amount = 'shares' in call ? toAmount(state.totalAsset, shares, false) : call.amount
  const [paid, burnt] = [uint128(amount), uint128(shares)]
  ensureAvailable(state, paid)
  shrink(state.totalAsset, paid, burnt)
  const held = state.lenders.get(lender) ?? 0n
  ensure(held >= shares, 'ERC20: burn amount exceeds balance')
  state.lenders.set(lender, held - shares)
  return amount
}

function ensureAvailable(state: FraxlendState, amount: bigint): void {
  const available = availableOf(state)
  if (available >= amount) return
  revert('InsufficientAssetsInContract', `${amount} of the asset are asked for, ${available} are there`)
}

/** `borrowAsset`, with collateral in the same call. Gives the shares of debt, rounded up. */
export function borrowAsset(
  state: FraxlendState,
  name: string,
  amounts: { readonly amount: bigint; readonly collateral: bigint },
  oracle: FraxlendOracle,
  time: bigint,
): bigint {
  receiver(name)
  addInterest(state, time)
  const limit = state.config.borrowLimit
  ensure(limit === undefined || state.totalBorrow.amount + amounts.amount <= limit, 'ExceedsBorrowLimit')
  ensure(updateExchangeRate(state, oracle, time), 'ExceedsMaxOracleDeviation')
  const borrower = borrowerOf(state, name)
  borrower.collateral = add(borrower.collateral, amounts.collateral)
  state.totalCollateral = add(state.totalCollateral, amounts.collateral)
  ensureAvailable(state, uint128(amounts.amount))
  const shares = toShares(state.totalBorrow, amounts.amount, true)
  grow(state.totalBorrow, amounts.amount, shares)
  borrower.borrowShares = add(borrower.borrowShares, shares)
  ensure(isSolvent(state, borrower, state.exchange.high), 'Insolvent')
  return shares
}

/** `addCollateral`. */
export function addCollateral(state: FraxlendState, name: string, amount: bigint, time: bigint): void {
  receiver(name)
  addInterest(state, time)
  const borrower = borrowerOf(state, name)
  borrower.collateral = add(borrower.collateral, amount)
  state.totalCollateral = add(state.totalCollateral, amount)
}

/** `removeCollateral`: reads the oracle only where something is owed. */
export function removeCollateral(
  state: FraxlendState,
  name: string,
  amount: bigint,
  oracle: FraxlendOracle,
  time: bigint,
): void {
  receiver(name)
  addInterest(state, time)
  const borrower = borrowerOf(state, name)
  if (borrower.borrowShares > 0n) ensure(updateExchangeRate(state, oracle, time), 'ExceedsMaxOracleDeviation')
  borrower.collateral = sub(borrower.collateral, amount)
  state.totalCollateral = sub(state.totalCollateral, amount)
  ensure(isSolvent(state, borrower, state.exchange.high), 'Insolvent')
}

/** `repayAsset` by shares. Gives the atoms paid, rounded up. */
export function repayAsset(state: FraxlendState, name: string, shares: bigint, time: bigint): bigint {
  receiver(name)
  ensure(!state.paused?.includes('repay'), 'RepayPaused')
  addInterest(state, time)
  const amount = toAmount(state.totalBorrow, shares, true)
  shrink(state.totalBorrow, uint128(amount), uint128(shares))
  const borrower = borrowerOf(state, name)
  borrower.borrowShares = sub(borrower.borrowShares, shares)
  return amount
}

/** `withdrawFees` of everything: the pair's own shares (atoms rounded up, at stored totals) and the collateral it kept. */
export function withdrawFees(state: FraxlendState): { readonly amount: bigint; readonly collateral: bigint } {
  const { collateral, assetShares } = state.own
  const amount = toAmount(state.totalAsset, assetShares, true)
  ensureAvailable(state, uint128(amount))
  shrink(state.totalAsset, amount, assetShares)
  state.totalCollateral = sub(state.totalCollateral, collateral)
  state.own.collateral = 0n
  state.own.assetShares = 0n
  return { amount, collateral }
}
