/** Changes, comparisons and inverse questions of what-ifs, against arithmetic by hand and against looking at every value. */
import { describe, expect, it } from 'vitest'
import { givenBooks, simulatedBooks } from '../../analytics/index.ts'
import { checkedScenario, parsePositions } from '../../sim/index.ts'
import { refusalText } from '../../test/refusal-text.ts'
import {
  gridFigures,
  isPartial,
  parseMark,
  type StressGiven,
  type StressParams,
  solveSentences,
  stressFigures,
  type WhatIf,
  whatIf,
  withoutHistory,
} from './index.ts'

const table = (accounts: readonly object[], protocol?: string): StressGiven => ({
  kind: 'loans',
  books: givenBooks(
    JSON.stringify({
      assets: [
        { asset: 'ETH', price: '2000', liquidationThreshold: '80%', liquidationBonus: '5%' },
        { asset: 'stETH', price: '2000', liquidationThreshold: '80%', liquidationBonus: '5%', follows: 'ETH' },
        { asset: 'USDC', price: '1', decimals: 6, liquidationThreshold: '80%', liquidationBonus: '5%' },
      ],
      accounts,
    }),
    undefined,
    protocol,
  ),
})
const A = { account: 'A', collateral: { ETH: '100' }, debt: { USDC: '100000' } }
const D = { account: 'D', collateral: { ETH: '100' }, debt: { USDC: '130000' } }
const SHORT = { account: 'S', collateral: { USDC: '100000' }, debt: { ETH: '41' } }
const demo: StressGiven = { kind: 'loans', books: simulatedBooks() }
const list: StressGiven = {
  kind: 'positions',
  list: parsePositions(
    'account,coin,side,size,entry,margin\na,BTC,long,10,60000,30000\nb,BTC,long,20,58000,400000\nc,BTC,short,1,61000,200000\n',
  ),
}
const solve = (given: StressGiven, params: StressParams) => whatIf(given, params).solve ?? expect.unreachable()

