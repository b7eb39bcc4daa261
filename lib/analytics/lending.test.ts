/** Every question about loans, asked of Morpho and of Aave: prices that turn the verdict, shocks by kind, ladders, liquidations, sequences. */
import { describe, expect, it } from 'vitest'
import {
  type AaveAction,
  emptyMorpho,
  type MorphoAction,
  type MorphoState,
  morphoBlue,
  morphoRules,
  morphoWorld,
  newMorphoMarket,
} from '../mechanisms/index.ts'
import { isBreakwaterError, type Moment, prng, type UnixSeconds } from '../model/index.ts'
import { parseAccounts } from './lending-accounts.ts'
import { factorOf, healthFactor, healthOf, liquidationPrice, liquidationPrices, momentWith } from './lending-health.ts'
import { brokenBy, compareShocks, type LoanBook, ladder } from './lending-ladder.ts'
import {
  type AssetWorth,
  liquidationEffect,
  liquidationProfit,
  maxLiquidation,
  poolOutDown,
} from './lending-liquidation.ts'
import { bestSequence, twoStepRepayments } from './lending-sequence.ts'
import { healthUnder, parseShock, shockedMoment, shockSentence, shockText } from './lending-shock.ts'

const codeOf = (action: () => unknown) => {
  try {
    action()
  } catch (error) {
    return isBreakwaterError(error) ? error.code : error
  }
  return undefined
}

/** One Morpho market of wstETH against WETH, LLTV 94.5 %, with accounts that have collateral and owe, in whole tokens. */
function morphoBook(loans: Readonly<Record<string, readonly [number, number]>>, price = 1.2) {
  const state: MorphoState = emptyMorpho('fees')
  const market = newMorphoMarket(
    { loan: 'WETH', collateral: 'wstETH', feed: 'wstETH/WETH', lltv: 945n * 10n ** 15n, rateModel: { kind: 'none' } },
    1_000n,
  )
  state.markets.set('m', market)
  const at = momentWith({ time: 1_000 as UnixSeconds, price: () => undefined }, 'wstETH/WETH', morphoPrice(price))
  const act = (action: MorphoAction) => {
    const done = morphoBlue.apply(state, action, momentWith(at, 'wstETH/WETH', morphoPrice(1e6)))
    if ('refused' in done) throw new Error(done.refused.message)
  }
  act({ do: 'supply', market: 'm', account: 'lender', assets: whole(1e6) })
  for (const [account, [collateral, debt]] of Object.entries(loans)) {
    act({ do: 'supply-collateral', market: 'm', account, assets: whole(collateral) })
    if (debt > 0) act({ do: 'borrow', market: 'm', account, assets: whole(debt) })
  }
  return { state, at }
}
const whole = (amount: number) => BigInt(Math.round(amount * 1e9)) * 10n ** 9n
const morphoPrice = (price: number) => (morphoRules.ORACLE_PRICE_SCALE * BigInt(Math.round(price * 1e9))) / 10n ** 9n

const P3 = `account,collateral,collateralAmount,debt,debtAmount
A,ETH,100,USDC,100000
B,stETH,100,ETH,70
C,stETH,100,ETH,60
C,,,USDC,20000
D,ETH,100,USDC,130000
`
const ASSETS = `asset,decimals,price,liquidationThreshold,liquidationBonus,follows
ETH,18,2000,80%,5%,
stETH,18,2000,0.8,0.05,ETH
USDC,6,1,0.8,5%,
`
const p3Book = (protocol = 'aave-v3.6') => {
  const { books, refused } = parseAccounts(P3, 'csv', { assets: ASSETS, protocol })
  expect(refused).toEqual([])
  return books[0] as (typeof books)[number]
}

