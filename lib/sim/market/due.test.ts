import { describe, expect, it } from 'vitest'
import { type OracleFault, pushFeed } from '../../mechanisms/index.ts'
import type { UnixSeconds } from '../../model/index.ts'
import type { Agent } from '../agent.ts'
import { poolImpact } from '../impact.ts'
import { depthOf } from './depth.ts'
import { ledgerOf } from './ledger.ts'
import { ROOM_KINDS } from './room-kinds.ts'
import type { RoomKind } from './rooms/room-kind.ts'
import { type MarketPlan, runMarket } from './run.ts'

const START = 1_700_000_000 as UnixSeconds
/** Takes whatever is offered. */
const taker: Agent<unknown> = ({ offers }) => offers.map((offer) => ({ offer, tip: 0 }))

type Told = {
  readonly params?: Readonly<Record<string, number>>
  readonly seconds?: number
  readonly faults?: readonly OracleFault[]
  /** Liquidators are there at these steps only. */
  readonly taken?: (step: number) => boolean
  readonly keepers?: (step: number) => boolean
}

/** One loan of a hundred coins along a path of prices, in a market so deep that nobody moves it. */
function spells(kind: string, debt: number, prices: readonly number[], told: Told = {}) {
  const { params = {}, seconds = 60, faults = [], taken = () => true, keepers = () => true } = told
  const room = (ROOM_KINDS.get(kind) as RoomKind).make({
    ...{ id: kind, symbol: 'ETH', price: prices[0] ?? 0, start: START, params, faults },
    borrowers: [{ id: 'ann', coins: 100, debt }],
    oracle: pushFeed({ deviationBps: 0, heartbeat: 1 }),
  })
  const plan: MarketPlan = {
    ...{ start: START, seconds, rooms: [room], competition: 'sealed-bids', up: { liquidators: taken, keepers } },
    outside: new Map([['ETH', prices]]),
    depths: new Map([['ETH', depthOf({ impact: poolImpact({ reserve: 1e12 }), halfLife: 1e-3 }, prices[0] ?? 0)]]),
    competitors: [{ id: 'lin', agent: taker, capital: 1e9, latency: 0, up: taken }],
  }
  const run = runMarket(plan)
  const { breached, stepsToSafe, unsafeAtEnd } = ledgerOf(run, room, () => prices.at(-1) ?? 0)
  return { spells: run.recoveries, breached, stepsToSafe, unsafeAtEnd }
}

const nobody = () => false
const nothing = { spells: [], breached: 0, stepsToSafe: undefined, unsafeAtEnd: 0 }
const one = (steps: number) => ({ spells: [steps], breached: 1, stepsToSafe: steps, unsafeAtEnd: 0 })
const still = { spells: [], breached: 1, stepsToSafe: undefined, unsafeAtEnd: 1 }

