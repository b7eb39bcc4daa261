/**
 * A Compound III market (Comet) and accounts in it as they stand on a chain. Assets are named by the address of their token, feeds by the address of
 * their price feed. Source: compound-finance/comet@d5a30b0a `CometMainInterface.sol`, `CometExtInterface.sol`, `CometStorage.sol`, `CometCore.sol`.
 */
import { type AbiEvent, type Address, parseAbi, parseAbiItem } from 'viem'
import type { CometAccount, CometAsset, CometConfig, CometPause, CometState } from '../../mechanisms/index.ts'
import type { ChainAt, View } from './chain-at.ts'
import { type PositionsRead, positionsRead } from './read-positions.ts'

/** What to read. */
export type CometReading = { readonly comet: Address; readonly accounts: readonly string[] }

const COMET = parseAbi([
  'function baseToken() view returns (address)',
  'function baseTokenPriceFeed() view returns (address)',
  'function baseScale() view returns (uint256)',
  'function storeFrontPriceFactor() view returns (uint256)',
  'function targetReserves() view returns (uint256)',
  'function baseBorrowMin() view returns (uint256)',
  'function supplyKink() view returns (uint256)',
  'function supplyPerSecondInterestRateBase() view returns (uint256)',
  'function supplyPerSecondInterestRateSlopeLow() view returns (uint256)',
  'function supplyPerSecondInterestRateSlopeHigh() view returns (uint256)',
  'function borrowKink() view returns (uint256)',
  'function borrowPerSecondInterestRateBase() view returns (uint256)',
  'function borrowPerSecondInterestRateSlopeLow() view returns (uint256)',
  'function borrowPerSecondInterestRateSlopeHigh() view returns (uint256)',
  'function numAssets() view returns (uint8)',
  'function getAssetInfo(uint8) view returns (uint8 offset, address asset, address priceFeed, uint64 scale, uint64 borrowCollateralFactor, uint64 liquidateCollateralFactor, uint64 liquidationFactor, uint128 supplyCap)',
  'function totalsBasic() view returns (uint64 baseSupplyIndex, uint64 baseBorrowIndex, uint64 trackingSupplyIndex, uint64 trackingBorrowIndex, uint104 totalSupplyBase, uint104 totalBorrowBase, uint40 lastAccrualTime, uint8 pauseFlags)',
  'function totalsCollateral(address) view returns (uint128 totalSupplyAsset, uint128 reserved)',
  'function userBasic(address) view returns (int104 principal, uint64 baseTrackingIndex, uint64 baseTrackingAccrued, uint16 assetsIn, uint8 reserved)',
  'function userCollateral(address, address) view returns (uint128 balance, uint128 reserved)',
  'function getPrice(address) view returns (uint256)',
])
const TOKEN = parseAbi(['function balanceOf(address) view returns (uint256)'])

/** Places of the bits that stop actions (`CometStorage.pauseFlags`). */
const PAUSES: readonly CometPause[] = ['supply', 'transfer', 'withdraw', 'absorb', 'buy']

type Of = (name: string, args?: readonly unknown[]) => View

/** Reads a market, the prices of all its feeds, and accounts. A price that is not above zero is left out: the contract refuses it too. */
export async function readComet(chain: ChainAt, { comet, accounts }: CometReading): Promise<PositionsRead<CometState>> {
  const of: Of = (name, args = []) => ({ address: comet, abi: COMET, name, args })
  const config = await readConfig(chain, of)
  const held = (token: string): View => ({ address: token as Address, abi: TOKEN, name: 'balanceOf', args: [comet] })
  const [totals, baseBalance] = (await chain.all([of('totalsBasic'), held(config.base.symbol)])) as [Totals, bigint]
  const collateral = await chain.all(
    config.assets.flatMap(({ symbol }) => [of('totalsCollateral', [symbol]), held(symbol)]),
  )
  const [baseSupplyIndex, baseBorrowIndex, , , totalSupplyBase, totalBorrowBase, lastAccrualTime, flags] = totals
  const paused = PAUSES.filter((_, bit) => (flags >> bit) & 1)
  const state: CometState = {
    ...{ config, baseSupplyIndex, baseBorrowIndex, totalSupplyBase, totalBorrowBase, baseBalance },
    lastAccrualTime: BigInt(lastAccrualTime),
    ...(paused.length > 0 ? { paused } : {}),
    owed: new Map(
      config.assets.map(({ symbol }, index) => [symbol, (collateral[2 * index] as readonly bigint[])[0] ?? 0n]),
    ),
    held: new Map(config.assets.map(({ symbol }, index) => [symbol, collateral[2 * index + 1] as bigint])),
    accounts: await readAccounts(chain, of, config, accounts),
  }
  return positionsRead(chain, state, await readPrices(chain, of, config))
}

