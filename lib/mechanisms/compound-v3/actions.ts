/**
 * What users of a Comet do: one entry for supplying and one for withdrawing, of the base asset (which repays and borrows) and of collateral, and
 * transfers inside. Base actions accrue first; collateral ones do not. Source: compound-finance/comet@d5a30b0a `Comet.sol` (`supplyBase`,
 * `withdrawBase`, `supplyCollateral`, `withdrawCollateral`, `transferBase`, `transferCollateral`), `CometCore.sol`.
 */
import { add, ensure, MAX_UINT256, revert, sub } from '../solidity.ts'
import {
  accrueComet,
  balanceOf,
  type CometAccount,
  type CometPause,
  type CometPrice,
  type CometState,
  isBorrowCollateralized,
  principalOf,
  reservesAt,
} from './rules.ts'
import { add128, moved104, safe128, signed256 } from './widths.ts'

/** A call of a user: `amount` in atoms; 2^256 − 1 of base means the whole debt (supply) or the whole supply (withdraw, transfer). */
export type CometUse = { readonly account: string; readonly asset: string; readonly amount: bigint }

function running(state: CometState, action: CometPause): void {
  ensure(!state.paused?.includes(action), 'Paused')
}

function accountOf(state: CometState, id: string): CometAccount {
  const account = state.accounts.get(id) ?? { principal: 0n, collateral: new Map<string, bigint>() }
  state.accounts.set(id, account)
  return account
}

/** How a change of a principal moves the totals of supply and debt. */
type TotalsMove = { readonly supplied: bigint; readonly owed: bigint }

/** What is above zero of a principal is supply, what is below is debt (`repayAndSupplyAmount`, `withdrawAndBorrowAmount`, l. 606 and 622). */
function moveOf(before: bigint, next: bigint): TotalsMove {
  const supplied = (next > 0n ? next : 0n) - (before > 0n ? before : 0n)
  const owed = (next < 0n ? -next : 0n) - (before < 0n ? -before : 0n)
  return { supplied, owed }
}

const UNMOVED: TotalsMove = { supplied: 0n, owed: 0n }

/** Totals have 104 bits; a transfer adds what one side gains before it subtracts what the other loses. */
function moveTotals(state: CometState, plus: TotalsMove, minus: TotalsMove): void {
  state.totalSupplyBase = moved104(moved104(state.totalSupplyBase, plus.supplied), minus.supplied)
  state.totalBorrowBase = moved104(moved104(state.totalBorrowBase, plus.owed), minus.owed)
}

/** A principal after more supply. A change that rounding turned the other way (less than before) leaves the totals. */
function credited(state: CometState, { principal }: CometAccount, amount: bigint) {
  const next = principalOf(state, balanceOf(state, principal) + signed256(amount))
  return { next, move: next < principal ? UNMOVED : moveOf(principal, next) }
}

/** A principal after a withdrawal, and the balance that it stands for. One that rounding turned the other way (more than before) leaves the totals. */
function debited(state: CometState, { principal }: CometAccount, amount: bigint) {
  const balance = balanceOf(state, principal) - signed256(amount)
  const next = principalOf(state, balance)
  return { balance, next, move: next > principal ? UNMOVED : moveOf(principal, next) }
}

function ensureBacked(state: CometState, account: CometAccount, balance: bigint, price: CometPrice): void {
  if (balance >= 0n) return
  ensure(-balance >= state.config.baseBorrowMin, 'BorrowTooSmall')
  ensure(isBorrowCollateralized(state, account, price), 'NotCollateralized')
}