describe('time below the line, along a path by hand', () => {
  it('of a hard close: from the price that breaks it to the liquidator, the price that comes back, or neither', () => {
    // 82,000 of 100 coins is at its line of 83 % at 988.
    expect(spells('aave-v3', 82_000, [1_000, 990, 1_000])).toEqual(nothing)
    expect(spells('aave-v3', 82_000, [1_000, 980, 980])).toEqual(one(0))
    expect(spells('aave-v3', 82_000, [1_000, 980, 980, 980, 1_000], { taken: (step) => step >= 3 })).toEqual(one(2))
    expect(spells('aave-v3', 82_000, [1_000, 980, 980, 1_000], { taken: nobody })).toEqual(one(2))
    expect(spells('aave-v3', 82_000, [1_000, 980, 980, 980], { taken: nobody })).toEqual(still)
    const twice = spells('aave-v3', 82_000, [1_000, 980, 1_000, 980, 980, 980, 1_000], { taken: nobody })
    expect(twice).toMatchObject({ spells: [1, 3], breached: 1, stepsToSafe: 2 })
  })

  it('does not end while the oracle is silent: nobody sees that the price is back', () => {
    const faults: readonly OracleFault[] = [{ kind: 'down', start: START + 120, duration: 120 }]
    const prices = [1_000, 980, 1_000, 1_000, 1_000]
    expect(spells('morpho', 85_000, prices, { taken: nobody })).toEqual(one(1))
    expect(spells('morpho', 85_000, prices, { taken: nobody, faults })).toEqual(one(3))
  })

  it('of f(x) v2: from 88 %, whoever is at the keyboard', () => {
    // 85,000 of 100 coins reach 88 % at 965.9 and 95 % at 894.7.
    const prices = [1_000, 960, 960, 960, 1_000]
    expect(spells('fx', 85_000, [1_000, 970, 1_000])).toEqual(nothing)
    expect(spells('fx', 85_000, prices)).toEqual(one(0))
    expect(spells('fx', 85_000, prices, { params: { keeper: 0 } })).toEqual(one(3))
    // The keeper is down for the two minutes from step 1; then he takes it.
    const params = { downFrom: 0, downHours: 2.5 / 60 }
    expect(spells('fx', 85_000, [1_000, 960, 960, 960, 960], { params })).toEqual(one(2))
    // Nobody rebalances; below 95 % a liquidator does.
    expect(spells('fx', 85_000, [1_000, 960, 890, 890], { params: { keeper: 0 } })).toEqual(one(1))
  })

  it('of f(x) v1: the whole treasury, from the rebalance pool’s line', () => {
    // 70,000 on 100 coins: 1.3055 is reached at 913.85, 1.20 at 840.
    const prices = [1_000, 900, 900, 950]
    expect(spells('fx-v1', 70_000, [1_000, 920, 1_000])).toEqual(nothing)
    expect(spells('fx-v1', 70_000, prices)).toEqual(one(0))
    expect(spells('fx-v1', 70_000, prices, { params: { keeper: 0 } })).toEqual(one(2))
    expect(spells('fx-v1', 70_000, [1_000, 900, 900], { params: { keeper: 0 } })).toEqual(still)
  })

  it('of LLAMMA: from the price that enters its bands until all of it is collateral again above them', () => {
    // 60,000 over ten bands begin to convert at 696.4: y_eff 86.58, 36 bands below 1,000.
    const prices = [1_000, 690, 690, 1_000, 1_000]
    expect(spells('llamma', 60_000, [1_000, 697, 1_000])).toEqual(nothing)
    // Arbitrageurs need two steps to turn it all back.
    expect(spells('llamma', 60_000, prices)).toEqual(one(3))
    // Without arbitrage nothing converts, but the price is in the bands all the same.
    expect(spells('llamma', 60_000, prices, { keepers: nobody })).toEqual(one(2))
    expect(spells('llamma', 60_000, [1_000, 690, 690])).toEqual(still)
    // Converted, and nobody there to turn it back: it waits for the arbitrageurs, not for the price.
    const late = [1_000, 693, 693, 693, 1_000, 1_000, 1_000]
    const cut = (from: number, to: number) => ({ keepers: (step: number) => step < from || step > to, taken: nobody })
    expect(spells('llamma', 60_000, late, cut(4, 99))).toEqual(still)
    expect(spells('llamma', 60_000, [...late, 1_000, 1_000, 1_000], cut(4, 6))).toEqual(one(6))
    // A fall that nobody follows but at its end takes a third of it: all collateral again, and due for hard liquidation.
    const deep = [1_000, 660, 660, 660, 1_000, 1_000, 1_000]
    expect(spells('llamma', 60_000, deep, { taken: nobody })).toEqual(still)
    expect(spells('llamma', 60_000, deep, { taken: (step) => step === 6 })).toEqual(one(5))
  })

  it('of a BAMM: no price puts a vault below its line, interest does, and a micro-liquidation brings it back', () => {
    const params = { ltv: 0.979, utilisation: 0.949 }
    expect(spells('bamm', 30_000, [1_000, 600, 300, 900, 1_000], { params })).toEqual(nothing)
    const days = { params, seconds: 86_400 }
    const still_ = Array.from({ length: 8 }, () => 1_000)
    const late = spells('bamm', 30_000, still_, { ...days, taken: nobody })
    expect(late).toEqual(still)
    const served = spells('bamm', 30_000, still_, { ...days, taken: (step) => step >= 6 })
    expect(served.breached).toBe(1)
    expect(served.spells[0]).toBeGreaterThan(0)
    expect(served.unsafeAtEnd).toBe(0)
  })

  it('of BOB: until what was taken is settled, at once or after the challenge window', () => {
    // 84,000 reach 85 % at 988.2. Slow: a day to assert and 2.4 hours to challenge, looked at every six hours.
    const prices = [1_000, 980, 980, 980, 980, 980, 980, 980]
    expect(spells('bob', 84_000, prices, { seconds: 21_600 })).toEqual(one(0))
    const slow = { params: { authorised: 0, fastHours: 0, slowDays: 0.1 }, seconds: 21_600 }
    expect(spells('bob', 84_000, prices, slow)).toEqual(one(5))
    const fast = { params: { authorised: 0, fastHours: 7 }, seconds: 21_600 }
    expect(spells('bob', 84_000, prices, fast)).toEqual(one(2))
  })

  it('of an auction: the vault is not safe before its last auction is', () => {
    // 83,000 at a ratio of 1.2 are due at 996. Barked at step 1; bidders come at step 4.
    const prices = [1_000, 990, 990, 990, 990, 990, 990]
    const dutch = spells('maker-clip', 83_000, prices, { taken: (step) => step === 1 || step >= 4 })
    expect(dutch).toEqual(one(3))
    // English: bids stand ten minutes, so nothing is settled sooner.
    const english = spells('maker-flip', 83_000, [1_000, ...Array.from({ length: 60 }, () => 990)])
    expect(english).toMatchObject({ breached: 1, unsafeAtEnd: 0 })
    expect(english.spells).toHaveLength(1)
    expect(english.spells[0]).toBeGreaterThanOrEqual(10)
  })
})
