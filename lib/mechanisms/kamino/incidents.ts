/**
 * Kamino under stress, as inputs of a scenario: prices that fell, and what was liquidated. Sources: gov.kamino.finance/t/853 and allez.xyz risk
 * reports (collateral liquidated, counts, no bad debt); the Q1 2026 figures that articles quote were not found there.
 */

/** A day or a span: price of SOL before and at the low where it is known, what was liquidated (USD), how often, by how many, and the bad debt. */
export type KaminoStress = {
  readonly id: string
  readonly from: string
  readonly until: string
  readonly solBefore?: number | undefined
  readonly solLow?: number | undefined
  readonly liquidatedUsd: number
  readonly liquidations?: number | undefined
  readonly wallets?: number | undefined
  readonly liquidators?: number | undefined
  readonly badDebtUsd?: number | undefined
}

/** In the order of their dates. */
export const KAMINO_STRESSES: readonly KaminoStress[] = [
  { id: '2025-01', from: '2025-01-01', until: '2025-01-31', liquidatedUsd: 7_300_000 },
  {
    ...{ id: '2025-02', from: '2025-02-01', until: '2025-02-28', solBefore: 200, solLow: 130 },
    ...{ liquidatedUsd: 35_200_000, wallets: 3_616, liquidators: 80 },
  },
  {
    ...{ id: '2025-10-10', from: '2025-10-10', until: '2025-10-11' },
    ...{ liquidatedUsd: 25_500_000, liquidations: 9_300, badDebtUsd: 0 },
  },
]
