/** Lending across protocols: what a liquidator makes of a fixed spread. */
export * from './strategy.ts'
