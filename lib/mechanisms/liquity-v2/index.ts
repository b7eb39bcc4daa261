/** Liquity v2: mechanism, its types, rules as namespaces, random worlds. */
export * as liquityV2Troves from './borrow.ts'
export type { BoldBranch, BoldConfig, BoldTrove } from './branch.ts'
export { boldTerms, emptyBranch as emptyBoldBranch } from './branch.ts'
export * as liquityV2Pool from './deposit.ts'
export * from './mechanism.ts'
export * as liquityV2Redemptions from './redeem.ts'
export * as liquityV2Rules from './rules.ts'
export * from './world.ts'
