/** Bybit v5: `allLiquidation.{symbol}` (all orders since 2025-02-20) and the topic before it. https://bybit-exchange.github.io/docs/v5/websocket/public/all-liquidation */
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
  numberOf,
  polledFacts,
  positiveOf,
  type Row,
  refusal,
  rowsOf,
  textOf,
  tickerFacts,
  tickerFault,
} from './rows.ts'
import type { Connection, Control, Decoded, Decoder, PollPlan, Refused, SocketPlan, Venue, Want } from './venue.ts'

const PAGE = 'https://bybit-exchange.github.io/docs/v5/websocket/public/all-liquidation'
const OLD_PAGE = 'https://bybit-exchange.github.io/docs/v5/websocket/public/liquidation'
const TICKERS = 'https://bybit-exchange.github.io/docs/v5/market/tickers'
/** A request may hold 21,000 characters of topics. */
const TOPIC_CHARACTERS = 20_000

/** Bybit as it speaks. `S: Buy` means that a long position was closed; the price is the bankruptcy price. */
export const bybit: Venue = {
  id: 'bybit',
  name: 'Bybit',
  kind: 'cex',
  page: PAGE,
  accounts: false,
  coverage: [
    {
      channel: 'liquidations',
      since: undefined,
      policy: { kind: 'sampled', keep: 'unknown', perMs: 1_000, scope: 'symbol' },
      page: OLD_PAGE,
      note: 'At most one order per symbol per second.',
    },
    {
      channel: 'liquidations',
      since: '2025-02-20',
      policy: { kind: 'complete' },
      page: PAGE,
      note: 'Every order, in batches of 500 ms.',
    },
    ...polledFacts(TICKERS, ['open-interest', 'funding', 'mark']),
  ],
  metadata: ['linear', 'inverse'].map((category) => {
    const url = `https://api.bybit.com/v5/market/instruments-info?category=${category}&limit=1000`
    return { url, parse: contracts, next: (text: string) => pageAfter(url, text) }
  }),
  plan,
  decoder: ({ instruments }) => decoderOf(instruments),
}

function plan({ channels, symbols, instruments }: Want): readonly Connection[] {
  const connections: Connection[] = []
  // There is no wildcard: every symbol is a topic of its own.
  const wanted = symbols ?? [...instruments.keys()]
  const inverse = wanted.filter((symbol) => contractOf(symbol, instruments).payoff === 'inverse')
  const linear = wanted.filter((symbol) => !inverse.includes(symbol))
  if (channels.includes('liquidations')) {
    if (linear.length > 0) connections.push(socket('liquidations-linear', 'linear', linear))
    if (inverse.length > 0) connections.push(socket('liquidations-inverse', 'inverse', inverse))
  }
  const asked = channels.filter((channel) => channel === 'open-interest' || channel === 'funding' || channel === 'mark')
  if (asked.length > 0) for (const category of ['linear', 'inverse']) connections.push(poll(category, asked))
  return connections
}

function socket(name: string, category: string, symbols: readonly string[]): SocketPlan {
  const subscribe: string[] = []
  let topics: string[] = []
  let length = 0
  const cut = () => {
    if (topics.length > 0) subscribe.push(JSON.stringify({ op: 'subscribe', args: topics }))
    topics = []
    length = 0
  }
  for (const symbol of symbols) {
    const topic = `allLiquidation.${symbol}`
    if (length + topic.length + 3 > TOPIC_CHARACTERS) cut()
    topics.push(topic)
    length += topic.length + 3
  }
  cut()
  const ping = { everyMs: 20_000, send: { text: '{"op":"ping"}' } }
  return {
    kind: 'socket',
    name,
    channels: ['liquidations'],
    url: `wss://stream.bybit.com/v5/public/${category}`,
    subscribe,
    subscribeEveryMs: 250,
    ping,
    deadAfterMs: 45_000,
    control,
  }
}

function poll(category: string, channels: PollPlan['channels']): PollPlan {
  return {
    kind: 'poll',
    name: `tickers-${category}`,
    channels,
    url: `https://api.bybit.com/v5/market/tickers?category=${category}`,
    everyMs: 60_000,
  }
}

function control(text: string): Control | undefined {
  if (!text.includes('"op"') && !text.includes('"success"')) return undefined
  const frame = jsonOf(text)
  if (!isRow(frame) || frame.topic !== undefined) return undefined
  if (frame.ret_msg === 'pong' || frame.op === 'pong') return { kind: 'heartbeat' }
  if (frame.success === true) return { kind: 'subscribed' }
  if (frame.success !== false) return undefined
  const why = String(frame.ret_msg ?? 'refused without a reason')
  return { kind: 'refused', why, harmless: /already subscribed/i.test(why) }
}

function decoderOf(instruments: Instruments): Decoder {
  return ({ text, received }) => {
    const frame = jsonOf(text)
    if (frame === undefined) return [refusal('not JSON', text)]
    if (!isRow(frame)) return [refusal('not an object', text)]
    const topic = textOf(frame.topic)
    if (topic === undefined) {
      if (isRow(frame.result))
        return rowsOf(frame.result.list, frame, (row) => ticker(row, frame.time, received, instruments))
      return 'op' in frame || 'success' in frame ? [] : [refusal('neither topic nor answer', frame)]
    }
    if (topic.startsWith('allLiquidation')) return rowsOf(frame.data, frame, (row) => liquidation(row, instruments))
    if (topic.startsWith('liquidation'))
      return rowsOf(Array.isArray(frame.data) ? frame.data : [frame.data], frame, (row) =>
        oldLiquidation(row, instruments),
      )
    if (topic.startsWith('tickers.')) return ticker(frame.data, frame.ts, received, instruments)
    return [refusal(`unknown topic ${topic}`, frame)]
  }
}

