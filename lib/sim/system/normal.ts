/** The normal distribution: density, distribution to 1e-15, and its inverse. */

/** Density of the standard normal at `x`. */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)
}

/** P(Z ≤ x) of the standard normal: Taylor series near 0, continued fraction in the tails (Abramowitz and Stegun 26.2.11, 26.2.14). */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN
  if (Math.abs(x) > 38) return x > 0 ? 1 : 0
  if (Math.abs(x) < 5) {
    let [term, sum] = [x, x]
    for (let n = 3; Math.abs(term) > 1e-18 * Math.abs(sum); n += 2) {
      term *= (x * x) / n
      sum += term
    }
    return 0.5 + sum * normalDensity(x)
  }
  let fraction = Math.abs(x)
  for (let n = 80; n > 0; n--) fraction = Math.abs(x) + n / fraction
  const tail = normalDensity(x) / fraction
  return x > 0 ? 1 - tail : tail
}

/** The `x` with P(Z ≤ x) = `p`, 0 < p < 1, by bisection to the last bit that matters. */
export function normalQuantile(p: number): number {
  let [low, high] = [-38, 38]
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2
    if (normalCdf(middle) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}
