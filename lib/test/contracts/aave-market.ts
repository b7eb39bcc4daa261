/** A deployed Aave market of any version as the contract tests see it: what stands where, its random parameters, and its tokens, feeds and prices. */
import type { Address } from 'viem'
import type { AaveEMode, AaveReserveConfig } from '../../mechanisms/aave/state.ts'
import type { Prng } from '../../model/index.ts'
import { props } from './aave-props.ts'
import type { Contract, LocalChain } from './chain.ts'

/** The versions whose source is `aave-v3-origin`. */
export type AaveOrigin = 'v3.3' | 'v3.4' | 'v3.5' | 'v3.6' | 'v3.7'
/** The deployments. */
export type AaveVersion = 'v2' | 'v3.0' | AaveOrigin

/** The minor version where it is one of `aave-v3-origin`, else 0. */
export function originMinor(version: AaveVersion): number {
  return version === 'v2' || version === 'v3.0' ? 0 : Number(version.slice(3))
}

/** A reserve's contracts and parameters. `stableDebt` where the version has stable-rate debt. */
export type AaveAsset = {
  readonly id: string
  readonly config: AaveReserveConfig
  readonly coin: Contract
  readonly feed: Contract
  readonly aToken: Contract
  readonly variableDebt: Contract
  readonly stableDebt?: Contract | undefined
}

/** A market as deployed. `accounts` by name; the order of `assets` is that of the reserve ids. */
export type AaveMarket = {
  readonly version: AaveVersion
  readonly chain: LocalChain
  readonly pool: Contract
  readonly configurator: Contract
  readonly assets: readonly AaveAsset[]
  readonly eModes: ReadonlyMap<number, AaveEMode>
  readonly accounts: ReadonlyMap<string, Address>
}

/** Tokens and feeds that exist before the market does. */
export type AaveCoin = {
  readonly id: string
  readonly decimals: bigint
  readonly coin: Contract
  readonly feed: Contract
}

/** Who acts: borrowers first. */
export const BORROWERS = ['ann', 'bob', 'cid', 'dot', 'eve', 'fay'] as const
/** Who supplies and borrows at scale, who liquidates, who receives fees. */
export const [LENDER, USER, LIQUIDATOR, TREASURY] = ['lender', 'user', 'liquidator', 'treasury'] as const

/** Ids, decimals, dollars per whole unit. */
const COINS = [
  ['WETH', 18n, 2_000],
  ['USDC', 6n, 1],
  ['WBTC', 8n, 60_000],
  ['DAI', 18n, 1],
  ['LINK', 18n, 15],
] as const

/** An asset's usual price in the version's base currency: dollars with 8 decimals, or ether (of $2,000) with 18. */
export function usualPrice(version: AaveVersion, asset: string): bigint {
  const dollars = BigInt(dollarsOf(asset))
  return version === 'v2' ? (dollars * 10n ** 18n) / 2_000n : dollars * 10n ** 8n
}

const dollarsOf = (asset: string): number => COINS.find(([id]) => id === asset)?.[2] ?? 1

/** Every account's address: nobody's key, so nobody signs; simulated calls need none. */
export function accountsOf(): ReadonlyMap<string, Address> {
  const names = [...BORROWERS, LENDER, USER, LIQUIDATOR, TREASURY]
  return new Map(names.map((name, index) => [name, `0x${(0xacc0_0000 + index).toString(16).padStart(40, '0')}`]))
}

/** Deploys tokens and feeds. */
export async function deployCoins(chain: LocalChain, version: AaveVersion): Promise<readonly AaveCoin[]> {
  const artifact = await props()
  const coins: AaveCoin[] = []
  for (const [id, decimals] of COINS) {
    const coin = await chain.deploy(artifact('Coin'), [id, Number(decimals)])
    const feed = await chain.deploy(artifact('Feed'), [usualPrice(version, id)])
    coins.push({ id, decimals, coin, feed })
  }
  return coins
}

/** Risk parameters that governance may set: threshold · bonus ≤ 100 %, loan-to-value ≤ threshold, sometimes none. */
export function drawRisk(chance: Prng): Pick<AaveReserveConfig, 'ltv' | 'liquidationThreshold' | 'liquidationBonus'> {
  const bps = (from: number, to: number) => BigInt(from + chance.int(to - from + 1))
  const liquidationBonus = bps(10_050, 11_500)
  const liquidationThreshold = bps(5_000, Math.min(9_000, Number(100_000_000n / liquidationBonus) - 1))
  const ltv = chance.next() < 0.05 ? 0n : liquidationThreshold - bps(30, 1_500)
  return { ltv, liquidationThreshold, liquidationBonus }
}

