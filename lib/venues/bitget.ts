/** Bitget v3 (unified account): `liquidation`, the largest long and the largest short per pair and second. https://www.bitget.com/api-doc/uta/websocket/public/Liquidation-Channel */
import type { Instrument, Instruments } from '../model/index.ts'
import { coinOf } from '../model/index.ts'
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
  refusal,
  rowsOf,
  textOf,
  tickerFacts,
  tickerFault,
} from './rows.ts'
import type { Connection, Control, Decoded, Decoder, PollPlan, Refused, SocketPlan, Venue, Want } from './venue.ts'

const PAGE = 'https://www.bitget.com/api-doc/uta/websocket/public/Liquidation-Channel'
const TICKERS = 'https://www.bitget.com/api-doc/uta/public/Tickers'
const CATEGORIES = ['usdt-futures', 'usdc-futures', 'coin-futures'] as const
const ABOUT_THE_CONNECTION: ReadonlySet<unknown> = new Set(['subscribe', 'unsubscribe', 'error', 'login'])
/** Coins per order are round lots; dividing two decimals leaves float dust beyond this many digits. */
const LOT_DIGITS = 10

/** Bitget as it speaks. `side: buy` is the position's side (long); `amount` is in the quote currency. */
export const bitget: Venue = {
  id: 'bitget',
  name: 'Bitget',
  kind: 'cex',
  page: PAGE,
  accounts: false,
  coverage: [
    {
      channel: 'liquidations',
      since: undefined,
      policy: { kind: 'sampled', keep: 'largest', perMs: 1_000, scope: 'symbol-and-side' },
      page: PAGE,
      note: 'The largest long and the largest short per pair and second.',
    },
    ...polledFacts(TICKERS, ['open-interest', 'funding', 'mark']),
  ],
  metadata: CATEGORIES.map((category) => ({
    url: `https://api.bitget.com/api/v3/market/instruments?category=${category.toUpperCase()}`,
    parse: contracts,
  })),
  plan,
  decoder: ({ instruments }) => decoderOf(instruments),
}

function plan({ channels }: Want): readonly Connection[] {
  const asked = channels.filter(
    (channel): channel is 'open-interest' | 'funding' | 'mark' =>
      channel === 'open-interest' || channel === 'funding' || channel === 'mark',
  )
  return [
    ...(channels.includes('liquidations') ? [socket()] : []),
    ...(asked.length > 0 ? CATEGORIES.map((category) => poll(category, asked)) : []),
  ]
}

function socket(): SocketPlan {
  const args = CATEGORIES.map((instType) => ({ instType, topic: 'liquidation' }))
  const ping = { everyMs: 30_000, send: { text: 'ping' } }
  return {
    kind: 'socket',
    name: 'liquidations-1',
    channels: ['liquidations'],
    url: 'wss://ws.bitget.com/v3/ws/public',
    subscribe: [JSON.stringify({ op: 'subscribe', args })],
    subscribeEveryMs: 200,
    ping,
    cutAfterMs: 24 * 3_600_000,
    deadAfterMs: 70_000,
    control,
  }
}

function poll(category: string, channels: PollPlan['channels']): PollPlan {
  return {
    kind: 'poll',
    name: `tickers-${category}`,
    channels,
    url: `https://api.bitget.com/api/v3/market/tickers?category=${category.toUpperCase()}`,
    everyMs: 60_000,
  }
}

function control(text: string): Control | undefined {
  if (text === 'pong') return { kind: 'heartbeat' }
  if (!text.includes('"event"')) return undefined
  const frame = jsonOf(text)
  if (!isRow(frame)) return undefined
  if (frame.event === 'subscribe') return { kind: 'subscribed' }
  return frame.event === 'error'
    ? { kind: 'refused', why: `${String(frame.code ?? '')} ${String(frame.msg ?? '')}`.trim() }
    : undefined
}

function decoderOf(instruments: Instruments): Decoder {
  return ({ text, received }) => {
    if (text === 'pong') return []
    const frame = jsonOf(text)
    if (frame === undefined) return [refusal('not JSON', text)]
    if (!isRow(frame)) return [refusal('not an object', text)]
    if (ABOUT_THE_CONNECTION.has(frame.event)) return []
    const topic = isRow(frame.arg)
      ? (frame.arg.topic ?? frame.arg.channel)
      : frame.code === '00000'
        ? 'ticker'
        : undefined
    if (topic === 'liquidation') return rowsOf(frame.data, frame, (row) => liquidation(row, instruments))
    // By socket the contract is named in the argument, by REST in each row.
    const subject = isRow(frame.arg) && frame.arg.symbol !== undefined ? { symbol: frame.arg.symbol } : {}
    if (topic === 'ticker')
      return rowsOf(frame.data, frame, (row) =>
        ticker(isRow(row) ? { ...subject, ...row } : row, frame.ts ?? frame.requestTime, received, instruments),
      )
    return [refusal(`unknown topic ${String(topic)}`, frame)]
  }
}

