/** The heatmap's answers as signals: a world opened in a worker, views of it one at a time, the newest question last. */
import { createEffect, createMemo, createSignal, on, onCleanup } from 'solid-js'
import type { HeatmapWords } from '../state/heatmap.ts'
import type { HeatReach, HeatView, ListedCluster } from './heatmap-model.ts'
import type { HeatAnswer, HeatFacts, HeatPicture, HeatQuestion } from './heatmap-worker.ts'

/** The words that a world and its estimate are made of. */
const WORLD_WORDS = ['book', 'seed', 'positions', 'coin', 'mix', 'maintenance', 'turnover', 'cluster', 'step'] as const

/** What is known, each as old as its last answer. */
export type Heat = {
  readonly facts: HeatFacts | undefined
  readonly opening: boolean
  readonly openMs: number
  readonly picture: HeatPicture | undefined
  readonly reach: HeatReach | undefined
  readonly list: readonly ListedCluster[]
  readonly problem: string | undefined
}

/** What the page asks for, each a signal; undefined while nothing is known. */
export type HeatWishes = {
  readonly words: () => HeatmapWords
  readonly text: () => string
  readonly view: (facts: HeatFacts) => HeatView
  readonly layer: () => 'exact' | 'estimate'
  readonly price: (facts: HeatFacts) => number
  readonly shown: (facts: HeatFacts) => readonly number[]
}

type Question = HeatQuestion extends infer Q ? (Q extends HeatQuestion ? Omit<Q, 'id'> : never) : never

/** Opens the worker. */
export function createHeat(wishes: HeatWishes): () => Heat {
  const none: Heat = {
    facts: undefined,
    opening: true,
    openMs: 0,
    picture: undefined,
    reach: undefined,
    list: [],
    problem: undefined,
  }
  const [heat, setHeat] = createSignal<Heat>(none)
  const patch = (some: Partial<Heat>) => setHeat((last) => ({ ...last, ...some }))
  const worker = new Worker(new URL('./heatmap-worker.ts', import.meta.url), { type: 'module' })
  const lanes = createLanes((question) => worker.postMessage(question))
  worker.onmessage = ({ data }: MessageEvent<HeatAnswer>) => {
    const newest = lanes.answered(data)
    if (data.kind === 'problem')
      patch({ problem: data.problem, opening: false, ...(newest ? { facts: undefined } : {}) })
    else if (data.kind === 'view') patch({ picture: data.picture })
    else if (data.kind === 'reach') patch({ reach: data.reach })
    else if (data.kind === 'list') patch({ list: data.list })
    else if (newest) patch({ facts: data.facts, openMs: data.ms, opening: false, problem: undefined })
  }
  const key = createMemo(() => JSON.stringify([WORLD_WORDS.map((word) => wishes.words()[word]), wishes.text()]))
  createEffect(
    on(key, () => {
      patch({ opening: true })
      lanes.ask('open', { kind: 'open', words: { ...wishes.words() }, text: wishes.text() })
    }),
  )
  createEffect(() => {
    const { facts } = heat()
    if (facts) lanes.ask('view', { kind: 'view', view: wishes.view(facts), layer: wishes.layer() })
  })
  createEffect(() => {
    const { facts } = heat()
    if (facts) lanes.ask('reach', { kind: 'reach', price: wishes.price(facts), shown: wishes.shown(facts) })
  })
  createEffect(() => {
    const { facts } = heat()
    if (facts) lanes.ask('list', { kind: 'list', shown: wishes.shown(facts) })
  })
  onCleanup(() => worker.terminate())
  return heat
}

/** One question of a kind is under way at a time; of those that come meanwhile only the last is asked, and none twice. */
function createLanes(send: (question: HeatQuestion) => void) {
  const lanes = new Map<string, { id: number; next: Question | undefined; last: string }>()
  let ids = 0
  const go = (name: string, question: Question, text: string) => {
    ids += 1
    lanes.set(name, { id: ids, next: undefined, last: text })
    send({ ...question, id: ids } as HeatQuestion)
  }
  return {
    ask: (name: string, question: Question) => {
      // A new world answers old questions anew.
      const text = `${name === 'open' ? '' : (lanes.get('open')?.id ?? 0)}${JSON.stringify(question)}`
      const lane = lanes.get(name)
      if (lane?.last === text && lane.next === undefined) return
      if (lane && lane.id > 0) lanes.set(name, { ...lane, next: question, last: text })
      else go(name, question, text)
    },
    answered: ({ id }: { readonly id: number }): boolean => {
      for (const [name, lane] of lanes) {
        if (lane.id !== id) continue
        if (lane.next) go(name, lane.next, lane.last)
        else lanes.set(name, { ...lane, id: 0 })
        return name === 'open' && lane.next === undefined
      }
      return false
    },
  }
}