describe('health factors', () => {
  it('are backing over required, undefined when nothing is owed, and errors where nothing can be said', () => {
    const { state, at } = morphoBook({ ann: [100, 90], saver: [5, 0] })
    expect(healthFactor(morphoBlue, state, 'm/ann', at)).toBeCloseTo((100 * 1.2 * 0.945) / 90, 12)
    expect(healthFactor(morphoBlue, state, 'm/saver', at)).toBeUndefined()
    expect(codeOf(() => healthFactor(morphoBlue, state, 'm/nobody', at))).toBe('bad-account')
    for (const price of [undefined, 0n]) {
      const silent = { time: at.time, price: () => price } as Moment
      expect(codeOf(() => healthFactor(morphoBlue, state, 'm/ann', silent))).toBe('missing-price')
    }
    const book = p3Book()
    expect(codeOf(() => healthOf(book.mechanism, book.state, 'E', book.at))).toBe('bad-account')
    expect(codeOf(() => healthOf(book.mechanism, book.state, 'C', momentWith(book.at, 'ETH/USD', 0n)))).toBe(
      'missing-price',
    )
  })
})

describe('liquidation prices', () => {
  it('turn the verdict of the mechanism itself, one unit apart, on every loan of random worlds', () => {
    let seen = 0
    for (let index = 0; index < 8; index++) {
      const world = morphoWorld(prng(`prices/${index}`))
      let at = world.at
      for (let step = 0; step < 60; step++) {
        const next = world.next(world.state, at)
        morphoBlue.apply(world.state, next.action, next.at)
        at = next.at
      }
      for (const target of morphoBlue.targets(world.state)) {
        for (const { feed, price, direction, always } of liquidationPrices(morphoBlue, world.state, target, at)) {
          const verdict = (answer: bigint) =>
            healthOf(morphoBlue, world.state, target, momentWith(at, feed, answer)).liquidatable
          if (price === undefined) {
            expect([verdict(1n), always]).toEqual([always, always])
            continue
          }
          expect([direction, verdict(price), verdict(price + 1n)]).toEqual(['fall', true, false])
          seen++
        }
      }
    }
    expect(seen).toBeGreaterThan(10)
  })
  it('of collateral fall, of debt rise, each with all others fixed, and none where nothing turns it', () => {
    const { mechanism, state, at } = p3Book()
    const prices = (target: string) =>
      liquidationPrices(mechanism, state, target, at).map(({ feed, side, direction, price }) => [
        feed,
        side,
        direction,
        price && Number(price) / 1e8,
      ])
    // 100,000 / (100 · 0.8); at exactly that price the health factor is 1 and nobody may liquidate.
    expect(prices('A')).toEqual([
      ['ETH/USD', 'collateral', 'fall', 1_249.99999999],
      ['USDC/USD', 'debt', 'rise', 1.60000001],
    ])
    const [eth, steth, usdc] = prices('C') as [unknown[], unknown[], unknown[]]
    expect([eth.slice(0, 3), steth.slice(0, 3), usdc.slice(0, 3)]).toEqual([
      ['ETH/USD', 'debt', 'rise'],
      ['stETH/USD', 'collateral', 'fall'],
      ['USDC/USD', 'debt', 'rise'],
    ])
    expect(eth[3]).toBeCloseTo((160_000 - 20_000) / 60, 7)
    expect(steth[3]).toBeCloseTo(140_000 / 80, 7)
    expect(usdc[3]).toBeCloseTo(40_000 / 20_000, 7)
  })
  it('of an asset on both sides have the side that weighs more', () => {
    const { books } = parseAccounts(
      'account,collateral,collateralAmount,debt,debtAmount\nx,ETH,10,ETH,1\nx,,,USDC,8000\nhedged,ETH,10,ETH,8\nhedged,USDC,100,,\n',
      'csv',
      { assets: ASSETS },
    )
    const { mechanism, state, at } = books[0] as (typeof books)[number]
    expect(liquidationPrice(mechanism, state, 'x', at, 'ETH/USD')).toMatchObject({
      side: 'both',
      direction: 'fall',
      price: 1_142_85714285n,
    })
    expect(liquidationPrice(mechanism, state, 'hedged', at, 'ETH/USD')).toMatchObject({
      side: 'both',
      direction: 'none',
      price: undefined,
      always: false,
    })
    expect(liquidationPrice(mechanism, state, 'hedged', at, 'USDC/USD')).toMatchObject({
      direction: 'fall',
      price: undefined,
      always: false,
    })
    expect(codeOf(() => liquidationPrice(mechanism, state, 'x', at, 'BTC/USD'))).toBe('missing-price')
  })
})

