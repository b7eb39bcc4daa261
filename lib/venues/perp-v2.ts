/**
 * Perpetual Protocol v2: liquidations at the ClearingHouse. Notional and size have 18 decimals and no sign, so the side of the
 * position is not known; the price is notional over size, which is what the position was closed at.
 * https://github.com/perpetual-protocol/perp-curie-contract/blob/main/contracts/interface/IClearingHouseEvent.sol
 */
import { fixedToNumber } from '../model/index.ts'
import { addressAt, uintAt } from './evm/abi.ts'
import { PERP_V2_BASES, PERP_V2_HOUSES } from './evm/deployments.ts'
import { type CheckedLog, hasShape, type LogFact } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import type { Venue } from './venue.ts'

/** `PositionLiquidated(address indexed trader, address indexed baseToken, uint256 positionNotional, uint256 positionSize, uint256 liquidationFee, address liquidator)` */
const POSITION_LIQUIDATED = '0xd9aced30440caca81570436bc942f816cfd95a3f08f700a2aeb6334c7cb5b497'
const DECIMALS = 18

/** Perpetual Protocol v2 on Optimism. */
export const perpV2: Venue = logVenue({
  id: 'perp-v2',
  name: 'Perpetual Protocol v2',
  kind: 'perp-dex',
  page: 'https://github.com/perpetual-protocol/perp-curie-contract/blob/main/contracts/interface/IClearingHouseEvent.sol',
  note: 'Positions liquidated wholly or in part, with the notional that the log states. The log has no side. The coin of an unknown base token is its address.',
  where: PERP_V2_HOUSES.addresses,
  readers: { [POSITION_LIQUIDATED]: read },
})

function read(log: CheckedLog): LogFact | string | undefined {
  if (PERP_V2_HOUSES.at(log.chain, log.address) === undefined) return undefined
  if (!hasShape(log, 3, 4)) return 'a PositionLiquidated with other than two indexed and four plain fields'
  const account = addressAt(log.indexed, 0)
  const base = addressAt(log.indexed, 32)
  const notional = uintAt(log.data, 0)
  const closed = uintAt(log.data, 32)
  if (account === undefined || base === undefined || notional === undefined || closed === undefined)
    return 'a PositionLiquidated with broken fields'
  if (notional === 0n || closed === 0n) return 'a PositionLiquidated without size or notional'
  const usd = fixedToNumber(notional, DECIMALS)
  const size = fixedToNumber(closed, DECIMALS)
  const coin = PERP_V2_BASES.at(log.chain, base)?.name ?? base
  return {
    type: 'perp-liquidation',
    instrument: `${coin}-USD`,
    coin,
    side: undefined,
    size,
    price: usd / size,
    priceKind: 'fill',
    usd,
    usdBasis: 'reported',
    account,
    place: log.place,
  }
}
