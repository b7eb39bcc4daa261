import { describe, expect, it } from 'vitest'
import { canonical, type FeedAnswer, type Moment, type UnixSeconds } from '../../model/index.ts'
import { wasRefused } from '../mechanism.ts'
import { boldTerms, branchRatio, emptyBranch } from './branch.ts'
import { type BoldAction, type BoldState, liquityV2 } from './mechanism.ts'
import { GAS_DEPOSIT, WAD } from './rules.ts'

const START = 1_750_000_000
const moment = (dollars: number | undefined, time = START): Moment => ({
  time: time as UnixSeconds,
  price: () =>
    (dollars === undefined ? undefined : (BigInt(Math.round(dollars * 100)) * WAD) / 100n) as FeedAnswer | undefined,
})
const wad = (amount: number) => BigInt(Math.round(amount * 1e6)) * 10n ** 12n
const refusal = (done: ReturnType<typeof liquityV2.apply>) => (wasRefused(done) ? done.refused.code : 'done')

/** A WETH branch of troves [id, WETH, BOLD, rate] opened at 2,000 dollars. */
function system(...troves: readonly (readonly [string, number, number, number])[]) {
  const branch = emptyBranch('WETH', 'eth', boldTerms('WETH'))
  branch.active.lastAggUpdateTime = BigInt(START)
  const state: BoldState = {
    branches: new Map([['WETH', branch]]),
    base: { baseRate: 0n, lastFeeOperationTime: BigInt(START) },
  }
  for (const [trove, coll, bold, rate] of troves) {
    const action: BoldAction = {
      ...{ do: 'open', branch: 'WETH', trove, owner: trove, coll: wad(coll), bold: wad(bold), rate: wad(rate) },
      maxUpfrontFee: wad(1_000),
    }
    expect(refusal(liquityV2.apply(state, action, moment(2_000)))).toBe('done')
  }
  return { state, branch }
}

