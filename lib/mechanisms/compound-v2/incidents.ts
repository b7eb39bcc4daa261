/**
 * Compound v2, 26 November 2020: the price feed took Coinbase's DAI price, which stood 30 % too high for minutes; whoever had borrowed DAI was
 * liquidated, 88.4 million dollars in all. Source: DeBank, as cited by bitdesk.
 */

/** A feed that says too much: which one, by what factor (1e4 = 1), and the dollars that were liquidated. */
export const COMPOUND_DAI_ORACLE = { feed: 'DAI', factorBps: 13_000n, liquidatedUsd: 88_400_000 } as const
