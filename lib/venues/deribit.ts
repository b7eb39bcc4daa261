/**
 * Deribit: every trade carries `liquidation` when it closed a position by force, on the maker's side (`M`), the taker's (`T`) or both (`MT`).
 * https://docs.deribit.com/#trades-kind-currency-interval
 */
import { coinOf, type Instrument, type Instruments, type Side } from '../model/index.ts'
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
import type { Connection, Control, Decoded, Decoder, Metadata, Refused, SocketPlan, Venue, Want } from './venue.ts'

const PAGE = 'https://docs.deribit.com/#trades-kind-currency-interval'
const URL = 'wss://www.deribit.com/ws/api/v2'
/** Currencies whose futures are listed; `future` holds perpetuals too. */
const CURRENCIES = ['BTC', 'ETH', 'USDC', 'USDT']
const HEARTBEAT_SECONDS = 30
/** Subscriptions in one request. */
const CHANNELS_PER_REQUEST = 100

/** Deribit as it speaks: `amount` is dollars on inverse contracts and coins on linear ones, so `contractSize` is 1 for both. */
export const deribit: Venue = {
  id: 'deribit',
  name: 'Deribit',
  kind: 'cex',
  page: PAGE,
  accounts: false,
  coverage: [
    {
      channel: 'liquidations',
      since: undefined,
      policy: { kind: 'complete' },
      page: PAGE,
      note: 'Futures and perpetuals. The flag is on the trades themselves; liquidated option positions are not counted.',
    },
    { channel: 'open-interest', since: undefined, policy: { kind: 'complete' }, page: PAGE },
    { channel: 'funding', since: undefined, policy: { kind: 'complete' }, page: PAGE },
    { channel: 'mark', since: undefined, policy: { kind: 'complete' }, page: PAGE },
  ],
  metadata: CURRENCIES.map(
    (currency): Metadata => ({
      url: `https://www.deribit.com/api/v2/public/get_instruments?currency=${currency}&kind=future&expired=false`,
      parse: contracts,
    }),
  ),
  plan,
  decoder: ({ instruments }) => decoderOf(instruments),
}

function plan(want: Want): readonly Connection[] {
  const connections: Connection[] = []
  if (want.channels.includes('liquidations')) {
    // A channel per currency, not `any`: a currency that is refused must not silence the others.
    connections.push(
      socket(
        'liquidations-1',
        ['liquidations'],
        CURRENCIES.map((currency) => `trades.future.${currency}.100ms`),
      ),
    )
  }
  const asked = want.channels.filter((each) => each === 'open-interest' || each === 'funding' || each === 'mark')
  const symbols = want.symbols ?? [...want.instruments.keys()]
  if (asked.length > 0 && symbols.length > 0) {
    connections.push(
      socket(
        'tickers-1',
        asked,
        symbols.map((symbol) => `ticker.${symbol}.agg2`),
      ),
    )
  }
  return connections
}

function socket(name: string, channels: SocketPlan['channels'], topics: readonly string[]): SocketPlan {
  const heartbeat = request(1, 'public/set_heartbeat', { interval: HEARTBEAT_SECONDS })
  const subscriptions = piecesOf(topics, CHANNELS_PER_REQUEST).map((piece, index) =>
    request(index + 2, 'public/subscribe', { channels: piece }),
  )
  return {
    kind: 'socket',
    name,
    channels,
    url: URL,
    subscribe: [heartbeat, ...subscriptions],
    subscribeEveryMs: 100,
    deadAfterMs: 2 * HEARTBEAT_SECONDS * 1_000,
    reply: (text) => (text.includes('"test_request"') ? request(0, 'public/test', {}) : undefined),
    control,
  }
}

function request(id: number, method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params })
}

function control(text: string): Control | undefined {
  if (text.includes('"method":"subscription"')) return undefined
  const frame = jsonOf(text)
  if (!isRow(frame)) return undefined
  if (frame.method === 'heartbeat') return { kind: 'heartbeat' }
  if (isRow(frame.error)) return { kind: 'refused', why: `${frame.error.code}: ${frame.error.message}` }
  if (Array.isArray(frame.result)) {
    return frame.result.length > 0 ? { kind: 'subscribed' } : { kind: 'refused', why: 'no channel was accepted' }
  }
  // The answers to set_heartbeat ("ok") and test ({version}).
  return frame.result === undefined ? undefined : { kind: 'heartbeat' }
}

