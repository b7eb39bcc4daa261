import { describe, expect, it } from 'vitest'
import type { FeedAnswer, Moment, UnixSeconds } from '../../model/index.ts'
import { wasRefused } from '../mechanism.ts'
import { ONE, percentDown } from './fraction.ts'
import { fallingThreshold, growingBonus, liquidationBonus } from './liquidation.ts'
import {
  borrowRateDown,
  compoundedDown,
  KAMINO_DEFAULTS,
  type KaminoReserve,
  type KaminoReserveConfig,
  liquidityOfClaimsDown,
  redeemableClaims,
  slotOf,
} from './market.ts'
import { type KaminoAction, kamino } from './mechanism.ts'
import type { KaminoState } from './obligation.ts'

const START = 1_750_000_000
const DAY = 86_400
const TERMS: KaminoReserveConfig = {
  ...{ loanToValuePct: 75n, liquidationThresholdPct: 80n, borrowFactorPct: 100n },
  ...{ minLiquidationBonusBps: 200n, maxLiquidationBonusBps: 1_000n, badDebtLiquidationBonusBps: 99n },
  ...{
    protocolLiquidationFeePct: 50n,
    protocolTakeRatePct: 10n,
    hostFixedInterestRateBps: 0n,
    utilizationLimitPct: 0n,
  },
  curve: [
    [0n, 0n],
    [10_000n, 0n],
  ],
  ...{ autodeleverage: true, marginCallPeriod: BigInt(3 * DAY), thresholdDecreaseBpsPerDay: 1_000n },
  ...{ minDeleveragingBonusBps: 50n, bonusIncreaseBpsPerDay: 100n, debtMaturity: 0n, debtTermSeconds: 0n, groups: [] },
}

function reserve(asset: string, decimals: bigint, config: Partial<KaminoReserveConfig> = {}): KaminoReserve {
  return {
    ...{
      asset,
      feed: asset,
      decimals,
      config: { ...TERMS, ...config },
      depositLimit: 10n ** 18n,
      borrowLimit: 10n ** 18n,
    },
    ...{ available: 10n ** 15n, borrowedSf: 0n, cumulativeRateSf: ONE, protocolFeesSf: 0n, claims: 10n ** 15n },
    ...{ depositLimitCrossed: 0n, borrowLimitCrossed: 0n, lastSlot: slotOf(BigInt(START)), feeVault: 0n },
  }
}

const moment = (sol: number | undefined, time = START): Moment => ({
  time: time as UnixSeconds,
  price: (feed) => {
    if (feed === 'USDC') return ONE as FeedAnswer
    return (sol === undefined ? undefined : (BigInt(Math.round(sol * 1e6)) * ONE) / 1_000_000n) as
      | FeedAnswer
      | undefined
  },
})

/** An account with `sol` SOL of collateral at $100 and USDC of debt. */
function market(sol: number, usdc: number, config: Partial<KaminoReserveConfig> = {}): KaminoState {
  const reserves = new Map([
    ['SOL', reserve('SOL', 9n)],
    ['USDC', reserve('USDC', 6n, config)],
  ])
  const state: KaminoState = { config: KAMINO_DEFAULTS, reserves, obligations: new Map() }
  const does = (action: KaminoAction) => expect(refusal(kamino.apply(state, action, moment(100)))).toBe('done')
  does({ do: 'deposit', account: 'ann', reserve: 'SOL', amount: BigInt(Math.round(sol * 1e9)) })
  does({ do: 'borrow', account: 'ann', reserve: 'USDC', amount: BigInt(Math.round(usdc * 1e6)) })
  return state
}
const refusal = (done: ReturnType<typeof kamino.apply>) => (wasRefused(done) ? done.refused.code : 'done')
const call: KaminoAction = {
  do: 'liquidate',
  account: 'ann',
  debt: 'USDC',
  collateral: 'SOL',
  amount: 10n ** 15n,
  minReceived: 0n,
}

