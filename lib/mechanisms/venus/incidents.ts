/**
 * Venus, 18–19 May 2021: XVS went from $70 to $144 in hours; about 200 million dollars of BTC and ETH were borrowed on two million XVS, whose
 * collateral factor had been raised from 60 to 80 % (VIP-22, 8 May); XVS fell to $31 and the debt outgrew the collateral.
 * Sources: thedefiant.io and chaincatcher 2061967 (amounts, prices of XVS); CoinGecko hourly prices of BTC and ETH at 21:38 and 07:38 UTC.
 */

/** What the incident is replayed from. Amounts in whole units, prices in dollars; `left` is the debt that no collateral covered any more. */
export type VenusIncident = {
  readonly collateral: string
  readonly collateralAmount: number
  readonly collateralFactor: number
  readonly priceBefore: number
  readonly pricePeak: number
  readonly priceTrough: number
  readonly debts: readonly {
    readonly asset: string
    readonly borrowed: number
    readonly left: number
    /** When the liquidations began, and in the next morning. */
    readonly priceBegin: number
    readonly priceEnd: number
  }[]
}

/** The account of the incident. */
export const VENUS_XVS: VenusIncident = {
  collateral: 'XVS',
  collateralAmount: 2_000_000,
  collateralFactor: 0.8,
  priceBefore: 70,
  pricePeak: 144,
  priceTrough: 31.5,
  debts: [
    { asset: 'BTC', borrowed: 4_100, left: 2_000, priceBegin: 43_301, priceEnd: 39_372 },
    { asset: 'ETH', borrowed: 9_600, left: 5_700, priceBegin: 3_443, priceEnd: 2_935 },
  ],
}
