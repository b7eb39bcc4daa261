/** The analytics room: questions, and the pure arithmetic that turns rows into totals, records, coverage and reports. */
export * from './answers.ts'
export * from './question.ts'