describe('the inverse question', () => {
  it('finds the weakest fall and the largest threshold that arithmetic finds', () => {
    // 100 ETH · $2,000 · (1 − x) · 80 % < $130,000 from x > 18.75 % on.
    const fall = solve(table([A, D]), { shock: 'ETH=-30%', solve: 'shock', until: 'accounts>=1' })
    expect(fall).toMatchObject({ found: 'crossed', held: true, monotone: true, partial: false })
    expect(fall.crossings).toEqual([{ at: -0.1876, beside: -0.1875, figureAt: 1, figureBeside: 0 }])
    expect(solveSentences(fall).join('\n')).toContain('the weakest shock is −18.76 % (accounts 1); at −18.75 % it is 0')
    // 100 · $1,600 · LT ≥ $130,000 from LT = 81.25 % on.
    const threshold = solve(table([A, D]), { shock: 'ETH=-20%', solve: 'LT', until: 'accounts<=0' })
    expect(threshold).toMatchObject({ knob: 'ETH.LT', present: 0.8, held: false, found: 'crossed' })
    expect(threshold.crossings).toEqual([{ at: 0.8124, beside: 0.8125, figureAt: 1, figureBeside: 0 }])
  })

  it('says that a mark is out of reach, or met everywhere', () => {
    const never = solve(table([A, D]), { shock: 'ETH=-30%', solve: 'shock', until: 'accounts>2' })
    expect(never).toMatchObject({ found: 'nowhere', crossings: [], held: false })
    expect(solveSentences(never).join('\n')).toMatch(
      /not reachable: .* from −99.99 % to −0.01 % \(accounts lies between 0 and 2\)/,
    )
    expect(solve(table([A, D]), { shock: 'ETH=-30%', solve: 'shock', until: 'debt>=0' }).found).toBe('everywhere')
  })

  it('tells a figure that turns round, with every crossing', () => {
    // The short owes 41 ETH against 100,000 USDC: liquidatable until ETH falls below 80,000 / 41 = $1,951.2, −2.44 %.
    const turning = solve(table([D, SHORT]), { shock: 'ETH=-30%', solve: 'shock', until: 'accounts>=1' })
    expect(turning.monotone).toBe(false)
    expect(turning.crossings.map(({ at, beside }) => [at, beside])).toEqual([
      [-0.1876, -0.1875],
      [-0.0244, -0.0243],
    ])
    expect(solveSentences(turning).join('\n')).toContain('not monotone')
  })

  it('finds what looking at every basis point finds, on a book of three protocols', () => {
    const found = solve(demo, { shock: 'ETH=-30%', solve: 'shock', until: 'notCovered>1M' })
    const at = (move: number) => {
      const { strike } = whatIf(demo, { shock: `ETH=${(move * 100).toFixed(2)}%`, limit: '0' }) as WhatIf & {
        book: 'loans'
      }
      return strike.badDebt
    }
    const [one] = found.crossings
    expect(found.crossings).toHaveLength(1)
    const near = Array.from({ length: 15 }, (_, step) => -0.2 - step / 500)
    for (const move of near) expect([move, at(move) > 1e6]).toEqual([move, move <= (one?.at ?? 0)])
    expect(at(one?.at ?? 0)).toBeGreaterThan(1e6)
    expect(at(one?.beside ?? 0)).toBeLessThanOrEqual(1e6)
  })

  it('of a fixed point: forced coins grow with the shock, and a thicker market ends the overshoot', () => {
    const words = { shock: 'ETH=-25%', cascade: 'true', depth: '200k' }
    const given = table([A, D, { ...D, account: 'E', debt: { USDC: '120000' } }])
    const coins = solve(given, { ...words, solve: 'shock', until: 'ETH.forced>100' })
    expect(coins).toMatchObject({ monotone: true, found: 'crossed', held: false })
    const [crossing] = coins.crossings
    expect(crossing?.figureAt).toBeLessThanOrEqual(100)
    expect(crossing?.figureBeside).toBeGreaterThan(100)
    const thick = solve(given, { ...words, solve: 'depth', until: 'ETH.overshoot<-0.5%' })
    expect(thick).toMatchObject({ monotone: true, found: 'crossed', held: true })
    const { at = 0, beside = 0, figureAt, figureBeside } = thick.crossings[0] ?? {}
    expect(figureAt).toBeLessThan(-0.005)
    expect(figureBeside).toBeGreaterThanOrEqual(-0.005)
    expect(beside / at - 1).toBeGreaterThan(0)
    expect(beside / at - 1).toBeLessThan(2e-3)
  })

  it('of positions and scenarios', () => {
    const fund = solve(list, { shock: 'BTC=-30%', price: 'BTC=60000', fund: '1k', solve: 'fund', until: 'badDebt<=0' })
    expect(fund.found).toBe('crossed')
    expect(fund.crossings[0]?.figureAt).toBeGreaterThan(0)
    expect(fund.crossings[0]?.figureBeside).toBe(0)
    const scenario = checkedScenario({
      ...{ name: 'small', seed: 1, start: 1_700_000_000, steps: 8, stepSeconds: 60 },
      assets: { ETH: { price: 2_000, market: { impact: { kind: 'two-percent', usd: 5e6 } } } },
      rooms: [
        {
          ...{ name: 'aave', mechanism: 'aave-v3', collateral: 'ETH', oracle: 'spot' },
          book: { kind: 'borrowers', borrowers: [{ id: 'a', coins: 100, debt: 130_000 }] },
        },
      ],
      oracles: { spot: { kind: 'spot' } },
      liquidators: [{ name: 'one', capital: 1e6 }],
    })
    const given: StressGiven = { kind: 'scenario', scenario, files: new Map() }
    const shock = solve(given, { shock: 'ETH=-30%', solve: 'shock', until: 'liquidations>0' })
    expect(shock.found).toBe('crossed')
    expect(shock.crossings[0]?.figureAt).toBeGreaterThan(0)
    expect(shock.crossings[0]?.figureBeside).toBe(0)
  })

  it('refuses marks, knobs and figures that there are none of, and says which there are', () => {
    for (const mark of ['badDebt', 'badDebt>', '>5', 'badDebt=5', 'badDebt>5x', 'badDebt>5..5'])
      expect(refusalText(() => parseMark(mark))).toMatch(/^bad-query: '.*' is no mark/)
    expect(parseMark('overshoot < −5%')).toEqual({ figure: 'overshoot', than: '<', value: -0.05 })
    expect(parseMark('debt>=$1.5M').value).toBe(1_500_000)
    const ask = (words: StressParams) => refusalText(() => whatIf(table([A, D]), { shock: 'ETH=-20%', ...words }))
    expect(ask({ solve: 'shok', until: 'debt>1' })).toMatch(/'shok' cannot be solved for.*did you mean shock/)
    expect(ask({ solve: 'shock', until: 'depts>1' })).toMatch(/no figure 'depts'.*did you mean debt.*--cascade/)
    expect(ask({ solve: 'shock' })).toMatch(/until when/)
    expect(ask({ until: 'debt>1' })).toMatch(/what to solve for/)
    expect(ask({ solve: 'shock', until: 'debt>1', maxBadDebt: '1M' })).toMatch(/two marks/)
  })
})

