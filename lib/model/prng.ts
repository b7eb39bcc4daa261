/** Chance by argument: a seeded generator that forks by name, so that adding one draw does not move the others. */

/** A deterministic source of random numbers. */
export type Prng = {
  /** A float64 in [0, 1), with 53 random bits. */
  next(): number
  /** A whole number in [0, below). */
  int(below: number): number
  /** A standard normal draw (Box–Muller, one draw a call). */
  normal(): number
  /** An exponential draw with the given mean. */
  exponential(mean: number): number
  /** One item of a non-empty list. */
  pick<T>(items: readonly T[]): T
  /** An independent generator, the same for the same path of names from the same seed. */
  fork(name: string): Prng
}

/** A generator from a seed: xoshiro128** (Blackman and Vigna 2018), its state filled from the seed's text by {@link hash32}. */
export function prng(seed: string | number): Prng {
  const text = String(seed)
  const state = new Uint32Array([0, 1, 2, 3].map((lane) => hash32(`${lane}/${text}`)))
  if (state.every((word) => word === 0)) state[0] = 1
  const uint32 = () => step(state)
  const next = () => ((uint32() >>> 5) * 67_108_864 + (uint32() >>> 6)) / 9_007_199_254_740_992
  return {
    next,
    int: (below) => Math.floor(next() * below),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    exponential: (mean) => -mean * Math.log(1 - next()),
    pick: (items) => items[Math.floor(next() * items.length)] as (typeof items)[number],
    fork: (name) => prng(`${text}/${name}`),
  }
}

/** A 32-bit hash of text: FNV-1a with murmur3's finaliser. Not for security. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function step(state: Uint32Array): number {
  let [a, b, c, d] = state as unknown as [number, number, number, number]
  const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0
  const shifted = b << 9
  c ^= a
  d ^= b
  b ^= c
  a ^= d
  c ^= shifted
  d = rotateLeft(d, 11)
  state[0] = a
  state[1] = b
  state[2] = c
  state[3] = d
  return result
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}
