/**
 * What users of Aave v3.3 and later do besides liquidating, in the contracts' order: accrue, check, set rates, move balances and flags, check again.
 * Sources: `SupplyLogic`, `BorrowLogic`, `EModeLogic`, `ValidationLogic` at tags v3.3.0 to v3.6.0 and `main` (3.7).
 */
import { ensure, MAX_UINT256, min } from '../solidity.ts'
import { add, mul, sub, sum } from './checked.ts'
import {
  type AaveAccount,
  type AaveReserve,
  type AaveState,
  accountOf,
  addScaled,
  anyAsset,
  onlyAsset,
  positionOf,
  scaledSupplyOf,
} from './state.ts'
import {
  type At,
  accountData,
  becomesCollateral,
  checkBorrowed,
  checkRemaining,
  isBorrowableIn,
  isolatedUnits,
  isolationOf,
  ltvIn,
  mayBeCollateral,
  reduceIsolated,
} from './v3-account.ts'
import { accrue, accruedAt, moveLiquidity } from './v3-interest.ts'
import { type AaveV3Rules, balanceBits, grown, need } from './v3-rules.ts'
import { EMPTY_REVERT, percentDiv, WAD } from './wad-ray.ts'

type OnAsset = { readonly account: string; readonly asset: string }
type WithAmount = OnAsset & { readonly amount: bigint }

/** The accrued reserve of an asset; a pool without it reverts without data. */
function reserveAt(rules: AaveV3Rules, state: AaveState, asset: string, { time }: At): AaveReserve {
  const reserve = state.reserves.get(asset)
  ensure(reserve !== undefined, EMPTY_REVERT, `no reserve of ${asset}`)
  accrue(rules, reserve, time)
  return reserve
}

function checkOpen(rules: AaveV3Rules, reserve: AaveReserve): void {
  need(rules, reserve.active !== false, 'ReserveInactive')
  need(rules, !reserve.paused, 'ReservePaused')
}

/** Supplies; a first supply becomes collateral where the rules let it. Gives the atoms paid in. */
export function supply(rules: AaveV3Rules, state: AaveState, { account, asset, amount }: WithAmount, at: At): bigint {
  const reserve = reserveAt(rules, state, asset, at)
  // From v3.5 on scaled units come first; before, the token computes them last.
  const early = rules.minor >= 5 ? rules.minted(amount, reserve.liquidityIndex) : amount
  need(rules, early !== 0n, 'InvalidAmount')
  checkOpen(rules, reserve)
  need(rules, !reserve.frozen, 'ReserveFrozen')
  const cap = (reserve.config.supplyCap ?? 0n) * 10n ** reserve.config.decimals
  if (cap !== 0n) {
    const supplied = scaledSupplyOf(state, reserve) + reserve.accruedToTreasury
    const index = reserve.liquidityIndex
    const after =
      rules.minor >= 5 ? rules.supplied(supplied + early, index) : add(rules.supplied(supplied, index), amount)
    need(rules, after <= cap, 'SupplyCapExceeded')
  }
  moveLiquidity(rules, reserve, amount)
  const scaled = rules.minted(amount, reserve.liquidityIndex)
  need(rules, scaled !== 0n, 'InvalidMintAmount')
  const holder = accountOf(state, account)
  const position = positionOf(holder, asset)
  const first = position.scaledCollateral === 0n
  grown(rules, position.scaledCollateral, scaled, balanceBits(rules))
  addScaled(reserve, position, scaled)
  if (first && becomesCollateral(rules, state, holder, reserve)) position.usedAsCollateral = true
  return amount
}

