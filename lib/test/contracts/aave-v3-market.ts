/** What deploying Aave v3.0 and v3.6 has in common: provider, roles, oracle, listing, risk parameters, e-mode. */
import type { Address } from 'viem'
import type { AaveEMode, AaveReserveConfig } from '../../mechanisms/aave/state.ts'
import { type AaveCoin, NOBODY } from './aave-market.ts'
import type { Contract, LocalChain } from './chain.ts'
import type { Artifact } from './compile.ts'

/** A provider with the first account as its every admin. */
export async function deployProvider(chain: LocalChain, provider: Artifact, manager: Artifact): Promise<Contract> {
  const owner = chain.accounts[0]
  const made = await chain.deploy(provider, ['market', owner])
  await chain.write(made, 'setACLAdmin', [owner])
  const roles = await chain.deploy(manager, [made.address])
  await chain.write(made, 'setACLManager', [roles.address])
  await chain.write(roles, 'addPoolAdmin', [owner])
  return made
}

/** Puts pool and configurator behind the provider's proxies. */
export async function install(
  chain: LocalChain,
  provider: Contract,
  code: { readonly pool: Contract; readonly configurator: Contract },
): Promise<{ readonly pool: Contract; readonly configurator: Contract }> {
  await chain.write(provider, 'setPoolImpl', [code.pool.address])
  const pool = { address: await chain.read<Address>(provider, 'getPool'), abi: code.pool.abi }
  await chain.write(provider, 'setPoolConfiguratorImpl', [code.configurator.address])
  const configurator = {
    address: await chain.read<Address>(provider, 'getPoolConfigurator'),
    abi: code.configurator.abi,
  }
  return { pool, configurator }
}

/** Dollars with 8 decimals, every price from its feed, no fallback. */
export async function deployOracle(
  chain: LocalChain,
  oracle: Artifact,
  provider: Contract,
  coins: readonly AaveCoin[],
): Promise<void> {
  const { address } = await chain.deploy(oracle, [
    provider.address,
    coins.map(({ coin }) => coin.address),
    coins.map(({ feed }) => feed.address),
    ...[NOBODY, NOBODY, 10n ** 8n],
  ])
  await chain.write(provider, 'setPriceOracle', [address])
}

/** Everything of a reserve's configuration but its rates. */
export async function configure(
  chain: LocalChain,
  configurator: Contract,
  { coin }: AaveCoin,
  config: AaveReserveConfig,
): Promise<void> {
  const { ltv, liquidationThreshold, liquidationBonus, reserveFactor, liquidationProtocolFee } = config
  await chain.write(configurator, 'setReserveBorrowing', [coin.address, true])
  await chain.write(configurator, 'configureReserveAsCollateral', [
    ...[coin.address, ltv, liquidationThreshold, liquidationBonus],
  ])
  await chain.write(configurator, 'setReserveFactor', [coin.address, reserveFactor])
  await chain.write(configurator, 'setLiquidationProtocolFee', [coin.address, liquidationProtocolFee])
}

/** The categories themselves; which assets count in them is set by version. `extra` follows the bonus among the arguments. */
export async function createEModes(
  chain: LocalChain,
  configurator: Contract,
  eModes: ReadonlyMap<number, AaveEMode>,
  extra: readonly unknown[],
): Promise<void> {
  for (const [id, { ltv, liquidationThreshold, liquidationBonus }] of eModes)
    await chain.write(configurator, 'setEModeCategory', [
      ...[id, Number(ltv), Number(liquidationThreshold), Number(liquidationBonus)],
      ...[...extra, `category ${id}`],
    ])
}