function liquidation(row: unknown, instruments: Instruments): Decoded | Refused {
  if (!isRow(row)) return refusal('not an object', row)
  const symbol = textOf(row.symbol)
  if (symbol === undefined || (row.side !== 'buy' && row.side !== 'sell')) return refusal('no symbol or no side', row)
  const [price, quote] = [positiveOf(row.price), positiveOf(row.amount)]
  const instrument = { ...contractOf(symbol, instruments), contractSize: 1 }
  const coins = price === undefined || quote === undefined ? undefined : Number((quote / price).toPrecision(LOT_DIGITS))
  const key = `${symbol}|${row.ts}|${row.side}|${row.amount}|${row.price}`
  const units = instrument.payoff === 'inverse' ? quote : coins
  const fact = liquidationOf({
    row,
    instrument,
    side: row.side === 'buy' ? 'long' : 'short',
    units,
    price,
    priceKind: 'bankruptcy',
    time: millisOf(row.ts),
    key,
  })
  // The amount itself is the value, to the last digit.
  return fact.type === 'perp-liquidation' && fact.usd !== undefined
    ? { ...fact, usd: quote, usdBasis: 'reported' }
    : fact
}

function ticker(
  row: unknown,
  sent: unknown,
  received: Parameters<Decoder>[0]['received'],
  instruments: Instruments,
): (Decoded | Refused)[] {
  if (!isRow(row)) return [refusal('not an object', row)]
  const symbol = textOf(row.symbol) ?? textOf(row.instId)
  if (symbol === undefined) return [refusal('a ticker without a symbol', row)]
  const time = sent ?? row.ts
  const fault = tickerFault(row, {
    ...{ time, mark: row.markPrice, index: row.indexPrice, rate: row.fundingRate },
    open: row.openInterest ?? row.holdingAmount,
  })
  if (fault) return [fault]
  // Dated contracts pay no funding: their next time is written as 0.
  const dated = numberOf(row.nextFundingTime) === 0
  const rate = dated ? undefined : numberOf(row.fundingRate)
  const nextAt = dated ? undefined : millisOf(row.nextFundingTime)
  const instrument = { ...contractOf(symbol, instruments), contractSize: 1 }
  const mark = positiveOf(row.markPrice)
  // Open interest is in coins on every contract; inverse ones count dollars.
  const coins = numberOf(row.openInterest) ?? numberOf(row.holdingAmount)
  const dollars = coins === undefined || mark === undefined ? undefined : coins * mark
  return tickerFacts({
    instrument,
    time: millisOf(time),
    received,
    mark,
    index: positiveOf(row.indexPrice),
    funding: rate === undefined ? undefined : { rate, intervalHours: defaultFundingHours(nextAt), nextAt },
    open: instrument.payoff === 'inverse' ? dollars : coins,
  })
}

function contractOf(symbol: string, instruments: Instruments): Instrument {
  const listed = instruments.get(symbol)
  if (listed) return listed
  const inverse = /^([A-Z0-9]+)USD(?:[FGHJKMNQUVXZ]\d{2})?$/.exec(symbol)
  const usdc = /^([A-Z0-9]+)PERP$/.exec(symbol)
  if (inverse) return inverseContract(symbol, inverse[1] as string)
  return usdc
    ? { ...linearBySymbol(symbol), coin: coinOf(usdc[1] as string), quote: 'USDC', settle: 'USDC' }
    : linearBySymbol(symbol)
}

function contracts(text: string): readonly Instrument[] {
  const answer = jsonOf(text)
  return listOf(isRow(answer) ? answer.data : undefined).flatMap((row): Instrument[] => {
    if (!isRow(row)) return []
    const [symbol, base, quote] = [textOf(row.symbol), textOf(row.baseCoin), textOf(row.quoteCoin)]
    if (symbol === undefined || base === undefined || quote === undefined) return []
    return [
      quote === 'USD'
        ? inverseContract(symbol, base)
        : { symbol, coin: coinOf(base), quote, settle: quote, payoff: 'linear', contractSize: 1 },
    ]
  })
}