describe('this run against another', () => {
  it('tells every figure, who turns, and the ladder, of a changed threshold', () => {
    const { changes, diff, strike } = whatIf(table([A, D]), {
      shock: 'ETH=-20%',
      set: 'ETH.LT=81.25%',
      diff: 'true',
    }) as WhatIf & {
      book: 'loans'
    }
    expect(changes).toEqual([{ of: 'aave-v3', name: 'ETH.LT', before: 0.8, after: 0.8125 }])
    expect(strike.accounts).toBe(0)
    expect(diff?.figures.find(({ name }) => name === 'debt')).toEqual({
      ...{ name: 'debt', unit: 'usd', before: 130_000, after: 0, change: -130_000 },
    })
    expect(diff?.spared).toMatchObject({ accounts: 1, debt: 130_000, listed: [{ account: 'D' }] })
    expect([diff?.breaks?.accounts, diff?.now?.accounts]).toEqual([0, 0])
    expect(diff?.ladder?.find(({ drop }) => drop === 20)).toMatchObject({
      before: { accounts: 1 },
      after: { accounts: 0 },
    })
    expect(diff?.ladder?.find(({ drop }) => drop === 60)).toMatchObject({
      before: { accounts: 2 },
      after: { accounts: 2 },
    })
    const low = whatIf(table([A, D]), { shock: 'ETH=-1%', set: 'ETH.LT=60%', diff: 'true' }).diff
    expect(low?.now?.listed.map(({ account }) => account)).toEqual(['D'])
  })

  it('of words of the question keeps the changes on both sides', () => {
    const words = { shock: 'ETH=-20%', set: 'ETH.LT=81.25%', diff: 'shock=ETH=-40%' }
    const { diff } = whatIf(table([A, D]), words)
    expect(diff).toMatchObject({ before: 'ETH.LT=81.25%', after: 'shock=ETH=-40%' })
    expect(diff?.figures.find(({ name }) => name === 'accounts')).toMatchObject({ before: 0, after: 2 })
    const funds = whatIf(list, { shock: 'BTC=-30%', price: 'BTC=60000', fund: '1k', diff: 'fund=1M' }).diff
    expect(funds?.figures.find(({ name }) => name === 'badDebt')?.change).toBeLessThan(0)
    expect(funds?.breaks).toBeUndefined()
  })

  it('of other rules finds the same loans again, under the other protocol’s name', () => {
    const words = { shock: 'ETH=-30%', cascade: 'true', depth: '5M', rules: 'aave-v2', diff: 'true' }
    const { diff, ...answer } = whatIf(table([A, D]), words) as WhatIf & { book: 'loans' }
    expect(answer.strike.byMechanism.map(({ protocol }) => protocol)).toEqual(['aave-v2'])
    expect([diff?.breaks?.accounts, diff?.spared?.accounts]).toEqual([0, 0])
    // Below a health factor of 0.95 v3 repays the whole debt at once, v2 half of it at a time.
    const liquidations = diff?.figures.find(({ name }) => name === 'liquidations')
    expect(liquidations?.after).toBeGreaterThan(liquidations?.before ?? 99)
  })

  it('refuses to compare a run with itself', () => {
    expect(refusalText(() => whatIf(demo, { shock: 'ETH=-20%', diff: 'true' }))).toMatch(/nothing to compare with/)
    expect(refusalText(() => whatIf(list, { shock: 'BTC=-20%', price: 'BTC=1', set: 'ETH.LT=81%' }))).toMatch(
      /no parameters of its own/,
    )
  })
})

describe('stopped in the middle', () => {
  const until = (steps: number) => {
    let asked = 0
    return { goOn: () => asked++ < steps }
  }
  const words = { shock: 'ETH=-25%', cascade: 'true', limit: '0' }

  it('a market says after how many steps, and nothing is compared with half a run', () => {
    const whole = whatIf(demo, { ...words, steps: '20' })
    expect(isPartial(whole)).toBe(false)
    const part = whatIf(demo, { ...words, steps: '20', set: 'ETH.LT=80%', diff: 'true' }, until(5))
    expect(part.book === 'loans' && part.cascade?.market).toMatchObject({ finished: false, steps: 6, asked: 20 })
    expect(part.diff).toMatchObject({ finished: false, figures: [] })
    expect(isPartial(part)).toBe(true)
    const second = whatIf(demo, { ...words, steps: '20', set: 'ETH.LT=80%', diff: 'true' }, until(25))
    expect(second.book === 'loans' && second.cascade?.market.finished).toBe(true)
    expect(second.diff?.finished).toBe(false)
    expect(isPartial(second)).toBe(true)
  })

  it('an inverse question gives what was looked at, and no crossing that was not', () => {
    const part = whatIf(demo, { shock: 'ETH=-30%', solve: 'shock', until: 'notCovered>1M' }, until(6))
    expect(part.solve).toMatchObject({ partial: true, crossings: [] })
    expect(part.solve?.looked.length).toBeLessThan(10)
    expect(solveSentences(part.solve ?? expect.unreachable()).join('\n')).toContain('PARTIAL')
    expect(isPartial(part)).toBe(true)
  })
})

