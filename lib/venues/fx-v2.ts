/**
 * f(x) v2: liquidations of the long pools at their PoolManager. One event covers all positions of the price levels that were
 * liquidated, and names none of them: `account` is empty (not known). The debt is repaid in fxUSD and in USDC.
 * https://github.com/AladdinDAO/fx-protocol-contracts/blob/main/contracts/interfaces/IPoolManager.sol
 */
import { addressAt, uintAt } from './evm/abi.ts'
import { FX_V2_MANAGERS, FX_V2_POOLS } from './evm/deployments.ts'
import { type CheckedLog, hasShape, type LogFact } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import { dollarsOf, legOf, legOfAsset, legUnnamed, tokenNamed } from './evm/tokens.ts'
import type { Venue } from './venue.ts'

/** `Liquidate(address indexed pool, uint256 colls, uint256 fxUSDDebts, uint256 stableDebts)` */
const LIQUIDATE = '0x158ba9ab7bbbd08eeffa4753bad41f4d450e24831d293427308badf3eadd8c76'
const FXUSD = tokenNamed('ethereum', 'fxUSD')
/** USDC has six decimals, fxUSD eighteen: this many USDC atoms' worth of fxUSD atoms is one USDC atom. */
const FXUSD_PER_USDC_ATOM = 10n ** 12n

/** f(x) v2 on Ethereum. */
export const fxV2: Venue = logVenue({
  id: 'fx-v2',
  name: 'f(x) v2',
  kind: 'lending',
  page: 'https://github.com/AladdinDAO/fx-protocol-contracts/blob/main/contracts/interfaces/IPoolManager.sol',
  note: 'Long pools. One event may cover many positions and names no account. What was repaid in USDC is added to the fxUSD at par. Rebalances and short pools are not counted.',
  where: FX_V2_MANAGERS.addresses,
  readers: { [LIQUIDATE]: read },
})

function read(log: CheckedLog): LogFact | string | undefined {
  if (FXUSD === undefined || FX_V2_MANAGERS.at(log.chain, log.address) === undefined) return undefined
  if (!hasShape(log, 2, 3)) return 'a Liquidate of f(x) with other than one indexed and three plain fields'
  const address = addressAt(log.indexed, 0)
  const collateral = uintAt(log.data, 0)
  const inFxUsd = uintAt(log.data, 32)
  const inUsdc = uintAt(log.data, 64)
  if (address === undefined || collateral === undefined || inFxUsd === undefined || inUsdc === undefined)
    return 'a Liquidate of f(x) with broken fields'
  const pool = FX_V2_POOLS.at(log.chain, address)
  const repaid = legOfAsset(FXUSD, inFxUsd + inUsdc * FXUSD_PER_USDC_ATOM)
  const seized = pool?.token ? legOf(log.chain, pool.token, collateral) : legUnnamed(collateral)
  const facts = { account: '', repaid, seized, ...dollarsOf(repaid), place: log.place }
  return { type: 'loan-liquidation', protocol: 'fx-v2', market: pool?.name ?? address, ...facts }
}
