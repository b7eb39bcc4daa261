/** BOB's BTC vaults: partial liquidations to a target, settled at once, in an hour, or in a week. */
import { type BobAction, type BobState, bob, bobState } from '../../../mechanisms/index.ts'
import { atoms, type Moment } from '../../../model/index.ts'
import { type Chore, type RoomMaker, roomOf, type Standing } from '../room.ts'
import { momentOf, openBook, paramsOf, type RoomKind, type RoomSetup, scaled, wad } from './room-kind.ts'

const FEED = 'coin/usd'
const DAY = 86_400

/** BOB. */
export const bobRoom: RoomKind = {
  id: 'bob',
  title: 'BOB: partial, atomic where authorised',
  exactness: 'model',
  params: {
    liquidationLtv: {
      value: 0.85,
      least: 0.1,
      most: 0.99,
      says: 'loan-to-value at which liquidation begins, a fraction',
    },
    targetLtv: { value: 0.78, least: 0.05, most: 0.98, says: 'loan-to-value a liquidation restores, a fraction' },
    bonus: { value: 0.05, least: 0, most: 0.5, says: 'what a liquidator receives beyond the repayment, a fraction' },
    authorised: {
      value: 1,
      least: 0,
      most: 1,
      says: '1: borrowers signed a mint in advance; 0: the fast or slow path decides',
    },
    fastHours: { value: 1, least: 0, most: 24, says: 'hours of the fast path; 0: there are no signers' },
    slowDays: { value: 7, least: 0.1, most: 30, says: 'days of the challenge window on the slow path' },
  },
  order: [['targetLtv', 'liquidationLtv']],
  line: ({ liquidationLtv = 0 }) => liquidationLtv,
  make,
}

function make(setup: RoomSetup): RoomMaker {
  const terms = paramsOf(bobRoom, setup.params)
  const { liquidationLtv = 0, targetLtv = 0, bonus = 0, authorised = 0, fastHours = 0, slowDays = 0 } = terms
  const state = bobState(
    {
      ...{ liquidationLtv: wad(liquidationLtv), targetLtv: wad(liquidationLtv), bonus: wad(bonus), ratePerSecond: 0n },
      fastSeconds: fastHours > 0 ? BigInt(Math.round(fastHours * 3_600)) : undefined,
      ...{ assertSeconds: BigInt(DAY), challengeSeconds: BigInt(Math.round(slowDays * DAY)) },
    },
    FEED,
    BigInt(setup.start),
  )
  const at = momentOf(setup.start, { [FEED]: scaled(setup.price, 8) })
  openBook(
    bob,
    state,
    at,
    setup.borrowers.flatMap(({ id, coins, debt }): { who: string; action: BobAction }[] => [
      { who: id, action: { do: 'lock', vault: id, amount: scaled(coins, 8) } },
      { who: id, action: { do: 'borrow', vault: id, amount: wad(debt) } },
      ...(authorised > 0 ? [{ who: id, action: { do: 'authorise', vault: id, until: 1n << 62n } as const }] : []),
    ]),
  )
  // Loans may be opened up to the line itself here, so that the same book stands in every room; liquidations aim at the target.
  const opened: BobState = { ...state, terms: { ...state.terms, targetLtv: wad(targetLtv) } }
  const usd = setup.debtSymbol ?? 'USD'
  return roomOf<BobState, BobAction>({
    ...{ id: setup.id, mechanism: bob, state: opened, faults: setup.faults },
    assets: new Map([
      ['BTC', { symbol: setup.symbol, decimals: 8 }],
      ['USD', { symbol: usd, decimals: 18 }],
    ]),
    feeds: new Map([[FEED, { symbol: setup.symbol, quote: setup.debtSymbol, decimals: 8, oracle: setup.oracle }]]),
    chores: (now, { at: moment }) => settlements(now, moment),
    standings: (now) => standings(now, setup, usd),
    named: (action, actor) => (action.do === 'liquidate' ? { ...action, liquidator: actor } : action),
    pending: ({ claims }) => [...claims.values()].map(({ vault }) => vault),
    owed: ({ claims }) => [...claims.values()].map(({ sats }) => ({ asset: 'BTC', atoms: atoms(sats) })),
  })
}

/** Claims that are ready are paid to whoever made them. */
function settlements(state: BobState, at: Moment): readonly Chore<BobAction>[] {
  return [...state.claims].flatMap(([claim, { ready, liquidator }]) =>
    ready <= BigInt(at.time) ? [{ actor: liquidator, action: { do: 'settle', claim } as const }] : [],
  )
}

function standings(state: BobState, { borrowers, symbol }: RoomSetup, usd: string): readonly Standing[] {
  return borrowers.map(({ id }) => {
    const vault = state.vaults.get(id)
    return {
      id,
      holds: { [symbol]: Number((vault?.locked ?? 0n) + (vault?.bridged ?? 0n)) / 1e8 },
      owes: { [usd]: (Number(vault?.debtShares ?? 0n) * Number(state.index)) / 1e27 / 1e18 },
    }
  })
}
