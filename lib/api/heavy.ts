/** Long computations of the API on a thread of their own, one after the other, so that the server answers others meanwhile. */
import type { Worker } from 'node:worker_threads'
import { breakwaterError, type ErrorCode } from '../model/index.ts'
import type { Arena, ArenaWords, IncidentOptions, IncidentRun } from '../sim/index.ts'
import type { WhatIf } from './stress/what-if.ts'
import { startThread } from './thread.ts'

/** What is to be computed, as plain data, and what comes out of it. */
export type HeavyJobs = {
  readonly arena: { readonly words: ArenaWords; readonly gives: Arena }
  readonly incident: { readonly id: string; readonly options: IncidentOptions; readonly gives: IncidentRun }
  readonly stress: {
    readonly asked: Readonly<Record<string, unknown>>
    readonly feedback: boolean
    readonly gives: WhatIf
  }
}

/** A job with its number. */
export type HeavyJob = {
  [Kind in keyof HeavyJobs]: { readonly kind: Kind; readonly number: number } & Omit<HeavyJobs[Kind], 'gives'>
}[keyof HeavyJobs]

/** What the thread says of a job: its result, what it was refused for, or that it failed. */
export type HeavyWord = { readonly number: number } & (
  | { readonly kind: 'done'; readonly data: unknown }
  | {
      readonly kind: 'refused'
      readonly code: string
      readonly message: string
      readonly values: object
      readonly fix: string
    }
  | { readonly kind: 'failed'; readonly message: string }
)

/** The thread: starts with its first job, and is asked for one thing after another. */
export type Heavy = {
  readonly run: <Kind extends keyof HeavyJobs>(
    kind: Kind,
    job: Omit<HeavyJobs[Kind], 'gives'>,
  ) => Promise<HeavyJobs[Kind]['gives']>
  readonly close: () => Promise<void>
}

type Waiting = { readonly resolve: (data: never) => void; readonly reject: (error: Error) => void }

/** Opens it. `run` throws what the job is refused for; a thread that dies fails its jobs, and the next job starts another. */
export function heavyWork(): Heavy {
  const waiting = new Map<number, Waiting>()
  let [worker, last] = [undefined as Worker | undefined, 0]
  const give = (number: number, end: (one: Waiting) => void) => {
    const one = waiting.get(number)
    waiting.delete(number)
    if (waiting.size === 0) worker?.unref()
    if (one) end(one)
  }
  const lost = (error: Error) => {
    worker = undefined
    for (const number of [...waiting.keys()]) give(number, ({ reject }) => reject(error))
  }
  const open = (): Worker => {
    const opened = startThread(import.meta.url, 'heavy-worker')
    opened.on('message', (word: HeavyWord) =>
      give(word.number, ({ resolve, reject }) => {
        if (word.kind === 'done') resolve(word.data as never)
        else reject(errorOf(word))
      }),
    )
    opened.on('error', lost)
    opened.on(
      'exit',
      (code) => worker === opened && lost(new Error(`the thread of long computations left with ${code}`)),
    )
    return opened
  }
  return {
    run: (kind, job) =>
      new Promise((resolve, reject) => {
        worker ??= open()
        worker.ref()
        last += 1
        waiting.set(last, { resolve: resolve as Waiting['resolve'], reject })
        worker.postMessage({ kind, number: last, ...job })
      }),
    close: async () => {
      const ending = worker
      worker = undefined
      await ending?.terminate()
    },
  }
}

function errorOf(word: Exclude<HeavyWord, { kind: 'done' }>): Error {
  if (word.kind === 'failed') return new Error(word.message)
  return breakwaterError(word.code as ErrorCode, word.message, word.values as never, { fix: word.fix })
}
