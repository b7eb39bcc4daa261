/**
 * Liquity v2. As in v1 the troves are counted, not the `Liquidation` that sums a transaction up and names nobody. A liquidated
 * trove logs a `TroveOperation` of kind 5 with its whole debt and collateral, both negative; every other kind is nothing to us.
 * A trove is an NFT, and its owner is not in the log: the account is `trove:` and its number. What the borrower can claim
 * back of the collateral (the surplus) is part of what left the trove.
 * https://github.com/liquity/bold/blob/main/contracts/src/Interfaces/ITroveEvents.sol
 */
import { bytes32At, intAt, uintAt } from './evm/abi.ts'
import { LIQUITY_V2_TROVE_MANAGERS } from './evm/deployments.ts'
import { type CheckedLog, hasShape, type LogFact } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import { dollarsOf, legOf, legOfAsset, tokenNamed } from './evm/tokens.ts'
import type { Venue } from './venue.ts'

/** `TroveOperation(uint256 indexed troveId, uint8 operation, uint256 annualInterestRate, uint256 debtIncreaseFromRedist, uint256 debtIncreaseFromUpfrontFee, int256 debtChangeFromOperation, uint256 collIncreaseFromRedist, int256 collChangeFromOperation)` */
const TROVE_OPERATION = '0x962110f281c1213763cd97a546b337b3cbfd25a31ea9723e9d8b7376ba45da1a'
/** `Operation.liquidate` */
const LIQUIDATE = 5n
const BOLD = tokenNamed('ethereum', 'BOLD')

/** Liquity v2 on Ethereum: BOLD against WETH, wstETH and rETH. */
export const liquityV2: Venue = logVenue({
  id: 'liquity-v2',
  name: 'Liquity v2',
  kind: 'lending',
  page: 'https://github.com/liquity/bold/blob/main/contracts/src/Interfaces/ITroveEvents.sol',
  note: 'One liquidation per trove (TroveOperation of kind 5); the Liquidation event that sums a transaction up is not counted again. The account is the trove.',
  where: LIQUITY_V2_TROVE_MANAGERS.addresses,
  readers: { [TROVE_OPERATION]: read },
})

function read(log: CheckedLog): LogFact | string | undefined {
  const branch = LIQUITY_V2_TROVE_MANAGERS.at(log.chain, log.address)
  if (BOLD === undefined || branch?.token === undefined) return undefined
  if (!hasShape(log, 2, 7)) return 'a TroveOperation with other than one indexed and seven plain fields'
  if (uintAt(log.data, 0) !== LIQUIDATE) return undefined
  const trove = bytes32At(log.indexed, 0)
  const debt = intAt(log.data, 128)
  const collateral = intAt(log.data, 192)
  if (trove === undefined || debt === undefined || collateral === undefined)
    return 'a TroveOperation with broken fields'
  if (debt > 0n || collateral > 0n) return 'a liquidated trove that gained debt or collateral'
  const repaid = legOfAsset(BOLD, -debt)
  const seized = legOf(log.chain, branch.token, -collateral)
  const facts = { account: `trove:${trove}`, repaid, seized, ...dollarsOf(repaid), place: log.place }
  return { type: 'loan-liquidation', protocol: 'liquity-v2', market: branch.name, ...facts }
}
