/**
 * CAPO, the capped exchange-rate oracle of Aave: price = base price · min(ratio, cap), the cap growing from a snapshot by at most a yearly rate.
 *
 *     cap(t) = snapshotRatio + g · (t − snapshotTime)        g = snapshotRatio · yearlyBps / 10,000 / 365 d, stored × 1e6, rounded down
 *
 * Source: bgd-labs/aave-capo `PriceCapAdapterBase` (`setCapParameters`, `getMaxRatio`, `isCapped`) as collected in the reference, C.2.
 */
import { breakwaterError, type UnixSeconds } from '../../model/index.ts'
import { checkedTime, checkedTruth, type Oracle, readingOf } from './oracle.ts'

const YEAR = 365n * 86_400n
const GROWTH_SCALE = 10n ** 6n
const PERCENT = 10_000n
/** A snapshot must be at least this old when it is set: 7 days, in seconds. */
export const CAPO_MIN_SNAPSHOT_DELAY = 7 * 86_400
/** And at most this old: 180 days, in seconds. */
export const CAPO_MAX_SNAPSHOT_TERM = 180 * 86_400

/** What the manager sets: the ratio at a time (unix seconds), and how much of it the cap may grow in a year (basis points). */
export type CapoParameters = {
  readonly snapshotRatio: bigint
  readonly snapshotTime: UnixSeconds
  readonly yearlyBps: bigint
}

/** Growth of the cap per second × 1e6, rounded down, in the ratio's scale. */
export function capoGrowthScaledDown({ snapshotRatio, yearlyBps }: CapoParameters): bigint {
  return (snapshotRatio * yearlyBps * GROWTH_SCALE) / PERCENT / YEAR
}

/** The largest ratio that counts at `time`, rounded down. Refuses (`bad-time`) a time before the snapshot. */
export function capoMaxRatioDown(parameters: CapoParameters, time: UnixSeconds): bigint {
  const elapsed = BigInt(checkedTime('capo', parameters.snapshotTime, time) - parameters.snapshotTime)
  return parameters.snapshotRatio + (capoGrowthScaledDown(parameters) * elapsed) / GROWTH_SCALE
}

/** True when the ratio is above the cap, so that the price is too low by the gap between the two. */
export function capoIsCapped(parameters: CapoParameters, ratio: bigint, time: UnixSeconds): boolean {
  return ratio > capoMaxRatioDown(parameters, time)
}

/** Base price · min(ratio, cap), rounded down, in the base price's scale; 0 when either is 0 or less, as the adapter answers. */
export function capoPriceDown(
  parameters: CapoParameters,
  { base, ratio }: CapoTruth,
  time: UnixSeconds,
  ratioDecimals: number,
): bigint {
  if (base <= 0n || ratio <= 0n) return 0n
  const cap = capoMaxRatioDown(parameters, time)
  return (base * (ratio < cap ? ratio : cap)) / 10n ** BigInt(ratioDecimals)
}

/**
 * New parameters at `now`. Throws `bad-state` with the contract's word: `SnapshotRatioIsZero`; `InvalidRatioTimestamp` unless the snapshot is
 * later than the one before and between 7 and 180 days old.
 */
export function setCapoParameters(before: CapoParameters, next: CapoParameters, now: UnixSeconds): CapoParameters {
  if (next.snapshotRatio <= 0n)
    throw breakwaterError('bad-state', 'SnapshotRatioIsZero', { ratio: String(next.snapshotRatio) })
  if (next.yearlyBps < 0n)
    throw breakwaterError('bad-state', `the yearly growth is ${next.yearlyBps} bps; it is 0 or more`, {
      yearlyBps: String(next.yearlyBps),
    })
  const age = now - next.snapshotTime
  if (next.snapshotTime <= before.snapshotTime || age < CAPO_MIN_SNAPSHOT_DELAY || age > CAPO_MAX_SNAPSHOT_TERM)
    throw breakwaterError('bad-state', `InvalidRatioTimestamp(${next.snapshotTime})`, {
      before: before.snapshotTime,
      now,
      age,
    })
  return next
}

/** What the adapter looks at: the base asset's price (e.g. ETH/USD) and the exchange rate (e.g. ETH per wstETH). */
export type CapoTruth = { readonly base: bigint; readonly ratio: bigint }

/** Parameters in force, and what was seen last. */
export type CapoState = { readonly parameters: CapoParameters } & CapoTruth & { readonly seen: UnixSeconds }

/** The capped oracle. `ratioDecimals`: decimals of the exchange rate (18 for wstETH). New parameters: replace `parameters` of the state. */
export function capo(parameters: CapoParameters, ratioDecimals = 18): Oracle<CapoState, CapoTruth> {
  const checked = ({ base, ratio }: CapoTruth): CapoTruth => ({
    base: checkedTruth('capo', base),
    ratio: checkedTruth('capo', ratio),
  })
  return {
    id: 'capo',
    start: (truth, time) => ({ parameters, ...checked(truth), seen: time }),
    step: (state, truth, time) => ({ ...state, ...checked(truth), seen: checkedTime('capo', state.seen, time) }),
    read: (state, time) => readingOf(capoPriceDown(state.parameters, state, time, ratioDecimals), state.seen, time),
  }
}
