import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isBreakwaterError, prng } from '../../model/index.ts'
import { ledgerOf } from '../market/ledger.ts'
import { ROOM_KINDS } from '../market/room-kinds.ts'
import { runMarket } from '../market/run.ts'
import {
  changedScenario,
  marketOf,
  parseBorrowers,
  parseScenario,
  pricePaths,
  scenarioJsonSchema,
  scenarioProblems,
} from './index.ts'

const EXAMPLES = ['eth-crash', 'btc-everybody', 'dai-squeeze'] as const
const textOf = (name: string) => readFileSync(new URL(`../../../docs/scenarios/${name}.json`, import.meta.url), 'utf8')

/** A small sound scenario to be spoiled. */
const base = () => ({
  name: 'small',
  seed: 1,
  start: '2026-11-20T00:00:00Z',
  stepSeconds: 60,
  steps: 30,
  assets: {
    ETH: {
      price: 2000,
      path: { kind: 'shock', move: -0.3, at: 300 } as Record<string, unknown>,
      market: { impact: { kind: 'pool', reserve: 50_000 }, halfLife: 1_800 } as Record<string, unknown>,
    },
  } as Record<string, Record<string, unknown>>,
  rooms: [
    {
      ...{ name: 'morpho', mechanism: 'morpho', collateral: 'ETH' },
      book: { kind: 'drawn', accounts: 40, debt: 20e6, lowLtv: 0.4, highLtv: 0.84 },
    },
  ] as Record<string, unknown>[],
  liquidators: [{ name: 'lin', flashFee: 0.0005, leastProfit: 5, tipShare: 0.5 }],
})
type Small = ReturnType<typeof base>
const spoiled = (change: (one: Small & Record<string, unknown>) => void) => {
  const one = base() as Small & Record<string, unknown>
  change(one)
  return scenarioProblems(JSON.stringify(one))
}
const places = (problems: readonly { readonly place: string }[]) => problems.map(({ place }) => place)

describe('an example of docs/scenarios', () => {
  for (const name of EXAMPLES)
    it(`${name} runs, liquidates, repeats itself, and every room’s parties add up`, () => {
      const scenario = parseScenario(textOf(name))
      const [plan, again] = [marketOf(scenario), marketOf(scenario)]
      const [run, second] = [runMarket(plan), runMarket(again)]
      expect(run.finished).toBe(true)
      expect(run.steps).toHaveLength(scenario.steps)
      expect(second.entries).toEqual(run.entries)
      expect(second.steps).toEqual(run.steps)
      const price = (symbol: string) => plan.depths.get(symbol)?.outside() ?? Number.NaN
      const ledgers = plan.rooms.map((room) => ledgerOf(run, room, price))
      for (const { liquidations } of ledgers) expect(liquidations).toBeGreaterThan(0)
      const [first] = ledgers
      const parts = ledgers.reduce((sum, { borrowers, lenders }) => sum + borrowers + lenders, 0)
      const { liquidators = 0, builders = 0, gas = 0, others = 0 } = first ?? {}
      const debt = ledgers.reduce((sum, one) => sum + one.debt, 0)
      expect(Math.abs(parts + liquidators + builders + gas + others)).toBeLessThan(1e-9 * debt)
    })

  it('shows what it is for: a squeeze above the peg, a gap that arbitrage closes, sales that go on after the headline', () => {
    const prices = (name: string, symbol: string) => {
      const run = runMarket(marketOf(parseScenario(textOf(name))))
      return run.steps.map((step) => step.prices.get(symbol) as number)
    }
    expect(Math.max(...prices('dai-squeeze', 'DAI'))).toBeGreaterThan(1.02)
    const scenario = parseScenario(textOf('eth-crash'))
    const gapOf = (traders: typeof scenario.traders) => {
      const run = runMarket(marketOf({ ...scenario, traders }))
      const gaps = run.steps.map(({ prices: at }) =>
        Math.abs((at.get('ETH') as number) / (at.get('ETH@dex') as number) - 1),
      )
      return gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    }
    expect(gapOf(scenario.traders)).toBeLessThan(0.6 * gapOf([]))
    const btc = parseScenario(textOf('btc-everybody'))
    const lowest = (traders: typeof btc.traders) =>
      Math.min(...runMarket(marketOf({ ...btc, traders })).steps.map((step) => step.prices.get('BTC') as number))
    expect(lowest(btc.traders)).toBeLessThan(0.99 * lowest([]))
  })

  it('is what the JSON Schema beside it describes', () => {
    const written = JSON.parse(readFileSync(new URL('../../../docs/scenarios/schema.json', import.meta.url), 'utf8'))
    expect(written).toEqual(JSON.parse(JSON.stringify(scenarioJsonSchema())))
  })
})

