/** The simulation room: the demo session that speaks the venues' wire formats, and a venue that liquidates as the real ones do. */
export * from './agents/maker.ts'
export * from './demo/market.ts'
export * from './demo/session.ts'
export type { MarketOptions } from './exchange/market.ts'
export * from './exchange/session.ts'
export type { ExchangeOptions } from './exchange/state.ts'
export * from './exchange.ts'
export * from './throttle.ts'
