/** Compound v2 and Venus `liquidateBorrow`: checks, repayment, seizure. Rules stand in `rules.ts`. */
import { add, ensure, MAX_UINT256, min, revert, sub } from '../solidity.ts'
import {
  accountLiquidity,
  accrueMarket,
  borrowBalance,
  type CompoundMarket,
  type CompoundPause,
  type CompoundPosition,
  type CompoundPrice,
  type CompoundState,
  maxClose,
  protocolShare,
  seizeTokens,
  WAD,
} from './rules.ts'

/** A call: `repayAmount` in atoms of the borrowed asset. */
export type CompoundCall = {
  readonly borrower: string
  readonly liquidator: string
  readonly borrowMarket: string
  readonly collateralMarket: string
  readonly repayAmount: bigint
}

/** What a liquidation moved: atoms repaid; tokens seized, and how they were shared. */
export type CompoundLiquidated = {
  readonly repayAmount: bigint
  readonly seizeTokens: bigint
  readonly liquidatorTokens: bigint
  readonly protocolTokens: bigint
}

/**
 * Executes the call on `state` in place. Reverts where the contract does; Venus refuses most calls by a code ("Failure(…)") after interest was
 * accrued: its caller keeps the accrual (see {@link accrueBoth}).
 */
export function liquidateBorrow(
  state: CompoundState,
  call: CompoundCall,
  price: CompoundPrice,
  block: bigint,
): CompoundLiquidated {
  const { borrowed, collateral } = accrueBoth(state, call, block)
  const debtPosition = positionOf(state, call.borrower, call.borrowMarket)
  const debt = borrowBalance(borrowed, debtPosition)
  allow(state, call, borrowed, debt, price)
  const venus = state.rules === 'venus-core'
  ensure(call.borrower !== call.liquidator, venus ? 'Failure(6,23,0)' : 'LiquidateLiquidatorIsBorrower')
  ensure(call.repayAmount !== 0n, venus ? 'Failure(7,21,0)' : 'LiquidateCloseAmountIsZero')
  ensure(call.repayAmount !== MAX_UINT256, venus ? 'Failure(7,22,0)' : 'LiquidateCloseAmountIsUintMax')
  // A liquidation repays as anybody does: in Venus it stops with repayments (`PolicyFacet.sol` `repayBorrowAllowed`), as a revert, not a code.
  ensure(!venus || !isPaused(borrowed, 'repay'), 'action is paused')
  // Venus repays no more than is owed, whatever a close factor above 1 would allow (`VToken.sol` `repayBorrowFresh`).
  const repayAmount = venus ? min(call.repayAmount, debt) : call.repayAmount
  // Rounding can leave the total an atom below the last debt.
  ensure(!venus || repayAmount <= borrowed.totalBorrows, 'math error')
  debtPosition.borrowPrincipal = sub(debt, repayAmount)
  debtPosition.borrowInterestIndex = borrowed.borrowIndex
  borrowed.totalBorrows = sub(borrowed.totalBorrows, repayAmount)
  borrowed.cash = add(borrowed.cash, repayAmount)
  const seized = seizeTokens(borrowed, collateral, repayAmount, price)
  const held = positionOf(state, call.borrower, call.collateralMarket)
  ensure(held.tokens >= seized, 'LIQUIDATE_SEIZE_TOO_MUCH')
  ensure(!isPaused(collateral, 'seize'), venus ? 'action is paused' : 'seize is paused')
  // Venus seizes only what the account entered as collateral; Compound takes any.
  ensure(!venus || held.entered, 'token seizure failed')
  const share = protocolShare(collateral, seized)
  collateral.totalReserves = add(collateral.totalReserves, share.amount)
  collateral.totalSupply = sub(collateral.totalSupply, share.tokens)
  held.tokens -= seized
  const gained = positionOf(state, call.liquidator, call.collateralMarket)
  gained.tokens = add(gained.tokens, seized - share.tokens)
  const tokens = { seizeTokens: seized, liquidatorTokens: seized - share.tokens, protocolTokens: share.tokens }
  return { repayAmount, ...tokens }
}

/** Accrues the borrowed and the collateral market, no other. */
export function accrueBoth(
  state: CompoundState,
  call: CompoundCall,
  block: bigint,
): { readonly borrowed: CompoundMarket; readonly collateral: CompoundMarket } {
  const borrowed = state.markets.get(call.borrowMarket) ?? revert(rejection(state, 9n))
  const collateral = state.markets.get(call.collateralMarket) ?? revert(rejection(state, 9n))
  accrueMarket(borrowed, block, state.rules)
  accrueMarket(collateral, block, state.rules)
  return { borrowed, collateral }
}

function allow(
  state: CompoundState,
  call: CompoundCall,
  borrowed: CompoundMarket,
  debt: bigint,
  price: CompoundPrice,
): void {
  const venus = state.rules === 'venus-core'
  // Compound has no switch for liquidations themselves.
  ensure(!venus || !isPaused(borrowed, 'liquidate'), 'action is paused')
  if (isForced(state, borrowed)) {
    ensure(debt >= call.repayAmount, venus ? rejection(state, 17n) : 'Can not repay more than the total borrow')
    return
  }
  const { error, shortfall } = accountLiquidity(state, call.borrower, price)
  ensure(error === 0n, rejection(state, error))
  ensure(shortfall !== 0n, rejection(state, 3n))
  ensure(call.repayAmount <= maxClose(state, debt), rejection(state, 17n))
}

/**
 * True when any debt of a market may be liquidated whole, healthy or not: by decision (Venus), or because the market was ended (Compound's
 * `isDeprecated`: no collateral factor, borrowing paused, all interest to reserves).
 */
export function isForced({ rules }: CompoundState, market: CompoundMarket): boolean {
  if (rules === 'venus-core') return market.forcedLiquidation
  return market.collateralFactor === 0n && isPaused(market, 'borrow') && market.reserveFactor === WAD
}

/** True while a guardian has stopped an action in a market. */
export function isPaused({ paused }: CompoundMarket, action: CompoundPause): boolean {
  return paused?.includes(action) ?? false
}

/** The comptroller's refusal: 3 no shortfall, 9 not listed, 13 price error, 17 more than the close factor allows. */
function rejection({ rules }: CompoundState, code: bigint): string {
  return rules === 'venus-core' ? `Failure(3,18,${code})` : `LiquidateComptrollerRejection(${code})`
}

/** An account's position in a market, made when there is none. */
export function positionOf(state: CompoundState, account: string, asset: string): CompoundPosition {
  const positions = state.accounts.get(account) ?? new Map<string, CompoundPosition>()
  state.accounts.set(account, positions)
  const position = positions.get(asset) ?? { tokens: 0n, entered: false, borrowPrincipal: 0n, borrowInterestIndex: 0n }
  positions.set(asset, position)
  return position
}

/** A copy that can be changed without touching the original: all markets, and the accounts named (all of them when none is). */
export function copyOfCompound(
  state: CompoundState,
  accounts: Iterable<string> = state.accounts.keys(),
): CompoundState {
  const part = new Map<string, Map<string, CompoundPosition>>()
  for (const id of accounts) {
    const positions = state.accounts.get(id)
    if (positions) part.set(id, new Map([...positions].map(([asset, position]) => [asset, { ...position }])))
  }
  const markets = new Map([...state.markets].map(([asset, market]) => [asset, { ...market }]))
  return { ...state, markets, accounts: part }
}
