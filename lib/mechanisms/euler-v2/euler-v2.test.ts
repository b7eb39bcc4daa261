import { describe, expect, it } from 'vitest'
import type { FeedAnswer, Moment, UnixSeconds } from '../../model/index.ts'
import { wasRefused } from '../mechanism.ts'
import { type EulerState, eulerRules, eulerV2, eulerVaultRules } from './index.ts'

const WAD = 10n ** 18n
const RAY = 10n ** 27n

function vault(): EulerState {
  return {
    vault: {
      ...{ lastUpdate: 0n, cash: 0n, totalBorrows: 0n, totalShares: 0n, accumulatedFees: 0n },
      ...{ interestAccumulator: RAY, interestRate: 0n, interestFee: 0n, rateModel: { kind: 'fixed' } },
    },
    ...{ asset: 'USD', name: 'eUSD', accounts: new Map() },
    ltvs: new Map([
      ['eETH', { borrow: 8_000n, liquidation: 8_500n, initial: 8_500n, targetTimestamp: 1n, rampDuration: 0n }],
    ]),
    ...{ maxLiquidationDiscount: 1_500n, liquidationCoolOffTime: 60n, socializeDebt: true },
  }
}

function moment(time: number, eth: bigint | undefined, usd: bigint | undefined = WAD): Moment {
  const prices: Record<string, bigint | undefined> = { eETH: eth, USD: usd }
  return { time: time as UnixSeconds, price: (feed) => prices[feed] as FeedAnswer | undefined }
}

/** Ann owes 1,500 USD on one eETH of 2,000. */
function loan(): EulerState {
  const state = vault()
  const at = moment(100, 2_000n * WAD)
  for (const action of [
    { do: 'deposit', account: 'sue', amount: 10_000n * WAD },
    { do: 'add-collateral', account: 'ann', asset: 'eETH', amount: WAD },
    { do: 'enable-collateral', account: 'ann', asset: 'eETH', on: true },
    { do: 'borrow', account: 'ann', amount: 1_500n * WAD },
  ] as const)
    expect(wasRefused(eulerV2.apply(state, action, at))).toBe(false)
  return state
}

