/** A room of the market: one mechanism with its state, its oracles, and what its assets are called outside. */
import {
  type Applied,
  type Mechanism,
  type Oracle,
  type OracleFault,
  oracleMoment,
  readerOf,
  wasRefused,
  withFaults,
} from '../../mechanisms/index.ts'
import {
  type AssetAmount,
  type AssetId,
  assert,
  type Exposure,
  type FeedId,
  type Health,
  type Moment,
  type Offer,
  type UnixSeconds,
} from '../../model/index.ts'

/** An asset of a mechanism: its name on the market (`USD` is worth a dollar and has no depth) and its decimals there. {@link UNTRADED}: none. */
export type RoomAsset = {
  readonly symbol: string
  readonly decimals: number
  /** Of what nobody trades, where a fact may tell losses in it: USD of one whole unit, from prices by symbol. Nothing: it is told without dollars. */
  readonly worth?: ((price: (symbol: string) => number) => number) | undefined
}

/** A receipt that nobody trades here: lenders' claims, whose worth is in what they claim. */
export const UNTRADED: RoomAsset = { symbol: '', decimals: 0 }

/** A feed of a mechanism: price of `symbol` in `quote` (USD when left out) × 10^decimals, or × `scale`, seen through an oracle. */
export type RoomFeed = {
  readonly symbol: string
  readonly quote?: string | undefined
  readonly oracle: Oracle<unknown>
} & ({ readonly decimals: number } | { readonly scale: bigint })

/** What an account has and owes inside a room, by market symbol, whole units. */
export type Standing = {
  readonly id: string
  readonly holds: Readonly<Record<string, number>>
  readonly owes: Readonly<Record<string, number>>
}

/** Something that happens because time passed: by whom, and what. Its flows go to that actor, who pays for so much gas (units; none: 0). */
export type Chore<A> = { readonly actor: string; readonly action: A; readonly gas?: number | undefined }

/** Who does a room's chores: bots of the protocol, arbitrageurs and users; the liquidators themselves (bidders); or the venue's own engine. */
export type ChoresBy = 'keepers' | 'liquidators' | 'engine'

/** What a chore may look at: prices outside and gas (USD), the price of gas (gwei), and what selling coins would bring (buying, below 0: cost). */
export type ChoreView = {
  readonly at: Moment
  readonly step: number
  readonly price: (symbol: string) => number
  readonly proceeds: (symbol: string, quantity: number) => number
  readonly gasPrice: number
  readonly gasUsd: (units: number) => number
}

/** A mechanism made ready for the market. */
export type RoomPlan<S, A> = {
  readonly id: string
  readonly mechanism: Mechanism<S, A>
  readonly state: S
  readonly assets: ReadonlyMap<AssetId, RoomAsset>
  readonly feeds: ReadonlyMap<FeedId, RoomFeed>
  /** Faults by the feed they hit; times in seconds of the run. */
  readonly faults?: readonly OracleFault[] | undefined
  /** `keepers`: nobody takes offers, because the room's own keepers do everything. */
  readonly openTo?: 'keepers' | undefined
  /** Engine steps, keepers of the protocol, arbitrage: in the order in which they are to happen. A generator sees what the one before did. */
  readonly chores?: ((state: S, view: ChoreView) => Iterable<Chore<A>>) | undefined
  /** `keepers` where left out. */
  readonly choresBy?: ChoresBy | undefined
  /** False where a target cannot be due and offers nothing, told cheaply: for mechanisms without an exposure line. */
  readonly near?: ((state: S, target: string, at: Moment) => boolean) | undefined
  readonly standings: (state: S, at: Moment) => Iterable<Standing>
  /** Acting on one target moves others: debt is spread over them, or they are rebalanced together. Every line is then drawn anew. */
  readonly entangled?: true | undefined
  /** Positions below the mechanism's own line where that is another one than being liquidatable: loans that convert. */
  readonly breached?: ((state: S, at: Moment) => Iterable<string>) | undefined
  /** What was begun and is not settled yet: by position: running auctions, claims that wait. Nobody is safe before they are gone. */
  readonly pending?: ((state: S) => Iterable<string>) | undefined
  /** Actors of chores who lend: depositors of a pool. What they receive and pay is the lenders'. */
  readonly lenders?: readonly string[] | undefined
  /** An action in the name of whoever does it, where the mechanism pays him later. */
  readonly named?: ((action: A, actor: string) => A) | undefined
  /** What a liquidation leaves uncovered is put on the other accounts, who still owe it: it is bad debt only once they are under water. */
  readonly spreads?: true | undefined
  /** What of the holdings is the protocol's and its insurance's; `rest`: all that is not the borrowers' (its coin is owed at its face). None: nothing. */
  readonly protocol?: 'rest' | ((state: S, at: Moment) => Iterable<AssetAmount>) | undefined
  /** What is lent is liquidity of a pair, which buys what falls: its lenders may have less at the end than if they had kept what they lent. */
  readonly liquidity?: true | undefined
  /** What actors have paid for, or were refunded, and do not have yet: theirs, as they wait for it. */
  readonly owed?: ((state: S) => Iterable<AssetAmount>) | undefined
  /** What loans are short of is the protocol's, not the lenders'. With a protocol that keeps the rest it always is. */
  readonly backs?: true | undefined
}

