/** Everybody who has to trade beside liquidators: dealers, lenders, sellers of seized coins, positions that funding eats, arbitrageurs. */
export * from './arbitrageur.ts'
export * from './funding-drain.ts'
export * from './margin-lenders.ts'
export * from './options-dealers.ts'
export * from './seized-sale.ts'