describe('Euler v2', () => {
  it('waits for the cool-off, then takes collateral at one minus the health score and socialises what is left', () => {
    const state = loan()
    expect(eulerV2.assess(state, 'ann', moment(120, 1_600n * WAD))?.liquidatable).toBe(true)
    expect(eulerV2.offers(state, 'ann', moment(120, 1_600n * WAD))).toEqual([])
    const at = moment(160, 1_600n * WAD)
    const [offer] = eulerV2.offers(state, 'ann', at)
    // Score 1,600 · 0.85 / 1,500; all collateral is worth 1,600, for which 1,600 · score is repaid.
    const repaid = (1_600 * 1_600 * 0.85) / 1_500
    expect(Number(offer?.pay[0]?.atoms) / 1e18).toBeCloseTo(repaid, 9)
    expect(offer?.receive).toEqual([{ asset: 'eETH', atoms: WAD }])
    const done = offer && eulerV2.apply(state, offer.action, at)
    expect(done).toMatchObject({ facts: [{ type: 'loan-liquidation', badDebt: { asset: 'USD' } }] })
    expect(eulerVaultRules.toAssetsUp(state.vault.totalBorrows)).toBe(0n)
    expect(Number(state.vault.cash) / 1e18).toBeCloseTo(8_500 + repaid, 9)
  })

  it('lets a liquidator keep debt and collateral only where they stand by themselves', () => {
    const state = loan()
    const at = moment(160, 1_600n * WAD)
    const call = { do: 'liquidate', account: 'ann', collateral: 'eETH', minYield: 0n, liquidator: 'lin' } as const
    const all = { ...call, repayAssets: eulerRules.AS_MUCH_AS_ALLOWED }
    // He has not enabled the collateral: the debt stands alone.
    expect(eulerV2.apply(state, all, at)).toMatchObject({ refused: { code: 'E_AccountLiquidity' } })
    eulerV2.apply(state, { do: 'add-collateral', account: 'lin', asset: 'eETH', amount: WAD }, at)
    eulerV2.apply(state, { do: 'enable-collateral', account: 'lin', asset: 'eETH', on: true }, at)
    expect(wasRefused(eulerV2.apply(state, all, at))).toBe(false)
    expect(state.accounts.get('lin')?.collaterals.get('eETH')).toBe(2n * WAD)
  })

  it('lowers a liquidation LTV along its ramp, and raises it at once only', () => {
    const state = loan()
    const at = moment(160, 2_000n * WAD)
    const lower = { do: 'set-ltv', asset: 'eETH', borrow: 5_000n, liquidation: 7_000n, rampDuration: 1_000n } as const
    expect(wasRefused(eulerV2.apply(state, lower, at))).toBe(false)
    expect(eulerV2.assess(state, 'ann', moment(160, 2_000n * WAD))?.backing).toBe(1_700n * WAD)
    expect(eulerV2.assess(state, 'ann', moment(660, 2_000n * WAD))?.backing).toBe(1_550n * WAD)
    expect(eulerV2.assess(state, 'ann', moment(1_160, 2_000n * WAD))).toMatchObject({ liquidatable: true })
    expect(eulerV2.apply(state, { ...lower, liquidation: 9_000n }, at)).toMatchObject({
      refused: { code: 'E_LTVLiquidation' },
    })
  })

  it('answers bad input with its own refusals, and finds the empty account healthy', () => {
    const state = loan()
    const more = { do: 'borrow', account: 'ann', amount: 1n } as const
    const blind = moment(200, undefined)
    expect(eulerV2.assess(state, 'ann', blind)).toBeUndefined()
    expect(eulerV2.offers(state, 'ann', blind)).toEqual([])
    expect(eulerV2.apply(state, more, blind)).toMatchObject({ refused: { code: 'oracle' } })
    // A collateral worth nothing is handed over for nothing, and the debt is socialised.
    expect(eulerV2.offers(state, 'ann', moment(200, 0n))[0]).toMatchObject({ pay: [{ atoms: 0n }] })
    const at = moment(200, 2_000n * WAD)
    const call = { do: 'liquidate', account: 'sue', collateral: 'eXYZ', repayAssets: 1n, minYield: 0n } as const
    expect(eulerV2.apply(state, call, at)).toMatchObject({ refused: { code: 'E_BadCollateral' } })
    expect(eulerV2.apply(state, { ...call, collateral: 'eETH' }, at)).toMatchObject({
      refused: { code: 'E_NoLiability' },
    })
    expect(eulerV2.assess(state, 'nobody', at)).toBeUndefined()
    expect(eulerV2.assess(state, 'sue', at)).toEqual({ backing: 0n, required: 0n, equity: 0n, liquidatable: false })
  })

  it('judges an account before the caps, by no more collateral than it takes, and without accruing elsewhere', () => {
    const state = loan()
    state.ltvs.set('eBTC', { borrow: 5_000n, liquidation: 6_000n, initial: 0n, targetTimestamp: 1n, rampDuration: 0n })
    const at = moment(200, 2_000n * WAD)
    const code = (action: Parameters<typeof eulerV2.apply>[1]) => {
      const done = eulerV2.apply(state, action, at)
      return wasRefused(done) ? done.refused.code : 'done'
    }
    const before = { ...state.vault }
    expect(code({ do: 'add-collateral', account: 'ann', asset: 'eBTC', amount: WAD })).toBe('done')
    expect(code({ do: 'enable-collateral', account: 'ann', asset: 'eBTC', on: true })).toBe('done')
    expect(code({ do: 'remove-collateral', account: 'ann', asset: 'eBTC', amount: 1n })).toBe('done')
    expect(code({ do: 'disable-controller', account: 'sue' })).toBe('done')
    expect(state.vault).toEqual(before)
    // The eETH backs this alone, and nobody asks for the price of the eBTC; beyond it somebody must, and there is none.
    expect(code({ do: 'borrow', account: 'ann', amount: 50n * WAD })).toBe('done')
    expect(code({ do: 'borrow', account: 'ann', amount: 100n * WAD })).toBe('oracle')
    expect(code({ do: 'enable-collateral', account: 'ann', asset: 'eETH', on: false })).toBe('oracle')
    Object.assign(state, { vault: { ...state.vault, borrowCap: 1_000n * WAD } })
    expect(code({ do: 'borrow', account: 'ann', amount: 1n })).toBe('E_BorrowCapExceeded')
    expect(code({ do: 'borrow', account: 'bob', amount: WAD })).toBe('E_AccountLiquidity')
    const wide = { do: 'set-ltv', asset: 'eETH', borrow: 0n, liquidation: 10_001n, rampDuration: 0n } as const
    expect(code(wide)).toBe('E_ConfigAmountTooLargeToEncode')
    expect(code({ ...wide, asset: 'eUSD' })).toBe('E_InvalidLTVAsset')
  })

  it('asks for no price of who owes nothing any more', () => {
    const state = loan()
    expect(
      wasRefused(eulerV2.apply(state, { do: 'repay', account: 'ann', amount: 1_500n * WAD }, moment(200, 1n))),
    ).toBe(false)
    const call = { do: 'liquidate', account: 'ann', collateral: 'eETH', repayAssets: WAD, minYield: 0n } as const
    expect(eulerV2.apply(state, call, moment(200, undefined))).toMatchObject({ facts: [], moved: { repay: 0n } })
    expect(eulerV2.apply(state, { ...call, minYield: 1n }, moment(200, undefined))).toMatchObject({
      refused: { code: 'E_MinYield' },
    })
  })
})
