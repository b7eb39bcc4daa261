/** A market compiled to whole numbers: mark steps, atoms per step and lot, its book, its position records. */

import type { Book } from '../../kernels/index.ts'
import {
  type IntegerMaintenance,
  integerMaintenance,
  type MaintenanceRule,
  mulDivCeil,
  mulDivFloor,
  type ProfileMarket,
} from '../../mechanisms/index.ts'
import { breakwaterError } from '../../model/index.ts'
import type { Queue } from './deleverage.ts'
import { LINK, MAX_LOTS, MAX_NOTIONAL, SLOT } from './layout.ts'

/** What a market needs beside its profile: which prices may be quoted, and how many orders may rest. Prices in quote per coin. */
export type MarketOptions = {
  readonly symbol: string
  readonly minPrice?: number | undefined
  readonly maxPrice: number
  readonly orders?: number | undefined
}

/** A market in whole numbers. A mark step is `tickSize / steps`; every stored price but a tick counts mark steps. */
export type Market = {
  readonly at: number
  readonly rules: ProfileMarket
  readonly currency: number
  readonly inverse: boolean
  /** Mark steps per tick. */
  readonly steps: number
  /** Linear: atoms per mark step and lot. Inverse: atoms × mark steps per lot, so that a lot is worth `unit / mark`. */
  readonly unit: number
  readonly maintenance: IntegerMaintenance
  readonly minTick: number
  readonly maxTick: number
  readonly maxLots: number
  readonly capacity: number
  readonly book: Book
  /** Position records (see layout), as Float64 and as Int32 over the same bytes. */
  readonly floats: Float64Array
  readonly ints: Int32Array
  readonly links: Int32Array
  readonly free: Int32Array
  /** How many numbers of `free` are. */
  readonly freeCount: Int32Array
  /** Isolated margin per position, atoms; 0 in cross. */
  readonly margins: Float64Array
  /** Atoms of the wallet that the orders of each isolated position reserve, as noted. */
  readonly reserves: Float64Array
  /** Mark steps at or below which (`low`), at or above which (`high`) a position must be looked at: see triggers. */
  readonly low: Float64Array
  readonly high: Float64Array
  /** The maintenance rule with brackets chosen by lots instead of notional. */
  readonly bySize: boolean
  /** The rule with money in atoms and sizes in lots, for the waterfall's sizing. */
  readonly lotRules: MaintenanceRule
  /** Deleveraging queues of longs and shorts, while a mark is worked on. */
  readonly queues: [Queue | undefined, Queue | undefined]
  /** Numbers that change: see {@link MARK} and the places after it. */
  readonly now: Float64Array
}

/** Place in {@link Market.now}: the mark price in mark steps, 0 = none yet. */
export const MARK = 0
/** Place in {@link Market.now}: the mark before, mark steps. */
export const PREVIOUS_MARK = 1
/** Place in {@link Market.now}: the index price in mark steps, 0 = none yet. */
export const INDEX = 2
/** Place in {@link Market.now}: lots of all longs. */
export const OPEN_LOTS = 3
/** Place in {@link Market.now}: tick of the last trade, 0 = none yet. */
export const LAST_TICK = 4
/** How many places. */
export const NOW_WORDS = 8

