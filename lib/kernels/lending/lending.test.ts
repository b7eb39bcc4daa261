import { describe, expect, it } from 'vitest'
import { accruedAt } from '../../mechanisms/aave/v3-interest.ts'
import { AAVE_V36, type AaveState, aaveV3Account, aaveV36, aaveV36World } from '../../mechanisms/index.ts'
import { type Moment, type Prng, prng } from '../../model/index.ts'
import { certifiedColumns, certifiedHealthFactors, certifiedTable } from './certified.ts'
import { healthFactors, type Loan, loanColumns, loansBelow } from './columns.ts'
import {
  EXACT_NO_DEBT,
  type ExactLoan,
  type ExactWeight,
  exactColumns,
  exactHealthFactors,
  exactTable,
} from './exact.ts'
import { killIndex, shockLines } from './kill-index.ts'
import { plainHealthFactor, plainLoansBelow, plainRung } from './plain.ts'

function randomLoans(chance: Prng, loans: number, weights: number): Loan[] {
  const legs = () =>
    Array.from({ length: chance.int(5) }, () => ({ weight: chance.int(weights), amount: chance.exponential(10) }))
  return Array.from({ length: loans }, () => ({ collateral: legs(), debt: legs() }))
}

describe('the screen over columns', () => {
  it('agrees with the plain twin on random loans and prices, bit for bit', () => {
    const chance = prng('columns')
    let found = 0
    for (let round = 0; round < 50; round++) {
      const loans = randomLoans(chance, 1 + chance.int(200), 8)
      const columns = loanColumns(loans)
      const table = Float64Array.from({ length: 8 }, () => chance.exponential(1))
      const out = new Float64Array(loans.length)
      healthFactors(columns, table, out)
      expect([...out]).toEqual(loans.map((loan) => plainHealthFactor(loan, table)))
      const hits = new Int32Array(loans.length)
      const count = loansBelow(columns, table, 1 + 1e-9, hits)
      expect([...hits.subarray(0, count)]).toEqual(plainLoansBelow(loans, table, 1 + 1e-9))
      found += count
    }
    expect(found).toBeGreaterThan(500)
  })
  it('has no NaN: nothing owed is Infinity, nothing held is 0', () => {
    const leg = { weight: 0, amount: 1 }
    const columns = loanColumns([
      { collateral: [], debt: [] },
      { collateral: [leg], debt: [] },
      { collateral: [], debt: [leg] },
      { collateral: [leg], debt: [{ weight: 0, amount: 0 }] },
    ])
    const out = new Float64Array(4)
    healthFactors(columns, Float64Array.of(2), out)
    expect([...out]).toEqual([Infinity, Infinity, 0, Infinity])
    expect(loansBelow(columns, Float64Array.of(2), 1, new Int32Array(4))).toBe(1)
    expect(() => loanColumns([{ collateral: [{ weight: 0, amount: Number.NaN }], debt: [] }])).toThrow(/finite/)
  })
})

const RAY = 10n ** 27n

/** Accounts of an Aave state as loans with weights, at one moment. */
function exactOf(state: AaveState, at: Moment): { loans: ExactLoan[]; weights: ExactWeight[]; ids: string[] } {
  const weights: ExactWeight[] = []
  const numbers = new Map<string, number>()
  const numberOf = (key: string, weight: ExactWeight) => {
    const number = numbers.get(key) ?? weights.push(weight) - 1
    numbers.set(key, number)
    return number
  }
  const ids: string[] = []
  const loans: ExactLoan[] = []
  for (const [id, account] of state.accounts) {
    const [collateral, debt]: [ExactLoan['collateral'][number][], ExactLoan['debt'][number][]] = [[], []]
    for (const [asset, reserve] of state.reserves) {
      const position = account.positions.get(asset)
      if (!position) continue
      const grown = accruedAt(AAVE_V36, reserve, BigInt(at.time))
      const price = at.price(reserve.config.feed) ?? 0n
      const same = { price, unit: 10n ** reserve.config.decimals }
      const threshold = aaveV3Account.thresholdOf(state, account, reserve)
      if (position.usedAsCollateral)
        collateral.push({
          scaled: position.scaledCollateral,
          weight: numberOf(`${asset}/${threshold}`, { ...same, index: grown.liquidityIndex, threshold }),
        })
      if (position.borrowing)
        debt.push({
          scaled: position.scaledDebt,
          weight: numberOf(`${asset}/debt`, { ...same, index: grown.variableBorrowIndex, threshold: 0n }),
        })
    }
    ids.push(id)
    loans.push({ collateral, debt })
  }
  return { loans, weights, ids }
}

