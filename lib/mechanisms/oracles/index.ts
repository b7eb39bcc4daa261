/** Oracles: what a protocol sees of the true price, by design, and what goes wrong with it. */
export * from './averages.ts'
export * from './capo.ts'
export * from './capo-incident.ts'
export * from './combined.ts'
export * from './faults.ts'
export * from './oracle.ts'
export * from './osm.ts'
export * from './push-feed.ts'