/** Compiles a market for `slots` positions. Throws `bad-config` where a step of price and size is no whole number of atoms. */
export function compileMarket(
  at: number,
  rules: ProfileMarket,
  options: MarketOptions,
  currency: number,
  atomsPerUnit: number,
  slots: number,
  makeBook: (minTick: number, maxTick: number, capacity: number) => Book,
): Market {
  const inverse = rules.payoff === 'inverse'
  const minTick = Math.max(1, Math.ceil((options.minPrice ?? 0) / rules.tickSize - 1e-9))
  const maxTick = Math.floor(options.maxPrice / rules.tickSize + 1e-9)
  if (!(maxTick > minTick) || maxTick > 0x7fffffff / 100)
    throw breakwaterError(
      'bad-config',
      `${rules.symbol} cannot quote from ${options.minPrice} to ${options.maxPrice}`,
      {
        minTick,
        maxTick,
        most: 0x7fffffff / 100,
      },
    )
  const { steps, unit } = inverse ? inverseUnit(rules, atomsPerUnit) : linearUnit(rules, atomsPerUnit)
  const largest = inverse ? MAX_NOTIONAL / (unit / (minTick * steps)) : MAX_NOTIONAL / (unit * steps * maxTick)
  const capacity = options.orders ?? 1 << 16
  const buffer = new ArrayBuffer(slots * SLOT * 8)
  const free = new Int32Array(capacity)
  for (let order = 0; order < capacity; order++) free[order] = capacity - 1 - order
  const now = new Float64Array(NOW_WORDS)
  const middle = Math.sqrt(minTick * maxTick) * steps
  const bySize = isBySize(rules)
  const perCoin = inverse
    ? atomsPerUnit
    : Math.max(1, Math.floor((unit * middle) / (rules.contractSize * rules.lotSize)))
  return {
    at,
    rules,
    currency,
    inverse,
    steps,
    unit,
    maintenance: integerMaintenance(rules.maintenance, bySize ? 1 / lotSizeOf(rules) : atomsPerUnit, perCoin),
    minTick,
    maxTick,
    maxLots: Math.min(MAX_LOTS, Math.floor(largest)),
    capacity,
    book: makeBook(minTick, maxTick, capacity),
    floats: new Float64Array(buffer),
    ints: new Int32Array(buffer),
    links: new Int32Array(capacity * LINK),
    free,
    freeCount: Int32Array.of(capacity),
    margins: new Float64Array(slots),
    reserves: new Float64Array(slots),
    queues: [undefined, undefined],
    low: new Float64Array(slots).fill(-1),
    high: new Float64Array(slots).fill(Number.POSITIVE_INFINITY),
    bySize,
    lotRules: rulesInLots(rules, atomsPerUnit, bySize),
    now,
  }
}

/** Coins (linear) or quote units (inverse) per lot. */
function lotSizeOf({ lotSize, contractSize }: ProfileMarket): number {
  return lotSize * contractSize
}

function isBySize({ symbol, payoff, maintenance }: ProfileMarket): boolean {
  if (maintenance.kind === 'growing') return false
  const bySize = (payoff === 'linear') !== (maintenance.table.unit === 'quote')
  if (bySize && !maintenance.table.wholeRate && maintenance.table.tiers.length > 1)
    throw breakwaterError('bad-config', `${symbol}: brackets by size with deductions are not carried by the exchange`, {
      symbol,
    })
  return bySize
}

/** Money in atoms, sizes in lots: value = lots · atoms per lot, so that the waterfall sizes in lots. */
function rulesInLots(rules: ProfileMarket, atomsPerUnit: number, bySize: boolean): MaintenanceRule {
  const { maintenance } = rules
  if (maintenance.kind === 'growing') {
    const perCoin =
      rules.payoff === 'linear' ? maintenance.rate.perCoin * lotSizeOf(rules) : maintenance.rate.perCoin / atomsPerUnit
    return { kind: 'growing', rate: { ...maintenance.rate, perCoin } }
  }
  const { table } = maintenance
  const per = bySize ? 1 / lotSizeOf(rules) : atomsPerUnit
  const tiers = table.tiers.map((tier) => ({ ...tier, floor: tier.floor * per, deduction: tier.deduction * per }))
  return { kind: 'tiers', table: { ...table, tiers, ceiling: table.ceiling * per } }
}

function linearUnit(rules: ProfileMarket, atomsPerUnit: number): { steps: number; unit: number } {
  const perTick = wholeNear(rules.tickSize * rules.lotSize * rules.contractSize * atomsPerUnit)
  if (perTick === undefined)
    throw breakwaterError(
      'bad-config',
      `${rules.symbol}: a tick of a lot is ${rules.tickSize * rules.lotSize * rules.contractSize} ${rules.settle}, no whole number of atoms`,
      { tickSize: rules.tickSize, lotSize: rules.lotSize, atomsPerUnit },
      { fix: 'Give the settle currency more decimals, or the market a coarser tick or lot.' },
    )
  const steps = [100, 50, 20, 10, 5, 4, 2].find((parts) => perTick % parts === 0) ?? 1
  return { steps, unit: perTick / steps }
}

