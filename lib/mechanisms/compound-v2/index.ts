/** Compound v2: mechanism, its types, its rules as a namespace, and random worlds for the conformance suite. */
export type { CompoundSetting } from './actions.ts'
export * from './incidents.ts'
export * as compoundLiquidation from './liquidate.ts'
export * from './mechanism.ts'
export type {
  BlockClock,
  CompoundMarket,
  CompoundPause,
  CompoundPosition,
  CompoundRules,
  CompoundState,
  JumpRateModel,
} from './rules.ts'
export * as compoundRules from './rules.ts'
export * from './world.ts'
