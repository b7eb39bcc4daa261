/** Morpho Blue: rules, mechanism, pre-liquidation. */
export * from './mechanism.ts'
export * from './rules.ts'