/** Withdraws; `amount` 2^256 − 1 = everything. Gives the atoms paid out. */
export function withdraw(rules: AaveV3Rules, state: AaveState, { account, asset, amount }: WithAmount, at: At): bigint {
  const reserve = reserveAt(rules, state, asset, at)
  const holder = accountOf(state, account)
  const position = positionOf(holder, asset)
  const balance = rules.supplied(position.scaledCollateral, reserve.liquidityIndex)
  const { taken, scaled } = withdrawn(rules, position.scaledCollateral, reserve.liquidityIndex, amount)
  checkOpen(rules, reserve)
  moveLiquidity(rules, reserve, -taken)
  need(rules, scaled !== 0n, 'InvalidBurnAmount')
  const wasCollateral = position.usedAsCollateral
  if (rules.minor < 5 && taken === balance) position.usedAsCollateral = false
  sub(position.scaledCollateral, scaled)
  addScaled(reserve, position, -scaled)
  if (rules.minor >= 5 && position.scaledCollateral === 0n) position.usedAsCollateral = false
  if (wasCollateral && anyAsset(holder, 'borrowing')) checkRemaining(rules, state, holder, reserve, at)
  return taken
}

/** Atoms and scaled units of a withdrawal. From v3.5 on scaled units are compared, before that atoms. */
function withdrawn(rules: AaveV3Rules, held: bigint, index: bigint, amount: bigint) {
  const all = amount === MAX_UINT256
  if (rules.minor >= 5) {
    const scaled = all ? held : rules.burnt(amount, index)
    need(rules, scaled !== 0n, 'InvalidAmount')
    need(rules, scaled <= held, 'NotEnoughAvailableUserBalance')
    return { taken: all ? rules.supplied(held, index) : amount, scaled }
  }
  const balance = rules.supplied(held, index)
  const taken = all ? balance : amount
  need(rules, taken !== 0n, 'InvalidAmount')
  need(rules, taken <= balance, 'NotEnoughAvailableUserBalance')
  return { taken, scaled: rules.burnt(taken, index) }
}

/** Borrows at the variable rate. Gives the atoms paid out. */
export function borrow(
  rules: AaveV3Rules,
  state: AaveState,
  { account, asset, amount, mode = 'variable' }: WithAmount & { readonly mode?: 'variable' | 'stable' | undefined },
  at: At,
): bigint {
  const reserve = reserveAt(rules, state, asset, at)
  const holder = accountOf(state, account)
  const scaled = rules.minor >= 5 ? rules.borrowed(amount, reserve.variableBorrowIndex) : 0n
  const asked = rules.minor >= 5 ? rules.owed(scaled, reserve.variableBorrowIndex) : amount
  need(rules, asked !== 0n, 'InvalidAmount')
  checkBorrowable(rules, state, holder, reserve, asked, mode)
  checkBorrowCap(rules, reserve, amount, scaled)
  if (rules.minor === 3) checkIsolation(rules, state, holder, reserve, amount)
  if (rules.minor < 6) checkMode(rules, state, holder, asset)
  if (rules.minor < 5) checkBorrowBefore(rules, state, holder, reserve, amount, at)
  if (rules.minor < 7) checkSiloed(rules, state, holder, reserve)
  const minted = rules.borrowed(amount, reserve.variableBorrowIndex)
  need(rules, minted !== 0n, 'InvalidMintAmount')
  const position = positionOf(holder, asset)
  position.scaledDebt = grown(rules, position.scaledDebt, minted, balanceBits(rules))
  reserve.scaledDebt += minted
  position.borrowing = true
  if (rules.minor < 7) growIsolated(rules, state, holder, reserve, amount)
  moveLiquidity(rules, reserve, -amount)
  if (rules.minor >= 5) checkBorrowed(rules, state, holder, at)
  return amount
}

function checkBorrowable(
  rules: AaveV3Rules,
  state: AaveState,
  holder: AaveAccount,
  reserve: AaveReserve,
  asked: bigint,
  mode: 'variable' | 'stable',
): void {
  checkOpen(rules, reserve)
  need(rules, !reserve.frozen, 'ReserveFrozen')
  if (rules.minor >= 6 && holder.eMode !== 0) checkMode(rules, state, holder, reserve.config.asset)
  else need(rules, reserve.config.borrowing !== false, 'BorrowingNotEnabled')
  need(rules, rules.supplied(scaledSupplyOf(state, reserve), reserve.liquidityIndex) >= asked, 'InvalidAmount')
  need(rules, mode === 'variable', 'InvalidInterestRateModeSelected')
}

