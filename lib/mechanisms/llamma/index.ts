/** Curve's LLAMMA (crvUSD): mechanism, its types, its rules as a namespace, and random worlds for the conformance suite. */
export * from './incidents.ts'
export * from './mechanism.ts'
export * as llammaRules from './rules.ts'
export * from './snapshot.ts'
export type {
  DebtCandle,
  LlammaDeposit,
  LlammaLoan,
  LlammaMarket,
  LlammaOracle,
  LlammaPolicy,
  LlammaTerms,
} from './state.ts'
export { llammaMarket } from './state.ts'
export type { LlammaExchanged, LlammaSell, LlammaTrade } from './swap.ts'
export * from './world.ts'
