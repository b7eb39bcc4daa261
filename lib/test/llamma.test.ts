/** LLAMMA's integer form: known points of its curve, properties that its authors test, limits of the oracle, loans, interest, and bad input. */
import { describe, expect, it } from 'vitest'
import {
  type LlammaAction,
  type LlammaMarket,
  type LlammaState,
  llamma,
  llammaMarket,
  llammaRules,
} from '../mechanisms/index.ts'
import { type FeedAnswer, fixedToNumber, type Moment, prng, type UnixSeconds } from '../model/index.ts'
import { toWad } from '../sim/index.ts'

const WAD = 10n ** 18n
const at = (time: number, price: number): Moment => ({
  time: time as UnixSeconds,
  price: () => toWad(price) as FeedAnswer,
})
const number = (value: bigint) => fixedToNumber(value, 18)
const terms = {
  ...{ collateral: 'WETH', borrowed: 'crvUSD', feed: 'eth', A: 100, basePrice: 3000n * WAD, fee: 6n * 10n ** 15n },
  ...{ loanDiscount: 9n * 10n ** 16n, liquidationDiscount: 6n * 10n ** 16n, ceiling: 10n ** 25n, time: 1_000n },
}

function world(change: Partial<Parameters<typeof llammaMarket>[0]> = {}): LlammaState {
  return { markets: new Map([['m', llammaMarket({ ...terms, ...change })]]) }
}
const marketOf = (state: LlammaState) => state.markets.get('m') as LlammaMarket
const create = (account: string, collateral: bigint, debt: bigint, bands = 10) =>
  ({ do: 'create', market: 'm', account, collateral, debt, bands }) as const

function done(state: LlammaState, action: LlammaAction, now: Moment) {
  const result = llamma.apply(state, action, now)
  if ('refused' in result) throw new Error(result.refused.message)
  return result
}
function refusal(state: LlammaState, action: LlammaAction, now: Moment): string {
  const result = llamma.apply(state, action, now)
  return 'refused' in result ? result.refused.code : 'completed'
}

describe('exponentials', () => {
  it('agree with float64, and roots are floors exactly', () => {
    const chance = prng('exp')
    for (let i = 0; i < 300; i++) {
      const x = (chance.next() - 0.5) * 20
      expect(
        number(llammaRules.expWad(BigInt(Math.round(x * 1e15)) * 1_000n)) / Math.exp(Math.round(x * 1e15) / 1e15),
      ).toBeCloseTo(1, 12 - Math.max(0, Math.ceil(-x / 2.3)))
      const y = Math.exp(x)
      expect(number(llammaRules.lnWad(toWad(y)))).toBeCloseTo(x, 7)
      const n = BigInt(Math.floor(chance.next() * 2 ** 53)) ** BigInt(1 + chance.int(6))
      const root = llammaRules.sqrtFloor(n)
      expect(root * root <= n && (root + 1n) * (root + 1n) > n).toBe(true)
    }
    for (const n of [0n, 1n, 3n, 4n, (1n << 400n) - 1n, 1n << 400n]) {
      const root = llammaRules.sqrtFloor(n)
      expect(root * root <= n && (root + 1n) * (root + 1n) > n).toBe(true)
    }
    // The aggregate policy's exponential shifts and is right to the last unit; the AMM's divides and is 5e-12 off.
    for (const [power, truth] of [
      [-WAD / 2n, 606_530_659_712_633_423n],
      [-WAD, 367_879_441_171_442_321n],
      [-3n * WAD, 49_787_068_367_863_942n],
      [2n * WAD, 7_389_056_098_930_650_227n],
      [-42n * WAD, 0n],
    ] as const)
      expect(llammaRules.expFloor(power)).toBe(truth)
    expect(llammaRules.expWad(-WAD)).not.toBe(367_879_441_171_442_321n)
    expect(llammaRules.lnWad(WAD)).toBe(0n)
    expect(llammaRules.expWad(0n)).toBe(WAD)
  })
})

