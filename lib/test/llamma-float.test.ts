/** The float64 bands follow the integer contract along 10,000 random exchanges under a moving oracle. */
import { describe, expect, it } from 'vitest'
import { floatExchange, type LlammaBands, llammaBands } from '../kernels/index.ts'
import { type LlammaMarket, llamma, llammaMarket, llammaRules } from '../mechanisms/index.ts'
import { type FeedAnswer, fixedToNumber, type Moment, prng, type UnixSeconds } from '../model/index.ts'

const START = 1_700_000_000
const wad = (value: number) => BigInt(Math.round(value * 1e9)) * 10n ** 9n
const at = (time: number, price: bigint): Moment => ({
  time: time as UnixSeconds,
  price: () => price as FeedAnswer,
})

/** A market with six loans over overlapping bands, and its float twin. */
function twins(A: number, seed: string): { market: LlammaMarket; bands: LlammaBands } {
  const chance = prng(seed)
  const market = llammaMarket({
    ...{ collateral: 'weth', borrowed: 'crvusd', feed: 'eth', A, basePrice: wad(3000), fee: 6n * 10n ** 15n },
    ...{ adminFee: 10n ** 17n, loanDiscount: 9n * 10n ** 16n, liquidationDiscount: 6n * 10n ** 16n },
    ...{ ceiling: 10n ** 27n, time: BigInt(START) },
  })
  const state = { markets: new Map([['m', market]]) }
  for (let i = 0; i < 6; i++) {
    const collateral = wad(1 + 20 * chance.next())
    const bands = 4 + chance.int(30)
    const now = at(START + 1_000, wad(2900))
    const debt = (llammaRules.maxBorrowable(market, collateral, bands, 0n, now) * BigInt(80 + chance.int(20))) / 100n
    const done = llamma.apply(state, { do: 'create', market: 'm', account: `a${i}`, collateral, debt, bands }, now)
    expect(done).not.toHaveProperty('refused')
  }
  const made = state.markets.get('m') as LlammaMarket
  const bands = llammaBands(A, 3000, made.minBand, made.maxBand - made.minBand + 1)
  bands.active = made.activeBand - made.minBand
  for (const [band, y] of made.bandsY) bands.y[band - made.minBand] = fixedToNumber(y, 18)
  return { market: made, bands }
}

describe('float64 bands', () => {
  it.each([
    [100, 10_000],
    [20, 1_500],
    [250, 1_500],
  ])('A %d: agree with the integer form to 1e-9 along %d random exchanges', (A, exchanges) => {
    const { market, bands } = twins(A, `twins ${A}`)
    const chance = prng(`exchanges ${A}`)
    let price = 2900
    let [worst, traded, crossed] = [0, 0, 0]
    const [lowest, highest] = [(bands.up[bands.count] as number) * 0.97, (bands.up[0] as number) * 1.03]
    for (let step = 0; traded < exchanges; step++) {
      price = Math.min(Math.max(price * Math.exp(0.006 * chance.normal()), lowest), highest)
      const now = at(START + 2_000 + 60 * step, wad(price))
      const counted = llammaRules.oraclePrice(market, now)
      const target = wad(price * (1 + 0.01 * chance.normal()))
      const wanted = llammaRules.amountForPrice(market, target, now)
      const amount = (wanted.amount * BigInt(1 + chance.int(1_500))) / 1_000n
      const before = market.activeBand
      const exact = llammaRules.exchange(market, wanted.sell, 'in', amount, 0n, now)
      const fee = Math.max(0.006, fixedToNumber(counted.fee, 18))
      const float = floatExchange(bands, wanted.sell, fixedToNumber(amount, 18), {
        ...{ oracle: fixedToNumber(counted.price, 18), fee, adminFee: 0.1 },
      })
      traded += exact.bought > 0n ? 1 : 0
      crossed += Math.abs(market.activeBand - before)
      worst = Math.max(worst, differenceOf(market, bands, price))
      const scale = wanted.sell === 'borrowed' ? price : 1 / price
      expect(Math.abs(float.bought - fixedToNumber(exact.bought, 18)) * scale).toBeLessThan(1e-9 * 1e5)
    }
    console.info(
      `A ${A}: ${traded} exchanges traded, ${crossed} bands crossed, worst difference ${worst.toExponential(2)}`,
    )
    expect(crossed).toBeGreaterThan(exchanges / 20)
    expect(worst).toBeLessThan(1e-9)
  })
})

/** Greatest difference of any band, in collateral, as a part of all that the bands hold. */
function differenceOf(market: LlammaMarket, bands: LlammaBands, price: number): number {
  let [worst, all] = [0, 0]
  for (let i = 0; i < bands.count; i++) {
    const x = fixedToNumber(llammaRules.xOf(market, bands.first + i), 18)
    const y = fixedToNumber(llammaRules.yOf(market, bands.first + i), 18)
    worst = Math.max(worst, Math.abs(x - (bands.x[i] as number)) / price, Math.abs(y - (bands.y[i] as number)))
    all += x / price + y
  }
  return worst / all
}
