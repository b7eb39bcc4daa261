/**
 * dYdX v4: the indexer's trades, `type: LIQUIDATED` closed by force, `DELEVERAGED` against profitable positions.
 * https://docs.dydx.xyz/indexer-client/websockets
 */
import { coinOf, type Instrument, type Instruments, type Side } from '../model/index.ts'
import {
  type Closing,
  deleveragingOf,
  isoMillisOf,
  isRow,
  jsonOf,
  liquidationOf,
  listOf,
  numberOf,
  piecesOf,
  positiveOf,
  refusal,
  textOf,
  tickerFacts,
} from './rows.ts'
import type { Connection, Control, Decoded, Decoder, Refused, SocketPlan, Venue, Want } from './venue.ts'

const PAGE = 'https://docs.dydx.xyz/indexer-client/websockets'
const URL = 'wss://indexer.dydx.trade/v4/ws'
/** The indexer takes this many subscriptions of one channel on a connection. */
const MARKETS_PER_SOCKET = 32

type Received = Parameters<Decoder>[0]['received']

/** dYdX v4 as its indexer speaks; sizes are coins, prices are dollars. */
export const dydx: Venue = {
  id: 'dydx',
  name: 'dYdX v4',
  kind: 'perp-dex',
  page: PAGE,
  accounts: false,
  coverage: [
    {
      channel: 'liquidations',
      since: undefined,
      policy: { kind: 'complete' },
      page: PAGE,
      note: 'Every trade is published; subscribing repeats the latest ones, which are recognised by their id.',
    },
    { channel: 'open-interest', since: undefined, policy: { kind: 'complete' }, page: PAGE },
    { channel: 'funding', since: undefined, policy: { kind: 'complete' }, page: PAGE },
    { channel: 'mark', since: undefined, policy: { kind: 'complete' }, page: PAGE, note: 'The oracle price.' },
  ],
  metadata: [{ url: 'https://indexer.dydx.trade/v4/perpetualMarkets', parse: contracts }],
  plan,
  decoder: ({ instruments }) => decoderOf(instruments),
}

function plan(want: Want): readonly Connection[] {
  const connections: Connection[] = []
  if (want.channels.includes('liquidations')) {
    const symbols = want.symbols ?? [...want.instruments.keys()]
    piecesOf(symbols, MARKETS_PER_SOCKET).forEach((piece, index) => {
      const subscribe = piece.map((id) => JSON.stringify({ type: 'subscribe', channel: 'v4_trades', id }))
      connections.push(socket(`liquidations-${index + 1}`, ['liquidations'], subscribe))
    })
  }
  const asked = want.channels.filter((each) => each === 'open-interest' || each === 'funding' || each === 'mark')
  if (asked.length > 0) {
    connections.push(socket('markets-1', asked, [JSON.stringify({ type: 'subscribe', channel: 'v4_markets' })]))
  }
  return connections
}

function socket(name: string, channels: SocketPlan['channels'], subscribe: readonly string[]): SocketPlan {
  return {
    kind: 'socket',
    name,
    channels,
    url: URL,
    subscribe,
    subscribeEveryMs: 250,
    // The server pings by protocol and cuts who does not answer within 10 s; our own ping shows a dead line in a calm market.
    ping: { everyMs: 20_000, send: 'protocol' },
    deadAfterMs: 60_000,
    control,
  }
}

function control(text: string): Control | undefined {
  const head = text.slice(0, 200)
  if (head.includes('"channel_data"') || head.includes('"channel_batch_data"')) return undefined
  const frame = jsonOf(text)
  if (!isRow(frame)) return undefined
  if (frame.type === 'subscribed') return { kind: 'subscribed' }
  if (frame.type === 'connected' || frame.type === 'pong') return { kind: 'heartbeat' }
  if (frame.type !== 'error') return undefined
  const why = String(frame.message ?? 'refused without a reason')
  return { kind: 'refused', why, harmless: /already subscribed/i.test(why) }
}

