import { describe, expect, it } from 'vitest'
import { paramsOf, ROOM_KINDS } from '../market/index.ts'
import { scenarioProblems } from './index.ts'

const LENDER = {
  ...{ id: 'one', callLtv: 0.7, liquidationLtv: 0.8, cureHours: 24, cureChance: 0.5, cureLtv: 0.6, lookEvery: 1 },
}
const LENDERS = {
  ...{ kind: 'margin-lenders', name: 'desks', market: 'ETH', schedule: 'simultaneous', lenders: [LENDER] },
  loans: { kind: 'drawn', count: 10, debt: 1e6, ltv: 0.5, spread: 0.05 },
}

/** A sound scenario with everything in it that may be contradicted. */
const sound = () => ({
  ...{ name: 'all', seed: 1, start: '2026-11-20T00:00:00Z', stepSeconds: 60, steps: 30 },
  assets: {
    ETH: { price: 2_000, path: { kind: 'shock', move: -0.3, at: 300 } as object, beta: 1.2 },
    stETH: { price: 0.99, follows: 'ETH' } as Record<string, unknown>,
    DAI: { stablecoin: { demand: 1e9, supply: 1e9 } } as Record<string, unknown>,
  },
  oracles: { slow: { kind: 'bounded', step: 0.01, gap: 3, stale: 10 } },
  rooms: [
    {
      ...{ name: 'soft', mechanism: 'llamma', collateral: 'ETH', params: { bands: 10 } as Record<string, number> },
      book: { kind: 'drawn', accounts: 5, debt: 1e6, lowLtv: 0.4, highLtv: 0.8 },
    },
    {
      ...{ name: 'vault', mechanism: 'bob', collateral: 'stETH', params: {} as Record<string, number> },
      book: { kind: 'borrowers', borrowers: [{ id: 'ann', coins: 10, debt: 15_000 }] },
    },
  ] as Record<string, unknown>[],
  liquidators: [
    { name: 'lin', count: 2, flashFee: 0.0005 },
    { name: 'mia', capital: 1e6, absent: [{ from: 60, until: 120 }] },
  ] as Record<string, unknown>[],
  news: [{ at: 120, size: -0.05 }],
  traders: [
    LENDERS,
    {
      ...{ kind: 'funding-drain', name: 'drain', market: 'ETH', maintenance: 0.02, rate: 0.0001, intervalHours: 8 },
      positions: [{ side: 'long', coins: 10, leverage: 20 }],
    },
  ] as Record<string, unknown>[],
})
type Sound = ReturnType<typeof sound>

/** What a change spoils: place and message in one line. */
const spoiled = (change: (one: Sound) => void) => {
  const one = sound()
  change(one)
  return scenarioProblems(JSON.stringify(one)).map(({ place, message }) => `${place} ${message}`)
}

