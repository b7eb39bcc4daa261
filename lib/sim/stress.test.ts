import { describe, expect, it } from 'vitest'
import { mergeChunks, runPaths } from '../kernels/index.ts'
import { isBreakwaterError, prng } from '../model/index.ts'
import type { CascadeLevel } from './cascade.ts'
import { exponentialImpact, linearImpact, poolImpact } from './impact.ts'
import { monteCarloPlan, monteCarloSummary, piecesOf } from './montecarlo.ts'
import { stressCore } from './stress-core.ts'
import { type PerpPosition, perpLevels, perpStress } from './stress-perp.ts'
import { stressPicture } from './stress-picture.ts'
import { isPositionList, parsePositions } from './stress-positions.ts'

const TOY: readonly CascadeLevel[] = [
  [97, 10],
  [95.5, 20],
  [94, 40],
  [90, 80],
  [80, 200],
].map(([price, quantity]) => ({ side: 'long', price, quantity }) as CascadeLevel)

/** Random isolated positions around a price, some of them near their line. */
function drawn(seed: string, count = 200): readonly PerpPosition[] {
  const chance = prng(seed)
  return Array.from({ length: count }, (_, at) => {
    const side = chance.next() < 0.6 ? 'long' : 'short'
    const sign = side === 'long' ? 1 : -1
    const [entry, size] = [100 * (1 + 0.1 * chance.normal()), chance.exponential(20)]
    const leverage = 2 + 30 * chance.next()
    const margin = (size * entry) / leverage
    const liquidation = Math.max(1, (entry - (sign * margin) / size) / (1 - sign * 0.005))
    return { account: `a${at}`, coin: 'X', side, size, entry, margin, liquidation }
  })
}

describe('a shock on levels', () => {
  it('of the toy book rests at 96.5, and its cliff is the depth at which the book runs through', () => {
    const ask = (k: number) => stressCore({ start: 100, external: 97, levels: TOY, impact: linearImpact(k) })
    const outcome = ask(0.05)
    expect([outcome.price, outcome.coins, outcome.rounds.length, outcome.amplification]).toEqual([96.5, 10, 1, 3.5 / 3])
    expect(outcome.next).toBe(95.5)
    // The critical impact is 0.15, three times the present one: a third of the depth.
    expect(outcome.cliff?.depth).toBeCloseTo(1 / 3, 9)
    expect(outcome.cliff?.jump).toBe(340)
    expect(ask(0.16)).toMatchObject({ runaway: true, exhausted: true })
    expect(ask(0.16).cliff?.depth).toBeCloseTo(0.16 / 0.15, 9)
    expect(stressCore({ start: 100, external: 100, levels: [], impact: linearImpact(1) })).toMatchObject({
      ...{ coins: 0, fired: 0, branching: 0, cliff: undefined, amplification: undefined },
    })
  })
})

describe('depth that is exhausted', () => {
  it('ends at next to nothing and says so, instead of below zero', () => {
    const ask = (k: number) => stressCore({ start: 100, external: 97, levels: TOY, impact: linearImpact(k) })
    // 350 coins at a dollar each would leave 97 − 350.
    expect(ask(1)).toMatchObject({ price: 97e-6, end: 'depth exhausted', coins: 350, branching: undefined })
    expect(ask(0.05).end).toBe('rests')
    for (const { after, fill } of ask(1).rounds) expect(Math.min(after, fill)).toBeGreaterThanOrEqual(0)
    // Ten, then twenty and forty bring what a straight line pays; of the rest only what comes before the price is gone.
    const brought = ask(1).rounds.reduce((sum, { fill, coins }) => sum + fill * coins, 0)
    expect(brought).toBeCloseTo(97 ** 2 / 2, 3)
  })

  it('leaves every party a finite part: longs sold into a straight line, shorts that buy more than a pool has', () => {
    const positions = (side: 'long' | 'short'): readonly PerpPosition[] =>
      Array.from({ length: 8 }, (_, at) => ({
        ...{ account: `a${at}`, coin: 'X', side, size: 50, entry: 100, margin: 500 },
        liquidation: side === 'long' ? 91 - at : 109 + at,
      }))
    const terms = { coin: 'X', start: 100, fund: 100, limit: 3 }
    for (const [side, shock, impact] of [
      ['long', -0.1, linearImpact(1)],
      ['short', 0.1, poolImpact({ reserve: 120 })],
    ] as const) {
      const seen = perpStress({ ...terms, positions: positions(side), shock, impact })
      expect(seen.core.end).toBe('depth exhausted')
      expect(seen.core.price).toBeGreaterThan(0)
      for (const part of Object.values(seen.payers)) expect(Number.isFinite(part)).toBe(true)
      const largest = Math.max(...Object.values(seen.payers).map(Math.abs))
      expect(Math.abs(seen.payers.sum)).toBeLessThan(1e-9 * largest)
      expect(seen.badDebt).toBeGreaterThan(0)
    }
  })
})