describe('a bad scenario', () => {
  it('is told every error at once, each with its place and the way out', () => {
    const problems = spoiled((one) => {
      one.steps = 4
      one.assets['ETH'] = {
        price: 2000,
        path: { kind: 'list', prices: [2000, null, 'NaN', -5] },
        market: { impact: { kind: 'pool', reserve: -10 }, halflife: 60 },
      }
      one.assets['stETH'] = { price: 1, follows: 'EHT' }
      one.assets['BTC'] = { price: 60_000, path: { kind: 'shock', move: -1.2 } }
      one.rooms.push({
        ...{ name: 'morpho', mechanism: 'morfo', collateral: 'ETH', params: { lltv: 2 } },
        book: { kind: 'drawn', accounts: 1.5, debt: 1e6, lowLtv: 0.8, highLtv: 0.5 },
      })
      one.rooms.push({
        ...{ name: 'other', mechanism: 'morpho', collateral: 'DOGE', oracle: 'nobody', params: { lltv: 2, ltv: 1 } },
        book: { kind: 'borrowers', borrowers: [{ id: 'a', coins: 'many', debt: 1 }] },
      })
      one['oracles'] = {
        push: {
          kind: 'push',
          deviationBps: 50,
          heartbeat: 0,
          faults: [{ kind: 'capped', gap: 2, start: 0, duration: 9 }],
        },
      }
      one['traders'] = [{ kind: 'arbitrage', name: 'arb', markets: ['ETH', 'BTC'], cost: 0 }]
      one['colour'] = 'blue'
    })
    expect(new Set(places(problems))).toEqual(
      new Set([
        'colour',
        'assets.ETH.path.prices[1]',
        'assets.ETH.path.prices[2]',
        'assets.ETH.path.prices[3]',
        'assets.ETH.market.halflife',
        'assets.ETH.market.impact.reserve',
        'assets.stETH.follows',
        'assets.BTC.path.move',
        'oracles.push.heartbeat',
        'oracles.push.faults[0].gap',
        'rooms[1].name',
        'rooms[1].mechanism',
        'rooms[1].book.accounts',
        'rooms[1].book.highLtv',
        'rooms[2].collateral',
        'rooms[2].oracle',
        'rooms[2].params.lltv',
        'rooms[2].params.ltv',
        'rooms[2].book.borrowers[0].coins',
        'traders[0].markets',
      ]),
    )
    const at = (place: string) => problems.find((one) => one.place === place)
    expect(at('rooms[1].mechanism')?.fix).toMatch(/aave-v3.*morpho.*did you mean morpho\?/)
    expect(at('assets.ETH.market.halflife')?.fix).toMatch(/did you mean halfLife/)
    expect(at('assets.BTC.path.move')?.fix).toMatch(/above -1/)
    expect(at('assets.ETH.path.prices[1]')?.message).toBe('is null, not a number')
    expect(at('rooms[2].params.lltv')?.fix).toMatch(/from 0.01 to 0.99/)
    for (const { fix, message } of problems) expect([fix.length > 10, message.length > 3]).toEqual([true, true])
  })

  it('throws one error that carries them all', () => {
    const text = JSON.stringify({ ...base(), steps: 0, stepSeconds: 'often' })
    try {
      parseScenario(text)
      expect.unreachable()
    } catch (error) {
      if (!isBreakwaterError(error)) throw error
      expect(error.code).toBe('bad-scenario')
      expect(error.values).toMatchObject({ problems: 2, places: 'stepSeconds, steps' })
      expect(error.message.split('\n')).toHaveLength(3)
    }
    expect(scenarioProblems('{"name": NaN}')[0]?.message).toMatch(/is no JSON/)
    expect(places(scenarioProblems('[]'))).toEqual(['the file'])
    expect(places(scenarioProblems('{}'))).toEqual(['name', 'seed', 'start', 'stepSeconds', 'steps', 'assets', 'rooms'])
  })

  it('of a missing price, a path of another length, a time without a zone, points out of order, names twice', () => {
    expect(places(spoiled((one) => delete one.assets['ETH']?.['price']))).toEqual(['assets.ETH.price'])
    expect(
      places(spoiled((one) => Object.assign(one.assets['ETH'] ?? {}, { path: { kind: 'list', prices: [2000, 2] } }))),
    ).toEqual(['assets.ETH.path.prices'])
    expect(places(spoiled((one) => Object.assign(one, { start: '2026-11-20' })))).toEqual(['start'])
    const points = {
      path: {
        kind: 'recorded',
        points: [
          [0, 2000],
          [60, 1900],
          [60, 1800],
        ],
      },
    }
    expect(places(spoiled((one) => Object.assign(one.assets['ETH'] ?? {}, points)))).toEqual([
      'assets.ETH.path.points[2]',
    ])
    expect(places(spoiled((one) => one.liquidators.push(...one.liquidators)))).toEqual(['liquidators[1].name'])
    expect(
      places(
        spoiled((one) => Object.assign(one.assets, { A: { price: 1, follows: 'B' }, B: { price: 1, follows: 'A' } })),
      ),
    ).toEqual(['assets.A.follows', 'assets.B.follows'])
  })

  it('of a market whose book crosses its middle or is not best first says at which level', () => {
    const book = (bids: number[][], asks: number[][]) => ({ impact: { kind: 'book', mid: 2_000, bids, asks } })
    const sound = book([[1_999, 1]], [[2_001, 1]])
    const bids = [
      [2_005, 1],
      [1_990, 5],
      [1_995, 5],
    ]
    const problems = spoiled((one) => {
      one.assets['ETH'] = {
        ...one.assets['ETH'],
        market: book(bids, [[2_001, 1]]),
        venues: { dex: book([[1_999, 1]], [[1_998, 1]]), cex: sound },
      }
    })
    expect(places(problems)).toEqual([
      'assets.ETH.market.impact.bids[0]',
      'assets.ETH.market.impact.bids[2]',
      'assets.ETH.venues.dex.impact.asks[0]',
    ])
    expect(problems[1]).toMatchObject({
      message: 'is at 1995, no worse than 1990 before it',
      fix: 'Put bids below mid, the highest first.',
    })
  })

  it('of an oracle that the room never looks at, and of a price that its path overrules, is not taken as if it counted', () => {
    const problems = spoiled((one) => {
      one.assets['ETH'] = { ...one.assets['ETH'], path: { kind: 'recorded', points: [[0, 1_900]] } }
      one['oracles'] = {
        slow: { kind: 'push', deviationBps: 50, heartbeat: 3_600 },
        broken: { kind: 'spot', faults: [] },
      }
      const [room] = one.rooms
      one.rooms = ['slow', 'broken'].map((oracle) => ({ ...room, name: oracle, mechanism: 'perp-binance', oracle }))
    })
    expect(places(problems)).toEqual(['assets.ETH.price', 'rooms[0].oracle'])
    expect(problems[1]?.message).toMatch(/perp-binance looks at the venue’s mark/)
  })

  it('whose book no protocol would open says in which room', () => {
    const one = base()
    one.rooms.push({ ...one.rooms[0], name: 'second', params: { lltv: 0.5 } })
    expect(() => parseScenario(JSON.stringify(one))).toThrow(
      /^rooms\[1\]\.book\.highLtv is 0\.84, at or beyond the line 0\.5 /,
    )
    // A file is opened by the protocol itself.
    one.rooms[1] = { ...one.rooms[1], book: { kind: 'file', file: 'loans.csv' } }
    const files = new Map([['loans.csv', 'id,coins,debt\nann,10,15000\n']])
    expect(() => marketOf(parseScenario(JSON.stringify(one)), files)).toThrow(
      /^rooms\[1\] cannot be: morpho-blue refuses/,
    )
    one.rooms[1] = { ...one.rooms[0], name: 'second', book: { kind: 'file', file: 'loans.csv' } }
    expect(() => marketOf(parseScenario(JSON.stringify(one)))).toThrow(
      /rooms\[1\] cannot be: the file loans.csv was not given/,
    )
  })
})