describe('the bonus', () => {
  it.each([
    [0.8, 0.02],
    [0.81, 0.02],
    [0.85, 0.05],
    [0.895, 0.095],
    [0.92, 0.08],
    [0.95, 0.05],
    [0.985, 0.015],
    [0.995, 0.0099],
    [1.2, 0.0099],
  ])('at a loan-to-value of %d is %d', (ltv, bonus) => {
    const at = (BigInt(Math.round(ltv * 1e6)) * ONE) / 1_000_000n
    const got = liquidationBonus(TERMS, TERMS, { allowed: percentDown(80n), ltv: at, plainLtv: at })
    expect(Number(got) / Number(ONE)).toBeCloseTo(bonus, 12)
  })

  it('of deleveraging grows by the day while the threshold falls', () => {
    const days = 4n * ONE + ONE / 2n
    expect(Number(growingBonus(TERMS, days, percentDown(50n))) / Number(ONE)).toBeCloseTo(0.05, 12)
    expect(Number(growingBonus(TERMS, days, percentDown(98n))) / Number(ONE)).toBeCloseTo(0.02, 12)
    expect(Number(fallingThreshold(TERMS, days)) / Number(ONE)).toBeCloseTo(0.55, 12)
    expect(fallingThreshold(TERMS, 20n * ONE)).toBe(0n)
  })
})

