/** One perp position under a venue's rules: words in, every figure out. CLI, API and terminal answer from here. */
import {
  BACKSTOP,
  bankruptcyPrice,
  checkLeverage,
  checkPosition,
  distanceTo,
  effectiveLeverage,
  fundingPayment,
  type IsolatedRule,
  initialMargin,
  liquidationPrice,
  type MarginMode,
  maintenanceAt,
  marginRatio,
  maxLeverageAt,
  notionalAt,
  type PerpPosition,
  type PerpProfile,
  type ProfileMarket,
  signOf,
  unrealisedAt,
} from '../mechanisms/index.ts'
import { breakwaterError } from '../model/index.ts'

/** A position at a venue. Prices quote per coin; `size` in coins (linear) or quote units of contract value (inverse); money in the settle currency. */
export type PositionQuestion = {
  readonly profile: PerpProfile
  readonly market: ProfileMarket
  readonly position: PerpPosition
  readonly mark: number
  readonly leverage: number
  readonly mode: MarginMode
  /** Margin beyond the initial one: added isolated margin, or the rest of the wallet in cross. */
  readonly extra: number
  /** Funding rate per interval of the venue (fraction), and for how many days it was paid. */
  readonly fundingRate: number
  readonly days: number
}

/** Every figure about it. Distances are signed fractions of the mark; an absent price means that there is none. */
export type PositionFigures = {
  readonly profile: string
  readonly venue: string
  readonly name: string
  readonly symbol: string
  readonly coin: string
  readonly quote: string
  readonly settle: string
  readonly payoff: 'linear' | 'inverse'
  readonly asOf: string
  readonly source: string
  readonly side: 'long' | 'short'
  readonly mode: MarginMode
  readonly size: number
  readonly entryPrice: number
  readonly markPrice: number
  readonly leverage: number
  readonly maxLeverage: number
  readonly notional: number
  readonly initialMargin: number
  readonly margin: number
  readonly unrealised: number
  readonly equity: number
  readonly maintenanceMargin: number
  readonly maintenanceRate: number
  readonly deduction: number
  readonly bracket: number
  readonly brackets: number
  readonly marginRatio?: number
  readonly effectiveLeverage?: number
  readonly liquidationPrice?: number
  readonly liquidationBracket?: number
  readonly distance?: number
  /** The move from the entry that liquidates, and the one that a bare 1/leverage suggests. */
  readonly moveToLiquidation?: number
  readonly naiveMove: number
  readonly backstopPrice?: number
  readonly bankruptcyPrice?: number
  readonly bankruptcyDistance?: number
  readonly liquidatable: boolean
  readonly fundingPerDay: number
  readonly fundingPaid: number
  /** Days until funding alone has drained the margin to maintenance, at this mark and rate. */
  readonly drainedAfterDays?: number
}

/** Interval payments a day at a venue. */
function paymentsPerDay({ funding }: PerpProfile): number {
  return 24 / funding.intervalHours
}

/** How the venue defines the price in this mode: fixed at entry is a rule of isolated margin only. */
export function ruleOf(profile: PerpProfile, mode: MarginMode): { readonly rule: IsolatedRule; readonly fee: number } {
  const rule = mode !== 'isolated' && profile.isolated === 'at-entry' ? 'at-price' : profile.isolated
  const withFee = rule === 'fee-inclusive' || profile.trigger.withFee
  return withFee ? { rule: 'fee-inclusive', fee: profile.fees.taker } : { rule, fee: 0 }
}

/** Money of the settle currency that a position pays in a day at its mark and rate; negative = received. */
export function fundingPerDay({ profile, market, position, mark, fundingRate }: PositionQuestion): number {
  if (fundingRate === 0) return 0
  return (
    fundingPayment({ side: position.side, size: position.size, price: mark, payoff: market.payoff }, fundingRate) *
    paymentsPerDay(profile)
  )
}

/** Margin beside the position after funding, money. Throws `over-leverage` above the venue's limit. */
export function marginOf(question: PositionQuestion): number {
  const { market, position, leverage, extra, days } = question
  return initialMargin(market, position, leverage) + extra - fundingPerDay(question) * days
}

