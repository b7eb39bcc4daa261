/**
 * LLAMMA under stress, as inputs of a scenario. 13 June 2024: CRV fell by 28 to 30 % in hours while $95.7 to 100 M of loans stood against about
 * $140 M of CRV in LlamaLend and crvUSD markets; they were worked off, with about no bad debt claimed at the time and roughly $10 M of it repaid later.
 * Sources: press of the week (two counts of the loans); the later bad debt is general knowledge and not looked up.
 */

/** The fall: fractions of the price, USD of collateral and of loans (both counts), and what is said of bad debt. */
export const CRV_2024_06_13 = {
  day: '2024-06-13',
  asset: 'CRV',
  fall: [0.28, 0.3],
  collateralUsd: 140_000_000,
  loansUsd: [95_700_000, 100_000_000],
  badDebtClaimedUsd: 0,
  badDebtLaterUsd: 10_000_000,
} as const

/** "$4 thousand against $436 million" of 4 to 5 August 2024: two totals that were never of the same thing; another count of all lending is $341 M. */
export const AUGUST_2024_CLAIM = {
  day: '2024-08-05',
  llammaUsd: 4_000,
  othersUsd: 436_000_000,
  otherCountUsd: 341_000_000,
  confirmed: false,
} as const
