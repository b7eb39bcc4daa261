/**
 * A fall of prices as a question that says what it means: a whole market with every leg priced in it, only the collateral, one asset against
 * another, or one feed. "ETH −20 %" without its kind is four different questions with four answers.
 */
import type { Mechanism } from '../mechanisms/index.ts'
import { breakwaterError, type FeedAnswer, type FeedId, type Health, type Moment } from '../model/index.ts'
import { healthOf } from './lending-health.ts'

/** A shock. `move` is a fraction: −0.2 = a fall of 20 %. */
export type LendingShock =
  | { readonly kind: 'market' | 'only'; readonly asset: string; readonly move: number }
  | { readonly kind: 'depeg'; readonly asset: string; readonly against: string; readonly move: number }
  | { readonly kind: 'feed'; readonly feed: FeedId; readonly move: number }

/**
 * What a feed prices: `base` in `quote` (USD when left out). `pair`: the feed of a market of one collateral and one debt asset, which values the
 * first in the second (`collateral-in-debt`, as Morpho's) or the other way round.
 */
export type FeedMeaning = {
  readonly base: string
  readonly quote?: string | undefined
  readonly pair?: 'collateral-in-debt' | 'debt-in-collateral' | undefined
}

/** What the feeds of a book mean, and which asset follows which (stETH → ETH): a follower moves with what it follows. */
export type PriceMap = {
  readonly feeds: ReadonlyMap<FeedId, FeedMeaning>
  readonly follows: ReadonlyMap<string, string>
}

/** Parts that a factor counts: nine decimals. */
const PARTS = 1_000_000_000
const LEAST = -1
const MOST = 10

/** Reads `market:ETH=-20%`, `only:ETH=-20%`, `depeg:stETH/ETH=-5%`, `feed:NAME=-5%`; without a kind it is the market. Refuses `bad-shock`. */
export function parseShock(text: string): LendingShock {
  const match = /^(?:(market|only|depeg|feed):)?(.+)=([+-]?\d+(?:\.\d+)?)\s*%$/.exec(text.trim().replace('−', '-'))
  const fix = 'Write market:ETH=-20%, only:ETH=-20%, depeg:stETH/ETH=-5% or feed:NAME=-5%.'
  if (!match)
    throw breakwaterError('bad-shock', `'${text.slice(0, 80)}' is no shock`, { text: text.slice(0, 80) }, { fix })
  const [, kind = 'market', name = '', percent] = match
  const move = Number((Number(percent) / 100).toPrecision(12))
  if (kind === 'feed') return checkedShock({ kind, feed: name, move })
  if (kind !== 'depeg') return checkedShock({ kind: kind as 'market' | 'only', asset: name, move })
  const [asset, against, ...rest] = name.split('/')
  if (!asset || !against || rest.length > 0)
    throw breakwaterError('bad-shock', `'${name}' is no pair such as stETH/ETH`, { text: text.slice(0, 80) }, { fix })
  return checkedShock({ kind, asset, against, move })
}

/** The shock when its move lies above −100 % and not above +1000 %. Refuses (`bad-shock`) any other. */
export function checkedShock(shock: LendingShock): LendingShock {
  if (Number.isFinite(shock.move) && shock.move > LEAST && shock.move <= MOST) return shock
  throw breakwaterError('bad-shock', `a move of ${shock.move * 100} % leaves no price`, { move: shock.move })
}

/** The text that {@link parseShock} reads. */
export function shockText(shock: LendingShock): string {
  const percent = `${Number((shock.move * 100).toPrecision(12))}%`
  if (shock.kind === 'feed') return `feed:${shock.feed}=${percent}`
  return shock.kind === 'depeg'
    ? `depeg:${shock.asset}/${shock.against}=${percent}`
    : `${shock.kind}:${shock.asset}=${percent}`
}

/** The same question with another move. */
export function withMove(shock: LendingShock, move: number): LendingShock {
  return checkedShock({ ...shock, move })
}

/** The question in a sentence. */
export function shockSentence(shock: LendingShock): string {
  const sign = shock.move < 0 ? '−' : '+'
  const move = `${sign}${Number(Math.abs(shock.move * 100).toPrecision(12))} %`
  switch (shock.kind) {
    case 'market':
      return `${shock.asset} and everything priced in it ${move}, debts in ${shock.asset} too.`
    case 'only':
      return `Only collateral priced in ${shock.asset} ${move}; every debt keeps its price.`
    case 'depeg':
      return `${shock.asset} ${move} against ${shock.against}; ${shock.against} itself keeps its price.`
    case 'feed':
      return `The feed ${shock.feed} ${move}; every other feed keeps its answer.`
  }
}

