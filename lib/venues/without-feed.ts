/** Venues that publish no liquidations: named, so that a total can say whom it does not hear. */
import type { Venue } from './venue.ts'

function silent(id: string, name: string, kind: Venue['kind'], page: string, note: string): Venue {
  return {
    id,
    name,
    kind,
    page,
    accounts: false,
    coverage: [{ channel: 'liquidations', since: undefined, policy: { kind: 'none' }, page, note }],
    metadata: [],
    plan: () => [],
    // Nothing is ever asked of these venues, so whatever is handed in came from elsewhere and is refused by name.
    decoder: () => (raw) => [
      { type: 'refused', reason: `${name} publishes no liquidations`, part: raw.text.slice(0, 400) },
    ],
  }
}

/** KuCoin Futures: liquidations appear on private channels only. */
export const kucoin: Venue = silent(
  'kucoin',
  'KuCoin Futures',
  'cex',
  'https://www.kucoin.com/docs-new/3470063w0',
  'The public futures channels carry no liquidations.',
)

/** MEXC Futures. */
export const mexc: Venue = silent(
  'mexc',
  'MEXC Futures',
  'cex',
  'https://www.mexc.com/api-docs/futures/websocket-api',
  'The public futures channels carry no liquidations.',
)

/** BingX perpetual futures. */
export const bingx: Venue = silent(
  'bingx',
  'BingX',
  'cex',
  'https://bingx-api.github.io/docs/#/en-us/swapV2/introduce',
  'The public swap channels carry no liquidations.',
)

/** Pacifica: its page says that there is no exchange-wide liquidation channel. */
export const pacifica: Venue = silent(
  'pacifica',
  'Pacifica',
  'perp-dex',
  'https://docs.pacifica.fi/api-documentation/api/websocket/subscriptions/account-liquidations',
  'An account hears of its own liquidations; there is no exchange-wide channel.',
)
