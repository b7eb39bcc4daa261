/** The fan as a signal: asked of a worker when the words have rested, chunk by chunk, stopped on wish. */
import { createEffect, createMemo, createSignal, on, onCleanup } from 'solid-js'
import type { CascadeWords } from '../state/cascade.ts'
import type { Fan } from './cascade-paths.ts'
import type { FanAnswer, FanQuestion } from './cascade-worker.ts'

/** A fan under way or done. */
export type FanState = {
  readonly fan: Fan | undefined
  readonly ms: number
  /** `old`: of words that were on the page before. */
  readonly state: 'waiting' | 'running' | 'done' | 'stopped' | 'old'
  readonly problem: string | undefined
}

/** The page has rested for so long before paths are run, ms. */
const REST_MS = 250

/** Words that move the fan: the round shown does not. */
export function fanKey({ round: _, ...words }: CascadeWords, coin: string, text: string): string {
  return JSON.stringify([{ ...words, coin }, words.book === 'own' ? text : ''])
}

/** Opens the fan of what the accessors say. */
export function createFan(words: () => CascadeWords, coin: () => string, text: () => string) {
  const [state, setState] = createSignal<FanState>({ fan: undefined, ms: 0, state: 'waiting', problem: undefined })
  const worker = new Worker(new URL('./cascade-worker.ts', import.meta.url), { type: 'module' })
  let id = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  worker.onmessage = ({ data }: MessageEvent<FanAnswer>) => {
    if (data.id !== id) return
    if ('problem' in data) setState({ fan: undefined, ms: data.ms, state: 'done', problem: data.problem })
    else setState({ fan: data.fan, ms: data.ms, state: data.done ? 'done' : 'running', problem: undefined })
  }
  const ask = () => {
    id += 1
    worker.postMessage({ id, words: { ...words() }, coin: coin(), text: text() } satisfies FanQuestion)
    setState((last) => ({ ...last, state: 'running' }))
  }
  const stop = () => {
    clearTimeout(timer)
    id += 1
    worker.postMessage({ id } satisfies FanQuestion)
    setState((last) => ({ ...last, state: 'stopped' }))
  }
  const key = createMemo(() => fanKey(words(), coin(), text()))
  createEffect(
    on(key, () => {
      clearTimeout(timer)
      // What runs is of other words: it stops at its next look.
      id += 1
      worker.postMessage({ id } satisfies FanQuestion)
      setState((last) => ({ ...last, state: last.fan ? 'old' : 'waiting' }))
      timer = setTimeout(ask, REST_MS)
    }),
  )
  onCleanup(() => {
    clearTimeout(timer)
    worker.terminate()
  })
  return { state, stop, again: ask }
}