function inverseUnit(rules: ProfileMarket, atomsPerUnit: number): { steps: number; unit: number } {
  const steps = 10
  const unit = wholeNear(((rules.contractSize * rules.lotSize * atomsPerUnit) / rules.tickSize) * steps)
  if (unit === undefined || unit > Number.MAX_SAFE_INTEGER)
    throw breakwaterError('bad-config', `${rules.symbol}: a lot at one tick is no safe number of atoms`, {
      contractSize: rules.contractSize,
      tickSize: rules.tickSize,
      atomsPerUnit,
    })
  return { steps, unit }
}

/** The whole number that a product of decimal steps means, `undefined` when it means none. */
function wholeNear(value: number): number | undefined {
  const whole = Math.round(value)
  return whole >= 1 && Math.abs(value - whole) <= 1e-6 * Math.max(1, value * 1e-6) ? whole : undefined
}

/** What signed lots are worth at a mark, in atoms, rounded against the holder (exact when linear). Inverse: a long is worth −value in coin. */
export function worthFloor(market: Market, lots: number, mark: number): number {
  if (!market.inverse) return lots * mark * market.unit
  return lots > 0 ? -mulDivCeil(lots, market.unit, mark) : mulDivFloor(-lots, market.unit, mark)
}

/** Notional of lots (either sign) at a mark, in atoms, rounded up (exact when linear). */
export function notionalCeil(market: Market, lots: number, mark: number): number {
  const size = lots < 0 ? -lots : lots
  return market.inverse ? mulDivCeil(size, market.unit, mark) : size * mark * market.unit
}

/** Signed worth of a fill of signed lots at a tick: what both sides book with opposite signs. */
export function worthOfFill(market: Market, lots: number, tick: number): number {
  if (!market.inverse) return lots * tick * market.steps * market.unit
  const value = mulDivFloor(lots < 0 ? -lots : lots, market.unit, tick * market.steps)
  return lots > 0 ? -value : value
}

/** Atoms of notional that one resting lot at a tick counts in the initial margin: additive, so rounded up per lot when inverse. */
export function orderWorthPerLot(market: Market, tick: number): number {
  const price = tick * market.steps
  return market.inverse ? Math.ceil(market.unit / price) : price * market.unit
}

/** The price (quote per coin) that a number of mark steps means. */
export function priceOfSteps({ rules, steps }: Market, mark: number): number {
  return clean((mark * rules.tickSize) / steps)
}

/** The price (quote per coin) of a tick. */
export function priceOfTick({ rules }: Market, tick: number): number {
  return clean(tick * rules.tickSize)
}

/** The nearest mark step of a price in quote per coin. */
export function stepsOf({ rules, steps }: Market, price: number): number {
  return Math.round((price / rules.tickSize) * steps)
}

/** Coins (linear) or quote units (inverse) of lots. */
export function sizeOfLots({ rules }: Market, lots: number): number {
  return clean(lots * rules.lotSize * rules.contractSize)
}

/** The worth per lot as a price in quote per coin: the average price of `lots` with this basis. */
export function priceOfWorth(market: Market, lots: number, worth: number): number {
  if (lots === 0 || worth === 0) return 0
  const steps = market.inverse ? (lots * market.unit) / -worth : worth / (lots * market.unit)
  return clean((steps * market.rules.tickSize) / market.steps)
}

function clean(value: number): number {
  return Number(value.toPrecision(15))
}

/** Bracket-choosing measure of lots and their notional: the notional, or the lots where brackets go by size. */
export function measureOf({ bySize }: Market, lots: number, notional: number): number {
  return bySize ? (lots < 0 ? -lots : lots) : notional
}
