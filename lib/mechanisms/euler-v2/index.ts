/** Euler v2: mechanism, its types, its rules as namespaces, and random worlds for the conformance suite. */
export * from './mechanism.ts'
export type { EulerAccount, EulerLiquidation, EulerLiquidity, EulerLtv, EulerQuote, EulerState } from './rules.ts'
export * as eulerRules from './rules.ts'
export type { EulerDebt, EulerRateModel, EulerVault } from './vault.ts'
export * as eulerVaultRules from './vault.ts'
export * from './world.ts'
