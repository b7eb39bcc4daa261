/**
 * A vault of Euler v2 (Euler Vault Kit): its totals, how debts grow, and how they are written down. Debts are exact to 1/2^31 of an atom; what is asked
 * of a borrower is rounded up to atoms. Source: euler-xyz/euler-vault-kit@5b98b420 `Cache.sol`, `BorrowUtils.sol`, `Owed.sol`, `RPow.sol`.
 */
import { ensure, MAX_UINT256, mul, revert, sub } from '../solidity.ts'

const RAY = 10n ** 27n
/** 1e4 = 100 %. */
export const CONFIG_SCALE = 10_000n
const SHIFT = 31n
const UNIT = 1n << SHIFT
const MAX_SANE_AMOUNT = (1n << 112n) - 1n
const MAX_SANE_DEBT = MAX_SANE_AMOUNT << SHIFT
/** Assets and shares that every conversion adds, so that the first deposit cannot move the price of a share. */
const VIRTUAL_DEPOSIT = 1_000_000n
/** Ray per second: a million percent a year. */
const MAX_INTEREST_RATE = 291_867_278_914_945_094_175n
const MAX_UINT32 = (1n << 32n) - 1n

/** Who answers the rate: nobody (it stays), or a line with a kink; rates in ray per second and 2^-32 of utilisation. */
export type EulerRateModel =
  | { readonly kind: 'fixed' }
  | {
      readonly kind: 'linear-kink'
      readonly baseRate: bigint
      readonly slope1: bigint
      readonly slope2: bigint
      readonly kink: bigint
    }

/** A vault as of `lastUpdate`. `totalBorrows` exact (atoms · 2^31), accumulator and rate in ray, fees and shares in vault shares, cash in atoms. */
export type EulerVault = {
  lastUpdate: bigint
  cash: bigint
  totalBorrows: bigint
  totalShares: bigint
  accumulatedFees: bigint
  interestAccumulator: bigint
  interestRate: bigint
  readonly interestFee: bigint
  readonly rateModel: EulerRateModel
  /** Atoms of assets and of debt at most; none: no cap. */
  readonly supplyCap?: bigint | undefined
  readonly borrowCap?: bigint | undefined
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

/** An exact debt as of the vault's accumulator, rounded down; reverts where it leaves what a vault counts with. */
export function currentOwed(vault: EulerVault, { owed, accumulator }: EulerDebt): bigint {
  return owed === 0n ? 0n : saneDebt(mul(owed, vault.interestAccumulator) / accumulator)
}

function saneDebt(owed: bigint): bigint {
  return owed > MAX_SANE_DEBT ? revert('E_DebtAmountTooLargeToEncode') : owed
}

function setDebt(vault: EulerVault, debt: EulerDebt, owed: bigint): void {
  debt.owed = owed
  debt.accumulator = vault.interestAccumulator
}

/** The amount, when it fits into what a vault counts with (112 bits). */
export function saneAmount(value: bigint): bigint {
  return value > MAX_SANE_AMOUNT ? revert('E_AmountTooLargeToEncode') : value
}

function totalsOf({ cash, totalBorrows, totalShares }: EulerVault): {
  readonly assets: bigint
  readonly shares: bigint
} {
  return { assets: cash + toAssetsUp(totalBorrows) + VIRTUAL_DEPOSIT, shares: totalShares + VIRTUAL_DEPOSIT }
}

/** Shares that atoms are worth, rounded down. */
export function toSharesDown(vault: EulerVault, amount: bigint): bigint {
  const { assets, shares } = totalsOf(vault)
  return saneAmount((amount * shares) / assets)
}

/** Shares that atoms are worth, rounded up. */
export function toSharesUp(vault: EulerVault, amount: bigint): bigint {
  const { assets, shares } = totalsOf(vault)
  return saneAmount((amount * shares + assets - 1n) / assets)
}

/** Atoms that shares are worth, rounded down. */
export function sharesToAssetsDown(vault: EulerVault, amount: bigint): bigint {
  const { assets, shares } = totalsOf(vault)
  return saneAmount((amount * assets) / shares)
}

/** What every operation ends with: caps, where something grew since `before`, and a new rate for the new utilisation. */
export function checkVault(vault: EulerVault, before: EulerVault): void {
  const borrows = toAssetsUp(vault.totalBorrows)
  const [owedBefore, supply] = [toAssetsUp(before.totalBorrows), vault.cash + (vault.totalBorrows >> SHIFT)]
  const { borrowCap, supplyCap } = vault
  if (borrowCap !== undefined) ensure(borrows <= borrowCap || borrows <= owedBefore, 'E_BorrowCapExceeded')
  if (supplyCap !== undefined) ensure(supply <= supplyCap || supply <= before.cash + owedBefore, 'E_SupplyCapExceeded')
  vault.interestRate = interestRateOf(vault)
}

function interestRateOf({ rateModel: model, cash, totalBorrows, interestRate }: EulerVault): bigint {
  if (model.kind === 'fixed') return interestRate
  const borrows = toAssetsUp(totalBorrows)
  const usage = cash + borrows === 0n ? 0n : (borrows * MAX_UINT32) / (cash + borrows)
  const low = usage < model.kink ? usage : model.kink
  const rate = model.baseRate + low * model.slope1 + (usage - low) * model.slope2
  return rate > MAX_INTEREST_RATE ? MAX_INTEREST_RATE : rate
}

/** Adds atoms to a debt. */
export function increaseBorrow(vault: EulerVault, debt: EulerDebt, assets: bigint): void {
  setDebt(vault, debt, saneDebt(currentOwed(vault, debt) + toOwed(assets)))
  vault.totalBorrows = saneDebt(vault.totalBorrows + toOwed(assets))
}

/** Takes atoms out of the cash; reverts where there are fewer. */
export function takeCash(vault: EulerVault, assets: bigint): void {
  ensure(vault.cash >= assets, 'E_InsufficientCash')
  vault.cash = sub(vault.cash, assets)
}

/** Moves atoms of debt from one borrower to another; dust below an atom goes along. */
export function transferBorrow(vault: EulerVault, from: EulerDebt, to: EulerDebt, assets: bigint): void {
  const owed = currentOwed(vault, from)
  let amount = toOwed(assets)
  const apart = amount > owed ? amount - owed : owed - amount
  if (apart !== 0n && apart < UNIT) amount = owed
  if (amount > owed) revert('E_InsufficientDebt')
  setDebt(vault, from, owed - amount)
  setDebt(vault, to, saneDebt(currentOwed(vault, to) + amount))
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