describe('a liquidation', () => {
  it('repays a fifth of the debt for 2 % at the bound; half of the bonus is the protocol’s', () => {
    const state = market(100, 7_200)
    expect(refusal(kamino.apply(structuredClone(state), call, moment(90.1)))).toBe('ObligationHealthy')
    const done = kamino.apply(state, call, moment(90))
    if (wasRefused(done)) throw new Error(done.refused.code)
    expect(done.paid).toEqual([{ asset: 'USDC', atoms: 1_440_000_000n }])
    const received = Number(done.received?.[0]?.atoms) / 1e9
    expect(received * 90).toBeCloseTo(1_440 * 1.01, 4)
    expect(state.reserves.get('SOL')?.feeVault).toBe(done.moved?.['fee'])
  })

  it('repays everything above 95 %, and takes the last of the collateral', () => {
    const state = market(100, 7_200)
    const done = kamino.apply(state, call, moment(70))
    if (wasRefused(done)) throw new Error(done.refused.code)
    expect(state.obligations.get('ann')?.deposits.size).toBe(0)
    expect(state.obligations.get('ann')?.borrows.size).toBe(1)
    const [offer] = kamino.offers(state, 'ann', moment(70))
    expect(offer).toMatchObject({ actor: 'engine', action: { do: 'socialize' } })
    const lost = kamino.apply(state, offer?.action as KaminoAction, moment(70))
    if (wasRefused(lost)) throw new Error(lost.refused.code)
    expect(lost.facts[0]).toMatchObject({ type: 'bad-debt', account: 'ann' })
    expect(state.obligations.has('ann')).toBe(false)
    // 7,200 − 7,000 / 1.0099.
    const loss = lost.facts[0]?.type === 'bad-debt' ? Number(lost.facts[0].loss.atoms) / 1e6 : 0
    expect(loss).toBeCloseTo(7_200 - 7_000 / 1.0099, 3)
    expect(Number(state.reserves.get('USDC')?.claims)).toBe(1e15)
  })

  it('takes at most $500,000 at once, and a debt below $2 only whole', () => {
    const big = kamino.apply(market(100_000, 7_200_000), call, moment(90))
    expect(wasRefused(big) ? big : big.paid).toEqual([{ asset: 'USDC', atoms: 500_000_000_000n }])
    const small = market(0.02, 1.44)
    const part = { ...call, amount: 1_000_000n }
    expect(refusal(kamino.apply(small, part, moment(80)))).toBe('RepayTooSmallForFullLiquidation')
    const wholly = kamino.apply(small, call, moment(80))
    expect(wasRefused(wholly) ? wholly : wholly.paid).toEqual([{ asset: 'USDC', atoms: 1_440_000n }])
  })

  it('follows a margin call: marked, three days, then down to the target', () => {
    const state = market(100, 5_000)
    expect(kamino.assess(state, 'ann', moment(100))?.liquidatable).toBe(false)
    kamino.apply(state, { do: 'mark', account: 'ann', targetPct: 40n }, moment(100))
    expect(refusal(kamino.apply(state, call, moment(100, START + 3 * DAY - 1)))).toBe('ObligationHealthy')
    const health = kamino.assess(state, 'ann', moment(100, START + 5 * DAY))
    expect(health?.liquidatable).toBe(true)
    expect((health?.backing ?? 0n) > (health?.required ?? 0n)).toBe(true)
    const done = kamino.apply(state, call, moment(100, START + 5 * DAY))
    if (wasRefused(done)) throw new Error(done.refused.code)
    expect(done.moved).toHaveProperty('individual-deleveraging')
    expect(Number(done.moved?.['bonus']) / Number(ONE)).toBeCloseTo(0.005 + 2 * 0.01, 9)
  })

  it('a lowered limit calls the whole market: after the call the threshold falls by 10 points a day', () => {
    const state = market(100, 5_000)
    kamino.apply(state, { do: 'set-limits', reserve: 'USDC', depositLimit: 10n ** 18n, borrowLimit: 1n }, moment(100))
    const at = (days: number) => kamino.assess(state, 'ann', moment(100, START + days * DAY))?.liquidatable
    expect([at(3), at(7.9), at(8.1)]).toEqual([false, false, true])
    const done = kamino.apply(state, call, moment(100, START + 9 * DAY))
    expect(wasRefused(done) ? done : done.moved).toHaveProperty('market-wide-deleveraging')
  })

  it('comes when the debt is mature or its term is over', () => {
    const mature = market(100, 5_000, { debtMaturity: BigInt(START + DAY) })
    expect(refusal(kamino.apply(mature, call, moment(100, START + DAY - 1)))).toBe('ObligationHealthy')
    const all = kamino.apply(mature, call, moment(100, START + DAY))
    expect(wasRefused(all) ? all : all.paid).toEqual([{ asset: 'USDC', atoms: 5_000_000_000n }])
    const term = market(100, 5_000, { debtTermSeconds: BigInt(DAY) })
    const done = kamino.apply(term, call, moment(100, START + DAY))
    expect(wasRefused(done) ? done : done.moved).toHaveProperty('debt-term')
  })

  it('takes the debt with the highest borrow factor first', () => {
    const state = market(100, 3_000)
    state.reserves.set('JLP', reserve('USDC', 6n, { borrowFactorPct: 150n }))
    expect(
      refusal(
        kamino.apply(state, { do: 'borrow', account: 'ann', reserve: 'JLP', amount: 2_000_000_000n }, moment(100)),
      ),
    ).toBe('done')
    expect(refusal(kamino.apply(state, call, moment(70)))).toBe('LiquidationBorrowFactorPriority')
    expect(refusal(kamino.apply(state, { ...call, debt: 'JLP' }, moment(70)))).toBe('done')
  })
})

