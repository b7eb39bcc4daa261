/** Aster: Binance's shapes on its own address. https://docs.asterdex.com/product/aster-perpetuals/api/api-documentation */
import {
  binanceDecoder,
  exchangeInfo,
  marksAmong,
  minutePoll,
  openInterestPolls,
  streamSocket,
} from './binance-family.ts'
import { polledFacts } from './rows.ts'
import type { Connection, Venue, Want } from './venue.ts'

const PAGE = 'https://docs.asterdex.com/product/aster-perpetuals/api/api-documentation'
const REST = 'https://fapi.asterdex.com/fapi/v1'
/** Open interest is asked symbol by symbol: these unless others are wanted. */
const MAJORS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT', 'BNBUSDT', 'ASTERUSDT']

/** Aster as it speaks. Its throttle is not documented; the same as Binance's is assumed. */
export const aster: Venue = {
  id: 'aster',
  name: 'Aster',
  kind: 'perp-dex',
  page: PAGE,
  accounts: false,
  coverage: [
    {
      channel: 'liquidations',
      since: undefined,
      policy: { kind: 'sampled', keep: 'unknown', perMs: 1_000, scope: 'symbol' },
      page: PAGE,
      note: 'Assumed from the shape it shares with Binance.',
    },
    ...polledFacts(PAGE, ['open-interest', 'funding', 'mark']),
  ],
  metadata: [{ url: `${REST}/exchangeInfo`, parse: exchangeInfo }],
  plan,
  decoder: ({ instruments }) => binanceDecoder('um', instruments),
}

function plan({ channels, symbols }: Want): readonly Connection[] {
  const connections: Connection[] = []
  if (channels.includes('liquidations'))
    connections.push(streamSocket('liquidations-1', ['liquidations'], 'wss://fstream.asterdex.com/ws/!forceOrder@arr'))
  const marks = marksAmong(channels)
  if (marks.length > 0) connections.push(minutePoll('marks-1', marks, `${REST}/premiumIndex`))
  if (channels.includes('open-interest')) connections.push(...openInterestPolls(REST, symbols ?? MAJORS))
  return connections
}
