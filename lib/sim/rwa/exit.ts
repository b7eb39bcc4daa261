/**
 * The exit of levered loops on a fund whose net asset value falls in steps: forced sales on a thin market against a buyer who can hold to maturity.
 * A loop beyond its line is liquidated only if somebody gains by it; what nobody takes falls further, and ends as the lenders' loss.
 */
import { infinifiRules, type LoopController, loopLeverage, loopStep } from '../../mechanisms/index.ts'
import { breakwaterError } from '../../model/index.ts'
import type { Impact } from '../impact.ts'

/** A loop at the start: equity (USD) and leverage. */
export type RwaLoop = { readonly id: string; readonly equity: number; readonly leverage: number }

/** The fund, its gate, its market and its lenders. Rates per year, shares as fractions, USD. */
export type RwaTerms = {
  /** Net asset value per unit by day; changes only on days of valuation. */
  readonly nav: readonly number[]
  readonly fundSize: number
  readonly gateShare: number
  readonly gateEvery: number
  readonly noticeDays: number
  /** The secondary market: impact of selling units on the price, refilled by half in `refillDays`. */
  readonly market: Impact
  readonly refillDays: number
  readonly borrowRate: number
  readonly assetYield: number
  readonly lltv: number
  /** What a liquidator may take beyond the repayment, as a factor (1.03). */
  readonly incentive: number
  readonly controller: LoopController
  /** Somebody who holds to maturity: required yield, money, and how much loss he expects. `undefined`: nobody. */
  readonly holder?:
    | { readonly requiredYield: number; readonly capital: number; readonly expectedLoss: number }
    | undefined
}

/** What became of it, USD. */
export type RwaExit = {
  readonly liquidated: number
  /** Lost by the loops to discounts and incentives, beyond the fall of the value itself. */
  readonly borrowersLost: number
  readonly lendersLost: number
  readonly soldOnMarket: number
  readonly boughtToHold: number
  readonly redeemed: number
  /** Worst discount to the net asset value at which anything changed hands. */
  readonly worstDiscount: number
  /** Days until no loop had debt any more; `undefined`: some still have. */
  readonly daysToExit: number | undefined
  /** The holder's result per year on the money he used; `undefined` where he bought nothing. */
  readonly holderYield: number | undefined
  readonly marketPrices: readonly number[]
}

type Standing = { readonly id: string; units: number; debt: number; queued: number; since: number }
type Running = {
  readonly terms: RwaTerms
  readonly loops: Standing[]
  pressure: number
  held: number
  spent: number
  day: number
  readonly lots: { readonly day: number; readonly paid: number; readonly value: number }[]
  sums: {
    liquidated: number
    borrowersLost: number
    lendersLost: number
    sold: number
    redeemed: number
    worst: number
  }
}

/** Runs the days of the path. */
export function rwaExit(loops: readonly RwaLoop[], terms: RwaTerms): RwaExit {
  const first = terms.nav[0]
  if (first === undefined || terms.nav.some((value) => !(value > 0)))
    throw breakwaterError('bad-scenario', 'a net asset value of every day is needed, each above 0', {
      days: terms.nav.length,
    })
  const run: Running = {
    ...{ terms, pressure: 0, held: 0, spent: 0, day: 0, lots: [] },
    loops: loops.map(({ id, equity, leverage }) => {
      const value = equity * leverage
      return { id, units: value / first, debt: value - equity, queued: 0, since: 0 }
    }),
    sums: { liquidated: 0, borrowersLost: 0, lendersLost: 0, sold: 0, redeemed: 0, worst: 0 },
  }
  let daysToExit: number | undefined
  const marketPrices: number[] = []
  for (const [day, nav] of terms.nav.entries()) {
    run.day = day
    run.pressure *= 0.5 ** (1 / terms.refillDays)
    for (const loop of run.loops) loop.debt *= 1 + terms.borrowRate / 365
    if (day > 0 && day % terms.gateEvery === 0) openGate(run, nav)
    for (const loop of run.loops) if (loop.debt > 0) tend(run, loop, nav)
    marketPrices.push(terms.market.price(nav, 'sell', run.pressure))
    if (daysToExit === undefined && run.loops.every(({ debt }) => debt <= 1e-9)) daysToExit = day
  }
  return ended(run, daysToExit, marketPrices)
}

function ended(run: Running, daysToExit: number | undefined, marketPrices: readonly number[]): RwaExit {
  const last = run.terms.nav[run.terms.nav.length - 1] as number
  const worth = run.held * last
  const years = run.lots.reduce((sum, { day, paid }) => sum + (paid * (run.terms.nav.length - day)) / 365, 0)
  const { sums } = run
  return {
    ...{ liquidated: sums.liquidated, borrowersLost: sums.borrowersLost, lendersLost: sums.lendersLost },
    ...{ soldOnMarket: sums.sold, boughtToHold: run.spent, redeemed: sums.redeemed, worstDiscount: sums.worst },
    ...{ daysToExit, marketPrices },
    holderYield: years > 0 ? (worth - run.spent) / years : undefined,
  }
}

/** The quarter's redemption: queued units in their order, up to the gate, at net asset value; the money repays the loan. */
function openGate(run: Running, nav: number): void {
  let room = run.terms.fundSize * run.terms.gateShare
  const waiting = run.loops.filter(({ queued, since }) => queued > 0 && run.day - since >= run.terms.noticeDays)
  for (const loop of waiting.sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1))) {
    const units = Math.min(loop.queued, loop.units, room / nav)
    loop.queued -= units
    loop.units -= units
    loop.debt = Math.max(0, loop.debt - units * nav)
    room -= units * nav
    run.sums.redeemed += units * nav
  }
}

