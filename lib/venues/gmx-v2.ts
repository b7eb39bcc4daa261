/**
 * GMX v2: a liquidation is a `PositionDecrease` whose order is of kind 7. The log names a market, not a coin; prices are dollars
 * per smallest unit of the index token, so both need the market's row in our table. A market that is not there is refused:
 * without the token's decimals no price can be told.
 * https://github.com/gmx-io/gmx-synthetics/blob/main/contracts/position/PositionEventUtils.sol
 */
import { fixedToNumber } from '../model/index.ts'
import { bytes32At } from './evm/abi.ts'
import { GMX_V2_EMITTERS } from './evm/deployments.ts'
import { EVENT_LOG_1, eventItemsOf, eventNameOf } from './evm/gmx-event.ts'
import { gmxMarket } from './evm/gmx-markets.ts'
import { type CheckedLog, hasShape, type LogFact } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import type { Venue } from './venue.ts'

/** Hash of `PositionDecrease`, the first indexed field. */
const POSITION_DECREASE = '0x07d51b51b408d7c62dcc47cc558da5ce6a6e0fd129a427ebce150f52b0e5171a'
/** `Order.OrderType.Liquidation` */
const LIQUIDATION = 7n
const USD_DECIMALS = 30

/** GMX v2 on Arbitrum and Avalanche. */
export const gmxV2: Venue = logVenue({
  id: 'gmx-v2',
  name: 'GMX v2',
  kind: 'perp-dex',
  page: 'https://github.com/gmx-io/gmx-synthetics/blob/main/contracts/position/PositionEventUtils.sol',
  note: 'PositionDecrease of order type 7. Positions closed by auto-deleveraging are ordinary decreases to the log and not counted. Liquidations in markets newer than our table are refused, and so visible.',
  where: GMX_V2_EMITTERS.addresses,
  readers: { [EVENT_LOG_1]: read },
})

function read(log: CheckedLog): LogFact | string | undefined {
  if (GMX_V2_EMITTERS.at(log.chain, log.address) === undefined) return undefined
  // The emitter logs everything that happens on GMX: whatever else it says is told apart before any list is read.
  if (bytes32At(log.indexed, 0) !== POSITION_DECREASE) return undefined
  if (!hasShape(log, 3, 3) || eventNameOf(log.data) !== 'PositionDecrease')
    return 'a PositionDecrease with broken fields'
  const items = eventItemsOf(log.data)
  if (items === undefined) return 'a PositionDecrease whose lists are broken'
  const order = items.uints.get('orderType')
  if (order === undefined) return 'a PositionDecrease without the type of its order'
  if (order !== LIQUIDATION) return undefined
  const account = items.addresses.get('account')
  const address = items.addresses.get('market')
  const isLong = items.flags.get('isLong')
  const delta = items.uints.get('sizeDeltaUsd')
  const execution = items.uints.get('executionPrice')
  if (account === undefined || address === undefined || isLong === undefined)
    return 'a liquidation without its position'
  if (delta === undefined || delta === 0n || execution === undefined || execution === 0n)
    return 'a liquidation without size or price'
  const market = gmxMarket(log.chain, address)
  if (market === undefined) return `a liquidation in market ${address}, whose index token is not in the table`
  const inTokens = items.uints.get('sizeDeltaInTokens')
  const usd = fixedToNumber(delta, USD_DECIMALS)
  const price = fixedToNumber(execution, USD_DECIMALS - market.decimals)
  return {
    type: 'perp-liquidation',
    instrument: `${market.coin}-USD`,
    coin: market.coin,
    side: isLong ? 'long' : 'short',
    size: inTokens === undefined || inTokens === 0n ? undefined : fixedToNumber(inTokens, market.decimals),
    price,
    priceKind: 'fill',
    usd,
    usdBasis: 'reported',
    account,
    place: log.place,
  }
}