/** Answers. Throws `bad-position`, `over-leverage` (value and limit named) and `bad-config` for a margin mode that the venue lacks. */
export function positionFigures(question: PositionQuestion): PositionFigures {
  const { profile, market, position, mark, leverage, mode } = question
  if (!profile.modes.includes(mode))
    throw breakwaterError('bad-config', `${profile.name} has no ${mode} margin; it has ${profile.modes.join(', ')}`, {
      mode,
      profile: profile.id,
    })
  checkPosition(position)
  checkLeverage(market, position.size, position.entryPrice, leverage)
  const margin = marginOf(question)
  const { rule, fee } = ruleOf(profile, mode)
  const found = liquidationPrice(market, position, { margin, rule, fee })
  const backstop =
    profile.takeover.when === 'two-thirds'
      ? liquidationPrice(market, position, { margin, rule, fee, part: BACKSTOP })
      : undefined
  const bankrupt = bankruptcyPrice(market, position, margin)
  const asked = maintenanceAt(market, position, rule === 'at-entry' ? position.entryPrice : mark)
  const notional = notionalAt(market, position, mark)
  const unrealised = unrealisedAt(market, position, mark)
  const equity = margin + unrealised
  const ratio = marginRatio(asked.margin + fee * notional, equity)
  const perDay = fundingPerDay(question)
  const drained = (equity - asked.margin) / perDay
  const sign = signOf(position.side)
  return {
    ...headOf(question),
    maxLeverage: maxLeverageAt(market, position.size, position.entryPrice),
    notional,
    initialMargin: initialMargin(market, position, leverage),
    margin,
    unrealised,
    equity,
    maintenanceMargin: asked.margin,
    maintenanceRate: asked.rate,
    deduction: asked.deduction,
    bracket: asked.bracket,
    brackets: market.maintenance.kind === 'tiers' ? market.maintenance.table.tiers.length : 1,
    ...optional('marginRatio', Number.isFinite(ratio) ? ratio : undefined),
    ...optional('effectiveLeverage', effectiveLeverage(notional, equity)),
    ...optional('liquidationPrice', found?.price),
    ...optional('liquidationBracket', found?.bracket),
    ...optional('distance', found && distanceTo(mark, found.price)),
    ...optional('moveToLiquidation', found && distanceTo(position.entryPrice, found.price)),
    naiveMove: -sign / leverage,
    ...optional('backstopPrice', backstop?.price),
    ...optional('bankruptcyPrice', bankrupt),
    ...optional('bankruptcyDistance', bankrupt === undefined ? undefined : distanceTo(mark, bankrupt)),
    liquidatable: found !== undefined && sign * (mark - found.price) < 0,
    fundingPerDay: perDay,
    fundingPaid: perDay * question.days,
    ...optional('drainedAfterDays', perDay > 0 && drained >= 0 ? drained : undefined),
  }
}

function headOf({ profile, market, position, mark, leverage, mode }: PositionQuestion) {
  return {
    profile: profile.id,
    venue: profile.venue,
    name: profile.name,
    symbol: market.symbol,
    coin: market.coin,
    quote: market.quote,
    settle: market.settle,
    payoff: market.payoff,
    asOf: market.asOf,
    source: market.source,
    side: position.side,
    mode,
    size: position.size,
    entryPrice: position.entryPrice,
    markPrice: mark,
    leverage,
  }
}

function optional<K extends string>(key: K, value: number | undefined): { readonly [key in K]?: number } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [key in K]?: number }
}

/** Equity and maintenance margin at a price, money of the settle currency: what the path to liquidation is drawn from. */
export function standingAt(
  question: PositionQuestion,
  price: number,
): { readonly equity: number; readonly maintenance: number } {
  const { profile, market, position, mode } = question
  const { rule, fee } = ruleOf(profile, mode)
  const asked = maintenanceAt(market, position, rule === 'at-entry' ? position.entryPrice : price).margin
  return {
    equity: marginOf(question) + unrealisedAt(market, position, price),
    maintenance: asked + fee * notionalAt(market, position, price),
  }
}
