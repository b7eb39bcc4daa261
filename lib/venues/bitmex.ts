/**
 * BitMEX, historical (closed 2026-09-23): the `liquidation` table, a row for every liquidation order in the book.
 * https://www.bitmex.com/app/wsAPI#Subscriptions
 */
import { coinOf, type Instrument, type Instruments } from '../model/index.ts'
import {
  isoMillisOf,
  isRow,
  jsonOf,
  liquidationOf,
  listOf,
  numberOf,
  positiveOf,
  type Row,
  refusal,
  textOf,
  tickerFacts,
} from './rows.ts'
import type { Decoded, Decoder, Refused, Venue } from './venue.ts'

const PAGE = 'https://www.bitmex.com/app/wsAPI#Subscriptions'
/** Units of the settlement currency in one coin of it. */
const SETTLE_UNITS: Readonly<Record<string, number>> = { XBt: 1e8, USDt: 1e6 }

/** BitMEX as it spoke. Its liquidation rows carry no time: the event stands at the time of receipt. */
export const bitmex: Venue = {
  id: 'bitmex',
  name: 'BitMEX',
  kind: 'cex',
  page: PAGE,
  accounts: false,
  ended: '2026-09-23',
  coverage: [
    {
      channel: 'liquidations',
      since: undefined,
      policy: { kind: 'complete' },
      page: PAGE,
      note: 'Orders as they enter the book; the price is the order’s limit, not its fill. The venue closed on 2026-09-23.',
    },
    { channel: 'open-interest', since: undefined, policy: { kind: 'complete' }, page: PAGE },
    { channel: 'funding', since: undefined, policy: { kind: 'complete' }, page: PAGE },
    { channel: 'mark', since: undefined, policy: { kind: 'complete' }, page: PAGE },
  ],
  // The address that listed the contracts is gone with the venue; recordings open with the instrument table.
  metadata: [],
  plan: () => [],
  decoder: ({ instruments }) => decoderOf(instruments),
}

function decoderOf(instruments: Instruments): Decoder {
  const learnt = new Map<string, Instrument>()
  const find = (symbol: unknown) =>
    typeof symbol === 'string' ? (instruments.get(symbol) ?? learnt.get(symbol) ?? bitcoinContract(symbol)) : undefined
  return ({ text, received }) => {
    const frame = jsonOf(text)
    if (frame === undefined) return [refusal('not JSON', text)]
    if (!isRow(frame)) return [refusal('not an object', text)]
    if (frame.table === 'liquidation') {
      // An update is the same order being filled or re-priced, a delete its end: neither is another liquidation.
      if (frame.action !== 'insert' && frame.action !== 'partial') return []
      return listOf(frame.data).flatMap((row) => liquidationFacts(row, find))
    }
    if (frame.table !== 'instrument') return []
    return listOf(frame.data).flatMap((row): readonly (Decoded | Refused)[] => {
      if (!isRow(row)) return [refusal('an instrument that is no object', row)]
      const contract = contractOf(row)
      if (contract !== undefined) learnt.set(contract.symbol, contract)
      const instrument = find(row.symbol)
      if (instrument === undefined) {
        const speaks = [row.markPrice, row.openInterest, row.fundingRate].some((value) => numberOf(value) !== undefined)
        return speaks ? [refusal('a contract whose terms are not known', row)] : []
      }
      return instrumentFacts(row, instrument, received)
    })
  }
}

function liquidationFacts(row: unknown, find: (symbol: unknown) => Instrument | undefined): (Decoded | Refused)[] {
  if (!isRow(row)) return [refusal('a row that is no object', row)]
  const order = textOf(row.orderID)
  if (order === undefined) return [refusal('a liquidation without an order id', row)]
  const instrument = find(row.symbol)
  if (instrument === undefined) return [refusal('a contract whose terms are not known', row)]
  if (row.side !== 'Buy' && row.side !== 'Sell') return [refusal('a liquidation without a side', row)]
  const contracts = positiveOf(row.leavesQty)
  return [
    liquidationOf({
      row,
      instrument,
      side: row.side === 'Sell' ? 'long' : 'short',
      units: contracts,
      contracts,
      price: positiveOf(row.price),
      priceKind: 'limit',
      time: undefined,
      timeless: true,
      key: order,
    }),
  ]
}

function instrumentFacts(row: Row, instrument: Instrument, received: Parameters<Decoder>[0]['received']): Decoded[] {
  return tickerFacts({
    instrument,
    time: isoMillisOf(row.timestamp),
    received,
    mark: positiveOf(row.markPrice),
    index: positiveOf(row.indicativeSettlePrice),
    funding: { rate: numberOf(row.fundingRate), intervalHours: 8, nextAt: isoMillisOf(row.fundingTimestamp) },
    open: numberOf(row.openInterest),
  })
}

/** The terms of a contract from a full row of the instrument table. */
function contractOf(row: Row): Instrument | undefined {
  const symbol = textOf(row.symbol)
  const underlying = textOf(row.underlying)
  const quote = textOf(row.quoteCurrency)
  const multiplier = numberOf(row.multiplier)
  if (symbol === undefined || underlying === undefined || quote === undefined || multiplier === undefined) {
    return undefined
  }
  const coin = coinOf(underlying)
  const settle = coinOf(textOf(row.settlCurrency) ?? '')
  const named = { symbol, coin, quote: coinOf(quote), settle }
  const units = SETTLE_UNITS[String(row.settlCurrency)]
  const size = units === undefined ? undefined : Math.abs(multiplier) / units
  if (size === undefined || !(size > 0)) return undefined
  if (row.isQuanto === true) return { ...named, payoff: 'quanto', contractSize: size }
  if (row.isInverse !== true) return { ...named, payoff: 'linear', contractSize: size }
  // An inverse contract is worth `multiplier` settle units at a price of one: 1e8 satoshi × 1/price = one dollar.
  return { ...named, payoff: 'inverse', contractSize: size }
}

/** The contracts whose terms follow from the name alone, by the venue's own specification: XBTUSD and dated XBT futures, one dollar each. */
function bitcoinContract(symbol: string): Instrument | undefined {
  if (!/^XBT(USD|[FGHJKMNQUVXZ]\d{2})$/.test(symbol)) return undefined
  return { symbol, coin: 'BTC', quote: 'USD', settle: 'BTC', payoff: 'inverse', contractSize: 1 }
}
