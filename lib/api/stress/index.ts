/** What-ifs: shocks on loans and on perp positions, with and without feedback, the same for the command line and over HTTP. */
export * from './loan-levels.ts'
export * from './loan-market.ts'
export * from './loans.ts'
export * from './paths.ts'
export * from './positions.ts'
export * from './question.ts'
export * from './scenarios.ts'
export * from './shocked.ts'
