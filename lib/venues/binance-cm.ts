/** Binance COIN-M futures: contracts are dollars (100 for bitcoin, 10 for other coins), paid in the coin. https://developers.binance.com/docs/derivatives/coin-margined-futures/websocket-market-streams */
import {
  binanceDecoder,
  exchangeInfo,
  marksAmong,
  minutePoll,
  openInterestPolls,
  streamSocket,
} from './binance-family.ts'
import { BINANCE_THROTTLE } from './binance-um.ts'
import { polledFacts } from './rows.ts'
import type { Connection, Venue, Want } from './venue.ts'

const PAGE =
  'https://developers.binance.com/docs/derivatives/coin-margined-futures/websocket-market-streams/All-Market-Liquidation-Order-Streams'
const MARKS =
  'https://developers.binance.com/docs/derivatives/coin-margined-futures/market-data/rest-api/Index-Price-and-Mark-Price'
const OPEN_INTEREST =
  'https://developers.binance.com/docs/derivatives/coin-margined-futures/market-data/rest-api/Open-Interest'
const REST = 'https://dapi.binance.com/dapi/v1'
/** Open interest is asked symbol by symbol: these unless others are wanted. */
const MAJORS = ['BTCUSD_PERP', 'ETHUSD_PERP', 'SOLUSD_PERP', 'XRPUSD_PERP', 'DOGEUSD_PERP', 'BNBUSD_PERP']

/** Binance COIN-M as it speaks. Since 2026-06-30 one merged stream carries both families; this venue takes COIN-M only. */
export const binanceCm: Venue = {
  id: 'binance-cm',
  name: 'Binance COIN-M',
  kind: 'cex',
  page: PAGE,
  accounts: false,
  coverage: [
    ...BINANCE_THROTTLE.map((fact) => ({ ...fact, page: PAGE })),
    ...polledFacts(OPEN_INTEREST, ['open-interest']),
    ...polledFacts(MARKS, ['funding', 'mark']),
  ],
  metadata: [{ url: `${REST}/exchangeInfo`, parse: exchangeInfo }],
  plan,
  decoder: ({ instruments }) => binanceDecoder('cm', instruments),
}

function plan({ channels, symbols }: Want): readonly Connection[] {
  const connections: Connection[] = []
  if (channels.includes('liquidations'))
    connections.push(
      streamSocket('liquidations-1', ['liquidations'], 'wss://fstream.binance.com/market/ws/!forceOrder@arr'),
    )
  const marks = marksAmong(channels)
  if (marks.length > 0) connections.push(minutePoll('marks-1', marks, `${REST}/premiumIndex`))
  if (channels.includes('open-interest')) connections.push(...openInterestPolls(REST, symbols ?? MAJORS))
  return connections
}