describe('shocks', () => {
  it('are read and written, each says its question, and what is none is refused', () => {
    for (const text of ['market:ETH=-20%', 'only:ETH=-20%', 'depeg:stETH/ETH=-5%', 'feed:ETH/USD=3.5%'])
      expect(shockText(parseShock(text))).toBe(text)
    expect(parseShock('ETH=-30%')).toEqual({ kind: 'market', asset: 'ETH', move: -0.3 })
    expect(shockSentence(parseShock('market:ETH=-20%'))).toBe(
      'ETH and everything priced in it −20 %, debts in ETH too.',
    )
    expect(shockSentence(parseShock('only:ETH=−20%'))).toMatch(/^Only collateral priced in ETH −20 %/)
    expect(shockSentence(parseShock('depeg:stETH/ETH=-5%'))).toBe('stETH −5 % against ETH; ETH itself keeps its price.')
    for (const text of [
      'ETH',
      'ETH=20',
      'ETH=-100%',
      'ETH=1001%',
      'depeg:stETH=-5%',
      'depeg:a/b/c=-5%',
      'crash:ETH=1%x',
      '=-5%',
    ])
      expect([text, codeOf(() => parseShock(text))]).toEqual([text, 'bad-shock'])
    const { at, map } = p3Book()
    expect(codeOf(() => shockedMoment(at, parseShock('market:BTC=-5%'), map))).toBe('unknown-asset')
    expect(codeOf(() => shockedMoment(at, parseShock('feed:BTC/USD=-5%'), map))).toBe('unknown-asset')
    expect(codeOf(() => shockedMoment(at, parseShock('depeg:ETH/stETH=-5%'), map))).toBe('bad-shock')
  })
  it('give the four accounts of the acceptance book exactly the health factors and the breaks of its table', () => {
    const expected: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
      'market:ETH=-20%': [['A', 1.28], ['B', 1.1429], ['C', 1.1034], ['D', 0.9846]],
      'market:ETH=-40%': [['A', 0.96], ['B', 1.1429], ['C', 1.0435], ['D', 0.7385]],
      'only:ETH=-20%': [['A', 1.28], ['B', 0.9143], ['C', 0.9143], ['D', 0.9846]],
      'depeg:stETH/ETH=-10%': [['A', 1.6], ['B', 1.0286], ['C', 1.0286], ['D', 1.2308]],
      'depeg:stETH/ETH=-15%': [['A', 1.6], ['B', 0.9714], ['C', 0.9714], ['D', 1.2308]],
    } // biome-ignore format: the table as printed
    for (const protocol of ['aave-v2', 'aave-v3.0', 'aave-v3.3', 'aave-v3.6', 'aave-v3.7']) {
      const book = p3Book(protocol)
      expect(
        ['A', 'B', 'C', 'D'].map((target) => healthFactor(book.mechanism, book.state, target, book.at)?.toFixed(4)),
      ).toEqual(['1.6000', '1.1429', '1.1429', '1.2308'])
      for (const [text, rows] of Object.entries(expected)) {
        const shock = parseShock(text)
        const moment = shockedMoment(book.at, shock, book.map)
        const factors = rows.map(([target]) => [
          target,
          Number(factorOf(healthUnder(book.mechanism, book.state, target, moment))?.toFixed(4)),
        ])
        expect(factors).toEqual(rows)
        const broken = rows.filter(([, factor]) => factor < 1).map(([target]) => target)
        for (const screen of [true, false])
          expect(brokenBy([book], shock, { screen }).map(({ target }) => target)).toEqual(broken)
      }
      const compared = compareShocks([book], parseShock('market:ETH=-20%'), parseShock('only:ETH=-20%'))
      expect(compared).toMatchObject({ accounts: [1, 3], debt: [130_000, 410_000] })
      expect(compared.ratio).toBeCloseTo(410 / 130, 12)
      expect(compared.sentences[0]).not.toBe(compared.sentences[1])
    }
  })
  it('move a market of one pair by what its two assets do', () => {
    const { state, at } = morphoBook({ ann: [100, 90] })
    const map = {
      feeds: new Map([['wstETH/WETH', { base: 'wstETH', quote: 'WETH', pair: 'collateral-in-debt' } as const]]),
      follows: new Map([
        ['wstETH', 'stETH'],
        ['stETH', 'ETH'],
        ['WETH', 'ETH'],
      ]),
    }
    const factor = (text: string) => {
      const moment = shockedMoment(at, parseShock(text), map)
      return (factorOf(healthUnder(morphoBlue, state, 'm/ann', moment)) ?? 0) / 1.26
    }
    expect(factor('market:ETH=-20%')).toBeCloseTo(1, 12)
    expect(factor('only:ETH=-20%')).toBeCloseTo(0.8, 12)
    expect(factor('depeg:stETH/ETH=-20%')).toBeCloseTo(0.8, 12)
    expect(factor('market:WETH=-20%')).toBeCloseTo(1.25, 12)
    expect(factor('feed:wstETH/WETH=-10%')).toBeCloseTo(0.9, 12)
    const circle = { ...map, follows: new Map([['a', 'b'], ['b', 'a'], ['wstETH', 'ETH']]) } // biome-ignore format: short
    expect(shockedMoment(at, parseShock('ETH=-10%'), circle).collateral.price('wstETH/WETH')).toBe(morphoPrice(1.08))
  })
})

