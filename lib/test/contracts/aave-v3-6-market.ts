/** Aave v3.6 compiled from the sources of `@aave-dao/aave-v3-origin` 3.6.0 with its own settings, deployed with random parameters. */
import { type Abi, type Address, encodeAbiParameters } from 'viem'
import type { Prng } from '../../model/index.ts'
import {
  type AaveAsset,
  type AaveCoin,
  type AaveMarket,
  accountsOf,
  drawConfig,
  drawEModes,
  NOBODY,
  TREASURY,
} from './aave-market.ts'
import { configure, createEModes, deployOracle, deployProvider, install } from './aave-v3-market.ts'
import type { Contract, LocalChain } from './chain.ts'
import { type Artifact, compile } from './compile.ts'

const ROOT = '@aave-dao/aave-v3-origin/src/contracts'
const ENTRIES = [
  ...['instances/PoolInstance', 'instances/PoolConfiguratorInstance'],
  ...['instances/ATokenInstance', 'instances/VariableDebtTokenInstance'],
  ...['misc/AaveOracle', 'misc/DefaultReserveInterestRateStrategyV2', 'protocol/libraries/helpers/Errors'],
  ...[
    'helpers/AaveProtocolDataProvider',
    'protocol/configuration/PoolAddressesProvider',
    'protocol/configuration/ACLManager',
  ],
]

/** What markets share: compiled contracts and deployed libraries. */
export type AaveV36Code = {
  readonly artifact: (name: string) => Artifact
  readonly libraries: Readonly<Record<string, Address>>
}

/** Compiles (or takes from the cache) and deploys what markets share. */
export async function deployAaveV36Code(chain: LocalChain): Promise<AaveV36Code> {
  const artifact = await compile({
    compiler: 'solc-0.8.27',
    entries: ENTRIES.map((path) => `${ROOT}/${path}.sol`),
    remappings: { 'openzeppelin-contracts/': '@openzeppelin/' },
    settings: {
      ...{ optimizer: { enabled: true, runs: 200 }, evmVersion: 'shanghai' },
      metadata: { bytecodeHash: 'none' },
    },
  })
  const libraries: Record<string, Address> = {}
  for (const name of ['Borrow', 'FlashLoan', 'Liquidation', 'Pool', 'Supply', 'Configurator'].map(
    (one) => `${one}Logic`,
  ))
    libraries[name] = (await chain.deploy(artifact(name), [], { libraries })).address
  return { artifact, libraries }
}

/** Deploys a market of its own. */
export async function deployAaveV36(
  chain: LocalChain,
  { artifact, libraries }: AaveV36Code,
  coins: readonly AaveCoin[],
  chance: Prng,
): Promise<AaveMarket> {
  const provider = await deployProvider(chain, {
    provider: artifact('PoolAddressesProvider'),
    manager: artifact('ACLManager'),
  })
  const strategy = await chain.deploy(artifact('DefaultReserveInterestRateStrategyV2'), [provider.address])
  const { pool, configurator } = await install(chain, provider, {
    pool: await chain.deploy(artifact('PoolInstance'), [provider.address, strategy.address], { libraries }),
    configurator: await chain.deploy(artifact('PoolConfiguratorInstance'), [], { libraries }),
    data: artifact('AaveProtocolDataProvider'),
  })
  await deployOracle(chain, artifact('AaveOracle'), provider, coins)
  const accounts = accountsOf()
  const aToken = await chain.deploy(artifact('ATokenInstance'), [pool.address, NOBODY, accounts.get(TREASURY)])
  const variable = await chain.deploy(artifact('VariableDebtTokenInstance'), [pool.address, NOBODY])
  const assets: AaveAsset[] = []
  for (const coin of coins) {
    const config = drawConfig(chance, coin, 'v3.6')
    assets.push(await listAsset(chain, { pool, configurator, aToken, variable }, coin, config))
  }
  const eModes = drawEModes(
    chance,
    coins.map(({ id }) => id),
    'v3.6',
  )
  await createEModes(chain, configurator, eModes)
  for (const [id, { collateral, borrowable = [], ltvZero = [] }] of eModes)
    for (const { id: asset, coin } of coins)
      for (const [name, list] of [
        ['setAssetBorrowableInEMode', borrowable],
        ['setAssetCollateralInEMode', collateral],
        ['setAssetLtvzeroInEMode', ltvZero],
      ] as const)
        if (list.includes(asset)) await chain.write(configurator, name, [coin.address, id, true])
  const errors = [artifact('Errors').abi, ...LOGICS.map((name) => artifact(name).abi)].flat() as Abi
  const abi = [...pool.abi, ...errors.filter(({ type }) => type === 'error')] as Abi
  return { version: 'v3.6', chain, pool: { address: pool.address, abi }, configurator, assets, eModes, accounts }
}

const LOGICS = [
  'BorrowLogic',
  'LiquidationLogic',
  'PoolLogic',
  'SupplyLogic',
  'ATokenInstance',
  'VariableDebtTokenInstance',
]

type Site = {
  readonly pool: Contract
  readonly configurator: Contract
  readonly aToken: Contract
  readonly variable: Contract
}

async function listAsset(
  chain: LocalChain,
  { pool, configurator, aToken, variable }: Site,
  coin: AaveCoin,
  config: AaveAsset['config'],
): Promise<AaveAsset> {
  const { optimalUsage, baseRate, slope1, slope2 } = config
  const interestRateData = encodeAbiParameters(
    [{ type: 'uint16' }, { type: 'uint32' }, { type: 'uint32' }, { type: 'uint32' }],
    [Number(optimalUsage), Number(baseRate), Number(slope1), Number(slope2)],
  )
  const name = coin.id
  await chain.write(configurator, 'initReserves', [
    [
      {
        ...{ aTokenImpl: aToken.address, variableDebtTokenImpl: variable.address, underlyingAsset: coin.coin.address },
        ...{ aTokenName: name, aTokenSymbol: name, variableDebtTokenName: name, variableDebtTokenSymbol: name },
        ...{ params: '0x', interestRateData },
      },
    ],
  ])
  await configure(chain, configurator, coin, config)
  const listed = await chain.read<Record<string, Address>>(pool, 'getReserveData', [coin.coin.address])
  return {
    ...{ id: coin.id, config, coin: coin.coin, feed: coin.feed },
    aToken: { address: listed['aTokenAddress'] as Address, abi: aToken.abi },
    variableDebt: { address: listed['variableDebtTokenAddress'] as Address, abi: variable.abi },
  }
}
