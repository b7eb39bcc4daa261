/** OKX v5: `liquidation-orders` by instrument type, at most one order per contract per second. https://www.okx.com/docs-v5/en/#public-data-websocket-liquidation-orders-channel */
import { coinOf, type Instrument, type Instruments, type InsuranceDraw } from '../model/index.ts'
import {
  type Closing,
  isoMillisOf,
  isRow,
  jsonOf,
  liquidationOf,
  listOf,
  millisOf,
  numberOf,
  piecesOf,
  polledFacts,
  positiveOf,
  type Row,
  refusal,
  rowsOf,
  textOf,
  tickerFacts,
  tickerFault,
} from './rows.ts'
import type { Connection, Control, Decoded, Decoder, Refused, SocketPlan, Venue, Want } from './venue.ts'

const PAGE = 'https://www.okx.com/docs-v5/en/#public-data-websocket-liquidation-orders-channel'
const DATA_PAGE = 'https://www.okx.com/docs-v5/en/#public-data'
const URL = 'wss://ws.okx.com:8443/ws/v5/public'
const REST = 'https://www.okx.com/api/v5/public'
const ABOUT_THE_CONNECTION: ReadonlySet<unknown> = new Set([
  'subscribe',
  'unsubscribe',
  'error',
  'notice',
  'login',
  'channel-conn-count',
  'channel-conn-count-error',
])
/** 480 subscriptions an hour and connection; topics of one request count one each. */
const FUNDING_TOPICS = 400
const TOPICS_A_REQUEST = 100

/** OKX as it speaks. The side is `posSide`, or the order's where that is `net`; the price is the bankruptcy price. */
export const okx: Venue = {
  id: 'okx',
  name: 'OKX',
  kind: 'cex',
  page: PAGE,
  accounts: false,
  coverage: [
    {
      channel: 'liquidations',
      since: undefined,
      policy: { kind: 'sampled', keep: 'unknown', perMs: 1_000, scope: 'symbol' },
      page: PAGE,
      note: 'At most one order per contract per second; which one is not said.',
    },
    ...polledFacts(DATA_PAGE, ['open-interest']),
    {
      channel: 'funding',
      since: undefined,
      policy: { kind: 'complete' },
      page: DATA_PAGE,
      note: 'Of the first 400 perpetuals listed.',
    },
    ...polledFacts(DATA_PAGE, ['mark']),
  ],
  metadata: ['SWAP', 'FUTURES'].map((type) => ({ url: `${REST}/instruments?instType=${type}`, parse: contracts })),
  plan,
  decoder: ({ instruments }) => decoderOf(instruments),
}

function plan({ channels, symbols, instruments }: Want): readonly Connection[] {
  const connections: Connection[] = []
  if (channels.includes('liquidations')) {
    const args = ['SWAP', 'FUTURES'].map((instType) => ({ channel: 'liquidation-orders', instType }))
    connections.push(
      socket('liquidations-1', ['liquidations'], [...args, { channel: 'adl-warning', instType: 'SWAP' }]),
    )
  }
  if (channels.includes('open-interest'))
    connections.push({
      kind: 'poll',
      name: 'open-interest-1',
      channels: ['open-interest'],
      url: `${REST}/open-interest?instType=SWAP`,
      everyMs: 60_000,
    })
  if (channels.includes('mark'))
    connections.push({
      kind: 'poll',
      name: 'marks-1',
      channels: ['mark'],
      url: `${REST}/mark-price?instType=SWAP`,
      everyMs: 60_000,
    })
  const perpetuals = (symbols ?? [...instruments.keys()])
    .filter((symbol) => symbol.endsWith('-SWAP'))
    .slice(0, FUNDING_TOPICS)
  if (channels.includes('funding') && perpetuals.length > 0)
    connections.push(
      socket(
        'funding-1',
        ['funding'],
        perpetuals.map((instId) => ({ channel: 'funding-rate', instId })),
      ),
    )
  return connections
}

function socket(name: string, channels: SocketPlan['channels'], topics: readonly object[]): SocketPlan {
  const subscribe = piecesOf(topics, TOPICS_A_REQUEST).map((args) => JSON.stringify({ op: 'subscribe', args }))
  return {
    kind: 'socket',
    name,
    channels,
    url: URL,
    subscribe,
    subscribeEveryMs: 400,
    ping: { everyMs: 20_000, send: { text: 'ping' } },
    deadAfterMs: 30_000,
    control,
  }
}

