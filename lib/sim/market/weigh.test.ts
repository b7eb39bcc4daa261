import { describe, expect, it } from 'vitest'
import type { Room, Standing } from './room.ts'
import { weighing } from './weigh.ts'

type Now = {
  standings: Standing[]
  protocol: [string, number][]
  owed: [string, number][]
}

/** A room that is what `now` says. */
const fake = (now: Now, keeps: Room['keeps'] = 'part') =>
  ({
    keeps,
    standings: () => now.standings,
    protocol: () => now.protocol,
    owed: () => now.owed,
  }) as Partial<Room> as Room

const loan = (coins: number, debt: number): Standing => ({ id: 'ann', holds: { ETH: coins }, owes: { USD: debt } })
const at = (eth: number) => (symbol: string) => (symbol === 'USD' ? 1 : eth)

describe('what a crash costs whom', () => {
  it('takes the price of the time: ten coins for eight hundred at a hundred each cost two hundred, whatever comes later', () => {
    const now: Now = { standings: [loan(100, 5_000)], protocol: [], owed: [] }
    const seen = weighing(fake(now), at(200))
    now.standings = [loan(90, 4_200)]
    seen.weigh(at(100), 10 * 100 - 800)
    expect(seen.cost(at(200))).toMatchObject({ given: 200, borrowers: 200, accounts: 200, protocol: 0, uncovered: 0 })
  })

  it('makes nobody worth less than nothing: what a loan is short of is uncovered, and writing it off gives its owner nothing', () => {
    const now: Now = { standings: [loan(100, 5_000)], protocol: [], owed: [] }
    const seen = weighing(fake(now), at(100))
    // At 40 the loan is short of 1,000. A liquidator takes all coins for 3,800, and the rest is written off.
    now.standings = [loan(0, 0)]
    seen.weigh(at(40), 4_000 - 3_800)
    expect(seen.cost(at(90))).toMatchObject({ given: 200, borrowers: 0, accounts: -1_000, short: 0, uncovered: 1_000 })
    // Left alone it is as short, and less so when the price comes back.
    const alone = weighing(fake({ standings: [loan(100, 5_000)], protocol: [], owed: [] }), at(100))
    expect(alone.cost(at(40))).toMatchObject({ borrowers: 0, short: 1_000, uncovered: 1_000 })
    expect(alone.cost(at(60))).toMatchObject({ short: 0, uncovered: 0 })
  })

  it('tells the protocol’s part from the lenders’, and gives it the rest where its coin is owed at its face', () => {
    const now: Now = { standings: [loan(100, 5_000)], protocol: [['ETH', 1]], owed: [] }
    const seen = weighing(fake(now), at(100))
    now.standings = [loan(90, 4_200)]
    now.protocol = [['ETH', 1.5]]
    seen.weigh(at(100), 9.5 * 100 - 800)
    expect(seen.cost(at(100))).toMatchObject({ given: 150, accounts: 200, protocol: -50 })
    const face: Now = { standings: [loan(100, 5_000)], protocol: [], owed: [] }
    const rest = weighing(fake(face, 'rest'), at(100))
    face.standings = [loan(90, 4_200)]
    rest.weigh(at(100), 9.5 * 100 - 800)
    expect(rest.cost(at(100))).toMatchObject({ accounts: 200, protocol: -50 })
  })

  it('gives what was paid for to who paid, from then on, and the price’s moves with it', () => {
    const now: Now = { standings: [loan(100, 5_000)], protocol: [], owed: [] }
    const seen = weighing(fake(now), at(100))
    // Eight hundred come in, ten coins are promised; they are handed over at 70.
    now.standings = [loan(90, 4_200)]
    now.owed = [['ETH', 10]]
    seen.weigh(at(100), -800)
    expect(seen.cost(at(100))).toMatchObject({ given: 200, borrowers: 200, waited: 0 })
    expect(seen.cost(at(70))).toMatchObject({ given: 200, owed: [['ETH', 10]], waited: -300 })
    now.owed = []
    seen.weigh(at(70), 700)
    expect(seen.cost(at(70))).toMatchObject({ given: 200, borrowers: 200, owed: [], waited: -300 })
  })
})
