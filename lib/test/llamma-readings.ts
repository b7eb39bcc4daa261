/**
 * Everything that can be asked of a LLAMMA market after a step, with what our mechanism answers: bands, prices, debts, healths, fees, balances, quotes and
 * bounds of borrowing. The live comparison asks the contracts the same; the recorded one keeps a mark of each answer.
 */
import {
  type Applied,
  type LlammaAction,
  type LlammaMarket,
  type LlammaTerms,
  llammaMarket,
  llammaRules,
  wasRefused,
} from '../mechanisms/index.ts'
import type { Moment } from '../model/index.ts'
import { answer, type Marks, marksOfTexts, type Value } from './recorded.ts'

/** Borrowers, a liquidator, and whoever asks or trades. */
export const PEOPLE: readonly string[] = ['ann', 'bob', 'cid', 'lin', 'anyone']

/** A view: whom to ask, what, and our answer as text. Arguments that are text name a person or one of the contracts. */
export type LlammaReading = {
  readonly of: 'amm' | 'controller' | 'oracle' | 'policy' | 'borrowed' | 'collateral'
  readonly name: string
  readonly args: readonly (bigint | boolean | string)[]
  readonly ours: string
}

/** A market as the factory makes it at a time: the oracle's memory and the policy's averages begin there. */
export function openingMarket(terms: LlammaTerms, time: bigint): LlammaMarket {
  const { policy } = terms
  if (policy?.kind !== 'aggregate') return llammaMarket({ ...terms, time })
  // The factory asks the policy once, when no other market has a debt yet: a share of 0 is queued.
  const ratio = { ...policy.ratio, value: 0n, average: policy.targetFraction, time }
  return llammaMarket({ ...terms, time, policy: { ...policy, ratio } })
}

/** What an action came to: the revert's word, or the amounts that the contract returned or told in an event, by our names. */
export type LlammaOutcome = string | Readonly<Record<string, bigint>>

/** Our own outcome, with what the aggregate policy's moving average holds now. */
export function ownOutcome(done: Applied, { policy }: LlammaMarket): LlammaOutcome {
  if (wasRefused(done)) return done.refused.code
  const moved = { ...done.moved } as Record<string, bigint>
  return policy.kind === 'aggregate' ? { ...moved, average: policy.ratio.average, queued: policy.ratio.value } : moved
}

/** Differences of an outcome: the words, or every amount that the contract tells. */
export function outcomeDifferences(action: LlammaAction, ours: LlammaOutcome, theirs: LlammaOutcome): string[] {
  if (typeof ours === 'string' || typeof theirs === 'string') {
    if (ours === theirs || neverBorrowed(action, ours, theirs)) return []
    const say = (one: LlammaOutcome) => (typeof one === 'string' ? `refused: ${one}` : 'completed')
    return [`outcome: ours ${say(ours)}, the contract's ${say(theirs)}`]
  }
  return Object.entries(theirs).flatMap(([name, amount]) =>
    ours[name] === amount ? [] : [`${name}: ours ${ours[name]}, the contract's ${amount}`],
  )
}

/** The contract has no words for the liquidation of somebody who never had a loan: his discount, which says whether health is asked for, is 0. */
function neverBorrowed({ do: what }: LlammaAction, ours: LlammaOutcome, theirs: LlammaOutcome): boolean {
  return what === 'liquidate' && ours === "Loan doesn't exist" && theirs === '(empty)'
}

/** Every reading after a step; `step` picks the sizes of quotes. */
export function readingsOf(market: LlammaMarket, at: Moment, step: number): readonly LlammaReading[] {
  return [
    ...ammReadings(market, at),
    ...controllerReadings(market, at, step),
    ...PEOPLE.slice(0, 3).flatMap((name) => loanReadings(market, name, at)),
    ...quoteReadings(market, at, step),
    ...bandReadings(market),
  ]
}

function reader(of: LlammaReading['of']) {
  return (name: string, args: LlammaReading['args'], view: () => Value): LlammaReading => ({
    ...{ of, name, args },
    ours: answer(view),
  })
}

function ammReadings(market: LlammaMarket, at: Moment): readonly LlammaReading[] {
  const [amm, oracle] = [reader('amm'), reader('oracle')]
  const { activeBand, minBand, maxBand } = market
  return [
    amm('active_band', [], () => BigInt(activeBand)),
    amm('min_band', [], () => BigInt(minBand)),
    amm('max_band', [], () => BigInt(maxBand)),
    amm('admin_fees_x', [], () => market.feesX),
    amm('admin_fees_y', [], () => market.feesY),
    amm('rate', [], () => market.rate),
    amm('get_rate_mul', [], () => llammaRules.rateMulAt(market, BigInt(at.time))),
    amm('get_p', [], () => llammaRules.ammPrice(market, at)),
    amm('price_oracle', [], () => llammaRules.oraclePrice(market, at).price),
    amm('p_oracle_up', [BigInt(activeBand)], () => llammaRules.upperPrice(market, activeBand, BigInt(at.time))),
    amm('p_current_up', [BigInt(activeBand)], () => llammaRules.currentPrice(market, activeBand, 'upper', at)),
    amm('p_current_down', [BigInt(activeBand)], () => llammaRules.currentPrice(market, activeBand, 'lower', at)),
    ...(market.oracle.kind === 'ema' ? [oracle('price', [], () => llammaRules.outsidePrice(market, at))] : []),
    reader('borrowed')('balanceOf', ['amm'], () => market.balanceX),
    reader('collateral')('balanceOf', ['amm'], () => market.balanceY),
  ]
}

