/** Aave: a mechanism for every rule book, the actions and state they share, their rules as pure functions, and random worlds. */
export type { AaveAction, AaveBook, AavePair, AaveUserAction } from './action.ts'
export { AAVE_V2_BOOK, AAVE_V30_BOOK, aaveV2, aaveV30 } from './legacy-book.ts'
export { legacyCloseFactor, legacySizes } from './legacy-liquidate.ts'
export { aavePairs } from './mechanism.ts'
export type {
  AaveAccount,
  AaveEMode,
  AavePosition,
  AaveReserve,
  AaveReserveConfig,
  AaveStableConfig,
  AaveStableDebt,
  AaveState,
  AaveV1Terms,
} from './state.ts'
export * as aaveState from './state.ts'
export { AAVE_V1_BOOK, aaveV1 } from './v1-book.ts'
export * as aaveV1Rules from './v1-rules.ts'
export type { AaveAccountData } from './v3-account.ts'
export * as aaveV3Account from './v3-account.ts'
export * from './v3-book.ts'
export type { AaveDeficit, AaveLiquidated, AaveLiquidationCall } from './v3-liquidate.ts'
export { AAVE_V33, AAVE_V34, AAVE_V35, AAVE_V36, AAVE_V37, type AaveV3Rules } from './v3-rules.ts'
export type { AaveLiquidationTerms, AaveSizes } from './v3-sizes.ts'
export * as aaveV3Sizes from './v3-sizes.ts'
export {
  aaveV1World,
  aaveV2World,
  aaveV30World,
  aaveV33World,
  aaveV34World,
  aaveV35World,
  aaveV36World,
  aaveV37World,
} from './world.ts'
