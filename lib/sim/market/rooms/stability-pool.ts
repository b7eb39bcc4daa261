/** A Liquity v2 branch: a pool of stablecoins takes the debt of unsafe loans at once; what it cannot take is spread over the other borrowers. */
import {
  type BoldAction,
  type BoldState,
  emptyBoldBranch,
  liquityV2,
  liquityV2Rules,
} from '../../../mechanisms/index.ts'
import type { Moment } from '../../../model/index.ts'
import { type Chore, type RoomMaker, roomOf, type Standing } from '../room.ts'
import { momentOf, openBook, paramsOf, type RoomKind, type RoomSetup, scaled, wad } from './room-kind.ts'

const BRANCH = 'WETH'
const FEED = 'coin/usd'
const POOL = 'pool'
const WAD = 10n ** 18n

/** Liquity v2. */
export const stabilityPoolRoom: RoomKind = {
  id: 'stability-pool',
  title: 'Liquity v2: stability pool',
  exactness: 'bytecode',
  params: {
    minimumRatio: {
      value: 1.2,
      least: 1.01,
      most: 3,
      says: 'collateral per debt below which a loan is liquidated, a ratio',
    },
    pool: { value: 0.5, least: 0, most: 5, says: 'stablecoins in the pool per debt at the start, a ratio' },
    poolPenalty: { value: 0.05, least: 0, most: 0.5, says: 'collateral the pool takes beyond the debt, a fraction' },
    spreadPenalty: {
      value: 0.1,
      least: 0,
      most: 0.5,
      says: 'collateral that goes with spread debt beyond it, a fraction',
    },
    sells: { value: 1, least: 0, most: 1, says: '1: depositors sell what they receive at once; 0: they keep it' },
  },
  line: ({ minimumRatio = 1 }) => 1 / minimumRatio,
  make,
}

function make(setup: RoomSetup): RoomMaker {
  const {
    minimumRatio = 0,
    pool = 0,
    poolPenalty = 0,
    spreadPenalty = 0,
    sells = 0,
  } = paramsOf(stabilityPoolRoom, setup.params)
  // The bound for new loans is the liquidation bound itself, so that the same book stands in every room.
  const branch = emptyBoldBranch(BRANCH, FEED, {
    ...{ mcr: wad(minimumRatio), ccr: wad(minimumRatio), scr: WAD },
    ...{ penaltyPool: wad(poolPenalty), penaltyRedistribution: wad(spreadPenalty) },
  })
  branch.active.lastAggUpdateTime = BigInt(setup.start)
  const state: BoldState = {
    branches: new Map([[BRANCH, branch]]),
    base: { baseRate: WAD, lastFeeOperationTime: BigInt(setup.start) },
  }
  const debt = setup.borrowers.reduce((sum, one) => sum + one.debt, 0)
  openBook(liquityV2, state, momentOf(setup.start, { [FEED]: scaled(setup.price, 18) }), [
    ...setup.borrowers.map(({ id, coins, debt: own }): { who: string; action: BoldAction } => ({
      who: id,
      action: {
        ...{ do: 'open', branch: BRANCH, trove: id, owner: id, coll: wad(coins), bold: wad(own) },
        ...{ rate: WAD / 200n, maxUpfrontFee: wad(own) },
      },
    })),
    ...(pool > 0
      ? [
          {
            who: POOL,
            action: { do: 'provide', branch: BRANCH, account: POOL, bold: wad(pool * debt), claim: true } as const,
          },
        ]
      : []),
  ])
  const usd = setup.debtSymbol ?? 'USD'
  return roomOf<BoldState, BoldAction>({
    ...{ id: setup.id, mechanism: liquityV2, state, faults: setup.faults },
    assets: new Map([
      [BRANCH, { symbol: setup.symbol, decimals: 18 }],
      ['BOLD', { symbol: usd, decimals: 18 }],
    ]),
    feeds: new Map([[FEED, { symbol: setup.symbol, quote: setup.debtSymbol, decimals: 18, oracle: setup.oracle }]]),
    chores: (now) => (sells > 0 ? claims(now) : []),
    standings: (now, at) => standings(now, at, setup, usd),
    lenders: [POOL],
    entangled: true,
  })
}

/** Depositors take their collateral out as soon as there is any; it is then sold like everything an actor receives. */
function claims({ branches }: BoldState): readonly Chore<BoldAction>[] {
  const branch = branches.get(BRANCH)
  const deposit = branch?.deposits.get(POOL)
  if (!branch || !deposit || liquityV2Rules.depositCollGain(branch.pool, deposit) === 0n) return []
  return [{ actor: POOL, action: { do: 'withdraw', branch: BRANCH, account: POOL, bold: 0n, claim: true } }]
}

/** Troves with what was spread over them, and surplus that waits for its owner. */
function standings(
  { branches }: BoldState,
  at: Moment,
  { borrowers, symbol }: RoomSetup,
  usd: string,
): readonly Standing[] {
  const branch = branches.get(BRANCH)
  return borrowers.map(({ id }) => {
    const trove = branch?.troves.get(id)
    const latest = branch && trove ? liquityV2Rules.latestTrove(branch, trove, BigInt(at.time)) : undefined
    const coins = (latest?.entireColl ?? 0n) + (branch?.surplus.get(id) ?? 0n)
    return { id, holds: { [symbol]: Number(coins) / 1e18 }, owes: { [usd]: Number(latest?.entireDebt ?? 0n) / 1e18 } }
  })
}
