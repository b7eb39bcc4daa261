/** An incident's run as a signal: asked of a worker when the words have rested, told twice: beside the record, then with other rules. */
import { createEffect, createSignal, on, onCleanup } from 'solid-js'
import type { IncidentRun } from '../../../lib/sim/index.ts'
import { changesOf, type IncidentWords } from '../state/incidents.ts'
import type { IncidentAsked, IncidentTold } from './incidents-worker.ts'

/** A run under way or done. `old`: the run shown is not of the words on the page. `whole`: other rules are in it. */
export type IncidentState = {
  readonly state: 'running' | 'done'
  readonly run: IncidentRun | undefined
  readonly whole: boolean
  readonly old: boolean
  readonly part: number
  readonly ms: number
  readonly problem: string | undefined
}

const REST_MS = 250
const NOTHING: IncidentState = {
  ...{ state: 'running', run: undefined, whole: false, old: false, part: 0, ms: 0, problem: undefined },
}

/** Opens the run of what the words say, with the data files that the reader has given. */
export function createIncident(words: () => IncidentWords, files: () => ReadonlyMap<string, string>) {
  const [state, setState] = createSignal<IncidentState>(NOTHING)
  let worker: Worker | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const end = () => {
    clearTimeout(timer)
    worker?.terminate()
    worker = undefined
  }
  const hear = (told: IncidentTold) => {
    if (told.kind === 'progress') return setState((last) => ({ ...last, part: told.part }))
    if (told.kind === 'run' && !told.whole)
      return setState((last) => ({ ...last, run: told.run, whole: false, old: false, ms: told.ms, problem: undefined }))
    end()
    return setState((last) =>
      told.kind === 'problem'
        ? { ...last, state: 'done', problem: told.problem }
        : { ...NOTHING, state: 'done', run: told.run, whole: true, part: 1, ms: told.ms },
    )
  }
  const run = () => {
    end()
    worker = new Worker(new URL('./incidents-worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<IncidentTold>) => hear(data)
    worker.onerror = ({ message }) => hear({ kind: 'problem', problem: message || 'the worker failed' })
    const { id, with: changes, seed } = words()
    worker.postMessage({ id, change: changesOf(changes), seed, files: files() } satisfies IncidentAsked)
  }
  createEffect(
    on([() => JSON.stringify(words()), files], () => {
      end()
      const { id } = words()
      setState((last) => ({
        ...NOTHING,
        run: last.run?.id === id ? last.run : undefined,
        old: last.run?.id === id,
      }))
      timer = setTimeout(run, REST_MS)
    }),
  )
  onCleanup(end)
  return state
}
