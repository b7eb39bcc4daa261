/** The simulation room. So far: the seeded demo session that speaks the venues' wire formats. */
export * from './demo/market.ts'
export * from './demo/session.ts'
export * from './throttle.ts'