type Totals = readonly [bigint, bigint, bigint, bigint, bigint, bigint, lastAccrualTime: number, pauseFlags: number]

async function readConfig(chain: ChainAt, of: Of): Promise<CometConfig> {
  const curve = (side: 'supply' | 'borrow') => [
    of(`${side}Kink`),
    ...['Base', 'SlopeLow', 'SlopeHigh'].map((part) => of(`${side}PerSecondInterestRate${part}`)),
  ]
  const [symbol, feed, count, ...numbers] = (await chain.all([
    ...[of('baseToken'), of('baseTokenPriceFeed'), of('numAssets'), of('baseScale')],
    ...[of('storeFrontPriceFactor'), of('targetReserves'), of('baseBorrowMin')],
    ...[...curve('supply'), ...curve('borrow')],
  ])) as [Address, Address, number, ...bigint[]]
  const [scale = 0n, storeFrontPriceFactor = 0n, targetReserves = 0n, baseBorrowMin = 0n] = numbers
  const curveAt = (from: number) => {
    const [kink = 0n, base = 0n, slopeLow = 0n, slopeHigh = 0n] = numbers.slice(from)
    return { kink, base, slopeLow, slopeHigh }
  }
  const infos = (await chain.all(
    Array.from({ length: count }, (_, index) => of('getAssetInfo', [index])),
  )) as readonly AssetInfo[]
  return {
    base: { symbol, feed, scale },
    ...{ storeFrontPriceFactor, targetReserves, baseBorrowMin, supply: curveAt(4), borrow: curveAt(8) },
    assets: infos.map(
      ([, asset, priceFeed, scaleOf, borrowFactor, liquidateFactor, liquidationFactor, supplyCap]): CometAsset => ({
        ...{ symbol: asset, feed: priceFeed, scale: scaleOf, liquidationFactor, supplyCap },
        ...{ borrowCollateralFactor: borrowFactor, liquidateCollateralFactor: liquidateFactor },
      }),
    ),
  }
}

type AssetInfo = readonly [number, Address, Address, bigint, bigint, bigint, bigint, bigint]

/** An account's collateral counts by the bits of `assetsIn`; the sixteenth and later assets stand in the reserved byte. */
async function readAccounts(
  chain: ChainAt,
  of: Of,
  { assets }: CometConfig,
  ids: readonly string[],
): Promise<Map<string, CometAccount>> {
  const basics = (await chain.all(ids.map((account) => of('userBasic', [account])))) as readonly (readonly [
    bigint,
    bigint,
    bigint,
    number,
    number,
  ])[]
  const entered = ids.flatMap((account, index) => {
    const [, , , low = 0, high = 0] = basics[index] ?? []
    const map = low | (high << 16)
    return assets.flatMap(({ symbol }, bit) => ((map >> bit) & 1 ? [{ account, symbol }] : []))
  })
  const balances = (await chain.all(
    entered.map(({ account, symbol }) => of('userCollateral', [account, symbol])),
  )) as readonly (readonly bigint[])[]
  const accounts = new Map<string, CometAccount>(
    ids.map((account, index) => [
      account,
      { principal: basics[index]?.[0] ?? 0n, collateral: new Map<string, bigint>() },
    ]),
  )
  for (const [index, { account, symbol }] of entered.entries())
    accounts.get(account)?.collateral.set(symbol, balances[index]?.[0] ?? 0n)
  return accounts
}

async function readPrices(chain: ChainAt, of: Of, { base, assets }: CometConfig): Promise<ReadonlyMap<string, bigint>> {
  const feeds = [...new Set([base.feed, ...assets.map(({ feed }) => feed)])]
  const answers = await chain.any(feeds.map((feed) => of('getPrice', [feed])))
  return new Map(
    feeds.flatMap((feed, index) => (answers[index] === undefined ? [] : [[feed, answers[index] as bigint] as const])),
  )
}

const WITHDRAW = parseAbiItem('event Withdraw(address indexed src, address indexed to, uint256 amount)') as AbiEvent

/** Every account that took base out of a market since a block: borrowing is withdrawing more than was supplied. */
export async function cometBorrowers(chain: ChainAt, comet: Address, fromBlock: bigint): Promise<readonly string[]> {
  const found = await chain.events(comet, WITHDRAW, fromBlock)
  return [...new Set(found.map(({ args }) => String(args['src'])))]
}
