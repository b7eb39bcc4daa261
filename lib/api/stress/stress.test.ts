import { describe, expect, it } from 'vitest'
import { brokenBy, givenBooks, parseShock, simulatedBooks } from '../../analytics/index.ts'
import { canonical, isBreakwaterError } from '../../model/index.ts'
import { parsePositions, runMarket } from '../../sim/index.ts'
import { loanLevels, loanMarket, loanStress, positionStress, priceOfCoin, stressQuestion } from './index.ts'

/** The acceptance book: liquidation threshold 80 % for all, ETH = stETH = $2,000. */
const P3 = JSON.stringify({
  assets: [
    { asset: 'ETH', price: '2000', liquidationThreshold: '80%', liquidationBonus: '5%' },
    { asset: 'stETH', price: '2000', liquidationThreshold: '80%', liquidationBonus: '5%', follows: 'ETH' },
    { asset: 'USDC', price: '1', decimals: 6, liquidationThreshold: '80%', liquidationBonus: '5%' },
  ],
  accounts: [
    { account: 'A', collateral: { ETH: '100' }, debt: { USDC: '100000' } },
    { account: 'B', collateral: { stETH: '100' }, debt: { ETH: '70' } },
    { account: 'C', collateral: { stETH: '100' }, debt: { ETH: '60', USDC: '20000' } },
    { account: 'D', collateral: { ETH: '100' }, debt: { USDC: '130000' } },
  ],
})
const p3 = () => givenBooks(P3, undefined, undefined)
const demo = simulatedBooks()

