import { describe, expect, it } from 'vitest'
import { levelBook, plainPath } from '../../../lib/kernels/index.ts'
import {
  cascade,
  cascadeSide,
  linearImpact,
  logPush,
  parsePositions,
  perpLevels,
  scaledImpact,
  shockedPrice,
} from '../../../lib/sim/index.ts'
import {
  CASCADE_WORDS,
  cascadeAddress,
  cascadeWords,
  formatShocks,
  parseShocks,
  readCascade,
} from '../state/cascade.ts'
import {
  branchingCurve,
  type CoinRun,
  causalLinks,
  cliffOf,
  impactOf,
  impactTimes,
  runCascade,
  sortBook,
  tryRun,
} from './cascade.ts'
import { bookCsv, type CascadeBook, demoBook, parseBook } from './cascade-book.ts'
import { fanRun } from './cascade-paths.ts'

const TOY = [
  [97, 10],
  [95.5, 20],
  [94, 40],
  [90, 80],
  [80, 200],
] as const
/** The reference's toy book as positions whose margin ends 5 below their level. */
const TOY_BOOK: CascadeBook = {
  positions: TOY.map(([liquidation, size], at) => ({
    ...{ account: `account ${at + 1}`, coin: 'TOY', side: 'long', kind: 'perp' as const },
    ...{ side: 'long' as const, size, entry: 100, liquidation, bankruptcy: liquidation - 5 },
  })),
  coins: new Map([['TOY', { price: 100, onePercent: 1 / 0.15, dailyVolume: 1_000 }]]),
  refused: [],
}
const words = (more: Partial<Record<keyof typeof CASCADE_WORDS, string>>) => ({ ...CASCADE_WORDS, ...more })
const toyInput = (shock: number, depth = 1) =>
  readCascade(words({ shock: `TOY:${shock}`, impact: 'linear', kappa: '0', depth: String(depth), fund: '0.0001' }))

describe('a run of the lab', () => {
  it('is the cascade of the library: same book, same impact, same shock', () => {
    const run = runCascade(sortBook(TOY_BOOK, 1), toyInput(-3))
    const levels = TOY.map(([price, quantity]) => ({ side: 'long', price, quantity }) as const)
    const plain = cascade(cascadeSide(levels, 'long'), linearImpact(0.15), shockedPrice(100, -0.03), 100)
    const [toy] = run.coins as [CoinRun]
    expect(toy.outcome.rounds.map(({ quantity, after }) => [quantity, after.toFixed(9)])).toEqual(
      plain.rounds.map(({ quantity, after }) => [quantity, after.toFixed(9)]),
    )
    expect(toy.outcome.price).toBeCloseTo(44.5, 9)
    expect([toy.outcome.fired, toy.accounts, toy.outcome.exhausted]).toEqual([5, 5, true])
  })

  it('has payers that add up to zero, on every model, both ways, with the fund used up and not', () => {
    const sorted = sortBook(demoBook('payers'), 1)
    let [short, drawn] = [0, 0]
    for (const impact of ['square-root', 'linear', 'exponential', 'pool', 'book'])
      for (const shock of ['BTC:-5', 'BTC:-20,ETH:-30,SOL:-40', 'BTC:12,ETH:15', 'ETH:-0.5'])
        for (const fund of ['0', '5', '900']) {
          const { payers, coins, forcedUsd, fundLeft } = runCascade(sorted, readCascade(words({ impact, shock, fund })))
          expect(Math.abs(payers.sum)).toBeLessThan(1e-9 * Math.max(1, forcedUsd))
          expect(payers.accounts).toBeLessThanOrEqual(0)
          expect(fundLeft).toBeGreaterThanOrEqual(0)
          for (const one of coins) expect(Math.abs(one.payers.sum)).toBeLessThan(1e-9 * Math.max(1, forcedUsd))
          if (payers.uncovered < -1) short++
          if (coins.some(({ shortfall }) => shortfall > 0) && payers.uncovered > -1) drawn++
        }
    expect([short > 5, drawn > 5]).toEqual([true, true])
  })

  it('gives the same figures and the same hash for the same words, others for others', () => {
    const of = (more: Parameters<typeof words>[0]) => {
      const input = readCascade(words(more))
      return runCascade(sortBook(demoBook(input.seed), input.numbers.close / 100), input).hash
    }
    expect(of({})).toBe(of({}))
    expect(
      new Set([of({}), of({ seed: '8' }), of({ shock: 'BTC:-5.1' }), of({ close: '50' }), of({ depth: '0.9' })]).size,
    ).toBe(5)
  })

  it('finds the cliff of the toy book on both sides of it, and a depth beyond it that changes the outcome', () => {
    // The reference: at −3 % the outcome jumps where the impact per unit crosses its critical value.
    const sorted = sortBook(TOY_BOOK, 1)
    const at = (depth: number) => (runCascade(sorted, toyInput(-3, depth)).coins as [CoinRun])[0]
    const behind = cliffOf(at(1))
    expect(behind).toMatchObject({ kind: 'behind' })
    const times = behind?.times as number
    expect(at(1 / (times * 0.999)).outcome.fired).toBeLessThan(at(1 / (times * 1.001)).outcome.fired)
    const ahead = cliffOf(at(3))
    expect(ahead?.kind).toBe('ahead')
    expect((ahead?.times as number) / 3).toBeCloseTo(times, 6)
  })

  it('explains itself: links go from the round before to the next, the largest first', () => {
    const [toy] = runCascade(sortBook(TOY_BOOK, 1), toyInput(-3)).coins as [CoinRun]
    const links = causalLinks(toy)
    expect(links.map(({ from, to }) => [from, to])).toContainEqual(['account 4', 'account 5'])
    expect(links.map(({ usd }) => usd)).toEqual(links.map(({ usd }) => usd).sort((a, b) => b - a))
    const only = causalLinks((runCascade(sortBook(TOY_BOOK, 1), toyInput(-3, 100)).coins as [CoinRun])[0])
    expect(only.map(({ from, to }) => [from, to])).toEqual([[undefined, 'account 1']])
  })

  it('has a branching curve that is impact per unit times density', () => {
    const [toy] = runCascade(sortBook(TOY_BOOK, 1), toyInput(-3)).coins as [CoinRun]
    const curve = branchingCurve(toy, 75)
    const near = curve.find(({ price }) => price <= 97.5 && price > 97) as { n: number }
    // 10 coins within 1 of price below it, at 0.15 each.
    expect(near.n).toBeCloseTo(1.5, 9)
    expect(Math.min(...curve.map(({ n }) => n))).toBe(0)
  })

  it('says what is wrong instead of a figure', () => {
    const bare = { ...TOY_BOOK, coins: new Map([['TOY', { price: 100, onePercent: 0, dailyVolume: 0 }]]) }
    expect(tryRun(sortBook(bare, 1), toyInput(-3))).toHaveProperty('problem')
  })
})

