/** Replays the recorded liquidations of Liquity v2. */
import {
  batchLiquidate,
  compoundedDeposit,
  depositCollGain,
  type LiquityState,
  latestTrove,
  type PoolDeposit,
  type Trove,
} from '../../mechanisms/liquity-v2/rules.ts'
import { applied } from '../../mechanisms/solidity.ts'
import { field, type GoldenFile, type GoldenProtocol, integer, type JsonObject } from './replay.ts'

/** Liquity v2. */
export const liquityV2Replay: GoldenProtocol = {
  id: 'liquity-v2',
  matches: ({ protocol }) => protocol.startsWith('liquity-v2'),
  replay,
}

function replay(file: GoldenFile, input: JsonObject): JsonObject {
  const state = stateOf(file, input)
  const { pool } = state
  const deposit = depositOf(pool)
  const time = integer(input, 'timestamp')
  const ids = ((field(input, 'call') as JsonObject)['troves'] as readonly string[]) ?? []
  let out: JsonObject = {}
  const done = applied(() => {
    const moved = batchLiquidate(state, ids, integer(input, 'price'), time)
    out = {
      kind: moved.debtToRedistribute === 0n ? 'offset' : moved.debtToOffset === 0n ? 'redistribution' : 'mixed',
      ...texts({
        debtOffset: moved.debtToOffset,
        debtRedistributed: moved.debtToRedistribute,
        collSentToSP: moved.collToPool,
        collRedistributed: moved.collToRedistribute,
        collGasCompensation: moved.collGasCompensation,
        ethGasCompensation: moved.ethGasCompensation,
        collSurplus: moved.collSurplus,
        keeperWethReceived: moved.ethGasCompensation + moved.collGasCompensation,
      }),
      liquidated: moved.closed.map(
        ({ trove, redistBoldDebtGain, redistCollGain, entireDebt, entireColl, division }) => ({
          trove,
          ...texts({
            debtFromRedistribution: redistBoldDebtGain,
            collFromRedistribution: redistCollGain,
            entireDebt,
            entireColl,
            surplusForOwner: division.collSurplus,
          }),
        }),
      ),
    }
    return { facts: [] }
  })
  if ('refused' in done) return { revert: done.refused.code }
  return {
    ...out,
    system: texts(state.system),
    activePool: texts(state.active),
    defaultPool: texts(state.redistributed),
    stabilityPool: {
      ...texts({ ...pool, scaleToS: undefined, scaleToB: undefined }),
      ...perScale(pool.scaleToS, pool.currentScale, 'scaleToS'),
      ...perScale(pool.scaleToB, pool.currentScale, 'scaleToB'),
    },
    survivors: [...state.troves].flatMap(([trove, one]) =>
      one.open ? [{ trove, ...texts(latestTrove(state, one, time)) }] : [],
    ),
    firstDepositor: texts({
      compoundedDeposit: compoundedDeposit(pool, deposit),
      collGain: depositCollGain(pool, deposit),
    }),
  }
}

/**
 * The only deposit. It was made at the beginning of the pool, or just now: whoever claims takes all gains but the last atoms of yield along. The
 * recording gives the pool, not the deposit, so its size follows from the pool's own product.
 */
function depositOf({
  totalBoldDeposits,
  P,
  scaleToS,
  currentScale,
  yieldGainsOwed,
  collBalance,
}: LiquityState['pool']): PoolDeposit {
  const standing = yieldGainsOwed > 1_000n && collBalance > 0n
  if (!standing) return { initial: totalBoldDeposits, P, S: scaleToS.at(-1) ?? 0n, scale: currentScale }
  const first = 10n ** 36n
  return { initial: (totalBoldDeposits * first) / P, P: first, S: 0n, scale: 0n }
}

function perScale(sums: readonly bigint[], scale: bigint, name: string): JsonObject {
  return { [name]: Array.from({ length: Number(scale) + 1 }, (_, at) => String(sums[at] ?? 0n)) }
}

function texts(amounts: object): JsonObject {
  return Object.fromEntries(
    Object.entries(amounts).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  )
}

function amounts<K extends string>(value: JsonObject, names: readonly K[]): Record<K, bigint> {
  return Object.fromEntries(names.map((name) => [name, integer(value, name)])) as Record<K, bigint>
}

function stateOf(file: GoldenFile, input: JsonObject): LiquityState {
  const params = (file['branchParams'] as JsonObject[]).find(({ id }) => id === input['branchParams'])
  const of = (name: string) => field(input, name) as JsonObject
  const pool = of('stabilityPool')
  const sums = (name: string) => (pool[name] as readonly string[]).map(BigInt)
  return {
    config: {
      mcr: integer(params, 'MCR'),
      penaltyPool: integer(params, 'LIQUIDATION_PENALTY_SP'),
      penaltyRedistribution: integer(params, 'LIQUIDATION_PENALTY_REDISTRIBUTION'),
    },
    system: amounts(of('system'), [
      'totalStakes',
      'totalStakesSnapshot',
      'totalCollateralSnapshot',
      'L_coll',
      'L_boldDebt',
      'lastCollError',
      'lastBoldDebtError',
    ]),
    active: amounts(of('activePool'), ['collBalance', 'aggRecordedDebt', 'aggWeightedDebtSum', 'lastAggUpdateTime']),
    redistributed: amounts(of('defaultPool'), ['collBalance', 'boldDebt']),
    pool: {
      ...amounts(pool, [
        'totalBoldDeposits',
        'P',
        'currentScale',
        'collBalance',
        'yieldGainsOwed',
        'yieldGainsPending',
      ]),
      scaleToS: sums('scaleToS'),
      scaleToB: sums('scaleToB'),
    },
    troves: new Map((input['troves'] as JsonObject[]).map((one, at) => [String(at), troveOf(one)])),
  }
}

function troveOf(one: JsonObject): Trove {
  const numbers = [
    'debt',
    'coll',
    'stake',
    'lastDebtUpdateTime',
    'annualInterestRate',
    'snapshotColl',
    'snapshotBoldDebt',
  ] as const
  return { open: one['status'] === 'active' || one['status'] === 'zombie', ...amounts(one, numbers) }
}
