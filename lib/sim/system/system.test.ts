import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prng } from '../../model/index.ts'
import {
  clearingVectors,
  costOf,
  dealerHedge,
  dealerSales,
  evenlyOwed,
  executionPlan,
  factorPaths,
  isEligible,
  lockedChange,
  marginCalls,
  nextSeizedState,
  normalCdf,
  normalQuantile,
  planSeizedSale,
  poolLtv,
  reimbursements,
  shareAfter,
  stableSqueeze,
  TOGETHER_INITIATIVE,
} from './index.ts'

const SALE = {
  ...{ quantity: 1e6, days: 5, steps: 5, volatility: 0.95, halfSpread: 0.0625, permanent: 2.5e-7, temporary: 2.5e-6 },
}

describe('optimal execution', () => {
  it('is cheaper in cost + λ · variance than any other way to hold', () => {
    const terms = { ...SALE, riskAversion: 1e-6 }
    const best = executionPlan(terms)
    const worth = (holdings: readonly number[]) => {
      const { expectedCost, variance } = costOf(holdings, terms)
      return expectedCost + terms.riskAversion * variance
    }
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }), (shares) => {
        const other = [1e6, ...[...shares].sort((a, b) => b - a).map((one) => one * 1e6), 0]
        expect(worth(other)).toBeGreaterThanOrEqual(worth(best.holdings) * (1 - 1e-12))
      }),
    )
  })

  it('refuses impact that pays the seller, and steps that are no number', () => {
    expect(() => executionPlan({ ...SALE, riskAversion: 0, temporary: 1e-8 })).toThrow(/no more than half/)
    expect(() => executionPlan({ ...SALE, riskAversion: 0, steps: 2.5 })).toThrow(/whole number/)
    expect(() => executionPlan({ ...SALE, riskAversion: Number.NaN })).toThrow(/risk aversion/)
  })

  it('splits a seized lot where neither road is cheaper at the margin', () => {
    const terms = { execution: { ...SALE, riskAversion: 1e-6 }, dealer: { base: 0.3, slope: 1 }, signalling: 0.05 }
    const { otcShare, cost, allOtc, allExchange } = planSeizedSale(terms)
    expect(otcShare).toBeGreaterThan(0)
    expect(otcShare).toBeLessThan(1)
    expect(cost).toBeLessThan(Math.min(allOtc, allExchange))
    expect(['seized', 'custody', 'valued', 'rfq', 'settled'].map((one) => nextSeizedState(one as 'seized'))).toEqual([
      ...['custody', 'valued', 'rfq', 'settled', 'settled'],
    ])
  })
})

describe('the squeeze of a stablecoin', () => {
  it('restores exactly the required ratio, and needs more than at par', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1.05, max: 3, noNaN: true }),
        fc.double({ min: 0.2, max: 4, noNaN: true }),
        (required, ratio) => {
          const terms = { collateral: ratio * 100, supply: 100, demand: 100, required }
          const { buyback, price, buybackAtPar, criticalCollateral } = stableSqueeze(terms)
          if (ratio >= required) {
            expect(buyback).toBe(0)
            return
          }
          if (buyback === undefined || price === undefined) {
            // Then nobody can buy enough: no number of coins left over holds the ratio.
            for (let left = 1; left <= 100; left++)
              expect(terms.collateral - (100 * (100 - left)) / left).toBeLessThan(required * left)
            expect(terms.collateral).toBeLessThan(criticalCollateral + 1e-9)
            return
          }
          const left = 100 - buyback
          expect(terms.collateral - (100 * buyback) / left).toBeCloseTo(required * left, 6)
          expect(price).toBeGreaterThanOrEqual(1)
          expect(buyback).toBeGreaterThanOrEqual((buybackAtPar ?? 0) - 1e-9)
        },
      ),
    )
  })

  it('refuses a ratio that needs nothing', () => {
    expect(() => stableSqueeze({ collateral: 1, supply: 1, demand: 1, required: 1 })).toThrow(/above 1/)
  })
})

describe('clearing', () => {
  it('gives vectors that solve the rule, the greatest above the least', () => {
    const amounts = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(amounts, amounts, fc.double({ min: 0.1, max: 0.9, noNaN: true }), (assets, debts, kept) => {
        const owed = evenlyOwed(debts)
        const { greatest, least } = clearingVectors({ assets, owed, alpha: kept, beta: kept })
        for (const { payments } of [greatest, least])
          payments.forEach((paid, i) => {
            const inflow = payments.reduce((sum, one, j) => {
              const [debt = 0, mine = 0] = [debts[j], owed[j]?.[i]]
              return debt > 0 ? sum + (mine / debt) * one : sum
            }, 0)
            const [own = 0, debt = 0] = [assets[i], debts[i]]
            const rule = own + inflow >= debt - 1e-9 ? debt : kept * (own + inflow)
            expect(Math.abs(paid - rule)).toBeLessThan(1e-6)
          })
        greatest.payments.forEach((paid, i) => {
          expect(paid).toBeGreaterThanOrEqual((least.payments[i] ?? 0) - 1e-9)
        })
      }),
    )
  })

  it('is one vector without default costs', () => {
    const { greatest, least } = clearingVectors({ assets: [1, 0, 2], owed: evenlyOwed([3, 2, 1]), alpha: 1, beta: 1 })
    greatest.payments.forEach((paid, i) => {
      expect(paid).toBeCloseTo(least.payments[i] ?? 0, 9)
    })
  })
})

