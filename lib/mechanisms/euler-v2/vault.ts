/**
 * A vault of Euler v2 (Euler Vault Kit): its totals, how debts grow, and how they are written down. Debts are exact to 1/2^31 of an atom; what is asked
 * of a borrower is rounded up to atoms. Source: euler-xyz/euler-vault-kit@5b98b420 `Cache.sol`, `BorrowUtils.sol`, `Owed.sol`, `RPow.sol`.
 */
import { MAX_UINT256, revert } from '../solidity.ts'

const RAY = 10n ** 27n
/** 1e4 = 100 %. */
export const CONFIG_SCALE = 10_000n
const SHIFT = 31n
const UNIT = 1n << SHIFT
const MAX_SANE_AMOUNT = (1n << 112n) - 1n
const MAX_SANE_DEBT = (1n << 144n) - 1n

/** A vault as of `lastUpdate`. `totalBorrows` exact (atoms · 2^31), accumulator and rate in ray, fees and shares in vault shares, cash in atoms. */
export type EulerVault = {
  lastUpdate: bigint
  cash: bigint
  totalBorrows: bigint
  totalShares: bigint
  accumulatedFees: bigint
  interestAccumulator: bigint
  readonly interestRate: bigint
  readonly interestFee: bigint
}

/** A debt: exact amount when it was last touched, with the accumulator of then. */
export type EulerDebt = { owed: bigint; accumulator: bigint }

/** Atoms that an exact debt asks for, rounded up. */
export function toAssetsUp(owed: bigint): bigint {
  return (owed + UNIT - 1n) >> SHIFT
}

/** An amount of atoms as an exact debt. */
export function toOwed(assets: bigint): bigint {
  return assets << SHIFT
}

/** `x^n` in ray, each squaring and product rounded half up; `undefined` where the contract stops for overflow. */
export function rpow(x: bigint, n: bigint): bigint | undefined {
  const half = RAY / 2n
  let z = n % 2n === 0n ? RAY : x
  let base = x
  for (let left = n >> 1n; left > 0n; left >>= 1n) {
    if (base >> 128n !== 0n) return undefined
    const squared = base * base + half
    if (squared > MAX_UINT256) return undefined
    base = squared / RAY
    if (left % 2n === 0n) continue
    const product = z * base
    if (product + half > MAX_UINT256) return undefined
    z = (product + half) / RAY
  }
  return z
}

/** Accrues interest and fee shares to a time. An accumulator that would overflow stays, as in the contract. */
export function accrue(vault: EulerVault, time: bigint): void {
  const elapsed = time - vault.lastUpdate
  if (elapsed <= 0n) return
  const multiplier = rpow(vault.interestRate + RAY, elapsed)
  let accumulator = vault.interestAccumulator
  if (multiplier !== undefined && accumulator * multiplier <= MAX_UINT256)
    accumulator = (accumulator * multiplier) / RAY
  const grown = vault.totalBorrows * accumulator
  const borrows = grown <= MAX_UINT256 ? grown / vault.interestAccumulator : vault.totalBorrows
  const feeAssets = ((borrows - vault.totalBorrows) * vault.interestFee) / (CONFIG_SCALE << SHIFT)
  let shares = vault.totalShares
  if (feeAssets !== 0n) {
    const assets = vault.cash + toAssetsUp(borrows)
    shares = (assets * shares) / (assets - feeAssets)
  }
  if (borrows > MAX_SANE_DEBT) return
  vault.totalBorrows = borrows
  vault.interestAccumulator = accumulator
  vault.lastUpdate = time
  if (shares === vault.totalShares || shares > MAX_SANE_AMOUNT) return
  vault.accumulatedFees += shares - vault.totalShares
  vault.totalShares = shares
}

/** An exact debt as of the vault's accumulator. */
export function currentOwed(vault: EulerVault, { owed, accumulator }: EulerDebt): bigint {
  return owed === 0n ? 0n : (owed * vault.interestAccumulator) / accumulator
}

function setDebt(vault: EulerVault, debt: EulerDebt, owed: bigint): void {
  debt.owed = owed
  debt.accumulator = vault.interestAccumulator
}

/** Moves atoms of debt from one borrower to another; dust below an atom goes along. */
export function transferBorrow(vault: EulerVault, from: EulerDebt, to: EulerDebt, assets: bigint): void {
  const owed = currentOwed(vault, from)
  let amount = toOwed(assets)
  const apart = amount > owed ? amount - owed : owed - amount
  if (apart !== 0n && apart < UNIT) amount = owed
  if (amount > owed) revert('E_InsufficientDebt')
  setDebt(vault, from, owed - amount)
  setDebt(vault, to, currentOwed(vault, to) + amount)
}

/** Writes atoms of a debt off, after rounding the debt up to atoms. */
export function decreaseBorrow(vault: EulerVault, debt: EulerDebt, assets: bigint): void {
  const exact = currentOwed(vault, debt)
  const owed = toAssetsUp(exact)
  if (assets > owed) revert('E_RepayTooMuch')
  const left = toOwed(owed - assets)
  setDebt(vault, debt, left)
  vault.totalBorrows = vault.totalBorrows > exact ? vault.totalBorrows - exact + left : left
}