function checkMode(rules: AaveV3Rules, state: AaveState, { eMode }: AaveAccount, asset: string): void {
  need(rules, eMode === 0 || isBorrowableIn(state, eMode, asset), 'NotBorrowableInEMode')
}

function checkBorrowCap(rules: AaveV3Rules, reserve: AaveReserve, amount: bigint, scaled: bigint): void {
  const cap = (reserve.config.borrowCap ?? 0n) * 10n ** reserve.config.decimals
  if (cap === 0n) return
  const { scaledDebt, variableBorrowIndex: index } = reserve
  const after = rules.minor >= 5 ? rules.owed(scaledDebt + scaled, index) : rules.owed(scaledDebt, index) + amount
  need(rules, after <= cap, 'BorrowCapExceeded')
}

/** Up to v3.4: the account as it is, and whether its collateral covers what it owes with the new debt. */
function checkBorrowBefore(
  rules: AaveV3Rules,
  state: AaveState,
  holder: AaveAccount,
  { config }: AaveReserve,
  amount: bigint,
  at: At,
): void {
  const data = accountData(rules, state, holder, at.price, at.time)
  need(rules, data.totalCollateralBase !== 0n, 'CollateralBalanceIsZero')
  need(rules, data.ltv !== 0n, 'LtvValidationFailed')
  need(rules, data.healthFactor > WAD, 'HealthFactorLowerThanLiquidationThreshold')
  const value = mul(at.price(config.feed), amount) / 10n ** config.decimals
  const needed = percentDiv(add(data.totalDebtBase, value), data.ltv)
  need(rules, needed <= data.totalCollateralBase, 'CollateralCannotCoverNewBorrow')
}

function checkIsolation(
  rules: AaveV3Rules,
  state: AaveState,
  holder: AaveAccount,
  reserve: AaveReserve,
  amount: bigint,
): void {
  const isolated = isolationOf(state, holder)
  if (!isolated) return
  need(rules, reserve.config.borrowableInIsolation === true, 'AssetNotBorrowableInIsolation')
  const after = sum(isolated.isolationDebt ?? 0n, isolatedUnits(rules, reserve, amount))
  need(rules, after <= (isolated.config.debtCeiling ?? 0n), 'DebtCeilingExceeded')
}

function growIsolated(
  rules: AaveV3Rules,
  state: AaveState,
  holder: AaveAccount,
  reserve: AaveReserve,
  amount: bigint,
): void {
  if (rules.minor >= 4) checkIsolation(rules, state, holder, reserve, amount)
  const isolated = isolationOf(state, holder)
  if (isolated) isolated.isolationDebt = sum(isolated.isolationDebt ?? 0n, isolatedUnits(rules, reserve, amount))
}

function checkSiloed(rules: AaveV3Rules, state: AaveState, holder: AaveAccount, { config }: AaveReserve): void {
  if (!anyAsset(holder, 'borrowing')) return
  const only = onlyAsset(state, holder, 'borrowing')
  const siloed = only !== undefined && state.reserves.get(only)?.config.siloed === true
  need(rules, siloed ? only === config.asset : config.siloed !== true, 'SiloedBorrowingViolation')
}

