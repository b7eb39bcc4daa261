import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isBreakwaterError, prng, type UnixSeconds } from '../../model/index.ts'
import { clampStep } from '../perp/hip3.ts'
import { emaOracle, emaStepDown, emaStepFloat, expOfMinusDown, twap } from './averages.ts'
import { boundedStep, extremeOf, medianOfThree, medianOracle } from './combined.ts'
import { type Oracle, oracleMoment, readerOf } from './oracle.ts'
import { osm, osmPeep, osmPoke, osmStart, osmStop, osmVoid } from './osm.ts'
import { pushFeed } from './push-feed.ts'

const at = (seconds: number) => seconds as UnixSeconds
const ETH = 2_000_00000000n

/** Shows an oracle a path of (time, truth) and gives the state after each. */
function run<S>(oracle: Oracle<S>, path: readonly (readonly [number, bigint])[]): S {
  const [first, ...rest] = path as readonly [readonly [number, bigint], ...(readonly [number, bigint])[]]
  return rest.reduce(
    (state, [time, truth]) => oracle.step(state, truth, at(time)),
    oracle.start(first[1], at(first[0])),
  )
}
const codeOf = (action: () => unknown) => {
  try {
    action()
  } catch (error) {
    return isBreakwaterError(error) ? error.code : error
  }
  return undefined
}

describe('a push feed', () => {
  const feed = pushFeed({ deviationBps: 50, heartbeat: 3_600, landing: 40 })
  it('starts a round at the deviation exactly, lands it later, and carries the price of its start', () => {
    const below = run(feed, [
      [0, ETH],
      [10, 2_009_99999999n],
    ])
    expect(feed.read(below, at(1_000))).toEqual({ answer: ETH, updated: 0, age: 1_000 })
    const state = run(feed, [
      [0, ETH],
      [10, 2_010_00000000n],
      [20, 2_500_00000000n],
    ])
    expect(feed.read(state, at(49))).toMatchObject({ answer: ETH, age: 49 })
    expect(feed.read(state, at(60))).toEqual({ answer: 2_010_00000000n, updated: 50, age: 10 })
    const fallen = run(feed, [
      [0, ETH],
      [10, 1_990_00000000n],
    ])
    expect(feed.read(fallen, at(50))?.answer).toBe(1_990_00000000n)
  })
  it('starts a round at the heartbeat though nothing moved', () => {
    const state = run(feed, [
      [0, ETH],
      [3_599, ETH + 1n],
      [3_600, ETH + 2n],
    ])
    expect(feed.read(state, at(3_640))).toEqual({ answer: ETH + 2n, updated: 3_640, age: 0 })
  })
  it('never lags by more than its band after a step, with rounds that land at once', () => {
    const quick = pushFeed({ deviationBps: 50, heartbeat: 3_600 })
    const chance = prng('push')
    let truth = ETH
    let state = quick.start(truth, at(0))
    const rounds = new Set<number>()
    for (let time = 12; time < 24_000; time += 12) {
      truth = (truth * BigInt(Math.round(1e6 * (1 + 0.002 * chance.normal())))) / 1_000_000n
      state = quick.step(state, truth, at(time))
      const { answer, age } = quick.read(state, at(time)) ?? { answer: 0n, age: 0 }
      expect(Math.abs(Number(answer) / Number(truth) - 1)).toBeLessThan(0.00503)
      expect(age).toBeLessThan(3_600)
      rounds.add(state.round)
    }
    expect(rounds.size).toBeGreaterThan(100)
  })
  it('refuses truths that are none, time that runs backwards, and rules without sense', () => {
    expect(codeOf(() => feed.start(0n, at(0)))).toBe('bad-number')
    expect(codeOf(() => feed.step(feed.start(ETH, at(9)), ETH, at(8)))).toBe('bad-time')
    expect(codeOf(() => pushFeed({ deviationBps: Number.NaN, heartbeat: 1 }))).toBe('bad-number')
  })
})

describe('averages', () => {
  it('TWAP weights by time: a spike of one block in half an hour moves it by its share', () => {
    const oracle = twap(1_800)
    const state = run(oracle, [
      [0, 100_000n],
      [1_000, 200_000n],
      [1_012, 100_000n],
    ])
    expect(oracle.read(state, at(1_800))?.answer).toBe(100_000n + (100_000n * 12n) / 1_800n)
    // The spike has left the window.
    expect(oracle.read(oracle.step(state, 100_000n, at(2_900)), at(2_900))?.answer).toBe(100_000n)
    expect(oracle.read(oracle.start(7n, at(5)), at(5))?.answer).toBe(7n)
  })
  it('TWAP equals the plain mean over seconds on random paths, however often the state was trimmed', () => {
    const chance = prng('twap')
    const oracle = twap(60)
    let [time, price] = [1_000, 500n]
    const perSecond: bigint[] = []
    let state = oracle.start(price, at(time))
    for (let step = 0; step < 200; step++) {
      const next = time + chance.int(30)
      for (; time < next; time++) perSecond.push(price)
      price = BigInt(1 + chance.int(1_000))
      state = oracle.step(state, price, at(time))
      const window = perSecond.slice(-60)
      if (window.length === 0) continue
      const mean = window.reduce((sum, one) => sum + one, 0n) / BigInt(window.length)
      expect(oracle.read(state, at(time))?.answer).toBe(mean)
      expect(state.samples.length).toBeLessThan(70)
    }
  })
  it('EMA in integers is the float rule rounded down, and splits over time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 1, max: 10_000 }),
        (price, average, seconds, constant) => {
          const scale = 10n ** 18n
          const exact = emaStepDown(BigInt(price) * scale, BigInt(average) * scale, BigInt(seconds), BigInt(constant))
          const float = emaStepFloat(price, average, seconds, constant)
          expect(Math.abs(Number(exact) / 1e18 - float)).toBeLessThanOrEqual(1e-12 * Math.max(price, average))
        },
      ),
    )
    const oracle = emaOracle(866)
    const state = run(oracle, [
      [0, ETH],
      [10, ETH / 2n],
    ])
    const straight = oracle.read(state, at(1_010))?.answer ?? 0n
    const halfway = oracle.read(oracle.step(state, ETH / 2n, at(500)), at(1_010))?.answer ?? 0n
    expect(Math.abs(Number(straight - halfway))).toBeLessThanOrEqual(2)
  })
  it('e^−x has every digit of a wad', () => {
    expect(expOfMinusDown(0n)).toBe(10n ** 18n)
    // e^−1 = 0.367879441171442321595…, e^−10 = 0.0000453999297624848515…
    expect(expOfMinusDown(10n ** 18n)).toBe(367_879_441_171_442_321n)
    expect(expOfMinusDown(10n ** 19n)).toBe(45_399_929_762_484n)
    expect(expOfMinusDown(42n * 10n ** 18n)).toBe(0n)
  })
})