/** The moment as collateral and as debts see it. They are one unless only the collateral moves. */
export type ShockedMoment = { readonly collateral: Moment; readonly debt: Moment }

/**
 * The moment after the shock; moved answers are rounded down, to no less than 1. Refuses `unknown-asset` when nothing in the book is, or follows,
 * the asset, or the feed is not there; `bad-shock` when a depeg is of an asset that does not follow the other.
 */
export function shockedMoment(at: Moment, shock: LendingShock, map: PriceMap): ShockedMoment {
  checkedShock(shock)
  checkNames(shock, map)
  const view = (side: 'collateral' | 'debt'): Moment => {
    const answers = new Map<FeedId, FeedAnswer | undefined>()
    return {
      time: at.time,
      price: (feed) => {
        if (!answers.has(feed)) answers.set(feed, moved(feed, at.price(feed), shock, map, side))
        return answers.get(feed)
      },
    }
  }
  const collateral = view('collateral')
  return { collateral, debt: shock.kind === 'only' ? view('debt') : collateral }
}

function checkNames(shock: LendingShock, { feeds, follows }: PriceMap): void {
  if (shock.kind === 'feed') {
    if (!feeds.has(shock.feed))
      throw breakwaterError('unknown-asset', `the book has no feed ${shock.feed}`, { feed: shock.feed })
    return
  }
  const names = new Set([...feeds.values()].flatMap(({ base, quote = 'USD' }) => [base, quote]))
  if (![...names].some((name) => isOrFollows(name, shock.asset, follows)))
    throw breakwaterError('unknown-asset', `nothing in the book is priced in ${shock.asset}`, { asset: shock.asset })
  if (shock.kind === 'depeg' && (shock.asset === shock.against || !isOrFollows(shock.asset, shock.against, follows)))
    throw breakwaterError('bad-shock', `${shock.asset} does not follow ${shock.against}`, {
      asset: shock.asset,
      against: shock.against,
    })
}

/** True when an asset is the other, or follows it over any number of steps. */
export function isOrFollows(name: string, leader: string, follows: ReadonlyMap<string, string>): boolean {
  // As many steps as there are followers: a circle in the map must not hang.
  for (let at: string | undefined = name, steps = 0; at !== undefined && steps <= follows.size; steps++) {
    if (at === leader) return true
    at = follows.get(at)
  }
  return false
}

function moved(
  feed: FeedId,
  answer: FeedAnswer | undefined,
  shock: LendingShock,
  { feeds, follows }: PriceMap,
  side: 'collateral' | 'debt',
): FeedAnswer | undefined {
  const meaning = feeds.get(feed)
  if (answer === undefined || answer <= 0n) return answer
  const factor = BigInt(Math.round((1 + shock.move) * PARTS))
  const one = BigInt(PARTS)
  let [up, down] = [one, one]
  if (shock.kind === 'feed') up = feed === shock.feed ? factor : one
  else if (meaning) {
    const { base, quote = 'USD', pair } = meaning
    const hit = (name: string) => isOrFollows(name, shock.asset, follows)
    // Under `only` the unit of account and the debt stand still: of a pair the debt's half, of a plain feed the debts' view.
    const only = shock.kind === 'only'
    const baseMoves = !only || pair === 'collateral-in-debt' || (pair === undefined && side === 'collateral')
    const quoteMoves = !only || pair === 'debt-in-collateral'
    if (baseMoves && hit(base)) up = factor
    if (quoteMoves && hit(quote)) down = factor
  }
  if (up === down) return answer
  const next = (answer * up) / down
  return (next < 1n ? 1n : next) as FeedAnswer
}

/**
 * The health of a target in a shocked moment: the contract's own verdict where one moment can hold the prices. Where collateral and debts see
 * different answers of one feed (`only`), no contract could; then the two sides are compared: backing < required. Refuses as {@link healthOf}.
 */
export function healthUnder<S, A>(
  mechanism: Mechanism<S, A>,
  state: S,
  target: string,
  { collateral, debt }: ShockedMoment,
): Health {
  const first = healthOf(mechanism, state, target, collateral)
  if (collateral === debt) return first
  const second = healthOf(mechanism, state, target, debt)
  if (first.required === second.required) return first
  if (first.backing === second.backing) return second
  return {
    backing: first.backing,
    required: second.required,
    // Unweighted collateral moves with the first, debts with the second; equity is known of each moment as a whole only.
    equity: first.equity + first.required - second.required,
    liquidatable: first.backing < second.required,
  }
}
