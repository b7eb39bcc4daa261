/**
 * Liquity v1. A liquidation logs one `TroveLiquidated` per trove and one `Liquidation` that sums the transaction up. The
 * troves are counted: each names its account, its debt and its collateral. The sum is not: it would count the same debt
 * twice, and it names nobody. (Its collateral is lower than the troves' by the gas compensation.)
 * https://github.com/liquity/dev/blob/main/packages/contracts/contracts/TroveManager.sol
 */
import { addressAt, uintAt } from './evm/abi.ts'
import { LIQUITY_V1_TROVE_MANAGERS } from './evm/deployments.ts'
import { type CheckedLog, hasShape, type LogFact } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import { dollarsOf, legOfAsset, NATIVE, tokenNamed } from './evm/tokens.ts'
import type { Venue } from './venue.ts'

/** `TroveLiquidated(address indexed borrower, uint256 debt, uint256 coll, uint8 operation)` */
const TROVE_LIQUIDATED = '0xea67486ed7ebe3eea8ab3390efd4a3c8aae48be5bea27df104a8af786c408434'
const LUSD = tokenNamed('ethereum', 'LUSD')

/** Liquity v1 on Ethereum: LUSD against ether. */
export const liquityV1: Venue = logVenue({
  id: 'liquity-v1',
  name: 'Liquity v1',
  kind: 'lending',
  page: 'https://github.com/liquity/dev/blob/main/packages/contracts/contracts/TroveManager.sol',
  note: 'One liquidation per trove (TroveLiquidated); the Liquidation event that sums a transaction up is not counted again.',
  where: LIQUITY_V1_TROVE_MANAGERS.addresses,
  readers: { [TROVE_LIQUIDATED]: read },
})

function read(log: CheckedLog): LogFact | string | undefined {
  if (LUSD === undefined || LIQUITY_V1_TROVE_MANAGERS.at(log.chain, log.address) === undefined) return undefined
  if (!hasShape(log, 2, 3)) return 'a TroveLiquidated with other than one indexed and three plain fields'
  const account = addressAt(log.indexed, 0)
  const debt = uintAt(log.data, 0)
  const collateral = uintAt(log.data, 32)
  if (account === undefined || debt === undefined || collateral === undefined)
    return 'a TroveLiquidated with broken fields'
  const repaid = legOfAsset(LUSD, debt)
  const seized = legOfAsset(NATIVE, collateral)
  const facts = { account, repaid, seized, ...dollarsOf(repaid), place: log.place }
  return { type: 'loan-liquidation', protocol: 'liquity-v1', market: 'ETH', ...facts }
}
