/**
 * Self-exciting events (Hawkes 1971): each event makes n others on average, after exponential delays of rate β. Draws them by their branching, and finds n
 * again from the times alone by maximum likelihood (Ozaki 1979, with the recursion that makes it one pass).
 */
import { breakwaterError, type Prng } from '../../model/index.ts'

/** Rate of events from outside, and the branching ratio n with the rate of its delays; times in one unit throughout. */
export type HawkesTerms = { readonly base: number; readonly branching: number; readonly decay: number }

/** Draws event times in [0, horizon), in order. Refuses (`bad-number`) a branching ratio of 1 or more: it would not end. */
export function hawkesTimes({ base, branching, decay }: HawkesTerms, horizon: number, chance: Prng): readonly number[] {
  if (!(base > 0 && branching >= 0 && branching < 1 && decay > 0 && horizon > 0))
    throw breakwaterError('bad-number', `events with n ${branching}, base ${base}, decay ${decay} cannot be drawn`, {
      ...{ base, branching, decay, horizon },
    })
  const times: number[] = []
  const open: number[] = []
  for (let at = chance.exponential(1 / base); at < horizon; at += chance.exponential(1 / base)) open.push(at)
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    times.push(at)
    for (let child = poisson(branching, chance); child > 0; child--) {
      const born = at + chance.exponential(1 / decay)
      if (born < horizon) open.push(born)
    }
  }
  return times.sort((a, b) => a - b)
}

function poisson(mean: number, chance: Prng): number {
  const limit = Math.exp(-mean)
  let [count, product] = [0, chance.next()]
  while (product > limit) {
    count += 1
    product *= chance.next()
  }
  return count
}

/** The likeliest terms of event times in [0, horizon): expectation and maximisation, starting from `first`, until n moves less than 1e−6. */
export function hawkesEstimate(times: readonly number[], horizon: number, first: HawkesTerms): HawkesTerms {
  if (times.length < 10)
    throw breakwaterError('bad-number', `${times.length} events say nothing of their branching`, {
      events: times.length,
    })
  let terms = first
  for (let round = 0; round < 500; round++) {
    const next = improved(times, horizon, terms)
    const moved = Math.abs(next.branching - terms.branching)
    terms = next
    if (moved < 1e-6) break
  }
  return terms
}

/** One round: which part of each event came from outside, and which from those before, at what mean delay. */
function improved(times: readonly number[], horizon: number, { base, branching, decay }: HawkesTerms): HawkesTerms {
  // Sums over all earlier events of e^(−βΔ) and of Δ·e^(−βΔ), carried from one event to the next.
  let [kernel, delayed, last] = [0, 0, times[0] ?? 0]
  let [outside, inside, delay, reach] = [0, 0, 0, 0]
  for (const [at, time] of times.entries()) {
    const gap = time - last
    const kept = Math.exp(-decay * gap)
    if (at > 0) {
      delayed = kept * (delayed + gap * kernel)
      kernel *= kept
    }
    const excited = branching * decay * kernel
    const rate = base + excited
    outside += base / rate
    inside += excited / rate
    delay += (branching * decay * delayed) / rate
    reach += 1 - Math.exp(-decay * (horizon - time))
    kernel += 1
    last = time
  }
  return {
    base: outside / horizon,
    branching: inside / Math.max(reach, 1e-12),
    decay: delay > 0 ? inside / delay : decay,
  }
}
