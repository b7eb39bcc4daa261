/** A worker of the cascade bench: is given a book and options once, then runs the paths that it is asked for. */
import { parentPort, workerData } from 'node:worker_threads'
import { type LevelBook, type PathOptions, runPaths } from '../kernels/index.ts'

/** What the worker starts with, and which paths it is asked for. */
export type CascadeJob = { readonly book: LevelBook; readonly options: PathOptions }

const { book, options } = workerData as CascadeJob
parentPort?.on('message', ({ from, to }: { readonly from: number; readonly to: number }) => {
  parentPort?.postMessage(runPaths(book, options, from, to))
})
