/** The venues room: every exchange and protocol as it speaks, and the registry of all of them. */
import { breakwaterError } from '../model/index.ts'
import { aaveV1 } from './aave-v1.ts'
import { aaveV2 } from './aave-v2.ts'
import { aaveV3 } from './aave-v3.ts'
import { aster } from './aster.ts'
import { binanceCm } from './binance-cm.ts'
import { binanceUm } from './binance-um.ts'
import { bitfinex } from './bitfinex.ts'
import { bitget } from './bitget.ts'
import { bitmex } from './bitmex.ts'
import { bybit } from './bybit.ts'
import { deribit } from './deribit.ts'
import { dydx } from './dydx.ts'
import { gate } from './gate.ts'
import { htx } from './htx.ts'
import { hyperliquid } from './hyperliquid.ts'
import { kraken } from './kraken.ts'
import { lighter } from './lighter.ts'
import { okx } from './okx.ts'
import { spark } from './spark.ts'
import type { Venue } from './venue.ts'
import { bingx, kucoin, mexc, pacifica } from './without-feed.ts'

export { decodeFillsLine, type FillCounts, type FillsOfLine, NO_FILLS, sumFills } from './hyperliquid-fills.ts'
export * from './venue.ts'

/** Every venue by its id, in the order in which tables show them. */
export const venues: ReadonlyMap<string, Venue> = new Map(
  [
    binanceUm,
    binanceCm,
    aster,
    bybit,
    okx,
    htx,
    gate,
    bitget,
    deribit,
    kraken,
    bitfinex,
    dydx,
    lighter,
    hyperliquid,
    bitmex,
    kucoin,
    mexc,
    bingx,
    pacifica,
    aaveV1,
    aaveV2,
    aaveV3,
    spark,
  ].map((each) => [each.id, each]),
)

/** The venue of an id; `sim:` before it (a simulated venue) is overlooked. Refuses (`unknown-venue`) an id that is not registered. */
export function venue(id: string): Venue {
  const found = venues.get(id.replace(/^sim:/, ''))
  if (found === undefined) throw breakwaterError('unknown-venue', `there is no venue '${id}'`, { venue: id })
  return found
}