describe('perp positions under a shock', () => {
  it('pay and receive exactly what the others receive and pay, whatever the shock, the depth and the fund', () => {
    let [deficits, cuts, unpaid] = [0, 0, 0]
    for (let round = 0; round < 60; round++) {
      const chance = prng(`perp ${round}`)
      const shock = (chance.next() < 0.5 ? -1 : 1) * 0.5 * chance.next()
      const fund = chance.pick([0, 500, 1e9])
      const positions = drawn(`book ${round}`).filter(({ side }) => round % 3 !== 0 || side === 'long')
      const seen = perpStress({
        coin: 'X',
        positions,
        start: 100,
        shock,
        impact: exponentialImpact(2e-5),
        fund,
        limit: 5,
      })
      const scale = positions.reduce((sum, { size }) => sum + size * 100, 0)
      expect(Math.abs(seen.payers.sum)).toBeLessThan(1e-9 * scale)
      expect(seen.insurance.paid + seen.deleveraged.usd + seen.badDebt).toBeCloseTo(seen.deficit, 6)
      expect(seen.liquidated).toBe(seen.core.fired)
      expect(seen.next.every(({ further }) => (shock < 0 ? further < 0 : further > 0))).toBe(true)
      if (seen.deficit > 0) deficits++
      if (seen.deleveraged.usd > 0) cuts++
      if (seen.badDebt > 0) unpaid++
    }
    expect([deficits > 20, cuts > 10, unpaid > 3]).toEqual([true, true, true])
  })

  it('deleverages winners only after the fund, the highest return on margin first', () => {
    const one = (
      account: string,
      side: 'long' | 'short',
      size: number,
      margin: number,
      liquidation: number,
    ): PerpPosition => ({
      ...{ account, coin: 'X', side, size, entry: 100, margin, liquidation },
    })
    const positions = [
      one('deep', 'long', 100, 500, 96),
      one('lever', 'short', 50, 100, 150),
      one('calm', 'short', 50, 2_000, 190),
    ]
    const ask = (fund: number) =>
      perpStress({ coin: 'X', positions, start: 100, shock: -0.2, impact: linearImpact(0), fund, limit: 3 })
    // Closed at 80: 2,000 lost on a margin of 500.
    expect(ask(0)).toMatchObject({ deficit: 1_500, badDebt: 0, deleveraged: { accounts: 2, usd: 1_500 } })
    expect(ask(600)).toMatchObject({
      insurance: { before: 600, paid: 600, left: 0 },
      deleveraged: { accounts: 1, usd: 900 },
    })
    expect(ask(5_000)).toMatchObject({ insurance: { paid: 1_500, left: 3_500 }, deleveraged: { accounts: 0, usd: 0 } })
  })

  it('are read from lists as venues and people write them; bad rows are told', () => {
    const csv =
      'user,coin,szi,entryPx,marginUsed,liquidationPx\n0xa,btc,2,60000,12000,54500\n0xb,BTC,-1,61000,6100,\n0xc,BTC,0,1,1,1\n'
    const list = parsePositions(csv)
    expect(list.positions.map(({ account, side, size, coin }) => [account, side, size, coin])).toEqual([
      ['0xa', 'long', 2, 'BTC'],
      ['0xb', 'short', 1, 'BTC'],
    ])
    // Without a liquidation price: equity = maintenance, (61000 + 6100) / 1.005.
    expect(list.positions[1]?.liquidation).toBeCloseTo(67_100 / 1.005, 9)
    expect(list.refused).toEqual([{ row: 3, why: 'has the size 0' }])
    const deep = {
      assetPositions: [
        {
          type: 'oneWay',
          position: { coin: 'ETH', szi: '-3.5', entryPx: '3000', marginUsed: '900', liquidationPx: '3200.5' },
        },
      ],
    }
    expect(parsePositions(JSON.stringify(deep)).positions[0]).toMatchObject({
      coin: 'ETH',
      side: 'short',
      size: 3.5,
      liquidation: 3200.5,
    })
    expect([
      isPositionList(csv),
      isPositionList(JSON.stringify(deep)),
      isPositionList('account,collateral,debt\n'),
    ]).toEqual([true, true, false])
    expect(() => parsePositions('coin,size,entry\nBTC,x,1\n')).toThrow(
      /none of the 1 rows is a position: row 1 has the size x/,
    )
  })
})

