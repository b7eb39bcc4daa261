import { describe, expect, it } from 'vitest'
import type { FeedAnswer, Moment, UnixSeconds } from '../../model/index.ts'
import { wasRefused } from '../mechanism.ts'
import { type BobAction, type BobState, bob, bobState } from './mechanism.ts'
import { pathCosts, repayToTargetUp, WAD } from './rules.ts'

const HOUR = 3_600
const TERMS = {
  ...{ liquidationLtv: 85n * 10n ** 16n, targetLtv: 75n * 10n ** 16n, bonus: 5n * 10n ** 16n, ratePerSecond: 0n },
  ...{ fastSeconds: 3_600n as bigint | undefined, assertSeconds: 86_400n, challengeSeconds: 604_800n },
}

const moment = (hours: number, price: number): Moment => ({
  time: (1_700_000_000 + hours * HOUR) as UnixSeconds,
  price: () => BigInt(Math.round(price * 1e8)) as FeedAnswer,
})

function world(terms: typeof TERMS = TERMS) {
  const state = bobState(terms, 'BTC/USD', 1_700_000_000n)
  const run = (action: BobAction, at: Moment) => bob.apply(state, action, at)
  run({ do: 'lock', vault: 'a', amount: 100_000_000n }, moment(0, 100_000))
  run({ do: 'borrow', vault: 'a', amount: 70_000n * WAD }, moment(0, 100_000))
  return { state, run }
}

const liquidate = { do: 'liquidate', vault: 'a', liquidator: 'lin', repay: 10n ** 30n } as const
const ltv = (state: BobState, at: Moment) => {
  const health = bob.assess(state, 'a', at)
  return Number(health?.required) / Number((health?.equity ?? 0n) + (health?.required ?? 0n))
}

describe('bob', () => {
  it('takes only what brings the loan back to its target, and the next one is atomic', () => {
    const { state, run } = world()
    const crash = moment(1, 82_000)
    const done = run(liquidate, crash)
    if (wasRefused(done)) throw new Error(done.refused.message)
    expect(done.received).toEqual([])
    expect([...state.claims.values()]).toMatchObject([{ path: 'fast', liquidator: 'lin', ready: 1_700_007_200n }])
    expect(ltv(state, crash)).toBeCloseTo(0.75, 7)
    const again = run(liquidate, moment(2, 70_000))
    if (wasRefused(again)) throw new Error(again.refused.message)
    expect(again.received?.[0]?.atoms).toBeGreaterThan(0n)
  })

  it('falls back from an authorisation to signers to the challenge window', () => {
    const path = (terms: typeof TERMS, until: number) => {
      const { state, run } = world(terms)
      run({ do: 'authorise', vault: 'a', until: BigInt(1_700_000_000 + until) }, moment(0, 100_000))
      const offer = bob.offers(state, 'a', moment(1, 82_000))[0]
      return offer?.later === undefined ? 'atomic' : (offer.later.at - moment(1, 1).time) / HOUR
    }
    expect(path(TERMS, 2 * HOUR)).toBe('atomic')
    expect(path(TERMS, HOUR - 1)).toBe(1)
    expect(path({ ...TERMS, fastSeconds: undefined }, 0)).toBe(8 * 24)
  })

  it('refuses an expired or revoked authorisation, and pays no claim early', () => {
    const { state, run } = world()
    run({ do: 'authorise', vault: 'a', until: 1_800_000_000n }, moment(0, 100_000))
    run({ do: 'revoke', vault: 'a' }, moment(0, 100_000))
    expect(run({ ...liquidate, path: 'atomic' }, moment(1, 82_000))).toMatchObject({
      refused: { code: 'Bob/not-authorised' },
    })
    run({ ...liquidate, path: 'slow' }, moment(1, 82_000))
    const claim = [...state.claims.keys()][0] as string
    expect(run({ do: 'dispute', claim }, moment(2, 82_000))).toMatchObject({ refused: { code: 'Bob/outside-window' } })
    expect(run({ do: 'dispute', claim }, moment(26, 82_000))).toMatchObject({ facts: [] })
    expect(run({ do: 'settle', claim }, moment(8 * 24 + 1, 82_000))).toMatchObject({
      refused: { code: 'Bob/not-settled' },
    })
    expect(run({ do: 'settle', claim }, moment(8 * 24 + 2, 82_000))).toMatchObject({ received: [{ asset: 'BTC' }] })
  })

  it('lets several liquidators join one liquidation, and writes off what the collateral does not cover', () => {
    const { state, run } = world()
    run({ ...liquidate, repay: 20_000n * WAD }, moment(1, 82_000))
    run({ ...liquidate, liquidator: 'mia', repay: 20_000n * WAD }, moment(1, 82_000))
    expect([...state.claims.values()].map(({ liquidator, path }) => [liquidator, path])).toEqual([['lin', 'fast']])
    const done = run(liquidate, moment(2, 1_000))
    expect(done).toMatchObject({ facts: [{ badDebt: { asset: 'USD' } }] })
    expect(state.vaults.get('a')).toMatchObject({ locked: 0n, bridged: 0n, debtShares: 0n })
    expect(state.badDebt).toBeGreaterThan(0n)
  })

  it('has no price of nothing, and sizes that never exceed debt or collateral', () => {
    const { state } = world()
    const dark: Moment = { time: 1_700_000_100 as UnixSeconds, price: () => undefined }
    expect(bob.assess(state, 'a', dark)).toBeUndefined()
    expect(bob.apply(state, liquidate, dark)).toMatchObject({ refused: { code: 'Bob/no-price' } })
    expect(bob.apply(state, { ...liquidate, vault: 'nobody' }, moment(1, 1))).toMatchObject({ refused: {} })
    expect(repayToTargetUp(TERMS, 100n, 0n)).toBe(0n)
    expect(repayToTargetUp(TERMS, 100n, 105n)).toBe(100n)
  })

  it('an hour instead of a week locks less capital and needs a smaller bonus', () => {
    const [atomic, fast, slow] = pathCosts(TERMS, 1_000_000, 0.03)
    expect(atomic).toMatchObject({ path: 'atomic', seconds: 0, capitalDays: 0, neededBonus: 0 })
    expect(fast?.neededBonus).toBeCloseTo(0.03 / Math.sqrt(24), 12)
    expect(slow?.neededBonus).toBeCloseTo(0.03 * Math.sqrt(8), 12)
    expect((slow?.capitalDays ?? 0) / (fast?.capitalDays ?? 1)).toBeCloseTo(8 * 24, 9)
  })
})
