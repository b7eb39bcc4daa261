import { describe, expect, it } from 'vitest'
import { pushFeed } from '../../mechanisms/index.ts'
import { atoms, type Fact, prng, type UnixSeconds } from '../../model/index.ts'
import { liquidator } from '../agents/liquidator.ts'
import { linearImpact, poolImpact } from '../impact.ts'
import { depthOf, elasticDepth } from './depth.ts'
import { ledgerOf } from './ledger.ts'
import { drawBorrowers } from './rooms/borrowers.ts'
import { morphoRoom } from './rooms/morpho.ts'
import { type MarketPlan, runMarket } from './run.ts'

const START = 1_700_000_000 as UnixSeconds
const BOOK = { accounts: 60, price: 2_000, lowLtv: 0.4, highLtv: 0.84, crowding: 1.5, sizeSpread: 1, debt: 100e6 }
const crash = (fall: number, steps = 120) =>
  Array.from({ length: steps }, (_, at) => 2_000 * (1 - fall * Math.min(1, at / (steps / 2))))

function plan(change: Partial<MarketPlan> & { readonly reserve?: number; readonly fall?: number } = {}): MarketPlan {
  const { reserve = 200_000, fall = 0.3, ...rest } = change
  const room = morphoRoom.make({
    ...{ id: 'morpho', symbol: 'ETH', price: 2_000, start: START },
    borrowers: drawBorrowers(BOOK, prng('book')),
    oracle: pushFeed({ deviationBps: 50, heartbeat: 3_600 }),
  })
  const agent = liquidator<unknown>({ leastProfit: 10, tipShare: 0.5, flashFee: 0.0005 })
  return {
    ...{ start: START, seconds: 60, rooms: [room], competition: 'sealed-bids' },
    outside: new Map([['ETH', crash(fall)]]),
    depths: new Map([['ETH', depthOf({ impact: poolImpact({ reserve }), halfLife: 1_800 }, 2_000)]]),
    competitors: [
      { id: 'lin', agent, capital: 0, latency: 0 },
      {
        id: 'mia',
        agent: liquidator<unknown>({ leastProfit: 10, tipShare: 0.8, flashFee: 0.0005 }),
        capital: 0,
        latency: 0,
      },
    ],
    gas: { gwei: () => 30, units: 500_000, symbol: 'ETH' },
    ...rest,
  }
}

const ledger = (terms: MarketPlan, last: number) =>
  ledgerOf(runMarket(terms), terms.rooms[0] as (typeof terms.rooms)[number], () => last)

