/**
 * The market: rooms of many mechanisms on shared liquidity under one clock. Each step the outside price moves, oracles look, rooms do what falls
 * due, liquidators bid, and everything that is bought or sold moves the price that the oracles see at the next step.
 */
import { type Completed, wasRefused } from '../../mechanisms/index.ts'
import { type AssetAmount, assert, type Offer, type UnixSeconds } from '../../model/index.ts'
import type { Bid } from '../agent.ts'
import { type DueClock, dueClock } from './due.ts'
import type { Book, Competition, Competitor, MarketEntry, MarketPlan, MarketRun, MarketStep } from './plan.ts'
import { type Room, unitsOf } from './room.ts'
import { bookOf, type Weighing, weighing } from './weigh.ts'

/** What a market is run from and what it gives back, for those who run one. */
export type { Book, Competition, Competitor, MarketEntry, MarketPlan, MarketRun, MarketStep, Trader } from './plan.ts'

type Running = {
  readonly plan: MarketPlan
  readonly rooms: readonly Room[]
  readonly cash: Map<string, number>
  readonly entries: MarketEntry[]
  readonly due: DueClock
  readonly firstOffered: Map<string, number>
  readonly others: Map<string, { coins: number; usd: number }>
  readonly weighings: Map<string, Weighing>
  readonly books: Map<string, Book>
  sold: Map<string, number>
  missed: number
  step: number
}

/** Runs a market. `goOn` is asked before each step: a false one ends the run early, and the run says so. */
export function runMarket(plan: MarketPlan, goOn: (step: number) => boolean = () => true): MarketRun {
  const rooms = plan.rooms.map((one) => one.open())
  const run: Running = {
    ...{
      plan,
      rooms,
      cash: new Map(),
      entries: [],
      due: dueClock(),
      firstOffered: new Map(),
      others: new Map(),
      weighings: new Map(),
      books: new Map(),
    },
    ...{ sold: new Map(), missed: 0, step: -1 },
  }
  const length = Math.min(...[...plan.outside.values()].map((path) => path.length))
  const steps: MarketStep[] = []
  let before: MarketRun['before'] = new Map()
  let held: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map()
  for (let step = 0; step < length && goOn(step); step++) {
    run.step = step
    run.sold = new Map()
    advance(run)
    if (step === 0) {
      before = standingsOf(rooms)
      for (const [id, standings] of before) run.books.set(id, bookOf(standings))
      for (const room of rooms)
        run.weighings.set(
          room.id,
          weighing(room, (symbol) => outsideOf(run, symbol)),
        )
      held = holdingsOf(rooms)
    }
    trade(run)
    let unsafe = 0
    for (const room of rooms) unsafe += serve(run, room)
    steps.push({ prices: pricesOf(run), sold: run.sold, unsafe, books: new Map(run.books) })
  }
  return {
    ...{ steps, before, entries: run.entries, cash: run.cash, recoveries: run.due.recoveries, others: run.others },
    costs: costsOf(run),
    after: standingsOf(rooms),
    held: changeOf(held, holdingsOf(rooms)),
    unsafeAtEnd: run.due.left(),
    breached: run.due.breached(),
    missedBids: run.missed,
    finished: steps.length === length,
  }
}

const timeOf = ({ plan, step }: Running) => (plan.start + step * plan.seconds) as UnixSeconds

/** Price on the market, USD: the dollar is worth one, everything else what its depth says. */
function priceIn({ plan }: Running, symbol: string): number {
  if (symbol === 'USD') return 1
  const depth = plan.depths.get(symbol)
  assert(depth !== undefined, `no market for ${symbol}`)
  return depth.price()
}

function advance(run: Running): void {
  const { plan, step } = run
  for (const [symbol, depth] of plan.depths)
    depth.advance(plan.outside.get(symbol)?.[step] ?? depth.outside(), step === 0 ? 0 : plan.seconds)
  for (const room of run.rooms) room.open(timeOf(run), (symbol) => priceIn(run, symbol))
}

function trade(run: Running): void {
  for (const trader of run.plan.traders ?? []) {
    const wants = trader.trade({ step: run.step, time: timeOf(run), price: (symbol) => priceIn(run, symbol) })
    // Traders of the scenario belong to everybody else: what they do among themselves moves the price and no money between parties.
    for (const [symbol, quantity] of wants) run.plan.depths.get(symbol)?.trade(-quantity)
  }
}

const earn = ({ cash }: Running, actor: string, usd: number) => cash.set(actor, (cash.get(actor) ?? 0) + usd)

