/** Replays the recorded calls of Aave v2, v3.0 and v3.6. */
import { legacyAccountData } from '../../mechanisms/aave/legacy-account.ts'
import { type AaveLegacyLiquidated, legacyLiquidationCall } from '../../mechanisms/aave/legacy-liquidate.ts'
import { type AaveReserve, type AaveStableDebt, type AaveState, copyOf } from '../../mechanisms/aave/state.ts'
import { accountData, type PriceOf } from '../../mechanisms/aave/v3-account.ts'
import { type AaveLiquidated, type AaveLiquidationCall, liquidationCall } from '../../mechanisms/aave/v3-liquidate.ts'
import { AAVE_V36 } from '../../mechanisms/aave/v3-rules.ts'
import { applied, revert } from '../../mechanisms/solidity.ts'
import { field, type GoldenFile, type GoldenProtocol, integer, isObject, type Json, type JsonObject } from './replay.ts'

/** Aave v3.6. */
export const aaveV36Replay: GoldenProtocol = {
  id: 'aave-v3.6',
  matches: ({ protocol, version }) => protocol === 'aave-v3' && version.startsWith('3.6'),
  replay: (file, input) => replay('v3.6', file, input),
}
/** Aave v3.0. */
export const aaveV30Replay: GoldenProtocol = {
  id: 'aave-v3.0',
  matches: ({ protocol, version }) => protocol === 'aave-v3' && version.startsWith('core-v3'),
  replay: (file, input) => replay('v3.0', file, input),
}
/** Aave v2. */
export const aaveV2Replay: GoldenProtocol = {
  id: 'aave-v2',
  matches: ({ protocol }) => protocol === 'aave-v2',
  replay: (file, input) => replay('v2', file, input),
}

type Rules = 'v2' | 'v3.0' | 'v3.6'

const BORROWER = 'borrower'
const LIQUIDATOR = 'liquidator'

function replay(rules: Rules, file: GoldenFile, input: JsonObject): JsonObject {
  const time = integer(input, 'timestamp')
  const state = stateOf(rules, file, input, time)
  const price = (feed: string) => {
    const answer = integer(field(input, 'prices'), feed)
    return answer <= 0n && rules !== 'v2' ? revert('(empty)') : answer
  }
  let out: JsonObject = {}
  const done = applied(() => {
    const before = dataOf(rules, state, price, time)
    out = { before }
    const after = copyOf(state)
    const moved = liquidate(rules, after, callOf(input), price, time)
    const { liquidationThreshold: _, ...rest } = dataOf(rules, after, price, time)
    const { deficits = [] } = moved
    out = {
      before,
      debtRepaid: String(moved.repaid),
      collateralToLiquidator: String(moved.toLiquidator),
      ...(rules === 'v2' ? {} : { protocolFeeScaled: String(moved.feeScaled) }),
      ...(moved.receivedScaled > 0n ? { liquidatorScaledReceived: String(moved.receivedScaled) } : {}),
      ...(deficits.length > 0
        ? { deficits: deficits.map(({ asset, amount }) => ({ asset, amount: String(amount) })) }
        : {}),
      user: usersAfter(state, after),
      reserves: reservesOf(rules, after),
      after: rest,
    }
    return { facts: [] }
  })
  return 'refused' in done ? { ...out, revert: done.refused.code } : out
}

type Moved = AaveLegacyLiquidated & { readonly deficits?: AaveLiquidated['deficits'] }

function liquidate(rules: Rules, state: AaveState, call: AaveLiquidationCall, price: PriceOf, time: bigint): Moved {
  return rules === 'v3.6'
    ? liquidationCall(AAVE_V36, state, call, { price, time })
    : legacyLiquidationCall(rules, state, call, { price, time })
}

function callOf(input: JsonObject): AaveLiquidationCall {
  const call = field(input, 'call') as JsonObject
  return {
    ...{ borrower: BORROWER, liquidator: call['selfLiquidation'] === true ? BORROWER : LIQUIDATOR },
    ...{ collateral: String(call['collateral']), debt: String(call['debt']) },
    debtToCover: integer(call, 'debtToCover'),
    receiveAToken: call['receiveAToken'] === true,
  }
}

function dataOf(rules: Rules, state: AaveState, price: PriceOf, time: bigint): Record<string, string> {
  const account = state.accounts.get(BORROWER)
  if (!account) throw new Error('no borrower')
  const data =
    rules === 'v3.6'
      ? accountData(AAVE_V36, state, account, price, time)
      : legacyAccountData(rules, state, account, price, time)
  const { totalCollateralBase, totalDebtBase, liquidationThreshold, healthFactor } = data
  const told = { totalCollateralBase, totalDebtBase, liquidationThreshold, healthFactor }
  return Object.fromEntries(Object.entries(told).map(([key, value]) => [key, String(value)]))
}

function usersAfter(before: AaveState, after: AaveState): Json {
  const [old, now] = [before, after].map((state) => positionsOf(state)) as [JsonObject[], JsonObject[]]
  return now.filter((position) => {
    const was = old.find(({ asset }) => asset === position['asset'])
    return JSON.stringify(was) !== JSON.stringify(position)
  })
}

function positionsOf(state: AaveState): JsonObject[] {
  const account = state.accounts.get(BORROWER)
  return [...state.reserves.keys()].flatMap((asset) => {
    const position = account?.positions.get(asset)
    if (!position) return []
    const { scaledCollateral, usedAsCollateral, scaledDebt, borrowing, stable } = position
    return [
      {
        ...{ asset, scaledCollateral: String(scaledCollateral), usedAsCollateral },
        ...{ scaledDebt: String(scaledDebt), borrowing },
        ...('stable' in position ? { stable: stableText(stable, 'rate') } : {}),
      },
    ]
  })
}

