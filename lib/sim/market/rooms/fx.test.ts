import { describe, expect, it } from 'vitest'
import { pushFeed } from '../../../mechanisms/index.ts'
import { prng, type UnixSeconds } from '../../../model/index.ts'
import { liquidator } from '../../agents/liquidator.ts'
import { poolImpact } from '../../impact.ts'
import { depthOf } from '../depth.ts'
import { ledgerOf } from '../ledger.ts'
import { type MarketPlan, runMarket } from '../run.ts'
import { drawBorrowers } from './borrowers.ts'
import { fxRoom } from './fx.ts'

const START = 1_700_000_000 as UnixSeconds
const BOOK = { accounts: 40, price: 2_000, lowLtv: 0.45, highLtv: 0.86, crowding: 1.5, sizeSpread: 1, debt: 20e6 }

function plan(params: Readonly<Record<string, number>> = {}, fall = 0.25): MarketPlan {
  const room = fxRoom.make({
    ...{ id: 'fx', symbol: 'ETH', price: 2_000, start: START, params },
    borrowers: drawBorrowers(BOOK, prng('book')),
    oracle: pushFeed({ deviationBps: 50, heartbeat: 3_600 }),
  })
  const steps = 120
  return {
    ...{ start: START, seconds: 300, rooms: [room], competition: 'sealed-bids' },
    outside: new Map([
      ['ETH', Array.from({ length: steps }, (_, at) => 2_000 * (1 - fall * Math.min(1, at / (steps / 2))))],
    ]),
    depths: new Map([['ETH', depthOf({ impact: poolImpact({ reserve: 400_000 }), halfLife: 1_800 }, 2_000)]]),
    competitors: [
      {
        id: 'lin',
        agent: liquidator<unknown>({ leastProfit: 10, tipShare: 0.5, flashFee: 0 }),
        capital: 0,
        latency: 0,
      },
    ],
    gas: { gwei: () => 5, units: 900_000, symbol: 'ETH' },
  }
}

function seen(terms: MarketPlan) {
  const run = runMarket(terms)
  const by = (actor: string) => run.entries.filter((one) => one.actor === actor && one.facts.length > 0).length
  const ledger = ledgerOf(run, terms.rooms[0] as (typeof terms.rooms)[number], () => 2_000)
  return { rebalances: by('keeper'), liquidations: by('lin'), ledger }
}

describe('a room of f(x)', () => {
  it('rebalances on the way down while its keeper is up, and nobody is liquidated', () => {
    const { rebalances, liquidations, ledger } = seen(plan())
    expect(rebalances).toBeGreaterThan(20)
    expect(liquidations).toBe(0)
    expect(Math.abs(ledger.sum)).toBeLessThan(1e-9 * ledger.debt)
    expect(ledger.penalty).toBeGreaterThan(0)
  })

  it('liquidates instead while the keeper is down, and takes more from the borrowers', () => {
    const [up, off, out] = [seen(plan()), seen(plan({ keeper: 0 })), seen(plan({ downFrom: 1, downHours: 4 }))]
    expect(off.rebalances).toBe(0)
    expect(off.liquidations).toBeGreaterThan(3)
    expect(off.ledger.penalty).toBeGreaterThan(up.ledger.penalty)
    expect(Math.abs(off.ledger.sum)).toBeLessThan(1e-9 * off.ledger.debt)
    expect(out.rebalances).toBeGreaterThan(0)
    expect(out.liquidations).toBeGreaterThan(0)
  })

  it('does nothing while prices stand, and refuses a book above its line and parameters out of bounds', () => {
    expect(seen(plan({}, 0))).toMatchObject({ rebalances: 0, liquidations: 0, ledger: { borrowers: 0 } })
    expect(() => plan({ liquidationRatio: 0.8, rebalanceRatio: 0.7 })).toThrow('refuses')
    expect(() => plan({ keeper: 2 })).toThrow('lies between')
  })
})
