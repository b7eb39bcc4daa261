/**
 * GMX v1: liquidations at the Vault. Sizes, collateral and prices are dollars with 30 decimals; the price is the mark price at
 * which the position was closed. A position is closed whole.
 * https://github.com/gmx-io/gmx-contracts/blob/master/contracts/core/Vault.sol
 */
import { fixedToNumber } from '../model/index.ts'
import { addressAt, boolAt, uintAt } from './evm/abi.ts'
import { GMX_V1_VAULTS } from './evm/deployments.ts'
import { type CheckedLog, hasShape, type LogFact } from './evm/log.ts'
import { logVenue } from './evm/log-venue.ts'
import { tokenAt } from './evm/tokens.ts'
import type { Venue } from './venue.ts'

/** `LiquidatePosition(bytes32 key, address account, address collateralToken, address indexToken, bool isLong, uint256 size, uint256 collateral, uint256 reserveAmount, int256 realisedPnl, uint256 markPrice)` */
const LIQUIDATE_POSITION = '0x2e1f85a64a2f22cf2f0c42584e7c919ed4abe8d53675cff0f62bf1e95a1c676f'
const USD_DECIMALS = 30

/** GMX v1 on Arbitrum and Avalanche. */
export const gmxV1: Venue = logVenue({
  id: 'gmx-v1',
  name: 'GMX v1',
  kind: 'perp-dex',
  page: 'https://github.com/gmx-io/gmx-contracts/blob/master/contracts/core/Vault.sol',
  note: 'Positions liquidated whole, with the dollars of the position. A position that still covers its fees is closed as an ordinary decrease and not logged as a liquidation.',
  where: GMX_V1_VAULTS.addresses,
  readers: { [LIQUIDATE_POSITION]: read },
})

function read(log: CheckedLog): LogFact | string | undefined {
  if (GMX_V1_VAULTS.at(log.chain, log.address) === undefined) return undefined
  if (!hasShape(log, 1, 10)) return 'a LiquidatePosition with missing fields'
  const account = addressAt(log.data, 32)
  const index = addressAt(log.data, 96)
  const isLong = boolAt(log.data, 128)
  const size = uintAt(log.data, 160)
  const mark = uintAt(log.data, 288)
  if (account === undefined || index === undefined || isLong === undefined || size === undefined || mark === undefined)
    return 'a LiquidatePosition with broken fields'
  if (size === 0n || mark === 0n) return 'a LiquidatePosition without size or price'
  const usd = fixedToNumber(size, USD_DECIMALS)
  const price = fixedToNumber(mark, USD_DECIMALS)
  const coin = coinAt(log.chain, index)
  return {
    type: 'perp-liquidation',
    instrument: `${coin}-USD`,
    coin,
    side: isLong ? 'long' : 'short',
    size: usd / price,
    price,
    priceKind: 'mark',
    usd,
    usdBasis: 'reported',
    account,
    place: log.place,
  }
}

/** The coin an index token stands for: `WETH.e` → ETH; an unknown token's coin is its address. */
function coinAt(chain: string, address: string): string {
  const symbol = tokenAt(chain, address)?.symbol.replace(/\.[a-z]$/, '')
  if (symbol === undefined) return address
  return /^W(ETH|BTC|AVAX)$/.test(symbol) ? symbol.slice(1) : symbol
}
