/** HTX (Huobi) futures: `public.*.liquidation_orders`, gzip. https://www.htx.com/en-us/opend/newApiPages/?id=8cb7c4f2-77b5-11ed-9966-0242ac110003 */
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
  refusal,
  rowsOf,
  textOf,
  tickerFacts,
  tickerFault,
} from './rows.ts'
import type {
  Channel,
  Connection,
  Control,
  Decoded,
  Decoder,
  PollPlan,
  Refused,
  SocketPlan,
  Venue,
  Want,
} from './venue.ts'

const PAGE = 'https://www.htx.com/en-us/opend/newApiPages/?id=8cb7c4f2-77b5-11ed-9966-0242ac110003'
const LINEAR = 'https://api.hbdm.com/linear-swap-api/v1'
const INVERSE = 'https://api.hbdm.com/swap-api/v1'
const ALREADY_SUBSCRIBED = 2014
const ABOUT_THE_CONNECTION: ReadonlySet<unknown> = new Set(['sub', 'unsub', 'auth', 'ping', 'error', 'close'])

/** HTX as it speaks. The rows are closing ORDERS: buy to close ends a short. */
export const htx: Venue = {
  id: 'htx',
  name: 'HTX',
  kind: 'cex',
  page: PAGE,
  accounts: false,
  coverage: [
    {
      channel: 'liquidations',
      since: undefined,
      policy: { kind: 'complete' },
      page: PAGE,
      note: 'No throttle is documented.',
    },
    ...polledFacts(PAGE, ['open-interest', 'funding']),
  ],
  metadata: [
    { url: `${LINEAR}/swap_contract_info?business_type=all`, parse: (text) => contracts(text, 'linear') },
    { url: `${INVERSE}/swap_contract_info`, parse: (text) => contracts(text, 'inverse') },
  ],
  plan,
  decoder: ({ instruments }) => decoderOf(instruments),
}

function plan({ channels }: Want): readonly Connection[] {
  const connections: Connection[] = []
  if (channels.includes('liquidations')) {
    connections.push(
      socket('liquidations-linear', 'wss://api.hbdm.com/linear-swap-notification', { business_type: 'all' }),
    )
    connections.push(socket('liquidations-inverse', 'wss://api.hbdm.com/swap-notification', {}))
  }
  for (const [kind, rest] of Object.entries({ linear: LINEAR, inverse: INVERSE })) {
    if (channels.includes('open-interest'))
      connections.push(poll(`open-interest-${kind}`, 'open-interest', `${rest}/swap_open_interest`))
    if (channels.includes('funding'))
      connections.push(poll(`funding-${kind}`, 'funding', `${rest}/swap_batch_funding_rate`))
  }
  return connections
}

function poll(name: string, channel: Channel, url: string): PollPlan {
  return { kind: 'poll', name, channels: [channel], url, everyMs: 60_000 }
}

function socket(name: string, url: string, more: object): SocketPlan {
  const subscribe = [JSON.stringify({ op: 'sub', cid: name, topic: 'public.*.liquidation_orders', ...more })]
  return {
    kind: 'socket',
    name,
    channels: ['liquidations'],
    url,
    subscribe,
    subscribeEveryMs: 200,
    deadAfterMs: 25_000,
    gzip: true,
    reply,
    control,
  }
}

/** The server pings every 5 s and cuts who misses five: its own number goes back. */
function reply(text: string): string | undefined {
  if (text.length > 200 || !text.includes('ping')) return undefined
  const frame = jsonOf(text)
  if (!isRow(frame)) return undefined
  if (frame.op === 'ping') return JSON.stringify({ op: 'pong', ts: frame.ts })
  return frame.ping === undefined ? undefined : JSON.stringify({ pong: frame.ping })
}

function control(text: string): Control | undefined {
  if (text.length > 2_000) return undefined
  const frame = jsonOf(text)
  if (!isRow(frame)) return undefined
  if (frame.op === 'ping' || frame.ping !== undefined) return { kind: 'heartbeat' }
  const code = numberOf(frame['err-code'])
  if (frame.op === 'sub' && code === 0) return { kind: 'subscribed' }
  if ((frame.op === 'sub' || frame.op === 'error') && code !== undefined)
    return {
      kind: 'refused',
      why: `${code} ${String(frame['err-msg'] ?? '')}`.trim(),
      harmless: code === ALREADY_SUBSCRIBED,
    }
  return frame.op === 'close' ? { kind: 'refused', why: 'the server closes the connection' } : undefined
}

function decoderOf(instruments: Instruments): Decoder {
  return ({ text, received }) => {
    const frame = jsonOf(text)
    if (frame === undefined) return [refusal('not JSON', text)]
    if (!isRow(frame)) return [refusal('not an object', text)]
    if (frame.op === 'notify' && String(frame.topic).endsWith('.liquidation_orders'))
      return rowsOf(frame.data, frame, (row) => liquidation(row, instruments))
    if (frame.op === 'notify') return [refusal(`unknown topic ${String(frame.topic)}`, frame)]
    if (frame.status === 'ok') return rowsOf(frame.data, frame, (row) => ticker(row, frame.ts, received, instruments))
    return ABOUT_THE_CONNECTION.has(frame.op) || frame.ping !== undefined
      ? []
      : [refusal('neither notification nor answer', frame)]
  }
}

