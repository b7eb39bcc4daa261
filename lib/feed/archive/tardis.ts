/**
 * Tardis.dev liquidations CSV (https://docs.tardis.dev/downloadable-csv-files#liquidations): exchange, symbol, timestamp and local_timestamp in µs,
 * id, side of the liquidation ORDER (buy = a short was closed), price, amount in the exchange's own unit.
 */
import { basename } from 'node:path'
import { coinOf, isDollar, type UnixMs, unixMs } from '../../model/index.ts'
import type { Decoded, Refused } from '../../venues/index.ts'
import { chunked, lineRecords } from './chunks.ts'
import { type CsvRow, csvReader } from './csv.ts'
import type { Importer } from './importer.ts'

const COLUMNS = ['exchange', 'symbol', 'timestamp', 'local_timestamp', 'side', 'price', 'amount']

/** How an exchange counts `amount`: coins; dollars (inverse); contracts of a size the file does not say; or by the symbol. */
type Unit = 'coins' | 'usd' | 'contracts' | 'by-symbol'

const EXCHANGES: Readonly<Record<string, { venue: string; unit: Unit }>> = {
  'binance-futures': { venue: 'binance-um', unit: 'coins' },
  'binance-delivery': { venue: 'binance-cm', unit: 'contracts' },
  bybit: { venue: 'bybit', unit: 'by-symbol' },
  'okex-swap': { venue: 'okx', unit: 'contracts' },
  'okex-futures': { venue: 'okx', unit: 'contracts' },
  'huobi-dm': { venue: 'htx', unit: 'contracts' },
  'huobi-dm-swap': { venue: 'htx', unit: 'contracts' },
  'huobi-dm-linear-swap': { venue: 'htx', unit: 'coins' },
  'gate-io-futures': { venue: 'gate', unit: 'contracts' },
  'bitget-futures': { venue: 'bitget', unit: 'coins' },
  deribit: { venue: 'deribit', unit: 'by-symbol' },
  cryptofacilities: { venue: 'kraken', unit: 'by-symbol' },
  'bitfinex-derivatives': { venue: 'bitfinex', unit: 'coins' },
  bitmex: { venue: 'bitmex', unit: 'by-symbol' },
  dydx: { venue: 'dydx-v3', unit: 'coins' },
  ftx: { venue: 'ftx', unit: 'coins' },
}
/** What `price` is where it is not the order's fill or limit as published. */
const PRICE_KINDS: Readonly<Record<string, Extract<Decoded, { type: 'perp-liquidation' }>['priceKind']>> = {
  bybit: 'bankruptcy',
  okx: 'bankruptcy',
  bitfinex: 'entry',
  bitmex: 'limit',
}

/** Imports Tardis's normalised liquidations. A size in contracts of unknown worth stays `contracts`, its dollars unknown. */
export const tardis: Importer = {
  id: 'tardis',
  what: 'Tardis.dev liquidations CSV',
  claims: ({ head }) => head.startsWith('exchange,symbol,timestamp,local_timestamp,id,side,price,amount'),
  read: (path, context) => {
    let read: ReturnType<typeof csvReader> | undefined
    const seen = new Map<string, number>()
    const records = lineRecords(path, 'tardis', ({ text }) => {
      if (!read) {
        read = csvReader(text, COLUMNS, path)
        return { decoded: [] }
      }
      const { row } = read(text)
      const exchange = EXCHANGES[row('exchange') ?? '']
      if (!exchange) return { decoded: [{ type: 'refused', reason: `exchange ${row('exchange')} is not known` }] }
      return {
        decoded: [decodeRow(row, exchange, seen)],
        venue: exchange.venue,
        received: microseconds(row('local_timestamp')),
      }
    })
    return chunked(records, basename(path), context)
  },
}

function microseconds(text: string | undefined): UnixMs | undefined {
  return unixMs(Math.floor(Number(text) / 1000))
}

function decodeRow(
  row: CsvRow,
  { venue, unit }: { venue: string; unit: Unit },
  seen: Map<string, number>,
): Decoded | Refused {
  const symbol = row('symbol')
  const time = microseconds(row('timestamp'))
  const side = row('side')
  const price = Number(row('price'))
  const amount = Number(row('amount'))
  if (symbol === undefined) return { type: 'refused', reason: 'no symbol' }
  if (time === undefined) return { type: 'refused', reason: `timestamp ${row('timestamp')} is no time in µs` }
  if (side !== undefined && side !== 'buy' && side !== 'sell' && side !== 'unknown')
    return { type: 'refused', reason: `side ${side} is neither buy nor sell` }
  if (!(price > 0 && amount > 0 && Number.isFinite(price * amount)))
    return { type: 'refused', reason: `price ${row('price')} and amount ${row('amount')} must be above zero` }
  const { coin, quote } = splitSymbol(symbol)
  const kind =
    unit === 'by-symbol' ? (quote === 'USD' && venue !== 'dydx-v3' ? inverseOrUnknown(venue, symbol) : 'coins') : unit
  const size = kind === 'coins' ? amount : kind === 'usd' ? amount / price : undefined
  const usd = kind === 'usd' ? amount : kind === 'coins' && isDollar(quote) ? amount * price : undefined
  const content = row('id')
    ? `id:${symbol}|${row('id')}`
    : `${symbol}|${row('timestamp')}|${side}|${row('amount')}|${row('price')}`
  const repeat = seen.get(content) ?? 0
  seen.set(content, repeat + 1)
  return {
    type: 'perp-liquidation',
    instrument: symbol,
    coin,
    side: side === 'sell' ? 'long' : side === 'buy' ? 'short' : undefined,
    size,
    contracts: kind === 'contracts' ? amount : undefined,
    price,
    priceKind: PRICE_KINDS[venue] ?? 'fill',
    usd,
    usdBasis: usd === undefined ? undefined : 'notional',
    key: `tardis|${content}${repeat === 0 ? '' : `#${repeat}`}`,
    time,
  }
}

/** Dollar contracts that are inverse by their venue's specification; BitMEX's other dollar contracts may be quanto, so their worth is unknown. */
function inverseOrUnknown(venue: string, symbol: string): 'usd' | 'contracts' | 'coins' {
  if (venue === 'bitmex') return symbol.startsWith('XBT') ? 'usd' : 'contracts'
  if (venue === 'kraken') return /^(PI|FI)_/i.test(symbol) ? 'usd' : 'coins'
  return 'usd'
}

function splitSymbol(symbol: string): { coin: string; quote: string } {
  const bare = symbol.toUpperCase().replace(/^(PI|PF|FI|FF)_/, '')
  const match =
    /^([A-Z0-9]+?)[-_/]?(USDT|USDC|BUSD|USD|UST|EUR|BTC)(?:[-_:.]?(?:PERP|SWAP|PERPETUAL|USDT|F0|\d{6,8}))*$/.exec(
      bare,
    ) ??
    /^([A-Z0-9]+?)F0[:_]?(USTF0|BTCF0)$/.exec(bare) ??
    /^([A-Z0-9]+)-(PERPETUAL|\d{1,2}[A-Z]{3}\d{2})$/.exec(bare)
  if (!match) return { coin: coinOf(bare), quote: '' }
  const tail = match[2] as string
  const quote = /^(PERPETUAL|\d)/.test(tail) ? 'USD' : tail.startsWith('UST') ? 'USDT' : tail
  return { coin: coinOf(match[1] as string), quote }
}
