/** An Aave v3.6 market of one collateral and one debt: close factor, bonus less the protocol's share, deficits. */
import {
  AAVE_V36_BOOK,
  type AaveAction,
  type AaveReserve,
  type AaveState,
  aaveState,
  aaveV36,
  pushFeed,
} from '../../../mechanisms/index.ts'
import { type AssetAmount, atoms, type Moment } from '../../../model/index.ts'
import { type RoomMaker, roomOf, type Standing } from '../room.ts'
import { momentOf, openBook, paramsOf, type RoomKind, type RoomSetup, scaled, wad } from './room-kind.ts'

const FEEDS = { collateral: 'collateral', debt: 'debt' } as const
/** Base currency: dollars with 8 decimals. */
const BASE_DECIMALS = 8
const RAY = 10n ** 27n

/** Aave v3.6. */
export const aaveRoom: RoomKind = {
  id: 'aave-v3',
  title: 'Aave v3: hard close',
  exactness: 'bytecode',
  params: {
    liquidationThreshold: {
      value: 0.83,
      least: 0.01,
      most: 0.98,
      says: 'share of collateral value that backs debt, a fraction',
    },
    bonus: { value: 0.05, least: 0, most: 0.5, says: 'what a liquidator receives beyond the repayment, a fraction' },
    protocolFee: { value: 0.1, least: 0, most: 1, says: 'the protocol’s share of the bonus, a fraction' },
  },
  line: ({ liquidationThreshold = 0 }) => liquidationThreshold,
  make,
}

function make(setup: RoomSetup): RoomMaker {
  const { liquidationThreshold = 0, bonus = 0, protocolFee = 0 } = paramsOf(aaveRoom, setup.params)
  const bps = (value: number) => BigInt(Math.round(value * 10_000))
  const reserve = (asset: keyof typeof FEEDS): AaveReserve => ({
    config: {
      ...{ asset, feed: FEEDS[asset], decimals: 18n, ltv: bps(liquidationThreshold) - 1n },
      ...{ liquidationThreshold: bps(liquidationThreshold), liquidationBonus: 10_000n + bps(bonus) },
      ...{ liquidationProtocolFee: bps(protocolFee), reserveFactor: 0n },
      // Rates of zero: a crash of hours is compared, not a year of interest.
      ...{ optimalUsage: 9_000n, baseRate: 0n, slope1: 0n, slope2: 0n },
    },
    ...{ liquidityIndex: RAY, liquidityRate: 0n, variableBorrowIndex: RAY, variableBorrowRate: 0n },
    ...{ updated: BigInt(setup.start), accruedToTreasury: 0n, deficit: 0n, virtualBalance: 0n, scaledDebt: 0n },
    ...{ scaledSupply: 0n, paused: false, graceUntil: 0n },
  })
  const state: AaveState = {
    reserves: new Map((['collateral', 'debt'] as const).map((asset) => [asset, reserve(asset)])),
    eModes: new Map(),
    accounts: new Map(),
    treasury: 'treasury',
  }
  const at = momentOf(setup.start, { [FEEDS.collateral]: scaled(setup.price, BASE_DECIMALS), [FEEDS.debt]: 10n ** 8n })
  const debt = setup.borrowers.reduce((sum, one) => sum + one.debt, 0)
  openBook(aaveV36, state, at, [
    { who: 'lenders', action: { do: 'supply', account: 'lenders', asset: 'debt', amount: wad(debt * 1.1) } },
    ...setup.borrowers.flatMap(({ id, coins, debt: own }): { who: string; action: AaveAction }[] => [
      { who: id, action: { do: 'supply', account: id, asset: 'collateral', amount: wad(coins) } },
      { who: id, action: { do: 'borrow', account: id, asset: 'debt', amount: wad(own) } },
    ]),
  ])
  const usd = setup.debtSymbol ?? 'USD'
  return roomOf<AaveState, AaveAction>({
    ...{ id: setup.id, mechanism: aaveV36, state },
    // The setup's oracle and its faults are the collateral's; debt is seen as it is.
    faults: setup.faults?.map((fault) => ({ ...fault, feed: fault.feed ?? FEEDS.collateral })),
    assets: new Map([
      ['collateral', { symbol: setup.symbol, decimals: 18 }],
      ['debt', { symbol: usd, decimals: 18 }],
    ]),
    feeds: new Map([
      [FEEDS.collateral, { symbol: setup.symbol, decimals: BASE_DECIMALS, oracle: setup.oracle }],
      [FEEDS.debt, { symbol: usd, decimals: BASE_DECIMALS, oracle: pushFeed({ deviationBps: 0, heartbeat: 1 }) }],
    ]),
    standings: (now, moment) => standings(now, moment, setup, usd),
    protocol: (now, moment) => treasuryOf(now, moment),
    backs: true,
  })
}

/** The treasury's claims on collateral, less the deficits: since v3.3 they stand on the reserve for the protocol to cover, and suppliers keep their claims. */
function treasuryOf(state: AaveState, at: Moment): readonly AssetAmount[] {
  const [reserve, debt] = [state.reserves.get('collateral'), state.reserves.get('debt')]
  const position = state.accounts.get(state.treasury)?.positions.get('collateral')
  const fees = reserve && position ? AAVE_V36_BOOK.balancesOf(reserve, position, BigInt(at.time)).collateral : 0n
  return [
    { asset: 'collateral', atoms: atoms(fees) },
    { asset: 'debt', atoms: atoms(-(debt?.deficit ?? 0n)) },
  ]
}

function standings(state: AaveState, at: Moment, { borrowers, symbol }: RoomSetup, usd: string): readonly Standing[] {
  return borrowers.map(({ id }) => {
    const account = state.accounts.get(id) ?? aaveState.emptyAccount()
    const [coins, debt] = (['collateral', 'debt'] as const).map((asset) => {
      const [reserve, position] = [state.reserves.get(asset), account.positions.get(asset)]
      if (!reserve || !position) return 0
      const balances = AAVE_V36_BOOK.balancesOf(reserve, position, BigInt(at.time))
      return Number(asset === 'collateral' ? balances.collateral : balances.debt) / 1e18
    }) as [number, number]
    return { id, holds: { [symbol]: coins }, owes: { [usd]: debt } }
  })
}