describe('bands', () => {
  it('have the prices of the float formulas, to the 5e-12 of the AMM’s own exponential', () => {
    const market = marketOf(world())
    for (const band of [-50, -2, 0, 1, 5, 300]) {
      const float = llammaRules.bandPrices(100, 3000, 2950, band)
      expect(number(llammaRules.upperPrice(market, band, 1_000n)) / float.up).toBeCloseTo(1, 11)
      expect(number(llammaRules.currentPrice(market, band, 'upper', at(9_000, 2950))) / float.pcu).toBeCloseTo(1, 11)
      expect(number(llammaRules.currentPrice(market, band, 'lower', at(9_000, 2950))) / float.pcd).toBeCloseTo(1, 11)
    }
  })

  it('are spaced by the logarithm that the factory takes by halvings, which the Controller’s own is above or below by some units', () => {
    for (const [A, logARatio, controllerLogARatio] of [
      [2, 693_147_180_559_945_347n, 693_147_180_559_945_309n],
      [30, 33_901_551_675_681_339n, 33_901_551_675_681_348n],
      [100, 10_050_335_853_501_431n, 10_050_335_853_501_441n],
    ] as const)
      expect(marketOf(world({ A }))).toMatchObject({ logARatio, controllerLogARatio })
  })

  it('quote the lower edge with collateral only, the upper with stablecoin only, and end whole at the edges of the oracle', () => {
    const [A, up, y] = [100n, 3000n * WAD, 5n * WAD]
    expect(llammaRules.priceIn(A, 0n, y, up, up)).toBe(up)
    const down = (up * 99n) / 100n
    const float = llammaRules.tradedTo(100, { x: 0, y: 5 }, 2970, 3000, 2970)
    expect(float.y).toBeCloseTo(0, 12)
    expect(number(llammaRules.priceIn(A, toWad(float.x), 0n, down, up))).toBeCloseTo(2970, 9)
  })

  it('follow reference points of a loan: band 28 for 1,950 against 1', () => {
    const state = world()
    const result = done(state, create('ann', WAD, 1_950n * WAD), at(2_000, 3000))
    expect(result.moved?.n1).toBe(28n)
    const { deposits } = marketOf(state)
    expect(deposits.get('ann')).toMatchObject({ n1: 28, n2: 37 })
    const health = llamma.assess(state, 'm/ann', at(2_000, 3000))
    const up = llammaRules.bandPrices(100, 3000, 3000, 28).up
    const xDown = llammaRules.slowlyDown(100, 1, 10, up)
    const both = llammaRules.untouchedHealth({ collateral: 1, debt: 1950, xDown, up }, 0.06, 3000)
    expect(Number(health?.backing) / Number(health?.required) - 1).toBeCloseTo(both.full, 10)
  })
})

