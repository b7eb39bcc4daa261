/**
 * Kraken Futures: trades of `type: liquidation`; the side is the taker's, and the taker is the one who is closed.
 * https://docs.kraken.com/api/docs/futures-api/websocket/trade
 */
import { coinOf, type Instrument, type Instruments } from '../model/index.ts'
import {
  isRow,
  jsonOf,
  liquidationOf,
  listOf,
  millisOf,
  numberOf,
  piecesOf,
  positiveOf,
  type Row,
  refusal,
  textOf,
  tickerFacts,
} from './rows.ts'
import type { Connection, Control, Decoded, Decoder, Refused, SocketPlan, Venue, Want } from './venue.ts'

const PAGE = 'https://docs.kraken.com/api/docs/futures-api/websocket/trade'
const TICKER_PAGE = 'https://docs.kraken.com/api/docs/futures-api/websocket/ticker'
const URL = 'wss://futures.kraken.com/ws/v1'
const PRODUCTS_PER_REQUEST = 100

/** Kraken Futures as it speaks. `PI_`/`FI_` contracts are dollars, paid in the coin; `PF_`/`FF_` contracts are coins. */
export const kraken: Venue = {
  id: 'kraken',
  name: 'Kraken Futures',
  kind: 'cex',
  page: PAGE,
  accounts: false,
  coverage: [
    {
      channel: 'liquidations',
      since: undefined,
      policy: { kind: 'complete' },
      page: PAGE,
      note: 'Trades of type liquidation. Assignments and terminations, which close what the book could not, are other types and not counted.',
    },
    { channel: 'open-interest', since: undefined, policy: { kind: 'complete' }, page: TICKER_PAGE },
    { channel: 'funding', since: undefined, policy: { kind: 'complete' }, page: TICKER_PAGE },
    { channel: 'mark', since: undefined, policy: { kind: 'complete' }, page: TICKER_PAGE },
  ],
  metadata: [{ url: 'https://futures.kraken.com/derivatives/api/v3/instruments', parse: contracts }],
  plan,
  decoder: ({ instruments }) => decoderOf(instruments),
}

function plan(want: Want): readonly Connection[] {
  // There is no wildcard: without a list of contracts there is nothing to ask for.
  const symbols = want.symbols ?? [...want.instruments.keys()]
  if (symbols.length === 0) return []
  const connections: Connection[] = []
  if (want.channels.includes('liquidations')) {
    connections.push(socket('liquidations-1', ['liquidations'], 'trade', symbols))
  }
  const asked = want.channels.filter((each) => each === 'open-interest' || each === 'funding' || each === 'mark')
  if (asked.length > 0) connections.push(socket('tickers-1', asked, 'ticker', symbols))
  return connections
}

function socket(name: string, channels: SocketPlan['channels'], feed: string, symbols: readonly string[]): SocketPlan {
  const subscriptions = piecesOf(symbols, PRODUCTS_PER_REQUEST).map((piece) =>
    JSON.stringify({ event: 'subscribe', feed, product_ids: piece }),
  )
  return {
    kind: 'socket',
    name,
    channels,
    url: URL,
    // The heartbeat feed makes silence visible in a calm market.
    subscribe: [JSON.stringify({ event: 'subscribe', feed: 'heartbeat' }), ...subscriptions],
    subscribeEveryMs: 100,
    // The venue closes a connection without a ping for 60 s.
    ping: { everyMs: 30_000, send: 'protocol' },
    deadAfterMs: 60_000,
    control,
  }
}

function control(text: string): Control | undefined {
  if (!text.includes('"event"') && !text.includes('"heartbeat"')) return undefined
  const frame = jsonOf(text)
  if (!isRow(frame)) return undefined
  if (frame.feed === 'heartbeat' && frame.event === undefined) return { kind: 'heartbeat' }
  if (frame.event === 'subscribed') return { kind: 'subscribed' }
  if (frame.event === 'info' || frame.event === 'pong') return { kind: 'heartbeat' }
  if (frame.event === 'alert' || frame.event === 'error') {
    const why = String(frame.message ?? 'refused without a reason')
    return { kind: 'refused', why, harmless: /already subscribed/i.test(why) }
  }
  return undefined
}

function decoderOf(instruments: Instruments): Decoder {
  return ({ text, received }) => {
    const frame = jsonOf(text)
    if (frame === undefined) return [refusal('not JSON', text)]
    if (!isRow(frame)) return [refusal('not an object', text)]
    if (frame.event !== undefined) return []
    // `trade_snapshot` repeats history from before we listened, without saying how much of it: it is left out.
    if (frame.feed === 'trade') return tradeFacts(frame, instruments)
    if (frame.feed !== 'ticker') return []
    const instrument = instrumentOf(frame.product_id, instruments)
    if (instrument === undefined) return [refusal('no contract of Kraken Futures', frame)]
    return tickerFacts({
      instrument,
      time: millisOf(frame.time),
      received,
      mark: positiveOf(frame.markPrice),
      index: positiveOf(frame.index),
      // `funding_rate` is dollars per contract; only the relative rate is a fraction, and it is hourly.
      funding: {
        rate: numberOf(frame.relative_funding_rate),
        intervalHours: 1,
        nextAt: millisOf(frame.next_funding_rate_time),
      },
      open: numberOf(frame.openInterest),
    })
  }
}

function tradeFacts(row: Row, instruments: Instruments): (Decoded | Refused)[] {
  if (row.type !== 'liquidation') return []
  const instrument = instrumentOf(row.product_id, instruments)
  if (instrument === undefined) return [refusal('no contract of Kraken Futures', row)]
  const id = textOf(row.uid)
  if (id === undefined) return [refusal('a trade without an id', row)]
  if (row.side !== 'sell' && row.side !== 'buy') return [refusal('a trade without a side', row)]
  const contracts = positiveOf(row.qty)
  return [
    liquidationOf({
      row,
      instrument,
      side: row.side === 'sell' ? 'long' : 'short',
      units: contracts,
      contracts,
      price: positiveOf(row.price),
      priceKind: 'fill',
      time: millisOf(row.time),
      key: `${instrument.symbol}|${id}`,
    }),
  ]
}

/** `PI_XBTUSD` (inverse perpetual), `FI_XBTUSD_200925` (inverse future), `PF_SOLUSD` and `FF_…` (linear). */
const CONTRACT = /^([PF])([IF])_([A-Z0-9]+)(USD)(?:_\d{6})?$/

function instrumentOf(name: unknown, instruments: Instruments): Instrument | undefined {
  if (typeof name !== 'string') return undefined
  const listed = instruments.get(name)
  if (listed !== undefined) return listed
  const match = CONTRACT.exec(name)
  if (!match) return undefined
  const coin = coinOf(match[3] as string)
  return match[2] === 'I'
    ? { symbol: name, coin, quote: 'USD', settle: coin, payoff: 'inverse', contractSize: 1 }
    : { symbol: name, coin, quote: 'USD', settle: 'USD', payoff: 'linear', contractSize: 1 }
}

function contracts(text: string): readonly Instrument[] {
  const answer = jsonOf(text)
  const none: Instruments = new Map()
  return listOf(isRow(answer) ? answer.instruments : undefined).flatMap((row) => {
    if (!isRow(row) || row.tradeable === false) return []
    const instrument = instrumentOf(row.symbol, none)
    const contractSize = positiveOf(row.contractSize)
    return instrument === undefined ? [] : [{ ...instrument, contractSize: contractSize ?? instrument.contractSize }]
  })
}
