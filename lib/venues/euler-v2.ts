/**
 * Euler v2: the event stands at the vault whose asset is owed. What is seized are shares of the collateral vault, not its asset.
 * A call on a healthy account logs nothing repaid and nothing taken: that is no liquidation.
 * https://github.com/euler-xyz/euler-vault-kit/blob/master/src/EVault/shared/Events.sol
 */
import { addressAt, uintAt } from './evm/abi.ts'
import { EULER_V2_VAULTS } from './evm/deployments.ts'
import { type CheckedLog, hasShape, type LogFact } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import { dollarsOf, legOf, legUnnamed } from './evm/tokens.ts'
import type { Venue } from './venue.ts'

/** `Liquidate(address indexed liquidator, address indexed violator, address collateral, uint256 repayAssets, uint256 yieldBalance)` */
const LIQUIDATE = '0x8246cc71ab01533b5bebc672a636df812f10637ad720797319d5741d5ebb3962'

/** Euler v2 on Ethereum, Base and Arbitrum. */
export const eulerV2: Venue = logVenue({
  id: 'euler-v2',
  name: 'Euler v2',
  kind: 'lending',
  page: 'https://github.com/euler-xyz/euler-vault-kit/blob/master/src/EVault/shared/Events.sol',
  note: 'Every vault that logs the event. The assets of the known vaults are named; another vault is taken in atoms with its address as market. What is seized are vault shares.',
  where: { ethereum: [], base: [], arbitrum: [] },
  readers: { [LIQUIDATE]: read },
})

function read(log: CheckedLog): LogFact | string | undefined {
  if (!hasShape(log, 3, 3)) return 'a Liquidate of Euler with other than two indexed and three plain fields'
  const liquidator = addressAt(log.indexed, 0)
  const account = addressAt(log.indexed, 32)
  const collateral = addressAt(log.data, 0)
  const repaidAssets = uintAt(log.data, 32)
  const shares = uintAt(log.data, 64)
  if (liquidator === undefined || account === undefined || collateral === undefined)
    return 'a Liquidate of Euler whose addresses are none'
  if (repaidAssets === undefined || shares === undefined) return 'a Liquidate of Euler without amounts'
  if (repaidAssets === 0n && shares === 0n) return undefined
  const { chain, address, place } = log
  const vault = EULER_V2_VAULTS.at(chain, address)
  const repaid = vault?.token ? legOf(chain, vault.token, repaidAssets) : legUnnamed(repaidAssets)
  // The collateral vault's shares: their decimals are the asset's, but what one is worth is not in the log.
  const seized = {
    asset: EULER_V2_VAULTS.at(chain, collateral)?.name ?? collateral,
    address: collateral,
    atoms: shares,
  }
  const facts = { account, liquidator, repaid, seized, ...dollarsOf(repaid), place }
  return { type: 'loan-liquidation', protocol: 'euler-v2', market: vault?.name ?? address, ...facts }
}
