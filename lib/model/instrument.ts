/** Instruments: what one contract of a perp or future is worth, and how contracts become coins and dollars. */
import { isDollar } from './asset.ts'

/**
 * How a contract pays.
 * - `linear`: worth `contractSize` coins, paid in the quote currency (BTCUSDT).
 * - `inverse`: worth `contractSize` units of the quote (dollars), paid in the coin (BTCUSD, XBTUSD).
 * - `quanto`: worth `contractSize` settle-currency units per point of price (BitMEX ETHUSD, paid in bitcoin).
 */
export type Payoff = 'linear' | 'inverse' | 'quanto'

/** One listed contract as its venue names it. */
export type Instrument = {
  readonly symbol: string
  readonly coin: string
  readonly quote: string
  readonly settle: string
  readonly payoff: Payoff
  /** Coins per contract (linear), quote units per contract (inverse), settle units per point (quanto). */
  readonly contractSize: number
}

/** Size in coins and value in dollars of a number of contracts at a price; `undefined` where it is not known. */
export type Valuation = { readonly size: number | undefined; readonly usd: number | undefined }

/** Values `contracts` of `instrument` at `price` (quote per coin). A quote that is no dollar leaves `usd` unknown. */
export function valueContracts(instrument: Instrument, contracts: number, price: number): Valuation {
  const dollar = isDollar(instrument.quote)
  if (instrument.payoff === 'linear') {
    const size = contracts * instrument.contractSize
    return { size, usd: dollar ? size * price : undefined }
  }
  if (instrument.payoff === 'inverse') {
    const quote = contracts * instrument.contractSize
    return { size: quote / price, usd: dollar ? quote : undefined }
  }
  return { size: undefined, usd: undefined }
}

/** A venue's instruments by the venue's own symbol. */
export type Instruments = ReadonlyMap<string, Instrument>
