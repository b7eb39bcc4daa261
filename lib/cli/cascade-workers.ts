/** Long computations on worker threads, so that Ctrl-C is heard: paths cut into pieces for any number of workers, a scenario on one. */
import type { Worker } from 'node:worker_threads'
import { type StressFigure, type StressParams, startThread, type WhatIf } from '../api/index.ts'
import type { PathChunk } from '../kernels/index.ts'
import { breakwaterError, type ErrorCode } from '../model/index.ts'
import { type MonteCarloPlan, piecesOf, type Scenario, type ScenarioChange, type ScenarioFiles } from '../sim/index.ts'
import type { Refused, ScenarioTold, WorkerJob, WorkerWord } from './cascade-worker.ts'
import type { WhatIfJob, WhatIfSource, WhatIfWord } from './what-if-worker.ts'

/** Paths of one piece: small enough that Ctrl-C loses little and that workers end together. */
const PIECE = 250

/** How a long computation is watched and stopped. */
export type Watching = {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number) => void) | undefined
}

/**
 * Runs the paths of a plan. The pieces come back in any order; a path is the same whoever runs it, so `monteCarloSummary` of them does not depend on
 * `workers`. When the signal is aborted, the pieces under way are finished and given back, so that none is missing between two others.
 */
export async function pathsOnWorkers(
  { book, options, paths }: MonteCarloPlan,
  workers: number,
  { signal, onProgress }: Watching = {},
): Promise<readonly PathChunk[]> {
  const pieces = piecesOf(paths, PIECE)
  const chunks: PathChunk[] = []
  let [next, done] = [0, 0]
  const serve = async () => {
    const worker = startWorker({ kind: 'paths', book, options })
    try {
      while (next < pieces.length && !signal?.aborted) {
        const piece = pieces[next++] as { from: number; to: number }
        worker.postMessage(piece)
        chunks.push(await answerOf(worker))
        done += piece.to - piece.from
        onProgress?.(done)
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.min(workers, pieces.length) }, serve))
  return chunks
}

/** The next message of a worker. */
function answerOf(worker: Worker): Promise<PathChunk> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      worker.off('message', heard)
      worker.off('error', failed)
      worker.off('exit', left)
      end()
    }
    const heard = (message: PathChunk) => settle(() => resolve(message))
    const failed = (error: Error) => settle(() => reject(error))
    const left = (code: number) => settle(() => reject(new Error(`a worker left with ${code}`)))
    worker.on('message', heard)
    worker.on('error', failed)
    worker.on('exit', left)
  })
}

/** Runs a scenario. An aborted signal ends it after the step it is at: the run says that it is not finished. Throws what the scenario is refused for. */
export async function scenarioOnWorker(
  scenario: Scenario,
  files: ScenarioFiles,
  { signal, onProgress }: Watching = {},
): Promise<ScenarioTold> {
  const stop = new SharedArrayBuffer(4)
  return heard<WorkerWord, ScenarioTold>({ kind: 'scenario', scenario, files, stop }, stop, signal, (word, done) => {
    if (word.kind === 'step') onProgress?.(word.step)
    else if (word.kind === 'done') done(word.told)
  })
}

/** How far a what-if is: of what, and how much of it. */
export type WhatIfProgress = (what: string, done: number, of: number) => void

/** Answers a what-if. An aborted signal ends it after the step it is at: the answer says what of it is not whole. Throws what it is refused for. */
export async function whatIfOnWorker(
  source: WhatIfSource,
  params: StressParams,
  { signal, at }: { readonly signal?: AbortSignal | undefined; readonly at?: WhatIfProgress | undefined } = {},
): Promise<WhatIf> {
  const stop = new SharedArrayBuffer(4)
  return heard<WhatIfWord, WhatIf>({ kind: 'what-if', source, params, stop }, stop, signal, (word, done) => {
    if (word.kind === 'at') at?.(word.what, word.done, word.of)
    else if (word.kind === 'answered') done(word.answer)
  })
}

/** Figures of every point of a grid, in order. An aborted signal ends it after the point it is at. */
export async function gridOnWorker(
  source: WhatIfSource,
  params: StressParams,
  points: readonly (readonly ScenarioChange[])[],
  { signal, onProgress }: Watching = {},
): Promise<readonly (readonly StressFigure[])[]> {
  const stop = new SharedArrayBuffer(4)
  const rows: (readonly StressFigure[])[] = []
  const job = { kind: 'what-if', source, params, points, stop } as const
  return heard<WhatIfWord, readonly (readonly StressFigure[])[]>(job, stop, signal, (word, done) => {
    if (word.kind === 'row') onProgress?.(rows.push(word.figures))
    else if (word.kind === 'rows-end') done(rows)
  })
}

/** Starts a job and listens until `take` is done with its words; an aborted signal sets the stop word. */
async function heard<W extends { readonly kind: string }, T>(
  job: WorkerJob | WhatIfJob,
  stop: SharedArrayBuffer,
  signal: AbortSignal | undefined,
  take: (word: Exclude<W, Refused>, done: (value: T) => void) => void,
): Promise<T> {
  const worker = startWorker(job)
  const end = () => Atomics.store(new Int32Array(stop), 0, 1)
  if (signal?.aborted) end()
  signal?.addEventListener('abort', end, { once: true })
  try {
    return await new Promise<T>((resolve, reject) => {
      worker.on('message', (word: W | Refused) => {
        if (isRefused(word))
          reject(breakwaterError(word.code as ErrorCode, word.message, word.values as never, { fix: word.fix }))
        else take(word as Exclude<W, Refused>, resolve)
      })
      worker.on('error', reject)
      worker.on('exit', (code) => reject(new Error(`a worker left with ${code}`)))
    })
  } finally {
    signal?.removeEventListener('abort', end)
    await worker.terminate()
  }
}

const isRefused = (word: { readonly kind: string }): word is Refused => word.kind === 'refused'

function startWorker(job: WorkerJob | WhatIfJob): Worker {
  return startThread(import.meta.url, job.kind === 'what-if' ? 'what-if-worker' : 'cascade-worker', job)
}