/** Repays; `amount` 2^256 − 1 = everything. Gives the atoms paid in. */
export function repay(
  rules: AaveV3Rules,
  state: AaveState,
  { account, asset, amount, mode = 'variable' }: WithAmount & { readonly mode?: 'variable' | 'stable' | undefined },
  at: At,
): bigint {
  const reserve = reserveAt(rules, state, asset, at)
  const holder = accountOf(state, account)
  const position = positionOf(holder, asset)
  const debt = rules.owed(position.scaledDebt, reserve.variableBorrowIndex)
  need(rules, amount !== 0n, 'InvalidAmount')
  need(rules, mode === 'variable', 'InvalidInterestRateModeSelected')
  checkOpen(rules, reserve)
  need(rules, (rules.minor >= 5 ? position.scaledDebt : debt) !== 0n, 'NoDebtOfSelectedType')
  const paid = min(amount, debt)
  const burnt = rules.repaid(paid, reserve.variableBorrowIndex)
  need(rules, burnt !== 0n, 'InvalidBurnAmount')
  position.scaledDebt = sub(position.scaledDebt, burnt)
  reserve.scaledDebt = sub(reserve.scaledDebt, burnt)
  moveLiquidity(rules, reserve, paid)
  if (rules.minor >= 4 ? position.scaledDebt === 0n : paid === debt) position.borrowing = false
  if (rules.minor < 7) reduceIsolated(rules, isolationOf(state, holder), reserve, paid)
  return paid
}

/** Makes an asset collateral, or no longer. The interest of the reserve does not move. */
export function setCollateral(
  rules: AaveV3Rules,
  state: AaveState,
  { account, asset, enabled }: OnAsset & { readonly enabled: boolean },
  at: At,
): void {
  const reserve = state.reserves.get(asset)
  if (rules.minor === 3) ensure(reserve !== undefined, EMPTY_REVERT, `no reserve of ${asset}`)
  need(rules, reserve !== undefined, 'ReserveInactive')
  const holder = accountOf(state, account)
  const position = positionOf(holder, asset)
  if (rules.minor === 3) {
    const { liquidityIndex } = accruedAt(rules, reserve, at.time)
    need(rules, rules.supplied(position.scaledCollateral, liquidityIndex) !== 0n, 'UnderlyingBalanceZero')
  }
  checkOpen(rules, reserve)
  if (position.usedAsCollateral === enabled) return
  if (!enabled) {
    position.usedAsCollateral = false
    checkRemaining(rules, state, holder, reserve, at)
    return
  }
  need(rules, position.scaledCollateral !== 0n, 'UnderlyingBalanceZero')
  const may = mayBeCollateral(rules, state, holder, reserve)
  need(rules, may, rules.minor >= 7 ? 'UserHasAssetWithZeroLtv' : 'UserInIsolationModeOrLtvZero')
  position.usedAsCollateral = true
}

/** Enters an e-mode, or leaves it (0). */
export function setEMode(
  rules: AaveV3Rules,
  state: AaveState,
  { account, category }: { readonly account: string; readonly category: number },
  at: At,
): void {
  const holder = accountOf(state, account)
  if (holder.eMode === category) return
  const threshold = state.eModes.get(category)?.liquidationThreshold ?? 0n
  need(rules, category === 0 || threshold !== 0n, 'InconsistentEModeCategory')
  for (const [asset, reserve] of state.reserves) {
    const position = holder.positions.get(asset)
    if (position?.borrowing) checkDebtIn(rules, state, category, reserve)
    if (position?.usedAsCollateral && rules.minor >= 6)
      need(rules, ltvIn(rules, state, category, reserve) !== 0n, 'InvalidCollateralInEmode')
  }
  holder.eMode = category
  const { healthFactor } = accountData(rules, state, holder, at.price, at.time)
  need(rules, healthFactor >= WAD, 'HealthFactorLowerThanLiquidationThreshold')
}

function checkDebtIn(rules: AaveV3Rules, state: AaveState, category: number, { config }: AaveReserve): void {
  if (category !== 0)
    need(
      rules,
      isBorrowableIn(state, category, config.asset),
      rules.minor >= 6 ? 'InvalidDebtInEmode' : 'NotBorrowableInEMode',
    )
  else if (rules.minor >= 6) need(rules, config.borrowing !== false, 'InvalidDebtInEmode')
}