function decoderOf(instruments: Instruments): Decoder {
  return ({ text, received }) => {
    const frame = jsonOf(text)
    if (frame === undefined) return [refusal('not JSON', text)]
    if (!isRow(frame)) return [refusal('not an object', text)]
    if (frame.channel !== 'v4_trades' && frame.channel !== 'v4_markets') return []
    // A batched subscription sends a list of contents, a plain one a single object.
    const contents = Array.isArray(frame.contents) ? frame.contents : [frame.contents]
    return contents.flatMap((content) => {
      if (content === undefined) return []
      if (!isRow(content)) return [refusal('contents that are no object', frame)]
      if (frame.channel === 'v4_markets') return marketFacts(content, instruments, received)
      return listOf(content.trades).flatMap((row) => tradeFacts(row, frame.id, instruments))
    })
  }
}

function tradeFacts(row: unknown, market: unknown, instruments: Instruments): (Decoded | Refused)[] {
  if (!isRow(row)) return [refusal('a trade that is no object', row)]
  if (row.type !== 'LIQUIDATED' && row.type !== 'DELEVERAGED') return []
  const instrument = instrumentOf(market, instruments)
  if (instrument === undefined) return [refusal('a trade without a market', row)]
  if (row.side !== 'SELL' && row.side !== 'BUY') return [refusal('a trade without a side', row)]
  const id = textOf(row.id)
  if (id === undefined) return [refusal('a trade without an id', row)]
  // The taker is the account that is closed: a liquidated long sells.
  const closed: Side = row.side === 'SELL' ? 'long' : 'short'
  const closing: Closing = {
    row,
    instrument,
    side: closed,
    units: positiveOf(row.size),
    price: positiveOf(row.price),
    priceKind: 'fill',
    time: isoMillisOf(row.createdAt),
    key: `${instrument.symbol}|${id}`,
  }
  if (row.type === 'LIQUIDATED') return [liquidationOf(closing)]
  // Deleveraging closes the bankrupt account (whose side the indexer writes: `isBuy` = a short is closed) against an opposite,
  // profitable position, at the bankruptcy price: that position is the fact. A market's final settlement looks the same.
  return [deleveragingOf({ ...closing, side: closed === 'long' ? 'short' : 'long' })]
}

/** Markets come whole on subscribing (`markets`), later in parts: `trading` and `oraclePrices`. */
function marketFacts(
  content: Readonly<Record<string, unknown>>,
  instruments: Instruments,
  received: Received,
): (Decoded | Refused)[] {
  const facts: (Decoded | Refused)[] = []
  for (const part of [content.markets, content.trading, content.oraclePrices]) {
    if (!isRow(part)) continue
    for (const [name, row] of Object.entries(part)) {
      const instrument = instrumentOf(name, instruments)
      if (instrument === undefined || !isRow(row)) {
        facts.push(refusal('a market that cannot be read', { [name]: row }))
        continue
      }
      facts.push(
        ...tickerFacts({
          instrument,
          time: isoMillisOf(row.effectiveAt),
          received,
          mark: positiveOf(row.oraclePrice),
          funding: { rate: numberOf(row.nextFundingRate), intervalHours: 1 },
          open: numberOf(row.openInterest),
        }),
      )
    }
  }
  return facts
}

/** `BTC-USD`; permissionless markets may carry more, e.g. `NAME,RAYDIUM,ADDRESS-USD`, whose coin is the first part. */
function instrumentOf(market: unknown, instruments: Instruments): Instrument | undefined {
  if (typeof market !== 'string') return undefined
  const listed = instruments.get(market)
  if (listed !== undefined) return listed
  const coin = /^([^,-]+)(?:,[^-]*)?-USD$/.exec(market)?.[1]
  if (coin === undefined) return undefined
  return { symbol: market, coin: coinOf(coin), quote: 'USD', settle: 'USDC', payoff: 'linear', contractSize: 1 }
}

function contracts(text: string): readonly Instrument[] {
  const answer = jsonOf(text)
  const none: Instruments = new Map()
  if (!isRow(answer) || !isRow(answer.markets)) return []
  return Object.entries(answer.markets).flatMap(([name, row]) => {
    if (isRow(row) && row.status === 'FINAL_SETTLEMENT') return []
    return instrumentOf(name, none) ?? []
  })
}