describe('exchange', () => {
  /** A loan of 10 over 10 bands whose first band begins near 2,900. */
  function loaned(change: Parameters<typeof world>[0] = {}) {
    const state = world(change)
    done(state, create('ann', 10n * WAD, 24_500n * WAD), at(2_000, 2990))
    return state
  }

  it('out and in are inverse: what an exact amount out costs buys that amount', () => {
    const state = loaned()
    const chance = prng('inverse')
    for (let i = 0; i < 60; i++) {
      const now = at(3_000 + 600 * i, 2400 + 500 * chance.next())
      const sell = chance.pick(['borrowed', 'collateral'] as const)
      const amount = toWad(sell === 'borrowed' ? 5_000 * chance.next() : 2 * chance.next())
      const { sold, bought } = llammaRules.quote(marketOf(state), sell, 'in', amount, now)
      if (bought === 0n) continue
      const back = llammaRules.quote(marketOf(state), sell, 'out', bought, now)
      expect(back.bought).toBe(bought)
      expect(back.sold <= sold + 2n).toBe(true)
      expect(Math.abs(number(back.sold - sold))).toBeLessThan(1e-9)
      done(state, { do: 'exchange', market: 'm', sell, amount }, now)
    }
    expect(marketOf(state).balanceX).toBeGreaterThan(0n)
  })

  it('a round trip at one oracle price never pays, and without a fee costs nearly nothing', () => {
    for (const fee of [1_000_000n, 6n * 10n ** 15n]) {
      const state = loaned({ fee })
      const active = marketOf(state).deposits.get('ann')?.n1 ?? 0
      const middle = number(llammaRules.upperPrice(marketOf(state), active, 9_000n)) * 0.995
      const now = at(9_000, middle)
      const first = done(state, { do: 'exchange', market: 'm', sell: 'borrowed', amount: 500n * WAD }, now)
      const paid = first.moved?.sold ?? 0n
      const back = done(
        state,
        { do: 'exchange', market: 'm', sell: 'collateral', amount: first.moved?.bought ?? 0n },
        now,
      )
      const got = back.moved?.bought ?? 0n
      expect(paid).toBeGreaterThan(WAD)
      expect(got).toBeLessThanOrEqual(paid)
      if (fee === 1_000_000n) expect(number(paid - got) / number(paid)).toBeLessThan(1e-4)
    }
  })

  it('an oracle that moves and comes back without a trade leaves what the loan would fetch', () => {
    const state = loaned()
    const before = llammaRules.slowly(marketOf(state), 'ann', 'down', at(50_000, 2990))
    llammaRules.slowly(marketOf(state), 'ann', 'down', at(60_000, 2500))
    expect(llammaRules.slowly(marketOf(state), 'ann', 'down', at(70_000, 2990))).toBe(before)
  })

  it('asks for the fee of the oracle’s move within two minutes and lets it count by 1.25 at most', () => {
    const market = marketOf(loaned())
    llammaRules.exchange(market, 'borrowed', 'in', 0n, 0n, at(10_000, 2900))
    const soon = llammaRules.oraclePrice(market, at(10_060, 2610))
    expect(number(soon.price)).toBe(2610)
    expect(number(soon.fee)).toBeCloseTo((1 - 0.9 ** 3) / 2, 12)
    expect(number(llammaRules.oraclePrice(market, at(10_000, 1000)).price)).toBeCloseTo(2900 / 1.25, 9)
    expect(number(llammaRules.oraclePrice(market, at(10_000, 9000)).price)).toBeCloseTo(2900 * 1.25, 9)
    expect(llammaRules.oraclePrice(market, at(10_120, 1000))).toEqual({ price: 1000n * WAD, fee: 0n })
  })

  it('a price that jumps through all bands in one step is a defined trade, and the loan is wholly converted', () => {
    const state = loaned()
    const now = at(20_000, 1500)
    const { amount, sell } = llammaRules.amountForPrice(marketOf(state), 1500n * WAD, now)
    expect(sell).toBe('borrowed')
    const result = done(state, { do: 'exchange', market: 'm', sell, amount: 10n * amount }, now)
    expect(result.moved?.bought).toBe(10n * WAD)
    expect(result.moved?.sold).toBeLessThan(10n * amount)
    expect(marketOf(state).bandsY.size).toBe(0)
    const { x, y } = llammaRules.sumXY(marketOf(state), 'ann')
    expect(y).toBe(0n)
    expect(x).toBeGreaterThan(0n)
  })

  it('the amount to a price reverts, as the contract does, where a band holds too little to have a curve', () => {
    const market = marketOf(loaned())
    const now = at(30_000, 2990)
    market.bandsX.set(market.activeBand, 1n)
    const low = llammaRules.currentPrice(market, market.activeBand, 'lower', now)
    expect(() => llammaRules.amountForPrice(market, low + 1n, now)).toThrow(
      expect.objectContaining({ refusal: expect.objectContaining({ code: 'Panic(0x12)' }) }),
    )
  })

  it('slowly down falls and slowly up rises with what the bands hold', () => {
    const state = loaned()
    const rich = llammaRules.slowly(marketOf(state), 'ann', 'up', at(30_000, 2990))
    expect(rich).toBeLessThanOrEqual(10n * WAD)
    expect(number(rich)).toBeCloseTo(10, 9)
    done(state, { do: 'exchange', market: 'm', sell: 'borrowed', amount: 3_000n * WAD }, at(31_000, 2890))
    const now = at(32_000, 2890)
    const [down, up] = [
      llammaRules.slowly(marketOf(state), 'ann', 'down', now),
      llammaRules.slowly(marketOf(state), 'ann', 'up', now),
    ]
    expect(number(down)).toBeGreaterThan(24_000)
    expect(number(up)).toBeLessThan(10.01)
  })
})

