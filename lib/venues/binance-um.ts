/** Binance USD-M futures. https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams */
import {
  binanceDecoder,
  exchangeInfo,
  marksAmong,
  minutePoll,
  openInterestPolls,
  streamSocket,
} from './binance-family.ts'
import { polledFacts } from './rows.ts'
import type { Connection, CoverageFact, Venue, Want } from './venue.ts'

const PAGE =
  'https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/All-Market-Liquidation-Order-Streams'
const REST = 'https://fapi.binance.com/fapi/v1'
const MARKS = 'https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Mark-Price'
/** Open interest is asked symbol by symbol: these unless others are wanted. */
const MAJORS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT', 'DOGEUSDT', 'BNBUSDT']

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
  {
    channel: 'liquidations',
    since: '2026-06-30',
    policy: { kind: 'sampled', keep: 'largest', perMs: 1_000, scope: 'symbol' },
    page: PAGE,
    note: 'One merged stream carries both families, USD-M and COIN-M; each order is counted for its own.',
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
  metadata: [{ url: `${REST}/exchangeInfo`, parse: exchangeInfo }],
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
  const marks = marksAmong(channels)
  if (marks.length > 0) connections.push(minutePoll('marks-1', marks, `${REST}/premiumIndex`))
  if (channels.includes('open-interest')) connections.push(...openInterestPolls(REST, symbols ?? MAJORS))
  return connections
}