describe('a grid', () => {
  it('turns what is of the market and what is of the book', () => {
    const words = { shock: 'ETH=-25%', cascade: 'true', steps: '5' }
    const at = (...point: { name: string; value: number }[]) =>
      new Map(gridFigures(demo, words, point).map(({ name, value }) => [name, value]))
    const plain = stressFigures(whatIf(demo, words))
    expect(at({ name: 'depth', value: 1 })).toEqual(new Map(plain.map(({ name, value }) => [name, value])))
    expect(at({ name: 'ETH.LT', value: 0.7 }).get('accounts')).toBeGreaterThan(at().get('accounts') ?? 999)
    expect(at({ name: 'shock', value: 2 }).get('accounts')).toBeGreaterThan(at().get('accounts') ?? 999)
    expect(refusalText(() => at({ name: 'nope', value: 1 }))).toMatch(/no axis here .*depth/)
    expect(refusalText(() => at({ name: 'ETH.LT', value: 7 }))).toMatch(/ETH.LT cannot be 700 %/)
  })
})

describe('a shock of history', () => {
  it('is the day’s moves of the coins that the book has, and says which they are', () => {
    const { strike, assumed } = whatIf(demo, { shock: '2021-05-19', limit: '0' }) as WhatIf & { book: 'loans' }
    expect(strike.shocks.map(({ shock }) => shock)).toEqual(['market:BTC=-33.8%', 'market:ETH=-46.57%'])
    expect(assumed[0]).toContain('2021-05-19 is market:BTC=-33.8%, market:ETH=-46.57%')
    const eth = whatIf(table([A, D]), { shock: 'incident:black-thursday' }) as WhatIf & { book: 'loans' }
    expect(eth.strike.shocks.map(({ shock }) => shock)).toEqual(['market:ETH=-56.23%'])
    expect(eth.strike).toEqual((whatIf(table([A, D]), { shock: 'ETH=-56.23%' }) as WhatIf & { book: 'loans' }).strike)
    const perps = whatIf(list, { shock: '2021-05-19', price: 'BTC=60000' }) as WhatIf & { book: 'positions' }
    expect(perps.coins.map(({ coin, core }) => [coin, core.external])).toEqual([['BTC', 60_000 * (1 - 0.338)]])
  })

  it('comes hour by hour where the market is run: the low, and the way back', () => {
    const { cascade } = whatIf(table([{ ...A, debt: { USDC: '10000' } }]), {
      ...{ shock: 'incident:2020-03-12/ETH', cascade: 'true', depth: '1B' },
    }) as WhatIf & { book: 'loans' }
    const { market } = cascade ?? expect.unreachable()
    expect([market.steps, market.seconds]).toEqual([192, 900])
    const ether = market.assets.find(({ symbol }) => symbol === 'ETH') ?? expect.unreachable()
    expect(ether.external.lowest).toBeCloseTo((2_000 * 86) / 196.46, -1)
    // 127.6 at the end of the window, a quarter of an hour before its last point.
    expect(ether.external.end / 2_000).toBeGreaterThan(0.62)
    expect(ether.external.end / 2_000).toBeLessThan(0.68)
    expect(ether.external.highest).toBeGreaterThan(2_000)
  })

  it('is one coin’s for a ladder, and refused where it is several or none', () => {
    expect(withoutHistory({ shock: '2021-05-19/ETH', drops: '5' })).toEqual({ shock: 'market:ETH=-46.57%', drops: '5' })
    expect(withoutHistory({ shock: 'incident:wsteth-cap' }).shock).toBe('depeg:wstETH/stETH=-2.82%')
    expect(refusalText(() => withoutHistory({ shock: '2021-05-19' }))).toMatch(
      /moved BTC and ETH.*incident:2021-05-19\/ETH/,
    )
    expect(refusalText(() => whatIf(demo, { shock: '2021-05-19/DOGE' }))).toMatch(/nothing is known of DOGE.*BTC, ETH/)
    expect(refusalText(() => whatIf(demo, { shock: '1999-01-01' }))).toMatch(/no prices of '1999-01-01'/)
    expect(refusalText(() => whatIf(demo, { shock: 'incident:spacex' }))).toMatch(
      /nothing in the book is priced in SPACEX/,
    )
  })
})
