/**
 * The refusals of Aave v3 by name, with the numbers that v3.0 to v3.3 gave instead of names.
 * Sources: `Errors.sol` of core v3 1.19.3 and of aave-v3-origin at tags v3.3.0 and v3.6.0.
 */
import { ensure } from '../solidity.ts'

/** Name to number. A name without a number came after v3.3. */
const CODES = {
  InvalidMintAmount: '24',
  InvalidBurnAmount: '25',
  InvalidAmount: '26',
  ReserveInactive: '27',
  ReserveFrozen: '28',
  ReservePaused: '29',
  BorrowingNotEnabled: '30',
  StableBorrowingNotEnabled: '31',
  NotEnoughAvailableUserBalance: '32',
  InvalidInterestRateModeSelected: '33',
  CollateralBalanceIsZero: '34',
  HealthFactorLowerThanLiquidationThreshold: '35',
  CollateralCannotCoverNewBorrow: '36',
  CollateralSameAsBorrowingCurrency: '37',
  AmountBiggerThanMaxLoanSizeStable: '38',
  NoDebtOfSelectedType: '39',
  UnderlyingBalanceZero: '43',
  HealthFactorNotBelowThreshold: '45',
  CollateralCannotBeLiquidated: '46',
  SpecifiedCurrencyNotBorrowedByUser: '47',
  BorrowCapExceeded: '50',
  SupplyCapExceeded: '51',
  DebtCeilingExceeded: '53',
  LtvValidationFailed: '57',
  InconsistentEModeCategory: '58',
  AssetNotBorrowableInIsolation: '60',
  UserInIsolationModeOrLtvZero: '62',
  SiloedBorrowingViolation: '89',
  LiquidationGraceSentinelCheckFailed: '97',
  NotBorrowableInEMode: '100',
  MustNotLeaveDust: '103',
  SelfLiquidation: undefined,
  InvalidCollateralInEmode: undefined,
  InvalidDebtInEmode: undefined,
  UserHasAssetWithZeroLtv: undefined,
} as const

/** A refusal of Aave v3. */
export type AaveV3Error = keyof typeof CODES

/** Reverts with the number of a refusal unless the condition holds (v3.0 to v3.3). */
export function ensureNumbered(condition: boolean, name: AaveV3Error): asserts condition {
  ensure(condition, CODES[name] ?? name, name)
}

/** Reverts with the name of a refusal unless the condition holds (from v3.4). */
export function ensureNamed(condition: boolean, name: AaveV3Error): asserts condition {
  ensure(condition, name)
}