describe('exact health factors', () => {
  it('are the mechanism’s own, to the last digit, on random worlds of Aave v3.6', () => {
    let [compared, unproven] = [0, 0]
    for (let index = 0; index < 12; index++) {
      const world = aaveV36World(prng(`exact/${index}`))
      let at = world.at
      for (let step = 0; step < 60; step++) {
        const next = world.next(world.state, at)
        at = next.at
        aaveV36.apply(world.state, next.action, at)
        const { loans, weights, ids } = exactOf(world.state, at)
        const out = loans.map(() => 0n)
        const [columns, table] = [exactColumns(loans), exactTable(weights)]
        exactHealthFactors(columns, table, out)
        const certified = loans.map(() => 0n)
        unproven += certifiedHealthFactors(certifiedColumns(columns), certifiedTable(table), certified)
        expect(certified).toEqual(out)
        ids.forEach((id, loan) => {
          const account = world.state.accounts.get(id)
          if (!account) return
          const price = (feed: string) => at.price(feed) ?? 0n
          const data = aaveV3Account.accountData(AAVE_V36, world.state, account, price, BigInt(at.time))
          expect([id, out[loan]]).toEqual([id, data.healthFactor])
          const health = aaveV36.assess(world.state, id, at)
          if (health) expect(health.liquidatable).toBe((out[loan] as bigint) < 10n ** 18n)
          if (out[loan] !== EXACT_NO_DEBT) compared++
        })
      }
    }
    expect(compared).toBeGreaterThan(500)
    expect(unproven).toBeLessThan(compared)
  })
  it('proven in float64 are the same integers, from dust to 2^110 atoms, at round and at crooked indices and prices', () => {
    const chance = prng('certified')
    const big = (bits: number) => BigInt(Math.floor(chance.next() * 2 ** 50)) << BigInt(chance.int(bits))
    let [unproven, total] = [0, 0]
    for (let round = 0; round < 300; round++) {
      const weights: ExactWeight[] = Array.from({ length: 8 }, () => ({
        index: chance.pick([RAY, RAY + ((big(38) * 10n ** 5n) % RAY), 2n * RAY, RAY + 1n]),
        price: chance.pick([10n ** 8n, 1n, 1n + big(1), 308_120_000_000n, 99_980_000n]),
        unit: 10n ** BigInt(chance.pick([0, 2, 6, 8, 9, 10, 18, 18, 27])),
        threshold: BigInt(chance.int(10_001)),
      }))
      const legs = () =>
        Array.from({ length: chance.int(4) }, () => ({
          weight: chance.int(8),
          scaled: chance.pick([0n, 1n, big(1), big(20), big(30), big(60), 10n ** BigInt(chance.int(24))]),
        }))
      const loans = Array.from({ length: 100 }, () => ({ collateral: legs(), debt: legs() }))
      const [columns, table] = [exactColumns(loans), exactTable(weights)]
      const [out, certified] = [loans.map(() => 0n), loans.map(() => 0n)]
      exactHealthFactors(columns, table, out)
      unproven += certifiedHealthFactors(certifiedColumns(columns), certifiedTable(table), certified)
      total += loans.length
      expect(certified).toEqual(out)
    }
    expect(unproven).toBeGreaterThan(100)
    expect(unproven).toBeLessThan(0.9 * total)
  })
})

function randomLines(chance: Prng, loans: number) {
  const lines = shockLines(loans)
  for (let loan = 0; loan < loans; loan++) {
    const [fixed, moving] = [chance.pick([0, 0, chance.exponential(50)]), chance.exponential(100)]
    const threshold = 0.6 + 0.35 * chance.next()
    const kind = chance.int(5)
    lines.collateral[loan] = kind === 0 ? moving : fixed
    lines.collateralSlope[loan] = kind === 0 ? 0 : moving
    lines.backing[loan] = threshold * (lines.collateral[loan] as number)
    lines.backingSlope[loan] = threshold * (lines.collateralSlope[loan] as number)
    const debt = (fixed + moving) * threshold * (0.5 + 0.6 * chance.next())
    // Debts that stand still, that move along, both, and loans that owe nothing.
    if (kind === 1) lines.requiredSlope[loan] = debt
    else if (kind === 2) {
      lines.required[loan] = debt / 2
      lines.requiredSlope[loan] = debt / 2
    } else if (kind === 0) lines.requiredSlope[loan] = debt
    else if (kind !== 4) lines.required[loan] = debt
  }
  return lines
}

describe('the kill index', () => {
  it('gives every rung that the plain twin finds by looking at every loan', () => {
    const chance = prng('kill')
    let broken = 0
    for (let round = 0; round < 30; round++) {
      const lines = randomLines(chance, 1 + chance.int(300))
      const index = killIndex(lines)
      for (const factor of [
        1,
        0.999,
        0.9,
        0.75,
        0.5,
        0.2,
        0.01,
        1.2,
        2,
        10,
        ...Array.from({ length: 20 }, () => 2 * chance.next()),
      ]) {
        const [quick, slow] = [index.at(factor), plainRung(lines, factor)]
        expect(quick.loans).toBe(slow.loans)
        for (const key of ['collateral', 'debt', 'badDebt'] as const)
          expect(Math.abs(quick[key] - slow[key])).toBeLessThan(1e-7)
        broken += slow.loans
      }
    }
    expect(broken).toBeGreaterThan(10_000)
  })
  it('names the loans in the order in which a falling price reaches them', () => {
    const lines = shockLines(3)
    lines.backingSlope.set([80, 80, 80])
    lines.collateralSlope.set([100, 100, 100])
    lines.required.set([60, 76, 70])
    const { falling, at } = killIndex(lines)
    expect([...falling.order]).toEqual([1, 2, 0])
    expect([...falling.factors]).toEqual([0.95, 0.875, 0.75])
    expect(at(0.9)).toEqual({ loans: 1, collateral: 90, debt: 76, badDebt: 0 })
    expect(at(0.7)).toMatchObject({ loans: 3, debt: 206 })
    expect(at(0.7).badDebt).toBeCloseTo(6, 12)
    expect(at(1)).toEqual({ loans: 0, collateral: 0, debt: 0, badDebt: 0 })
    // A hair's breadth on either side of a kill factor that lies on the edge of a cell.
    for (const [factor, loans] of [
      [0.75, 2],
      [0.75 - 2 ** -53, 3],
      [0.75 + 2 ** -53, 2],
    ] as const)
      expect(at(factor).loans).toBe(loans)
  })
})
