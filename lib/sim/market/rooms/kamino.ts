/** A Kamino market: small close factor, and a bonus that grows with the overshoot. */
import {
  KAMINO_DEFAULTS,
  type KaminoAction,
  type KaminoReserve,
  type KaminoState,
  kamino,
  kaminoClaims,
  kaminoFraction,
  kaminoMarket,
  pushFeed,
} from '../../../mechanisms/index.ts'
import { atoms, type UnixSeconds } from '../../../model/index.ts'
import { type RoomMaker, roomOf, type Standing, UNTRADED } from '../room.ts'
import { momentOf, openBook, paramsOf, type RoomKind, type RoomSetup, scaled } from './room-kind.ts'

const IDS = { coin: 'COIN', money: 'USDC' } as const
const DECIMALS = { coin: 9, money: 6 } as const
/** Prices as klend keeps them: times 2^60. */
const ONE = kaminoFraction.ONE

/** Kamino. */
export const kaminoRoom: RoomKind = {
  id: 'kamino',
  title: 'Kamino: dynamic bonus',
  exactness: 'formula',
  params: {
    threshold: {
      value: 83,
      least: 5,
      most: 98,
      whole: true,
      says: 'loan-to-value at which liquidation begins, whole percent',
    },
    closeFactor: {
      value: 20,
      least: 1,
      most: 100,
      whole: true,
      says: 'part of the debt repaid at once, whole percent',
    },
    leastBonus: { value: 200, least: 0, most: 5_000, whole: true, says: 'least bonus, basis points' },
    mostBonus: { value: 1_000, least: 0, most: 5_000, whole: true, says: 'largest bonus, basis points' },
    protocolFee: {
      value: 10,
      least: 0,
      most: 100,
      whole: true,
      says: 'the protocol’s share of the bonus, whole percent',
    },
  },
  order: [['leastBonus', 'mostBonus', 'equal']],
  line: ({ threshold = 0 }) => threshold / 100,
  make,
}

function make(setup: RoomSetup): RoomMaker {
  const params = paramsOf(kaminoRoom, setup.params)
  const whole = (name: string) => BigInt(Math.round(params[name] ?? 0))
  const debt = setup.borrowers.reduce((sum, one) => sum + one.debt, 0)
  const coins = setup.borrowers.reduce((sum, one) => sum + one.coins, 0)
  const state: KaminoState = {
    config: {
      ...KAMINO_DEFAULTS,
      closeFactorPct: whole('closeFactor'),
      // The book's largest loan sets the scale: klend's own $500,000 at once suits accounts of its size.
      ...{ maxDebtValueAtOnce: BigInt(Math.ceil(debt)), globalAllowedBorrowValue: BigInt(Math.ceil(debt * 100)) },
      groups: new Map(),
    },
    reserves: new Map([
      [IDS.coin, reserveOf('coin', scaled(coins, DECIMALS.coin), whole, setup.start)],
      [IDS.money, reserveOf('money', scaled(debt * 1.1, DECIMALS.money), whole, setup.start)],
    ]),
    obligations: new Map(),
  }
  openBook(kamino, state, momentOf(setup.start, { [IDS.coin]: priceOf(setup.price), [IDS.money]: ONE }), [
    ...setup.borrowers.flatMap(({ id, coins: own, debt: owes }): { who: string; action: KaminoAction }[] => [
      { who: id, action: { do: 'deposit', account: id, reserve: IDS.coin, amount: scaled(own, DECIMALS.coin) } },
      { who: id, action: { do: 'borrow', account: id, reserve: IDS.money, amount: scaled(owes, DECIMALS.money) } },
    ]),
  ])
  const usd = setup.debtSymbol ?? 'USD'
  return roomOf<KaminoState, KaminoAction>({
    ...{ id: setup.id, mechanism: kamino, state },
    // The setup's oracle and its faults are the collateral's; debt is seen as it is.
    faults: setup.faults?.map((fault) => ({ ...fault, feed: fault.feed ?? IDS.coin })),
    assets: new Map([
      [IDS.coin, { symbol: setup.symbol, decimals: DECIMALS.coin }],
      [IDS.money, { symbol: usd, decimals: DECIMALS.money }],
      ...Object.values(IDS).map((id) => [kaminoClaims(id), UNTRADED] as const),
    ]),
    feeds: new Map([
      [IDS.coin, { symbol: setup.symbol, scale: ONE, oracle: setup.oracle }],
      [IDS.money, { symbol: usd, scale: ONE, oracle: pushFeed({ deviationBps: 0, heartbeat: 1 }) }],
    ]),
    protocol: ({ reserves }) =>
      [...reserves.values()].map(({ asset, feeVault }) => ({ asset, atoms: atoms(feeVault) })),
    standings: (now) => standings(now, setup, usd),
  })
}

/** A reserve that holds `seed` atoms of nobody's at first. No interest: a crash of hours is compared, not a year. */
function reserveOf(
  id: keyof typeof IDS,
  seed: bigint,
  whole: (name: string) => bigint,
  start: UnixSeconds,
): KaminoReserve {
  return {
    ...{ asset: IDS[id], feed: IDS[id], decimals: BigInt(DECIMALS[id]) },
    ...{ depositLimit: 1n << 62n, borrowLimit: 1n << 62n, depositLimitCrossed: 0n, borrowLimitCrossed: 0n },
    ...{ available: seed, borrowedSf: 0n, cumulativeRateSf: ONE, protocolFeesSf: 0n, claims: seed, feeVault: 0n },
    lastSlot: kaminoMarket.slotOf(BigInt(start)),
    config: {
      ...{ loanToValuePct: whole('threshold') - 1n, liquidationThresholdPct: whole('threshold') },
      ...{ borrowFactorPct: 100n, badDebtLiquidationBonusBps: 99n, protocolLiquidationFeePct: whole('protocolFee') },
      ...{ minLiquidationBonusBps: whole('leastBonus'), maxLiquidationBonusBps: whole('mostBonus') },
      ...{ protocolTakeRatePct: 0n, hostFixedInterestRateBps: 0n, utilizationLimitPct: 0n },
      curve: [
        [0n, 0n],
        [10_000n, 0n],
      ],
      ...{ autodeleverage: false, marginCallPeriod: 0n, thresholdDecreaseBpsPerDay: 0n, minDeleveragingBonusBps: 0n },
      ...{ bonusIncreaseBpsPerDay: 0n, debtMaturity: 0n, debtTermSeconds: 0n, groups: [] },
    },
  }
}

const priceOf = (usd: number) => (scaled(usd, 18) * ONE) / 10n ** 18n

function standings(state: KaminoState, { borrowers, symbol }: RoomSetup, usd: string): readonly Standing[] {
  const reserve = state.reserves.get(IDS.coin)
  return borrowers.map(({ id }) => {
    const obligation = state.obligations.get(id)
    const claims = obligation?.deposits.get(IDS.coin) ?? 0n
    const coins = reserve ? kaminoMarket.liquidityOfClaimsDown(reserve, claims) : 0n
    const debt = Number(obligation?.borrows.get(IDS.money)?.borrowedSf ?? 0n) / Number(ONE)
    return { id, holds: { [symbol]: Number(coins) / Number(ONE) / 1e9 }, owes: { [usd]: debt / 1e6 } }
  })
}
