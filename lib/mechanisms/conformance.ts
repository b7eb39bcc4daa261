/**
 * The promises every mechanism keeps, checked on random worlds: looking changes nothing, the same action gives the same state, every offer is
 * accepted and holds what it promises, nothing appears and nothing is lost, a refusal leaves the state, the healthy are never liquidated, a
 * liquidation improves health unless it is toxic, bad debt comes only when the collateral is gone, the straight line agrees.
 */
import {
  type AssetAmount,
  canonical,
  type FeedAnswer,
  type Health,
  type Moment,
  type Prng,
  prng,
} from '../model/index.ts'
import { type Applied, type Completed, type Mechanism, wasRefused } from './mechanism.ts'

/** A mechanism's state with what can happen to it. Everything is drawn from the generator that made the world. */
export type World<S, A> = {
  readonly state: S
  readonly at: Moment
  /** What somebody tries next, at a moment not before the last one. Refusals are welcome, as long as many actions complete. */
  next(state: S, at: Moment): { readonly action: A; readonly at: Moment }
  /** Liquidations to try on a target whatever its health: on a healthy one each must be refused. */
  attacks(state: S, target: string, at: Moment): readonly A[]
  /** True where the rule's incentive exceeds what the target's health can bear, so that a liquidation may worsen it (`20-lending.md`, C.10). */
  toxic?(state: S, target: string, at: Moment): boolean
  /** Says what does not add up, if anything: the protocol's own sums, rounding that would favour a borrower. */
  audit?(state: S, at: Moment): string | undefined
}

/** How to check. */
export type ConformanceOptions = {
  readonly seed: string | number
  /** Worlds to draw; each runs `steps` actions. */
  readonly worlds: number
  readonly steps: number
  /** How far the straight line may be off, in the unit of `Health`, beside 1e-9 of the greater side: one or two roundings. */
  readonly grain?: number | undefined
  /** A refused action may still accrue interest (Venus): the state is then not compared. */
  readonly refusalAccrues?: boolean | undefined
  /** A loss is shared out while assets remain (tranches): bad debt then needs no empty collateral. */
  readonly lossesShared?: boolean | undefined
}

/** What was seen. `broken` is empty when every promise was kept; the counts show that there was something to keep. */
export type ConformanceReport = {
  readonly steps: number
  readonly completed: number
  readonly refused: number
  readonly offers: number
  readonly healthyAttacked: number
  readonly badDebts: number
  readonly lines: number
  readonly broken: readonly string[]
}

type Tally = { -readonly [K in keyof ConformanceReport]: K extends 'broken' ? string[] : number }

/** Runs the worlds. At most 20 breaches are kept; each names seed, world and step. */
export function conformance<S, A>(
  mechanism: Mechanism<S, A>,
  world: (chance: Prng) => World<S, A>,
  options: ConformanceOptions,
): ConformanceReport {
  const tally: Tally = {
    ...{ steps: 0, completed: 0, refused: 0, offers: 0, healthyAttacked: 0, badDebts: 0, lines: 0 },
    broken: [],
  }
  for (let index = 0; index < options.worlds; index++) {
    const chance = prng(`${options.seed}/${mechanism.id}/${index}`)
    const made = world(chance.fork('world'))
    const run = {
      ...{ mechanism, made, options, tally, place: '' },
      ...{ chance: chance.fork('line'), odd: chance.fork('odd') },
    }
    let at = made.at
    for (let step = 0; step < options.steps && tally.broken.length < 20; step++) {
      run.place = `seed ${options.seed}, world ${index}, step ${step}`
      checkLooks(run, at)
      const next = made.next(made.state, at)
      at = next.at
      checkStep(run, next.action, at)
      tally.steps += 1
    }
  }
  return tally
}

type Run<S, A> = {
  readonly mechanism: Mechanism<S, A>
  readonly made: World<S, A>
  readonly options: ConformanceOptions
  readonly tally: Tally
  readonly chance: Prng
  /** Draws the odd moments, so that they change nothing else. */
  readonly odd: Prng
  place: string
}

function breach<S, A>({ tally, mechanism, place }: Run<S, A>, what: string): void {
  if (tally.broken.length < 20) tally.broken.push(`${mechanism.id}: ${what} (${place})`)
}