describe('interest and bad input', () => {
  it('interest of a year at 10 % is klend’s own: the squares of a slot’s rate keep few of their bits', () => {
    const rate = percentDown(10n)
    expect(compoundedDown(rate, 1n)).toBe(ONE + rate / 63_072_000n)
    const year = Number(compoundedDown(rate, 63_072_000n)) / Number(ONE)
    expect(year).toBeGreaterThan(1.1)
    expect(year).toBeLessThan(Math.exp(0.1))
    expect(year).toBeCloseTo(1.10345, 5)
  })

  it('the rate follows the curve', () => {
    const half = reserve('USDC', 6n, {
      curve: [
        [0n, 100n],
        [8_000n, 900n],
        [10_000n, 5_000n],
      ],
    })
    half.borrowedSf = ((10n ** 15n) << 60n) / 2n
    half.available = 10n ** 15n / 2n
    expect(Number(borrowRateDown(half)) / Number(ONE)).toBeCloseTo(0.06, 12)
  })

  it('is answered with klend’s words, and no price with no verdict', () => {
    const state = market(100, 5_000)
    expect(kamino.assess(state, 'ann', moment(undefined))).toBeUndefined()
    expect(kamino.assess(state, 'nobody', moment(100))).toBeUndefined()
    expect(refusal(kamino.apply(state, call, moment(undefined)))).toBe('PriceNotValid')
    expect(refusal(kamino.apply(state, call, moment(0)))).toBe('ObligationDepositsZero')
    expect(refusal(kamino.apply(state, { ...call, account: 'nobody' }, moment(100)))).toBe('InvalidAccountInput')
    expect(refusal(kamino.apply(state, { ...call, collateral: 'ETH' }, moment(100)))).toBe('InvalidAccountInput')
    expect(refusal(kamino.apply(state, { ...call, amount: 0n }, moment(50)))).toBe('InvalidAmount')
    expect(
      refusal(kamino.apply(state, { do: 'borrow', account: 'ann', reserve: 'USDC', amount: 1n << 64n }, moment(100))),
    ).toBe('MathOverflow')
    expect(
      refusal(kamino.apply(state, { do: 'socialize', account: 'ann', reserve: 'USDC', amount: 1n }, moment(100))),
    ).toBe('CannotSocializeObligationWithCollateral')
  })
})

describe('the claims that a reserve can redeem', () => {
  const holding = (available: bigint, supply: bigint, claims: bigint): KaminoReserve => ({
    ...reserve('SOL', 9n),
    ...{ available, borrowedSf: (supply - available) * ONE, claims },
  })

  it('are one more than the quotient where the available liquidity still pays for that', () => {
    // 1.5 atoms a claim: 100 atoms are 66.7 claims; 67 are worth 100.5, paid as 100.
    expect(redeemableClaims(holding(100n, 1_500n, 1_000n))).toBe(67n)
    // 101 atoms are 67.3 claims; 68 would be worth 102.
    expect(redeemableClaims(holding(101n, 1_500n, 1_000n))).toBe(67n)
  })

  it('are the most that the available liquidity pays for', () => {
    for (let available = 1n; available < 300n; available++) {
      const at = holding(available, 1_337n, 1_000n)
      const most = redeemableClaims(at)
      expect(liquidityOfClaimsDown(at, most) / ONE).toBeLessThanOrEqual(available)
      expect(liquidityOfClaimsDown(at, most + 1n) / ONE).toBeGreaterThan(available)
    }
  })
})

describe('which leg comes first', () => {
  /** An account whose debt and collateral each have a crumb beside them that would come first by its terms. */
  function crumbs(config: Partial<KaminoState['config']>): KaminoState {
    const state = market(100, 7_200)
    const [low, high] = [
      reserve('LOW', 6n, { liquidationThresholdPct: 50n }),
      reserve('HIGH', 6n, { borrowFactorPct: 150n }),
    ]
    for (const one of [low, high]) state.reserves.set(one.asset, { ...one, feed: 'USDC' })
    const ann = state.obligations.get('ann')
    ann?.deposits.set('LOW', 1_000_000n)
    const owed = ann?.borrows.get('USDC')
    if (owed) ann?.borrows.set('HIGH', { ...owed, borrowedSf: 1_000_000n * ONE })
    return { ...state, config: { ...state.config, ...config } }
  }

  it('is decided by every leg, but for those below the values that the market sets', () => {
    const code = (config: Partial<KaminoState['config']>) => refusal(kamino.apply(crumbs(config), call, moment(85)))
    expect(code({})).toBe('LiquidationBorrowFactorPriority')
    expect(code({ minValueBorrowFactorChecks: 2n })).toBe('LiquidationLowestLiquidationLtvPriority')
    expect(code({ minValueBorrowFactorChecks: 2n, minValueThresholdChecks: 2n })).toBe('done')
    // A leg of exactly that value counts.
    expect(code({ minValueBorrowFactorChecks: 1n })).toBe('LiquidationBorrowFactorPriority')
  })
})