describe('a what-if of loans', () => {
  it.each([
    ['market:ETH=-20%', ['D'], 'ETH and everything priced in it −20 %, debts in ETH too.'],
    ['market:ETH=-40%', ['A', 'D'], 'ETH and everything priced in it −40 %, debts in ETH too.'],
    ['only:ETH=-20%', ['B', 'C', 'D'], 'Only collateral priced in ETH −20 %; every debt keeps its price.'],
    ['depeg:stETH/ETH=-10%', [], 'stETH −10 % against ETH; ETH itself keeps its price.'],
    ['depeg:stETH/ETH=-15%', ['B', 'C'], 'stETH −15 % against ETH; ETH itself keeps its price.'],
  ])('%s breaks %j of the acceptance book and says what it asks', (shock, broken, sentence) => {
    const { strike } = loanStress(p3(), stressQuestion({ shock }))
    expect(strike.listed.map(({ account }) => account).sort()).toEqual(broken)
    expect(strike.accounts).toBe(broken.length)
    expect(strike.shocks.map((one) => one.sentence)).toEqual([sentence])
  })

  it('gives the health factors of the acceptance book, and the ratio of two shocks', () => {
    const factors = (shock: string) => {
      const { strike, next } = loanStress(p3(), stressQuestion({ shock }))
      return new Map(
        [...strike.listed, ...next].map(({ account, healthFactor }) => [account, healthFactor?.toFixed(4)]),
      )
    }
    expect([...factors('market:ETH=-20%')].sort()).toEqual([
      ['A', '1.2800'],
      ['C', '1.1034'],
      ['D', '0.9846'],
    ])
    expect([...factors('only:ETH=-20%')].sort()).toEqual([
      ['A', '1.2800'],
      ['B', '0.9143'],
      ['C', '0.9143'],
      ['D', '0.9846'],
    ])
    const both = loanStress(p3(), stressQuestion({ shock: 'market:ETH=-20%', compare: 'only:ETH=-20%' }))
    expect(both.compare?.ratio).toBeCloseTo(410 / 130, 12)
  })

  it('several shocks are one moment: each moves what follows it, and the order does not matter', () => {
    const of = (shock: string) => loanStress(demo, stressQuestion({ shock, limit: '1000' })).strike
    const [both, turned] = [of('ETH=-15%,BTC=-10%'), of('BTC=-10%,ETH=-15%')]
    expect(turned.listed).toEqual(both.listed)
    const alone = of('ETH=-15%').accounts
    expect(both.accounts).toBeGreaterThan(alone)
    expect(of('ETH=-15%').accounts).toBe(brokenBy(demo.books, parseShock('market:ETH=-15%')).length)
  })

  it('who is next breaks at the move that is said, and not much before', () => {
    const shock = 'market:ETH=-10%'
    const { next, strike } = loanStress(demo, stressQuestion({ shock, limit: '8' }))
    expect(next).toHaveLength(8)
    const names = (move: number) =>
      new Set(
        brokenBy(demo.books, parseShock(`market:ETH=${(100 * (0.9 * (1 + move) - 1)).toFixed(6)}%`)).map(
          ({ target }) => target,
        ),
      )
    for (const { target, further } of next) {
      expect(strike.listed.some((one) => one.target === target)).toBe(false)
      expect(names(further - 1e-5).has(target)).toBe(true)
      expect(names(further + 3e-4).has(target)).toBe(false)
    }
  })

  it('refuses a shock that means nothing, one that is no shock, and feedback for a coin with two prices', () => {
    const code = (ask: () => unknown) => {
      try {
        ask()
      } catch (error) {
        if (isBreakwaterError(error)) return error.code
        throw error
      }
      return undefined
    }
    expect(code(() => loanStress(p3(), stressQuestion({ shock: 'DOGE=-10%' })))).toBe('unknown-asset')
    for (const shock of ['ETH=-100%', 'ETH', 'ETH=-10%,ETH=-20%'])
      expect(code(() => stressQuestion({ shock }))).toBe('bad-shock')
    expect(code(() => loanStress(p3(), stressQuestion({ shock: 'only:ETH=-20%', cascade: 'true' })))).toBe('bad-shock')
    expect(code(() => stressQuestion({ shock: 'ETH=-1%', depth: '-5M' }))).toBe('bad-number')
    expect(code(() => loanStress(p3(), stressQuestion({ shock: 'ETH=-1%', depth: 'FOO=5M' })))).toBe('unknown-asset')
    expect(code(() => stressQuestion({ shock: 'ETH=-1%', steps: '1' }))).toBe('bad-number')
    expect(code(() => stressQuestion({}))).toBe('bad-query')
    for (const jumps of ['2', '2,-3%,-4%', '-1,0,1%', '1,NaN,1%', '9999,0,1%', '2,-300%,1%', '2,0,1%,5'])
      expect([jumps, code(() => stressQuestion({ shock: 'ETH=-1%', paths: '5', jumps }))]).toEqual([jumps, 'bad-query'])
    expect(stressQuestion({ shock: 'ETH=-1%', fund: '0' }).fund).toBe(0)
    const paths = (volatility: string) => stressQuestion({ shock: 'ETH=-1%', paths: '5', volatility }).paths?.volatility
    // A bare 4 is 400 %, which nobody means without saying so.
    expect(code(() => paths('4'))).toBe('bad-number')
    expect([paths('4%'), paths('0.04'), paths('400%')]).toEqual([0.04, 0.04, 4])
  })
})

