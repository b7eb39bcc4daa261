import { describe, expect, it } from 'vitest'
import type { FeedAnswer, Moment, UnixSeconds } from '../../model/index.ts'
import { conformance } from '../conformance.ts'
import { wasRefused } from '../mechanism.ts'
import { INFINIFI_TARGET, infinifi } from './mechanism.ts'
import {
  durationRule,
  EPOCH,
  fundQueue,
  holdToMaturityBid,
  lockMultiplier,
  poolWeight,
  rewardLocks,
  rewardUnwinding,
  slashLocks,
  slashUnwinding,
  startUnwinding,
  unwindingBalance,
  WAD,
} from './rules.ts'
import { type InfinifiAction, type InfinifiTerms, infinifiState } from './state.ts'
import { infinifiWorld } from './world.ts'

const pool = () => ({ tokens: 0n, shares: 0n, slashIndex: WAD, positions: new Map() })
const balance = (of: ReturnType<typeof pool>, id: string) => unwindingBalance(of, of.positions.get(id))

describe('infinifi', () => {
  it('keeps the promises of a mechanism', () => {
    const report = conformance(infinifi, infinifiWorld, { seed: 3, worlds: 12, steps: 60, lossesShared: true })
    expect(report.broken).toEqual([])
    expect(report.completed).toBeGreaterThan(200)
    expect(report.badDebts).toBeGreaterThan(3)
  })

  // Figures: InfiniFi-Labs/infinifi-protocol test/unit/locking/UnwindingModule.t.sol.
  it('weighs what unwinds less from week to week, and shares rewards and losses as its own tests do', () => {
    const leaving = pool()
    const bucket = { tokens: 2000n, shares: 2000n, holders: new Map() }
    const locks = new Map([[5, bucket]])
    startUnwinding(leaving, 'alice', 'alice', 1000n, 10, lockMultiplier(10), 0n)
    expect([0n, 1n, 2n, 6n, 11n, 12n, 110n].map((epoch) => poolWeight(leaving, epoch))).toEqual([
      ...[0n, 1200n, 1180n, 1100n, 1000n, 1000n, 1000n],
    ])
    rewardUnwinding(leaving, 110n, 6n)
    rewardLocks(locks, lockMultiplier, 220n)
    expect([balance(leaving, 'alice'), bucket.tokens]).toEqual([1110n, 2220n])
    slashUnwinding(leaving, 555n)
    slashLocks(locks, 1110n)
    expect([balance(leaving, 'alice'), bucket.tokens, poolWeight(leaving, 6n)]).toEqual([555n, 1110n, 550n])
    expect(poolWeight(leaving, 7n)).toBe(540n)
    rewardUnwinding(leaving, 540n, 7n)
    expect(balance(leaving, 'alice')).toBe(1095n)
    slashUnwinding(leaving, 548n)
    expect([balance(leaving, 'alice'), poolWeight(leaving, 8n)]).toEqual([547n, 264n])
  })

  it('gives the weekly steps’ rounding away from the first weight', () => {
    const leaving = pool()
    startUnwinding(leaving, 'alice', 'alice', 1000n, 10, lockMultiplier(10), 0n)
    startUnwinding(leaving, 'bob', 'bob', 2220n, 5, lockMultiplier(5), 5n)
    expect([6n, 7n, 11n, 12n].map((epoch) => poolWeight(leaving, epoch))).toEqual([
      ...[1100n + 2440n, 1080n + 2396n, 1000n + 2220n, 1000n + 2220n],
    ])
  })

  it('funds tickets in their order and the last one in part', () => {
    const queue = [233n, 100n].map((amount, at) => ({ recipient: `r${at}`, amount }))
    expect(fundQueue(queue, 100n, WAD)).toMatchObject({
      burnt: 100n,
      unused: 0n,
      queue: [{ amount: 133n }, { amount: 100n }],
    })
    expect(fundQueue(queue, 400n, WAD)).toMatchObject({ burnt: 333n, unused: 67n, queue: [] })
    expect(fundQueue(queue, 60n, WAD / 2n).claims).toEqual([{ recipient: 'r0', assets: 60n }])
  })

  it('holds the duration rule where locks outlast assets, and says where it breaks', () => {
    const week = 604_800
    const rule = durationRule(
      [
        { value: 60, seconds: 8 * week },
        { value: 10, seconds: 0 },
      ],
      [
        { value: 50, seconds: 13 * week },
        { value: 20, seconds: 4 * week },
      ],
    )
    expect(rule.map(({ seconds, room }) => [seconds / week, room])).toEqual([
      [0, 10],
      [4, -10],
      [8, 50],
      [13, 0],
    ])
    expect(holdToMaturityBid(0.15, 122, 0)).toBeCloseTo(0.9499, 4)
    expect(() => holdToMaturityBid(-1, 1, 0)).toThrow(/0 or more/)
    expect(() => lockMultiplier(14)).toThrow(/1 to 13/)
  })
})

