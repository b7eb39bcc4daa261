/** Aave v1 as it is replayed: outcomes by the amounts its events tell, and every view of its core, its data provider and its aTokens. */
import {
  AAVE_V1_BOOK,
  type AaveAccount,
  type AaveAction,
  type AaveReserve,
  type AaveState,
  aaveV1,
  aaveV1Rules,
} from '../mechanisms/index.ts'
import type { Moment } from '../model/index.ts'
import { answer, type Outcome, type Reading, type Replayable, type Value } from './recorded.ts'

/** Users, the last of them a liquidator. */
export const V1_USERS = ['ann', 'bob', 'cid', 'dot', 'lin'] as const
const RAY = 10n ** 27n

/** An action of the world, or of its governor: a reserve is frozen or thawed. */
export type V1Action = AaveAction | { readonly do: 'freeze'; readonly asset: string; readonly on: boolean }

/** Aave v1, to be replayed. */
export const RECORDED_V1: Replayable<AaveState, V1Action> = {
  apply: (state, action, at) => {
    if (action.do !== 'freeze') return aaveV1.apply(state, action, at)
    const reserve = state.reserves.get(action.asset)
    if (reserve) reserve.frozen = action.on
    return { facts: [] }
  },
  outcomeOf,
  readingsOf,
}

function outcomeOf(
  action: V1Action,
  { paid, received, moved }: Parameters<Replayable<AaveState, V1Action>['outcomeOf']>[1],
): Outcome {
  if (action.do === 'liquidate') return { ...moved }
  if (action.do === 'freeze' || action.do === 'set-collateral') return {}
  return { amount: paid?.[0]?.atoms ?? received?.[0]?.atoms ?? 0n }
}

type Read = (of: string, name: string, args: Reading['args'], view: () => Value, fields?: readonly number[]) => Reading

const read: Read = (of, name, args, view, fields) => ({ of, name, args, fields, ours: answer(view) })

function readingsOf(state: AaveState, at: Moment): readonly Reading[] {
  const price = (feed: string) => at.price(feed) ?? 0n
  return [
    ...[...state.reserves.values()].flatMap((reserve) => reserveReadings(state, reserve, BigInt(at.time))),
    ...V1_USERS.map((user) =>
      read(
        'data',
        'calculateUserGlobalData',
        [user],
        () => {
          const account: AaveAccount = state.accounts.get(user) ?? { eMode: 0, positions: new Map() }
          const data = AAVE_V1_BOOK.data(state, account, { time: BigInt(at.time), price }) as aaveV1Rules.AaveV1Data
          const { totalCollateralBase, borrowsBase, feesBase, ltv, liquidationThreshold, healthFactor } = data
          const sums = [totalCollateralBase, borrowsBase, feesBase, ltv / 100n, liquidationThreshold / 100n]
          return [...sums, healthFactor, healthFactor < 10n ** 18n]
        },
        [1, 2, 3, 4, 5, 6, 7],
      ),
    ),
  ]
}

function reserveReadings(state: AaveState, reserve: AaveReserve, time: bigint): readonly Reading[] {
  const { config, virtualBalance, scaledDebt, stable } = reserve
  const debt = scaledDebt + (stable?.principal ?? 0n)
  const all = virtualBalance + debt
  const usage = debt === 0n ? 0n : (debt * RAY + all / 2n) / all
  return [
    read(
      config.asset,
      'getReserveData',
      [],
      () => [
        ...[all, virtualBalance, stable?.principal ?? 0n, scaledDebt, reserve.liquidityRate, rateOf(reserve)],
        ...[stable?.rate ?? 0n, usage, reserve.liquidityIndex, reserve.variableBorrowIndex],
      ],
      [0, 1, 2, 3, 4, 5, 7, 8, 9, 10],
    ),
    read(config.asset, 'getReserveNormalizedIncome', [], () => aaveV1Rules.normalizedIncomeV1(reserve, time)),
    read(config.asset, 'balanceOf', ['distributor'], () => reserve.feesCollected ?? 0n),
    ...V1_USERS.flatMap((user) => userReadings(state, reserve, user, time)),
  ]
}

/** A rate of zero is told as the curve's first. */
function rateOf({ variableBorrowRate, config }: AaveReserve): bigint {
  return variableBorrowRate === 0n ? config.baseRate * 10n ** 23n : variableBorrowRate
}

function userReadings(state: AaveState, reserve: AaveReserve, user: string, time: bigint): readonly Reading[] {
  const { asset } = reserve.config
  const position = state.accounts.get(user)?.positions.get(asset) ?? {
    ...{ scaledCollateral: 0n, usedAsCollateral: false, scaledDebt: 0n, borrowing: false },
  }
  const { index, stableRate, fee, debtIndex, updated } = aaveV1Rules.v1Terms(position)
  const variable = stableRate === 0n
  const rate = variable ? rateOf(reserve) : stableRate
  const [mode, paid] = position.scaledDebt === 0n ? [0n, 0n] : [variable ? 2n : 1n, rate]
  return [
    read(asset, 'principalBalanceOf', [user], () => position.scaledCollateral),
    read(asset, 'getUserIndex', [user], () => index),
    read(asset, 'getUserReserveData', [user], () => [
      ...[aaveV1Rules.aTokensV1(reserve, position, time), aaveV1Rules.debtV1(reserve, position, time)],
      ...[position.scaledDebt, mode, paid, reserve.liquidityRate, fee, debtIndex, updated, position.usedAsCollateral],
    ]),
  ]
}
