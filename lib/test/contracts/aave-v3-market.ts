/** What deploying Aave v3.0 and v3.6 has in common: provider, roles, oracle, listing, risk parameters, e-mode. */
import type { Address } from 'viem'
import type { AaveEMode, AaveReserveConfig } from '../../mechanisms/aave/state.ts'
import { type AaveCoin, NOBODY } from './aave-market.ts'
import type { Contract, LocalChain } from './chain.ts'
import type { Artifact } from './compile.ts'

/** A provider with the first account as its every admin. */
export async function deployProvider(
  chain: LocalChain,
  { provider, manager }: { readonly provider: Artifact; readonly manager: Artifact },
): Promise<Contract> {
  const owner = chain.accounts[0]
  const made = await chain.deploy(provider, ['market', owner])
  await chain.write(made, 'setACLAdmin', [owner])
  const roles = await chain.deploy(manager, [made.address])
  await chain.write(made, 'setACLManager', [roles.address])
  await chain.write(roles, 'addPoolAdmin', [owner])
  return made
}

/** Puts pool and configurator behind the provider's proxies, and the data provider, which knows the pool, beside them. */
export async function install(
  chain: LocalChain,
  provider: Contract,
  code: { readonly pool: Contract; readonly configurator: Contract; readonly data: Artifact },
): Promise<{ readonly pool: Contract; readonly configurator: Contract }> {
  await chain.write(provider, 'setPoolImpl', [code.pool.address])
  const pool = { address: await chain.read<Address>(provider, 'getPool'), abi: code.pool.abi }
  await chain.write(provider, 'setPoolConfiguratorImpl', [code.configurator.address])
  const configurator = {
    address: await chain.read<Address>(provider, 'getPoolConfigurator'),
    abi: code.configurator.abi,
  }
  await chain.write(provider, 'setPoolDataProvider', [(await chain.deploy(code.data, [provider.address])).address])
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

/** Everything of a reserve's configuration but its rates. A ceiling must be set before anybody could use the asset as collateral. */
export async function configure(
  chain: LocalChain,
  configurator: Contract,
  { coin }: AaveCoin,
  config: AaveReserveConfig,
): Promise<void> {
  const { ltv, liquidationThreshold, liquidationBonus } = config
  const set = (name: string, ...values: readonly unknown[]) =>
    chain.write(configurator, name, [coin.address, ...values])
  await set('setReserveBorrowing', config.borrowing ?? true)
  if (config.debtCeiling !== undefined) await set('setDebtCeiling', config.debtCeiling)
  if (config.siloed) await set('setSiloedBorrowing', true)
  if (config.borrowableInIsolation) await set('setBorrowableInIsolation', true)
  if (config.supplyCap !== undefined) await set('setSupplyCap', config.supplyCap)
  if (config.borrowCap !== undefined) await set('setBorrowCap', config.borrowCap)
  await set('configureReserveAsCollateral', ltv, liquidationThreshold, liquidationBonus)
  await set('setReserveFactor', config.reserveFactor)
  await set('setLiquidationProtocolFee', config.liquidationProtocolFee)
}

/** The categories themselves; which assets count in them is set by version. What the version takes after the bonus, and last. */
export async function createEModes(
  chain: LocalChain,
  configurator: Contract,
  eModes: ReadonlyMap<number, AaveEMode>,
  more: { readonly between?: Part; readonly last?: Part } = {},
): Promise<void> {
  for (const [id, eMode] of eModes) {
    const { ltv, liquidationThreshold, liquidationBonus } = eMode
    await chain.write(configurator, 'setEModeCategory', [
      ...[id, Number(ltv), Number(liquidationThreshold), Number(liquidationBonus)],
      ...[...(more.between?.(eMode) ?? []), `category ${id}`, ...(more.last?.(eMode) ?? [])],
    ])
  }
}

type Part = (eMode: AaveEMode) => readonly unknown[]