describe('a market', () => {
  it('liquidates in a crash, and what the parties lose and win adds up to zero', () => {
    const terms = plan()
    const seen = ledger(terms, 1_400)
    expect(seen.liquidations).toBeGreaterThan(10)
    expect(seen.touched).toBeGreaterThan(10)
    expect(seen.penalty).toBeGreaterThan(0)
    // Whoever was sold on the way down has lost when the price comes back, and saved something when it does not.
    expect(ledger(terms, 2_000).borrowers).toBeLessThan(-seen.penalty)
    expect(seen.borrowers).toBeGreaterThan(0)
    expect(seen.builders).toBeGreaterThan(0)
    expect(Math.abs(seen.sum)).toBeLessThan(1e-9 * seen.debt)
    expect(seen.stepsToSafe).toBeDefined()
  })

  it('counts what a liquidation left uncovered, but not what it put on other borrowers, who still owe it', () => {
    const seen = plan()
    const room = seen.rooms[0] as (typeof seen.rooms)[number]
    const asset = [...room.assets].find(([, { symbol }]) => symbol === 'USD') as [string, { decimals: number }]
    const loss = { asset: asset[0], atoms: atoms(7n * 10n ** BigInt(asset[1].decimals)) }
    const fact: Fact = {
      ...{ type: 'loan-liquidation', protocol: 'x', market: 'm', account: 'a', usd: undefined },
      ...{ repaid: loss, seized: loss, badDebt: loss },
    }
    const still = runMarket(plan({ fall: 0 }))
    const run = {
      ...still,
      entries: [
        {
          ...{ step: 0, room: room.id, actor: 'lin', target: 'a', facts: [fact], paid: new Map(), received: new Map() },
          ...{ profit: 0, tip: 0, given: 0 },
        },
      ],
    }
    expect(ledgerOf(run, room, () => 2_000).badDebt).toBe(7)
    expect(ledgerOf(run, { ...room, spreads: true }, () => 2_000).badDebt).toBe(0)
  })

  it('is the same again, and nothing happens while prices stand', () => {
    const [once, again] = [runMarket(plan()), runMarket(plan())]
    expect(again.entries).toEqual(once.entries)
    expect(ledger(plan({ fall: 0 }), 2_000)).toMatchObject({ liquidations: 0, touched: 0, borrowers: 0, others: 0 })
  })

  it('falls further in a thin market, and sells more', () => {
    const low = (reserve: number) => {
      const run = runMarket(plan({ reserve }))
      return Math.min(...run.steps.map(({ prices }) => prices.get('ETH') ?? 0))
    }
    expect(low(20_000)).toBeLessThan(low(200_000) - 1)
    expect(low(200_000)).toBeLessThan(1_400)
  })

  it('leaves loans under water while nobody can pay for gas, and counts what was late', () => {
    const stuck = liquidator<unknown>({ leastProfit: 10, tipShare: 0.5, flashFee: 0.0005, gasCeiling: 100 })
    const terms = plan({
      fall: 0.45,
      competitors: [{ id: 'lin', agent: stuck, capital: 0, latency: 0 }],
      gas: { gwei: () => 500, units: 500_000, symbol: 'ETH' },
    })
    const seen = ledger(terms, 1_100)
    expect(seen).toMatchObject({ liquidations: 0, borrowers: 0 })
    expect(seen.unsafeAtEnd).toBeGreaterThan(20)
    expect(seen.underwater).toBeGreaterThan(0)
    expect(ledger(plan({ fall: 0.45 }), 1_100).underwater).toBeLessThan(seen.underwater)
  })

  it('gives the offer to the highest bid, to the fastest, or makes losers pay', () => {
    const by = (competition: MarketPlan['competition'], slow = 0) => {
      const terms = plan({ competition })
      const [lin, mia] = terms.competitors
      return runMarket({ ...terms, competitors: [lin!, { ...mia!, latency: slow }] })
    }
    const actors = (run: ReturnType<typeof by>) => new Set(run.entries.map(({ actor }) => actor))
    expect(actors(by('sealed-bids'))).toEqual(new Set(['mia']))
    expect(actors(by('fastest', 1))).toEqual(new Set(['lin']))
    const [open, sealed] = [by('open-auction'), by('sealed-bids')]
    expect(open.cash.get('lin') ?? 0).toBeLessThan(0)
    expect(sealed.cash.get('lin') ?? 0).toBe(0)
    expect(open.missedBids).toBeGreaterThan(0)
  })

  it('own money sets a limit that a flash loan does not', () => {
    const agent = liquidator<unknown>({ leastProfit: 10, tipShare: 0.5 })
    const with_ = (capital: number) => ledger(plan({ competitors: [{ id: 'lin', agent, capital, latency: 0 }] }), 1_400)
    expect(with_(1_000).liquidations).toBe(0)
    expect(with_(1e9).liquidations).toBeGreaterThan(10)
  })

  it('ends early when asked to, and says so', () => {
    const run = runMarket(plan(), (step) => step < 30)
    expect(run.finished).toBe(false)
    expect(run.steps).toHaveLength(30)
  })
})

describe('a coin’s market', () => {
  it('gives back what a round trip took, but for what stays', () => {
    const depth = depthOf({ impact: linearImpact(0.1) }, 100)
    depth.advance(100, 0)
    const sold = depth.trade(50)
    expect(depth.price()).toBeCloseTo(95, 12)
    expect(sold + depth.trade(-50)).toBeCloseTo(0, 9)
    expect(depth.price()).toBeCloseTo(100, 12)
    expect(depth.trade(-20)).toBeLessThan(-2_000)
    expect(depth.price()).toBeCloseTo(102, 12)
  })

  it('refills by half in its half-life, except for the permanent part', () => {
    const depth = depthOf({ impact: linearImpact(0.1), permanent: 0.4, halfLife: 60 }, 100)
    depth.advance(100, 0)
    depth.trade(100)
    expect(depth.price()).toBeCloseTo(90, 12)
    depth.advance(100, 60)
    expect(depth.price()).toBeCloseTo(93, 12)
    depth.advance(100, 60_000)
    expect(depth.price()).toBeCloseTo(96, 9)
  })

  it('thins out when makers withdraw after a move', () => {
    const fall = (withdrawal: number) => {
      const depth = depthOf({ impact: poolImpact({ reserve: 1_000 }), withdrawal }, 100)
      depth.advance(100, 0)
      for (let step = 1; step <= 10; step++) depth.advance(100 - step, 60)
      depth.trade(50)
      return depth.price()
    }
    expect(fall(10)).toBeLessThan(fall(0))
  })

  it('never pays less than nothing, and a stablecoin rises as it is bought back', () => {
    const depth = depthOf({ impact: linearImpact(1) }, 100)
    depth.advance(100, 0)
    // A hundred coins bring the price to nothing, the next fifty bring nothing.
    expect(depth.trade(150)).toBeCloseTo(5_000, 2)
    expect(depth.price()).toBeGreaterThan(0)
    expect(depth.quote(1_000)).toBe(0)
    const dai = elasticDepth({ demand: 100, supply: 100 })
    expect(dai.trade(-50)).toBeCloseTo(100 * Math.log(0.5), 12)
    expect(dai.price()).toBeCloseTo(2, 12)
    expect(() => depthOf({ impact: linearImpact(1), permanent: 2 }, 100)).toThrow(/part from 0 to 1/)
    expect(() => elasticDepth({ demand: 0, supply: 1 })).toThrow(/above 0/)
  })
})