/** A room at work: the plan with state, oracles and screen inside. */
export type Room = {
  readonly id: string
  readonly assets: ReadonlyMap<AssetId, RoomAsset>
  /** Shows the outside prices to the oracles. */
  open(time: UnixSeconds, price: (symbol: string) => number): void
  moment(): Moment
  /** Targets that are liquidatable now. */
  unsafe(): readonly string[]
  /** Positions below their line or with something that is not settled, those of `unsafe` targets among them. */
  due(unsafe: Iterable<string>): ReadonlySet<string>
  /** A feed is silent: nobody can tell who is above his line. */
  blind(): boolean
  /** What anyone may do now, to all or to one target, running auctions included. */
  offers(target?: string): readonly Offer<unknown>[]
  readonly entangled: boolean
  chores(view: Omit<ChoreView, 'at'>): Iterable<Chore<unknown>>
  readonly choresBy: ChoresBy
  /** Does it for an actor; `target`: the only one whose line it moves, where that is known. */
  apply(action: unknown, actor: string, target?: string): Applied
  assess(target: string): Health | undefined
  holdings(): ReadonlyMap<AssetId, bigint>
  standings(): readonly Standing[]
  /** `rest`: what is not the borrowers' is the protocol's. */
  readonly keeps: 'rest' | 'part'
  /** The protocol's and its insurance's part of the holdings, whole units by symbol. */
  protocol(): readonly (readonly [symbol: string, units: number])[]
  /** What actors have paid for and wait for. */
  owed(): readonly (readonly [symbol: string, units: number])[]
}

/** Below this multiple of what is required a target is looked at exactly; lines are drawn anew as often as every so many steps. */
const NEAR = 1.02
const REDRAW = 16

type Screened = { readonly line: Exposure | undefined; readonly drawn: number }

/** A plan whose state and actions are nobody else's business: it can be opened any number of times, each on a copy of its state. */
export type RoomMaker = {
  readonly id: string
  readonly mechanism: string
  readonly assets: ReadonlyMap<AssetId, RoomAsset>
  readonly lenders: readonly string[]
  readonly spreads: boolean
  readonly backs: boolean
  readonly liquidity: boolean
  readonly open: () => Room
}

/** Closes a plan. */
export function roomOf<S, A>(plan: RoomPlan<S, A>): RoomMaker {
  const { id, mechanism, assets, lenders = [], spreads = false, protocol, backs = protocol === 'rest' } = plan
  const { liquidity = false } = plan
  return { id, mechanism: mechanism.id, assets, lenders, spreads, backs, liquidity, open: () => openRoom(plan) }
}

function openRoom<S, A>(plan: RoomPlan<S, A>): Room {
  const { mechanism } = plan
  const state = structuredClone(plan.state)
  const oracles = oraclesOf(plan)
  const screen = new Map<string, Screened>()
  let at: Moment = { time: 0 as UnixSeconds, price: () => undefined }
  let step = -1
  const near = (target: string): boolean => {
    if (plan.near) return plan.near(state, target, at)
    let seen = screen.get(target)
    if (!seen || step - seen.drawn >= REDRAW) {
      seen = { line: mechanism.exposure?.(state, target, at), drawn: step }
      screen.set(target, seen)
    }
    return seen.line === undefined || isNear(seen.line, at)
  }
  // Verdicts of the present moment, for as long as nothing has happened, and who was due at the end of the last step.
  const verdicts = new Map<string, boolean | undefined>()
  let due: ReadonlySet<string> = new Set()
  const judge = (target: string): boolean | undefined => {
    if (!verdicts.has(target)) verdicts.set(target, mechanism.assess(state, target, at)?.liquidatable)
    return verdicts.get(target)
  }
  return {
    id: plan.id,
    assets: plan.assets,
    open(time, price) {
      step += 1
      for (const feed of oracles.values()) {
        const truth = truthOf(feed.terms, price)
        feed.held = feed.held === undefined ? feed.oracle.start(truth, time) : feed.oracle.step(feed.held, truth, time)
      }
      verdicts.clear()
      at = oracleMoment(new Map([...oracles].map(([id, { oracle, held }]) => [id, readerOf(oracle, held)])), time)
    },
    moment: () => at,
    unsafe() {
      const found = [...mechanism.targets(state)].filter((target) => near(target) && judge(target) === true)
      due = new Set(found)
      return found
    },
    entangled: plan.entangled ?? false,
    offers(only) {
      if (plan.openTo === 'keepers') return []
      const offers: Offer<unknown>[] = []
      // Nobody may do anything to what is healthy; whoever was due a step ago is likely still.
      for (const target of only === undefined ? mechanism.targets(state) : [only])
        if (near(target) && (due.has(target) || judge(target) !== false))
          for (const offer of mechanism.offers(state, target, at)) if (offer.actor === 'anyone') offers.push(offer)
      return offers
    },
    choresBy: plan.choresBy ?? 'keepers',
    chores: (view) => plan.chores?.(state, { ...view, at }) ?? [],
    apply(action, actor, target) {
      const done = mechanism.apply(state, plan.named?.(action as A, actor) ?? (action as A), at)
      if (wasRefused(done)) return done
      verdicts.clear()
      if (target === undefined || plan.entangled) screen.clear()
      else screen.delete(target)
      return done
    },
    assess: (target) => mechanism.assess(state, target, at),
    holdings: () => mechanism.holdings(state),
    standings: () => [...plan.standings(state, at)],
    ...shares(plan, state, () => at),
    ...dues(plan, state, () => at),
  }
}

