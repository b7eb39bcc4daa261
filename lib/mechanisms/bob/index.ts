/** BOB's BTC vaults: mechanism, its types, its rules as a namespace, and random worlds. */
export * from './mechanism.ts'
export type { BobPath, BobTerms, PathCost } from './rules.ts'
export * as bobRules from './rules.ts'
export * from './world.ts'
