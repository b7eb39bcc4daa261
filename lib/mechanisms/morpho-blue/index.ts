/** Morpho Blue: mechanism, its state and actions, its rules as a namespace, and random worlds for the conformance suite. */
export * from './mechanism.ts'
export type { MorphoLiquidation, MorphoMarket, MorphoPosition, MorphoRateModel } from './rules.ts'
export * as morphoRules from './rules.ts'
export {
  emptyMorpho,
  MORPHO_NOBODY,
  type MorphoAction,
  type MorphoCollateralAction,
  type MorphoLiquidateAction,
  type MorphoLoanAction,
  type MorphoMarketParams,
  type MorphoOwnerAction,
  type MorphoState,
  newMorphoMarket,
} from './state.ts'
export * from './world.ts'
