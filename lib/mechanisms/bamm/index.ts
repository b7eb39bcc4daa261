/** Frax BAMM: mechanism, its types, its rules as a namespace, and random worlds. */
export * from './mechanism.ts'
export type { BammPair, BammRateTerms, BammVault } from './rules.ts'
export * as bammRules from './rules.ts'
export * from './world.ts'
