/** The mechanisms room: every way to be liquidated, written once, as pure rules over plain data. */
export * from './mechanism.ts'
export * from './perp/account.ts'
export * from './perp/leg.ts'
export * from './perp/liquidation-price.ts'
export * from './perp/margin.ts'
export * from './perp/profile.ts'
export * from './perp/tiers.ts'
