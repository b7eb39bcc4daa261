/** Gate futures: `futures.public_liquidates`, one order per contract and second until 2026-08-20, all of them since. https://www.gate.com/docs/developers/futures/ws/en/ */
import { coinOf, type Instrument, type Instruments, unixMsOfEither } from '../model/index.ts'
import {
  inverseContract,
  isRow,
  jsonOf,
  linearBySymbol,
  liquidationOf,
  listOf,
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

const PAGE = 'https://www.gate.com/docs/developers/futures/ws/en/#public-liquidates-order-api'
const TICKERS = 'https://www.gate.com/docs/developers/apiv4/en/#get-all-futures-trading-statistics'
/** Without it, sizes of contracts that trade in fractions are cut to whole numbers: 1.7 contracts are told as 1. */
const DECIMAL_SIZES = { 'X-Gate-Size-Decimal': '1' } as const
const SETTLES = ['usdt', 'btc'] as const

/** Gate as it speaks. What the sign of `size` means is not verified: the side stays unknown. */
export const gate: Venue = {
  id: 'gate',
  name: 'Gate',
  kind: 'cex',
  page: PAGE,
  accounts: false,
  coverage: [
    {
      channel: 'liquidations',
      since: undefined,
      policy: { kind: 'sampled', keep: 'unknown', perMs: 1_000, scope: 'symbol' },
      page: PAGE,
      note: 'At most one order per contract per second.',
    },
    {
      channel: 'liquidations',
      since: '2026-08-20',
      policy: { kind: 'complete' },
      page: PAGE,
      note: 'All orders, in batches. The sign of the size is not verified, so the side is unknown.',
    },
    ...polledFacts(TICKERS, ['open-interest', 'funding', 'mark']),
  ],
  metadata: SETTLES.map((settle) => ({
    url: `https://api.gateio.ws/api/v4/futures/${settle}/contracts`,
    parse: contracts,
  })),
  plan,
  decoder: ({ instruments }) => decoderOf(instruments),
}

function plan({ channels, symbols }: Want): readonly Connection[] {
  const asked = channels.filter(
    (channel): channel is 'open-interest' | 'funding' | 'mark' =>
      channel === 'open-interest' || channel === 'funding' || channel === 'mark',
  )
  return SETTLES.flatMap((settle): Connection[] => [
    ...(channels.includes('liquidations') ? socketsOf(settle, symbols) : []),
    ...(asked.length > 0 ? [poll(settle, asked)] : []),
  ])
}

/** One address per settlement currency: contracts paid in bitcoin are quoted in plain dollars (`BTC_USD`). */
function socketsOf(settle: (typeof SETTLES)[number], symbols: readonly string[] | undefined): SocketPlan[] {
  if (symbols === undefined) return [socket(settle, ['!all'])]
  const wanted = symbols.filter((symbol) => symbol.endsWith('_USD') === (settle === 'btc'))
  return wanted.length > 0 ? [socket(settle, wanted)] : []
}

function socket(settle: string, payload: readonly string[]): SocketPlan {
  // `time` is asked for by the venue but not checked against its clock.
  const subscribe = [JSON.stringify({ time: 0, channel: 'futures.public_liquidates', event: 'subscribe', payload })]
  return {
    kind: 'socket',
    name: `liquidations-${settle}`,
    channels: ['liquidations'],
    url: `wss://fx-ws.gateio.ws/v4/ws/${settle}`,
    headers: DECIMAL_SIZES,
    subscribe,
    subscribeEveryMs: 200,
    ping: { everyMs: 15_000, send: { text: '{"time":0,"channel":"futures.ping"}' } },
    deadAfterMs: 45_000,
    control,
  }
}

function poll(settle: string, channels: PollPlan['channels']): PollPlan {
  return {
    kind: 'poll',
    name: `tickers-${settle}`,
    channels,
    url: `https://api.gateio.ws/api/v4/futures/${settle}/tickers`,
    headers: DECIMAL_SIZES,
    everyMs: 60_000,
  }
}

function control(text: string): Control | undefined {
  if (!text.includes('"subscribe"') && !text.includes('futures.pong') && !text.includes('"error"')) return undefined
  const frame = jsonOf(text)
  if (!isRow(frame)) return undefined
  if (frame.channel === 'futures.pong') return { kind: 'heartbeat' }
  if (isRow(frame.error))
    return { kind: 'refused', why: String(frame.error.message ?? frame.error.code ?? 'refused without a reason') }
  return frame.event === 'subscribe' ? { kind: 'subscribed' } : undefined
}

function decoderOf(instruments: Instruments): Decoder {
  return ({ text, received }) => {
    const frame = jsonOf(text)
    if (frame === undefined) return [refusal('not JSON', text)]
    if (Array.isArray(frame)) return rowsOf(frame, text, (row) => ticker(row, undefined, received, instruments))
    if (!isRow(frame)) return [refusal('not an object', text)]
    if (frame.event === 'subscribe' || frame.event === 'unsubscribe' || frame.channel === 'futures.pong') return []
    if (frame.event !== 'update' && frame.event !== 'all')
      return [refusal(`unknown event ${String(frame.event)}`, frame)]
    const rows = Array.isArray(frame.result) ? frame.result : [frame.result]
    if (frame.channel === 'futures.public_liquidates' || frame.channel === 'futures.liquidates')
      return rowsOf(rows, frame, (row) => liquidation(row, instruments))
    if (frame.channel === 'futures.tickers')
      return rowsOf(rows, frame, (row) => ticker(row, frame, received, instruments))
    return [refusal(`unknown channel ${String(frame.channel)}`, frame)]
  }
}

function liquidation(row: unknown, instruments: Instruments): Decoded | Refused {
  if (!isRow(row)) return refusal('not an object', row)
  const symbol = textOf(row.contract)
  const signed = numberOf(row.size)
  if (symbol === undefined || signed === undefined) return refusal('no contract or no size', row)
  const listed = instruments.get(symbol)
  const contracts = Math.abs(signed)
  const time = timeOf(row)
  const price = positiveOf(row.price) ?? positiveOf(row.fill_price)
  const key = `${symbol}|${time}|${signed}|${row.price ?? row.fill_price}`
  const fact = liquidationOf({
    row,
    instrument: listed ?? unlisted(symbol),
    side: undefined,
    units: contracts,
    contracts,
    price,
    priceKind: 'fill',
    time,
    key,
  })
  if (listed || fact.type !== 'perp-liquidation') return fact
  // Contracts are worth a multiplier that only the list of contracts knows.
  const { usdBasis: _basis, ...known } = fact
  return { ...known, size: undefined, usd: undefined }
}

/** The old form has `time_ms`, or `time` in seconds; the new one `time` in milliseconds. */
function timeOf(row: Row): Decoded['time'] {
  const time = numberOf(row.time_ms) ?? numberOf(row.time)
  return time === undefined ? undefined : unixMsOfEither(time)
}

function ticker(
  row: unknown,
  frame: Row | undefined,
  received: Parameters<Decoder>[0]['received'],
  instruments: Instruments,
): (Decoded | Refused)[] {
  if (!isRow(row) || textOf(row.contract) === undefined) return [refusal('no contract', row)]
  const symbol = row.contract as string
  const time = frame && timeOf(frame)
  const fault = tickerFault(row, {
    ...{ mark: row.mark_price, index: row.index_price, rate: row.funding_rate, open: row.total_size },
    time: time ?? frame?.time_ms ?? frame?.time,
  })
  if (fault) return [fault]
  const listed = instruments.get(symbol)
  const rate = numberOf(row.funding_rate)
  return tickerFacts({
    instrument: listed ?? unlisted(symbol),
    time,
    received,
    mark: positiveOf(row.mark_price),
    index: positiveOf(row.index_price),
    // How often it is paid differs by contract: the stream's tickers say it, the REST ones do not.
    funding: rate === undefined ? undefined : { rate, ...scheduleOf(row) },
    open: listed ? numberOf(row.total_size) : undefined,
  })
}

/** Both in seconds. */
function scheduleOf({ funding_interval: interval, funding_next_apply: next }: Row) {
  const [seconds, at] = [positiveOf(interval), positiveOf(next)]
  return {
    intervalHours: seconds === undefined ? undefined : seconds / 3_600,
    nextAt: at === undefined ? undefined : unixMsOfEither(at),
  }
}

function unlisted(symbol: string): Instrument {
  const [coin = symbol, quote = ''] = symbol.split('_')
  return quote === 'USD' ? inverseContract(symbol, coin) : { ...linearBySymbol(symbol), coin: coinOf(coin) }
}

function contracts(text: string): readonly Instrument[] {
  return listOf(jsonOf(text)).flatMap((row): Instrument[] => {
    if (!isRow(row) || textOf(row.name) === undefined) return []
    const symbol = row.name as string
    const plain = unlisted(symbol)
    if (row.type === 'inverse') return [{ ...plain, contractSize: 1 }]
    const multiplier = positiveOf(row.quanto_multiplier)
    if (multiplier === undefined) return []
    // Quoted in dollars, paid in bitcoin, with a multiplier: bitcoins per point of price.
    if (plain.payoff === 'inverse') return [{ ...plain, settle: 'BTC', payoff: 'quanto', contractSize: multiplier }]
    return [{ ...plain, contractSize: multiplier }]
  })
}