/** Sells (> 0) or buys (< 0) coins on the market; USD that came in. */
function exchanged(run: Running, symbol: string, quantity: number): number {
  if (symbol === 'USD' || quantity === 0) return quantity
  const depth = run.plan.depths.get(symbol)
  assert(depth !== undefined, `no market for ${symbol}`)
  if (quantity > 0) run.sold.set(symbol, (run.sold.get(symbol) ?? 0) + quantity)
  const usd = depth.trade(quantity)
  const others = run.others.get(symbol) ?? { coins: 0, usd: 0 }
  run.others.set(symbol, { coins: others.coins + quantity, usd: others.usd + usd })
  return usd
}

/** Everything that happens in one room at one step; how many targets are unsafe after it. */
function serve(run: Running, room: Room): number {
  const done = run.entries.length
  // What an engine, a keeper or an arbitrageur does at once was due all the same.
  run.due.look(room, run.step)
  if (room.choresBy === 'engine' || (run.plan.up?.[room.choresBy]?.(run.step) ?? true)) doChores(run, room)
  const offers = room.offers()
  const offered = new Set(offers.map(({ target }) => target))
  note(run.firstOffered, room.id, offered, run.step)
  for (const { bid, competitor } of winners(run, room, offers)) {
    // Whoever came before has moved the price: a transaction looks again before it pays, and ends without effect when it would lose.
    const now = room.entangled ? room.offers(bid.offer.target) : [bid.offer]
    const again = competitor.agent(viewOf(run, room, competitor, now))[0]
    if (again) settle(run, room, competitor.id, again.offer, again.offer.action, Math.min(bid.tip, again.tip))
    else {
      run.missed += 1
      payGas(run, competitor.id)
    }
  }
  if (run.entries.length > done) weigh(run, room, done)
  const unsafe = room.unsafe()
  run.due.settle(room, run.step, unsafe)
  return unsafe.length
}

/** What every party lost by what was done in this step, at the outside prices of now. */
function weigh(run: Running, room: Room, since: number): void {
  const given = run.entries.slice(since).reduce((sum, entry) => sum + entry.given, 0)
  const book = run.weighings.get(room.id)?.weigh((symbol) => outsideOf(run, symbol), given)
  if (book) run.books.set(room.id, book)
}

/** The costs of every room, what accrued since its last act included. */
function costsOf(run: Running): MarketRun['costs'] {
  for (const room of run.rooms) weigh(run, room, run.entries.length)
  return new Map([...run.weighings].map(([id, one]) => [id, one.cost((symbol) => outsideOf(run, symbol))] as const))
}

function outsideOf({ plan }: Running, symbol: string): number {
  return symbol === 'USD' ? 1 : (plan.depths.get(symbol)?.outside() ?? 0)
}

function doChores(run: Running, room: Room): void {
  const chores = room.chores({
    step: run.step,
    price: (symbol) => priceIn(run, symbol),
    proceeds: (symbol, quantity) => (symbol === 'USD' ? quantity : (run.plan.depths.get(symbol)?.quote(quantity) ?? 0)),
    gasPrice: run.plan.gas?.gwei(run.step) ?? 0,
    gasUsd: (units) => gasUsd(run, units),
  })
  for (const { actor, action, gas = 0 } of chores)
    if (settle(run, room, actor, undefined, action, 0)) payGas(run, actor, gas)
}

/** Notes since when offers are there, and forgets those that are gone. */
function note(first: Map<string, number>, room: string, now: ReadonlySet<string>, step: number): void {
  for (const target of now) if (!first.has(keyOf(room, target))) first.set(keyOf(room, target), step)
  for (const key of first.keys()) {
    const [of, target = ''] = key.split('\u0000')
    if (of === room && !now.has(target)) first.delete(key)
  }
}

const keyOf = (room: string, target: string) => `${room}\u0000${target}`

type Winner = { readonly bid: Bid<unknown>; readonly competitor: Competitor }

/** One winner a target, in the order of their tips; losers of an open auction pay for their failed transaction. */
function winners(run: Running, room: Room, offers: readonly Offer<unknown>[]): readonly Winner[] {
  if (offers.length === 0) return []
  const best = new Map<string, Winner>()
  for (const competitor of run.plan.competitors) {
    if (competitor.up && !competitor.up(run.step)) continue
    const seen = offers.filter(
      ({ target }) => run.step - (run.firstOffered.get(keyOf(room.id, target)) ?? run.step) >= competitor.latency,
    )
    for (const bid of competitor.agent(viewOf(run, room, competitor, seen))) {
      const winner = { bid, competitor }
      const rival = best.get(bid.offer.target)
      if (!rival || beats(run.plan.competition, winner, rival)) best.set(bid.offer.target, winner)
      if (rival) {
        run.missed += 1
        const loser = best.get(bid.offer.target) === winner ? rival : winner
        if (run.plan.competition === 'open-auction') payGas(run, loser.competitor.id)
      }
    }
  }
  return [...best.values()].sort((a, b) => b.bid.tip - a.bid.tip || (a.bid.offer.target < b.bid.offer.target ? -1 : 1))
}