function controllerReadings(market: LlammaMarket, at: Moment, step: number): readonly LlammaReading[] {
  const [controller, policy] = [reader('controller'), reader('policy')]
  const bands = 4 + (step % 47)
  const collateral = (WAD / market.collateralPrecision) * BigInt(1 + step)
  const debt = ((1_000n * WAD) / market.borrowedPrecision) * BigInt(1 + step)
  const candle = ({ earlier, later, time }: { earlier: bigint; later: bigint; time: bigint }) => [earlier, later, time]
  const { policy: set } = market
  return [
    reader('borrowed')('balanceOf', ['controller'], () => llammaRules.lendable(market)),
    controller('total_debt', [], () => llammaRules.totalDebt(market, BigInt(at.time))),
    controller('n_loans', [], () => BigInt(market.loans.size)),
    controller('minted', [], () => market.minted),
    controller('redeemed', [], () => market.redeemed),
    controller('max_borrowable', [collateral, BigInt(bands)], () =>
      llammaRules.maxBorrowable(market, collateral, bands, 0n, at),
    ),
    controller('min_collateral', [debt, BigInt(bands)], () => llammaRules.minCollateral(market, debt, bands, at)),
    controller('calculate_debt_n1', [collateral, debt, BigInt(bands)], () =>
      BigInt(llammaRules.debtN1(market, collateral, debt, bands, at)),
    ),
    ...(set.kind === 'aggregate'
      ? [
          policy('min_debt_candles', ['nobody'], () => candle(set.total)),
          policy('min_debt_candles', ['controller'], () => candle(set.own)),
        ]
      : []),
  ]
}

function loanReadings(market: LlammaMarket, name: string, at: Moment): readonly LlammaReading[] {
  const [amm, controller] = [reader('amm'), reader('controller')]
  const loan = market.loans.get(name)
  const owed = () => llammaRules.debtOf(market, name, BigInt(at.time))
  if (!loan) return [controller('debt', [name], owed)]
  const discount = loan.liquidationDiscount
  const health = (kind: 'quick' | 'full') => () => llammaRules.healthOf(market, name, owed(), kind, discount, at)
  const deposit = market.deposits.get(name)
  return [
    controller('debt', [name], owed),
    controller('liquidation_discounts', [name], () => discount),
    controller('health', [name, false], health('quick')),
    controller('health', [name, true], health('full')),
    amm('get_x_down', [name], () => llammaRules.slowly(market, name, 'down', at)),
    amm('get_y_up', [name], () => llammaRules.slowly(market, name, 'up', at)),
    amm('get_sum_xy', [name], () => {
      const { x, y } = llammaRules.sumXY(market, name)
      return [x, y]
    }),
    ...(deposit ? [amm('read_user_tick_numbers', [name], () => [BigInt(deposit.n1), BigInt(deposit.n2)])] : []),
  ]
}

function quoteReadings(market: LlammaMarket, at: Moment, step: number): readonly LlammaReading[] {
  const amm = reader('amm')
  const target = ((at.price(market.feed) ?? 0n) * BigInt(80 + (step % 40))) / 100n
  const share = (amount: bigint) => (amount * BigInt(1 + (step % 10))) / 10n + 1n
  const quoted = (sell: 'borrowed' | 'collateral', exact: 'in' | 'out', amount: bigint) => {
    const [i, j] = sell === 'borrowed' ? [0n, 1n] : [1n, 0n]
    return amm(exact === 'in' ? 'get_dxdy' : 'get_dydx', [i, j, amount], () => {
      const { sold, bought } = llammaRules.quote(market, sell, exact, amount, at)
      return exact === 'in' ? [sold, bought] : [bought, sold]
    })
  }
  return [
    amm('get_amount_for_price', [target], () => {
      const { amount, sell } = llammaRules.amountForPrice(market, target, at)
      return [amount, sell === 'borrowed' ? 1n : 0n]
    }),
    quoted('borrowed', 'in', share(market.minted)),
    quoted('collateral', 'in', share(market.balanceY)),
    quoted('borrowed', 'out', share(market.balanceY)),
    quoted('collateral', 'out', share(market.balanceX)),
  ]
}

function bandReadings(market: LlammaMarket): readonly LlammaReading[] {
  const amm = reader('amm')
  return [...new Set([...market.bandsX.keys(), ...market.bandsY.keys(), market.activeBand])]
    .sort((a, b) => a - b)
    .flatMap((band) => [
      amm('bands_x', [BigInt(band)], () => llammaRules.xOf(market, band)),
      amm('bands_y', [BigInt(band)], () => llammaRules.yOf(market, band)),
    ])
}

const { WAD } = llammaRules

/** Kinds of readings in their order: one for every view and person, one for all bands. */
export function kindsOf(readings: readonly LlammaReading[]): readonly string[] {
  return [...new Set(readings.map(kindOf))]
}

function kindOf({ of, name, args }: LlammaReading): string {
  const [first] = args
  return typeof first === 'string' ? `${of}.${name}(${args.join(', ')})` : `${of}.${name}`
}

/** The marks of answers, ours or the contract's, in the order of the readings. */
export function marksOf(readings: readonly LlammaReading[], answers: readonly string[]): Marks {
  const texts = new Map<string, string>()
  for (const [index, reading] of readings.entries()) {
    const kind = kindOf(reading)
    texts.set(kind, `${texts.get(kind) ?? kind} ${reading.args.join(',')}=${answers[index]}`)
  }
  return marksOfTexts([...texts.values()])
}
