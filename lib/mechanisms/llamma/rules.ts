/** Every rule of LLAMMA in one namespace: exponentials, prices, exchange, shares, loans, interest, and the float64 formulas. */
export * from './exponential.ts'
export * from './float.ts'
export * from './liquidity.ts'
export * from './loans.ts'
export * from './policy.ts'
export * from './price.ts'
export { setBand, xOf, yOf } from './state.ts'
export * from './swap.ts'
