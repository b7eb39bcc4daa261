/** Aave v1: its own liquidation event, with the interest accrued since the last action. */
import { addressAt, uintAt } from './evm/abi.ts'
import { AAVE_V1_POOLS } from './evm/deployments.ts'
import { type CheckedLog, hasShape, type LogFact } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import { dollarsOf, legOf } from './evm/tokens.ts'
import type { Venue } from './venue.ts'

/** `LiquidationCall(address indexed collateral, address indexed reserve, address indexed user, uint256 purchaseAmount, uint256 liquidatedCollateralAmount, uint256 accruedBorrowInterest, address liquidator, bool receiveAToken, uint256 timestamp)` */
const LIQUIDATION_CALL = '0x56864757fd5b1fc9f38f5f3a981cd8ae512ce41b902cf73fc506ee369c6bc237'

/** Aave v1 on Ethereum. */
export const aaveV1: Venue = logVenue({
  id: 'aave-v1',
  name: 'Aave v1',
  kind: 'lending',
  page: 'https://github.com/aave/aave-protocol/blob/master/contracts/lendingpool/LendingPoolLiquidationManager.sol',
  note: 'Liquidations of the one LendingPool. Accrued interest is not part of what the liquidator repaid and not counted.',
  where: AAVE_V1_POOLS.addresses,
  readers: { [LIQUIDATION_CALL]: read },
})

function read(log: CheckedLog): LogFact | string | undefined {
  const pool = AAVE_V1_POOLS.at(log.chain, log.address)
  if (pool === undefined) return undefined
  if (!hasShape(log, 4, 6)) return 'a LiquidationCall of Aave v1 with missing fields'
  const collateral = addressAt(log.indexed, 0)
  const reserve = addressAt(log.indexed, 32)
  const account = addressAt(log.indexed, 64)
  const purchased = uintAt(log.data, 0)
  const taken = uintAt(log.data, 32)
  const liquidator = addressAt(log.data, 96)
  if (collateral === undefined || reserve === undefined || account === undefined || liquidator === undefined)
    return 'a LiquidationCall of Aave v1 whose addresses are none'
  if (purchased === undefined || taken === undefined) return 'a LiquidationCall of Aave v1 without amounts'
  const repaid = legOf(log.chain, reserve, purchased)
  const seized = legOf(log.chain, collateral, taken)
  const facts = { account, liquidator, repaid, seized, ...dollarsOf(repaid), place: log.place }
  return { type: 'loan-liquidation', protocol: 'aave-v1', market: pool.name, ...facts }
}
