/**
 * LLAMMA's bands in float64: amounts in typed arrays, a table of upper prices p_base·((A−1)/A)^n made once, and the curve of a band. Whole units.
 * Source of the equations: `reference/mechanisms/30-soft.md` D.1; the integer form is `mechanisms/llamma`.
 */
import { breakwaterError } from '../../model/index.ts'

/** Bands `first`, `first` + 1, …: stablecoin x, collateral y, upper oracle price. Bands before `active` hold only x, after it only y. */
export type LlammaBands = {
  readonly A: number
  readonly first: number
  readonly count: number
  readonly x: Float64Array
  readonly y: Float64Array
  /** One price more than there are bands: `up[i + 1]` is the lower price of band i. */
  readonly up: Float64Array
  /** 1 / `up`. */
  readonly inverseUp: Float64Array
  /** Index (not band number) of the active band. */
  active: number
}

/** Empty bands `first` … `first + count − 1`. Throws `bad-state` for an amplification below 2, prices not above 0, or no bands. */
export function llammaBands(A: number, basePrice: number, first: number, count: number): LlammaBands {
  if (!(A >= 2) || !(basePrice > 0) || !(count >= 1) || !Number.isInteger(first))
    throw breakwaterError('bad-state', `no bands of A ${A}, base price ${basePrice}, ${count} from ${first}`, {
      ...{ A: String(A), basePrice: String(basePrice), first: String(first), count: String(count) },
    })
  const bands: LlammaBands = {
    ...{ A, first, count, active: 0 },
    x: new Float64Array(count),
    y: new Float64Array(count),
    up: new Float64Array(count + 1),
    inverseUp: new Float64Array(count + 1),
  }
  setPrices(bands, basePrice)
  return bands
}

/** Writes the table of upper prices for a base price (which grows with interest). */
export function setPrices({ A, first, up, inverseUp }: LlammaBands, basePrice: number): void {
  const k = (A - 1) / A
  let price = basePrice * k ** first
  for (let i = 0; i < up.length; i++) {
    up[i] = price
    inverseUp[i] = 1 / price
    price *= k
  }
}

/** y0 of a band; see the source. */
export function curveRoot(A: number, x: number, y: number, oracle: number, up: number): number {
  if (x === 0) return (oracle * y) / up
  if (y === 0) return (up * (A - 1) * x) / (oracle * oracle * A)
  const b = (up / oracle) * (A - 1) * x + ((oracle * oracle) / up) * A * y
  return (b + Math.sqrt(b * b + 4 * oracle * A * x * y)) / (2 * oracle * A)
}

/** Fee of a band away from the oracle: a quarter of the relative distance to its nearest price, or `base` where that is more. */
export function bandFee(A: number, oracle: number, up: number, base: number): number {
  const low = (oracle / up) * (oracle / up) * oracle
  if (oracle < low) return Math.max(base, (0.25 * (low - oracle)) / low)
  const high = low * (A / (A - 1)) * (A / (A - 1))
  return oracle > high ? Math.max(base, (0.25 * (oracle - high)) / oracle) : base
}

/** The AMM's price in its active band at an oracle price. */
export function bandsPrice({ A, active, x, y, up }: LlammaBands, oracle: number): number {
  const [bx, by, bu] = [x[active] as number, y[active] as number, up[active] as number]
  const low = (oracle / bu) * (oracle / bu) * oracle
  if (bx === 0) return by === 0 ? (low * A) / (A - 1) : low
  const y0 = curveRoot(A, bx, by, oracle, bu)
  return ((A * y0 * oracle * oracle) / bu + bx) / (((A - 1) * y0 * bu) / oracle + by)
}

/** What one band fetches on a slow way down (`way` 'down', stablecoin) or gives on a slow way up ('up', collateral). */
export function slowValue(bands: LlammaBands, oracle: number, way: 'down' | 'up', index: number): number {
  const { A, active } = bands
  const x = index <= active ? (bands.x[index] as number) : 0
  const y = index >= active ? (bands.y[index] as number) : 0
  if (x === 0 && y === 0) return 0
  const up = bands.up[index] as number
  const down = bands.up[index + 1] as number
  if (x === 0 && oracle > up) return way === 'up' ? y : y * Math.sqrt(up * down)
  if (y === 0 && oracle < down) return way === 'down' ? x : x / Math.sqrt(up * down)
  const y0 = curveRoot(A, x, y, oracle, up)
  const f = (A * y0 * oracle * oracle) / up
  const g = ((A - 1) * y0 * up) / oracle
  const invariant = (f + x) * (g + y)
  const inside = Math.min(Math.max(oracle, down), up)
  // The band traded to the oracle, or to its edge where the oracle is outside of it.
  const heldY = oracle >= up ? Math.max(invariant / f - g, 0) : oracle <= down ? 0 : A * y0 * (1 - down / oracle)
  const heldX = oracle >= up ? 0 : Math.max(invariant / (g + heldY) - f, 0)
  return way === 'up' ? heldY + heldX / Math.sqrt(up * inside) : heldX + heldY * Math.sqrt(down * inside)
}

/** All bands together on a slow way. */
export function allSlowly(bands: LlammaBands, oracle: number, way: 'down' | 'up'): number {
  let sum = 0
  for (let i = 0; i < bands.count; i++) sum += slowValue(bands, oracle, way, i)
  return sum
}