describe('a debt too small to be worth anything', () => {
  it('does not keep its owner from taking all collateral back', () => {
    const state = market(100, 7_200)
    const ann = state.obligations.get('ann')
    const owed = ann?.borrows.get('USDC')
    if (owed) owed.borrowedSf = 1n
    const claims = ann?.deposits.get('SOL') ?? 0n
    const all = { do: 'withdraw', account: 'ann', reserve: 'SOL', claims } as const
    expect(refusal(kamino.apply(state, all, moment(100)))).toBe('done')
    expect(state.obligations.get('ann')?.deposits.size).toBe(0)
    expect(kamino.assess(state, 'ann', moment(100))?.liquidatable).not.toBe(true)
  })
})

describe('lending and withdrawing', () => {
  it('2^64 - 1 withdraws what the loan-to-value leaves, and a deposit worth next to nothing is refused', () => {
    const state = market(10, 500)
    const all = { do: 'withdraw', account: 'ann', reserve: 'SOL', claims: 2n ** 64n - 1n } as const
    expect(refusal(kamino.apply(state, { ...all, claims: 10n ** 10n }, moment(100)))).toBe('WithdrawTooLarge')
    // 500 of debt at 75 %: 666.67 of 1,000 dollars must stay.
    const done = kamino.apply(state, all, moment(100))
    expect(refusal(done)).toBe('done')
    expect(Number(state.obligations.get('ann')?.deposits.get('SOL')) / 1e9).toBeCloseTo(500 / 0.75 / 100, 8)
    expect(refusal(kamino.apply(state, all, moment(100)))).toBe('WithdrawTooSmall')
    const dust = { do: 'deposit', account: 'bob', reserve: 'SOL', amount: 9n } as const
    expect(refusal(kamino.apply(state, dust, moment(100)))).toBe('NetValueRemainingTooSmall')
    expect(refusal(kamino.apply(state, { ...dust, amount: 11n }, moment(100)))).toBe('done')
    const nothing = { do: 'borrow', account: 'cid', reserve: 'USDC', amount: 1n } as const
    expect(refusal(kamino.apply(state, nothing, moment(100)))).toBe('InvalidAccountInput')
  })

  it('a limit that a redemption leaves is forgotten at once, not when the reserve is next looked at', () => {
    const state = market(10, 500)
    const limit = (depositLimit: bigint) =>
      kamino.apply(state, { do: 'set-limits', reserve: 'SOL', depositLimit, borrowLimit: 10n ** 18n }, moment(100))
    expect(refusal(limit(10n ** 15n))).toBe('done')
    expect(state.reserves.get('SOL')?.depositLimitCrossed).toBe(BigInt(START))
    const some = { do: 'withdraw', account: 'ann', reserve: 'SOL', claims: 10n ** 9n } as const
    expect(refusal(kamino.apply(state, some, moment(100, START + 60)))).toBe('done')
    expect(state.reserves.get('SOL')?.depositLimitCrossed).toBe(BigInt(START))
    const rest = { do: 'redeem', reserve: 'SOL', claims: 10n ** 10n } as const
    expect(refusal(kamino.apply(state, rest, moment(100, START + 120)))).toBe('done')
    expect(state.reserves.get('SOL')?.depositLimitCrossed).toBe(0n)
  })

  it('a price beyond what 128 bits hold stops every call, and a look sees nothing', () => {
    const state = market(10, 500)
    const beyond = moment(1e24)
    expect(kamino.assess(state, 'ann', beyond)).toBeUndefined()
    expect(kamino.offers(state, 'ann', beyond)).toEqual([])
    expect(refusal(kamino.apply(state, call, beyond))).toBe('MathOverflow')
  })
})
