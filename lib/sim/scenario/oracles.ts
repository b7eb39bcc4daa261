/** Oracles of a scenario as oracles of the market, with their faults counted from the start of the run. */
import {
  boundedStep,
  capoMaxRatioDown,
  emaOracle,
  type Oracle,
  type OracleFault,
  osm,
  parseFaults,
  pushFeed,
  readingOf,
  twap,
} from '../../mechanisms/index.ts'
import { parseFixed, type UnixSeconds } from '../../model/index.ts'
import type { ScenarioOracle } from './fields.ts'

/** An oracle and what goes wrong with it, unix seconds. */
export type MarketOracle = { readonly oracle: Oracle<unknown>; readonly faults: readonly OracleFault[] }

/** Dollars per coin on the market now. */
export type OraclePrices = { readonly own: () => number; readonly of: (symbol: string) => number }

/** The oracle that a scenario describes; spot without a description. `prices`: dollars now, of the coin itself and of others, for caps on ratios. */
export function marketOracle(
  terms: ScenarioOracle = { kind: 'spot' },
  start: UnixSeconds,
  prices: OraclePrices,
): MarketOracle {
  const faults = parseFaults(terms.faults ?? []).map((fault) => ({ ...fault, start: fault.start + start }))
  return { oracle: oracleOf(terms, start, prices) as Oracle<unknown>, faults }
}

function oracleOf(terms: ScenarioOracle, start: UnixSeconds, prices: OraclePrices) {
  switch (terms.kind) {
    case 'spot':
      return pushFeed({ deviationBps: 0, heartbeat: 1 })
    case 'push':
      return pushFeed({ deviationBps: terms.deviationBps, heartbeat: terms.heartbeat, landing: terms.landing ?? 0 })
    case 'twap':
      return twap(terms.window)
    case 'ema':
      return emaOracle(terms.timeConstant)
    case 'osm':
      return osm(terms.hop)
    case 'bounded':
      return boundedStep({
        ...{ maxStep: terms.step, minGapMs: terms.gap * 1_000 },
        staleMs: terms.stale === undefined ? Number.POSITIVE_INFINITY : terms.stale * 1_000,
      })
    case 'capo':
      return cappedRatio(terms, start, prices)
  }
}

const wadOf = (value: number) => parseFixed(value.toFixed(18), 18)

/** The last answer, and when it was seen. */
type Capped = { readonly answer: bigint; readonly seen: UnixSeconds }

/**
 * A price whose ratio to another coin's is capped (CAPO): base · min(ratio, cap), the cap growing from a snapshot. A truth that is no more than
 * the cap passes unchanged.
 */
function cappedRatio(
  terms: Extract<ScenarioOracle, { kind: 'capo' }>,
  start: UnixSeconds,
  prices: OraclePrices,
): Oracle<Capped> {
  const parameters = {
    snapshotRatio: wadOf(terms.snapshotRatio),
    snapshotTime: (start - terms.snapshotAge) as UnixSeconds,
    yearlyBps: BigInt(Math.round(terms.yearlyGrowth * 10_000)),
  }
  // The scale of the feed is in the truth alone, so the ratio is measured in dollars, which the market knows.
  const seen = (truth: bigint, time: UnixSeconds): Capped => {
    const ratio = wadOf(prices.own() / prices.of(terms.base))
    const most = capoMaxRatioDown(parameters, time)
    return { answer: ratio > most ? (truth * most) / ratio : truth, seen: time }
  }
  return {
    id: 'capo',
    start: (truth, time) => seen(truth, time),
    step: (_, truth, time) => seen(truth, time),
    read: ({ answer, seen: at }, time) => readingOf(answer, at, time),
  }
}