/** What of the room is neither the borrowers' nor the lenders'. */
function shares<S, A>(
  { protocol, owed, assets }: RoomPlan<S, A>,
  state: S,
  at: () => Moment,
): Pick<Room, 'keeps' | 'protocol' | 'owed'> {
  return {
    keeps: protocol === 'rest' ? 'rest' : 'part',
    protocol: () => (typeof protocol === 'function' ? [...unitsOf(assets, [...protocol(state, at())])] : []),
    owed: () => (owed ? [...unitsOf(assets, [...owed(state)])] : []),
  }
}

/** Who is below his line, by position. */
function dues<S, A>(
  { pending, breached, feeds }: RoomPlan<S, A>,
  state: S,
  at: () => Moment,
): Pick<Room, 'due' | 'blind'> {
  return {
    due: (unsafe) => new Set([...unsafe, ...(pending?.(state) ?? []), ...(breached?.(state, at()) ?? [])]),
    blind: () => [...feeds.keys()].some((feed) => at().price(feed) === undefined),
  }
}

type HeldOracle = { readonly terms: RoomFeed; readonly oracle: Oracle<unknown>; held: unknown }

/** The plan's oracles with their faults, not started. */
function oraclesOf({ feeds, faults = [] }: Pick<RoomPlan<never, never>, 'feeds' | 'faults'>): Map<FeedId, HeldOracle> {
  return new Map(
    [...feeds].map(([feed, terms]) => {
      const own = faults.filter((fault) => fault.feed === undefined || fault.feed === feed)
      const oracle = (own.length > 0 ? withFaults(terms.oracle, own, feed) : terms.oracle) as Oracle<unknown>
      return [feed, { terms, oracle, held: undefined }]
    }),
  )
}

function truthOf(feed: RoomFeed, price: (symbol: string) => number): bigint {
  const value = price(feed.symbol) / (feed.quote === undefined ? 1 : price(feed.quote))
  assert(Number.isFinite(value) && value > 0, `the outside price of ${feed.symbol} is ${value}`)
  // Sixteen digits of the price survive, whatever the scale; a price never rounds to nothing.
  const answer = 'scale' in feed ? (scaled(value, 18) * feed.scale) / 10n ** 18n : scaled(value, feed.decimals)
  return answer > 0n ? answer : 1n
}

/** A whole number of `value` × 10^decimals, rounded down after sixteen digits. */
export function scaled(value: number, decimals: number): bigint {
  const [mantissa = '0', exponent = '0'] = value.toExponential(15).split('e')
  const shift = Number(exponent) - 15 + decimals
  const digits = BigInt(mantissa.replace('.', ''))
  return shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift)
}

function isNear(line: Exposure, at: Moment): boolean {
  let { backing, required } = line.constant
  for (const slope of line.slopes) {
    const answer = Number(at.price(slope.feed) ?? 0n)
    backing += slope.backing * answer
    required += slope.required * answer
  }
  return backing < required * NEAR
}

/** Amounts in whole units by market symbol. */
export function unitsOf(
  assets: ReadonlyMap<AssetId, RoomAsset>,
  amounts: readonly AssetAmount[],
): ReadonlyMap<string, number> {
  const units = new Map<string, number>()
  for (const { asset, atoms } of amounts) {
    const known = assets.get(asset)
    assert(known !== undefined, `the room has no market name for ${asset}`)
    if (known.symbol === '') continue
    units.set(known.symbol, (units.get(known.symbol) ?? 0) + Number(atoms) / 10 ** known.decimals)
  }
  return units
}
