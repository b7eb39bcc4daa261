/**
 * The liquidation that Aave v2, Aave v3 and SparkLend log alike, and the deficit of v3.3 and later.
 * The three share the event, so each takes the logs of its own pools. The collateral amount is net of the protocol's fee.
 * https://github.com/aave-dao/aave-v3-origin/blob/main/src/contracts/interfaces/IPool.sol
 */
import { addressAt, uintAt } from './abi.ts'
import { type CheckedLog, hasShape, type LogFact } from './log.ts'
import { dollarsOf, legOf } from './tokens.ts'

/** `LiquidationCall(address indexed collateralAsset, address indexed debtAsset, address indexed user, uint256 debtToCover, uint256 liquidatedCollateralAmount, address liquidator, bool receiveAToken)` */
export const LIQUIDATION_CALL = '0xe413a321e8681d831f4dbccbca790d2952b56f977908e45be37335533e005286'
/** `DeficitCreated(address indexed user, address indexed debtAsset, uint256 amountCreated)`; Aave ≥ 3.3 only. */
export const DEFICIT_CREATED = '0x2bccfb3fad376d59d7accf970515eb77b2f27b082c90ed0fb15583dd5a942699'

/** Reads a `LiquidationCall` for a protocol and one of its pools. */
export function liquidationCall(log: CheckedLog, protocol: string, market: string): LogFact | string {
  if (!hasShape(log, 4, 4)) return 'a LiquidationCall with other than three indexed and four plain fields'
  const collateral = addressAt(log.indexed, 0)
  const debt = addressAt(log.indexed, 32)
  const account = addressAt(log.indexed, 64)
  const covered = uintAt(log.data, 0)
  const taken = uintAt(log.data, 32)
  const liquidator = addressAt(log.data, 64)
  if (collateral === undefined || debt === undefined || account === undefined || liquidator === undefined)
    return 'a LiquidationCall whose addresses are none'
  if (covered === undefined || taken === undefined) return 'a LiquidationCall without amounts'
  const repaid = legOf(log.chain, debt, covered)
  const seized = legOf(log.chain, collateral, taken)
  const { place } = log
  return {
    type: 'loan-liquidation',
    protocol,
    market,
    account,
    liquidator,
    repaid,
    seized,
    ...dollarsOf(repaid),
    place,
  }
}

/** Reads a `DeficitCreated`: debt that no collateral stands behind any more. */
export function deficitCreated(log: CheckedLog, protocol: string, market: string): LogFact | string {
  if (!hasShape(log, 3, 1)) return 'a DeficitCreated with other than two indexed fields and one plain'
  const account = addressAt(log.indexed, 0)
  const debt = addressAt(log.indexed, 32)
  const amount = uintAt(log.data, 0)
  if (account === undefined || debt === undefined || amount === undefined) return 'a DeficitCreated with broken fields'
  const loss = legOf(log.chain, debt, amount)
  return { type: 'bad-debt', protocol, market, account, loss, ...dollarsOf(loss), place: log.place }
}
