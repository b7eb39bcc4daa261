/** The analytics room: questions, and the pure arithmetic that turns rows into totals, records, coverage and reports. */
export * from './aggregate.ts'
export * from './answers.ts'
export * from './dimensions.ts'
export * from './exact-sum.ts'
export * from './question.ts'
