/**
 * The one shape of an oracle: a pure step from the true price to what the oracle holds, and a reading of it. What a lending protocol sees is the
 * reading; the difference between the two is where liquidations go wrong.
 */
import { breakwaterError, type FeedAnswer, type FeedId, type Moment, type UnixSeconds } from '../../model/index.ts'

/** What an oracle answers: in the feed's own scale, as of `updated` (unix seconds), `age` seconds old at the time of reading. */
export type OracleReading = { readonly answer: FeedAnswer; readonly updated: UnixSeconds; readonly age: number }

/**
 * An oracle: `S` is plain data, `T` the truth it watches (a price in the feed's scale, or what a price is made of). `step` gives the state after
 * the truth was seen at `time`, which is not before the step before it; `read` gives `undefined` where there is no answer.
 */
export type Oracle<S, T = bigint> = {
  readonly id: string
  start(truth: T, time: UnixSeconds): S
  step(state: S, truth: T, time: UnixSeconds): S
  read(state: S, time: UnixSeconds): OracleReading | undefined
}

/** Reads one feed at a time. */
export type FeedReader = (time: UnixSeconds) => OracleReading | undefined

/** An oracle with its present state as something that can be read, whatever its state is made of. */
export function readerOf<S, T>(oracle: Oracle<S, T>, state: S): FeedReader {
  return (time) => oracle.read(state, time)
}

/**
 * The moment that mechanisms need: every feed read at `time`. A feed that is down, or older than its limit in `limits` (seconds; a protocol that
 * refuses stale answers), does not answer.
 */
export function oracleMoment(
  feeds: ReadonlyMap<FeedId, FeedReader>,
  time: UnixSeconds,
  limits: ReadonlyMap<FeedId, number> = new Map(),
): Moment {
  const answers = new Map<FeedId, FeedAnswer>()
  for (const [feed, read] of feeds) {
    const reading = read(time)
    if (reading && reading.age <= (limits.get(feed) ?? Number.POSITIVE_INFINITY)) answers.set(feed, reading.answer)
  }
  return { time, price: (feed) => answers.get(feed) }
}

/** A reading of `answer` as of `updated`, seen at `time`. */
export function readingOf(answer: bigint, updated: UnixSeconds, time: UnixSeconds): OracleReading {
  return { answer: answer as FeedAnswer, updated, age: time - updated }
}

/** The truth when it is a price above zero. Refuses (`bad-number`) anything else. */
export function checkedTruth(oracle: string, truth: bigint): bigint {
  if (truth > 0n) return truth
  throw breakwaterError('bad-number', `${oracle} was shown the price ${truth}; a true price is above 0`, {
    oracle,
    truth: String(truth),
  })
}

/** The time when it is not before the one before it. Refuses (`bad-time`) a step backwards. */
export function checkedTime(oracle: string, before: UnixSeconds, time: UnixSeconds): UnixSeconds {
  if (Number.isFinite(time) && time >= before) return time
  throw breakwaterError('bad-time', `${oracle} was stepped to ${time}, which is before ${before}`, {
    oracle,
    time,
    before,
  })
}

/** A parameter when it lies within bounds, both included. Refuses (`bad-number`) anything else, naming it. */
export function checkedParameter(name: string, value: number, least: number, most = Number.POSITIVE_INFINITY): number {
  if (Number.isFinite(value) && value >= least && value <= most) return value
  throw breakwaterError('bad-number', `${name} is ${value}; it must lie between ${least} and ${most}`, { name, value })
}
