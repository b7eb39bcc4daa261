import { describe, expect, it } from 'vitest'
import { canonical, type FeedAnswer, type Moment, type UnixSeconds } from '../../model/index.ts'
import { wasRefused } from '../mechanism.ts'
import { decayedBaseRate, powerHalfUp } from './borrow.ts'
import { type LusdAction, liquityV1 } from './mechanism.ts'
import { compoundedDeposit, depositGain, emptyPool, offset, putDeposit } from './pool.ts'
import { type LusdState, totalRatio, WAD } from './rules.ts'
import { emptyLusdState } from './world.ts'

const START = 1_700_000_000
const moment = (dollars: number | undefined, time = START): Moment => ({
  time: time as UnixSeconds,
  price: () => (dollars === undefined ? undefined : BigInt(dollars) * WAD) as FeedAnswer | undefined,
})
const wad = (amount: number) => BigInt(Math.round(amount * 1e6)) * 10n ** 12n
const refusal = (done: ReturnType<typeof liquityV1.apply>) => (wasRefused(done) ? done.refused.code : 'done')

/** A system of troves [account, ETH, LUSD] opened at 200 dollars. */
function system(...troves: readonly (readonly [string, number, number])[]): LusdState {
  const state = emptyLusdState('eth', BigInt(START - 15 * 86_400))
  for (const [account, coll, lusd] of troves) {
    const action: LusdAction = { do: 'open', account, coll: wad(coll), lusd: wad(lusd), maxFee: WAD / 20n }
    expect(refusal(liquityV1.apply(state, action, moment(200)))).toBe('done')
  }
  return state
}
const provide = (state: LusdState, account: string, lusd: number) =>
  liquityV1.apply(state, { do: 'provide', account, lusd: wad(lusd) }, moment(200))

describe('the stability pool', () => {
  it.each([
    [[10_000], 6_666.67, 33.1667],
    [[10_000, 10_000], 3_333.33, 66.3333],
    [[5_000, 7_000], 6_000, 39.8],
    [[5_000, 6_000, 7_000], 4_000, 59.7],
  ])('three deposits of 10,000 after debts of %j', (debts, left, gained) => {
    const pool = emptyPool()
    for (const account of ['ann', 'bob', 'cid']) {
      pool.totalDeposits += wad(10_000)
      putDeposit(pool, account, wad(10_000))
    }
    for (const debt of debts) offset(pool, wad(debt), (wad(debt / 100) * 995n) / 1_000n)
    const own = pool.deposits.get('bob')
    expect(Number(compoundedDeposit(pool, own)) / 1e18).toBeCloseTo(left, 2)
    expect(Number(depositGain(pool, own)) / 1e18).toBeCloseTo(gained, 4)
  })

  it('emptied, it begins a new epoch: old deposits are nothing but keep their gains', () => {
    const pool = emptyPool()
    pool.totalDeposits = wad(10_000)
    putDeposit(pool, 'ann', wad(10_000))
    offset(pool, wad(10_000), wad(99.5))
    expect([pool.epoch, pool.scale, pool.P, pool.totalDeposits]).toEqual([1n, 0n, WAD, 0n])
    const own = pool.deposits.get('ann')
    expect(compoundedDeposit(pool, own)).toBe(0n)
    expect(depositGain(pool, own)).toBe(wad(99.5))
  })

  it('nearly emptied, it changes scale and a deposit lives on', () => {
    const pool = emptyPool()
    pool.totalDeposits = wad(10_000)
    putDeposit(pool, 'ann', wad(10_000))
    offset(pool, wad(10_000) - 10_000_000_000n, wad(99.5))
    expect(pool.scale).toBe(1n)
    // A millionth of a billionth is left: below a billionth of the deposit it counts as nothing.
    expect(compoundedDeposit(pool, pool.deposits.get('ann'))).toBe(0n)
    putDeposit(pool, 'bob', wad(10_000))
    pool.totalDeposits += wad(10_000)
    offset(pool, wad(5_000), wad(50))
    expect(Number(compoundedDeposit(pool, pool.deposits.get('bob'))) / 1e18).toBeCloseTo(5_000, 6)
    expect(Number(depositGain(pool, pool.deposits.get('bob'))) / 1e18).toBeCloseTo(50, 6)
  })
})