describe('dealer hedging', () => {
  it('sells over a move what gamma says for a small one, and the sign is the assumption', () => {
    const strike = { strike: 60_000, volatility: 0.55, days: 14, notional: 1.2e9 }
    const hedge = dealerHedge(60_000, strike)
    const sold = dealerSales(60_000, 59_999, [{ ...strike, contracts: hedge.contracts }])
    expect(sold).toBeCloseTo(hedge.contracts * hedge.gamma, 3)
    expect(dealerHedge(60_000, { ...strike, dealersShort: -1 }).sellPerPercent).toBe(-hedge.sellPerPercent)
    expect(() => dealerHedge(0, strike)).toThrow(/above 0/)
  })

  it('has a normal distribution that inverts', () => {
    for (const x of [-6, -4.9, -1, 0, 0.3, 2, 5.1]) expect(normalQuantile(normalCdf(x))).toBeCloseTo(x, 8)
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14)
  })
})

describe('margin calls on bitcoin-backed loans', () => {
  const lender = {
    ...{ callLtv: 0.7, liquidationLtv: 0.814, cureHours: 24, cureChance: 0.5, cureLtv: 0.6, lookEvery: 1 },
  }
  const loansOf = (lenders: readonly string[]) => {
    const chance = prng('loans')
    return Array.from({ length: 600 }, (_, at) => ({
      id: `loan-${at}`,
      lender: lenders[at % lenders.length] as string,
      debt: 50_000 * (0.5578 + 0.054 * chance.normal()),
      coins: 50_000 / 87_500,
    }))
  }
  const path = Array.from({ length: 96 }, (_, hour) => 87_500 * (1 - 0.314 * Math.min(1, hour / 48)))

  it('liquidates about half of the pool without cures when the average reaches the line, fewer with them', () => {
    const { fall } = poolLtv(199.1e6, 4078.87, 87_500, 0.814)
    expect(fall).toBeCloseTo(0.3147, 3)
    const run = (cureChance: number) =>
      marginCalls(
        { lenders: [{ ...lender, id: 'a', firstLook: 0, cureChance }], loans: loansOf(['a']) },
        { path, impact: 0, recovery: 0 },
        prng(1),
      )
    const none = run(0)
    expect(none.liquidatedShare).toBeGreaterThan(0.6)
    expect(run(0.75).liquidatedShare).toBeLessThan(none.liquidatedShare * 0.7)
    expect(run(0.75).cured).toBeGreaterThan(50)
    expect(none.overshoot).toBe(0)
  })

  it('overshoots less when lenders look at different hours and the market recovers in between', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f']
    const run = (stagger: number) =>
      marginCalls(
        {
          lenders: ids.map((id, at) => ({ ...lender, id, cureChance: 0, lookEvery: 6, firstLook: at * stagger })),
          loans: loansOf(ids),
        },
        { path, impact: 2e-4, recovery: 0.4 },
        prng(1),
      )
    expect(run(0).overshoot).toBeLessThan(run(1).overshoot)
    expect(run(1).overshoot).toBeLessThan(0)
  })

  it('refuses a loan of nobody', () => {
    expect(() =>
      marginCalls({ lenders: [], loans: loansOf(['x']) }, { path, impact: 0, recovery: 0 }, prng(1)),
    ).toThrow(/names no lender x/)
  })
})

describe('headlines', () => {
  it('a fall of value locked is the sum of its parts', () => {
    const change = lockedChange([
      { units: 10, priceBefore: 100, priceAfter: 80, netFlow: -1, liquidated: 0.5 },
      { units: 5, priceBefore: 1, priceAfter: 1, netFlow: 2, liquidated: 0 },
    ])
    expect(change).toMatchObject({ byPrice: -200, byFlow: -78, byLiquidation: -40, total: -318 })
    expect(change.relative).toBeCloseTo(-318 / 1005, 12)
  })

  it('a programme pays by its rule, and less when its budget does not suffice', () => {
    const claims = [
      { loss: 50, netAssets: 100 },
      { loss: 1_000_000, netAssets: 1_000_001 },
      { loss: 100, netAssets: 0 },
    ]
    expect(claims.map((one) => isEligible(TOGETHER_INITIATIVE, one))).toEqual([true, true, false])
    expect(reimbursements(TOGETHER_INITIATIVE, claims)).toEqual([5, 6_000, 0])
    const short = reimbursements({ ...TOGETHER_INITIATIVE, budget: 600.5 }, claims)
    expect(short.reduce((sum, one) => sum + one, 0)).toBeCloseTo(600.5, 9)
  })

  it('jumps move what shares the factor, and leave the rest of the path as drawn', () => {
    const assets = [
      { id: 'BTC', price: 100, volatility: 0.01, beta: 1, correlation: 0.8 },
      { id: 'USD', price: 1, volatility: 0, beta: 0, correlation: 0 },
    ]
    const calm = factorPaths(assets, [], 50, prng(3)).get('BTC') as number[]
    const shaken = factorPaths(assets, [{ step: 20, size: -0.1 }], 50, prng(3)).get('BTC') as number[]
    expect(shaken.slice(0, 21)).toEqual(calm.slice(0, 21))
    for (let at = 21; at <= 50; at++) expect((shaken[at] as number) / (calm[at] as number)).toBeCloseTo(0.9, 12)
    expect(factorPaths(assets, [{ step: 2, size: -0.9 }], 5, prng(3)).get('USD')).toEqual([1, 1, 1, 1, 1, 1])
    expect(() => factorPaths(assets, [{ step: 0, size: -1 }], 5, prng(3))).toThrow(/leaves no price/)
    const events = [1, 2, 3, 10].map((time) => ({ time, usd: time }))
    expect(shareAfter(events, 1, 3)).toBeCloseTo(6 / 16, 12)
    expect(shareAfter([], 0, 1)).toBeUndefined()
  })
})
