/**
 * Compound v3 (Comet). An absorption logs one `AbsorbDebt` per account and one `AbsorbCollateral` per collateral of that
 * account, in one transaction. Only `AbsorbDebt` is the liquidation: it says the account, the base tokens the protocol paid
 * out and their dollars. `AbsorbCollateral` gives no fact: it is the same liquidation's other side, and a loan counts what
 * was repaid; so a liquidation over three collaterals counts once. What is seized is therefore not named here. The collateral
 * comes to light again when somebody buys it (`BuyCollateral`).
 * https://github.com/compound-finance/comet/blob/main/contracts/CometMainInterface.sol
 */
import { fixedToNumber } from '../model/index.ts'
import { addressAt, uintAt } from './evm/abi.ts'
import { COMETS } from './evm/deployments.ts'
import { type CheckedLog, hasShape, type LogFact } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import { dollarsOf, legOf, UNNAMED } from './evm/tokens.ts'
import type { Venue } from './venue.ts'

/** `AbsorbDebt(address indexed absorber, address indexed borrower, uint256 basePaidOut, uint256 usdValue)` */
const ABSORB_DEBT = '0x1547a878dc89ad3c367b6338b4be6a65a5dd74fb77ae044da1e8747ef1f4f62f'
/** `BuyCollateral(address indexed buyer, address indexed asset, uint256 baseAmount, uint256 collateralAmount)` */
const BUY_COLLATERAL = '0xf891b2a411b0e66a5f0a6ff1368670fefa287a13f541eb633a386a1a9cc7046b'
/** Comet values in dollars with eight decimals, as its price feeds do. */
const USD_DECIMALS = 8

/** Compound v3 on Ethereum, Arbitrum, Base, Optimism and Polygon. */
export const compoundV3: Venue = logVenue({
  id: 'compound-v3',
  name: 'Compound v3',
  kind: 'lending',
  page: 'https://github.com/compound-finance/comet/blob/main/contracts/CometMainInterface.sol',
  note: 'AbsorbDebt is the liquidation, with the dollars that the log states; AbsorbCollateral is its other side and not counted again. BuyCollateral is a purchase of seized collateral.',
  where: COMETS.addresses,
  readers: { [ABSORB_DEBT]: absorbed, [BUY_COLLATERAL]: bought },
})

function absorbed(log: CheckedLog): LogFact | string | undefined {
  const comet = COMETS.at(log.chain, log.address)
  if (comet?.token === undefined) return undefined
  if (!hasShape(log, 3, 2)) return 'an AbsorbDebt with other than two indexed and two plain fields'
  const liquidator = addressAt(log.indexed, 0)
  const account = addressAt(log.indexed, 32)
  const paidOut = uintAt(log.data, 0)
  const value = uintAt(log.data, 32)
  if (liquidator === undefined || account === undefined || paidOut === undefined || value === undefined)
    return 'an AbsorbDebt with broken fields'
  return {
    type: 'loan-liquidation',
    protocol: 'compound-v3',
    market: comet.name,
    account,
    liquidator,
    repaid: legOf(log.chain, comet.token, paidOut),
    seized: { asset: UNNAMED },
    usd: fixedToNumber(value, USD_DECIMALS),
    usdBasis: 'reported',
    place: log.place,
  }
}

function bought(log: CheckedLog): LogFact | string | undefined {
  const comet = COMETS.at(log.chain, log.address)
  if (comet?.token === undefined) return undefined
  if (!hasShape(log, 3, 2)) return 'a BuyCollateral with other than two indexed and two plain fields'
  const taker = addressAt(log.indexed, 0)
  const asset = addressAt(log.indexed, 32)
  const base = uintAt(log.data, 0)
  const collateral = uintAt(log.data, 32)
  if (taker === undefined || asset === undefined || base === undefined || collateral === undefined)
    return 'a BuyCollateral with broken fields'
  const paid = legOf(log.chain, comet.token, base)
  const lot = legOf(log.chain, asset, collateral)
  const facts = { taker, paid, bought: lot, ...dollarsOf(paid), place: log.place }
  return { type: 'auction-taken', protocol: 'compound-v3', market: comet.name, ...facts }
}