/** An asset that is no collateral outside e-mode. */
const NO_COLLATERAL = { ltv: 0n, liquidationThreshold: 0n, liquidationBonus: 0n }

/** Random parameters. Rates stand still now and then. */
export function drawConfig(chance: Prng, { id, decimals }: AaveCoin, version: AaveVersion): AaveReserveConfig {
  const bps = (from: number, to: number) => BigInt(from + chance.int(to - from + 1))
  const still = chance.next() < 0.08
  const rate = (from: number, to: number) => (still ? 0n : bps(from, to))
  const v3 = version === 'v3.0'
  return {
    ...{ asset: id, feed: id, decimals },
    ...(chance.next() < 0.04 ? NO_COLLATERAL : drawRisk(chance)),
    liquidationProtocolFee: version === 'v2' ? 0n : chance.pick([0n, 1_000n, bps(1, 5_000)]),
    reserveFactor: chance.pick([0n, 1_000n, 2_000n, bps(1, 5_000), chance.next() < 0.5 ? 10_000n : 9_999n]),
    optimalUsage: bps(4_500, 9_500),
    ...{ baseRate: rate(0, 300), slope1: rate(50, 1_200), slope2: rate(2_000, 20_000) },
    ...(version === 'v2' ? {} : drawLimits(chance, id, originMinor(version))),
    ...(originMinor(version) > 0
      ? {}
      : {
          stable: {
            enabled: chance.next() < 0.85,
            ...{ slope1: rate(50, 1_200), slope2: rate(1_000, 20_000) },
            ...(v3
              ? { baseOffset: rate(0, 300), excessOffset: rate(0, 900), optimalShare: bps(1_000, 4_000) }
              : { market: 3n * 10n ** 25n }),
          },
        }),
  }
}

/** Limits of v3, mostly absent: caps in whole tokens, a ceiling for isolated collateral in hundredths of a dollar, siloed, not borrowable at all. */
function drawLimits(chance: Prng, id: string, minor: number): Partial<AaveReserveConfig> {
  const rarely = (share: number, value: () => Partial<AaveReserveConfig>) => (chance.next() < share ? value() : {})
  const tokens = (from: number, to: number) =>
    BigInt(Math.ceil(10 ** (from + chance.next() * (to - from)) / dollarsOf(id)))
  return {
    ...rarely(0.15, () => ({ supplyCap: tokens(7, 9.5) })),
    ...rarely(0.15, () => ({ borrowCap: tokens(6, 8) })),
    ...rarely(minor === 7 ? 0 : id === 'LINK' ? 0.5 : 0.05, () => ({
      debtCeiling: BigInt(Math.ceil(10 ** (4 + chance.next() * 6))),
    })),
    ...rarely(minor === 7 ? 0 : id === 'USDC' || id === 'DAI' ? 0.6 : 0.1, () => ({ borrowableInIsolation: true })),
    ...rarely(minor === 7 ? 0 : id === 'WBTC' ? 0.3 : 0.04, () => ({ siloed: true })),
    ...rarely(0.03, () => ({ borrowing: false })),
  }
}

/** Two e-mode categories of two or three assets each; in v3.0 an asset counts in one of them only. */
export function drawEModes(chance: Prng, assets: readonly string[], version: AaveVersion): Map<number, AaveEMode> {
  if (version === 'v2') return new Map()
  const start = chance.int(assets.length)
  const turned = [...assets.slice(start), ...assets.slice(0, start)]
  const groups = version === 'v3.0' ? [turned.slice(0, 3), turned.slice(3)] : [turned.slice(0, 3), turned.slice(2, 4)]
  return new Map(
    groups.map((collateral, index) => {
      const liquidationBonus = BigInt(10_050 + chance.int(250))
      const liquidationThreshold = BigInt(9_200 + chance.int(500))
      const ltv = liquidationThreshold - BigInt(20 + chance.int(150))
      const category = { ltv, liquidationThreshold, liquidationBonus, collateral }
      if (version === 'v3.0')
        return [index + 1, chance.next() < 0.3 ? { ...category, feed: chance.pick(collateral) } : category]
      const borrowable = assets.filter(() => chance.next() < 0.8)
      const ltvZero = collateral.filter(() => chance.next() < 0.1)
      if (originMinor(version) < 6) return [index + 1, { ...category, borrowable }]
      if (version !== 'v3.7') return [index + 1, { ...category, borrowable, ltvZero }]
      return [index + 1, { ...category, borrowable, ltvZero, isolated: chance.next() < 0.3 }]
    }),
  )
}

/** Basis points as ray. */
export function rayOf(bps: bigint): bigint {
  return bps * 10n ** 23n
}

/** The zero address: no rewards, no fallback oracle. */
export const NOBODY: Address = '0x0000000000000000000000000000000000000000'
