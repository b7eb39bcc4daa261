/** Aave v3.0 deployed from the bytecode that `@aave/core-v3` 1.19.3 ships, with random parameters. */
import type { Address } from 'viem'
import type { Prng } from '../../model/index.ts'
import {
  type AaveAsset,
  type AaveCoin,
  type AaveMarket,
  accountsOf,
  drawConfig,
  drawEModes,
  NOBODY,
  rayOf,
  TREASURY,
} from './aave-market.ts'
import { configure, createEModes, deployOracle, deployProvider, install } from './aave-v3-market.ts'
import type { Contract, LocalChain } from './chain.ts'
import { type Artifact, shipped } from './compile.ts'

const ROOT = '@aave/core-v3/artifacts/contracts'
const at = (path: string): Artifact => shipped(`${ROOT}/${path}.sol/${path.slice(path.lastIndexOf('/') + 1)}.json`)

const LIBRARIES = ['Borrow', 'Bridge', 'EMode', 'FlashLoan', 'Liquidation', 'Pool', 'Supply', 'Configurator']

/** Deploys the libraries that markets share. */
export async function deployAaveV30Code(chain: LocalChain): Promise<Record<string, Address>> {
  const libraries: Record<string, Address> = {}
  for (const name of LIBRARIES.map((one) => `${one}Logic`))
    libraries[name] = (await chain.deploy(at(`protocol/libraries/logic/${name}`), [], { libraries })).address
  return libraries
}

/** Deploys a market of its own. */
export async function deployAaveV30(
  chain: LocalChain,
  libraries: Readonly<Record<string, Address>>,
  coins: readonly AaveCoin[],
  chance: Prng,
): Promise<AaveMarket> {
  const roles = 'protocol/configuration'
  const provider = await deployProvider(chain, {
    provider: at(`${roles}/PoolAddressesProvider`),
    manager: at(`${roles}/ACLManager`),
  })
  const site = await install(chain, provider, {
    pool: await chain.deploy(at('protocol/pool/Pool'), [provider.address], { libraries }),
    configurator: await chain.deploy(at('protocol/pool/PoolConfigurator'), [], { libraries }),
    data: at('misc/AaveProtocolDataProvider'),
  })
  await deployOracle(chain, at('misc/AaveOracle'), provider, coins)
  const tokens = []
  for (const name of ['AToken', 'StableDebtToken', 'VariableDebtToken'])
    tokens.push(await chain.deploy(at(`protocol/tokenization/${name}`), [site.pool.address]))
  const accounts = accountsOf()
  const assets: AaveAsset[] = []
  for (const coin of coins)
    assets.push(
      await listAsset(
        chain,
        { ...site, provider, tokens, treasury: accounts.get(TREASURY) },
        coin,
        drawConfig(chance, coin, 'v3.0'),
      ),
    )
  const eModes = drawEModes(
    chance,
    coins.map(({ id }) => id),
    'v3.0',
  )
  await createEModes(chain, site.configurator, eModes, {
    between: ({ feed }) => [coins.find(({ id }) => id === feed)?.coin.address ?? NOBODY],
  })
  for (const [id, { collateral }] of eModes)
    for (const { coin } of coins.filter((one) => collateral.includes(one.id)))
      await chain.write(site.configurator, 'setAssetEModeCategory', [coin.address, id])
  return { version: 'v3.0', chain, ...site, assets, eModes, accounts }
}

type Site = {
  readonly provider: Contract
  readonly pool: Contract
  readonly configurator: Contract
  readonly tokens: readonly Contract[]
  readonly treasury: Address | undefined
}

async function listAsset(
  chain: LocalChain,
  site: Site,
  coin: AaveCoin,
  config: AaveAsset['config'],
): Promise<AaveAsset> {
  const { pool, configurator, tokens } = site
  const [aToken, stable, variable] = tokens as [Contract, Contract, Contract]
  const { stable: curve } = config
  const strategy = await chain.deploy(at('protocol/pool/DefaultReserveInterestRateStrategy'), [
    site.provider.address,
    ...[config.optimalUsage, config.baseRate, config.slope1, config.slope2].map(rayOf),
    ...[curve?.slope1, curve?.slope2, curve?.baseOffset, curve?.excessOffset, curve?.optimalShare].map((bps) =>
      rayOf(bps ?? 0n),
    ),
  ])
  const [name] = [coin.id]
  await chain.write(configurator, 'initReserves', [
    [
      {
        ...{ aTokenImpl: aToken.address, stableDebtTokenImpl: stable.address, variableDebtTokenImpl: variable.address },
        ...{ underlyingAssetDecimals: Number(coin.decimals), interestRateStrategyAddress: strategy.address },
        ...{ underlyingAsset: coin.coin.address, treasury: site.treasury, incentivesController: NOBODY },
        ...{ aTokenName: name, aTokenSymbol: name, variableDebtTokenName: name, variableDebtTokenSymbol: name },
        ...{ stableDebtTokenName: name, stableDebtTokenSymbol: name, params: '0x' },
      },
    ],
  ])
  await configure(chain, configurator, coin, config)
  if (config.borrowing !== false)
    await chain.write(configurator, 'setReserveStableRateBorrowing', [
      coin.coin.address,
      config.stable?.enabled ?? true,
    ])
  const listed = await chain.read<Record<string, Address>>(pool, 'getReserveData', [coin.coin.address])
  return {
    ...{ id: coin.id, config, coin: coin.coin, feed: coin.feed },
    aToken: { address: listed['aTokenAddress'] as Address, abi: aToken.abi },
    variableDebt: { address: listed['variableDebtTokenAddress'] as Address, abi: variable.abi },
    stableDebt: { address: listed['stableDebtTokenAddress'] as Address, abi: stable.abi },
  }
}
