/** What happened to a position, in sentences: each step says what, at which price, and who paid. */
import { type PerpProfile, type ProfileMarket, perpProfiles, type Walk, type WalkStep } from '../mechanisms/index.ts'
import { formatNumber } from './format.ts'

/** An amount of money with its unit, two decimals for dollars and six for coins. */
export function formatMoney(value: number, { settle, payoff }: Pick<ProfileMarket, 'settle' | 'payoff'>): string {
  const digits = payoff === 'inverse' ? 6 : 2
  const text = Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `${value < 0 && Number(value.toFixed(digits)) !== 0 ? '−' : ''}${text} ${settle}`
}

/** A price on the market's grid of ticks; prices between ticks keep one digit more. */
export function formatPrice(price: number | undefined, { tickSize }: Pick<ProfileMarket, 'tickSize'>): string {
  if (price === undefined) return 'none'
  const digits = Math.max(0, Math.min(12, Math.ceil(-Math.log10(tickSize) - 1e-9)))
  return price.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** A signed fraction as a percentage. */
export function formatMove(move: number | undefined): string {
  if (move === undefined) return 'none'
  const percent = move * 100
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(2)} %`
}

const HOLDERS = {
  'insurance-fund': 'the insurance fund',
  engine: 'the liquidation engine',
  vault: 'the liquidator vault',
} as const

/** One sentence per step. */
export function stepSentence(
  step: WalkStep,
  { profile, market, position }: Pick<Walk, 'profile' | 'market' | 'position'>,
): string {
  const money = (value: number) => formatMoney(value, market)
  const price = (value: number | undefined) => formatPrice(value, market)
  const unit = market.payoff === 'linear' ? market.coin : market.quote
  switch (step.state) {
    case 'healthy':
      return `${formatNumber(step.size)} ${unit} ${position.side}: equity ${money(step.equity)} covers ${needs(profile)} ${money(step.maintenance)}`
    case 'margin-call':
      return `margin call: the maintenance margin is ${Math.round((profile.trigger.warnAt ?? 0) * 100)} % of the equity`
    case 'liquidatable':
      return `liquidated: equity ${money(step.equity)} ${profile.trigger.test === 'below' ? 'is below' : 'is at or below'} ${needs(profile)} ${money(step.maintenance)}; open orders are cancelled`
    case 'partial':
    case 'closed':
      return orderSentence(step, unit, money, price)
    case 'cured':
      return `cured: ${formatNumber(step.size)} ${unit} stay with ${money(step.equity)} of equity against ${money(step.maintenance)}`
    case 'taken-over':
      return `${HOLDERS[step.takenBy ?? 'engine']} takes over the remaining ${formatNumber(step.size)} ${unit} at ${price(step.takeoverPrice)}`
    default:
      return settlementSentence(step, profile, money)
  }
}

function needs({ trigger }: PerpProfile): string {
  return trigger.withFee ? 'maintenance margin and closing fee of' : 'the maintenance margin of'
}

function orderSentence(
  step: WalkStep,
  unit: string,
  money: (value: number) => string,
  price: (value: number | undefined) => string,
): string {
  const { ordered = 0, closed = 0, fillPrice, fee = 0, size } = step
  if (closed === 0) return `an order for ${formatNumber(ordered)} ${unit} finds nobody within its limit`
  const rest = size === 0 ? 'nothing is left open' : `${formatNumber(size)} ${unit} stay open`
  const of = closed < ordered * (1 - 1e-9) ? ` of ${formatNumber(ordered)}` : ''
  const many = step.times === undefined ? '' : `in ${step.times} orders `
  return `${many}the book takes ${formatNumber(closed)}${of} ${unit} at ${price(fillPrice)} for a fee of ${money(fee)}; ${rest}`
}

function settlementSentence(
  { settlement }: WalkStep,
  { deleverage }: PerpProfile,
  money: (value: number) => string,
): string {
  if (!settlement) return ''
  const { outcome, returned, kept, fund, uncovered } = settlement
  const paid = fund > 0 ? `the insurance fund pays ${money(fund)}` : 'no insurance fund pays'
  switch (outcome) {
    case 'surplus-returned':
      return `${money(returned)} is returned to the trader`
    case 'rest-kept':
      return `${money(kept)} of margin is left and kept by whoever took over; the trader gets nothing`
    case 'insurance-draw':
      return `${paid}: the margin was gone; the trader gets nothing`
    case 'deleverage':
      return `${paid}, and winners on the other side are closed at the ${deleverage.price.replace('-', ' ')} price for the remaining ${money(uncovered)}`
    case 'socialised':
      return `${paid}, and the remaining ${money(uncovered)} is taken from all winners`
    case 'bad-debt':
      return `${paid}, and ${money(uncovered)} stays as bad debt`
  }
}

/** A profile as JSON can say it: what has no end is absent instead of infinite. */
export type ProfileCard = Omit<PerpProfile, 'markets'> & { readonly markets: readonly unknown[] }

/** Every profile as {@link ProfileCard}. */
export function profileCards(): readonly ProfileCard[] {
  return perpProfiles.map((profile) => finite(profile) as ProfileCard)
}

function finite(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(finite)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) =>
      one === Number.POSITIVE_INFINITY || one === undefined ? [] : [[key, finite(one)]],
    ),
  )
}

/** What the venue does with a liquidatable position, in one line. */
export function procedureWords({ reduction, takeover, order }: PerpProfile): string {
  const send = order.timeInForce === 'fok' ? 'a fill-or-kill order' : 'orders'
  const first = {
    whole: `${send} for the whole position`,
    tiers: `${send} that step down the brackets`,
    fraction: `${send}, first in part when large`,
    needed: `${send} for as much as is needed`,
  }[reduction.kind]
  const at = takeover.price === 'bankruptcy' ? 'at the bankruptcy price' : 'at mark'
  const by = { 'insurance-fund': 'the insurance fund', engine: 'the engine', vault: 'the vault', nobody: '' }[
    takeover.by
  ]
  if (takeover.by === 'nobody') return first
  const when = { unfilled: '', 'two-thirds': ' below 2/3 of maintenance', bankrupt: ' once bankrupt' }[takeover.when]
  return `${first}, then ${by} ${at}${when}`
}

/** Who pays, in order. */
export function payerWords({ insurance, deleverage, takeover }: PerpProfile): string {
  const parts = ['margin']
  if (takeover.by === 'vault') parts.push('vault')
  if (insurance.scope !== 'none') parts.push('insurance fund')
  if (deleverage.rank !== 'none') parts.push('winners (ADL)')
  else if (insurance.socialise) parts.push('all winners')
  return parts.join(' → ')
}
