/**
 * One loan as every door shows it: how safe it is and in which words, what it has and owes, the price of each asset at which it is liquidated, how far
 * each kind of shock may go, and what a liquidator would do now and what is left for them.
 */
import { wasRefused } from '../mechanisms/index.ts'
import {
  type AssetAmount,
  fixedToNumber,
  formatFixed,
  type Health,
  isBreakwaterError,
  type Moment,
} from '../model/index.ts'
import type { LendingBook, LoanLeg } from './lending-book.ts'
import { factorOf, healthOf, liquidationPrices } from './lending-health.ts'
import { liquidationEffect, liquidationProfit, maxLiquidation } from './lending-liquidation.ts'
import type { LiquidatorCosts } from './lending-question.ts'
import {
  healthUnder,
  type LendingShock,
  type ShockedMoment,
  shockedMoment,
  shockSentence,
  shockText,
  withMove,
} from './lending-shock.ts'
import { type LoanState, loanSentence } from './lending-words.ts'

/** An amount with its dollars; `amount` in whole units, every digit. */
export type LegFigures = {
  readonly side: 'collateral' | 'debt'
  readonly asset: string
  readonly amount: string
  readonly usd: number | undefined
  readonly counts: boolean
  readonly threshold: number | undefined
}

/** Where one feed has to go, all others fixed; `now` and `price` in `quote` per `asset`, `answer` the feed's own integer, `move` a fraction. */
export type PriceFigures = {
  readonly asset: string
  readonly quote: string
  readonly feed: string
  readonly side: 'collateral' | 'debt' | 'both' | 'neither'
  readonly direction: 'fall' | 'rise' | 'none'
  readonly now: number
  readonly price: number | undefined
  readonly answer: bigint | undefined
  readonly move: number | undefined
  readonly always: boolean
}

/** The smallest fall (percent) at which a kind of shock makes the loan liquidatable; none: no fall does. */
export type BreakFigures = { readonly shock: string; readonly drop: number | undefined }

/** What a liquidator pays and gets now, dollars at the oracle, and what is left after costs. `after`: health factor of what stays. */
export type TakeFigures = {
  readonly repays: readonly LegFigures[]
  readonly receives: readonly LegFigures[]
  readonly repaid: number
  readonly received: number
  readonly bonus: number | undefined
  readonly part: number | undefined
  readonly slippage: number
  readonly flashFee: number
  readonly gas: number
  readonly profit: number
  readonly toxic: boolean
  readonly badDebt: boolean
  readonly after: number | undefined
  readonly closed: boolean
}

/** A loan at one moment. Dollars; `healthFactor` absent when nothing is owed. */
export type Standing = {
  readonly state: LoanState
  readonly says: string
  readonly healthFactor: number | undefined
  readonly liquidatable: boolean
  readonly collateral: number
  readonly debt: number
  readonly take: TakeFigures | undefined
}

/** A loan: as it stands, and after the shock when one is asked. */
export type LoanFigures = Standing & {
  readonly protocol: string
  readonly mechanism: string
  readonly account: string
  readonly target: string
  readonly legs: readonly LegFigures[]
  readonly prices: readonly PriceFigures[]
  readonly breaks: readonly BreakFigures[]
  readonly under: (Standing & { readonly shock: string; readonly sentence: string }) | undefined
}

/** The figures of a loan. Refuses as {@link healthOf}, and as the shock does. */
export function loanFigures(
  book: LendingBook,
  target: string,
  costs: LiquidatorCosts,
  shock: LendingShock | undefined,
): LoanFigures {
  const one = { ...book, state: book.alone(target) }
  const now = { collateral: book.at, debt: book.at }
  const shocked = shock && shockedMoment(book.at, shock, book.map)
  return {
    ...{ protocol: book.protocol, mechanism: book.mechanism.id, account: book.account(target), target },
    ...standing(one, target, { collateral: now.collateral, debt: now.collateral }, costs),
    legs: book.legs(target).map((leg) => legFigures(book, target, leg, book.at)),
    prices: pricesOf(one, target),
    breaks: breaksOf(one, target, shock),
    under: shock &&
      shocked && {
        ...standing(one, target, shocked, costs),
        ...{ shock: shockText(shock), sentence: shockSentence(shock) },
      },
  }
}

