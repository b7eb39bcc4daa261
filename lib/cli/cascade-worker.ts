/** A worker of long computations: follows the paths that it is asked for, or runs one scenario until it is finished or told to stop. */
import { parentPort, workerData } from 'node:worker_threads'
import { type LevelBook, type PathOptions, runPaths } from '../kernels/index.ts'
import { isBreakwaterError } from '../model/index.ts'
import {
  factsOfRun,
  marketOf,
  runMarket,
  type Scenario,
  type ScenarioFiles,
  type ScenarioSummary,
  scenarioSummary,
  stepRows,
  type ToldFact,
} from '../sim/index.ts'

/** What a worker starts with: a book of levels whose paths it is asked for, or a scenario that it runs at once. `stop`: one word, 0 goes on. */
export type WorkerJob =
  | { readonly kind: 'paths'; readonly book: LevelBook; readonly options: PathOptions }
  | {
      readonly kind: 'scenario'
      readonly scenario: Scenario
      readonly files: ScenarioFiles
      readonly stop: SharedArrayBuffer
    }

/** A scenario's run, as plain data. */
export type ScenarioTold = {
  readonly summary: ScenarioSummary
  readonly facts: readonly ToldFact[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** What a worker says of a scenario: how far it is, what came out, or what was wrong with it. */
export type WorkerWord =
  | { readonly kind: 'step'; readonly step: number }
  | { readonly kind: 'done'; readonly told: ScenarioTold }
  | Refused

/** What was wrong with a question, as plain data. */
export type Refused = {
  readonly kind: 'refused'
  readonly code: string
  readonly message: string
  readonly values: object
  readonly fix: string
}

const job = workerData as WorkerJob | undefined
if (parentPort && job?.kind === 'paths')
  parentPort.on('message', ({ from, to }: { readonly from: number; readonly to: number }) => {
    parentPort?.postMessage(runPaths(job.book, job.options, from, to))
  })
if (parentPort && job?.kind === 'scenario') parentPort.postMessage(wordOf(job))

function wordOf({ scenario, files, stop }: Extract<WorkerJob, { kind: 'scenario' }>): WorkerWord {
  const stopped = new Int32Array(stop)
  const every = Math.max(1, Math.floor(scenario.steps / 200))
  try {
    const plan = marketOf(scenario, files)
    const run = runMarket(plan, (step) => {
      if (step % every === 0) parentPort?.postMessage({ kind: 'step', step } satisfies WorkerWord)
      // The first step is always done: before it there is no market to tell of.
      return step === 0 || Atomics.load(stopped, 0) === 0
    })
    const told = {
      summary: scenarioSummary(scenario, plan, run),
      facts: factsOfRun(plan, run),
      rows: stepRows(plan, run),
    }
    return { kind: 'done', told }
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    const { code, message, values, fix } = error
    return { kind: 'refused', code, message, values, fix }
  }
}
