/** Levered loops on real-world assets. */
export * from './rules.ts'
