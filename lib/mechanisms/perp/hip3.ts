/**
 * Oracle updates of HIP-3 builder markets: the deployer may move a price by at most a step, and only so often. Source: Hyperliquid
 * documentation, "deploying HIP-3 assets". What the clamp does not do is limit the sum of steps: the window limit below is our own defence.
 */
import { breakwaterError } from '../../model/index.ts'
import { checkedFraction, checkedNotNegative, checkedPositive } from './mark-checks.ts'

/** The rule: largest relative change of one update (fraction), least time between updates (ms), age at which an update counts no more (ms). */
export type OracleClamp = { readonly maxStep: number; readonly minGapMs: number; readonly staleMs: number }

/** A price that an update brought (quote per coin), and when (ms). */
export type OracleUpdate = { readonly price: number; readonly time: number }

/** The price nearest to `wanted` that is within `maxStep` of `last`. */
export function clampStep(last: number, wanted: number, maxStep: number): number {
  const from = checkedPositive('last price', last)
  const step = checkedFraction('largest step', maxStep)
  return Math.min(from * (1 + step), Math.max(from * (1 - step), checkedPositive('wanted price', wanted)))
}

/** Takes an update. Throws `bad-time` when it comes before the gap has passed; the first update may set any price. */
export function oracleStep(
  last: OracleUpdate | undefined,
  wanted: number,
  now: number,
  rule: OracleClamp,
): OracleUpdate {
  if (last === undefined) return { price: checkedPositive('wanted price', wanted), time: now }
  if (now - last.time < rule.minGapMs)
    throw breakwaterError(
      'bad-time',
      `an update ${now - last.time} ms after the last is too early; ${rule.minGapMs} ms must pass`,
      {
        now,
        last: last.time,
      },
    )
  return { price: clampStep(last.price, wanted, rule.maxStep), time: now }
}

/** True when the last update is so old that the local mark counts instead. */
export function isStale(last: OracleUpdate | undefined, now: number, { staleMs }: OracleClamp): boolean {
  return last === undefined || now - last.time >= staleMs
}

/** How many updates, and how long with the gap before the first, a clamped price needs from one to another; `move` is the whole as a fraction. */
export function updatesBetween(
  from: number,
  to: number,
  { maxStep, minGapMs }: Omit<OracleClamp, 'staleMs'>,
): { readonly updates: number; readonly ms: number; readonly move: number } {
  const step = checkedFraction('largest step', maxStep)
  const ratio = Math.log(checkedPositive('last price', to) / checkedPositive('first price', from))
  const updates = Math.ceil(ratio / Math.log(to < from ? 1 - step : 1 + step) - 1e-12)
  return { updates, ms: updates * checkedNotNegative('gap', minGapMs), move: to / from - 1 }
}

/**
 * A circuit breaker over the sum of steps: the price nearest to `wanted` within `maxMove` (fraction) of every price of the last `windowMs`.
 * Updates oldest first. Our own rule, no venue's.
 */
export function clampWindow(
  updates: readonly OracleUpdate[],
  wanted: number,
  now: number,
  { maxMove, windowMs }: { readonly maxMove: number; readonly windowMs: number },
): number {
  const within = updates.filter(({ time }) => now - time < windowMs).map(({ price }) => price)
  const move = checkedFraction('largest move of the window', maxMove)
  const least = Math.max(...within, 0) * (1 - move)
  const most = within.length > 0 ? Math.min(...within) * (1 + move) : Number.POSITIVE_INFINITY
  const held = Math.min(most, Math.max(least, checkedPositive('wanted price', wanted)))
  // A window that spans more than the limit already: the price stays where it is.
  return least > most ? (within.at(-1) as number) : held
}
