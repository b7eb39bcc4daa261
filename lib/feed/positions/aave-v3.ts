/**
 * An Aave v3 market (3.3 to 3.7) and accounts in it as they stand on a chain. Assets are named by the address of their token, which is also the
 * name of their feed. Source: aave-dao/aave-v3-origin at tags v3.3.0 to v3.6.0 and `main`: `IPool.sol`, `DataTypes.sol`,
 * `ReserveConfiguration.sol`, `IDefaultInterestRateStrategyV2.sol`, `IAaveOracle.sol`, `PoolInstance.sol` (revisions).
 */
import { type AbiEvent, type Address, parseAbi, parseAbiItem } from 'viem'
import type {
  AaveAccount,
  AaveEMode,
  AavePosition,
  AaveReserve,
  AaveReserveConfig,
  AaveState,
} from '../../mechanisms/index.ts'
import { breakwaterError } from '../../model/index.ts'
import type { ChainAt, View } from './chain-at.ts'
import { type PositionsRead, positionsRead } from './read-positions.ts'

/** Which mechanism a market's state belongs to. */
export type AaveV3Id = 'aave-v3.3' | 'aave-v3.4' | 'aave-v3.5' | 'aave-v3.6' | 'aave-v3.7'

/** A market: its pool, and the accounts to read. The treasury's own balances are always read. */
export type AaveV3Reading = {
  readonly pool: Address
  readonly accounts: readonly string[]
  /** `false` leaves out what backs no debt (supply that is not collateral): no verdict changes, and large sets are read several times faster. */
  readonly idle?: boolean | undefined
}

/** What was read, and the id of the mechanism whose rules it follows. */
export type AaveV3Read = PositionsRead<AaveState> & { readonly mechanism: AaveV3Id }

const POOL = parseAbi([
  'function POOL_REVISION() view returns (uint256)',
  'function ADDRESSES_PROVIDER() view returns (address)',
  'function getReservesList() view returns (address[])',
  'function getReserveData(address) view returns (uint256[15])',
  'function getVirtualUnderlyingBalance(address) view returns (uint256)',
  'function getReserveDeficit(address) view returns (uint256)',
  'function getLiquidationGracePeriod(address) view returns (uint256)',
  'function getEModeCategoryCollateralConfig(uint8) view returns (uint256 ltv, uint256 threshold, uint256 bonus)',
  'function getEModeCategoryCollateralBitmap(uint8) view returns (uint256)',
  'function getEModeCategoryBorrowableBitmap(uint8) view returns (uint256)',
  'function getEModeCategoryLtvzeroBitmap(uint8) view returns (uint256)',
  'function getIsEModeCategoryIsolated(uint8) view returns (bool)',
  'function getUserConfiguration(address) view returns (uint256)',
  'function getUserEMode(address) view returns (uint256)',
])
const OTHERS = parseAbi([
  'function getPriceOracle() view returns (address)',
  'function getAssetPrice(address) view returns (uint256)',
  'function getInterestRateDataBps(address) view returns (uint256 optimal, uint256 base, uint256 slope1, uint256 slope2)',
  'function RESERVE_TREASURY_ADDRESS() view returns (address)',
  'function scaledTotalSupply() view returns (uint256)',
  'function scaledBalanceOf(address) view returns (uint256)',
])

/** Pool revisions of the versions whose rules are known. */
const REVISIONS: Readonly<Record<string, AaveV3Id>> = {
  ...{ 7: 'aave-v3.3', 8: 'aave-v3.4', 9: 'aave-v3.5', 10: 'aave-v3.6', 11: 'aave-v3.7' },
}
/** The largest e-mode category. */
const LAST_EMODE = 255

/** A reserve's addresses and number as its market lists it. */
type Listed = {
  readonly asset: Address
  readonly id: bigint
  readonly aToken: Address
  readonly debtToken: Address
  readonly strategy: Address
  readonly words: readonly bigint[]
}

/** Reads a market and accounts in it. A pool of another version than those known: `contract-silent`. */
export async function readAaveV3(chain: ChainAt, reading: AaveV3Reading): Promise<AaveV3Read> {
  const { pool, accounts, idle = true } = reading
  const of = (name: string, args: readonly unknown[] = []): View => ({ address: pool, abi: POOL, name, args })
  const [revision, provider, assets] = (await chain.all([
    ...[of('POOL_REVISION'), of('ADDRESSES_PROVIDER'), of('getReservesList')],
  ])) as [bigint, Address, readonly Address[]]
  const mechanism = REVISIONS[String(revision)]
  if (mechanism === undefined)
    throw breakwaterError(
      ...(['contract-silent', `the pool is revision ${revision}; known are 7 (v3.3) to 11 (v3.7)`] as const),
      { pool, revision: String(revision) },
    )
  const listed = await readList(chain, of, assets)
  const [treasury] = (await chain.all([other(listed[0]?.aToken ?? pool, 'RESERVE_TREASURY_ADDRESS')])) as [Address]
  const state: AaveState = {
    reserves: await readReserves(chain, of, listed),
    eModes: await readEModes(chain, of, listed, mechanism),
    accounts: await readAccounts(chain, of, listed, [...new Set([...accounts, treasury])], idle ? undefined : treasury),
    treasury,
  }
  return { ...positionsRead(chain, state, await readPrices(chain, provider, assets)), mechanism }
}

