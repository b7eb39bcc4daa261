/**
 * crvUSD: hard liquidations at the Controllers. Soft liquidation (the AMM's conversion between bands) closes no loan and is not
 * an event of this kind. Collateral that was already converted comes back as `stablecoin_received` beside the collateral.
 * https://github.com/curvefi/curve-stablecoin/blob/master/contracts/Controller.vy
 */
import { addressAt, uintAt } from './evm/abi.ts'
import { CRVUSD_CONTROLLERS } from './evm/deployments.ts'
import { type CheckedLog, hasShape, type LogFact } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import { dollarsOf, legOf, legOfAsset, legUnnamed, tokenNamed } from './evm/tokens.ts'
import type { Venue } from './venue.ts'

/** `Liquidate(address indexed liquidator, address indexed user, uint256 collateral_received, uint256 stablecoin_received, uint256 debt)` */
const LIQUIDATE = '0x642dd4d37ddd32036b9797cec464c0045dd2118c549066ae6b0f88e32240c2d0'
const CRVUSD = tokenNamed('ethereum', 'crvUSD')

/** crvUSD on Ethereum. */
export const crvusd: Venue = logVenue({
  id: 'crvusd',
  name: 'crvUSD',
  kind: 'lending',
  page: 'https://github.com/curvefi/curve-stablecoin/blob/master/contracts/Controller.vy',
  note: 'Hard liquidations; soft liquidation inside the AMM is not one. The live feed listens to the known Controllers; an unknown one (LlamaLend) is taken in atoms with its address as market.',
  where: CRVUSD_CONTROLLERS.addresses,
  readers: { [LIQUIDATE]: read },
})

function read(log: CheckedLog): LogFact | string | undefined {
  if (!hasShape(log, 3, 3)) return 'a Liquidate of crvUSD with other than two indexed and three plain fields'
  const liquidator = addressAt(log.indexed, 0)
  const account = addressAt(log.indexed, 32)
  const collateral = uintAt(log.data, 0)
  const debt = uintAt(log.data, 64)
  if (liquidator === undefined || account === undefined) return 'a Liquidate of crvUSD whose addresses are none'
  if (collateral === undefined || debt === undefined) return 'a Liquidate of crvUSD without amounts'
  const controller = CRVUSD_CONTROLLERS.at(log.chain, log.address)
  const known = controller !== undefined && CRVUSD !== undefined
  const repaid = known ? legOfAsset(CRVUSD, debt) : legUnnamed(debt)
  const seized = controller?.token ? legOf(log.chain, controller.token, collateral) : legUnnamed(collateral)
  const facts = { account, liquidator, repaid, seized, ...dollarsOf(repaid), place: log.place }
  return { type: 'loan-liquidation', protocol: 'crvusd', market: controller?.name ?? log.address, ...facts }
}
