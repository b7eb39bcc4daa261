/** Morpho Blue and its pre-liquidation: mechanisms, states and actions, rules as namespaces, random worlds for the conformance suite. */
export * from './mechanism.ts'
export * from './pre-liquidation.ts'
export type { PreLiquidationParams } from './pre-liquidation-rules.ts'
export * as preLiquidationRules from './pre-liquidation-rules.ts'
export * from './pre-liquidation-world.ts'
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
