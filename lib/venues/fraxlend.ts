/**
 * Fraxlend: one event per pair; the first version of the pair logs no fee, so it has a topic of its own. Debt written off
 * (`amountToAdjust`) stands in the same event. The log does not name the liquidator.
 * https://github.com/FraxFinance/fraxlend/blob/main/src/contracts/FraxlendPairCore.sol
 */
import { addressAt, uintAt } from './evm/abi.ts'
import { FRAXLEND_PAIRS } from './evm/deployments.ts'
import { type CheckedLog, hasShape, type LogFact } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import { dollarsOf, legOf, legOfAsset, legUnnamed, tokenNamed } from './evm/tokens.ts'
import type { Venue } from './venue.ts'

/** `Liquidate(address indexed borrower, uint256 collateralForLiquidator, uint256 sharesToLiquidate, uint256 amountLiquidatorToRepay, uint256 feesAmount, uint256 sharesToAdjust, uint256 amountToAdjust)` */
const LIQUIDATE = '0x821de4e13fff1938b3806eb2859b6a5d55111f00dcf286f8a793584228ff36f8'
/** The first version: the same without `feesAmount`. */
const LIQUIDATE_V1 = '0x35f432a64bd3767447a456650432406c6cacb885819947a202216eeea6820ecf'
const FRAX = tokenNamed('ethereum', 'FRAX')

/** Fraxlend on Ethereum. */
export const fraxlend: Venue = logVenue({
  id: 'fraxlend',
  name: 'Fraxlend',
  kind: 'lending',
  page: 'https://github.com/FraxFinance/fraxlend/blob/main/src/contracts/FraxlendPairCore.sol',
  note: 'Every pair that logs the event. The tokens of the known pairs are named; another pair is taken in atoms with its address as market.',
  where: { ethereum: [] },
  readers: { [LIQUIDATE]: (log) => read(log, 6), [LIQUIDATE_V1]: (log) => read(log, 5) },
})

function read(log: CheckedLog, words: 5 | 6): LogFact | string | undefined {
  if (!hasShape(log, 2, words)) return 'a Liquidate of Fraxlend with missing fields'
  const account = addressAt(log.indexed, 0)
  const collateral = uintAt(log.data, 0)
  const amount = uintAt(log.data, 64)
  const lost = uintAt(log.data, (words - 1) * 32)
  if (account === undefined || collateral === undefined || amount === undefined || lost === undefined)
    return 'a Liquidate of Fraxlend with broken fields'
  const pair = FRAXLEND_PAIRS.at(log.chain, log.address)
  const legOfDebt = (atoms: bigint) => (pair && FRAX ? legOfAsset(FRAX, atoms) : legUnnamed(atoms))
  const repaid = legOfDebt(amount)
  return {
    type: 'loan-liquidation',
    protocol: 'fraxlend',
    market: pair?.name ?? log.address,
    account,
    repaid,
    seized: pair?.token ? legOf(log.chain, pair.token, collateral) : legUnnamed(collateral),
    ...dollarsOf(repaid),
    ...(lost === 0n ? {} : { badDebt: legOfDebt(lost) }),
    place: log.place,
  }
}