function liquidation(row: unknown, instruments: Instruments): Decoded | Refused {
  if (!isRow(row)) return refusal('not an object', row)
  const symbol = textOf(row.s)
  if (symbol === undefined || (row.S !== 'Buy' && row.S !== 'Sell')) return refusal('no symbol or no side', row)
  const key = `${symbol}|${row.T}|${row.S}|${row.v}|${row.p}`
  return closing(row, symbol, row.S === 'Buy' ? 'long' : 'short', row.v, row.p, row.T, key, instruments)
}

/** The topic `liquidation.{symbol}` until 2025: `side` is the position's as well (recorded frames agree with the trades). */
function oldLiquidation(row: unknown, instruments: Instruments): Decoded | Refused {
  if (!isRow(row)) return refusal('not an object', row)
  const symbol = textOf(row.symbol)
  if (symbol === undefined || (row.side !== 'Buy' && row.side !== 'Sell')) return refusal('no symbol or no side', row)
  const time = row.updatedTime ?? row.time
  const key = `old|${symbol}|${time}|${row.side}|${row.size ?? row.qty}|${row.price}`
  return closing(
    row,
    symbol,
    row.side === 'Buy' ? 'long' : 'short',
    row.size ?? row.qty,
    row.price,
    time,
    key,
    instruments,
  )
}

function closing(
  row: Row,
  symbol: string,
  side: 'long' | 'short',
  size: unknown,
  price: unknown,
  time: unknown,
  key: string,
  instruments: Instruments,
): Decoded | Refused {
  const instrument = contractOf(symbol, instruments)
  const units = positiveOf(size)
  const contracts = instrument.payoff === 'inverse' ? units : undefined
  return liquidationOf({
    row,
    instrument,
    side,
    units,
    contracts,
    price: positiveOf(price),
    priceKind: 'bankruptcy',
    time: millisOf(time),
    key,
  })
}

/** A ticker, whole or only what changed; the REST list has the same words. */
function ticker(
  row: unknown,
  time: unknown,
  received: Parameters<Decoder>[0]['received'],
  instruments: Instruments,
): (Decoded | Refused)[] {
  if (!isRow(row)) return [refusal('not an object', row)]
  const symbol = textOf(row.symbol)
  if (symbol === undefined) return [refusal('a ticker without a symbol', row)]
  const fault = tickerFault(row, {
    ...{ time, mark: row.markPrice, index: row.indexPrice },
    ...{ rate: row.fundingRate, open: row.openInterest },
  })
  if (fault) return [fault]
  const nextAt = positiveOf(row.nextFundingTime) === undefined ? undefined : millisOf(row.nextFundingTime)
  const intervalHours = positiveOf(row.fundingIntervalHour) ?? defaultFundingHours(nextAt)
  const rate = numberOf(row.fundingRate)
  return tickerFacts({
    instrument: contractOf(symbol, instruments),
    time: millisOf(time),
    received,
    mark: positiveOf(row.markPrice),
    index: positiveOf(row.indexPrice),
    funding: rate === undefined ? undefined : { rate, intervalHours, nextAt },
    open: numberOf(row.openInterest),
  })
}

const INVERSE = /^([A-Z0-9]+)USD(?:[HMUZ]\d{2})?$/

function contractOf(symbol: string, instruments: Instruments): Instrument {
  const listed = instruments.get(symbol)
  if (listed) return listed
  const inverse = INVERSE.exec(symbol)
  if (inverse) return inverseContract(symbol, inverse[1] as string)
  const usdt = /^([A-Z0-9]+USDT)-\d{1,2}[A-Z]{3}\d{2}$/.exec(symbol)
  if (usdt) return { ...linearBySymbol(usdt[1] as string), symbol }
  // `BTCPERP` and `BTC-27JUN25` are paid in USDC.
  const usdc = /^([A-Z0-9]+?)(?:PERP|-\d{1,2}[A-Z]{3}\d{2})$/.exec(symbol)
  return usdc
    ? { symbol, coin: coinOf(usdc[1] as string), quote: 'USDC', settle: 'USDC', payoff: 'linear', contractSize: 1 }
    : linearBySymbol(symbol)
}

/** A page holds 1,000 contracts, and every one that is not listed would not be listened to. */
function pageAfter(url: string, text: string): string | undefined {
  const answer = jsonOf(text)
  const cursor = isRow(answer) && isRow(answer.result) ? textOf(answer.result.nextPageCursor) : undefined
  return cursor === undefined ? undefined : `${url}&cursor=${encodeURIComponent(cursor)}`
}

function contracts(text: string): readonly Instrument[] {
  const answer = jsonOf(text)
  const rows = isRow(answer) && isRow(answer.result) ? listOf(answer.result.list) : []
  return rows.flatMap((row): Instrument[] => {
    if (!isRow(row)) return []
    const [symbol, base, quote, settle] = [
      textOf(row.symbol),
      textOf(row.baseCoin),
      textOf(row.quoteCoin),
      textOf(row.settleCoin),
    ]
    if (symbol === undefined || base === undefined || quote === undefined) return []
    if (String(row.contractType).startsWith('Inverse')) return [inverseContract(symbol, base)]
    return [{ symbol, coin: coinOf(base), quote, settle: settle ?? quote, payoff: 'linear', contractSize: 1 }]
  })
}