describe('a ladder', () => {
  it('counts the same with the screen and without it, over books of two protocols, and says who could not be judged', () => {
    const chance = prng('ladder')
    const loans = Object.fromEntries(
      Array.from({ length: 120 }, (_, index) => [`m${index}`, [10, 4 + chance.next() * 7] as const]),
    )
    const { state, at } = morphoBook(loans)
    const morpho: LoanBook = {
      ...{ mechanism: morphoBlue, state, at, worth: () => 2_000e-18 },
      map: {
        feeds: new Map([['wstETH/WETH', { base: 'stETH', quote: 'ETH', pair: 'collateral-in-debt' } as const]]),
        follows: new Map([['stETH', 'ETH']]),
      },
    }
    const drops = Array.from({ length: 40 }, (_, index) => 1 + index)
    for (const shock of ['only:ETH=-1%', 'depeg:stETH/ETH=-1%'].map(parseShock)) {
      const books = [p3Book() as LoanBook, morpho]
      const quick = ladder(books, shock, drops)
      expect(quick).toEqual(ladder(books, shock, drops, { screen: false }))
      expect(quick.loans).toBe(124)
      expect(quick.unjudged).toBe(0)
      const counts = quick.rows.map(({ accounts }) => accounts)
      expect(new Set(counts).size).toBeGreaterThan(10)
      expect([...counts].sort((a, b) => a - b)).toEqual(counts)
      const last = quick.rows.at(-1)
      expect(last?.badDebt).toBeGreaterThan(0)
      expect((last?.debt ?? 0) - (last?.badDebt ?? 0)).toBeLessThanOrEqual(last?.collateral ?? 0)
    }
    const silent: LoanBook = { ...morpho, at: { time: at.time, price: () => undefined } }
    expect(ladder([silent], parseShock('only:ETH=-1%'), [5])).toMatchObject({
      loans: 120,
      unjudged: 120,
      rows: [{ accounts: 0 }],
    })
    expect(codeOf(() => ladder([morpho], parseShock('only:ETH=-1%'), [0]))).toBe('bad-shock')
  })
  it('sums collateral and debt in dollars at the moved prices', () => {
    const { rows, sentence } = ladder([p3Book()], parseShock('market:ETH=-1%'), [20, 60])
    expect(sentence).toMatch(/^ETH and everything priced in it −1 %/)
    expect(rows[0]).toEqual({ drop: 20, accounts: 1, collateral: 160_000, debt: 130_000, badDebt: 0 })
    // At −60 %: A 80,000 against 100,000, D 80,000 against 130,000; B and C stand.
    expect(rows[1]).toEqual({ drop: 60, accounts: 3, collateral: 240_000, debt: 298_000, badDebt: 70_000 })
  })
})