describe('the OSM', () => {
  const oracle = osm()
  it('lets a price count one hour after it was seen, on the hour, and shows it before', () => {
    const begun = oracle.start(100n, at(7_300))
    expect(begun.poked).toBe(7_200)
    const waiting = oracle.step(begun, 50n, at(10_799))
    expect(osmPeep(waiting)).toBe(100n)
    const queued = oracle.step(waiting, 50n, at(10_805))
    expect([oracle.read(queued, at(10_805))?.answer, osmPeep(queued)]).toEqual([100n, 50n])
    const counted = oracle.step(queued, 60n, at(14_400))
    expect(oracle.read(counted, at(14_410))).toEqual({ answer: 50n, updated: 14_400, age: 10 })
    expect(osmPeep(counted)).toBe(60n)
  })
  it('stands still while stopped, and answers nothing after void', () => {
    const stopped = osmStop(oracle.start(100n, at(0)))
    const later = oracle.step(stopped, 50n, at(9_000))
    expect([oracle.read(later, at(9_000))?.answer, osmPeep(later)]).toEqual([100n, 100n])
    expect(() => osmPoke(later, 50n, at(9_000))).toThrow('OSM/is-stopped')
    expect(osmPeep(osmPoke(osmStart(later), 50n, at(9_000)))).toBe(50n)
    expect(() => osmPoke(osmStart(later), 50n, at(3_000))).toThrow('OSM/not-passed')
    expect(oracle.read(osmVoid(later), at(9_000))).toBeUndefined()
  })
})

describe('combined answers', () => {
  it('lower, higher, middle; without one answer none', () => {
    const slow = osm()
    const quick = pushFeed({ deviationBps: 0, heartbeat: 1 })
    for (const [pick, expected] of [
      ['min', 60n],
      ['max', 100n],
    ] as const) {
      const both = extremeOf(pick, slow, quick)
      const state = both.step(both.start(100n, at(0)), 60n, at(30))
      expect(both.read(state, at(40))).toMatchObject({ answer: expected, age: 40 })
      expect(both.read([osmVoid(state[0] as never), state[1]], at(40))).toBeUndefined()
    }
    const three = medianOracle(slow, quick, twap(60))
    const state = three.step(three.start(100n, at(0)), 40n, at(30))
    expect(three.read(state, at(60))?.answer).toBe(70n)
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 20n), { minLength: 3, maxLength: 3 }), ([a = 0n, b = 0n, c = 0n]) => {
        expect(medianOfThree(a, b, c)).toBe([a, b, c].sort((x, y) => Number(x - y))[1])
      }),
    )
  })
  it('a bounded step is the rule of HIP-3: 1 % an update, one update a gap, stale after ten seconds', () => {
    const clamp = { maxStep: 0.01, minGapMs: 2_500, staleMs: 10_000 }
    const oracle = boundedStep(clamp)
    const begun = oracle.start(1_000_000n, at(100))
    expect(oracle.read(oracle.step(begun, 500_000n, at(102)), at(102))?.answer).toBe(1_000_000n)
    const moved = oracle.step(begun, 500_000n, at(103))
    expect(oracle.read(moved, at(103))?.answer).toBe(BigInt(Math.round(clampStep(1_000_000, 500_000, 0.01))))
    expect(oracle.read(moved, at(112))?.age).toBe(9)
    expect(oracle.read(moved, at(113))).toBeUndefined()
  })
})

describe('the moment that mechanisms get', () => {
  it('answers what the feeds answer, and nothing of feeds that are too old', () => {
    const feed = pushFeed({ deviationBps: 50, heartbeat: 3_600 })
    const reader = readerOf(feed, feed.start(ETH, at(0)))
    const feeds = new Map([
      ['ETH/USD', reader],
      ['ETH/USD strict', reader],
      ['dead', readerOf(osm(), osmVoid(osm().start(1n, at(0))))],
    ])
    const moment = oracleMoment(feeds, at(500), new Map([['ETH/USD strict', 499]]))
    expect(moment.time).toBe(500)
    expect(['ETH/USD', 'ETH/USD strict', 'dead', 'never heard of'].map((name) => moment.price(name))).toEqual([
      ETH,
      undefined,
      undefined,
      undefined,
    ])
  })
})