function stableText(stable: AaveStableDebt | undefined, rate: 'rate' | 'averageRate'): Json {
  if (!stable) return null
  return { principal: String(stable.principal), [rate]: String(stable.rate), updated: String(stable.updated) }
}

/** Stored numbers of a reserve under the names of each file. */
const STORED: Readonly<Record<Rules, Readonly<Record<string, keyof AaveReserve>>>> = {
  'v3.6': named({ deficit: 'deficit', virtualBalance: 'virtualBalance', accruedToTreasury: 'accruedToTreasury' }),
  'v3.0': named({
    ...{ available: 'virtualBalance', stableBorrowRate: 'stableBorrowRate' },
    accruedToTreasury: 'accruedToTreasury',
  }),
  v2: named({
    ...{ available: 'virtualBalance', stableBorrowRate: 'stableBorrowRate' },
    treasuryScaled: 'accruedToTreasury',
  }),
}

function named(own: Readonly<Record<string, keyof AaveReserve>>): Readonly<Record<string, keyof AaveReserve>> {
  const common = ['liquidityIndex', 'liquidityRate', 'variableBorrowIndex', 'variableBorrowRate'] as const
  return {
    ...Object.fromEntries(common.map((key) => [key, key])),
    updated: 'updated',
    scaledDebt: 'scaledDebt',
    ...own,
  }
}

function reservesOf(rules: Rules, state: AaveState): JsonObject {
  return Object.fromEntries(
    [...state.reserves].map(([asset, reserve]) => [
      asset,
      {
        ...Object.fromEntries(Object.entries(STORED[rules]).map(([name, key]) => [name, String(reserve[key])])),
        ...('stable' in reserve ? { stable: stableText(reserve.stable, 'averageRate') } : {}),
      },
    ]),
  )
}

function configOf(file: GoldenFile, asset: string, parameters: JsonObject): AaveReserve['config'] {
  const config = Object.fromEntries(Object.keys(parameters).map((key) => [key, integer(parameters, key)]))
  const market = (file['constants'] as JsonObject | undefined)?.['marketStableBorrowRate']
  const stable =
    config['stableSlope1'] === undefined
      ? undefined
      : {
          ...{ slope1: config['stableSlope1'], slope2: config['stableSlope2'] ?? 0n },
          market: market === undefined ? undefined : BigInt(String(market)),
          baseOffset: config['baseStableRateOffset'],
          excessOffset: config['stableRateExcessOffset'],
          optimalShare: config['optimalStableToTotalDebt'],
        }
  return { ...(config as unknown as AaveReserve['config']), asset, feed: asset, stable }
}

function reserveOf(
  rules: Rules,
  config: AaveReserve['config'],
  stored: Json,
  time: bigint,
  input: JsonObject,
): AaveReserve {
  const grace = input['liquidationGracePeriodSeconds']
  const paused = (input['paused'] ?? []) as readonly Json[]
  const values = Object.entries(STORED[rules]).map(([name, key]) => [key, integer(stored, name)])
  const given = isObject(stored) ? stored['stable'] : undefined
  return {
    ...(Object.fromEntries([['deficit', 0n], ...values]) as unknown as AaveReserve),
    config,
    ...(given === undefined ? {} : { stable: stableDebt(given, 'averageRate') }),
    paused: paused.includes(config.asset) || input['poolPaused'] === true,
    graceUntil: isObject(grace) && grace[config.asset] !== undefined ? time + integer(grace, config.asset) : 0n,
  }
}

function stableDebt(given: Json, rate: 'rate' | 'averageRate'): AaveStableDebt | undefined {
  if (given === null) return undefined
  return { principal: integer(given, 'principal'), rate: integer(given, rate), updated: integer(given, 'updated') }
}

function stateOf(rules: Rules, file: GoldenFile, input: JsonObject, time: bigint): AaveState {
  const market = (file['markets'] as JsonObject[]).find(({ id }) => id === input['market'])
  const stored = field(input, 'reserves') as JsonObject
  const configs = field(market, 'reserves') as JsonObject
  const reserves = new Map<string, AaveReserve>()
  for (const asset of Object.keys(configs)) {
    const now = stored[asset]
    const config = configOf(file, asset, configs[asset] as JsonObject)
    if (now !== undefined) reserves.set(asset, reserveOf(rules, config, now, time, input))
  }
  const eMode = isObject(market) && isObject(market['eMode']) ? market['eMode'] : undefined
  const user = field(input, 'user')
  const positions = (field(user, 'positions') as JsonObject[]).map(
    (one) =>
      [
        String(one['asset']),
        {
          scaledCollateral: integer(one, 'scaledCollateral'),
          usedAsCollateral: one['usedAsCollateral'] === true,
          scaledDebt: integer(one, 'scaledDebt'),
          borrowing: one['borrowing'] === true,
          ...(one['stable'] === undefined ? {} : { stable: stableDebt(one['stable'], 'rate') }),
        },
      ] as const,
  )
  return {
    reserves,
    eModes: new Map(
      eMode
        ? [
            [
              Number(eMode['id']),
              {
                ltv: integer(eMode, 'ltv'),
                liquidationThreshold: integer(eMode, 'liquidationThreshold'),
                liquidationBonus: integer(eMode, 'liquidationBonus'),
                collateral: (eMode['collateral'] ?? eMode['assets']) as string[],
              },
            ],
          ]
        : [],
    ),
    accounts: new Map([
      [BORROWER, { eMode: Number(isObject(user) ? (user['eMode'] ?? 0) : 0), positions: new Map(positions) }],
    ]),
    treasury: 'treasury',
  }
}