function control(text: string): Control | undefined {
  if (text === 'pong') return { kind: 'heartbeat' }
  if (!text.includes('"event"')) return undefined
  const frame = jsonOf(text)
  if (!isRow(frame)) return undefined
  if (frame.event === 'subscribe') return { kind: 'subscribed' }
  if (frame.event === 'error')
    return { kind: 'refused', why: `${String(frame.code ?? '')} ${String(frame.msg ?? '')}`.trim() }
  return frame.event === 'notice' || frame.event === 'channel-conn-count' ? { kind: 'heartbeat' } : undefined
}

function decoderOf(instruments: Instruments): Decoder {
  return ({ text, received }) => {
    if (text === 'pong') return []
    const frame = jsonOf(text)
    if (frame === undefined) return [refusal('not JSON', text)]
    if (!isRow(frame)) return [refusal('not an object', text)]
    if (ABOUT_THE_CONNECTION.has(frame.event)) return []
    const arg = isRow(frame.arg) ? frame.arg : undefined
    const channel = arg ? arg.channel : restChannel(frame)
    if (channel === 'liquidation-orders') return rowsOf(frame.data, frame, (row) => liquidations(row, instruments))
    if (channel === 'adl-warning') return rowsOf(frame.data, frame, insurance)
    if (channel === 'open-interest' || channel === 'funding-rate' || channel === 'mark-price')
      return rowsOf(frame.data, frame, (row) => ticker(row, received, instruments))
    if (channel === 'liquidations') return rowsOf(frame.data, frame, (row) => restLiquidation(arg, row, instruments))
    if (frame.table === 'futures/liquidation' || frame.table === 'swap/liquidation')
      return rowsOf(frame.data, frame, (row) => tableLiquidation(row, instruments))
    return [refusal(`unknown channel ${String(channel ?? frame.table)}`, frame)]
  }
}

/** The REST answers carry no channel: their first row tells. */
function restChannel({ code, data }: Row): string | undefined {
  if (code !== '0') return undefined
  const first = listOf(data)[0]
  if (!isRow(first)) return 'mark-price'
  return first.oi === undefined ? 'mark-price' : 'open-interest'
}

function liquidations(row: unknown, instruments: Instruments): (Decoded | Refused)[] {
  const symbol = isRow(row) ? symbolOf(row) : undefined
  if (!isRow(row) || symbol === undefined) return [refusal('no instrument', row)]
  const details = listOf(row.details)
  return details.length === 0
    ? [refusal('an order without details', row)]
    : details.map((detail) => liquidation(symbol, detail, instruments.get(symbol)))
}

/** Recorders of 2021 and 2022 asked REST for the rows and wrote them as a channel of this name, one contract each. */
function restLiquidation(arg: Row | undefined, row: unknown, instruments: Instruments): Decoded | Refused {
  const symbol = arg && symbolOf(arg)
  return symbol === undefined ? refusal('no instrument', row) : liquidation(symbol, row, instruments.get(symbol))
}

/** Before that (API v3, until 2021) as a table, whose price is the order's; type 3 closes a long, 4 a short. */
function tableLiquidation(row: unknown, instruments: Instruments): Decoded | Refused {
  const symbol = isRow(row) ? symbolOf({ instId: row.instrument_id }) : undefined
  if (!isRow(row) || symbol === undefined) return refusal('no instrument', row)
  if (row.type !== '3' && row.type !== '4') return refusal('no side', row)
  const side = row.type === '3' ? 'long' : 'short'
  const { created_at: at, size, price, type } = row
  const key = `v3|${symbol}|${at}|${size}|${price}|${type}`
  return closing(row, symbol, instruments.get(symbol), {
    side,
    size,
    price,
    priceKind: 'limit',
    time: isoMillisOf(at),
    key,
  })
}

function liquidation(symbol: string, row: unknown, listed: Instrument | undefined): Decoded | Refused {
  if (!isRow(row)) return refusal('not an object', row)
  const side = sideOf(row)
  if (side === undefined) return refusal('no side', row)
  const { sz: size, bkPx: price, ts } = row
  const key = `${symbol}|${ts}|${size}|${price}|${row.side}`
  return closing(row, symbol, listed, { side, size, price, priceKind: 'bankruptcy', time: millisOf(ts), key })
}

type Told = Pick<Closing, 'side' | 'priceKind' | 'time' | 'key'> & { readonly size: unknown; readonly price: unknown }

