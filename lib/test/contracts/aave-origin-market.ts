/**
 * Aave v3.3 to v3.7 compiled from the sources of `aave-v3-origin` with its own settings, deployed with random parameters. 3.6.0 is a package; the
 * others are not published: `BREAKWATER_AAVE` names a folder with a checkout of each under `v3.3`, `v3.4`, `v3.5` and `v3.7`.
 */
import { resolve } from 'node:path'
import { type Abi, type Address, encodeAbiParameters } from 'viem'
import type { Prng } from '../../model/index.ts'
import {
  type AaveAsset,
  type AaveCoin,
  type AaveMarket,
  type AaveOrigin,
  accountsOf,
  drawConfig,
  drawEModes,
  NOBODY,
  originMinor,
  TREASURY,
} from './aave-market.ts'
import { configure, createEModes, deployOracle, deployProvider, install } from './aave-v3-market.ts'
import type { Contract, LocalChain } from './chain.ts'
import { type Artifact, compile } from './compile.ts'

/** The folder of checkouts, where there is one. */
export const ORIGIN_FOLDER = process.env['BREAKWATER_AAVE'] ?? ''

const rootOf = (version: AaveOrigin) =>
  version === 'v3.6' ? '@aave-dao/aave-v3-origin/src/contracts' : resolve(ORIGIN_FOLDER, version, 'src/contracts')
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
export type AaveOriginCode = {
  readonly version: AaveOrigin
  readonly artifact: (name: string) => Artifact
  readonly libraries: Readonly<Record<string, Address>>
}

/** Compiles (or takes from the cache) and deploys what markets share. */
export async function deployAaveOriginCode(chain: LocalChain, version: AaveOrigin): Promise<AaveOriginCode> {
  const artifact = await compile({
    compiler: 'solc-0.8.27',
    entries: ENTRIES.map((path) => `${rootOf(version)}/${path}.sol`),
    remappings: { 'openzeppelin-contracts/': '@openzeppelin/' },
    settings: {
      ...{ optimizer: { enabled: true, runs: 200 }, evmVersion: 'shanghai' },
      metadata: { bytecodeHash: 'none' },
    },
  })
  const libraries: Record<string, Address> = {}
  for (const name of librariesOf(version).map((one) => `${one}Logic`))
    libraries[name] = (await chain.deploy(artifact(name), [], { libraries })).address
  return { version, artifact, libraries }
}

/** Logic that is deployed on its own, what others need first. */
const librariesOf = (version: AaveOrigin): readonly string[] => [
  ...['Borrow', 'FlashLoan', 'Liquidation', 'Pool', 'Supply'],
  ...(version === 'v3.7' ? [] : ['Configurator']),
  ...(originMinor(version) < 6 ? ['EMode'] : []),
  ...(version === 'v3.3' ? ['Bridge'] : []),
]

/** Deploys a market of its own. */
export async function deployAaveOrigin(
  chain: LocalChain,
  { version, artifact, libraries }: AaveOriginCode,
  coins: readonly AaveCoin[],
  chance: Prng,
): Promise<AaveMarket> {
  const provider = await deployProvider(chain, {
    provider: artifact('PoolAddressesProvider'),
    manager: artifact('ACLManager'),
  })
  const strategy = await chain.deploy(artifact('DefaultReserveInterestRateStrategyV2'), [provider.address])
  const old = version === 'v3.3'
  const { pool, configurator } = await install(chain, provider, {
    pool: await chain.deploy(artifact('PoolInstance'), [provider.address, ...(old ? [] : [strategy.address])], {
      libraries,
    }),
    configurator: await chain.deploy(artifact('PoolConfiguratorInstance'), [], { libraries }),
    data: artifact('AaveProtocolDataProvider'),
  })
  await deployOracle(chain, artifact('AaveOracle'), provider, coins)
  const accounts = accountsOf()
  const treasury = accounts.get(TREASURY) as Address
  const rewards = old ? [] : [NOBODY]
  const aToken = await chain.deploy(artifact('ATokenInstance'), [pool.address, ...rewards, ...(old ? [] : [treasury])])
  const variable = await chain.deploy(artifact('VariableDebtTokenInstance'), [pool.address, ...rewards])
  const site = { version, pool, configurator, aToken, variable, treasury, strategy }
  const assets: AaveAsset[] = []
  for (const coin of coins) assets.push(await listAsset(chain, site, coin, drawConfig(chance, coin, version)))
  const ids = coins.map(({ id }) => id)
  const eModes = drawEModes(chance, ids, version)
  await createEModes(chain, configurator, eModes, {
    last: ({ isolated }) => (version === 'v3.7' ? [isolated === true] : []),
  })
  for (const [id, { collateral, borrowable = [], ltvZero = [] }] of eModes)
    for (const { id: asset, coin } of coins)
      for (const [name, list] of [
        ['setAssetBorrowableInEMode', borrowable],
        ['setAssetCollateralInEMode', collateral],
        ['setAssetLtvzeroInEMode', ltvZero],
      ] as const)
        if (list.includes(asset)) await chain.write(configurator, name, [coin.address, id, true])
  const names = [...LOGICS, ...librariesOf(version).map((name) => `${name}Logic`)]
  const errors = [artifact('Errors').abi, ...names.map((name) => artifact(name).abi)].flat() as Abi
  const abi = [...pool.abi, ...errors.filter(({ type }) => type === 'error')] as Abi
  return { version, chain, pool: { address: pool.address, abi }, configurator, assets, eModes, accounts }
}

const LOGICS = ['ATokenInstance', 'VariableDebtTokenInstance']

type Site = {
  readonly version: AaveOrigin
  readonly pool: Contract
  readonly configurator: Contract
  readonly aToken: Contract
  readonly variable: Contract
  readonly treasury: Address
  readonly strategy: Contract
}

async function listAsset(
  chain: LocalChain,
  { version, pool, configurator, aToken, variable, treasury, strategy }: Site,
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
        ...(version === 'v3.3'
          ? { useVirtualBalance: true, interestRateStrategyAddress: strategy.address, treasury }
          : {}),
        ...(version === 'v3.3' ? { incentivesController: NOBODY } : {}),
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
