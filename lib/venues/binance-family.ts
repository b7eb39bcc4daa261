/** The `forceOrder` and `markPriceUpdate` shapes that Binance invented and Aster copied. */
import { coinOf, type Instrument, type Instruments } from '../model/index.ts'
import {
  defaultFundingHours,
  inverseContract,
  isRow,
  jsonOf,
  linearBySymbol,
  liquidationOf,
  listOf,
  millisOf,
  numbered,
  numberOf,
  positiveOf,
  type Row,
  refusal,
  textOf,
  tickerFacts,
  tickerFault,
} from './rows.ts'
import type { Control, Decoded, Decoder, PollPlan, Refused, SocketPlan, Want } from './venue.ts'

/** Which of the two contract families of the merged stream a venue of ours takes. */
export type Family = 'um' | 'cm'

/** Binance's mark for each family in the field `st` of the stream merged on 2026-06-30. */
const FAMILY_MARK: Readonly<Record<number, Family>> = { 1: 'um', 2: 'cm' }
/** Dated USD-M contracts of 2021 in BUSD look like coin-margined ones of a coin that ends in B. */
const DATED_BUSD = /^(?:BTC|ETH)BUSD_\d{6}$/
const COIN_MARGINED = /^([A-Z0-9]+)USD_(?:PERP|\d{6})$/

/** Decodes one family; frames of the other one are passed over, so that reading both never counts an order twice. */
export function binanceDecoder(family: Family, instruments: Instruments): Decoder {
  return ({ text, received }) => {
    const frame = jsonOf(text)
    if (frame === undefined) return [refusal('not JSON', text)]
    if (Array.isArray(frame)) return numbered(frame.flatMap((row) => facts(family, instruments, row, received)))
    if (!isRow(frame)) return [refusal('not an object', text)]
    const inner = isRow(frame.data) || Array.isArray(frame.data) ? frame.data : frame
    if (Array.isArray(inner)) return numbered(inner.flatMap((row) => facts(family, instruments, row, received)))
    return facts(family, instruments, inner, received)
  }
}

function facts(
  family: Family,
  instruments: Instruments,
  row: unknown,
  received: Parameters<Decoder>[0]['received'],
): (Decoded | Refused)[] {
  if (!isRow(row)) return [refusal('not an object', row)]
  if (row.e === 'forceOrder') return forceOrder(family, instruments, row)
  const price =
    row.e === 'markPriceUpdate'
      ? row
      : row.markPrice !== undefined && row.symbol !== undefined
        ? restMark(row)
        : undefined
  if (price) return markFacts(family, instruments, price, received)
  if (row.openInterest !== undefined && row.symbol !== undefined)
    return openInterest(family, instruments, row, received)
  // Acknowledgements carry `id`; anything else of this venue is news to us.
  return 'result' in row || 'id' in row || 'error' in row ? [] : [refusal(`unknown event ${String(row.e ?? '')}`, row)]
}

function forceOrder(family: Family, instruments: Instruments, frame: Row): (Decoded | Refused)[] {
  const order = frame.o
  if (!isRow(order)) return [refusal('forceOrder without an order', frame)]
  const symbol = textOf(order.s)
  if (symbol === undefined) return [refusal('an order without a symbol', frame)]
  if (familyOf(symbol, order.st ?? frame.st) !== family) return []
  if (order.S !== 'SELL' && order.S !== 'BUY') return [refusal('an order without a side', frame)]
  const instrument = contractOf(family, symbol, instruments)
  // `z` is all that was filled, `l` only the last part; `ap` is the fill, `p` the limit.
  const filled = positiveOf(order.z)
  return [
    liquidationOf({
      row: frame,
      instrument,
      side: order.S === 'SELL' ? 'long' : 'short',
      units: filled,
      contracts: family === 'cm' ? filled : undefined,
      price: positiveOf(order.ap),
      priceKind: 'fill',
      time: millisOf(order.T),
      key: `${symbol}|${order.T}|${order.S}|${order.z}|${order.ap}|${order.q}|${order.p}`,
    }),
  ]
}

/** `premiumIndex` of the REST interface, in the words of the stream. */
function restMark(row: Row): Row {
  return {
    s: row.symbol,
    p: row.markPrice,
    i: row.indexPrice,
    r: row.lastFundingRate,
    T: row.nextFundingTime,
    E: row.time,
  }
}