function beats(competition: Competition, one: Winner, other: Winner): boolean {
  if (competition === 'fastest' && one.competitor.latency !== other.competitor.latency)
    return one.competitor.latency < other.competitor.latency
  return one.bid.tip > other.bid.tip
}

function gasUsd(run: Running, units = run.plan.gas?.units ?? 0): number {
  const { gas } = run.plan
  return gas ? gas.gwei(run.step) * 1e-9 * units * priceIn(run, gas.symbol) : 0
}

function payGas(run: Running, actor: string, units?: number): void {
  const cost = gasUsd(run, units)
  if (cost === 0) return
  earn(run, actor, -cost)
  earn(run, 'gas', cost)
}

function viewOf(run: Running, room: Room, { id, capital }: Competitor, offers: readonly Offer<unknown>[]) {
  const worth = (amounts: readonly AssetAmount[], sign: 1 | -1) => {
    let sum = 0
    for (const [symbol, units] of unitsOf(room.assets, amounts))
      sum += symbol === 'USD' ? units : sign * (run.plan.depths.get(symbol)?.quote(sign * units) ?? 0)
    return sum
  }
  return {
    time: timeOf(run),
    offers,
    proceeds: (amounts: readonly AssetAmount[]) => worth(amounts, 1),
    cost: (amounts: readonly AssetAmount[]) => worth(amounts, -1),
    gasUsd: gasUsd(run),
    gasPrice: run.plan.gas?.gwei(run.step) ?? 0,
    capital: capital + (run.cash.get(id) ?? 0),
  }
}

/** Does an action and turns its flows into money on the market: what is paid is bought, what is received is sold. False: refused. */
function settle(
  run: Running,
  room: Room,
  actor: string,
  offer: Offer<unknown> | undefined,
  action: unknown,
  tip: number,
): boolean {
  const done = room.apply(action, actor, offer?.target)
  if (wasRefused(done)) {
    // An offer can be gone because another one before it took the same money or moved the same account.
    if (offer) run.missed += 1
    return false
  }
  const [paid, received] = [unitsOf(room.assets, done.paid ?? []), unitsOf(room.assets, done.received ?? [])]
  let profit = 0
  for (const [symbol, units] of paid) profit += exchanged(run, symbol, -units)
  for (const [symbol, units] of received) profit += exchanged(run, symbol, units)
  earn(run, actor, profit)
  if (offer) {
    payGas(run, actor)
    if (tip > 0) {
      earn(run, actor, -tip)
      earn(run, 'builders', tip)
    }
  }
  run.entries.push(entryOf(run, room, actor, offer, done, { paid, received, profit, tip }))
  return true
}

function entryOf(
  run: Running,
  room: Room,
  actor: string,
  offer: Offer<unknown> | undefined,
  { facts }: Completed,
  flows: Pick<MarketEntry, 'paid' | 'received' | 'profit' | 'tip'>,
): MarketEntry {
  const worth = (units: ReadonlyMap<string, number>) =>
    [...units].reduce((sum, [symbol, amount]) => sum + amount * outsideOf(run, symbol), 0)
  const given = worth(flows.received) - worth(flows.paid)
  return { given, step: run.step, room: room.id, actor, target: offer?.target, facts, ...flows }
}

function pricesOf(run: Running): ReadonlyMap<string, number> {
  return new Map([...run.plan.depths.keys()].map((symbol) => [symbol, priceIn(run, symbol)]))
}

const standingsOf = (rooms: readonly Room[]) => new Map(rooms.map((room) => [room.id, room.standings()] as const))

function holdingsOf(rooms: readonly Room[]): ReadonlyMap<string, ReadonlyMap<string, number>> {
  return new Map(
    rooms.map((room) => {
      const amounts = [...room.holdings()].map(([asset, atoms]) => ({ asset, atoms }) as AssetAmount)
      return [room.id, unitsOf(room.assets, amounts)] as const
    }),
  )
}

function changeOf(
  before: ReadonlyMap<string, ReadonlyMap<string, number>>,
  after: ReadonlyMap<string, ReadonlyMap<string, number>>,
): ReadonlyMap<string, ReadonlyMap<string, number>> {
  return new Map(
    [...after].map(([room, now]) => {
      const then = before.get(room) ?? new Map<string, number>()
      const symbols = new Set([...then.keys(), ...now.keys()])
      return [
        room,
        new Map([...symbols].map((symbol) => [symbol, (now.get(symbol) ?? 0) - (then.get(symbol) ?? 0)])),
      ] as const
    }),
  )
}
