/**
 * Bitfinex derivatives: the `liq:global` status channel, one frame when a position is taken over and more as it is sold.
 * https://docs.bitfinex.com/reference/ws-public-status
 */
import { coinOf, type Instrument, type Instruments } from '../model/index.ts'
import { isRow, jsonOf, liquidationOf, listOf, millisOf, numberOf, positiveOf, refusal, tickerFacts } from './rows.ts'
import type { Connection, Control, Decoded, Decoder, Refused, SocketPlan, Venue, Want } from './venue.ts'

const PAGE = 'https://docs.bitfinex.com/reference/ws-public-status'
const STATUS_PAGE = 'https://docs.bitfinex.com/reference/rest-public-derivatives-status'
/** Bitfinex writes Tether as UST. */
const CURRENCIES: Readonly<Record<string, string>> = { UST: 'USDT' }

/** Bitfinex as it speaks. */
export const bitfinex: Venue = {
  id: 'bitfinex',
  name: 'Bitfinex',
  kind: 'cex',
  page: PAGE,
  accounts: false,
  coverage: [
    {
      channel: 'liquidations',
      since: undefined,
      policy: { kind: 'complete' },
      page: PAGE,
      note: 'Counted once, at the first trigger (IS_MATCH 0). The price is the entry price of the position, not a fill.',
    },
    { channel: 'open-interest', since: undefined, policy: { kind: 'complete' }, page: STATUS_PAGE },
    { channel: 'funding', since: undefined, policy: { kind: 'complete' }, page: STATUS_PAGE },
    { channel: 'mark', since: undefined, policy: { kind: 'complete' }, page: STATUS_PAGE },
  ],
  metadata: [{ url: 'https://api-pub.bitfinex.com/v2/conf/pub:list:pair:futures', parse: contracts }],
  plan,
  decoder: ({ instruments }) => decoderOf(instruments),
}

function plan(want: Want): readonly Connection[] {
  const connections: Connection[] = []
  if (want.channels.includes('liquidations')) connections.push(liquidations)
  const asked = want.channels.filter((each) => each === 'open-interest' || each === 'funding' || each === 'mark')
  if (asked.length > 0) {
    // One answer for all contracts, each row with its symbol: on the socket the symbol is only in the acknowledgement.
    const url = 'https://api-pub.bitfinex.com/v2/status/deriv?keys=ALL'
    connections.push({ kind: 'poll', name: 'status-1', channels: asked, url, everyMs: 60_000 })
  }
  return connections
}

const liquidations: SocketPlan = {
  kind: 'socket',
  name: 'liquidations-1',
  channels: ['liquidations'],
  url: 'wss://api-pub.bitfinex.com/ws/2',
  subscribe: [JSON.stringify({ event: 'subscribe', channel: 'status', key: 'liq:global' })],
  subscribeEveryMs: 100,
  // The venue sends `hb` on every silent channel each 15 s.
  ping: { everyMs: 15_000, send: { text: JSON.stringify({ event: 'ping' }) } },
  deadAfterMs: 45_000,
  control: (text): Control | undefined => {
    if (text.includes('"hb"')) return { kind: 'heartbeat' }
    if (!text.startsWith('{')) return undefined
    const frame = jsonOf(text)
    if (!isRow(frame)) return undefined
    if (frame.event === 'subscribed') return { kind: 'subscribed' }
    if (frame.event === 'error') {
      // 10301: already subscribed.
      return { kind: 'refused', why: `${frame.code}: ${frame.msg}`, harmless: frame.code === 10_301 }
    }
    return { kind: 'heartbeat' }
  },
}

