/**
 * Lighter: the trade channel of a market carries `liquidation_trades` with both account ids.
 * https://apidocs.lighter.xyz/docs/websocket-reference
 *
 * Who was closed: a liquidation is an order of the liquidated account that takes from the book, so the maker is the counterparty:
 * maker asks → the taker bought → a short was closed, and the account is the bid's. The positions before the trade prove it where
 * they are given: the party that is closed moves towards zero. Should they say the opposite (the taker grew its position), the maker
 * is the one who shrank; should neither shrink, the side stays unknown.
 */
import { coinOf, type Instrument, type Instruments, type Side, unixMsOfEither } from '../model/index.ts'
import {
  deleveragingOf,
  isRow,
  jsonOf,
  liquidationOf,
  listOf,
  numberOf,
  piecesOf,
  positiveOf,
  type Row,
  refusal,
  textOf,
  tickerFacts,
} from './rows.ts'
import type { Connection, Control, Decoded, Decoder, Refused, SocketPlan, Venue, Want } from './venue.ts'

const PAGE = 'https://apidocs.lighter.xyz/docs/websocket-reference'
const URL = 'wss://mainnet.zklighter.elliot.ai/stream?readonly=true'
/** The venue takes 100 subscriptions on a connection. */
const MARKETS_PER_SOCKET = 90
const PING = JSON.stringify({ type: 'ping' })
const PONG = JSON.stringify({ type: 'pong' })

/** Lighter as it speaks. Its frames name markets by number, so that number is the symbol of its instruments. */
export const lighter: Venue = {
  id: 'lighter',
  name: 'Lighter',
  kind: 'perp-dex',
  page: PAGE,
  accounts: true,
  coverage: [
    { channel: 'liquidations', since: undefined, policy: { kind: 'complete' }, page: PAGE },
    { channel: 'open-interest', since: undefined, policy: { kind: 'complete' }, page: PAGE },
    { channel: 'funding', since: undefined, policy: { kind: 'complete' }, page: PAGE },
    { channel: 'mark', since: undefined, policy: { kind: 'complete' }, page: PAGE },
  ],
  metadata: [{ url: 'https://mainnet.zklighter.elliot.ai/api/v1/orderBookDetails', parse: contracts }],
  plan,
  decoder: ({ instruments }) => decoderOf(instruments),
}

function plan(want: Want): readonly Connection[] {
  const connections: Connection[] = []
  if (want.channels.includes('liquidations')) {
    const symbols = want.symbols ?? [...want.instruments.keys()]
    piecesOf(symbols, MARKETS_PER_SOCKET).forEach((piece, index) => {
      const topics = piece.map((market) => `trade/${market}`)
      connections.push(socket(`liquidations-${index + 1}`, ['liquidations'], topics))
    })
  }
  const asked = want.channels.filter((each) => each === 'open-interest' || each === 'funding' || each === 'mark')
  if (asked.length > 0) connections.push(socket('markets-1', asked, ['market_stats/all']))
  return connections
}

function socket(name: string, channels: SocketPlan['channels'], topics: readonly string[]): SocketPlan {
  return {
    kind: 'socket',
    name,
    channels,
    url: URL,
    subscribe: topics.map((channel) => JSON.stringify({ type: 'subscribe', channel })),
    // 200 messages a minute are allowed.
    subscribeEveryMs: 350,
    // The venue cuts connections that send nothing for two minutes.
    ping: { everyMs: 30_000, send: { text: PING } },
    deadAfterMs: 75_000,
    reply: (text) => (text.length < 100 && text.includes('"ping"') ? PONG : undefined),
    control,
  }
}

function control(text: string): Control | undefined {
  const head = text.slice(0, 200)
  if (head.includes('"update/')) return undefined
  if (head.includes('"subscribed/')) return { kind: 'subscribed' }
  const frame = text.length < 2_000 ? jsonOf(text) : undefined
  if (!isRow(frame)) return undefined
  if (frame.type === 'ping' || frame.type === 'pong' || frame.type === 'connected') return { kind: 'heartbeat' }
  if (isRow(frame.error)) {
    const why = `${frame.error.code}: ${frame.error.message}`
    return { kind: 'refused', why, harmless: /already subscribed/i.test(why) }
  }
  return undefined
}

function decoderOf(instruments: Instruments): Decoder {
  return ({ text, received }) => {
    const frame = jsonOf(text)
    if (frame === undefined) return [refusal('not JSON', text)]
    if (!isRow(frame)) return [refusal('not an object', text)]
    const type = frame.type
    if (type === 'update/trade' || type === 'subscribed/trade') {
      return listOf(frame.liquidation_trades).flatMap((row) => tradeFacts(row, instruments))
    }
    if (type !== 'update/market_stats' && type !== 'subscribed/market_stats') return []
    if (!isRow(frame.market_stats)) return [refusal('market_stats without markets', frame)]
    // One market's channel sends its row itself, `market_stats/all` a row for each market.
    const stats = frame.market_stats
    const rows = stats.market_id === undefined ? Object.values(stats) : [stats]
    const at = numberOf(frame.timestamp)
    return rows.flatMap((row): readonly (Decoded | Refused)[] => {
      const instrument = isRow(row) ? instrumentOf(row.market_id, instruments, row.symbol) : undefined
      if (!isRow(row) || instrument === undefined) return [refusal('a market that cannot be read', row)]
      return statsFacts(row, instrument, at === undefined ? undefined : unixMsOfEither(at), received)
    })
  }
}

