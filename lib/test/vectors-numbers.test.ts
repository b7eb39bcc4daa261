/** Forms of vectors with other numbers than the published ones: every expected figure is worked out by hand from the formula of its section. */
import { describe, expect, it } from 'vitest'
import { runVectors } from './vectors.ts'

function check(mech: string, inputs: unknown, expected: unknown, tol = 1e-12): void {
  expect(runVectors([{ id: 'X', mech, inputs, expected, tol }])).toMatchObject({ differences: [], unsupported: [] })
}

describe('forms with other numbers', () => {
  it('bankruptcy of a long without leverage is at 0', () => {
    check('A.bankruptcy', { side: 1, ep: 10, lev: 1 }, 0)
    check('A.bankruptcy', { side: -1, ep: 10, lev: 1 }, 20)
  })

  it('funding of Hyperliquid stops at 4 % an hour, and a short receives', () => {
    // (0.5 − 0.0005) / 8 and (−0.5 + 0.0005) / 8 are beyond the cap; 0.3195 / 8 is not.
    check('B.funding', { premium: 0.5 }, 0.04)
    check('B.funding', { premium: -0.5 }, -0.04)
    check('B.funding', { premium: 0.32 }, 0.3195 / 8)
    check(
      'B.funding',
      { impactBid: 15_000, spot: 10_000, long: 2 },
      { premium: 0.5, rate8h: 0.4995, hourlyPayment: 800 },
    )
    check(
      'B.funding',
      { impactBid: 10_100, spot: 10_000, long: -10 },
      { premium: 0.01, rate8h: 0.0095, hourlyPayment: -118.75 },
    )
  })

  it('margin tables may be of any coins', () => {
    // 20M · (1/20 − 1/40)
    const sol = [
      [0, 20],
      [20_000_000, 10],
    ]
    check('B.tiers', { sol, doge: [[0, 10]] }, { sol: [0, 500_000], doge: [0] })
  })

  it('bonus of Aave is a factor, its points, or what comes on top', () => {
    const inputs = { collPx: 1500, coll: 2, debt: 3100, LT: 0.83, feeBps: 1000 }
    const expected = {
      ...{ hf: 2490 / 3100, repaid: 3000 / 1.05, toLiquidator: 2 - (2 - 2 / 1.05) / 10 },
      ...{ protocolFee: (2 - 2 / 1.05) / 10, deficit: 3100 - 3000 / 1.05 },
    }
    for (const bonus of [10_500, 1.05, 0.05]) check('C.aave.v33', { ...inputs, bonus }, expected, 1e-9)
  })

  it('pool of Liquity v1 is asked row by liquidation or row by depositor', () => {
    const inputs = { depositors: [6000, 3000, 1000], liquidations: 2, debt: 2500, coll: 20, gasComp: 0.005 }
    check('C.liquity.v1', inputs, { deposits: [4500, 3000], ethEach: [11.94, 23.88] }, 1e-9)
    check('C.liquity.v1', inputs, { deposits: [3000, 1500, 500], ethEach: [23.88, 11.94, 3.98] }, 1e-9)
  })

  it('figures keep all their digits', () => {
    check('D.bamm', { ltv: [0.9812345678] }, [0.002 + (0.198 * 0.0012345678) / 0.005], 1e-14)
    check('D.bamm', { r: [[0.0000004, 0.0000009]] }, 0.0000006, 1e-15)
    check('D.infinifi', { ticket: 1.000000000001, fund: 1 }, { burn: 1, left: 0.000000000001 }, 1e-15)
    // (1 − 1/7)/0.88 − 1 and (1 − 1/7)/0.95 − 1, in percent and not rounded
    check('D.fx.v2', { lev: [7] }, { rebalance: [100 * (6 / 7 / 0.88 - 1)], liquidate: [100 * (6 / 7 / 0.95 - 1)] })
  })

  it('weights of an unwinding are told for as many epochs as are asked about', () => {
    const split340 = [(340 * 540) / 2740, (340 * 2200) / 2740]
    check('D.infinifi', { amount: 500, weeks: 4 }, { weightByEpoch: [540, 530], split340 }, 1e-9)
    const weightByEpoch = [540, 530, 520, 510, 500, 500, 500]
    check('D.infinifi', { amount: 500, weeks: 4 }, { weightByEpoch, split340 }, 1e-9)
  })

  it('feeds that show several events a second show that many', () => {
    const events = { events: 5000, symbols: 1000 }
    for (const each of [1, 2, 3, 4])
      check('E.data', { ...events, reportedPerSymbolPerSecond: each }, { maxReported: each * 1000 }, 0)
    check('E.data', { ...events, reportedPerSymbolPerSecond: 7 }, { maxReported: 5000 }, 0)
  })

  it('plain list of aversions is one of half-lives, or of costs where it has their size', () => {
    // 1/κ̃ = √((η − γτ/2) / (λσ²)) at the paper's parameters
    const halfLife = (aversion: number) => Math.sqrt((2.5e-6 - 1.25e-7) / (aversion * 0.95 ** 2))
    check('E.exec', { lam: [1e-9, 2.5e-7] }, [halfLife(1e-9), halfLife(2.5e-7)])
    check('E.exec', { lam: [1e-6] }, [0.9112269863037935], 1e-9)
  })

  it('whole formulas take their inputs under the usual names', () => {
    // (1000 − 50 − 20 + 5 − 10 · 400) / (10 · 0.01 − 10)
    const expected = -3065 / -9.9
    const rest = { side: 1, amount: 10, open_rate: 400, mm_ratio: 0.01, maintenance_amt: 5 }
    check('A.binance.lp', { wallet_balance: 1000, mm_ex_1: 50, upnl_ex_1: -20, ...rest }, expected)
    check('A.binance.lp', { wb: 1000, tmm: 50, upnl: -20, side: 1, q: 10, ep: 400, mmr: 0.01, cum: 5 }, expected)
    // Four bands of 1/4 each at 1/2 of the price above: Σ (1/4) · 512 · (1/2)^k · √(1/2)
    const xDown = 128 * (1 + 0.5 + 0.25 + 0.125) * Math.SQRT1_2
    const health = (xDown * 0.9) / 100 - 1
    const loan = { coll: 1, debt: 100, N: 4, n1: 1, A: 2, pBase: 1024 }
    check('D.llamma', { ...loan, liqDiscount: 0.1 }, { xDown, health, healthFull: health + 5.12 })
    check('D.llamma', { ...loan, liq_discount: 0.1, p_oracle: 500 }, { xDown, health, healthFull: health })
  })
})