function decoderOf(instruments: Instruments): Decoder {
  return ({ text, received }) => {
    const frame = jsonOf(text)
    if (frame === undefined) return [refusal('not JSON', text)]
    if (!isRow(frame)) return [refusal('not an object', text)]
    if (frame.method !== 'subscription') return []
    const { params } = frame
    const channel = isRow(params) ? textOf(params.channel) : undefined
    if (!isRow(params) || channel === undefined) return [refusal('a subscription without a channel', text)]
    if (channel.startsWith('trades.')) return listOf(params.data).flatMap((row) => tradeFacts(row, instruments))
    if (!channel.startsWith('ticker.') || !isRow(params.data)) return []
    const row = params.data
    const instrument = instrumentOf(row.instrument_name, instruments)
    if (instrument === undefined) return []
    return tickerFacts({
      instrument,
      time: millisOf(row.timestamp),
      received,
      mark: positiveOf(row.mark_price),
      index: positiveOf(row.index_price),
      // Funding accrues continuously; the rate in force is stated per eight hours.
      funding: { rate: numberOf(row.current_funding), intervalHours: 8 },
      open: numberOf(row.open_interest),
    })
  }
}

/** One trade: nothing without the flag; `MT` closed both parties, so it gives one liquidation for each. */
function tradeFacts(row: unknown, instruments: Instruments): (Decoded | Refused)[] {
  if (!isRow(row)) return [refusal('a trade that is no object', row)]
  const flag = row.liquidation
  if (flag === undefined || flag === null || flag === 'none') return []
  if (flag !== 'T' && flag !== 'M' && flag !== 'MT') return [refusal('an unknown liquidation flag', row)]
  const instrument = instrumentOf(row.instrument_name, instruments)
  if (instrument === undefined) return [refusal('no future or perpetual of Deribit', row)]
  if (row.direction !== 'buy' && row.direction !== 'sell') return [refusal('a trade without a direction', row)]
  // A liquidated taker who sells was long; the liquidated maker opposite stands on the other side.
  const taker: Side = row.direction === 'sell' ? 'long' : 'short'
  const maker: Side = taker === 'long' ? 'short' : 'long'
  const sides = flag === 'T' ? [taker] : flag === 'M' ? [maker] : [taker, maker]
  const trade = textOf(row.trade_id)
  if (trade === undefined) return [refusal('a trade without an id', row)]
  return sides.map((side) =>
    liquidationOf({
      row,
      instrument,
      side,
      units: positiveOf(row.amount),
      price: positiveOf(row.price),
      priceKind: 'fill',
      time: millisOf(row.timestamp),
      key: `${instrument.symbol}|${trade}|${side}`,
    }),
  )
}

/** `BTC-PERPETUAL`, `BTC-27MAR20` (inverse), `SOL_USDC-PERPETUAL` (linear); options and combinations give nothing. */
const FUTURE = /^([A-Z0-9]+)(?:_([A-Z]+))?-(?:PERPETUAL|\d{1,2}[A-Z]{3}\d{2})$/

function instrumentOf(name: unknown, instruments: Instruments): Instrument | undefined {
  if (typeof name !== 'string') return undefined
  const listed = instruments.get(name)
  // `amount` is in dollars or coins whatever the contract size says.
  if (listed !== undefined) return listed.contractSize === 1 ? listed : { ...listed, contractSize: 1 }
  const match = FUTURE.exec(name)
  if (!match) return undefined
  const coin = coinOf(match[1] as string)
  const quote = match[2]
  return quote === undefined
    ? { symbol: name, coin, quote: 'USD', settle: coin, payoff: 'inverse', contractSize: 1 }
    : { symbol: name, coin, quote, settle: quote, payoff: 'linear', contractSize: 1 }
}

function contracts(text: string): readonly Instrument[] {
  const answer = jsonOf(text)
  return listOf(isRow(answer) ? answer.result : undefined).flatMap((row) => contract(row))
}

function contract(row: unknown): Instrument[] {
  if (!isRow(row) || row.kind !== 'future') return []
  const symbol = textOf(row.instrument_name)
  const coin = textOf(row.base_currency)
  const quote = textOf((row as Row).quote_currency)
  if (symbol === undefined || coin === undefined || quote === undefined) return []
  const payoff = row.instrument_type === 'linear' ? 'linear' : 'inverse'
  const settle = textOf(row.settlement_currency) ?? (payoff === 'linear' ? quote : coin)
  return [{ symbol, coin: coinOf(coin), quote, settle, payoff, contractSize: 1 }]
}