function markFacts(
  family: Family,
  instruments: Instruments,
  row: Row,
  received: Parameters<Decoder>[0]['received'],
): (Decoded | Refused)[] {
  const symbol = textOf(row.s)
  if (symbol === undefined) return [refusal('a mark without a symbol', row)]
  if (familyOf(symbol, row.st) !== family) return []
  const fault = tickerFault(row, { time: row.E, mark: row.p, index: row.i, rate: row.r })
  if (fault) return [fault]
  const nextAt = positiveOf(row.T) === undefined ? undefined : millisOf(row.T)
  return tickerFacts({
    instrument: contractOf(family, symbol, instruments),
    time: millisOf(row.E),
    received,
    mark: positiveOf(row.p),
    index: positiveOf(row.i),
    // Dated contracts have no funding: the venue writes an empty rate.
    funding:
      nextAt === undefined ? undefined : { rate: numberOf(row.r), intervalHours: defaultFundingHours(nextAt), nextAt },
  })
}

function openInterest(
  family: Family,
  instruments: Instruments,
  row: Row,
  received: Parameters<Decoder>[0]['received'],
): (Decoded | Refused)[] {
  const symbol = textOf(row.symbol)
  const open = numberOf(row.openInterest)
  if (symbol === undefined || open === undefined) return [refusal('open interest without a number', row)]
  const fault = tickerFault(row, { time: row.time, open })
  if (fault) return [fault]
  return tickerFacts({ instrument: contractOf(family, symbol, instruments), time: millisOf(row.time), received, open })
}

function familyOf(symbol: string, mark: unknown): Family {
  return FAMILY_MARK[Number(mark)] ?? (COIN_MARGINED.test(symbol) && !DATED_BUSD.test(symbol) ? 'cm' : 'um')
}

function contractOf(family: Family, symbol: string, instruments: Instruments): Instrument {
  const listed = instruments.get(symbol)
  if (listed) return listed
  if (family === 'um') return linearBySymbol(symbol)
  const coin = coinOf(COIN_MARGINED.exec(symbol)?.[1] ?? symbol)
  // Contract specifications: 100 dollars for bitcoin, 10 for every other coin.
  return inverseContract(symbol, coin, coin === 'BTC' ? 100 : 10)
}

/** A socket whose streams stand in its address: nothing to subscribe, the venue pings by protocol. */
export function streamSocket(name: string, channels: SocketPlan['channels'], url: string): SocketPlan {
  return {
    kind: 'socket',
    name,
    channels,
    url,
    subscribe: [],
    subscribeEveryMs: 200,
    cutAfterMs: 24 * 3_600_000,
    deadAfterMs: 12 * 60_000,
    ping: { everyMs: 120_000, send: 'protocol' },
    control,
  }
}

/** Open interest is asked symbol by symbol, once a minute and of this many at most. */
const MOST_OPEN_INTEREST = 40

/** One question a minute and symbol for its open interest. `rest` ends before `openInterest`. */
export function openInterestPolls(rest: string, symbols: readonly string[]): PollPlan[] {
  return symbols
    .slice(0, MOST_OPEN_INTEREST)
    .map((symbol) =>
      minutePoll(
        `open-interest-${symbol}`,
        ['open-interest'],
        `${rest}/openInterest?symbol=${encodeURIComponent(symbol)}`,
      ),
    )
}

/** One question a minute. */
export function minutePoll(name: string, channels: PollPlan['channels'], url: string): PollPlan {
  return { kind: 'poll', name, channels, url, everyMs: 60_000 }
}

/** The channels that `premiumIndex` answers, among those wanted. */
export function marksAmong(channels: Want['channels']): Want['channels'] {
  return channels.filter((channel) => channel === 'funding' || channel === 'mark')
}

function control(text: string): Control | undefined {
  if (
    !text.startsWith('{"result"') &&
    !text.startsWith('{"error"') &&
    !text.startsWith('{"id"') &&
    !text.startsWith('{"code"')
  )
    return undefined
  const frame = jsonOf(text)
  if (!isRow(frame)) return undefined
  if (frame.error !== undefined || frame.code !== undefined)
    return { kind: 'refused', why: JSON.stringify(frame.error ?? frame.msg ?? frame.code).slice(0, 200) }
  return frame.result === null ? { kind: 'subscribed' } : undefined
}

/** The contracts of `exchangeInfo`, USD-M or COIN-M. */
export function exchangeInfo(text: string): readonly Instrument[] {
  const answer = jsonOf(text)
  return listOf(isRow(answer) ? answer.symbols : undefined).flatMap((row): Instrument[] => {
    if (!isRow(row)) return []
    const [symbol, base, quote] = [textOf(row.symbol), textOf(row.baseAsset), textOf(row.quoteAsset)]
    if (symbol === undefined || base === undefined || quote === undefined) return []
    const size = positiveOf(row.contractSize)
    if (size !== undefined && COIN_MARGINED.test(symbol)) return [inverseContract(symbol, base, size)]
    return [
      {
        symbol,
        coin: coinOf(base),
        quote,
        settle: textOf(row.marginAsset) ?? quote,
        payoff: 'linear',
        contractSize: 1,
      },
    ]
  })
}