type Of = (name: string, args?: readonly unknown[]) => View

const other = (address: Address, name: string, args: readonly unknown[] = []): View => ({
  ...{ address, abi: OTHERS, name, args },
})
const addressOf = (word: bigint | undefined) => `0x${(word ?? 0n).toString(16).padStart(40, '0')}` as Address

/** Reserves in the order of their numbers, which flags of accounts and e-modes count by. */
async function readList(chain: ChainAt, of: Of, assets: readonly Address[]): Promise<readonly Listed[]> {
  const stored = (await chain.all(
    assets.map((asset) => of('getReserveData', [asset])),
  )) as readonly (readonly bigint[])[]
  return assets
    .map((asset, index): Listed => {
      const words = stored[index] ?? []
      const [aToken, debtToken, strategy] = [8, 10, 11].map((place) => addressOf(words[place])) as [
        Address,
        Address,
        Address,
      ]
      return { asset, id: words[7] ?? 0n, aToken, debtToken, strategy, words }
    })
    .sort((a, b) => Number(a.id - b.id))
}

async function readReserves(chain: ChainAt, of: Of, listed: readonly Listed[]): Promise<Map<string, AaveReserve>> {
  const answers = await chain.all(
    listed.flatMap(({ asset, aToken, debtToken, strategy }) => [
      ...['getVirtualUnderlyingBalance', 'getReserveDeficit', 'getLiquidationGracePeriod'].map((name) =>
        of(name, [asset]),
      ),
      ...[aToken, debtToken].map((token) => other(token, 'scaledTotalSupply')),
      other(strategy, 'getInterestRateDataBps', [asset]),
    ]),
  )
  return new Map(
    listed.map(({ asset, words }, index) => {
      const [virtualBalance, deficit, graceUntil, scaledSupply, scaledDebt, curve] = answers.slice(
        index * 6,
        index * 6 + 6,
      ) as [bigint, bigint, bigint, bigint, bigint, readonly bigint[]]
      const word = (place: number) => words[place] ?? 0n
      const bit = (place: bigint) => ((word(0) >> place) & 1n) === 1n
      return [
        asset,
        {
          config: configOf(asset, word(0), curve),
          ...{
            liquidityIndex: word(1),
            liquidityRate: word(2),
            variableBorrowIndex: word(3),
            variableBorrowRate: word(4),
          },
          ...{ updated: word(6), accruedToTreasury: word(12), isolationDebt: word(14) },
          ...{ virtualBalance, deficit, graceUntil, scaledSupply, scaledDebt },
          ...{ active: bit(56n), frozen: bit(57n), paused: bit(60n) },
        },
      ]
    }),
  )
}

/** A reserve's parameters from its bit map (`ReserveConfiguration.sol`) and its curve in basis points. */
function configOf(
  asset: string,
  map: bigint,
  [optimal = 0n, base = 0n, slope1 = 0n, slope2 = 0n]: readonly bigint[],
): AaveReserveConfig {
  const bits = (from: bigint, count: bigint) => (map >> from) & ((1n << count) - 1n)
  return {
    ...{ asset, feed: asset, decimals: bits(48n, 8n) },
    ...{ ltv: bits(0n, 16n), liquidationThreshold: bits(16n, 16n), liquidationBonus: bits(32n, 16n) },
    ...{ reserveFactor: bits(64n, 16n), liquidationProtocolFee: bits(152n, 16n) },
    ...{ borrowCap: bits(80n, 36n), supplyCap: bits(116n, 36n), debtCeiling: bits(212n, 40n) },
    ...{ borrowing: bits(58n, 1n) === 1n, borrowableInIsolation: bits(61n, 1n) === 1n, siloed: bits(62n, 1n) === 1n },
    ...{ optimalUsage: optimal, baseRate: base, slope1, slope2 },
  }
}