describe('Monte Carlo over a book', () => {
  const terms = {
    levels: perpLevels(drawn('paths')),
    impact: exponentialImpact(1e-4),
    ...{ start: 100, shock: -0.03, steps: 240, seconds: 60, volatility: 0.2, permanent: 0.3, halfLife: 1_800 },
    jumps: { perDay: 20, mean: -0.01, deviation: 0.02 },
    ...{ paths: 600, seed: '7' },
  }
  const plan = monteCarloPlan(terms)
  const chunks = piecesOf(600, 130).map(({ from, to }) => runPaths(plan.book, plan.options, from, to))
  const whole = monteCarloSummary(plan, chunks)

  it('gives the same however it is cut, and another seed gives another', () => {
    expect(piecesOf(600, 130).map(({ from, to }) => to - from)).toEqual([130, 130, 130, 130, 80])
    expect(monteCarloSummary(plan, [runPaths(plan.book, plan.options, 0, 600)])).toEqual(whole)
    expect(monteCarloSummary(plan, [...chunks].reverse())).toEqual(whole)
    const other = monteCarloPlan({ ...terms, seed: '8' })
    expect(monteCarloSummary(other, [runPaths(other.book, other.options, 0, 600)])?.price).not.toEqual(whole?.price)
    expect(whole).toMatchObject({ partial: false, asked: 600, paths: 600, kind: 'simulated' })
  })

  it('interrupted tells of the paths that follow one another from the first, and says so', () => {
    const [first, second, , fourth] = chunks
    const some = monteCarloSummary(plan, [fourth!, first!, second!])
    expect(some).toMatchObject({ partial: true, asked: 600, paths: 260 })
    expect(some?.price).toEqual(
      monteCarloSummary({ ...plan, paths: 260 }, [runPaths(plan.book, plan.options, 0, 260)])?.price,
    )
    expect(monteCarloSummary(plan, [second!])).toBeUndefined()
  })

  it('counts coins and dollars in the units of the book', () => {
    const merged = mergeChunks(chunks)
    const coins = terms.levels.reduce((sum, { quantity }) => sum + quantity, 0)
    expect(
      Math.max(...merged.longLots.map((lots, at) => (lots + (merged.shortLots[at] as number)) * plan.lot)),
    ).toBeLessThanOrEqual(coins * (1 + 1e-9))
    expect(whole?.liquidated.greatest).toBeLessThanOrEqual(coins * (1 + 1e-9))
    expect(whole?.liquidated.mean).toBeGreaterThan(0.05 * coins)
    expect(whole?.badDebt.mean).toBeGreaterThan(0)
    expect(whole?.badDebt.mean).toBeLessThan(coins * 100)
    // Twice the coins in a market twice as deep: the same prices, twice the money.
    const double = monteCarloPlan({
      ...terms,
      impact: exponentialImpact(0.5e-4),
      levels: terms.levels.map((one) => ({ ...one, quantity: 2 * one.quantity })),
    })
    const seen = monteCarloSummary(double, [runPaths(double.book, double.options, 0, 600)])
    expect(seen?.price.mean).toBeCloseTo(whole?.price.mean as number, 9)
    expect((seen?.badDebt.mean as number) / (whole?.badDebt.mean as number)).toBeCloseTo(2, 6)
  })

  it('refuses what no path can have', () => {
    for (const wrong of [
      { paths: 0 },
      { paths: 1.5 },
      { seconds: 0 },
      { halfLife: -1 },
      { shock: -1 },
      { volatility: Number.NaN },
    ])
      try {
        const bad = monteCarloPlan({ ...terms, ...wrong })
        runPaths(bad.book, bad.options, 0, 1)
        expect.unreachable()
      } catch (error) {
        expect(isBreakwaterError(error) && error.code).toMatch(/bad-number|bad-shock/)
      }
  })
})

describe('a picture', () => {
  it('is the same for the same numbers, carries its provenance, and lets no text out of its place', () => {
    const picture = {
      title: 'ETH <script> & "more"',
      lines: ['a sentence'],
      coins: [{ coin: 'ETH', start: 100, external: 90, rounds: [{ after: 85, coins: 12 }] }],
      payers: [
        { name: 'borrowers', usd: -5e6 },
        { name: 'lenders', usd: -1e6, system: true },
        { name: 'liquidators', usd: 6e6 },
      ],
      spreads: [{ title: 'low', values: [0.05, 0.5, 0.95].map((share) => ({ share, value: 80 + share })) }],
      footer: ['breakwater stress --seed 7'],
    }
    const svg = stressPicture(picture)
    expect(stressPicture(picture)).toBe(svg)
    expect(svg).toMatch(/^<svg .*<\/svg>\n$/s)
    expect(svg).not.toMatch(/<script|NaN|undefined|Infinity/)
    expect(svg).toContain('breakwater stress --seed 7')
    expect(svg).toContain('Σ = 0.00')
    expect(svg).toContain('long liquidated, sold')
    expect((svg.match(/</g) ?? []).length).toBe((svg.match(/>/g) ?? []).length)
    expect(stressPicture({ ...picture, coins: [], payers: [], spreads: [] })).not.toMatch(/NaN|Infinity/)
  })
})
