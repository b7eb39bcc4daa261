/**
 * Chance of a price path by its number: the same path for the same seed, whoever computes it and in whatever order. A small fast counting generator
 * (Doty-Humphrey, "Practically Random", sfc32) starts from seed and path number; normals come from a ziggurat of 256 layers (Marsaglia and Tsang,
 * J. Stat. Softw. 5(8), 2000) whose layer and place are separate bits of one draw (Doornik 2005).
 */
import { hash32 } from '../../model/index.ts'

/**
 * How the price moves without forced orders, per step in log price: `drift` + `volatility` · normal, and a jump of `mean` + `deviation` · normal
 * with the probability `perStep`.
 */
export type Moves = {
  readonly steps: number
  readonly drift: number
  readonly volatility: number
  readonly jumps?: { readonly perStep: number; readonly mean: number; readonly deviation: number } | undefined
}

/** Where the generator of one path stands: four words. */
export type PathChance = Int32Array

/** Layers of the ziggurat, its outermost ordinate and the area of each layer (Marsaglia and Tsang, n = 256). */
const LAYERS = 256
const OUTER = 3.6541528853610088
const AREA = 0.00492867323399
/** A place is a signed number of 24 bits. */
const PLACES = 1 << 23
/** Draws that are thrown away after seeding, as the generator's author does. */
const WARM_UP = 12

const { inner, width, height } = layers()

/** The generator of a path: `stream` 0 for its steps, 1 for its jumps. */
export function pathChance(seed: string | number, path: number, stream: number): PathChance {
  const text = String(seed)
  const state = Int32Array.of(hash32(`paths/${stream}/${text}`), hash32(`${text}/${stream}`), path | 0, 1)
  // Path numbers beyond 2^32 stir the second word as well.
  state[1] = (state[1] as number) ^ Math.floor(path / 2 ** 32)
  for (let draw = 0; draw < WARM_UP; draw++) bits(state)
  return state
}

/** Writes the moves of a path, one number per step, into `out`. */
export function drawMoves(moves: Moves, seed: string | number, path: number, out: Float64Array): void {
  const { steps, drift, volatility, jumps } = moves
  fillNormals(pathChance(seed, path, 0), out, steps)
  for (let step = 0; step < steps; step++) out[step] = drift + volatility * (out[step] as number)
  if (!jumps || jumps.perStep <= 0) return
  const chance = pathChance(seed, path, 1)
  const pair = new Float64Array(1)
  for (let step = gap(chance, jumps.perStep) - 1; step < steps; step += gap(chance, jumps.perStep)) {
    fillNormals(chance, pair, 1)
    out[step] = (out[step] as number) + jumps.mean + jumps.deviation * (pair[0] as number)
  }
}

/** Fills the first `count` places with standard normal draws and moves the generator on. */
export function fillNormals(state: PathChance, out: Float64Array, count: number): void {
  let [a, b, c, counter] = state as unknown as [number, number, number, number]
  for (let at = 0; at < count; at++) {
    const drawn = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + drawn) | 0
    const layer = drawn & (LAYERS - 1)
    const place = drawn >> 8
    if ((place ^ (place >> 31)) < (inner[layer] as number)) {
      out[at] = (place + 0.5) * (width[layer] as number)
      continue
    }
    // One draw in eighty: at a layer's edge or in the tail.
    state[0] = a
    state[1] = b
    state[2] = c
    state[3] = counter
    out[at] = edge(state, layer, (place + 0.5) * (width[layer] as number))
    a = state[0] as number
    b = state[1] as number
    c = state[2] as number
    counter = state[3] as number
  }
  state[0] = a
  state[1] = b
  state[2] = c
  state[3] = counter
}

function bits(state: PathChance): number {
  const [a, b, c, counter] = state as unknown as [number, number, number, number]
  const drawn = (((a + b) | 0) + counter) | 0
  state[3] = counter + 1
  state[0] = b ^ (b >>> 9)
  state[1] = c + (c << 3)
  state[2] = ((c << 21) | (c >>> 11)) + drawn
  return drawn
}

/** A number in (0, 1), never one of its ends. */
function uniform(state: PathChance): number {
  return ((bits(state) >>> 0) + 0.5) / 2 ** 32
}

/** Steps until the next jump, at least 1: geometric with the given probability. */
function gap(state: PathChance, perStep: number): number {
  return perStep >= 1 ? 1 : Math.max(1, Math.ceil(Math.log(uniform(state)) / Math.log1p(-perStep)))
}

function edge(state: PathChance, layer: number, x: number): number {
  for (;;) {
    if (layer === 0) {
      // Beyond the outermost ordinate: Marsaglia's tail.
      let far: number
      do far = -Math.log(uniform(state)) / OUTER
      while (-2 * Math.log(uniform(state)) < far * far)
      return x < 0 ? -OUTER - far : OUTER + far
    }
    const low = height[layer] as number
    const high = height[layer + 1] as number
    if (low + uniform(state) * (high - low) < Math.exp(-0.5 * x * x)) return x
    const drawn = bits(state)
    layer = drawn & (LAYERS - 1)
    const place = drawn >> 8
    x = (place + 0.5) * (width[layer] as number)
    if ((place ^ (place >> 31)) < (inner[layer] as number)) return x
  }
}

/** Layer 0 is the base with the tail; layer i reaches from 0 to edges[i], and its draws within edges[i + 1] lie below the curve for sure. */
function layers() {
  const edges = new Float64Array(LAYERS + 1)
  edges[0] = AREA / Math.exp(-0.5 * OUTER * OUTER)
  edges[1] = OUTER
  for (let at = 2; at < LAYERS; at++) {
    const before = edges[at - 1] as number
    edges[at] = Math.sqrt(-2 * Math.log(AREA / before + Math.exp(-0.5 * before * before)))
  }
  const inner = new Int32Array(LAYERS)
  const width = new Float64Array(LAYERS)
  const height = Float64Array.from(edges, (edge) => Math.exp(-0.5 * edge * edge))
  for (let at = 0; at < LAYERS; at++) {
    inner[at] = Math.floor(((edges[at + 1] as number) / (edges[at] as number)) * PLACES)
    width[at] = (edges[at] as number) / PLACES
  }
  return { inner, width, height }
}
