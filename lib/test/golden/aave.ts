/** Replays the recorded calls of Aave v3.6. */
import { type AaveReserve, type AaveState, copyOf } from '../../mechanisms/aave/state.ts'
import { accountData, NO_DEBT } from '../../mechanisms/aave/v3-6.ts'
import { liquidationCall } from '../../mechanisms/aave/v3-6-call.ts'
import { applied, revert } from '../../mechanisms/solidity.ts'
import { field, type GoldenFile, type GoldenProtocol, integer, isObject, type Json, type JsonObject } from './replay.ts'

/** Aave v3.6. */
export const aaveV36Replay: GoldenProtocol = {
  id: 'aave-v3.6',
  matches: ({ protocol, version }) => protocol === 'aave-v3' && version.startsWith('3.6'),
  replay,
}

const BORROWER = 'borrower'
const LIQUIDATOR = 'liquidator'

function replay(file: GoldenFile, input: JsonObject): JsonObject {
  const time = integer(input, 'timestamp')
  const state = stateOf(file, input, time)
  const price = (feed: string) => {
    const answer = integer(field(input, 'prices'), feed)
    return answer <= 0n ? revert('(empty)') : answer
  }
  const call = field(input, 'call') as JsonObject
  let out: JsonObject = {}
  const done = applied(() => {
    const before = dataOf(state, price, time)
    out = { before }
    const after = copyOf(state)
    const moved = liquidationCall(
      after,
      {
        ...{ borrower: BORROWER, liquidator: call['selfLiquidation'] === true ? BORROWER : LIQUIDATOR },
        ...{ collateral: String(call['collateral']), debt: String(call['debt']) },
        debtToCover: integer(call, 'debtToCover'),
        receiveAToken: call['receiveAToken'] === true,
      },
      price,
      time,
    )
    const { liquidationThreshold: _, ...rest } = dataOf(after, price, time)
    out = {
      before,
      debtRepaid: String(moved.repaid),
      collateralToLiquidator: String(moved.toLiquidator),
      protocolFeeScaled: String(moved.feeScaled),
      ...(moved.receivedScaled > 0n ? { liquidatorScaledReceived: String(moved.receivedScaled) } : {}),
      ...(moved.deficits.length > 0
        ? { deficits: moved.deficits.map(({ asset, amount }) => ({ asset, amount: String(amount) })) }
        : {}),
      user: usersAfter(state, after),
      reserves: reservesOf(after),
      after: rest,
    }
    return { facts: [] }
  })
  return 'refused' in done ? { ...out, revert: done.refused.code } : out
}

function dataOf(state: AaveState, price: (feed: string) => bigint, time: bigint): JsonObject & Record<string, string> {
  const account = state.accounts.get(BORROWER)
  if (!account) throw new Error('no borrower')
  const data = accountData(state, account, price, time)
  void NO_DEBT
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, String(value)]))
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
    const { scaledCollateral, usedAsCollateral, scaledDebt, borrowing } = position
    return [
      {
        asset,
        scaledCollateral: String(scaledCollateral),
        usedAsCollateral,
        scaledDebt: String(scaledDebt),
        borrowing,
      },
    ]
  })
}

const STORED = [
  'liquidityIndex',
  'liquidityRate',
  'variableBorrowIndex',
  'variableBorrowRate',
  'updated',
  'accruedToTreasury',
  'deficit',
  'virtualBalance',
  'scaledDebt',
] as const

function reservesOf(state: AaveState): JsonObject {
  return Object.fromEntries(
    [...state.reserves].map(([asset, reserve]) => [
      asset,
      Object.fromEntries(STORED.map((key) => [key, String(reserve[key])])),
    ]),
  )
}

function stateOf(file: GoldenFile, input: JsonObject, time: bigint): AaveState {
  const market = (file['markets'] as JsonObject[]).find(({ id }) => id === input['market'])
  const stored = field(input, 'reserves') as JsonObject
  const configs = field(market, 'reserves') as JsonObject
  const grace = input['liquidationGracePeriodSeconds']
  const paused = (input['paused'] ?? []) as readonly Json[]
  const reserves = new Map<string, AaveReserve>()
  for (const asset of Object.keys(configs)) {
    const now = stored[asset]
    if (now === undefined) continue
    const config = Object.fromEntries(
      Object.entries(configs[asset] as JsonObject).map(([key, value]) => [key, BigInt(String(value))]),
    )
    const values = Object.fromEntries(STORED.map((key) => [key, integer(now, key)]))
    reserves.set(asset, {
      ...(values as unknown as AaveReserve),
      config: { ...(config as unknown as AaveReserve['config']), asset, feed: asset },
      paused: paused.includes(asset),
      graceUntil: isObject(grace) && grace[asset] !== undefined ? time + BigInt(String(grace[asset])) : 0n,
    })
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
                collateral: eMode['collateral'] as string[],
              },
            ],
          ]
        : [],
    ),
    accounts: new Map([[BORROWER, { eMode: Number(field(user, 'eMode')), positions: new Map(positions) }]]),
    treasury: 'treasury',
  }
}