describe('what contradicts itself', () => {
  it('is nothing in a sound scenario', () => {
    expect(spoiled(() => undefined)).toEqual([])
  })

  it.each<[string, (one: Sound) => void, string]>([
    [
      'a cure that is called again at once',
      (one) => {
        one.traders[0] = { ...LENDERS, lenders: [{ ...LENDER, cureLtv: 0.7 }] }
      },
      'traders[0].lenders[0].cureLtv is 0.7, not below callLtv 0.7',
    ],
    [
      'loans that are sold at the first look',
      (one) => {
        one.traders[0] = { ...LENDERS, loans: { ...LENDERS.loans, ltv: 0.85 } }
      },
      'traders[0].loans.ltv is 0.85, at or beyond the liquidationLtv 0.8 of a lender',
    ],
    [
      'a written loan beyond its line',
      (one) => {
        one.traders[0] = {
          ...LENDERS,
          loans: { kind: 'list', loans: [{ id: 'a', lender: 'one', debt: 18_000, coins: 10 }] },
        }
      },
      'traders[0].loans.loans[0].debt is 0.9 of its coins at the start, at or beyond liquidationLtv 0.8',
    ],
    [
      'a loan of a name twice',
      (one) => {
        const loan = { id: 'a', lender: 'one', debt: 1_000, coins: 10 }
        one.traders[0] = { ...LENDERS, loans: { kind: 'list', loans: [loan, loan] } }
      },
      'traders[0].loans.loans[1].id is "a" again',
    ],
    [
      'two traders of one name',
      (one) => {
        one.traders[1] = { ...one.traders[1], name: 'desks' }
      },
      'traders[1].name is "desks" again',
    ],
    [
      'leverage beyond maintenance',
      (one) => {
        one.traders[1] = { ...one.traders[1], positions: [{ side: 'long', coins: 1, leverage: 50 }] }
      },
      'traders[1].positions[0].leverage is 50: its margin is no more than maintenance 0.02',
    ],
    [
      'discounts the wrong way round',
      (one) => {
        one.rooms[0] = { ...one.rooms[0], params: { liquidationDiscount: 0.1 } }
      },
      'rooms[0].params.liquidationDiscount is 0.1, not below loanDiscount 0.09',
    ],
    [
      'half a band',
      (one) => {
        one.rooms[0] = { ...one.rooms[0], params: { bands: 4.5 } }
      },
      'rooms[0].params.bands is 4.5, no whole number',
    ],
    [
      'more bands than there may be',
      (one) => {
        one.rooms[0] = { ...one.rooms[0], params: { bands: 51 } }
      },
      'rooms[0].params.bands is 51',
    ],
    [
      'a target beyond the line',
      (one) => {
        one.rooms[1] = { ...one.rooms[1], params: { targetLtv: 0.9 } }
      },
      'rooms[1].params.targetLtv is 0.9, not below liquidationLtv 0.85',
    ],
    [
      'a book opened beyond its line',
      (one) => {
        one.rooms[1] = { ...one.rooms[1], params: { liquidationLtv: 0.6, targetLtv: 0.5 } }
      },
      'rooms[1].book.borrowers[0].debt is 0.7576 of the collateral at the start, at or beyond the line 0.6',
    ],
    [
      'a debt in the collateral',
      (one) => {
        one.rooms[0] = { ...one.rooms[0], debt: 'ETH' }
      },
      'rooms[0].debt is "ETH", the collateral itself',
    ],
    [
      'news that a follower does not take',
      (one) => {
        one.assets.stETH = { ...one.assets.stETH, beta: 0.5 }
      },
      'assets.stETH.beta is 0.5, and the coin follows ETH',
    ],
    [
      'news that a stablecoin does not take',
      (one) => {
        one.assets.DAI = { ...one.assets.DAI, beta: 1 }
      },
      'assets.DAI.beta is 1, and demand over supply is the price',
    ],
    [
      'an oracle that is silent between its updates',
      (one) => {
        one.oracles.slow.stale = 2
      },
      'oracles.slow.stale is 2, below gap 3: it would be silent between its updates',
    ],
    [
      'a liquidator without money',
      (one) => {
        one.liquidators[1] = { name: 'mia' }
      },
      'liquidators[1].capital is nothing, and no flashFee is given: it can pay for no liquidation',
    ],
    [
      'a liquidator called as another is numbered',
      (one) => {
        one.liquidators[1] = { name: 'lin-2', capital: 1 }
      },
      'liquidators[1].name is one of the 2 of lin',
    ],
    [
      'a liquidator whose money would be tips',
      (one) => {
        one.liquidators[1] = { name: 'builders', capital: 1 }
      },
      'liquidators[1].name is "builders", under which a market counts something else',
    ],
    [
      'a shock after the end',
      (one) => {
        one.assets.ETH.path = { kind: 'shock', move: -0.3, at: 1_741 }
      },
      'assets.ETH.path.at is 1741 s, after the last step at 1740 s: it would never happen',
    ],
    [
      'news after the end',
      (one) => {
        one.news = [{ at: 1_800, size: -0.1 }]
      },
      'news[0].at is 1800 s, after the last step at 1740 s: it would never happen',
    ],
    [
      'a latency below 0',
      (one) => {
        one.liquidators[0] = { name: 'lin', flashFee: 0.0005, latency: -1 }
      },
      'liquidators[0].latency is -1',
    ],
  ])('%s', (_, change, wanted) => {
    expect(spoiled(change)).toEqual([wanted])
  })

  it('is told all at once', () => {
    const all = spoiled((one) => {
      one.traders[0] = { ...LENDERS, lenders: [{ ...LENDER, cureLtv: 0.75 }] }
      one.rooms[0] = { ...one.rooms[0], params: { bands: 4.5, loanDiscount: 0.05 } }
      one.assets.stETH = { ...one.assets.stETH, beta: 0.5 }
      one.news = [{ at: 9_999, size: -0.1 }]
    })
    expect(all).toHaveLength(5)
  })

  it('is refused of a room’s parameters wherever they come from, every kind standing with its own', () => {
    for (const kind of ROOM_KINDS.values()) expect(() => paramsOf(kind)).not.toThrow()
    const kamino = ROOM_KINDS.get('kamino')
    expect(kamino && (() => paramsOf(kamino, { leastBonus: 2_000 }))).toThrow(
      'leastBonus of kamino is 2000, not below mostBonus 1000',
    )
  })
})
