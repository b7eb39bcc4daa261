/** Replays the recorded calls of Compound III. */
import {
  absorb,
  buyCollateral,
  type CometAccount,
  type CometAsset,
  type CometConfig,
  type CometState,
  reservesAt,
} from '../../mechanisms/compound-v3/rules.ts'
import { applied } from '../../mechanisms/solidity.ts'
import { field, type GoldenFile, type GoldenProtocol, integer, isObject, type Json, type JsonObject } from './replay.ts'

/** Compound III. */
export const compoundV3Replay: GoldenProtocol = {
  id: 'compound-v3',
  matches: ({ protocol }) => protocol.startsWith('compound-v3'),
  replay,
}

function replay(file: GoldenFile, input: JsonObject): JsonObject {
  const state = cometStateOf(file, input)
  const time = integer(input, 'timestamp')
  const price = (feed: string) => integer(field(input, 'prices'), feed)
  const call = field(input, 'call') as JsonObject
  let out: JsonObject = {}
  const done = applied(() => {
    if (input['action'] === 'absorb') {
      const absorbed = absorb(state, (call['accounts'] as readonly string[]) ?? [], price, time)
      out = {
        absorbedDebt: absorbed.map(({ account, basePaidOut, usdValue }) => ({
          account,
          basePaidOut: String(basePaidOut),
          usdValue: String(usdValue),
        })),
        absorbedCollateral: absorbed.flatMap(({ account, taken }) =>
          taken.map(({ asset, amount, usdValue }) => ({
            ...{ account, asset, amount: String(amount), usdValue: String(usdValue) },
          })),
        ),
        accounts: [...state.accounts.values()].map((account) => accountText(state.config, account)),
      }
    } else {
      const asset = String(call['asset'])
      const amounts = { minAmount: integer(call, 'minAmount'), baseAmount: integer(call, 'baseAmount') }
      const bought = buyCollateral(state, { asset, ...amounts }, price, time)
      out = { collateralAmount: String(bought.collateralAmount), baseAmount: String(bought.baseAmount) }
    }
    return { facts: [] }
  })
  if ('refused' in done) return { revert: done.refused.code }
  return { ...out, totals: totalsText(state, time), collateral: collateralText(state) }
}

const TOTALS = [
  'baseSupplyIndex',
  'baseBorrowIndex',
  'totalSupplyBase',
  'totalBorrowBase',
  'lastAccrualTime',
  'baseBalance',
] as const

function totalsText(state: CometState, time: bigint): JsonObject {
  const totals = Object.fromEntries(TOTALS.map((key) => [key, String(state[key])]))
  return { ...totals, reserves: String(reservesAt(state, time)) }
}

function collateralText(state: CometState): JsonObject {
  return Object.fromEntries(
    [...state.held].map(([asset, balance]) => [
      asset,
      { totalSupplyAsset: String(state.owed.get(asset) ?? 0n), balance: String(balance) },
    ]),
  )
}

function accountText({ assets }: CometConfig, { principal, collateral }: CometAccount): JsonObject {
  const bits = assets.reduce((sum, { symbol }, index) => sum + (collateral.has(symbol) ? 2 ** index : 0), 0)
  const held = Object.fromEntries([...collateral].map(([asset, amount]) => [asset, String(amount)]))
  return { principal: String(principal), assetsIn: String(bits), collateral: held }
}

/** The Comet of a recorded case, accounts named by their place. */
export function cometStateOf(file: GoldenFile, input: JsonObject): CometState {
  const config = configOf((file['markets'] as JsonObject[]).find(({ id }) => id === input['market']))
  const totals = field(input, 'totals')
  const numbers = Object.fromEntries(TOTALS.map((key) => [key, integer(totals, key)]))
  const collateral = Object.entries(field(input, 'collateral') as JsonObject)
  const accounts = ((input['accounts'] ?? []) as readonly JsonObject[]).map((one, index): [string, CometAccount] => [
    String(index),
    {
      principal: integer(one, 'principal'),
      collateral: new Map(
        config.assets.flatMap(({ symbol }, bit) => {
          const amount = isObject(one['collateral']) ? one['collateral'][symbol] : undefined
          const entered = (integer(one, 'assetsIn') >> BigInt(bit)) & 1n
          return amount === undefined || entered === 0n ? [] : [[symbol, BigInt(String(amount))] as const]
        }),
      ),
    },
  ])
  return {
    ...(numbers as unknown as CometState),
    config,
    owed: new Map(collateral.map(([asset, one]) => [asset, integer(one, 'totalSupplyAsset')])),
    held: new Map(collateral.map(([asset, one]) => [asset, integer(one, 'balance')])),
    accounts: new Map(accounts),
  }
}

function configOf(market: Json | undefined): CometConfig {
  const base = field(field(market, 'base'), 'symbol') as string
  const curve = (side: 'supply' | 'borrow') => ({
    kink: integer(market, `${side}Kink`),
    base: integer(market, `${side}PerSecondInterestRateBase`),
    slopeLow: integer(market, `${side}PerSecondInterestRateSlopeLow`),
    slopeHigh: integer(market, `${side}PerSecondInterestRateSlopeHigh`),
  })
  return {
    base: { symbol: base, feed: base, scale: integer(market, 'baseScale') },
    storeFrontPriceFactor: integer(market, 'storeFrontPriceFactor'),
    targetReserves: integer(market, 'targetReserves'),
    baseBorrowMin: integer(market, 'baseBorrowMin'),
    supply: curve('supply'),
    borrow: curve('borrow'),
    assets: (field(market, 'assets') as JsonObject[]).map(
      (one): CometAsset => ({
        ...{ symbol: String(one['symbol']), feed: String(one['symbol']), scale: integer(one, 'scale') },
        borrowCollateralFactor: integer(one, 'borrowCollateralFactor'),
        liquidateCollateralFactor: integer(one, 'liquidateCollateralFactor'),
        liquidationFactor: integer(one, 'liquidationFactor'),
      }),
    ),
  }
}
