/** The arena as a signal: asked of a worker when the words have rested, column by column, stopped on wish. */
import { createEffect, createMemo, createSignal, on, onCleanup } from 'solid-js'
import type { Arena, ArenaRow, ArenaWords } from '../../../lib/sim/index.ts'
import type { ArenaTold } from './arena-worker.ts'

/** A run under way or done. `rows` are those finished so far; `arena` is the last whole one, `old` when its words are not those on the page. */
export type ArenaState = {
  readonly state: 'waiting' | 'running' | 'done' | 'stopped'
  readonly rows: readonly ArenaRow[]
  readonly column: number
  readonly part: number
  readonly arena: Arena | undefined
  readonly old: boolean
  readonly ms: number
  readonly problem: string | undefined
}

/** The words have rested for so long before columns are run, ms. */
const REST_MS = 350
const NOTHING: ArenaState = {
  ...{ state: 'waiting', rows: [], column: 0, part: 0, arena: undefined, old: false, ms: 0, problem: undefined },
}

/** Opens a run of what the words say; `undefined`: they mean nothing, and nothing is run. */
export function createArena(words: () => ArenaWords | undefined) {
  const [state, setState] = createSignal<ArenaState>(NOTHING)
  let worker: Worker | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const end = () => {
    clearTimeout(timer)
    worker?.terminate()
    worker = undefined
  }
  const hear = (told: ArenaTold) => {
    if (told.kind === 'progress') setState((last) => ({ ...last, column: told.column, part: told.part }))
    else if (told.kind === 'row') setState((last) => ({ ...last, rows: [...last.rows, told.row] }))
    else {
      end()
      if (told.kind === 'problem') setState((last) => ({ ...last, state: 'done', problem: told.problem }))
      else setState({ ...NOTHING, state: 'done', rows: told.arena.rows, arena: told.arena, ms: told.ms })
    }
  }
  const run = () => {
    end()
    const asked = words()
    if (!asked) return
    setState((last) => ({ ...NOTHING, state: 'running', arena: last.arena, old: last.arena !== undefined }))
    worker = new Worker(new URL('./arena-worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<ArenaTold>) => hear(data)
    worker.onerror = ({ message }) => hear({ kind: 'problem', problem: message || 'the worker failed' })
    worker.postMessage({ ...asked })
  }
  const stop = () => {
    end()
    setState((last) => ({ ...last, state: 'stopped' }))
  }
  // The same words in another object are no other question.
  const key = createMemo(() => JSON.stringify(words() ?? null))
  createEffect(
    on(key, () => {
      end()
      setState((last) => ({ ...last, state: 'waiting', old: last.arena !== undefined, problem: undefined }))
      timer = setTimeout(run, REST_MS)
    }),
  )
  onCleanup(end)
  return { state, stop, again: run }
}