describe('books that are pasted', () => {
  it('reads rows, Hyperliquid answers and loans, and tells every bad row', () => {
    const csv = parseBook(
      'account,coin,side,size,entry,leverage,mark\na,BTC,long,1,100,10,99\nb,BTC,short,2,100,5,\nc,BTC,up,1,1,1,\nd,BTC,long,0,1,1,',
    )
    expect(csv.positions).toMatchObject([
      { account: 'a', side: 'long', size: 1, bankruptcy: 90 },
      { account: 'b', side: 'short', size: 2, bankruptcy: 120 },
    ])
    expect(csv.positions[0]?.liquidation).toBeCloseTo(90 / 0.995, 9)
    expect([csv.coins.get('BTC')?.price, csv.refused.length]).toEqual([99, 2])
    const state = {
      user: '0xabc',
      assetPositions: [
        {
          position: {
            coin: 'ETH',
            szi: '-2.5',
            entryPx: '3000',
            leverage: { type: 'cross', value: 5 },
            liquidationPx: '3500',
            marginUsed: '1500',
          },
        },
      ],
    }
    expect(parseBook(JSON.stringify(state)).positions).toMatchObject([
      { account: '0xabc', coin: 'ETH', side: 'short', size: 2.5, liquidation: 3500, bankruptcy: 3600 },
    ])
    const loans = parseBook(JSON.stringify([{ id: 'loan', collateral: 'eth', coins: 10, debt: 20_000, lt: 0.8 }]))
    expect(loans.positions).toMatchObject([{ kind: 'loan', coin: 'ETH', liquidation: 2500, bankruptcy: 2000 }])
    expect(parseBook('{"broken').refused[0]).toMatch(/^not JSON/)
    expect(parseBook('account,coin,size,entry,leverage\na,NOSUCH,1,2,3').refused[0]).toMatch(/no price is known/)
    expect(parseBook('')).toMatchObject({ positions: [], refused: [] })
  })

  it('draws the same book for the same seed, with nothing that is liquidated already', () => {
    expect(demoBook('7')).toEqual(demoBook('7'))
    expect(demoBook('7')).not.toEqual(demoBook('8'))
    for (const { side, coin, liquidation, bankruptcy } of demoBook('7').positions) {
      const price = demoBook7.coins.get(coin)?.price as number
      expect(
        side === 'long'
          ? bankruptcy < liquidation && liquidation < price
          : bankruptcy > liquidation && liquidation > price,
      ).toBe(true)
    }
  })
})
const demoBook7 = demoBook('7')