describe('feedback', () => {
  const question = stressQuestion({ shock: 'ETH=-25%,BTC=-10%', cascade: 'true', depth: '20M', limit: '3' })

  it('is the same again; every party’s part is told and they add up to nothing', () => {
    const [first, second] = [loanStress(demo, question), loanStress(demo, question)]
    expect(canonical(second)).toBe(canonical(first))
    const { market } = first.cascade ?? expect.unreachable()
    const debt = market.rooms.reduce((sum, one) => sum + one.debt, 0)
    expect(Math.abs(market.payers.sum)).toBeLessThan(1e-9 * debt)
    expect(market.rooms.map(({ room }) => room)).toEqual(['aave-v3', 'compound-v3', 'morpho-blue'])
    for (const room of market.rooms) expect(room.liquidations).toBeGreaterThan(5)
    expect(market.payers.liquidators).toBeGreaterThan(0)
    expect(market.payers.lenders).toBeLessThan(0)
  })

  it('falls further in a thinner market, and coins that are wrapped fall with what they wrap', () => {
    const at = (depth: string) => {
      const { cascade } = loanStress(demo, stressQuestion({ shock: 'ETH=-25%', cascade: 'true', depth }))
      const market = new Map((cascade?.market.assets ?? []).map((one) => [one.symbol, one]))
      return { market, core: cascade?.coins[0] }
    }
    const [thin, thick] = [at('10M'), at('100M')]
    expect(thin.market.get('ETH')?.overshoot).toBeLessThan(3 * (thick.market.get('ETH')?.overshoot as number))
    expect(thin.core?.amplification).toBeGreaterThan(thick.core?.amplification as number)
    expect(thin.market.get('wstETH')?.overshoot).toBeCloseTo(thin.market.get('ETH')?.overshoot as number, 6)
    expect(thin.market.get('USDC')?.lowest).toBe(1)
    expect(thick.core?.cliff?.depth).toBeLessThan((thin.core?.cliff?.depth as number) * 10)
  })

  it('starts where the rules stand: at its first step nobody is unsafe who is not so in the book', () => {
    const plan = loanMarket(p3().books, [parseShock('market:ETH=-40%')], question.market)
    const run = runMarket(plan)
    expect(run.steps[0]?.unsafe).toBe(0)
    expect(new Set(run.entries.map(({ target }) => target))).toEqual(new Set(['A', 'D']))
  })

  it('levels of loans are where the shock’s own verdict turns', () => {
    const shock = parseShock('market:ETH=-1%')
    const { price } = priceOfCoin(demo.books, 'ETH')
    expect(price).toBe(3_000)
    const levels = loanLevels(demo.books, shock, price)
    expect(levels.length).toBeGreaterThan(100)
    const at = (level: number) =>
      new Set(
        brokenBy(demo.books, parseShock(`market:ETH=${((level / price - 1) * 100).toFixed(7)}%`)).map(({ target }) =>
          target.split('/').pop(),
        ),
      )
    const longs = levels.filter(({ side, price: one }) => side === 'long' && one < 2_990 && one > 900)
    expect(longs.length).toBeGreaterThan(50)
    for (const { id, price: level, bankruptcy, quantity } of longs.filter((_, place) => place % 7 === 0)) {
      expect(at(level * (1 - 1e-6)).has(id)).toBe(true)
      expect(at(level * (1 + 1e-6)).has(id)).toBe(false)
      expect(quantity).toBeGreaterThan(0)
      if (bankruptcy !== undefined) expect(bankruptcy).toBeLessThan(level)
    }
  })
})

describe('a what-if of positions', () => {
  const list = parsePositions(
    'account,coin,side,size,entry,margin\na,BTC,long,10,60000,30000\nb,BTC,long,20,58000,400000\nc,BTC,short,25,61000,200000\nd,ETH,long,100,3000,30000\n',
  )

  it('asks each shocked coin, shares one fund, and adds up to nothing', () => {
    const seen = positionStress(
      list,
      stressQuestion({ shock: 'BTC=-15%,ETH=-20%', price: 'BTC=60000,ETH=3000', fund: '50k', depth: '500M' }),
    )
    expect(seen.coins.map(({ coin, liquidated }) => [coin, liquidated])).toEqual([
      ['BTC', 1],
      ['ETH', 1],
    ])
    for (const { payers } of seen.coins) expect(Math.abs(payers.sum)).toBeLessThan(1e-6)
    expect(seen.insurance).toEqual({ before: 50_000, left: 0 })
    expect(seen.coins[0]?.deleveraged.accounts).toBe(1)
    // Nobody is short of ether in the list: what the fund did not pay, nobody paid.
    expect(seen.badDebt).toBeGreaterThan(0)
  })

  it('needs a price, and a coin that is there', () => {
    expect(() => positionStress(list, stressQuestion({ shock: 'BTC=-15%' }))).toThrow(/what BTC costs now/)
    expect(() => positionStress(list, stressQuestion({ shock: 'SOL=-15%', price: 'SOL=100' }))).toThrow(
      /no position in SOL/,
    )
    const depths = { shock: 'BTC=-15%', price: 'BTC=60000', depth: 'FOO=5M' }
    expect(() => positionStress(list, stressQuestion(depths))).toThrow(/no position in FOO/)
    expect(() => positionStress(list, stressQuestion({ shock: 'only:BTC=-15%', price: 'BTC=60000' }))).toThrow(
      /kind only/,
    )
  })
})