describe('loans', () => {
  it('go from untouched over converted to liquidated, wholly and in part, and every coin is accounted for', () => {
    const state = world()
    done(state, create('ann', 10n * WAD, 24_500n * WAD), at(2_000, 2990))
    done(state, create('bob', 10n * WAD, 15_000n * WAD, 4), at(2_000, 2990))
    const crash = at(20_000, 2200)
    expect(llamma.offers(state, 'm/ann', at(2_000, 2990))).toEqual([])
    const { amount } = llammaRules.amountForPrice(marketOf(state), toWad(2500), at(10_000, 2600))
    done(state, { do: 'exchange', market: 'm', sell: 'borrowed', amount: amount / 2n }, at(10_000, 2600))
    const offers = llamma.offers(state, 'm/ann', crash)
    expect(llamma.assess(state, 'm/ann', crash)?.liquidatable).toBe(true)
    expect(offers.length).toBe(2)
    const held = llamma.holdings(state)
    const half = done(state, offers[1]?.action as LlammaAction, crash)
    expect(half.facts[0]).toMatchObject({ type: 'loan-liquidation', account: 'ann', liquidator: 'anyone' })
    expect(half.moved?.removed).toBe(llammaRules.removedFraction(WAD / 2n, 6n * 10n ** 16n))
    const rest = done(state, { do: 'liquidate', market: 'm', account: 'ann', by: 'lin' }, crash)
    expect([...llamma.targets(state)]).toEqual(['m/bob'])
    const flow = (asset: string) =>
      [half, rest].reduce((sum, { paid = [], received = [] }) => {
        const of = (list: typeof paid) =>
          list.filter((one) => one.asset === asset).reduce((s, one) => s + one.atoms, 0n)
        return sum + of(paid) - of(received)
      }, 0n)
    for (const asset of ['WETH', 'crvUSD'])
      expect((llamma.holdings(state).get(asset) ?? 0n) - (held.get(asset) ?? 0n)).toBe(flow(asset))
    expect(refusal(state, { do: 'liquidate', market: 'm', account: 'bob', by: 'lin' }, crash)).toBe('Not enough rekt')
  })

  it('collected interest leaves the admin fees of exchanges in the AMM, as the Controllers since 2024-08 do', () => {
    const state = world({ adminFee: WAD / 2n, policy: { kind: 'constant', rate: 3_000_000_000n } })
    done(state, create('ann', 10n * WAD, 24_500n * WAD), at(2_000, 2990))
    done(state, { do: 'exchange', market: 'm', sell: 'borrowed', amount: 5_000n * WAD }, at(30_000, 2850))
    done(state, { do: 'exchange', market: 'm', sell: 'collateral', amount: WAD }, at(60_000, 2900))
    const { feesX, feesY, balanceX, balanceY, minted } = marketOf(state)
    expect(feesX > 0n && feesY > 0n).toBe(true)
    const now = at(90_000, 2900)
    const result = done(state, { do: 'collect-fees', market: 'm' }, now)
    const interest = llammaRules.totalDebt(marketOf(state), 90_000n) - 24_500n * WAD
    expect(interest).toBeGreaterThan(0n)
    expect(result.received).toEqual([{ asset: 'crvUSD', atoms: interest }])
    expect(result.moved).toEqual({ interest })
    expect(marketOf(state)).toMatchObject({ feesX, feesY, balanceX, balanceY, minted: minted + interest })
  })

  it('somebody else adds collateral worth more than two units of the stablecoin, the borrower any', () => {
    const now = at(2_000, 2990)
    const add = (collateral: bigint, by: string) =>
      ({ do: 'add', market: 'm', account: 'ann', collateral, by }) as const
    for (const [decimals, borrowed, least] of [
      [18, 18, 1n],
      [8, 18, 1n],
      [18, 6, 668_896_322n],
    ] as const) {
      const state = world({ collateralDecimals: decimals, borrowedDecimals: borrowed })
      done(state, create('ann', 10n * 10n ** BigInt(decimals), 15_000n * 10n ** BigInt(borrowed)), now)
      if (least > 1n) expect(refusal(state, add(least - 1n, 'bob'), now)).toBe('(empty)')
      expect(refusal(state, add(least, 'bob'), now)).toBe('completed')
      expect(refusal(state, add(1n, 'ann'), now)).toBe('completed')
    }
    const cheap = world({ basePrice: WAD })
    done(cheap, create('ann', 10n * WAD, 5n * WAD), at(2_000, 1))
    expect(refusal(cheap, add(2n, 'bob'), at(2_000, 1))).toBe('(empty)')
    expect(refusal(cheap, add(3n, 'bob'), at(2_000, 1))).toBe('completed')
  })

  it('the bounds of borrowing are tight: the most is accepted, a little more is not', () => {
    const chance = prng('bounds')
    for (let i = 0; i < 25; i++) {
      const state = world()
      const now = at(2_000, 2000 + 2500 * chance.next())
      const bands = 4 + chance.int(47)
      const collateral = toWad(0.01 + 50 * chance.next())
      const most = llammaRules.maxBorrowable(marketOf(state), collateral, bands, 0n, now)
      expect(refusal(state, create('ann', collateral, (most * 102n) / 100n, bands), now)).toBe('Debt too high')
      expect(llammaRules.minCollateral(marketOf(state), most, bands, now)).toBeLessThanOrEqual(
        (collateral * 1_003n) / 1_000n,
      )
      expect(refusal(state, create('ann', collateral, most, bands), now)).toBe('completed')
    }
  })

  it('owe interest that moves debt and the prices of bands alike', () => {
    const rate = 3_000_000_000n
    const state = world({ policy: { kind: 'constant', rate } })
    done(state, create('ann', 10n * WAD, 20_000n * WAD), at(2_000, 2990))
    const year = 2_000n + 31_536_000n
    const grown = 1 + (Number(rate) * 31_536_000) / 1e18
    expect(number(llammaRules.debtOf(marketOf(state), 'ann', year)) / 20_000).toBeCloseTo(grown, 12)
    const ratio = number(llammaRules.upperPrice(marketOf(state), 0, year)) / 3000
    expect(ratio).toBeCloseTo(grown, 12)
  })
})