describe('a liquidation', () => {
  const worth: AssetWorth = (asset) =>
    asset === 'WETH'
      ? { value: 1n, per: 1n }
      : asset === 'wstETH'
        ? { value: 1_100_000_000n, per: 1_000_000_000n }
        : undefined
  const under = () => {
    const { state, at } = morphoBook({ ann: [100, 105], bob: [100, 50] }, 1.1)
    return { state, at }
  }
  it('is offered at its largest, at oracle value, and to nobody when the loan is healthy', () => {
    const { state, at } = under()
    const open = maxLiquidation(morphoBlue, state, 'm/ann', at, worth)
    expect(Number(open?.paid) / 1e18).toBeCloseTo(105, 9)
    expect(open?.bonus).toBeCloseTo(Number(morphoRules.incentiveFactorDown(945n * 10n ** 15n)) / 1e18 - 1, 9)
    expect(open?.gain).toBe((open?.received ?? 0n) - (open?.paid ?? 0n))
    expect(maxLiquidation(morphoBlue, state, 'm/bob', at, worth)).toBeUndefined()
    expect(codeOf(() => maxLiquidation(morphoBlue, state, 'm/ann', at, () => undefined))).toBe('missing-price')
  })
  it('leaves what slippage, flash fee, gas and bid leave', () => {
    const { state, at } = under()
    const open = maxLiquidation(morphoBlue, state, 'm/ann', at, worth)
    if (!open) return expect.unreachable()
    const given = liquidationProfit(
      open,
      { exit: { slippageBps: 30 }, flashFeeBps: 9, gas: 10n ** 15n, bid: 10n ** 14n },
      worth,
    )
    expect(given.proceeds).toBe((open.received * 9_970n) / 10_000n)
    expect(given.profit).toBe(given.proceeds - open.paid - given.flashFee - 11n * 10n ** 14n)
    expect(given.slippage + given.proceeds).toBe(open.received)
    // A deep pool at the oracle's price costs its fee, a shallow one more.
    const sold = (depth: number) =>
      liquidationProfit(
        open,
        { exit: { pool: { seized: whole(depth), wanted: whole(depth * 1.1), feeBps: 30 } } },
        worth,
      )
    expect(Number(sold(1e8).slippage) / Number(open.received)).toBeCloseTo(0.003, 5)
    expect(sold(1e3).slippage).toBeGreaterThan(sold(1e8).slippage * 10n)
    expect(poolOutDown(10n ** 18n, { seized: 10n ** 20n, wanted: 10n ** 20n, feeBps: 30 })).toBe(
      987_158_034_397_061_298n,
    )
    for (const exit of [{ slippageBps: -1 }, { slippageBps: 0.5 }, { pool: { seized: 0n, wanted: 1n, feeBps: 0 } }])
      expect(codeOf(() => liquidationProfit(open, { exit }, worth))).toBe('bad-number')
  })
  it('is toxic when it leaves the borrower worse, and shows the bad debt', () => {
    const { state, at } = under()
    const open = maxLiquidation(morphoBlue, state, 'm/ann', at, worth)
    expect(liquidationEffect(morphoBlue, state, 'm/ann', at, open?.offer.action as MorphoAction)).toMatchObject({
      toxic: false,
      badDebt: false,
    })
    const part: MorphoAction = {
      do: 'liquidate',
      market: 'm',
      account: 'ann',
      seizedAssets: whole(20),
      repaidShares: 0n,
    }
    expect(liquidationEffect(morphoBlue, state, 'm/ann', at, part)?.toxic).toBe(false)
    // Deep under water each seizure at a bonus makes the rest worse.
    const deep = momentWith(at, 'wstETH/WETH', morphoPrice(0.9))
    const effect = liquidationEffect(morphoBlue, state, 'm/ann', deep, part)
    expect(effect).toMatchObject({ toxic: true, badDebt: false })
    const all: MorphoAction = { ...part, seizedAssets: whole(100) }
    expect(liquidationEffect(morphoBlue, state, 'm/ann', deep, all)).toMatchObject({ badDebt: true, toxic: false })
    expect(liquidationEffect(morphoBlue, state, 'm/bob', at, { ...part, account: 'bob' })).toBeUndefined()
  })
})

