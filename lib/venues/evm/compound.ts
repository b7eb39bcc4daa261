/**
 * The liquidation that Compound v2 and its descendants log. It stands at the market (cToken) that is owed; what is seized
 * are cTokens of another market, not their underlying: `seized.asset` is `cETH`, not `ETH`, and the amount is in cTokens.
 * Venus' isolated pools log the same event with its first three addresses indexed: the count of topics tells them apart.
 * https://github.com/compound-finance/compound-protocol/blob/master/contracts/CTokenInterfaces.sol
 */
import type { Leg } from '../../model/index.ts'
import { addressAt, uintAt } from './abi.ts'
import type { Contracts } from './contracts.ts'
import type { CheckedLog, LogFact } from './log.ts'
import { dollarsOf, legOf, legOfAsset, legUnnamed } from './tokens.ts'

/** `LiquidateBorrow(address liquidator, address borrower, uint256 repayAmount, address cTokenCollateral, uint256 seizeTokens)` */
export const LIQUIDATE_BORROW = '0x298637f684da70674f26509b10f07ec2fbc77a335ab1e7d6215a4b2484d8bb52'

/** A cToken and a vToken have eight decimals, whatever their underlying has. */
const RECEIPT_DECIMALS = 8

/** Reads a `LiquidateBorrow` of a protocol whose markets the table knows; a market outside it keeps its address. */
export function liquidateBorrow(log: CheckedLog, protocol: string, markets: Contracts): LogFact | string {
  const parts = log.topicCount === 1 ? plainParts(log) : indexedParts(log)
  const { liquidator, account, collateral, repayAmount, seizeTokens } = parts
  if (liquidator === undefined || account === undefined || collateral === undefined)
    return 'a LiquidateBorrow whose addresses are none'
  if (repayAmount === undefined || seizeTokens === undefined) return 'a LiquidateBorrow without amounts'
  const { chain, address, place } = log
  const market = markets.at(chain, address)
  const repaid = market?.token === undefined ? legUnnamed(repayAmount) : legOf(chain, market.token, repayAmount)
  const seized = receiptLeg(markets, chain, collateral, seizeTokens)
  const facts = { account, liquidator, repaid, seized, ...dollarsOf(repaid), place }
  return { type: 'loan-liquidation', protocol, market: market?.name ?? address, ...facts }
}

function receiptLeg(markets: Contracts, chain: string, address: string, atoms: bigint): Leg {
  const name = markets.at(chain, address)?.name
  if (name === undefined) return { asset: address, address, atoms }
  return legOfAsset({ symbol: name, decimals: RECEIPT_DECIMALS, address }, atoms)
}

function plainParts({ data }: CheckedLog) {
  return {
    liquidator: addressAt(data, 0),
    account: addressAt(data, 32),
    repayAmount: uintAt(data, 64),
    collateral: addressAt(data, 96),
    seizeTokens: uintAt(data, 128),
  }
}

/** Venus isolated: `LiquidateBorrow(address indexed liquidator, address indexed borrower, uint256 repayAmount, address indexed vTokenCollateral, uint256 seizeTokens)`. */
function indexedParts({ indexed, data }: CheckedLog) {
  return {
    liquidator: addressAt(indexed, 0),
    account: addressAt(indexed, 32),
    collateral: addressAt(indexed, 64),
    repayAmount: uintAt(data, 0),
    seizeTokens: uintAt(data, 32),
  }
}