function tend(run: Running, loop: Standing, nav: number): void {
  const { terms } = run
  if (loop.debt > terms.lltv * loop.units * nav) {
    liquidate(run, loop, nav)
    return
  }
  const carry = terms.assetYield - terms.borrowRate
  const discount = (value: number) => 1 - averagePrice(run, nav, value / nav) / nav
  const step = loopStep(terms.controller, { value: loop.units * nav, debt: loop.debt }, { discount, carry })
  if (step.do === 'redeem' && loop.queued === 0) {
    loop.queued = step.value / nav
    loop.since = run.day
  }
  if (step.do === 'sell') {
    const units = Math.min(step.value / nav, loop.units)
    const money = sell(run, nav, units)
    loop.units -= units
    run.sums.borrowersLost += units * nav - money
    loop.debt = Math.max(0, loop.debt - money)
  }
  // A curator who can still lever up in a falling fund is left out: this is about the way out.
}

function averagePrice(run: Running, nav: number, units: number): number {
  if (units <= 0) return run.terms.market.price(nav, 'sell', run.pressure)
  const { market } = run.terms
  const money = market.money(nav, 'sell', run.pressure + units) - market.money(nav, 'sell', run.pressure)
  return Math.max(0, money / units)
}

function sell(run: Running, nav: number, units: number): number {
  const price = averagePrice(run, nav, units)
  run.pressure += units
  run.sums.sold += units * price
  run.sums.worst = Math.max(run.sums.worst, 1 - price / nav)
  return units * price
}

/** Whoever liquidates repays debt for units worth `incentive` times as much, and must not lose by it: first the holder, then the market. */
function liquidate(run: Running, loop: Standing, nav: number): void {
  const { terms, sums } = run
  const whole = Math.min(loop.debt, (loop.units * nav) / terms.incentive)
  const byHolder = holderTakes(run, loop, nav, whole)
  const left = whole - byHolder
  if (left > 1e-9) {
    const units = (left * terms.incentive) / nav
    if (units * averagePrice(run, nav, units) >= left) settle(run, loop, nav, left, () => sell(run, nav, units))
  }
  if (loop.units * nav < 1e-9 && loop.debt > 0) {
    sums.lendersLost += loop.debt
    loop.debt = 0
  }
  // No buyer at any price that pays: the loan stands under water until the value comes back or the end.
  if (run.day === terms.nav.length - 1) sums.lendersLost += Math.max(0, loop.debt - loop.units * nav)
}

function holderTakes(run: Running, loop: Standing, nav: number, wanted: number): number {
  const { holder } = run.terms
  if (!holder) return 0
  const days = daysToMoney(run, nav)
  const bid = nav * infinifiRules.holdToMaturityBid(holder.requiredYield, days, holder.expectedLoss)
  // He needs the units for no more than his bid; the incentive decides what a repaid dollar brings him.
  if (bid * (run.terms.incentive / nav) < 1) return 0
  const amount = Math.min(wanted, Math.max(0, holder.capital - run.spent))
  if (amount <= 0) return 0
  settle(run, loop, nav, amount, () => {
    const units = (amount * run.terms.incentive) / nav
    run.held += units
    run.spent += amount
    run.lots.push({ day: run.day, paid: amount, value: units * nav })
    run.sums.worst = Math.max(run.sums.worst, 1 - amount / (units * nav))
    return amount
  })
  return amount
}

/** Days until units bought now have gone through the gate: behind everything that waits already. */
function daysToMoney(run: Running, nav: number): number {
  const waiting = run.loops.reduce((sum, { queued }) => sum + queued, run.held) * nav
  const perGate = run.terms.fundSize * run.terms.gateShare
  const gates = Math.max(1, Math.ceil((waiting + 1) / perGate))
  const next = run.terms.gateEvery - (run.day % run.terms.gateEvery)
  return Math.max(next, run.terms.noticeDays) + (gates - 1) * run.terms.gateEvery
}

function settle(run: Running, loop: Standing, nav: number, repaid: number, take: () => number): void {
  const units = Math.min(loop.units, (repaid * run.terms.incentive) / nav)
  take()
  loop.units -= units
  loop.queued = Math.min(loop.queued, loop.units)
  loop.debt -= repaid
  run.sums.liquidated += repaid
  run.sums.borrowersLost += units * nav - repaid
}

/**
 * The source article's exit: three and four times levered loops on a fund with a quarterly gate of 5 %, 122 days. The value is restated by `fall` at
 * the weekly valuation of day 14: until then nobody saw it, and at once every loop is where its curator would never have let it go.
 */
export function rwaExitScenario(withHolder: boolean, market: Impact, fall: number): RwaExit {
  const nav = Array.from({ length: 123 }, (_, day) => (day < 14 ? 1 : 1 - fall))
  const loops = Array.from({ length: 40 }, (_, at) => ({
    id: `loop-${at + 1}`,
    equity: 1_000_000,
    leverage: loopLeverage(at % 2 === 0 ? 0.75 : 2 / 3),
  }))
  return rwaExit(loops, {
    ...{ nav, fundSize: 1.3e9, gateShare: 0.05, gateEvery: 91, noticeDays: 31, market, refillDays: 5 },
    ...{ borrowRate: 0.06, assetYield: 0.1, lltv: 0.86, incentive: 1.06 },
    controller: { target: 4, band: 0.5, worstDiscount: 0.02 },
    holder: withHolder ? { requiredYield: 0.15, capital: 200e6, expectedLoss: 0 } : undefined,
  })
}
