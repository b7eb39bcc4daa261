/** Morpho Blue: mechanism, its types, its rules as a namespace, and random worlds for the conformance suite. */
export * from './mechanism.ts'
export type { MorphoLiquidation, MorphoMarket, MorphoPosition, MorphoRateModel } from './rules.ts'
export * as morphoRules from './rules.ts'
export * from './world.ts'
