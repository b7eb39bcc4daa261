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
import { compoundV2 } from './compound-v2.ts'
import { compoundV3 } from './compound-v3.ts'
import { crvusd } from './crvusd.ts'
import { deribit } from './deribit.ts'
import { dydx } from './dydx.ts'
import { eulerV2 } from './euler-v2.ts'
import { fraxlend } from './fraxlend.ts'
import { fxV2 } from './fx-v2.ts'
import { gate } from './gate.ts'
import { gmxV1 } from './gmx-v1.ts'
import { gmxV2 } from './gmx-v2.ts'
import { htx } from './htx.ts'
import { hyperliquid } from './hyperliquid.ts'
import { kraken } from './kraken.ts'
import { lighter } from './lighter.ts'
import { liquityV1 } from './liquity-v1.ts'
import { liquityV2 } from './liquity-v2.ts'
import { maker } from './maker.ts'
import { morphoBlue } from './morpho-blue.ts'
import { okx } from './okx.ts'
import { perpV2 } from './perp-v2.ts'
import { spark } from './spark.ts'
import type { Venue } from './venue.ts'
import { venus } from './venus.ts'
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
    compoundV2,
    venus,
    compoundV3,
    maker,
    morphoBlue,
    liquityV1,
    liquityV2,
    crvusd,
    fraxlend,
    eulerV2,
    fxV2,
    gmxV1,
    gmxV2,
    perpV2,
  ].map((each) => [each.id, each]),
)

/** The venue of an id; `sim:` before it (a simulated venue) is overlooked. Refuses (`unknown-venue`, with the ids there are) an id that is not registered. */
export function venue(id: string): Venue {
  const found = venues.get(id.replace(/^sim:/, ''))
  if (found === undefined)
    throw breakwaterError('unknown-venue', `there is no venue '${id}'`, {
      venue: id,
      known: [...venues.keys()].join(' '),
    })
  return found
}
