/** The worker of the heatmap: opens a world once, keeps it, and cuts views, sums and lists out of it. */
import type { HeatmapScore } from '../../../lib/analytics/index.ts'
import { isBreakwaterError } from '../../../lib/model/index.ts'
import { type HeatmapWords, readHeatmap } from '../state/heatmap.ts'
import {
  demoWorld,
  estimateClusters,
  estimateGrid,
  estimateOf,
  exactClusters,
  exactGrid,
  type HeatClusters,
  type HeatEstimate,
  type HeatGrid,
  type HeatReach,
  type HeatView,
  type HeatWorld,
  type ListedCluster,
  listedClusters,
  ownWorld,
  reachAt,
} from './heatmap-model.ts'

/** What can be asked. `open` answers `opened`; the others answer under their own names, with the id of what they answer. */
export type HeatQuestion =
  | { readonly kind: 'open'; readonly id: number; readonly words: HeatmapWords; readonly text: string }
  | { readonly kind: 'view'; readonly id: number; readonly view: HeatView; readonly layer: 'exact' | 'estimate' }
  | { readonly kind: 'reach'; readonly id: number; readonly shown: readonly number[]; readonly price: number }
  | { readonly kind: 'list'; readonly id: number; readonly shown: readonly number[] }

/** A world as the page knows it. */
export type HeatFacts = {
  readonly price: number
  readonly times: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly sources: readonly string[]
  readonly positions: number
  readonly standing: number
  readonly wasm: boolean
  readonly refused: readonly string[]
  readonly score: HeatmapScore | undefined
  readonly estimated: boolean
}

/** A view as it is drawn; times in ms. */
export type HeatPicture = {
  readonly view: HeatView
  readonly layer: 'exact' | 'estimate'
  readonly grid: HeatGrid
  readonly exact: HeatClusters
  readonly estimate: HeatClusters | undefined
  readonly ms: { readonly grid: number; readonly count: number }
}

/** What is answered. */
export type HeatAnswer = { readonly id: number } & (
  | { readonly kind: 'opened'; readonly facts: HeatFacts; readonly ms: number }
  | { readonly kind: 'view'; readonly picture: HeatPicture }
  | { readonly kind: 'reach'; readonly reach: HeatReach }
  | { readonly kind: 'list'; readonly list: readonly ListedCluster[] }
  | { readonly kind: 'problem'; readonly problem: string }
)

let world: { key: string; is: HeatWorld } | undefined
let estimate: { key: string; is: HeatEstimate | undefined } | undefined

addEventListener('message', ({ data }: MessageEvent<HeatQuestion>) => {
  try {
    postMessage(answerTo(data))
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    postMessage({ id: data.id, kind: 'problem', problem: `${error.message}. ${error.fix}` } satisfies HeatAnswer)
  }
})

function answerTo(asked: HeatQuestion): HeatAnswer {
  const { id } = asked
  if (asked.kind === 'open') return open(asked)
  if (!world) return { id, kind: 'problem', problem: 'There is no list of positions yet.' }
  if (asked.kind === 'reach')
    return { id, kind: 'reach', reach: reachAt(world.is, estimate?.is, asked.shown, asked.price) }
  if (asked.kind === 'list') return { id, kind: 'list', list: listedClusters(world.is, estimate?.is, asked.shown) }
  return { id, kind: 'view', picture: pictureOf(world.is, asked.view, asked.layer) }
}

function open({ id, words, text }: Extract<HeatQuestion, { kind: 'open' }>): HeatAnswer {
  const began = performance.now()
  const input = readHeatmap(words)
  const key = input.book === 'demo' ? `demo/${input.seed}/${input.positions}` : `own/${words.coin}/${text}`
  if (world?.key !== key) {
    const made = input.book === 'demo' ? demoWorld(input.seed, input.positions) : ownWorld(text, words.coin)
    world = made && { key, is: made }
    estimate = undefined
  }
  if (!world) return { id, kind: 'problem', problem: 'Paste positions or choose a file: nothing is sent anywhere.' }
  const assumed = JSON.stringify(input.terms)
  if (estimate?.key !== assumed) estimate = { key: assumed, is: estimateOf(world.is, input.terms) }
  const { price, bars, sources, positions, standing, wasm, refused } = world.is
  const column = (pick: (bar: (typeof bars)[number]) => number) => Float64Array.from(bars, pick)
  return {
    ...{ id, kind: 'opened', ms: performance.now() - began },
    facts: {
      ...{
        price,
        sources,
        positions,
        standing,
        wasm,
        refused,
        score: estimate.is?.score,
        estimated: estimate.is !== undefined,
      },
      ...{ times: column(({ time }) => time), high: column(({ high }) => high), low: column(({ low }) => low) },
    },
  }
}

function pictureOf(is: HeatWorld, view: HeatView, layer: 'exact' | 'estimate'): HeatPicture {
  const began = performance.now()
  const guess = estimate?.is
  const grid = layer === 'estimate' && guess ? estimateGrid(guess, view) : exactGrid(is, view)
  const drawn = performance.now()
  let count = 0
  const exact = exactClusters(is, view, (work) => {
    const from = performance.now()
    work()
    count = performance.now() - from
  })
  return {
    view,
    layer,
    grid,
    exact,
    estimate: guess && estimateClusters(guess, view),
    ms: { grid: drawn - began, count },
  }
}
