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

/** Where the generators of one path stand: four words of the one that draws, four of the one that mends what lies outside of its layer. */
export type PathChance = Int32Array

/** Layers of the ziggurat, its outermost ordinate and the area of each layer (Marsaglia and Tsang, n = 256). */
const LAYERS = 256
const OUTER = 3.6541528853610088
const AREA = 0.00492867323399
/** A place is a signed number of 24 bits. */
const PLACES = 1 << 23
/** Draws that are thrown away after seeding, as the generator's author does. */
const WARM_UP = 12

const ZIGGURAT = layers()
/** Draws are made in blocks; room for those of a block that lie outside of their layers, and one that is overwritten. */
const BLOCK = 2048
const OUTSIDE = { places: new Int32Array(BLOCK + 1), draws: new Int32Array(BLOCK + 1) }

/** The generator of a path: `stream` 0 for its steps, 1 for its jumps. */
export function pathChance(seed: string | number, path: number, stream: number): PathChance {
  const text = String(seed)
  const [first, second] = [hash32(`paths/${stream}/${text}`), hash32(`${text}/${stream}`)]
  // Path numbers beyond 2^32 stir a word of their own.
  const high = Math.floor(path / 2 ** 32)
  const state = Int32Array.of(first, second ^ high, path | 0, 1, ~first, second ^ high, path | 0, 1)
  for (let draw = 0; draw < WARM_UP; draw++) {
    bits(state, 0)
    bits(state, 4)
  }
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
  for (let from = 0; from < count; from += BLOCK) fillBlock(state, out, from, Math.min(count, from + BLOCK))
}

/** Draws as if every one lay within its layer, which is true but for one in eighty, then mends those from words of their own. */
function fillBlock(state: PathChance, out: Float64Array, from: number, to: number): void {
  const { inner, width } = ZIGGURAT
  const { places, draws } = OUTSIDE
  let a = state[0] as number
  let b = state[1] as number
  let c = state[2] as number
  let counter = state[3] as number
  let outside = 0
  for (let at = from; at < to; at++) {
    const drawn = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + drawn) | 0
    const layer = drawn & (LAYERS - 1)
    const place = drawn >> 8
    out[at] = (place + 0.5) * (width[layer] as number)
    places[outside] = at
    draws[outside] = drawn
    outside += ((inner[layer] as number) - 1 - (place ^ (place >> 31))) >>> 31
  }
  state[0] = a
  state[1] = b
  state[2] = c
  state[3] = counter
  for (let one = 0; one < outside; one++)
    out[places[one] as number] = edge(
      state,
      (draws[one] as number) & (LAYERS - 1),
      out[places[one] as number] as number,
    )
}

/** A word of the steps' generator, or (`at` 4) of the one that mends. */
function bits(state: PathChance, at: 0 | 4): number {
  const b = state[at + 1] as number
  const c = state[at + 2] as number
  const counter = state[at + 3] as number
  const drawn = ((((state[at] as number) + b) | 0) + counter) | 0
  state[at + 3] = counter + 1
  state[at] = b ^ (b >>> 9)
  state[at + 1] = c + (c << 3)
  state[at + 2] = ((c << 21) | (c >>> 11)) + drawn
  return drawn
}

/** A number in (0, 1), never one of its ends. */
function uniform(state: PathChance): number {
  return ((bits(state, 4) >>> 0) + 0.5) / 2 ** 32
}

/** Steps until the next jump, at least 1: geometric with the given probability. */
function gap(state: PathChance, perStep: number): number {
  return perStep >= 1 ? 1 : Math.max(1, Math.ceil(Math.log(uniform(state)) / Math.log1p(-perStep)))
}

function edge(state: PathChance, layer: number, x: number): number {
  const { inner, width, height } = ZIGGURAT
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
    const drawn = bits(state, 4)
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
