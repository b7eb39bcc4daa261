/**
 * A market from what a snapshot of one tells: the AMM's constants and bands, and each loan's range, shares and debt. Snapshots seldom hold shares;
 * whoever reads one says how each band is divided.
 */
import { breakwaterError } from '../../model/index.ts'
import { type LlammaMarket, type LlammaTerms, llammaMarket, MAX_TICKS, setBand } from './state.ts'

/** A loan of a snapshot: its first band, its shares of that and the following bands (any unit), its debt (token's units) at the snapshot's time. */
export type LlammaSnapshotLoan = {
  readonly account: string
  readonly n1: number
  readonly shares: readonly bigint[]
  readonly debt: bigint
}

/** What a snapshot tells. Band amounts have 18 decimals; `rateMul` holds at `terms.time`, `price` is the oracle's. */
export type LlammaSnapshot = {
  readonly terms: LlammaTerms
  readonly price: bigint
  readonly rate: bigint
  readonly rateMul: bigint
  readonly activeBand: number
  readonly bandsX: ReadonlyMap<number, bigint>
  readonly bandsY: ReadonlyMap<number, bigint>
  readonly loans: readonly LlammaSnapshotLoan[]
}

/**
 * The market of a snapshot. Stablecoin in bands below the active one and collateral in bands above it are kept where they are, as the snapshot says.
 * Throws `bad-state` for a loan whose range is not 1 … 50 bands, a negative amount, or a rate multiplier below 1.
 */
export function llammaFromSnapshot(snapshot: LlammaSnapshot): LlammaMarket {
  const market = llammaMarket(snapshot.terms)
  const { rate, rateMul, price, activeBand, bandsX, bandsY } = snapshot
  if (rateMul < 10n ** 18n || price <= 0n)
    throw breakwaterError('bad-state', `rate multiplier ${rateMul} or oracle price ${price} is too low`, {
      ...{ rateMul: String(rateMul), price: String(price) },
    })
  Object.assign(market, { rate, rateMul, activeBand, oldPrice: price, totalRateMul: rateMul })
  for (const [from, to] of [
    [bandsX, market.bandsX],
    [bandsY, market.bandsY],
  ] as const)
    for (const [band, amount] of from) {
      setBand(to, band, checked(amount, `band ${band}`))
      market.minBand = Math.min(market.minBand, band)
      market.maxBand = Math.max(market.maxBand, band)
    }
  for (const loan of snapshot.loans) putLoan(market, loan)
  const sum = (bands: ReadonlyMap<number, bigint>) => [...bands.values()].reduce((total, one) => total + one, 0n)
  market.balanceX = sum(market.bandsX) / market.borrowedPrecision + 1n
  market.balanceY = sum(market.bandsY) / market.collateralPrecision + 1n
  return market
}

function putLoan(market: LlammaMarket, { account, n1, shares, debt }: LlammaSnapshotLoan): void {
  const n2 = n1 + shares.length - 1
  if (!Number.isInteger(n1) || shares.length < 1 || shares.length > MAX_TICKS)
    throw breakwaterError('bad-state', `${account} stands in bands ${n1} … ${n2}`, { account, n1, n2 })
  market.deposits.set(account, { n1, n2, shares: [...shares] })
  for (const [i, share] of shares.entries())
    setBand(market.totalShares, n1 + i, (market.totalShares.get(n1 + i) ?? 0n) + checked(share, account))
  const { rateMul, liquidationDiscount } = market
  market.loans.set(account, { debt: checked(debt, account), rateMul, liquidationDiscount })
  market.totalDebt += debt
  market.minted += debt
}

function checked(amount: bigint, where: string): bigint {
  if (amount < 0n) throw breakwaterError('bad-state', `${where} holds ${amount}`, { where, amount: String(amount) })
  return amount
}