describe('Liquity v2', () => {
  it('charges seven days of the average rate when a trove is opened, and simple interest by the second', () => {
    const { branch } = system(['ann', 10, 5_000, 0.05])
    const debt = branch.troves.get('ann')?.debt ?? 0n
    expect(Number(debt) / 1e18).toBeCloseTo(5_000 * (1 + (0.05 * 7) / 365), 9)
    const year = START + 365 * 86_400
    const health = liquityV2.assess(
      { branches: new Map([['WETH', branch]]), base: { baseRate: 0n, lastFeeOperationTime: 0n } },
      'WETH/ann',
      moment(2_000, year),
    )
    expect(Number(health?.required) / 1e36 / 1.1).toBeCloseTo((Number(debt) / 1e18) * 1.05, 6)
  })

  it('liquidates against the pool and the owner claims what the penalty leaves', () => {
    const { state, branch } = system(['whale', 100, 50_000, 0.01], ['ann', 2, 2_000, 0.01])
    liquityV2.apply(
      state,
      { do: 'provide', branch: 'WETH', account: 'whale', bold: wad(10_000), claim: false },
      moment(2_000),
    )
    const debt = branch.troves.get('ann')?.debt ?? 0n
    const low = moment(1_050)
    expect(refusal(liquityV2.apply(state, { do: 'liquidate', branch: 'WETH', troves: ['whale'] }, low))).toBe(
      'NothingToLiquidate',
    )
    const [offer] = liquityV2.offers(state, 'WETH/ann', low)
    expect(offer?.receive).toEqual([
      { asset: 'WETH', atoms: GAS_DEPOSIT },
      { asset: 'WETH', atoms: wad(0.01) },
    ])
    const done = liquityV2.apply(state, offer?.action as BoldAction, low)
    if (wasRefused(done)) throw new Error(done.refused.code)
    expect(done.moved?.['debtToOffset']).toBe(debt)
    const seized = (debt * 105n * WAD) / 100n / (1_050n * WAD)
    const surplus = wad(1.99) > seized ? wad(1.99) - seized : 0n
    expect(branch.surplus.get('ann') ?? 0n).toBe(surplus)
    expect(branch.pool.collBalance).toBe(wad(1.99) - surplus)
    expect(branch.troves.has('ann')).toBe(false)
  })

  it('a redemption begins with the lowest rate and leaves a zombie that is redeemed first', () => {
    const { state, branch } = system(['whale', 100, 50_000, 0.05], ['bob', 5, 3_000, 0.01], ['ann', 5, 3_000, 0.02])
    expect(branch.order).toEqual(['whale', 'ann', 'bob'])
    const done = liquityV2.apply(state, { do: 'redeem', bold: wad(2_000), maxFee: WAD }, moment(2_000))
    if (wasRefused(done)) throw new Error(done.refused.code)
    expect(done.paid).toEqual([{ asset: 'BOLD', atoms: wad(2_000) }])
    expect(branch.troves.get('bob')?.zombie).toBe(true)
    expect(branch.lastZombie).toBe('bob')
    expect(branch.order).toEqual(['whale', 'ann'])
    liquityV2.apply(state, { do: 'redeem', bold: wad(500), maxFee: WAD }, moment(2_000))
    // 3,000 with a fee of 7 days of 4.77 %, less 2,500.
    expect(Number(branch.troves.get('bob')?.debt) / 1e18).toBeCloseTo(502.75, 1)
    // 0.5 % and the part of all BOLD that was redeemed.
    const rate = 1 - Number(wasRefused(done) ? 0 : done.received?.[0]?.atoms) / 1e18
    expect(rate).toBeCloseTo(0.005 + 2_000 / 56_000, 3)
  })

  it('below SCR anybody shuts the branch down: no new debt, no interest, urgent redemption with 2 %', () => {
    const { state, branch } = system(['whale', 100, 100_000, 0.05], ['ann', 5, 3_000, 0.02])
    const shut: BoldAction = { do: 'shut-down', branch: 'WETH' }
    expect(refusal(liquityV2.apply(state, shut, moment(2_000)))).toBe('TCRNotBelowSCR')
    expect(refusal(liquityV2.apply(state, shut, moment(1_050)))).toBe('done')
    expect(refusal(liquityV2.apply(state, shut, moment(1_050)))).toBe('IsShutDown')
    const ratio = branchRatio(branch, 1_050n * WAD, BigInt(START))
    expect(branchRatio(branch, 1_050n * WAD, BigInt(START + 86_400))).toBe(ratio)
    const more: BoldAction = { do: 'adjust', branch: 'WETH', trove: 'ann', boldOut: wad(10), maxUpfrontFee: wad(10) }
    expect(refusal(liquityV2.apply(state, more, moment(2_000)))).toBe('IsShutDown')
    const urgent: BoldAction = { do: 'redeem-urgently', branch: 'WETH', bold: wad(1_000), troves: ['ann'], minColl: 0n }
    const done = liquityV2.apply(state, urgent, moment(1_000))
    expect(wasRefused(done) ? done : done.received).toEqual([{ asset: 'WETH', atoms: wad(1.02) }])
  })

  it('a call that fails half-way leaves everything as before, and bad input is answered', () => {
    const { state, branch } = system(['bob', 10, 9_000, 0.01], ['ann', 4, 3_000, 0.02])
    const before = canonical(state)
    const both: BoldAction = { do: 'liquidate', branch: 'WETH', troves: ['ann', 'bob'] }
    expect(refusal(liquityV2.apply(state, both, moment(500, START + 86_400)))).toBe('OnlyOneTroveLeft')
    expect(canonical(state)).toBe(before)
    expect(refusal(liquityV2.apply(state, { ...both, troves: [] }, moment(500)))).toBe('EmptyData')
    expect(refusal(liquityV2.apply(state, both, moment(undefined)))).toBe('oracle')
    expect(refusal(liquityV2.apply(state, { ...both, branch: 'rETH' }, moment(500)))).toBe('InvalidBranch')
    expect(liquityV2.assess(state, 'WETH/ann', moment(undefined))).toBeUndefined()
    expect(liquityV2.assess(state, 'WETH/nobody', moment(500))).toBeUndefined()
    expect(refusal(liquityV2.apply(state, { do: 'close', branch: 'WETH', trove: 'nobody' }, moment(2_000)))).toBe(
      'ERC721: invalid token ID',
    )
    expect(branch.troves.size).toBe(2)
  })

  it('a new rate and applied debt keep the stake, an adjustment sets it anew', () => {
    const troves = [
      ['whale', 100, 50_000, 0.05],
      ['bob', 40, 20_000, 0.01],
      ['ann', 2, 2_000, 0.02],
    ] as const
    const { state, branch } = system(...troves)
    const low = moment(1_050)
    expect(refusal(liquityV2.apply(state, { do: 'liquidate', branch: 'WETH', troves: ['ann'] }, low))).toBe('done')
    const whale = branch.troves.get('whale')
    expect(whale?.stake).toBe(wad(100))
    const at = moment(2_000)
    expect(refusal(liquityV2.apply(state, { do: 'apply-pending', branch: 'WETH', trove: 'whale' }, at))).toBe('done')
    expect(whale?.coll).toBeGreaterThan(wad(101))
    expect(whale?.stake).toBe(wad(100))
    const rate = { do: 'set-rate', branch: 'WETH', trove: 'bob', rate: wad(0.03), maxUpfrontFee: wad(1_000) } as const
    expect(refusal(liquityV2.apply(state, rate, at))).toBe('done')
    expect(branch.troves.get('bob')?.stake).toBe(wad(40))
    expect(branch.system.totalStakes).toBe(wad(140))
    const more = { do: 'adjust', branch: 'WETH', trove: 'whale', collIn: wad(10) } as const
    expect(refusal(liquityV2.apply(state, more, at))).toBe('done')
    const { totalStakesSnapshot, totalCollateralSnapshot } = branch.system
    expect(whale?.stake).toBe(((whale?.coll ?? 0n) * totalStakesSnapshot) / totalCollateralSnapshot)
  })

  it('refuses what is not open in the words of the first contract that asks, and divides by a price of zero', () => {
    const { state } = system(['ann', 10, 5_000, 0.05])
    const code = (action: BoldAction, dollars = 2_000) => refusal(liquityV2.apply(state, action, moment(dollars)))
    const bob = { branch: 'WETH', trove: 'bob' }
    expect(code({ do: 'close', ...bob })).toBe('ERC721: invalid token ID')
    expect(code({ do: 'set-rate', ...bob, rate: wad(0.03), maxUpfrontFee: wad(1) })).toBe('ERC721: invalid token ID')
    expect(code({ do: 'adjust', ...bob, collIn: wad(1) })).toBe('TroveNotActive')
    expect(code({ do: 'apply-pending', ...bob })).toBe('TroveNotOpen')
    expect(code({ do: 'liquidate', branch: 'WETH', troves: ['ann'] }, 500)).toBe('OnlyOneTroveLeft')
    expect(code({ do: 'liquidate', branch: 'WETH', troves: ['ann'] }, 0)).toBe('Panic(0x12)')
    expect(code({ do: 'shut-down', branch: 'WETH' }, 500)).toBe('done')
    expect(code({ do: 'adjust', ...bob, collIn: wad(1) })).toBe('TroveNotActive')
    const urgent = { do: 'redeem-urgently', branch: 'WETH', bold: wad(100), troves: ['ann'], minColl: 0n } as const
    expect(code(urgent, 0)).toBe('Panic(0x12)')
  })
})
