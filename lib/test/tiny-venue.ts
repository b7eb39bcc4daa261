/** A venue small enough to know by heart, for tests of the feed: frames `{"rows":[[id,time,side,size,price],…]}`. */
import type { UnixMs } from '../model/index.ts'
import type { Decoded, Refused, Venue } from '../venues/index.ts'

/** One row of a tiny frame. */
export type TinyRow = readonly [id: string, time: number, side: 'long' | 'short', size: number, price: number]

/** The text of a frame with these rows. */
export function tinyFrame(...rows: readonly TinyRow[]): string {
  return JSON.stringify({ rows })
}

/** A tiny venue; `instruments` scale the size when the list names `X`, so that a wrong list shows. */
export function tinyVenue(id = 'tiny', change: Partial<Venue> = {}): Venue {
  return {
    id,
    name: id,
    kind: 'cex',
    page: 'https://example.org',
    accounts: false,
    coverage: [
      { channel: 'liquidations', since: undefined, policy: { kind: 'complete' }, page: 'https://example.org' },
    ],
    metadata: [],
    plan: () => [],
    decoder:
      ({ instruments }) =>
      ({ text }) => {
        let message: { rows?: TinyRow[]; pong?: unknown; ok?: unknown }
        try {
          message = JSON.parse(text)
        } catch {
          return [{ type: 'refused', reason: 'not JSON' }]
        }
        if (message.pong !== undefined || message.ok !== undefined) return []
        if (!Array.isArray(message.rows)) return [{ type: 'refused', reason: 'unknown topic' }]
        const scale = instruments.get('X')?.contractSize ?? 1
        return message.rows.map((row): Decoded | Refused => {
          const [key, time, side, contracts, price] = row
          const size = contracts * scale
          const shared = { instrument: 'X', coin: 'X', side, size, price, priceKind: 'fill' as const }
          return { type: 'perp-liquidation', ...shared, usd: size * price, key, time: time as UnixMs }
        })
      },
    ...change,
  }
}
