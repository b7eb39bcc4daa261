/** Binance USD-M futures. https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams */
import { binanceDecoder, exchangeInfo, streamSocket } from './binance-family.ts'
import { polledFacts } from './rows.ts'
import type { Connection, CoverageFact, PollPlan, Venue, Want } from './venue.ts'

const PAGE =
  'https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/All-Market-Liquidation-Order-Streams'
const MARKS = 'https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Mark-Price'
/** Open interest is asked symbol by symbol: these unless others are wanted. */
const MAJORS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT', 'DOGEUSDT', 'BNBUSDT']
const MOST_OPEN_INTEREST = 40

/** How both families' liquidation stream was throttled over time. */
export const BINANCE_THROTTLE: readonly CoverageFact[] = [
  {
    channel: 'liquidations',
    since: undefined,
    policy: { kind: 'complete' },
    page: PAGE,
    note: 'Every order in real time.',
  },
  {
    channel: 'liquidations',
    since: '2021-04-27',
    policy: { kind: 'sampled', keep: 'latest', perMs: 1_000, scope: 'symbol' },
    page: PAGE,
    note: 'Only the latest order per symbol within 1000 ms.',
  },
  {
    channel: 'liquidations',
    since: '2026-04-10',
    policy: { kind: 'sampled', keep: 'largest', perMs: 1_000, scope: 'symbol' },
    page: PAGE,
    note: 'The page now says the largest order per 1000 ms; whether behaviour changed is unknown.',
  },
]

/** Binance USD-M as it speaks. Since 2026-06-30 its stream carries COIN-M too; this venue takes USD-M only. */
export const binanceUm: Venue = {
  id: 'binance-um',
  name: 'Binance USD-M',
  kind: 'cex',
  page: PAGE,
  accounts: false,
  coverage: [
    ...BINANCE_THROTTLE,
    {
      channel: 'open-interest',
      since: undefined,
      policy: { kind: 'complete' },
      page: 'https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Open-Interest',
      note: 'Asked once a minute, symbol by symbol.',
    },
    ...polledFacts(MARKS, ['funding', 'mark']),
  ],
  metadata: [{ url: 'https://fapi.binance.com/fapi/v1/exchangeInfo', parse: exchangeInfo }],
  plan,
  decoder: ({ instruments }) => binanceDecoder('um', instruments),
}

function plan({ channels, symbols }: Want): readonly Connection[] {
  const connections: Connection[] = []
  // The legacy address still connects and acknowledges, then stays silent; liquidations are a market stream.
  if (channels.includes('liquidations'))
    connections.push(
      streamSocket('liquidations-1', ['liquidations'], 'wss://fstream.binance.com/market/ws/!forceOrder@arr'),
    )
  const marks = channels.filter((channel) => channel === 'funding' || channel === 'mark')
  if (marks.length > 0) connections.push(poll('marks-1', marks, 'https://fapi.binance.com/fapi/v1/premiumIndex'))
  if (channels.includes('open-interest'))
    for (const symbol of (symbols ?? MAJORS).slice(0, MOST_OPEN_INTEREST))
      connections.push(
        poll(
          `open-interest-${symbol}`,
          ['open-interest'],
          `https://fapi.binance.com/fapi/v1/openInterest?symbol=${encodeURIComponent(symbol)}`,
        ),
      )
  return connections
}

function poll(name: string, channels: PollPlan['channels'], url: string): PollPlan {
  return { kind: 'poll', name, channels, url, everyMs: 60_000 }
}
