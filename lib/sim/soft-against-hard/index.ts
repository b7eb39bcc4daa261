/** Soft against hard liquidation: the same borrowers on the same path through LLAMMA and an Aave pool. */
export * from './aave-book.ts'
export * from './compare.ts'
export * from './llamma-book.ts'
export * from './run.ts'