/** How a loan stands at a moment, in dollars. */
export function standing(book: LendingBook, target: string, moment: ShockedMoment, costs: LiquidatorCosts): Standing {
  const health = healthUnder(book.mechanism, book.state, target, moment)
  const one = singleMoment(book, target, moment, health)
  const take = health.liquidatable && one ? takeOf(book, target, one, costs) : undefined
  const unit = book.worth(target, moment.debt)
  const debt = Number(health.required) * unit
  const state = stateOf(health, take, one === undefined)
  const collateral = Number(health.equity + health.required) * unit
  return {
    state,
    says: loanSentence(state, {
      factor: factorOf(health),
      short: debt - collateral,
      take,
      protocol: book.mechanism.id,
    }),
    ...{ healthFactor: factorOf(health), liquidatable: health.liquidatable, collateral, debt, take },
  }
}

/** The one moment that shows a loan both sides as the shock does: when only collateral moves and one asset is on both sides, there is none. */
function singleMoment(
  { mechanism, state }: LendingBook,
  target: string,
  { collateral, debt }: ShockedMoment,
  health: Health,
): Moment | undefined {
  if (collateral === debt) return collateral
  const seen = mechanism.assess(state, target, collateral)
  return seen && seen.required === health.required ? collateral : undefined
}

function stateOf(
  { required, equity, liquidatable }: Health,
  take: TakeFigures | undefined,
  unseen: boolean,
): LoanState {
  if (required === 0n) return 'no-debt'
  if (!liquidatable) return 'healthy'
  if (equity < 0n) return 'under-water'
  if (unseen) return 'liquidatable'
  if (take === undefined) return 'stuck'
  if (take.part === undefined) return 'absorbable'
  return take.part > 0.999 ? 'liquidatable-whole' : 'liquidatable-part'
}

function legFigures(book: LendingBook, target: string, leg: LoanLeg, at: Moment): LegFigures {
  const { side, asset, atoms, decimals, counts, threshold } = leg
  return {
    side,
    asset: book.nameOf(asset),
    amount: formatFixed(atoms, decimals),
    usd: dollars(book, target, asset, atoms, at),
    counts,
    threshold,
  }
}

/** Dollars of atoms, or `undefined` where nothing prices them. */
function dollars(book: LendingBook, target: string, asset: string, atoms: bigint, at: Moment): number | undefined {
  const worth = book.worthAt(at, target)(asset)
  return worth && Number(atoms * worth.value) / Number(worth.per) / 1e8
}

function pricesOf(book: LendingBook, target: string): readonly PriceFigures[] {
  return liquidationPrices(book.mechanism, book.state, target, book.at).map(({ feed, now, price, ...rest }) => {
    const { asset, quote, decimals } = book.reading(feed)
    const shown = price === undefined ? undefined : fixedToNumber(price, decimals)
    return { asset, quote, feed, ...rest, now: fixedToNumber(now, decimals), price: shown, answer: price }
  })
}

/** The asked shock's kind first; else the market and only-collateral shocks of the largest collateral's leader, and its depeg. */
function breaksOf(book: LendingBook, target: string, shock: LendingShock | undefined): readonly BreakFigures[] {
  return kindsFor(book, target, shock).flatMap((kind) => {
    const drop = breakingDrop(book, target, kind)
    return drop === 'none' ? [] : [{ shock: shockText(kind).replace(/=.*$/, ''), drop }]
  })
}

function kindsFor(book: LendingBook, target: string, shock: LendingShock | undefined): readonly LendingShock[] {
  const move = -0.1
  const [first] = book
    .legs(target)
    .filter(({ side, counts }) => side === 'collateral' && counts)
    .map((leg) => ({ leg, usd: dollars(book, target, leg.asset, leg.atoms, book.at) ?? 0 }))
    .sort((a, b) => b.usd - a.usd)
  if (!first) return []
  const chain = followed(book.nameOf(first.leg.asset), book.map.follows)
  const asset = (shock && 'asset' in shock && shock.kind !== 'depeg' && shock.asset) || (chain.at(-1) as string)
  const kinds: LendingShock[] = [
    { kind: 'market', asset, move },
    { kind: 'only', asset, move },
  ]
  const [self, next] = [chain.at(-2), chain.at(-1)]
  if (shock?.kind === 'depeg') kinds.push(withMove(shock, move))
  else if (self !== undefined && next !== undefined && !WRAPPED.has(self))
    kinds.push({ kind: 'depeg', asset: self, against: next, move })
  if (shock?.kind === 'feed') kinds.push(withMove(shock, move))
  return kinds
}

/** What is the asset itself in another coat: it cannot slip against it. */
const WRAPPED: ReadonlySet<string> = new Set(['WETH'])

/** An asset and what it follows, to the end: wstETH, stETH, ETH. */
function followed(asset: string, follows: ReadonlyMap<string, string>): readonly string[] {
  const chain = [asset]
  for (let at = follows.get(asset); at !== undefined && !chain.includes(at); at = follows.get(at)) chain.push(at)
  return chain
}