describe('liquidation', () => {
  it('in normal mode the pool takes what it can and the rest goes to the other troves by stake', () => {
    const state = system(['whale', 1_000, 20_000], ['bob', 100, 3_000], ['ann', 20, 2_000])
    provide(state, 'whale', 1_000)
    const debt = state.troves.get('ann')?.debt ?? 0n
    expect(debt).toBe(wad(2_210))
    const low = moment(120)
    expect(refusal(liquityV1.apply(state, { do: 'liquidate', account: 'bob' }, low))).toBe(
      'TroveManager: nothing to liquidate',
    )
    const [offer] = liquityV1.offers(state, 'ann', low)
    expect(offer?.receive).toEqual([
      { asset: 'LUSD', atoms: wad(200) },
      { asset: 'ETH', atoms: wad(0.1) },
    ])
    const done = liquityV1.apply(state, { do: 'liquidate', account: 'ann' }, low)
    if (wasRefused(done)) throw new Error(done.refused.code)
    expect(done.moved).toMatchObject({ debtToOffset: wad(1_000), debtToRedistribute: wad(1_210) })
    expect(state.redistributed.debt).toBe(wad(1_210))
    // 1,000 to 100 of stake.
    const pending = (account: string) => (state.troves.get(account)?.stake ?? 0n) * state.system.L_LUSDDebt
    expect(pending('whale')).toBe(pending('bob') * 10n)
  })

  it('in recovery mode a trove above 110 % is taken at 110 % and its owner claims the rest', () => {
    const state = system(['whale', 128, 10_000], ['bob', 24, 2_500], ['ann', 40, 3_000])
    provide(state, 'whale', 9_000)
    const low = moment(125)
    const tcr = totalRatio(state, 125n * WAD)
    expect(tcr < (WAD * 3n) / 2n).toBe(true)
    const health = liquityV1.assess(state, 'bob', low)
    expect(health?.liquidatable).toBe(true)
    expect((health?.backing ?? 0n) > (health?.required ?? 0n)).toBe(true)
    const debt = state.troves.get('bob')?.debt ?? 0n
    const done = liquityV1.apply(state, { do: 'liquidate', account: 'bob' }, low)
    if (wasRefused(done)) throw new Error(done.refused.code)
    const capped = (debt * 11n) / 10n / 125n
    expect(done.moved?.['collToPool']).toBe(capped - capped / 200n)
    expect(state.surplus.get('bob')).toBe(wad(24) - capped)
    const claimed = liquityV1.apply(state, { do: 'claim-surplus', account: 'bob' }, low)
    expect(wasRefused(claimed) ? claimed : claimed.received).toEqual([{ asset: 'ETH', atoms: wad(24) - capped }])
  })

  it('in recovery mode a trove at or below 100 % is redistributed even with a full pool', () => {
    const state = system(['whale', 100, 10_000], ['ann', 20, 2_000])
    provide(state, 'whale', 9_000)
    const done = liquityV1.apply(state, { do: 'liquidate-troves', most: 5 }, moment(110))
    if (wasRefused(done)) throw new Error(done.refused.code)
    expect(done.moved).toMatchObject({ debtToOffset: 0n, debtToRedistribute: wad(2_210) })
    expect(refusal(liquityV1.apply(state, { do: 'liquidate-troves', most: 5 }, moment(50)))).toBe(
      'TroveManager: nothing to liquidate',
    )
  })

  it('a call that fails half-way leaves everything as before', () => {
    const state = system(['bob', 30, 2_500], ['ann', 31, 2_500])
    // At 1 dollar, in recovery mode, the last trove is left alone; a batch of both closes only one.
    const done = liquityV1.apply(structuredClone(state), { do: 'liquidate-batch', accounts: ['ann', 'bob'] }, moment(1))
    expect(wasRefused(done) ? done : done.facts.length).toBe(1)
    expect(refusal(liquityV1.apply(state, { do: 'close', account: 'bob' }, moment(200)))).toBe('done')
    const before = canonical(state)
    // Closing takes the stake off before the contract sees that no other trove is left.
    expect(refusal(liquityV1.apply(state, { do: 'liquidate-troves', most: 3 }, moment(81)))).toBe(
      'TroveManager: nothing to liquidate',
    )
    expect(refusal(liquityV1.apply(state, { do: 'close', account: 'ann' }, moment(200)))).toBe(
      'TroveManager: Only one trove in the system',
    )
    expect(canonical(state)).toBe(before)
  })
})

describe('fees and redemption', () => {
  it('the base rate halves every 12 hours', () => {
    expect(Number(powerHalfUp(999_037_758_833_783_000n, 720n)) / 1e18).toBeCloseTo(0.5, 9)
    const state = system(['ann', 100, 2_000])
    state.fees.baseRate = WAD / 10n
    state.fees.lastFeeOperationTime = BigInt(START)
    expect(Number(decayedBaseRate(state, BigInt(START + 86_400))) / 1e18).toBeCloseTo(0.025, 9)
  })

  it('a redemption takes from the riskiest trove at face value and closes it when its debt is gone', () => {
    const state = system(['whale', 1_000, 20_000], ['ann', 30, 2_000])
    const redeemed = liquityV1.apply(state, { do: 'redeem', lusd: wad(2_010), maxFee: WAD }, moment(200))
    if (wasRefused(redeemed)) throw new Error(redeemed.refused.code)
    expect(redeemed.paid).toEqual([{ asset: 'LUSD', atoms: wad(2_010) }])
    expect(state.troves.has('ann')).toBe(false)
    expect(state.surplus.get('ann')).toBe(wad(30 - 10.05))
    // 0.5 % + half of 2,010 of a supply of 22,510.
    const rate = Number(redeemed.moved?.['fee']) / Number(redeemed.moved?.['drawn'])
    expect(rate).toBeCloseTo(0.005 + 2_010 / 22_510 / 2, 12)
  })

  it('answers bad input with its own words', () => {
    const state = system(['whale', 1_000, 20_000], ['ann', 30, 2_000])
    expect(liquityV1.assess(state, 'nobody', moment(200))).toBeUndefined()
    expect(liquityV1.assess(state, 'ann', moment(undefined))).toBeUndefined()
    expect(refusal(liquityV1.apply(state, { do: 'liquidate', account: 'ann' }, moment(undefined)))).toBe('oracle')
    expect(refusal(liquityV1.apply(state, { do: 'liquidate', account: 'nobody' }, moment(100)))).toBe(
      'TroveManager: Trove does not exist or is closed',
    )
    expect(refusal(liquityV1.apply(state, { do: 'liquidate-batch', accounts: [] }, moment(100)))).toBe(
      'TroveManager: Calldata address array must not be empty',
    )
    expect(liquityV1.assess(state, 'ann', moment(0))).toMatchObject({ backing: 0n, liquidatable: true })
    expect(
      refusal(
        liquityV1.apply(state, { do: 'open', account: 'bob', coll: wad(10), lusd: wad(100), maxFee: WAD }, moment(200)),
      ),
    ).toBe("BorrowerOps: Trove's net debt must be greater than minimum")
  })
})