describe('the best sequence', () => {
  const repay = (debtToCover: bigint): AaveAction => ({
    ...{ do: 'liquidate', borrower: 'x', liquidator: 'lin', collateral: 'COL', debt: 'USD', debtToCover },
    receiveAToken: false,
  })
  const table = (debt: number, protocol = 'aave-v3') =>
    parseAccounts(`account,collateral,collateralAmount,debt,debtAmount\nx,COL,10000,USD,${debt}\n`, 'csv', {
      protocol,
      assets: 'asset,decimals,price,liquidationThreshold,liquidationBonus\nCOL,18,1,75%,8%\nUSD,18,1,0,0\n',
    }).books[0] as ReturnType<typeof parseAccounts>['books'][number]
  it('against a close factor repays what the closed form says: first just less than what cures, then half of the rest', () => {
    const closed = twoStepRepayments({
      collateral: 10_000,
      debt: 7_700,
      threshold: 0.75,
      spread: 0.08,
      closeFactor: 0.5,
    })
    const { mechanism, state, at, assetWorth } = table(7_700)
    const found = bestSequence({
      ...{ mechanism, state, target: 'x', at, worth: assetWorth, most: whole(7_700), steps: 2, splits: 6 },
      repay,
    })
    expect(found?.best.steps.map(({ paid }) => Number(paid) / 1e8)).toEqual([
      expect.closeTo(closed.first, 5),
      expect.closeTo(closed.second, 5),
    ])
    expect(Number(found?.single.paid) / 1e8).toBeCloseTo(closed.single, 6)
    expect(found?.better).toBeCloseTo(closed.gain, 7)
    expect(found?.better).toBeGreaterThan(0.1)
  })
  it('of the paper’s example comes out of Aave v2 itself, which always lets half be repaid', () => {
    const { mechanism, state, at, assetWorth } = table(8_000, 'aave-v2')
    const found = bestSequence({
      ...{ mechanism, state, target: 'x', at, worth: assetWorth, most: whole(8_000), repay },
    })
    expect(found?.best.steps.map(({ paid }) => Number(paid) / 1e10)).toEqual([
      expect.closeTo(26.315789, 5),
      expect.closeTo(26.842105, 5),
    ])
    expect(Number(found?.single.paid) / 1e10).toBeCloseTo(40, 8)
    expect(found?.better).toBeCloseTo(0.328947, 5)
  })
  it('is one liquidation where the rule lets all be repaid at once, and none for the healthy', () => {
    const question = (debt: number) => {
      const { mechanism, state, at, assetWorth } = table(debt)
      return bestSequence({
        ...{ mechanism, state, target: 'x', at, worth: assetWorth, most: whole(debt) },
        repay,
      })
    }
    // Health factor 0.94: the whole debt at once.
    const all = question(7_980)
    expect(all?.best.steps).toHaveLength(1)
    expect(all?.better).toBe(0)
    expect(question(7_400)).toBeUndefined()
  })
  it('has the closed form of the paper', () => {
    const { first, second, single, gain } = twoStepRepayments({
      collateral: 100,
      debt: 80,
      threshold: 0.75,
      spread: 0.08,
      closeFactor: 0.5,
    })
    expect([first, second, single, gain].map((one) => one.toFixed(6))).toEqual([
      '26.315789',
      '26.842105',
      '40.000000',
      '0.328947',
    ])
    expect(
      codeOf(() => twoStepRepayments({ collateral: 100, debt: 70, threshold: 0.75, spread: 0.08, closeFactor: 0.5 })),
    ).toBe('bad-number')
  })
})