/** Everything that only looks, and what follows from what is seen. */
function checkLooks<S, A>(run: Run<S, A>, at: Moment): void {
  const { mechanism, made } = run
  const before = canonical(made.state)
  for (const target of [...mechanism.targets(made.state)]) {
    const health = mechanism.assess(made.state, target, at)
    if (health) checkHealth(run, target, health)
    const offers = mechanism.offers(made.state, target, at)
    if (health && !health.liquidatable && offers.some(({ actor }) => actor === 'anyone'))
      breach(run, `${target} is healthy and still offered`)
    for (const offer of offers) checkOffer(run, offer, health, at)
    if (health && !health.liquidatable) checkAttacks(run, target, at)
    checkLine(run, target, at)
  }
  mechanism.holdings(made.state)
  checkOddLook(run, at)
  if (canonical(made.state) !== before) breach(run, 'looking changed the state')
  const wrong = made.audit?.(made.state, at)
  if (wrong !== undefined) breach(run, wrong)
}

/** Answers that no sane feed gives. */
const ODD_ANSWERS = [undefined, 0n, 1n, -5n, 10n ** 40n, (1n << 255n) - 1n] as const

/** One target, or none, at a moment that should not be: what the contract would revert on is no answer, never an exception. */
function checkOddLook<S, A>(run: Run<S, A>, { time, price }: Moment): void {
  const { mechanism, made, odd } = run
  const target = odd.pick([...mechanism.targets(made.state), 'nobody'])
  const answers = new Map<string, bigint | undefined>()
  const answerOf = (feed: string) => {
    if (!answers.has(feed)) answers.set(feed, odd.pick([...ODD_ANSWERS, price(feed)]))
    return answers.get(feed) as FeedAnswer | undefined
  }
  const later = odd.pick([0, 0, 10, 1_000]) * 31_536_000
  const at: Moment = { time: (time + later) as Moment['time'], price: odd.int(3) === 0 ? price : answerOf }
  for (const view of ['assess', 'offers', 'exposure'] as const)
    try {
      mechanism[view]?.(made.state, target, at)
    } catch (error) {
      breach(run, `${view} of ${target} throws ${error} at ${canonical([...answers])}, ${later} s later`)
    }
}

function checkHealth<S, A>(run: Run<S, A>, target: string, { backing, required, liquidatable }: Health): void {
  if (backing < 0n || required < 0n) breach(run, `${target} has a negative side: ${backing} against ${required}`)
  if (required === 0n && liquidatable) breach(run, `${target} owes nothing and is liquidatable`)
}

function checkOffer<S, A>(
  run: Run<S, A>,
  offer: ReturnType<Mechanism<S, A>['offers']>[number],
  before: Health | undefined,
  at: Moment,
): void {
  const { mechanism, made, tally } = run
  tally.offers += 1
  const copy = structuredClone(made.state)
  const held = mechanism.holdings(copy)
  const done = mechanism.apply(copy, offer.action, at)
  if (wasRefused(done)) {
    breach(run, `an offer on ${offer.target} was refused: ${done.refused.message}`)
    return
  }
  for (const [word, promised, got] of [
    ['pay', offer.pay, done.paid],
    ['receive', offer.receive, done.received],
  ] as const)
    if (sums(promised) !== sums(got ?? []))
      breach(run, `an offer on ${offer.target} promised to ${word} ${sums(promised)} and did ${sums(got ?? [])}`)
  checkConservation(run, held, copy, done)
  const after = mechanism.assess(copy, offer.target, at)
  if (hasBadDebt(done)) {
    tally.badDebts += 1
    if (after && after.backing > 0n && !run.options.lossesShared)
      breach(run, `${offer.target} left bad debt with collateral worth ${after.backing}`)
  } else if (before?.liquidatable && after && after.required > 0n && !made.toxic?.(made.state, offer.target, at)) {
    if (after.backing * before.required < before.backing * after.required)
      breach(run, `a liquidation of ${offer.target} made its health worse: ${ratio(before)} to ${ratio(after)}`)
  }
}

const ratio = ({ backing, required }: Health) => `${backing}/${required}`

