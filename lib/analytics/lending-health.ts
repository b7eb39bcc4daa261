/**
 * How safe a loan is, and the price at which it is liquidated: asked of any mechanism by its own `assess`, so that every verdict is the
 * contract's own comparison. A health factor is a view (float64); a liquidation price is an integer answer of a feed.
 */
import type { Mechanism } from '../mechanisms/index.ts'
import { breakwaterError, type FeedAnswer, type FeedId, type Health, type Moment } from '../model/index.ts'

/**
 * The health of a target. Refuses `missing-price` when a feed it needs is silent or answers 0 or less, naming the feed; `bad-account` when the
 * mechanism knows no such target, or one that has no health (an auction).
 */
export function healthOf<S, A>(mechanism: Mechanism<S, A>, state: S, target: string, at: Moment): Health {
  const silent = new Set<FeedId>()
  const health = mechanism.assess(state, target, {
    time: at.time,
    price: (feed) => {
      const answer = at.price(feed)
      if (answer !== undefined && answer > 0n) return answer
      silent.add(feed)
      return undefined
    },
  })
  if (health) return health
  const values = { protocol: mechanism.id, target }
  if (silent.size > 0)
    throw breakwaterError('missing-price', `${target} needs a price above 0 of ${[...silent].join(', ')}`, {
      ...values,
      feeds: [...silent].join(', '),
    })
  throw breakwaterError('bad-account', `${mechanism.id} knows no loan ${target} that has a health`, values)
}

/** Backing / required of a target; `undefined` when nothing is owed. Refuses as {@link healthOf}. */
export function healthFactor<S, A>(
  mechanism: Mechanism<S, A>,
  state: S,
  target: string,
  at: Moment,
): number | undefined {
  return factorOf(healthOf(mechanism, state, target, at))
}

/** Backing / required as a float64; `undefined` when nothing is required. */
export function factorOf({ backing, required }: Health): number | undefined {
  return required === 0n ? undefined : Number(backing) / Number(required)
}

/** Feeds that a target's health reads, in the order of their first reading. Refuses as {@link healthOf}. */
export function feedsOf<S, A>(mechanism: Mechanism<S, A>, state: S, target: string, at: Moment): readonly FeedId[] {
  const read = new Set<FeedId>()
  const price = (feed: FeedId) => {
    read.add(feed)
    return at.price(feed)
  }
  healthOf(mechanism, state, target, { time: at.time, price })
  return [...read]
}

/** The moment with one feed answering something else. */
export function momentWith(at: Moment, feed: FeedId, answer: bigint): Moment {
  return { time: at.time, price: (asked) => (asked === feed ? (answer as FeedAnswer) : at.price(asked)) }
}

/**
 * Where one feed's answer has to go for a liquidation, all others fixed. `side`: what the feed values for this target; `direction`: which way is
 * worse. `price`: liquidatable at it and not one unit further back; `undefined` when no answer from 1 to a million times the present one (as far as the rule answers) turns the
 * verdict: `always` tells which it is then. `move`: the way there as a fraction of the present answer. A rule that rounds the average threshold
 * (Aave up to v3.4) may turn again within a basis point beyond.
 */
export type LiquidationPrice = {
  readonly feed: FeedId
  readonly side: 'collateral' | 'debt' | 'both' | 'neither'
  readonly direction: 'fall' | 'rise' | 'none'
  readonly now: FeedAnswer
  readonly price: FeedAnswer | undefined
  readonly move: number | undefined
  readonly always: boolean
}

/** How far up a feed is tried: 2^20 times the present answer. */
const HEADROOM = 20n

