/**
 * Averages over time as pure states: the exponential average for irregular samples that Hyperliquid publishes, and the plain mean of a
 * moving window with one sample per period, as Binance, Bybit and Gate take it. Times are in one unit throughout; the callers use ms.
 */
import { breakwaterError } from '../../model/index.ts'
import { checkedFinite, checkedNotNegative, checkedPositive } from './mark-checks.ts'

/** Numerator and denominator of an exponential average, both in units of sample × time and time; the time constant is the caller's. */
export type Ema = { readonly num: number; readonly den: number }

/** An average without samples. */
export const EMPTY_EMA: Ema = { num: 0, den: 0 }

/**
 * Takes a sample: `num ← num·e^(−t/τ) + x·t`, `den ← den·e^(−t/τ) + t`, with `elapsed` t since the last sample and `tau` τ in one unit.
 * A sample after no time (t = 0) has no weight. Refuses (`bad-number`) t < 0, τ ≤ 0 and values that are not finite.
 * Source: Hyperliquid documentation, "robust price indices".
 */
export function emaStep(ema: Ema, value: number, elapsed: number, tau: number): Ema {
  const t = checkedNotNegative('time since the last sample', elapsed)
  const decay = Math.exp(-t / checkedPositive('time constant of the average', tau))
  return { num: ema.num * decay + checkedFinite('sample', value) * t, den: ema.den * decay + t }
}

/** The average, in the unit of the samples; `undefined` before the first sample with weight. */
export function emaValue({ num, den }: Ema): number | undefined {
  return den > 0 ? num / den : undefined
}

/** An exponential average that remembers when it last took a sample (ms). */
export type TimedEma = Ema & { readonly last: number | undefined }

/** A timed average without samples. */
export const EMPTY_TIMED_EMA: TimedEma = { ...EMPTY_EMA, last: undefined }

/**
 * Takes a sample at `now`. The first sample has no predecessor: it weighs `first` ms (our choice; the usual distance between samples).
 * Refuses (`bad-time`) a sample older than the last.
 */
export function timedEmaStep(ema: TimedEma, value: number, now: number, tau: number, first: number): TimedEma {
  checkedFinite('time', now)
  if (ema.last !== undefined && now < ema.last)
    throw breakwaterError('bad-time', `a sample of ${now} came after one of ${ema.last}`, { now, last: ema.last })
  return { ...emaStep(ema, value, ema.last === undefined ? first : now - ema.last, tau), last: now }
}

/** Samples of a moving window, oldest first, at most one per sampling period; `mean` of them, `undefined` while empty. */
export type MovingWindow = {
  readonly samples: readonly { readonly time: number; readonly value: number }[]
  readonly mean: number | undefined
}

/** A window without samples. */
export const EMPTY_WINDOW: MovingWindow = { samples: [], mean: undefined }

/**
 * Takes the value at `now` when its sampling period has none yet, and drops what is `windowMs` old or older. While the window fills, and
 * where periods passed without a value, the mean is over what there is (Bybit says so of new contracts; for the others our choice).
 * Refuses (`bad-time`) a value older than the last sample.
 */
export function windowStep(
  window: MovingWindow,
  value: number | undefined,
  now: number,
  windowMs: number,
  sampleMs: number,
): MovingWindow {
  checkedPositive('window', windowMs)
  checkedPositive('sampling period', sampleMs)
  const last = window.samples.at(-1)
  if (last !== undefined && checkedFinite('time', now) < last.time)
    throw breakwaterError('bad-time', `a sample of ${now} came after one of ${last.time}`, { now, last: last.time })
  const taken = value === undefined || (last && Math.floor(now / sampleMs) === Math.floor(last.time / sampleMs))
  const oldest = window.samples[0]
  if (taken && (oldest === undefined || oldest.time > now - windowMs)) return window
  const kept = window.samples.filter(({ time }) => time > now - windowMs)
  const samples = taken ? kept : [...kept, { time: now, value: checkedFinite('sample', value as number) }]
  const sum = samples.reduce((total, sample) => total + sample.value, 0)
  return { samples, mean: samples.length > 0 ? sum / samples.length : undefined }
}