/** Falls are tried in steps of a hundredth of a percent. */
const FINEST = 10_000

/** The smallest fall, percent, at which the loan turns; `undefined`: no fall; `none`: the book knows no such shock. */
export function breakingDrop(book: LendingBook, target: string, kind: LendingShock): number | undefined | 'none' {
  const turned = (step: number) => {
    const moment = shockedMoment(book.at, withMove(kind, -step / FINEST), book.map)
    return healthUnder(book.mechanism, book.state, target, moment).liquidatable
  }
  try {
    if (healthOf(book.mechanism, book.state, target, book.at).liquidatable) return 0
    if (!turned(FINEST - 1)) return undefined
    // A fall moves backing and required along straight lines: the verdict turns once.
    let [low, high] = [0, FINEST - 1]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (turned(middle)) high = middle
      else low = middle
    }
    return high / (FINEST / 100)
  } catch (error) {
    if (isBreakwaterError(error) && (error.code === 'unknown-asset' || error.code === 'bad-shock')) return 'none'
    throw error
  }
}

/** The largest liquidation that anyone may make now; of an absorption, the purchase of what it takes. */
function takeOf(book: LendingBook, target: string, at: Moment, costs: LiquidatorCosts): TakeFigures | undefined {
  const { mechanism, state } = book
  const worth = book.worthAt(at, target)
  const open = maxLiquidation(mechanism, state, target, at, worth)
  if (!open) return undefined
  const effect = liquidationEffect(mechanism, state, target, at, open.offer.action)
  const absorbs = open.paid === 0n && open.received === 0n && book.sales !== undefined
  const taken = absorbs ? absorbed(book, target, at, open.offer.action) : open
  const { profit, slippage, flashFee, gas } = liquidationProfit(taken, exitOf(costs), worth)
  const owed = effect && Number(effect.before.required) * book.worth(target, at)
  const usd = (value: bigint) => Number(value) / 1e8
  const side = (name: 'collateral' | 'debt', amounts: readonly AssetAmount[]) =>
    amounts.map(({ asset, atoms }) => legFigures(book, target, legOf(book, target, name, asset, atoms), at))
  return {
    repays: side('debt', taken.offer.pay),
    receives: side('collateral', taken.offer.receive),
    ...{ repaid: usd(taken.paid), received: usd(taken.received), bonus: taken.bonus },
    part: absorbs || !owed ? undefined : usd(taken.paid) / owed,
    ...{ slippage: usd(slippage), flashFee: usd(flashFee), gas: usd(gas), profit: usd(profit) },
    ...{ toxic: effect?.toxic ?? false, badDebt: effect?.badDebt ?? false },
    after: effect?.after && factorOf(effect.after),
    closed: effect?.after === undefined || effect.after.required === 0n,
  }
}

const exitOf = ({ slippageBps, flashFeeBps, gas }: LiquidatorCosts) => ({ exit: { slippageBps }, flashFeeBps, gas })

function legOf(book: LendingBook, target: string, side: 'collateral' | 'debt', asset: string, atoms: bigint): LoanLeg {
  const known = book.legs(target).find((leg) => leg.asset === asset)
  const decimals = known?.decimals ?? 18
  return { side, asset, feed: known?.feed ?? '', atoms, decimals, counts: true, threshold: undefined }
}

/** Everything that an absorption puts up for sale, bought at once. */
function absorbed<A>(book: LendingBook<unknown, A>, target: string, at: Moment, action: A) {
  const { mechanism } = book
  const copy = structuredClone(book.state)
  const done = mechanism.apply(copy, action, at)
  const offers = wasRefused(done)
    ? []
    : (book.sales?.(target) ?? []).flatMap((sale) =>
        mechanism.offers(copy, sale, at).filter(({ actor }) => actor === 'anyone'),
      )
  const worth = book.worthAt(at, target)
  const [pay, receive] = [offers.flatMap((offer) => offer.pay), offers.flatMap((offer) => offer.receive)]
  const value = (amounts: readonly AssetAmount[]) =>
    amounts.reduce((sum, { asset, atoms }) => {
      const price = worth(asset)
      return price ? sum + (atoms * price.value) / price.per : sum
    }, 0n)
  const [paid, received] = [value(pay), value(receive)]
  return {
    offer: { target, actor: 'anyone' as const, action, pay, receive },
    ...{ paid, received, gain: received - paid },
    bonus: paid > 0n ? Number(received - paid) / Number(paid) : undefined,
  }
}
