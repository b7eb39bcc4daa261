/** How long to wait before trying again: exponential with full jitter, so that a venue's return is not met by everybody at once. */

/** Bounds of a backoff, ms. */
export type Backoff = { readonly firstMs: number; readonly mostMs: number }

/** Half a second at first, a minute at most. */
export const DEFAULT_BACKOFF: Backoff = { firstMs: 500, mostMs: 60_000 }

/** The wait before attempt `attempt` (0 = the first retry): between half and the whole of `firstMs × 2^attempt`, at most `mostMs`. */
export function backoffMs({ firstMs, mostMs }: Backoff, attempt: number, random: () => number): number {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30))
  return whole / 2 + (random() * whole) / 2
}
