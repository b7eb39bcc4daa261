/** Aave v2 deployed from the bytecode that `@aave/protocol-v2` 1.0.1 ships, with random parameters. */
import type { Address } from 'viem'
import type { Prng } from '../../model/index.ts'
import {
  type AaveAsset,
  type AaveCoin,
  type AaveMarket,
  accountsOf,
  drawConfig,
  NOBODY,
  rayOf,
  TREASURY,
} from './aave-market.ts'
import type { Contract, LocalChain } from './chain.ts'
import { type Artifact, shipped } from './compile.ts'

const ROOT = '@aave/protocol-v2/artifacts/contracts'
const at = (path: string): Artifact => shipped(`${ROOT}/${path}.sol/${path.slice(path.lastIndexOf('/') + 1)}.json`)

/** What markets share: the libraries and the code behind their proxies. */
export type AaveV2Code = { readonly pool: Contract; readonly configurator: Contract; readonly manager: Contract }

/** Deploys what markets share. */
export async function deployAaveV2Code(chain: LocalChain): Promise<AaveV2Code> {
  const logic = 'protocol/libraries/logic'
  const libraries: Record<string, Address> = {}
  for (const name of ['ReserveLogic', 'GenericLogic', 'ValidationLogic'])
    libraries[name] = (await chain.deploy(at(`${logic}/${name}`), [], { libraries })).address
  return {
    pool: await chain.deploy(at('protocol/lendingpool/LendingPool'), [], { libraries }),
    configurator: await chain.deploy(at('protocol/lendingpool/LendingPoolConfigurator'), [], { libraries }),
    manager: await chain.deploy(at('protocol/lendingpool/LendingPoolCollateralManager'), [], { libraries }),
  }
}

/** Deploys a market of its own. */
export async function deployAaveV2(
  chain: LocalChain,
  code: AaveV2Code,
  coins: readonly AaveCoin[],
  chance: Prng,
): Promise<AaveMarket> {
  const owner = chain.accounts[0]
  const provider = await chain.deploy(at('protocol/configuration/LendingPoolAddressesProvider'), ['market'])
  for (const [name, value] of [
    ['setPoolAdmin', owner],
    ['setEmergencyAdmin', owner],
    ['setLendingPoolImpl', code.pool.address],
    ['setLendingPoolConfiguratorImpl', code.configurator.address],
    ['setLendingPoolCollateralManager', code.manager.address],
  ] as const)
    await chain.write(provider, name, [value])
  const pool = { address: await chain.read<Address>(provider, 'getLendingPool'), abi: code.pool.abi }
  const configurator = {
    address: await chain.read<Address>(provider, 'getLendingPoolConfigurator'),
    abi: code.configurator.abi,
  }
  const rates = await deployOracles(chain, provider, coins)
  const accounts = accountsOf()
  const assets: AaveAsset[] = []
  for (const coin of coins) {
    const config = drawConfig(chance, coin, 'v2')
    await chain.write(rates, 'setMarketBorrowRate', [coin.coin.address, config.stable?.market])
    assets.push(
      await listAsset(chain, { provider, pool, configurator, treasury: accounts.get(TREASURY) }, coin, config),
    )
  }
  return { version: 'v2', chain, pool, configurator, assets, eModes: new Map(), accounts }
}

/** Prices from the feeds; where a feed says zero the fallback says zero too. No asset is the base currency. Returns the lending rate oracle. */
async function deployOracles(chain: LocalChain, provider: Contract, coins: readonly AaveCoin[]): Promise<Contract> {
  const fallback = await chain.deploy(at('mocks/oracle/PriceOracle'))
  const prices = await chain.deploy(at('misc/AaveOracle'), [
    coins.map(({ coin }) => coin.address),
    coins.map(({ feed }) => feed.address),
    fallback.address,
    NOBODY,
  ])
  await chain.write(provider, 'setPriceOracle', [prices.address])
  const rates = await chain.deploy(at('mocks/oracle/LendingRateOracle'))
  await chain.write(provider, 'setLendingRateOracle', [rates.address])
  return rates
}

type Site = {
  readonly provider: Contract
  readonly pool: Contract
  readonly configurator: Contract
  readonly treasury: Address | undefined
}

async function listAsset(
  chain: LocalChain,
  { provider, pool, configurator, treasury }: Site,
  { id, coin, feed }: AaveCoin,
  config: AaveAsset['config'],
): Promise<AaveAsset> {
  const tokens = 'protocol/tokenization'
  const common = [id, id, NOBODY]
  const aToken = await chain.deploy(at(`${tokens}/AToken`), [pool.address, coin.address, treasury, ...common])
  const stable = await chain.deploy(at(`${tokens}/StableDebtToken`), [pool.address, coin.address, ...common])
  const variable = await chain.deploy(at(`${tokens}/VariableDebtToken`), [pool.address, coin.address, ...common])
  const strategy = await chain.deploy(at('protocol/lendingpool/DefaultReserveInterestRateStrategy'), [
    provider.address,
    ...[config.optimalUsage, config.baseRate, config.slope1, config.slope2].map(rayOf),
    ...[config.stable?.slope1 ?? 0n, config.stable?.slope2 ?? 0n].map(rayOf),
  ])
  await chain.write(configurator, 'initReserve', [
    ...[aToken.address, stable.address, variable.address, Number(config.decimals), strategy.address],
  ])
  const { ltv, liquidationThreshold, liquidationBonus, reserveFactor } = config
  await chain.write(configurator, 'enableBorrowingOnReserve', [coin.address, config.stable?.enabled ?? true])
  await chain.write(configurator, 'setReserveFactor', [coin.address, reserveFactor])
  await chain.write(configurator, 'configureReserveAsCollateral', [
    ...[coin.address, ltv, liquidationThreshold, liquidationBonus],
  ])
  const listed = await chain.read<Record<string, Address>>(pool, 'getReserveData', [coin.address])
  return {
    ...{ id, config, coin, feed },
    aToken: { address: listed['aTokenAddress'] as Address, abi: aToken.abi },
    variableDebt: { address: listed['variableDebtTokenAddress'] as Address, abi: variable.abi },
    stableDebt: { address: listed['stableDebtTokenAddress'] as Address, abi: stable.abi },
  }
}