describe('a book as a file', () => {
  it('is read by the command line as the same positions', () => {
    const book = demoBook('7')
    const { positions, refused } = parsePositions(bookCsv(book))
    expect([positions.length, refused]).toEqual([book.positions.length, []])
    expect(positions.map(({ account, side, size, liquidation }) => ({ account, side, size, liquidation }))).toEqual(
      book.positions.map(({ account, side, size, liquidation }) => ({ account, side, size, liquidation })),
    )
    const lines = perpLevels(positions)
    for (const [at, { bankruptcy }] of book.positions.entries())
      expect(lines[at]?.bankruptcy).toBeCloseTo(bankruptcy, 6)
  })
})

describe('the fan', () => {
  it('is the same in one piece and in many, and its paths are those of the plain simulator', () => {
    const input = readCascade(words({ paths: '60', hours: '2', shock: 'BTC:-4' }))
    const book = demoBook('fan')
    const small = { ...book, positions: book.positions.filter((_, at) => at % 40 === 0) }
    const whole = fanRun(small, input, 'BTC')?.next(60)
    const pieces = fanRun(small, input, 'BTC')
    let last = pieces?.next(7)
    while (pieces && !pieces.done()) last = pieces.next(7)
    expect(last).toEqual(whole)
    const market = book.coins.get('BTC') as { price: number; onePercent: number; dailyVolume: number }
    const impact = scaledImpact(impactOf('exponential', market, 0.03), impactTimes(input, -0.04))
    const { sell, buy } = logPush(impact, market.price)
    const push = { sell: (lots: number) => sell(lots / market.price), buy: (lots: number) => buy(lots / market.price) }
    const levels = small.positions
      .filter(({ coin }) => coin === 'BTC')
      .map(({ side, liquidation: price, bankruptcy, size }) => ({
        side,
        price,
        bankruptcy,
        quantity: Math.round(size * market.price),
      }))
    expect(levelBook(levels, push).long.keys.length).toBeGreaterThan(20)
    const volatility = 0.03 * Math.sqrt(5 / 1_440)
    const options = {
      ...{ start: market.price, shock: -0.04, permanent: 0.6, keep: 2 ** (-5 / 30), seed: '7/BTC' },
      moves: { steps: 24, drift: -(volatility ** 2) / 2, volatility },
    }
    const prices = Array.from({ length: 60 }, (_, path) => plainPath(levels, push, options, path).price).sort(
      (a, b) => a - b,
    )
    expect(whole?.columns.at(-1)?.price[2]).toBe(prices[29])
    expect(whole?.columns[0]?.outside[2]).toBeCloseTo(market.price * 0.96, 6)
    expect(whole?.forcedUsd.mean).toBeGreaterThan(0)
  })
})

describe('the words of the lab', () => {
  it('leave defaults out and come back the same', () => {
    expect(cascadeAddress(CASCADE_WORDS)).toEqual({})
    const typed = words({ shock: 'BTC:-12.5', impact: 'pool', depth: '0.5' })
    expect(cascadeWords(cascadeAddress(typed))).toEqual(typed)
    expect(formatShocks(parseShocks('btc=-12.5%, ETH:+3') as ReadonlyMap<string, number>)).toBe('BTC:-12.5,ETH:3')
  })

  it.each([
    ['shock', 'BTC:-100', 'leaves no price'],
    ['shock', 'BTC-10', 'is no shock'],
    ['depth', '0', 'not above 0'],
    ['depth', 'NaN', 'not a decimal number'],
    ['impact', 'magic', 'none of'],
    ['paths', '1.5', 'no whole number'],
    ['book', 'live', 'no book'],
  ])('%s=%s is told at its field', (field, word, sentence) => {
    expect(readCascade(words({ [field]: word })).complaints[field as 'shock']).toContain(sentence)
  })
})