/** The liquidation price of a target in one feed. Refuses as {@link healthOf}. */
export function liquidationPrice<S, A>(
  mechanism: Mechanism<S, A>,
  state: S,
  target: string,
  at: Moment,
  feed: FeedId,
): LiquidationPrice {
  const here = healthOf(mechanism, state, target, at)
  const now = at.price(feed)
  if (now === undefined || now <= 0n)
    throw breakwaterError('missing-price', `${feed} gives no price`, { feed, target, protocol: mechanism.id })
  const probe = probed(mechanism, state, target, at, feed)
  const slopes = {
    backing: probe.rises * (probe.health.backing - here.backing),
    required: probe.rises * (probe.health.required - here.required),
  }
  const side = sideOf(slopes)
  const slope = slopes.backing - slopes.required
  const same = { feed, side, now } as const
  if (slope === 0n) return { ...same, direction: 'none', price: undefined, move: undefined, always: here.liquidatable }
  const falls = slope > 0n
  const verdict = (answer: bigint) => healthOf(mechanism, state, target, momentWith(at, feed, answer)).liquidatable
  // True from 1 up to the boundary, false above it, in either direction.
  const below = falls ? verdict : (answer: bigint) => !verdict(answer)
  const seed = now - ((here.backing - here.required) * probe.distance) / slope
  const last = lastTrue(below, seed, rangeOf(mechanism, state, target, at, feed))
  const direction = falls ? 'fall' : 'rise'
  if (last === undefined || last === 'all')
    return { ...same, direction, price: undefined, move: undefined, always: (last === 'all') === falls }
  const price = (falls ? last : last + 1n) as FeedAnswer
  return { ...same, direction, price, move: Number(price) / Number(now) - 1, always: false }
}

/** The health at another answer of the feed, the first that the rule takes of twice, half, and a sixteenth more or less; `distance` > 0. */
function probed<S, A>(mechanism: Mechanism<S, A>, state: S, target: string, at: Moment, feed: FeedId) {
  const now = at.price(feed) as bigint
  const part = now / 16n
  for (const [rises, distance] of [
    [1n, now],
    [-1n, now / 2n],
    [1n, part],
    [-1n, part],
  ] as const) {
    if (distance === 0n) continue
    const health = mechanism.assess(state, target, momentWith(at, feed, now + rises * distance))
    if (health) return { health, rises, distance }
  }
  return { health: healthOf(mechanism, state, target, at), rises: 1n, distance: now }
}

/** The liquidation prices in every feed that a target reads. Refuses as {@link healthOf}. */
export function liquidationPrices<S, A>(
  mechanism: Mechanism<S, A>,
  state: S,
  target: string,
  at: Moment,
): readonly LiquidationPrice[] {
  return feedsOf(mechanism, state, target, at).map((feed) => liquidationPrice(mechanism, state, target, at, feed))
}

function sideOf({ backing, required }: { readonly backing: bigint; readonly required: bigint }) {
  if (backing !== 0n && required !== 0n) return 'both'
  return backing !== 0n ? 'collateral' : required !== 0n ? 'debt' : 'neither'
}

/** Answers from 1 to the headroom for which the mechanism has a verdict: contracts revert beyond what their integers hold. */
function rangeOf<S, A>(mechanism: Mechanism<S, A>, state: S, target: string, at: Moment, feed: FeedId) {
  const now = at.price(feed) as bigint
  const answers = (answer: bigint) => mechanism.assess(state, target, momentWith(at, feed, answer)) !== undefined
  let [least, most] = [1n, now << HEADROOM]
  while (least < now && !answers(least)) least = least * 2n < now ? least * 2n : now
  while (most > now && !answers(most)) most = most / 2n > now ? most / 2n : now
  return { least, most }
}

/** The last whole number in least…most for which `holds`, which is true up to somewhere; looks around `seed` first, in steps that double. */
function lastTrue(
  holds: (value: bigint) => boolean,
  seed: bigint,
  { least, most }: { readonly least: bigint; readonly most: bigint },
): bigint | 'all' | undefined {
  const start = seed < least ? least : seed > most ? most : seed
  let [low, high] = [start, start]
  let step = 1n
  if (holds(start)) {
    for (high = start; holds(high); step *= 2n) {
      if (high === most) return 'all'
      low = high
      high = high + step > most ? most : high + step
    }
  } else {
    for (low = start; !holds(low); step *= 2n) {
      if (low === least) return undefined
      high = low
      low = low - step < least ? least : low - step
    }
  }
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (holds(middle)) low = middle
    else high = middle
  }
  return low
}