function decoderOf(instruments: Instruments): Decoder {
  const keys = new Map<unknown, string>()
  return ({ text, received }) => {
    const frame = jsonOf(text)
    if (frame === undefined) return [refusal('not JSON', text)]
    if (isRow(frame)) {
      // Channel ids are dealt anew on every connection; the acknowledgement is the only place that names them.
      if (frame.event === 'subscribed' && typeof frame.key === 'string') keys.set(frame.chanId, frame.key)
      return []
    }
    if (!Array.isArray(frame)) return [refusal('neither an object nor a list', text)]
    if (frame.length === 0 || frame[1] === 'hb') return []
    if (Array.isArray(frame[0])) {
      return frame.flatMap((row) => statusFacts(listOf(row).slice(1), listOf(row)[0], instruments, received, row))
    }
    const body: unknown = frame[1]
    if (!Array.isArray(body)) return []
    if (body.length > 0 && body.every(Array.isArray)) {
      return body.flatMap((row) => liquidationFacts(row, instruments))
    }
    // Some recorders append the channel and its key to the frame.
    const key = keys.get(frame[0])?.replace(/^deriv:/, '') ?? (frame[4] === 'status' ? `t${frame[5]}` : undefined)
    if (key === undefined) return [refusal('a status of an unknown channel', text)]
    return statusFacts(body, key, instruments, received, body)
  }
}

function liquidationFacts(row: unknown[], instruments: Instruments): (Decoded | Refused)[] {
  if (row[0] !== 'pos') return [refusal('a liquidation row that is no position', row)]
  // IS_MATCH 1 rows are the market orders that sell a position already counted at its trigger.
  if (row[8] === 1) return []
  if (row[8] !== 0) return [refusal('a liquidation without IS_MATCH', row)]
  const instrument = instrumentOf(row[4], instruments)
  if (instrument === undefined) return [refusal('a liquidation without a symbol', row)]
  const amount = numberOf(row[5])
  const id = numberOf(row[1])
  const time = millisOf(row[2])
  return [
    liquidationOf({
      row,
      instrument,
      side: amount !== undefined && amount < 0 ? 'short' : 'long',
      units: amount === undefined ? undefined : Math.abs(amount),
      price: positiveOf(row[6]),
      priceKind: 'entry',
      time,
      // A position may be liquidated again after it grew, so its id alone is not enough.
      key: `${id}|${instrument.symbol}|${time}|${amount}`,
    }),
  ]
}

/** A derivative's status: 0 time, 2 last, 3 spot, 7 next funding, 11 current funding, 14 mark, 17 open interest in coins. */
function statusFacts(
  row: readonly unknown[],
  key: unknown,
  instruments: Instruments,
  received: Parameters<Decoder>[0]['received'],
  part: unknown,
): (Decoded | Refused)[] {
  const instrument = instrumentOf(key, instruments)
  if (instrument === undefined) return [refusal('a status without a symbol', part)]
  return tickerFacts({
    instrument,
    time: millisOf(row[0]),
    received,
    mark: positiveOf(row[14]),
    index: positiveOf(row[3]),
    funding: { rate: numberOf(row[11]), intervalHours: 8, nextAt: millisOf(row[7]) },
    open: numberOf(row[17]),
  })
}

/** `tBTCF0:USTF0`; every derivative of the venue is linear and counted in coins. */
function instrumentOf(key: unknown, instruments: Instruments): Instrument | undefined {
  if (typeof key !== 'string') return undefined
  const symbol = key.replace(/^t(?=[A-Z0-9])/, '')
  const listed = instruments.get(symbol)
  if (listed !== undefined) return listed
  const match = /^([A-Z0-9]+?)(?:F0)?:([A-Z0-9]+?)(?:F0)?$/.exec(symbol) ?? /^([A-Z0-9]{3,})([A-Z0-9]{3})$/.exec(symbol)
  if (!match) return undefined
  const quote = CURRENCIES[match[2] as string] ?? (match[2] as string)
  const coin = coinOf(match[1] as string)
  return { symbol, coin, quote, settle: quote, payoff: 'linear', contractSize: 1 }
}

function contracts(text: string): readonly Instrument[] {
  const none: Instruments = new Map()
  return listOf(listOf(jsonOf(text))[0]).flatMap((symbol) => instrumentOf(symbol, none) ?? [])
}