const TERMS: InfinifiTerms = {
  multipliers: new Map([[10, lockMultiplier(10)]]),
  ...{ liquidReturn: WAD, targetIlliquidRatio: 0n, performanceFee: 0n, safetyBuffer: 0n, maxLoss: WAD },
}
const START = Number(2_800n * EPOCH)

function protocol(terms = TERMS) {
  const state = infinifiState(terms, new Map([['bills', { feed: 'bills', maturity: 0n }]]), BigInt(START))
  let price = WAD
  const at = (weeks: number): Moment => ({
    time: (START + weeks * Number(EPOCH)) as UnixSeconds,
    price: () => price as FeedAnswer,
  })
  const run = (action: InfinifiAction, weeks = 0) => {
    const done = infinifi.apply(state, action, at(weeks))
    if (wasRefused(done)) throw new Error(done.refused.message)
    return done
  }
  run({ do: 'mint', account: 'ann', amount: 3_000n * WAD })
  run({ do: 'lock', account: 'ann', amount: 1_000n * WAD, weeks: 10 })
  run({ do: 'stake', account: 'ann', amount: 1_000n * WAD })
  run({ do: 'deploy', farm: 'bills', units: 3_000n * WAD, assets: 3_000n * WAD })
  return { state, run, at, mark: (to: bigint) => (price = to) }
}

describe('the waterfall of a loss', () => {
  it('takes locks, then savings, then the price, and only from there on iUSD itself', () => {
    const { state, run, mark, at } = protocol()
    mark((WAD * 7n) / 10n)
    expect(infinifi.assess(state, INFINIFI_TARGET, at(1))).toMatchObject({ liquidatable: true })
    run({ do: 'accrue' }, 1)
    expect([state.locks.get(10)?.tokens, state.savings.tokens, state.price]).toEqual([100n * WAD, 1_000n * WAD, WAD])
    mark(WAD / 4n)
    const done = run({ do: 'accrue' }, 1)
    expect(done.facts).toMatchObject([{ type: 'bad-debt', loss: { atoms: 250n * WAD } }])
    expect([state.locks.get(10)?.tokens, state.savings.tokens, state.price]).toEqual([0n, 0n, (WAD * 3n) / 4n])
    expect(infinifi.assess(state, INFINIFI_TARGET, at(1))).toMatchObject({ liquidatable: false })
  })

  it('leaves the buffer alone unless it covers the whole loss, and pauses above the largest loss', () => {
    const { state, run, mark } = protocol({ ...TERMS, safetyBuffer: 20n * WAD, maxLoss: WAD / 10n })
    mark(WAD + WAD / 100n)
    run({ do: 'accrue' }, 1)
    expect(state.buffer).toBe(20n * WAD)
    mark(WAD + WAD / 200n)
    run({ do: 'accrue' }, 1)
    expect(state.buffer).toBe(5n * WAD)
    mark(WAD)
    run({ do: 'accrue' }, 1)
    expect(state.buffer).toBe(5n * WAD)
    mark(WAD / 2n)
    run({ do: 'accrue' }, 1)
    expect(state.paused).toBe(true)
    expect(() => run({ do: 'fund' }, 1)).toThrow(/paused/)
  })

  it('pays savings their profit over the next week', () => {
    const { state, run, mark } = protocol()
    mark(WAD + WAD / 10n)
    run({ do: 'accrue' }, 0.5)
    const early = run({ do: 'unstake', account: 'ann', amount: 100n * WAD }, 0.5).received?.[0]?.atoms ?? 0n
    const late = run({ do: 'unstake', account: 'ann', amount: 100n * WAD }, 2).received?.[0]?.atoms ?? 0n
    expect(early).toBe(100n * WAD)
    expect(late).toBeGreaterThan(114n * WAD)
    expect(state.savings.shares).toBe(800n * WAD)
  })

  it('refuses to leave early, to relock for less, and to act without a price', () => {
    const { state, run } = protocol()
    run({ do: 'start-unwinding', account: 'ann', weeks: 10, id: 'x' })
    expect(() => run({ do: 'withdraw', id: 'x' }, 10.5)).toThrow(/Inprogress/)
    expect(() => run({ do: 'cancel-unwinding', id: 'x', weeks: 10 })).toThrow(/NotStarted/)
    expect(run({ do: 'withdraw', id: 'x' }, 11).received).toMatchObject([{ atoms: 1_000n * WAD }])
    const dark: Moment = { time: (START + 12 * Number(EPOCH)) as UnixSeconds, price: () => undefined }
    expect(infinifi.assess(state, INFINIFI_TARGET, dark)).toBeUndefined()
    expect(infinifi.apply(state, { do: 'accrue' }, dark)).toMatchObject({ refused: { code: 'NoPrice' } })
  })
})