function liquidation(row: unknown, instruments: Instruments): Decoded | Refused {
  if (!isRow(row)) return refusal('not an object', row)
  const symbol = textOf(row.contract_code)
  if (symbol === undefined) return refusal('no contract', row)
  if (row.direction !== 'buy' && row.direction !== 'sell') return refusal('no direction', row)
  // `both` stands for one-way mode, where the order's direction says as much.
  if (row.offset !== 'close' && row.offset !== 'both')
    return refusal(`an order that does not close (${String(row.offset)})`, row)
  const instrument = { ...contractOf(symbol, instruments), contractSize: 1 }
  const inverse = instrument.payoff === 'inverse'
  const listed = instruments.get(symbol)
  const contracts = positiveOf(row.volume)
  // `amount` is coins whatever the contract; inverse contracts of 10 or 100 dollars are valued by their own size.
  const units = inverse ? dollarsOf(contracts, listed, row.amount, row.price) : positiveOf(row.amount)
  // An unlisted coin-margined contract in a row without `amount`: its contracts are known, what they are worth is not.
  const unvalued = inverse && listed === undefined && row.amount === undefined
  const key = `${symbol}|${row.created_at}|${row.direction}|${row.volume}|${row.price}`
  const fact = liquidationOf({
    row,
    instrument,
    side: row.direction === 'sell' ? 'long' : 'short',
    units: unvalued ? contracts : units,
    contracts,
    price: positiveOf(row.price),
    priceKind: 'fill',
    time: millisOf(row.created_at),
    key,
  })
  if (unvalued && fact.type === 'perp-liquidation') {
    const { usdBasis: _basis, ...known } = fact
    return { ...known, size: undefined, usd: undefined }
  }
  const turnover = inverse ? undefined : positiveOf(row.trade_turnover)
  return fact.type === 'perp-liquidation' && turnover !== undefined && fact.usd !== undefined
    ? { ...fact, usd: turnover, usdBasis: 'reported' }
    : fact
}

function dollarsOf(
  contracts: number | undefined,
  listed: Instrument | undefined,
  amount: unknown,
  price: unknown,
): number | undefined {
  if (listed && contracts !== undefined) return contracts * listed.contractSize
  const [coins, at] = [positiveOf(amount), positiveOf(price)]
  return coins === undefined || at === undefined ? undefined : coins * at
}

function ticker(
  row: unknown,
  time: unknown,
  received: Parameters<Decoder>[0]['received'],
  instruments: Instruments,
): (Decoded | Refused)[] {
  if (!isRow(row) || textOf(row.contract_code) === undefined) return [refusal('no contract', row)]
  const symbol = row.contract_code as string
  const fault = tickerFault(row, { time, rate: row.funding_rate, open: row.volume })
  if (fault) return [fault]
  const instrument = contractOf(symbol, instruments)
  const rate = numberOf(row.funding_rate)
  const nextAt = millisOf(row.funding_time)
  const facts = tickerFacts({
    instrument,
    time: millisOf(time),
    received,
    funding: rate === undefined ? undefined : { rate, intervalHours: defaultFundingHours(nextAt), nextAt },
    open: numberOf(row.volume),
  })
  return facts.map((fact) =>
    fact.type === 'open-interest'
      ? {
          ...fact,
          contracts: numberOf(row.volume),
          size: numberOf(row.amount) ?? fact.size,
          usd: numberOf(row.value) ?? fact.usd,
        }
      : fact,
  )
}

function contractOf(symbol: string, instruments: Instruments): Instrument {
  const listed = instruments.get(symbol)
  if (listed) return listed
  const inverse = /^([A-Z0-9]+)-USD$/.exec(symbol) ?? /^([A-Z0-9]+?)\d{6}$/.exec(symbol)
  return inverse ? inverseContract(symbol, inverse[1] as string) : linearBySymbol(symbol)
}

function contracts(text: string, payoff: 'linear' | 'inverse'): readonly Instrument[] {
  const answer = jsonOf(text)
  return listOf(isRow(answer) ? answer.data : undefined).flatMap((row): Instrument[] => {
    if (!isRow(row)) return []
    const [symbol, coin, size] = [textOf(row.contract_code), textOf(row.symbol), positiveOf(row.contract_size)]
    if (symbol === undefined || coin === undefined || size === undefined) return []
    return [
      payoff === 'inverse'
        ? inverseContract(symbol, coin, size)
        : { ...linearBySymbol(symbol, size), coin: coinOf(coin) },
    ]
  })
}
