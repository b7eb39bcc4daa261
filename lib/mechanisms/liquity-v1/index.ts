/** Liquity v1: mechanism, its types, rules as namespaces, random worlds. */
export * as liquityV1Troves from './borrow.ts'
export * as liquityV1Liquidations from './liquidate.ts'
export * from './mechanism.ts'
export type { LusdDeposit, LusdPool } from './pool.ts'
export * as liquityV1Pool from './pool.ts'
export type { LatestLusdTrove, LusdDivision, LusdState, LusdTrove } from './rules.ts'
export * as liquityV1Rules from './rules.ts'
export * from './world.ts'
