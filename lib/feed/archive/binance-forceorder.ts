/**
 * Tables of raw Binance `!forceOrder@arr` fields as several public recorders kept them: one row per frame, some rows written twice (`repeat_no` > 0),
 * the symbol often without its quote ("BTC" = BTCUSDT). Rows are put back into Binance's own frame and decoded as if heard live.
 */
import { basename } from 'node:path'
import { unixMs } from '../../model/index.ts'
import { type Decoded, type Refused, venue } from '../../venues/index.ts'
import { chunked, lineRecords } from './chunks.ts'
import { type CsvRow, csvReader } from './csv.ts'
import type { Importer } from './importer.ts'

const VENUE = 'binance-um'
const COLUMNS = [
  'symbol_as_recorded',
  'side',
  'original_quantity',
  'price',
  'accumulated_filled_quantity',
  'trade_time_ms',
]
const QUOTED = /(USDT|USDC|BUSD|USD|BTC)(_\d{6}|_PERP)?$/

/** Imports recorded forceOrder fields. A row whose average price was not kept counts at its limit price, and says so. */
export const binanceForceorder: Importer = {
  id: 'binance-forceorder',
  what: 'recorded Binance forceOrder fields (CSV)',
  claims: ({ head }) => head.startsWith('recorder,symbol_as_recorded,side,order_type'),
  read: (path, context) => {
    const decode = venue(VENUE).decoder({ instruments: new Map() })
    let read: ReturnType<typeof csvReader> | undefined
    const records = lineRecords(path, VENUE, ({ text }) => {
      if (!read) {
        read = csvReader(text, COLUMNS, path)
        return { decoded: [] }
      }
      const { row } = read(text)
      const received = unixMs(Number(row('trade_time_ms')))
      return {
        decoded:
          received === undefined
            ? [{ type: 'refused', reason: `trade_time_ms ${row('trade_time_ms')} is no time in ms` }]
            : decodeRow(row, received, decode),
        received,
      }
    })
    return chunked(records, basename(path), context)
  },
}

function decodeRow(
  row: CsvRow,
  received: NonNullable<ReturnType<typeof unixMs>>,
  decode: ReturnType<ReturnType<typeof venue>['decoder']>,
): readonly (Decoded | Refused)[] {
  const average = row('average_price')
  const recorded = row('symbol_as_recorded') ?? ''
  const o = {
    s: QUOTED.test(recorded) && recorded !== 'BTC' ? recorded : `${recorded}USDT`,
    S: row('side'),
    o: row('order_type'),
    f: row('time_in_force'),
    q: row('original_quantity'),
    p: row('price'),
    ap: average ?? row('price'),
    X: row('order_status'),
    l: row('last_filled_quantity'),
    z: row('accumulated_filled_quantity') ?? row('original_quantity'),
    T: received,
  }
  const facts = decode({ received, text: JSON.stringify({ e: 'forceOrder', E: received, o }) })
  if (average !== undefined) return facts
  return facts.map((fact) =>
    fact.type === 'perp-liquidation'
      ? { ...fact, priceKind: 'limit' as const, flags: ['average-price-missing'] }
      : fact,
  )
}
