/** Binance COIN-M futures: contracts are dollars (100 for bitcoin, 10 for other coins), paid in the coin. https://developers.binance.com/docs/derivatives/coin-margined-futures/websocket-market-streams */
import { binanceDecoder, exchangeInfo, streamSocket } from './binance-family.ts'
import { BINANCE_THROTTLE } from './binance-um.ts'
import { polledFacts } from './rows.ts'
import type { Connection, Venue, Want } from './venue.ts'

const PAGE =
  'https://developers.binance.com/docs/derivatives/coin-margined-futures/websocket-market-streams/All-Market-Liquidation-Order-Streams'
const MARKS =
  'https://developers.binance.com/docs/derivatives/coin-margined-futures/market-data/rest-api/Index-Price-and-Mark-Price'

/** Binance COIN-M as it speaks. Since 2026-06-30 one merged stream carries both families; this venue takes COIN-M only. */
export const binanceCm: Venue = {
  id: 'binance-cm',
  name: 'Binance COIN-M',
  kind: 'cex',
  page: PAGE,
  accounts: false,
  coverage: [...BINANCE_THROTTLE.map((fact) => ({ ...fact, page: PAGE })), ...polledFacts(MARKS, ['funding', 'mark'])],
  metadata: [{ url: 'https://dapi.binance.com/dapi/v1/exchangeInfo', parse: exchangeInfo }],
  plan,
  decoder: ({ instruments }) => binanceDecoder('cm', instruments),
}

function plan({ channels }: Want): readonly Connection[] {
  const marks = channels.filter((channel) => channel === 'funding' || channel === 'mark')
  return [
    ...(channels.includes('liquidations')
      ? [streamSocket('liquidations-1', ['liquidations'], 'wss://fstream.binance.com/market/ws/!forceOrder@arr')]
      : []),
    ...(marks.length > 0
      ? [
          {
            kind: 'poll' as const,
            name: 'marks-1',
            channels: marks,
            url: 'https://dapi.binance.com/dapi/v1/premiumIndex',
            everyMs: 60_000,
          },
        ]
      : []),
  ]
}