describe('rates', () => {
  it('are 1.9 times as high with a tenth of the ceiling left, and follow price and peg keepers', () => {
    expect(llammaRules.ceilingMultiplier(9n, 10n)).toBe((19n * WAD) / 10n)
    const policy = { rate0: 10n ** 9n, sigma: 2n * 10n ** 16n, targetFraction: WAD / 10n, extra: 7n, price: WAD }
    const rate = (price: number, ratio: number) =>
      llammaRules.aggregateRate({ ...policy, price: toWad(price) }, toWad(ratio), 0n, 1n)
    expect(Number(rate(0.98, 1e-15)) / 1e9).toBeCloseTo(Math.E, 7)
    expect(Number(rate(1, 0.1)) / 1e9).toBeCloseTo(1 / Math.E, 7)
    expect(rate(0.5, 1e-15)).toBe(llammaRules.MAX_RATE)
    const low = 317_097_919n
    const half = llammaRules.semilogRate(low, 100n * low, 1n, 1n)
    expect(Number(half) / (10 * Number(low))).toBeCloseTo(1, 7)
    expect(llammaRules.semilogRate(low, 100n * low, 0n, 1n)).toBe(low)
  })
})

describe('bad input', () => {
  const now = at(2_000, 2990)

  it('is refused with the contract’s word and leaves the state', () => {
    const state = world()
    done(state, create('ann', 10n * WAD, 20_000n * WAD), now)
    const cases: readonly (readonly [string, LlammaAction, Moment?])[] = [
      ['Need more ticks', create('bob', WAD, WAD, 3)],
      ['Need more ticks', create('bob', WAD, WAD, 4.5)],
      ['Need less ticks', create('bob', WAD, WAD, 51)],
      ['No loan', create('bob', WAD, 0n)],
      ['Loan already created', create('ann', WAD, WAD)],
      ['Debt too high', create('bob', WAD, 2_900n * WAD)],
      ['Amount too low', create('bob', 0n, WAD)],
      ["Loan doesn't exist", { do: 'repay', market: 'm', account: 'bob', debt: WAD }],
      ["Loan doesn't exist", { do: 'liquidate', market: 'm', account: 'bob', by: 'lin' }],
      ['(empty)', { do: 'liquidate', market: 'm', account: 'bob', by: 'bob' }],
      ['(empty)', { do: 'remove', market: 'm', account: 'ann', collateral: 11n * WAD }],
      ['(empty)', { do: 'exchange', market: 'm', sell: 'borrowed', amount: 1n << 200n }],
      ['negative amount', { do: 'exchange', market: 'm', sell: 'borrowed', amount: -1n }],
      ['Slippage', { do: 'exchange', market: 'm', sell: 'borrowed', amount: WAD, bound: WAD }],
      ['Slippage', { do: 'exchange', market: 'm', sell: 'borrowed', exact: 'out', amount: 11n * WAD }],
      ['market not created', { do: 'collect-fees', market: 'nowhere' }],
      [
        'oracle is zero',
        { do: 'exchange', market: 'm', sell: 'borrowed', amount: WAD },
        { ...now, price: () => 0n as FeedAnswer },
      ],
      ['oracle', create('bob', WAD, WAD), { ...now, price: () => undefined }],
      ['oracle too high', create('bob', WAD, WAD), { ...now, price: () => (1n << 100n) as FeedAnswer }],
      ['clock', { do: 'exchange', market: 'm', sell: 'borrowed', amount: WAD }, at(500, 2990)],
    ]
    const before = structuredClone(state)
    for (const [word, action, moment = now] of cases) {
      expect(refusal(state, action, moment)).toBe(word)
      expect(state).toEqual(before)
    }
    expect(llamma.assess(state, 'm/ann', { ...now, price: () => 0n as FeedAnswer })).toBeUndefined()
    expect(llamma.offers(state, 'm/ann', { ...now, price: () => undefined })).toEqual([])
  })

  it('no market is made of impossible terms', () => {
    for (const bad of [
      { A: 1 },
      { A: 2.5 },
      { basePrice: 0n },
      { fee: 0n },
      { fee: 5n * 10n ** 16n },
      { adminFee: 2n * WAD },
      { loanDiscount: 5n * 10n ** 16n },
      { collateralDecimals: 19 },
    ])
      expect(() => llammaMarket({ ...terms, ...bad })).toThrow(expect.objectContaining({ code: 'bad-state' }))
  })

  it('bands further down than 18 decimals reach are refused', () => {
    expect(() => llammaRules.upperPrice(marketOf(world()), 4_000, 1_000n)).toThrow(/too far down/)
  })
})
