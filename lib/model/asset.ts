/** Assets: what is owed, seized or traded, and which of them are dollars. */

/** A token or coin. `decimals` says how many atoms make one; `address` is lower-case hex on its chain. */
export type Asset = {
  readonly symbol: string
  readonly decimals: number | undefined
  readonly chain?: string | undefined
  readonly address?: string | undefined
}

/**
 * Currencies that a venue's quote or a dollar-par valuation counts as one US dollar.
 * This is a convention, not a measurement: a depegged stablecoin is still counted at par, and the event says so (`usdBasis`).
 */
const DOLLARS: ReadonlySet<string> = new Set([
  'USD', 'USDT', 'USDC', 'USDC.E', 'USDBC', 'BUSD', 'FDUSD', 'TUSD', 'USDP', 'PAX', 'DAI', 'SAI', 'SUSD', 'GUSD', 'LUSD', 'BOLD',
  'FRAX', 'FRXUSD', 'CRVUSD', 'GHO', 'USDE', 'USDS', 'PYUSD', 'RLUSD', 'USD1', 'USDH', 'USDG', 'FXUSD',
]) // biome-ignore format: one list reads better than one a line

/** True when one unit of `symbol` is counted as one US dollar. */
export function isDollar(symbol: string): boolean {
  return DOLLARS.has(symbol.toUpperCase())
}

const BITCOIN_NAMES: Readonly<Record<string, string>> = { XBT: 'BTC' }

/** One name for one coin: upper case, `XBT` → `BTC`. Multiplied listings (`1000PEPE`, `kPEPE`) keep the venue's name. */
export function coinOf(symbol: string): string {
  const upper = symbol.toUpperCase()
  return BITCOIN_NAMES[upper] ?? upper
}