function closing(row: Row, symbol: string, listed: Instrument | undefined, told: Told): Decoded | Refused {
  const { side, priceKind, time, key } = told
  const contracts = positiveOf(told.size)
  const instrument = listed ?? unlisted(symbol)
  const fact = liquidationOf({
    row,
    instrument,
    side,
    units: contracts,
    contracts,
    price: positiveOf(told.price),
    priceKind,
    time,
    key,
  })
  if (listed || fact.type !== 'perp-liquidation') return fact
  // The size of a contract that is not listed is not known, and neither is what it is worth.
  const { usdBasis: _basis, ...known } = fact
  return { ...known, size: undefined, usd: undefined }
}

function sideOf({ posSide, side }: Row): 'long' | 'short' | undefined {
  if (posSide === 'long' || posSide === 'short') return posSide
  if (side === 'sell') return 'long'
  return side === 'buy' ? 'short' : undefined
}

/** `adl-warning`: the balance and state of an insurance fund. */
function insurance(row: unknown): Decoded | Refused {
  if (!isRow(row)) return refusal('not an object', row)
  const fund = textOf(row.instFamily) ?? textOf(row.instType)
  const time = millisOf(row.ts)
  const currency = textOf(row.ccy)
  if (fund === undefined || time === undefined || currency === undefined)
    return refusal('an insurance fund without name, currency or time', row)
  const fact: InsuranceDraw = {
    type: 'insurance-draw',
    fund,
    currency,
    balance: numberOf(row.bal),
    state: textOf(row.state),
  }
  return { ...fact, key: `adl-warning|${fund}|${row.ts}|${row.bal}|${row.state}`, time }
}

function ticker(
  row: unknown,
  received: Parameters<Decoder>[0]['received'],
  instruments: Instruments,
): (Decoded | Refused)[] {
  const symbol = isRow(row) ? symbolOf(row) : undefined
  if (!isRow(row) || symbol === undefined) return [refusal('no instrument', row)]
  const fault = tickerFault(row, { time: row.ts, mark: row.markPx, rate: row.fundingRate, open: row.oi })
  if (fault) return [fault]
  const listed = instruments.get(symbol)
  const instrument = listed ?? unlisted(symbol)
  const rate = numberOf(row.fundingRate)
  const next = millisOf(row.fundingTime)
  const after = millisOf(row.nextFundingTime)
  const intervalHours =
    next !== undefined && after !== undefined && after > next ? (after - next) / 3_600_000 : undefined
  const facts = tickerFacts({
    instrument,
    time: millisOf(row.ts),
    received,
    mark: positiveOf(row.markPx),
    funding: rate === undefined ? undefined : { rate, intervalHours, nextAt: next },
    open: numberOf(row.oi),
  })
  // Open interest says its own coins and dollars; they do not depend on our list.
  return facts.map((fact) =>
    fact.type === 'open-interest'
      ? { ...fact, contracts: numberOf(row.oi), size: numberOf(row.oiCcy), usd: numberOf(row.oiUsd) }
      : fact,
  )
}

/** The contract's name, when it names a coin and a quote: `BTC-USDT-SWAP`. */
function symbolOf({ instId }: Row): string | undefined {
  return typeof instId === 'string' && /^[^-]+-[^-]+/.test(instId) ? instId : undefined
}

function unlisted(symbol: string): Instrument {
  const [coin = symbol, pair = ''] = symbol.split('-')
  // `BTC-USD_UM-SWAP` is quoted in dollars but paid in stablecoins: linear.
  const [quote = ''] = pair.split('_')
  const inverse = pair === 'USD'
  return {
    symbol,
    coin: coinOf(coin),
    quote,
    settle: inverse ? coinOf(coin) : quote,
    payoff: inverse ? 'inverse' : 'linear',
    contractSize: 1,
  }
}

function contracts(text: string): readonly Instrument[] {
  const answer = jsonOf(text)
  return listOf(isRow(answer) ? answer.data : undefined).flatMap((row): Instrument[] => {
    const symbol = isRow(row) ? symbolOf(row) : undefined
    if (!isRow(row) || symbol === undefined) return []
    const value = positiveOf(row.ctVal)
    const { coin, quote } = unlisted(symbol)
    const multiplier = positiveOf(row.ctMult) ?? 1
    if (value === undefined) return []
    const payoff = row.ctType === 'inverse' ? 'inverse' : 'linear'
    return [
      {
        symbol,
        coin,
        quote,
        settle: textOf(row.settleCcy) ?? quote,
        payoff,
        contractSize: value * multiplier,
      },
    ]
  })
}
