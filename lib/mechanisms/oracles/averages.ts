/**
 * Averages over time: TWAP = Σ pᵢ·Δtᵢ / Σ Δtᵢ over a window (Uniswap's kind), and EMA ma ← p·(1 − α) + ma·α with α = e^(−Δt/T) (Curve's kind).
 * Both hold the price that was seen last for the time until the next one is seen. Sources: the reference, C.3; curvefi/stableswap-ng
 * (`_calc_moving_average`); Uniswap v2 whitepaper, 2.2.
 */
import type { UnixSeconds } from '../../model/index.ts'
import { checkedNotNegative, checkedPositive } from '../perp/mark-checks.ts'
import { checkedParameter, checkedTime, checkedTruth, type Oracle, readingOf } from './oracle.ts'

/** Prices with the times from which they held, oldest first; the first may lie before the window. */
export type TwapState = { readonly samples: readonly { readonly time: UnixSeconds; readonly price: bigint }[] }

/** The mean over the last `window` seconds, weighted by time, rounded down. Until the window is full: over what there is. */
export function twap(window: number): Oracle<TwapState> {
  const seconds = checkedParameter('window', window, 1)
  return {
    id: 'twap',
    start: (truth, time) => ({ samples: [{ time, price: checkedTruth('twap', truth) }] }),
    step({ samples }, truth, time) {
      const price = checkedTruth('twap', truth)
      const last = samples[samples.length - 1] as TwapState['samples'][number]
      checkedTime('twap', last.time, time)
      const within = samples.findIndex((_, index) => (samples[index + 1]?.time ?? Infinity) > time - seconds)
      const kept = samples.slice(Math.max(0, within)).filter((sample) => sample.time !== time)
      return { samples: [...kept, { time, price }] }
    },
    read({ samples }, time) {
      const from = time - seconds
      let [sum, weight] = [0n, 0n]
      samples.forEach((sample, index) => {
        const begin = Math.max(sample.time, from)
        const end = samples[index + 1]?.time ?? time
        if (end <= begin) return
        const held = BigInt(end - begin)
        sum += sample.price * held
        weight += held
      })
      const last = samples[samples.length - 1] as TwapState['samples'][number]
      return readingOf(weight === 0n ? last.price : sum / weight, last.time, time)
    },
  }
}

/** The average, the price that holds since then, and when that was. */
export type EmaState = { readonly average: bigint; readonly last: bigint; readonly updated: UnixSeconds }

/** An exponential average with time constant `T` seconds, in integers: α in wad rounded down, the average rounded down, as Curve does it. */
export function emaOracle(timeConstant: number): Oracle<EmaState> {
  const constant = BigInt(checkedParameter('time constant', Math.round(timeConstant), 1))
  const grown = ({ average, last, updated }: EmaState, time: UnixSeconds) =>
    emaStepDown(last, average, BigInt(checkedTime('ema', updated, time) - updated), constant)
  return {
    id: 'ema',
    start: (truth, time) => ({ average: checkedTruth('ema', truth), last: truth, updated: time }),
    step: (state, truth, time) => ({ average: grown(state, time), last: checkedTruth('ema', truth), updated: time }),
    read: (state, time) => readingOf(grown(state, time), state.updated, time),
  }
}

const WAD = 10n ** 18n

/** `p·(1 − α) + ma·α`, α = e^(−seconds / timeConstant) in wad; both roundings down. Prices in one scale. */
export function emaStepDown(price: bigint, average: bigint, seconds: bigint, timeConstant: bigint): bigint {
  const alpha = expOfMinusDown((seconds * WAD) / timeConstant)
  return (price * (WAD - alpha) + average * alpha) / WAD
}

/** The same step in float64. Refuses (`bad-number`) prices ≤ 0, a time constant ≤ 0 and negative seconds. */
export function emaStepFloat(price: number, average: number, seconds: number, timeConstant: number): number {
  const alpha = Math.exp(-checkedNotNegative('seconds', seconds) / checkedPositive('time constant', timeConstant))
  return checkedPositive('price', price) * (1 - alpha) + checkedPositive('average', average) * alpha
}

/** ln 2 with 40 decimals. */
const LN2 = 6_931_471_805_599_453_094_172_321_214_581_765_680_755n
const FINE = 10n ** 40n

/**
 * e^(−x) for x ≥ 0, both in wad, rounded down: x = k·ln 2 + r, the series of e^(−r) with 40 decimals, then k halvings.
 * Contracts' own exponentials (rational approximations) may lie one unit beside it.
 */
export function expOfMinusDown(x: bigint): bigint {
  const fine = x * 10n ** 22n
  const halvings = fine / LN2
  if (halvings > 60n) return 0n
  const rest = fine % LN2
  let [term, sum] = [FINE, FINE]
  for (let n = 1n; term !== 0n && n < 60n; n++) {
    term = (-term * rest) / (FINE * n)
    sum += term
  }
  return (sum >> halvings) / 10n ** 22n
}
