/**
 * Binance's public liquidation snapshots (data.binance.vision …/liquidationSnapshot/SYMBOL/SYMBOL-liquidationSnapshot-DAY.zip, withdrawn after 2024-03-31).
 * One row per forced order that the stream published; the symbol stands in the file's name. Columns as the files' own header names them.
 */
import { basename } from 'node:path'
import { breakwaterError, coinOf, type Instrument, unixMs, valueContracts } from '../../model/index.ts'
import type { Decoded, Refused } from '../../venues/index.ts'
import { chunked, lineRecords } from './chunks.ts'
import { type CsvRow, csvReader } from './csv.ts'
import type { Importer } from './importer.ts'

const COLUMNS = ['time', 'side', 'average_price', 'accumulated_fill_quantity']
const NAME = /^([A-Z0-9_]+?)-liquidationSnapshot-/i
/** Value of one COIN-M contract in dollars: 100 for bitcoin, 10 for every other coin (Binance contract specifications). */
const COIN_M_CONTRACT = { BTC: 100, other: 10 }

/** Imports `liquidationSnapshot` files, USD-M and COIN-M. */
export const binanceSnapshot: Importer = {
  id: 'binance-snapshot',
  what: 'Binance public liquidationSnapshot CSV (zip or csv)',
  claims: ({ path, head }) => NAME.test(basename(path)) && /^time,side,order_type/i.test(head),
  read: (path, context) => {
    const symbol = NAME.exec(basename(path))?.[1]?.toUpperCase()
    if (symbol === undefined)
      throw breakwaterError(
        'bad-file',
        `${basename(path)} does not name its symbol`,
        { path },
        { fix: 'Keep Binance’s file name: SYMBOL-liquidationSnapshot-DAY.csv.' },
      )
    const instrument = instrumentOf(symbol)
    const venue = instrument.payoff === 'inverse' ? 'binance-cm' : 'binance-um'
    let read: ReturnType<typeof csvReader> | undefined
    const seen = new Map<string, number>()
    const records = lineRecords(path, venue, ({ text }) => {
      if (!read) {
        read = csvReader(text, COLUMNS, path)
        return { decoded: [] }
      }
      return { decoded: [decodeRow(read(text).row, instrument, seen)] }
    })
    return chunked(records, basename(path), context)
  },
}

function instrumentOf(symbol: string): Instrument {
  const inverse = /^([A-Z0-9]+)USD_(PERP|\d{6})$/.exec(symbol)
  if (inverse) {
    const coin = coinOf(inverse[1] as string)
    return {
      symbol,
      coin,
      quote: 'USD',
      settle: coin,
      payoff: 'inverse',
      contractSize: coin === 'BTC' ? COIN_M_CONTRACT.BTC : COIN_M_CONTRACT.other,
    }
  }
  const linear = /^([A-Z0-9]+?)(USDT|USDC|BUSD|BTC)(_\d{6})?$/.exec(symbol)
  const quote = linear?.[2] ?? ''
  return { symbol, coin: coinOf(linear?.[1] ?? symbol), quote, settle: quote, payoff: 'linear', contractSize: 1 }
}

function decodeRow(row: CsvRow, instrument: Instrument, seen: Map<string, number>): Decoded | Refused {
  const time = unixMs(Number(row('time')))
  const side = row('side')
  const price = Number(row('average_price'))
  const contracts = Number(row('accumulated_fill_quantity'))
  if (time === undefined) return { type: 'refused', reason: `time ${row('time')} is no time in ms` }
  if (side !== 'BUY' && side !== 'SELL') return { type: 'refused', reason: `side ${side} is neither BUY nor SELL` }
  if (!(price > 0 && contracts > 0 && Number.isFinite(price * contracts)))
    return {
      type: 'refused',
      reason: `price ${row('average_price')} and quantity ${row('accumulated_fill_quantity')} must be above zero`,
    }
  const content = `${instrument.symbol}|${time}|${side}|${contracts}|${price}`
  const repeat = seen.get(content) ?? 0
  seen.set(content, repeat + 1)
  return {
    type: 'perp-liquidation',
    instrument: instrument.symbol,
    coin: instrument.coin,
    side: side === 'SELL' ? 'long' : 'short',
    ...valueContracts(instrument, contracts, price),
    contracts,
    price,
    priceKind: 'fill',
    usdBasis: 'notional',
    key: repeat === 0 ? content : `${content}#${repeat}`,
    time,
  }
}