/** `supply`: base repays first, what is left earns interest. Gives the atoms taken in. */
export function supply(state: CometState, { account: id, asset, amount }: CometUse, time: bigint): bigint {
  running(state, 'supply')
  const account = accountOf(state, id)
  if (asset !== state.config.base.symbol) {
    safe128(amount)
    const terms = state.config.assets.find(({ symbol }) => symbol === asset) ?? revert('BadAsset')
    const owed = add128(state.owed.get(asset) ?? 0n, amount)
    ensure(terms.supplyCap === undefined || owed <= terms.supplyCap, 'SupplyCapExceeded')
    state.owed.set(asset, owed)
    state.held.set(asset, add(state.held.get(asset) ?? 0n, amount))
    setCollateral(account, asset, (account.collateral.get(asset) ?? 0n) + amount)
    return amount
  }
  // The amount "all" is read before interest accrues within the call, at accrued indices all the same.
  accrueComet(state, time)
  const balance = balanceOf(state, account.principal)
  const taken = amount === MAX_UINT256 ? (balance < 0n ? -balance : 0n) : amount
  const { next, move } = credited(state, account, taken)
  moveTotals(state, move, UNMOVED)
  account.principal = next
  state.baseBalance = add(state.baseBalance, taken)
  return taken
}

function setCollateral(account: CometAccount, asset: string, amount: bigint): void {
  if (amount === 0n) account.collateral.delete(asset)
  else account.collateral.set(asset, amount)
}

/** `withdraw`: base beyond the supply is borrowed. Gives the atoms paid out. */
export function withdraw(
  state: CometState,
  { account: id, asset, amount }: CometUse,
  price: CometPrice,
  time: bigint,
): bigint {
  running(state, 'withdraw')
  const account = accountOf(state, id)
  if (asset !== state.config.base.symbol) {
    safe128(amount)
    const left = sub(account.collateral.get(asset) ?? 0n, amount)
    ensure(
      state.config.assets.some(({ symbol }) => symbol === asset),
      'BadAsset',
    )
    state.owed.set(asset, sub(state.owed.get(asset) ?? 0n, amount))
    state.held.set(asset, sub(state.held.get(asset) ?? 0n, amount))
    setCollateral(account, asset, left)
    // Judged at stored indices: collateral moves without accruing.
    ensure(isBorrowCollateralized(state, account, price), 'NotCollateralized')
    return amount
  }
  accrueComet(state, time)
  const balance = balanceOf(state, account.principal)
  const paid = amount === MAX_UINT256 ? (balance > 0n ? balance : 0n) : amount
  const { balance: left, next, move } = debited(state, account, paid)
  moveTotals(state, move, UNMOVED)
  account.principal = next
  ensureBacked(state, account, left, price)
  ensure(state.baseBalance >= paid, 'TransferOutFailed')
  state.baseBalance -= paid
  return paid
}

/** `transfer` and `transferAsset`: moves a balance to another account; base beyond the supply is borrowed. */
export function transfer(
  state: CometState,
  { account: id, asset, amount, to }: CometUse & { readonly to: string },
  price: CometPrice,
  time: bigint,
): void {
  running(state, 'transfer')
  ensure(id !== to, 'NoSelfTransfer')
  const [source, target] = [accountOf(state, id), accountOf(state, to)]
  if (asset !== state.config.base.symbol) {
    const left = sub(source.collateral.get(asset) ?? 0n, safe128(amount))
    const gained = add128(target.collateral.get(asset) ?? 0n, amount)
    ensure(
      state.config.assets.some(({ symbol }) => symbol === asset),
      'BadAsset',
    )
    setCollateral(source, asset, left)
    setCollateral(target, asset, gained)
    ensure(isBorrowCollateralized(state, source, price), 'NotCollateralized')
    return
  }
  accrueComet(state, time)
  const supplied = balanceOf(state, source.principal)
  const moved = amount === MAX_UINT256 ? (supplied > 0n ? supplied : 0n) : amount
  const [out, into] = [debited(state, source, moved), credited(state, target, moved)]
  const gain = { supplied: into.move.supplied, owed: out.move.owed }
  moveTotals(state, gain, { supplied: out.move.supplied, owed: into.move.owed })
  source.principal = out.next
  target.principal = into.next
  ensureBacked(state, source, out.balance, price)
}

/** `withdrawReserves`: what the governor may take is what is there beyond all claims. */
export function withdrawReserves(state: CometState, amount: bigint, time: bigint): void {
  ensure(amount <= reservesAt(state, time), 'InsufficientReserves')
  ensure(state.baseBalance >= amount, 'TransferOutFailed')
  state.baseBalance -= amount
}
