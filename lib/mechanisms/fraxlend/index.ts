/** FraxLend: mechanism, its types, its rules as a namespace, and random worlds for the conformance suite. */
export * from './mechanism.ts'
export type { FraxlendBorrower, FraxlendConfig, FraxlendLiquidation, FraxlendRate, FraxlendState } from './rules.ts'
export * as fraxlendRules from './rules.ts'
export * from './world.ts'
