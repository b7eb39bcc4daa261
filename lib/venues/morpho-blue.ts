/**
 * Morpho Blue: one event for every market. The log names the market by its id (a hash of its parameters) and no token:
 * amounts stay in atoms, their dollars unknown.
 * https://github.com/morpho-org/morpho-blue/blob/main/src/libraries/EventsLib.sol
 */
import { addressAt, bytes32At, uintAt } from './evm/abi.ts'
import { MORPHOS } from './evm/deployments.ts'
import { type CheckedLog, hasShape, type LogFact } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import { legUnnamed } from './evm/tokens.ts'
import type { Venue } from './venue.ts'

/** `Liquidate(bytes32 indexed id, address indexed caller, address indexed borrower, uint256 repaidAssets, uint256 repaidShares, uint256 seizedAssets, uint256 badDebtAssets, uint256 badDebtShares)` */
const LIQUIDATE = '0xa4946ede45d0c6f06a0f5ce92c9ad3b4751452d2fe0e25010783bcab57a67e41'

/** Morpho Blue on Ethereum, Base, Arbitrum, Optimism and Polygon. */
export const morphoBlue: Venue = logVenue({
  id: 'morpho-blue',
  name: 'Morpho Blue',
  kind: 'lending',
  page: 'https://github.com/morpho-org/morpho-blue/blob/main/src/libraries/EventsLib.sol',
  note: 'The log names the market by its id and no tokens: amounts are in atoms and not valued. Bad debt of a liquidation stands in the same event.',
  where: MORPHOS.addresses,
  readers: { [LIQUIDATE]: read },
})

function read(log: CheckedLog): LogFact | string | undefined {
  if (MORPHOS.at(log.chain, log.address) === undefined) return undefined
  if (!hasShape(log, 4, 5)) return 'a Liquidate of Morpho with other than three indexed and five plain fields'
  const market = bytes32At(log.indexed, 0)
  const liquidator = addressAt(log.indexed, 32)
  const account = addressAt(log.indexed, 64)
  const repaid = uintAt(log.data, 0)
  const seized = uintAt(log.data, 64)
  const lost = uintAt(log.data, 96)
  if (market === undefined || liquidator === undefined || account === undefined)
    return 'a Liquidate of Morpho whose addresses are none'
  if (repaid === undefined || seized === undefined || lost === undefined) return 'a Liquidate of Morpho without amounts'
  return {
    type: 'loan-liquidation',
    protocol: 'morpho-blue',
    market,
    account,
    liquidator,
    repaid: legUnnamed(repaid),
    seized: legUnnamed(seized),
    usd: undefined,
    ...(lost === 0n ? {} : { badDebt: legUnnamed(lost) }),
    place: log.place,
  }
}