describe('a scenario’s parts', () => {
  it('paths: lists, shocks that come back, lines, walks with jumps, recorded points, followers and news', () => {
    const one = base()
    one.assets = {
      A: { price: 100, path: { kind: 'shock', move: -0.5, at: 120, over: 120, back: 120 } },
      B: { price: 100, path: { kind: 'linear', to: 70, from: 60, until: 240 }, beta: 0.5 },
      C: {
        price: 100,
        path: { kind: 'gbm', volatility: 0.5, jumps: { perDay: 500, mean: -0.1, deviation: 0 } },
        beta: 0,
      },
      D: {
        path: {
          kind: 'recorded',
          points: [
            [0, 10],
            [150, 20],
          ],
        },
        beta: 0,
      },
      E: { price: 1, follows: 'D', path: { kind: 'shock', move: -0.1 } },
    }
    one.rooms = []
    one.steps = 8
    const scenario = { ...parseScenario(JSON.stringify(one)), news: [{ at: 360, size: -0.19 }] }
    const paths = pricePaths(scenario, prng('paths'))
    expect(paths.get('A')?.slice(0, 6)).toEqual([100, 100, 100, 75, 50, 75])
    expect(paths.get('A')?.[7]).toBeCloseTo(81, 9)
    expect(paths.get('B')).toEqual([100, 100, 90, 80, 70, 70, expect.closeTo(63, 9), expect.closeTo(63, 9)])
    expect(paths.get('D')).toEqual([10, 10, 10, 20, 20, 20, 20, 20])
    expect(paths.get('E')?.[0]).toBeCloseTo(9, 12)
    expect(paths.get('E')?.[7]).toBeCloseTo(18, 12)
    expect(paths.get('C')).not.toEqual(pricePaths(scenario, prng('other')).get('C'))
    const more = {
      ...scenario,
      assets: { ...scenario.assets, F: { price: 5, path: { kind: 'gbm', volatility: 1 } as const } },
    }
    expect(pricePaths(more, prng('paths')).get('C')).toEqual(paths.get('C'))
  })

  it('books of files: columns of either name, rows of one account together, every bad row told', () => {
    const text = 'account,collateral,collateralAmount,debtAmount\na,ETH,1,500\na,ETH,1,\nb,WBTC,1,9\nc,ETH,3,100.5\n'
    expect(parseBorrowers(text, 'ETH')).toEqual([
      { id: 'a', coins: 1, debt: 500 },
      { id: 'c', coins: 3, debt: 100.5 },
    ])
    expect(parseBorrowers('[{"id":"x","coins":2,"debt":3}]', 'ETH')).toEqual([{ id: 'x', coins: 2, debt: 3 }])
    const user = { user: { id: '0xa' }, collateral: '2', stablecoin: '100', debt: '1500' }
    expect(
      parseBorrowers(JSON.stringify({ userStates: [user, { ...user, user: { id: '0xb' }, collateral: '0' }] }), 'ETH'),
    ).toEqual([{ id: '0xa', coins: 2, debt: 1_400 }])
    expect(() => parseBorrowers('id,coins,debt\na,-1,5\n,2,3\n', 'ETH')).toThrow(
      /2 rows are no loans: row 1 .*; row 2 has no id/,
    )
    expect(() => parseBorrowers('id,coins,debt\n', 'ETH')).toThrow(/no loan against ETH/)
  })

  it('own money waits for a settlement of an hour, a flash loan cannot', () => {
    const due = ({ hours = 1, ...own }: Record<string, number>) => {
      const one = { ...base(), liquidators: [{ name: 'lin', leastProfit: 5, ...own }] }
      one.rooms = [
        {
          ...{ name: 'bob', mechanism: 'bob', collateral: 'ETH', params: { authorised: 0, fastHours: hours } },
          book: { kind: 'drawn', accounts: 40, debt: 2e6, lowLtv: 0.4, highLtv: 0.8 },
        },
      ]
      one.assets['ETH'] = { ...one.assets['ETH'], path: { kind: 'shock', move: -0.12, at: 300 } }
      const run = runMarket(marketOf(parseScenario(JSON.stringify(one))))
      return { acted: run.entries.length, unsafe: run.unsafeAtEnd, cash: run.cash }
    }
    const flash = due({ flashFee: 0.0005 })
    expect(flash.acted).toBe(0)
    expect(flash.unsafe).toBeGreaterThan(0)
    expect(due({ capital: 10e6 }).acted).toBe(flash.unsafe)
    // Whoever paid is paid: a claim that is settled within the run brings his money back.
    const { cash } = due({ capital: 10e6, hours: 0.1 })
    expect([...cash.keys()].sort()).toEqual(['lin'])
    expect(cash.get('lin')).toBeGreaterThan(0)
  })

  it('a change on which nothing hangs is refused, not taken for done', () => {
    const change = (one: object, name: string) => () =>
      changedScenario(parseScenario(JSON.stringify(one)), [{ name, value: 2 }])
    expect(change(base(), 'gas')).toThrow('gas changes nothing here: the scenario has no gas')
    expect(change({ ...base(), liquidators: [] }, 'latency')).toThrow(/no liquidators/)
    const still = { ...base(), assets: { ETH: { price: 2_000, market: { impact: { kind: 'none' } } } } }
    expect(change(still, 'shock')).toThrow(/no path of the kind shock/)
    expect(change(still, 'depth')).toThrow(/no market with an impact/)
    expect(change(base(), 'latency')().liquidators?.[0]?.latency).toBe(2)
    expect(change(base(), 'depth')().assets['ETH']?.market?.impact).toMatchObject({ reserve: 100_000 })
  })

  it('a late oracle, an absent liquidator and a cap on a ratio change what happens', () => {
    const with_ = (change: (one: Small & Record<string, unknown>) => void) => {
      const one = base() as Small & Record<string, unknown>
      change(one)
      const plan = marketOf(parseScenario(JSON.stringify(one)))
      const run = runMarket(plan)
      return { first: run.entries[0]?.step, unsafe: run.unsafeAtEnd, count: run.entries.length }
    }
    const plain = with_(() => undefined)
    expect(plain.first).toBe(5)
    const stale = { kind: 'spot', faults: [{ kind: 'stale', start: 240, duration: 600 }] }
    expect(
      with_((one) => Object.assign(one, { oracles: { o: stale }, rooms: [{ ...one.rooms[0], oracle: 'o' }] })).first,
    ).toBe(14)
    const away = [{ ...base().liquidators[0], absent: [{ from: 0, until: 900 }] }]
    expect(with_((one) => Object.assign(one, { liquidators: away })).first).toBe(15)
    // The coin itself is far above its cap against a coin that stands: nothing moves but the oracle, and loans are liquidated.
    const capped = with_((one) => {
      one.assets['ETH'] = { ...one.assets['ETH'], path: { kind: 'still' } }
      one.assets['USDX'] = { price: 1 }
      const terms = { kind: 'capo', base: 'USDX', snapshotRatio: 1_500, snapshotAge: 604_800, yearlyGrowth: 0 }
      Object.assign(one, { oracles: { o: terms }, rooms: [{ ...one.rooms[0], oracle: 'o' }] })
    })
    expect(capped.first).toBe(0)
    expect(capped.count).toBeGreaterThan(3)
  })
})

describe('docs/scenarios.md', () => {
  it('tells of every field, kind and mechanism that a scenario may have', () => {
    const text = readFileSync(new URL('../../../docs/scenarios.md', import.meta.url), 'utf8')
    const words = new Set<string>(ROOM_KINDS.keys())
    const collect = (schema: unknown): void => {
      if (Array.isArray(schema)) for (const one of schema) collect(one)
      if (typeof schema !== 'object' || schema === null) return
      for (const [name, value] of Object.entries(schema)) {
        if (name === 'properties') for (const field of Object.keys(value)) words.add(field)
        if (name === 'const' || (name === 'enum' && Array.isArray(value)))
          for (const word of [value].flat()) words.add(word)
        collect(value)
      }
    }
    collect(scenarioJsonSchema())
    words.delete('$schema')
    expect(words.size).toBeGreaterThan(120)
    expect([...words].filter((word) => !new RegExp(`\`[^\`]*\\b${word}\\b[^\`]*\``).test(text))).toEqual([])
  })
})