function statsFacts(
  row: Row,
  instrument: Instrument,
  time: ReturnType<typeof unixMsOfEither>,
  received: Parameters<Decoder>[0]['received'],
): Decoded[] {
  const percent = numberOf(row.current_funding_rate)
  // The rate is per cent an hour: 0.0012 is the usual 0.01 % per eight hours; as a fraction it would be 1,000 % a year.
  const funding = { rate: percent === undefined ? undefined : percent / 100, intervalHours: 1 }
  const mark = positiveOf(row.mark_price)
  const facts = tickerFacts({ instrument, time, received, mark, index: positiveOf(row.index_price), funding })
  const usd = numberOf(row.open_interest)
  if (usd !== undefined && usd >= 0) {
    // Stated in dollars; coins would need the price it was valued at.
    const { symbol, coin } = instrument
    const key = `oi|${symbol}|${time ?? `received ${received}`}`
    facts.push({ type: 'open-interest', instrument: symbol, coin, size: undefined, usd, time, key })
  }
  return facts
}

function tradeFacts(row: unknown, instruments: Instruments): (Decoded | Refused)[] {
  if (!isRow(row)) return [refusal('a trade that is no object', row)]
  if (row.type !== 'liquidation' && row.type !== 'deleverage') return []
  const instrument = instrumentOf(row.market_id, instruments, undefined)
  if (instrument === undefined) return [refusal('a market that is not in the list of contracts', row)]
  const id = textOf(row.trade_id_str) ?? numberOf(row.trade_id)
  if (id === undefined) return [refusal('a trade without an id', row)]
  if (typeof row.is_maker_ask !== 'boolean') return [refusal('a trade without is_maker_ask', row)]
  const at = numberOf(row.timestamp)
  const closing = {
    row,
    instrument,
    units: positiveOf(row.size),
    price: positiveOf(row.price),
    priceKind: 'fill' as const,
    time: at === undefined ? undefined : unixMsOfEither(at),
    key: String(id),
  }
  // The page does not say which party of a deleveraging was the profitable one.
  if (row.type === 'deleverage') return [reported(deleveragingOf({ ...closing, side: undefined }), row)]
  const side = closedSide(row)
  const account = side === undefined ? undefined : numberOf(side === 'short' ? row.bid_account_id : row.ask_account_id)
  const flags = side === undefined ? ['side-contradicted'] : undefined
  return [
    reported(
      liquidationOf({ ...closing, side, account: account === undefined ? undefined : String(account), flags }),
      row,
    ),
  ]
}

/** The side that was closed: the taker's, unless the positions before the trade say that the maker shrank instead. */
function closedSide(row: Row): Side | undefined {
  const taker: Side = row.is_maker_ask === true ? 'short' : 'long'
  const maker: Side = taker === 'short' ? 'long' : 'short'
  const before = numberOf(row.taker_position_size_before)
  if (before === undefined || shrinks(before, taker)) return taker
  return shrinks(numberOf(row.maker_position_size_before) ?? 0, maker) ? maker : undefined
}

/** True when closing `side` moves a signed position towards zero. */
function shrinks(before: number, side: Side): boolean {
  return side === 'short' ? before < 0 : before > 0
}

/** Puts the venue's own dollar value in the place of size × price. */
function reported(fact: Decoded | Refused, row: Row): Decoded | Refused {
  const usd = positiveOf(row.usd_amount)
  if (usd === undefined || (fact.type !== 'perp-liquidation' && fact.type !== 'auto-deleveraging')) return fact
  return { ...fact, usd, usdBasis: 'reported' }
}

/** Markets are numbered; the number alone does not say which coin it is. */
function instrumentOf(market: unknown, instruments: Instruments, name: unknown): Instrument | undefined {
  if (typeof market !== 'number' && typeof market !== 'string') return undefined
  const symbol = String(market)
  const listed = instruments.get(symbol)
  if (listed !== undefined) return listed
  const coin = textOf(name)
  if (coin === undefined) return undefined
  return { symbol, coin: coinOf(coin), quote: 'USD', settle: 'USDC', payoff: 'linear', contractSize: 1 }
}

function contracts(text: string): readonly Instrument[] {
  const answer = jsonOf(text)
  const none: Instruments = new Map()
  return listOf(isRow(answer) ? answer.order_book_details : undefined).flatMap((row) =>
    isRow(row) ? (instrumentOf(row.market_id, none, row.symbol) ?? []) : [],
  )
}