function hasBadDebt({ facts }: Completed): boolean {
  return facts.some(
    (fact) =>
      (fact.type === 'bad-debt' && (fact.loss.atoms ?? 0n) > 0n) ||
      (fact.type === 'loan-liquidation' && (fact.badDebt?.atoms ?? 0n) > 0n),
  )
}

/** Amounts by asset in one order, zeros left out. */
function sums(amounts: readonly AssetAmount[]): string {
  const total = new Map<string, bigint>()
  for (const { asset, atoms } of amounts) total.set(asset, (total.get(asset) ?? 0n) + atoms)
  return canonical(new Map([...total].filter(([, amount]) => amount !== 0n)))
}

function checkConservation<S, A>(
  run: Run<S, A>,
  held: ReadonlyMap<string, bigint>,
  after: S,
  { paid = [], received = [] }: Completed,
): void {
  const expected = new Map(held)
  for (const { asset, atoms } of paid) expected.set(asset, (expected.get(asset) ?? 0n) + atoms)
  for (const { asset, atoms } of received) expected.set(asset, (expected.get(asset) ?? 0n) - atoms)
  const now = run.mechanism.holdings(after)
  for (const asset of new Set([...expected.keys(), ...now.keys()])) {
    const [should, is] = [expected.get(asset) ?? 0n, now.get(asset) ?? 0n]
    if (should !== is) breach(run, `holdings of ${asset} are ${is}, not ${should}: ${is - should} appeared`)
  }
}

function checkAttacks<S, A>(run: Run<S, A>, target: string, at: Moment): void {
  const { mechanism, made, tally, options } = run
  for (const attack of made.attacks(made.state, target, at)) {
    tally.healthyAttacked += 1
    const copy = structuredClone(made.state)
    const before = canonical(copy)
    if (!wasRefused(mechanism.apply(copy, attack, at))) breach(run, `healthy ${target} was liquidated`)
    else if (!options.refusalAccrues && canonical(copy) !== before) breach(run, `a refused attack changed ${target}`)
  }
}

/** The straight line against the rule itself, at prices moved by up to a half. */
function checkLine<S, A>(run: Run<S, A>, target: string, at: Moment): void {
  const { mechanism, made, tally, chance, options } = run
  const line = mechanism.exposure?.(made.state, target, at)
  if (!line) return
  const factors = new Map(line.slopes.map(({ feed }) => [feed, BigInt(500 + chance.int(1000))]))
  const moved = (feed: string): FeedAnswer | undefined => {
    const answer = at.price(feed)
    return answer === undefined ? undefined : (((answer * (factors.get(feed) ?? 1000n)) / 1000n) as FeedAnswer)
  }
  const exact = mechanism.assess(made.state, target, { time: at.time, price: moved })
  if (!exact) return
  tally.lines += 1
  for (const side of ['backing', 'required'] as const) {
    const drawn = line.slopes.reduce(
      (sum, slope) => sum + slope[side] * Number(moved(slope.feed) ?? 0n),
      line.constant[side],
    )
    const slack = 1e-9 * Math.max(Math.abs(drawn), Number(exact[side])) + (options.grain ?? 2)
    if (!(Math.abs(drawn - Number(exact[side])) <= slack))
      breach(run, `the line of ${target} says ${side} ${drawn}, the rule ${exact[side]}`)
  }
}

/** One action on the world itself: twice the same, nothing lost, refusals without a trace. */
function checkStep<S, A>(run: Run<S, A>, action: A, at: Moment): void {
  const { mechanism, made, tally, options } = run
  const twin = structuredClone(made.state)
  const before = canonical(made.state)
  const held = mechanism.holdings(made.state)
  const done: Applied = mechanism.apply(made.state, action, at)
  const again = mechanism.apply(twin, action, at)
  if (canonical(made.state) !== canonical(twin) || canonical(done) !== canonical(again))
    breach(run, `the same action gave two states: ${canonical(action).slice(0, 200)}`)
  if (wasRefused(done)) {
    tally.refused += 1
    if (!options.refusalAccrues && canonical(made.state) !== before)
      breach(run, `a refusal (${done.refused.code}) changed the state: ${canonical(action).slice(0, 200)}`)
  } else {
    tally.completed += 1
    checkConservation(run, held, made.state, done)
  }
}
