/** Aster: Binance's shapes on its own address. https://docs.asterdex.com/product/aster-perpetuals/api/api-documentation */
import { binanceDecoder, exchangeInfo, streamSocket } from './binance-family.ts'
import { polledFacts } from './rows.ts'
import type { Connection, Venue, Want } from './venue.ts'

const PAGE = 'https://docs.asterdex.com/product/aster-perpetuals/api/api-documentation'

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
    ...polledFacts(PAGE, ['funding', 'mark']),
  ],
  metadata: [{ url: 'https://fapi.asterdex.com/fapi/v1/exchangeInfo', parse: exchangeInfo }],
  plan,
  decoder: ({ instruments }) => binanceDecoder('um', instruments),
}

function plan({ channels }: Want): readonly Connection[] {
  const marks = channels.filter((channel) => channel === 'funding' || channel === 'mark')
  return [
    ...(channels.includes('liquidations')
      ? [streamSocket('liquidations-1', ['liquidations'], 'wss://fstream.asterdex.com/ws/!forceOrder@arr')]
      : []),
    ...(marks.length > 0
      ? [
          {
            kind: 'poll' as const,
            name: 'marks-1',
            channels: marks,
            url: 'https://fapi.asterdex.com/fapi/v1/premiumIndex',
            everyMs: 60_000,
          },
        ]
      : []),
  ]
}
