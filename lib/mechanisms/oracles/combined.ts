/**
 * Answers made of several oracles: the lower or the higher of two (f(x): the lower to liquidate, the higher to redeem), the median of three, and
 * a price that moves by at most a step an update (HIP-3). Sources: the reference, C.3; Hyperliquid documentation by way of `perp/hip3.ts`.
 */
import type { UnixSeconds } from '../../model/index.ts'
import { type OracleClamp, type OracleUpdate, oracleStep } from '../perp/hip3.ts'
import { checkedTime, checkedTruth, type Oracle, type OracleReading, readingOf } from './oracle.ts'

/** The lower one. */
export function minOfTwo(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

/** The higher one. */
export function maxOfTwo(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

/** The one in the middle. */
export function medianOfThree(a: bigint, b: bigint, c: bigint): bigint {
  return maxOfTwo(minOfTwo(a, b), minOfTwo(maxOfTwo(a, b), c))
}

/** The states of the oracles that are combined, in their order. */
export type CombinedState = readonly unknown[]

// An oracle whose state is hidden: only the list below, which made the states, hands them back.
type Part<T> = Oracle<unknown, T>

/** min or max of two oracles that are shown the same truth. Without one of the answers there is none; the age is the older one's. */
export function extremeOf<A, B, T = bigint>(
  pick: 'min' | 'max',
  first: Oracle<A, T>,
  second: Oracle<B, T>,
): Oracle<CombinedState, T> {
  return combined(`${pick}-of-two`, [first, second], ([a, b]) => (pick === 'min' ? minOfTwo : maxOfTwo)(a, b))
}

/** The median of three oracles that are shown the same truth. Without one of the answers there is none; the age is the oldest one's. */
export function medianOracle<A, B, C, T = bigint>(
  first: Oracle<A, T>,
  second: Oracle<B, T>,
  third: Oracle<C, T>,
): Oracle<CombinedState, T> {
  return combined('median-of-three', [first, second, third], ([a, b, c]) => medianOfThree(a, b, c))
}

function combined<T>(
  id: string,
  parts: readonly Part<T>[],
  answer: (answers: [bigint, bigint, bigint]) => bigint,
): Oracle<CombinedState, T> {
  return {
    id,
    start: (truth, time) => parts.map((part) => part.start(truth, time)),
    step: (states, truth, time) => parts.map((part, index) => part.step(states[index], truth, time)),
    read(states, time) {
      const readings: OracleReading[] = []
      for (const [index, part] of parts.entries()) {
        const reading = part.read(states[index], time)
        if (!reading) return undefined
        readings.push(reading)
      }
      const updated = Math.min(...readings.map((one) => one.updated)) as UnixSeconds
      return readingOf(answer(readings.map((one) => one.answer as bigint) as [bigint, bigint, bigint]), updated, time)
    },
  }
}

/** The price as the clamp let it through (float64, in units of the feed), and when the oracle last looked. */
export type BoundedState = { readonly update: OracleUpdate; readonly seen: UnixSeconds }

/**
 * A price that takes at most one step an update and at most one update a gap, as HIP-3 deployers' oracles do (`perp/hip3.ts`). The rule is
 * float64 off the chain; the answer is rounded to the nearest unit of the feed. Older than `staleMs` it gives no answer.
 */
export function boundedStep(clamp: OracleClamp): Oracle<BoundedState> {
  return {
    id: 'bounded-step',
    start: (truth, time) => ({
      update: { price: Number(checkedTruth('bounded-step', truth)), time: time * 1000 },
      seen: time,
    }),
    step({ update, seen }, truth, time) {
      const now = checkedTime('bounded-step', seen, time) * 1000
      const wanted = Number(checkedTruth('bounded-step', truth))
      return {
        update: now - update.time < clamp.minGapMs ? update : oracleStep(update, wanted, now, clamp),
        seen: time,
      }
    },
    read({ update }, time) {
      if (time * 1000 - update.time >= clamp.staleMs) return undefined
      return readingOf(BigInt(Math.round(update.price)), (update.time / 1000) as UnixSeconds, time)
    },
  }
}