/** Categories that have a threshold; the numbers are given by governance, with holes. */
async function readEModes(
  chain: ChainAt,
  of: Of,
  listed: readonly Listed[],
  mechanism: AaveV3Id,
): Promise<Map<number, AaveEMode>> {
  const ids = Array.from({ length: LAST_EMODE }, (_, index) => index + 1)
  const configs = (await chain.all(
    ids.map((id) => of('getEModeCategoryCollateralConfig', [id])),
  )) as readonly (readonly bigint[])[]
  const used = ids.filter((_, index) => (configs[index]?.[1] ?? 0n) > 0n)
  const [maps, zero, isolated] = await Promise.all([
    chain.all(
      used.flatMap((id) => [
        of('getEModeCategoryCollateralBitmap', [id]),
        of('getEModeCategoryBorrowableBitmap', [id]),
      ]),
    ),
    mechanism < 'aave-v3.6' ? [] : chain.all(used.map((id) => of('getEModeCategoryLtvzeroBitmap', [id]))),
    mechanism < 'aave-v3.7' ? [] : chain.all(used.map((id) => of('getIsEModeCategoryIsolated', [id]))),
  ])
  const assetsOf = (map: unknown) => listed.filter(({ id }) => ((map as bigint) >> id) & 1n).map(({ asset }) => asset)
  return new Map(
    used.map((id, index) => {
      const [ltv = 0n, liquidationThreshold = 0n, liquidationBonus = 0n] = configs[id - 1] ?? []
      const [collateral, borrowable] = [assetsOf(maps[2 * index]), assetsOf(maps[2 * index + 1])]
      const newer = {
        ...(zero.length > 0 ? { ltvZero: assetsOf(zero[index]) } : {}),
        ...(isolated.length > 0 ? { isolated: isolated[index] === true } : {}),
      }
      return [id, { ltv, liquidationThreshold, liquidationBonus, collateral, borrowable, ...newer }]
    }),
  )
}

/**
 * Accounts: flags first, then debts where a flag says so, and supplies. With `only`, supplies that are no collateral are read for that account alone.
 */
async function readAccounts(
  chain: ChainAt,
  of: Of,
  listed: readonly Listed[],
  ids: readonly string[],
  only?: string,
): Promise<Map<string, AaveAccount>> {
  const flags = (await chain.all(
    ids.flatMap((account) => [of('getUserConfiguration', [account]), of('getUserEMode', [account])]),
  )) as readonly bigint[]
  const wanted = ids.flatMap((account, index) =>
    listed.map(({ asset, id, aToken, debtToken }) => {
      const bits = (flags[2 * index] ?? 0n) >> (2n * id)
      const [borrowing, usedAsCollateral] = [(bits & 1n) === 1n, (bits & 2n) === 2n]
      const supplied = usedAsCollateral || only === undefined || account === only
      const tokens = [...(supplied ? [aToken] : []), ...(borrowing ? [debtToken] : [])]
      return { account, asset, borrowing, usedAsCollateral, supplied, tokens }
    }),
  )
  const balances = (await chain.all(
    wanted.flatMap(({ account, tokens }) => tokens.map((token) => other(token, 'scaledBalanceOf', [account]))),
  )) as readonly bigint[]
  const accounts = new Map(
    ids.map((account, index): [string, AaveAccount] => {
      return [account, { eMode: Number(flags[2 * index + 1] ?? 0n), positions: new Map<string, AavePosition>() }]
    }),
  )
  let next = 0
  for (const { account, asset, borrowing, usedAsCollateral, supplied } of wanted) {
    const scaledCollateral = supplied ? (balances[next++] ?? 0n) : 0n
    const scaledDebt = borrowing ? (balances[next++] ?? 0n) : 0n
    if (scaledCollateral > 0n || borrowing || usedAsCollateral)
      accounts.get(account)?.positions.set(asset, { scaledCollateral, usedAsCollateral, scaledDebt, borrowing })
  }
  return accounts
}

/** An asset without a price has none here: the pool's own actions on it revert too. */
async function readPrices(
  chain: ChainAt,
  provider: Address,
  assets: readonly Address[],
): Promise<ReadonlyMap<string, bigint>> {
  const [oracle] = (await chain.all([other(provider, 'getPriceOracle')])) as [Address]
  const answers = await chain.any(assets.map((asset) => other(oracle, 'getAssetPrice', [asset])))
  return new Map(
    assets.flatMap((asset, index) =>
      answers[index] === undefined ? [] : [[asset, answers[index] as bigint] as const],
    ),
  )
}

const BORROW = parseAbiItem(
  'event Borrow(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount, uint8 interestRateMode, uint256 borrowRate, uint16 indexed referralCode)',
) as AbiEvent

/** Every account that borrowed from a pool since a block. */
export async function aaveV3Borrowers(chain: ChainAt, pool: Address, fromBlock: bigint): Promise<readonly string[]> {
  const found = await chain.events(pool, BORROW, fromBlock)
  return [...new Set(found.map(({ args }) => String(args['onBehalfOf'])))]
}
