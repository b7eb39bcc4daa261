/**
 * Lenders of bitcoin-backed loans who call margin on one shared market: a call gives time to cure, an uncured one and a loan beyond its liquidation
 * loan-to-value are sold, and the sales move the price for everybody. Simultaneous calls and staggered ones differ in when they look.
 *
 * States: OK → MARGIN_CALL(cure time) → { CURED | LIQUIDATED }. Anchor: Ledn Issuer Trust 2026-1 (S&P Global Ratings pre-sale): 5,441 loans, $199.1 M
 * against 4,078.87 BTC at $87,500, weighted-average LTV 55.78 %, liquidation at 81.4 %.
 */
import { breakwaterError, type Prng } from '../../model/index.ts'

/** How a lender acts. LTVs as fractions; times in hours. */
export type LenderTerms = {
  readonly id: string
  readonly callLtv: number
  readonly liquidationLtv: number
  readonly cureHours: number
  /** Chance that a called borrower tops up to `cureLtv` before the time is over. */
  readonly cureChance: number
  readonly cureLtv: number
  /** The lender looks every so many hours, first at `firstLook`: 0 for all of them is "simultaneous". */
  readonly lookEvery: number
  readonly firstLook: number
}

/** A loan: debt in USD against coins. */
export type CoinLoan = { readonly id: string; readonly lender: string; readonly debt: number; readonly coins: number }

/** What became of a loan. */
export type LoanEnd = 'ok' | 'called' | 'cured' | 'liquidated'

/** One run: price with its sales per hour, what became of the loans, and sums (coins, USD, fractions). */
export type MarginCallRun = {
  readonly prices: readonly number[]
  readonly ends: ReadonlyMap<string, LoanEnd>
  readonly calls: number
  readonly cured: number
  readonly liquidated: number
  readonly liquidatedShare: number
  readonly coinsSold: number
  /** Debt that the sale of a loan's coins did not cover. */
  readonly shortfall: number
  /** Lowest price / lowest outside price − 1: what the sales added (≤ 0). */
  readonly overshoot: number
}

/** LTV of a whole pool at a price, and the fall (fraction) at which its average reaches a line. */
export function poolLtv(
  debt: number,
  coins: number,
  price: number,
  line: number,
): { readonly ltv: number; readonly fall: number } {
  if (!(debt >= 0 && coins > 0 && price > 0 && line > 0))
    throw breakwaterError('bad-number', 'a pool needs coins, a price and a line above 0', { debt, coins, price, line })
  const ltv = debt / (coins * price)
  return { ltv, fall: 1 - ltv / line }
}

type Standing = { readonly loan: CoinLoan; coins: number; end: LoanEnd; deadline: number; cures: boolean }

/** A desk at work: what is sold at a look, and what became of the loans so far. */
export type MarginDesk = {
  /** One look at an hour. `price` is asked anew before each loan, and `sell` is told the coins of each that is sold at once. */
  look(hour: number, price: () => number, sell: (coins: number, shortfall: number) => void): void
  readonly counts: () => { readonly calls: number; readonly cured: number; readonly liquidated: number }
  readonly ends: () => ReadonlyMap<string, LoanEnd>
}

/** Lenders with their loans. Chance decides who cures, drawn per loan, so that two schedules compare the same people. Refuses (`bad-scenario`) a loan of no lender. */
export function marginDesk(
  terms: { readonly lenders: readonly LenderTerms[]; readonly loans: readonly CoinLoan[] },
  chance: Prng,
): MarginDesk {
  const lenders = new Map(terms.lenders.map((lender) => [lender.id, lender]))
  const standings = terms.loans.map((loan): Standing => {
    const lender = lenders.get(loan.lender)
    if (!lender)
      throw breakwaterError('bad-scenario', `loan ${loan.id} names no lender ${loan.lender}`, { loan: loan.id })
    const cures = chance.fork(loan.id).next() < lender.cureChance
    return { loan, coins: loan.coins, end: 'ok', deadline: 0, cures }
  })
  let [calls, cured] = [0, 0]
  return {
    look(hour, price, sell) {
      for (const one of standings) {
        const lender = lenders.get(one.loan.lender) as LenderTerms
        if (one.end === 'liquidated' || !looks(lender, hour)) continue
        const now = price()
        const step = decide(one, lender, now, hour)
        if (step === 'call') calls += 1
        if (step === 'cure') cured += 1
        if (step === 'sell') sell(one.coins, Math.max(0, one.loan.debt - one.coins * now))
      }
    },
    counts: () => ({ calls, cured, liquidated: standings.filter(({ end }) => end === 'liquidated').length }),
    ends: () => new Map(standings.map(({ loan, end }) => [loan.id, end])),
  }
}

/**
 * Runs an outside price path (one an hour) with the lenders' sales on top. `impact`: fraction of the price lost per coin sold; `recovery`: part of
 * the displacement that comes back each hour.
 */
export function marginCalls(
  terms: { readonly lenders: readonly LenderTerms[]; readonly loans: readonly CoinLoan[] },
  market: { readonly path: readonly number[]; readonly impact: number; readonly recovery: number },
  chance: Prng,
): MarginCallRun {
  const desk = marginDesk(terms, chance)
  let [displacement, coinsSold, shortfall] = [0, 0, 0]
  const prices = market.path.map((outside, hour) => {
    displacement *= 1 - market.recovery
    desk.look(
      hour,
      () => outside * (1 - displacement),
      (coins, short) => {
        coinsSold += coins
        shortfall += short
        displacement = Math.min(1, displacement + market.impact * coins)
      },
    )
    return outside * (1 - displacement)
  })
  const counts = desk.counts()
  return {
    ...{ prices, ...counts, coinsSold, shortfall, ends: desk.ends() },
    liquidatedShare: terms.loans.length === 0 ? 0 : counts.liquidated / terms.loans.length,
    overshoot: prices.length === 0 ? 0 : Math.min(...prices) / Math.min(...market.path) - 1,
  }
}

const looks = ({ lookEvery, firstLook }: LenderTerms, hour: number) =>
  hour >= firstLook && (hour - firstLook) % Math.max(1, lookEvery) === 0

function decide(one: Standing, lender: LenderTerms, price: number, hour: number): 'sell' | 'call' | 'cure' | 'nothing' {
  const ltv = one.loan.debt / (one.coins * price)
  if (
    ltv >= lender.liquidationLtv ||
    (one.end === 'called' && hour >= one.deadline && !one.cures && ltv >= lender.callLtv)
  ) {
    one.end = 'liquidated'
    return 'sell'
  }
  if (one.end === 'called' && one.cures && hour >= one.deadline) {
    one.coins = Math.max(one.coins, one.loan.debt / (lender.cureLtv * price))
    one.end = 'cured'
    return 'cure'
  }
  // A price that came back ends the call by itself.
  if (one.end === 'called' && ltv < lender.callLtv) one.end = 'ok'
  if (ltv >= lender.callLtv && one.end !== 'called') {
    one.end = 'called'
    one.deadline = hour + lender.cureHours
    return 'call'
  }
  return 'nothing'
}
