/** The thread of the API's long computations: answers one job after the other. */
import { parentPort } from 'node:worker_threads'
import { isBreakwaterError } from '../model/index.ts'
import { arena, arenaQuestion, runIncident } from '../sim/index.ts'
import type { HeavyJob, HeavyWord } from './heavy.ts'
import { answerOf, type StressBody } from './routes/cascade.ts'

parentPort?.on('message', (job: HeavyJob) => parentPort?.postMessage(wordOf(job)))

function wordOf(job: HeavyJob): HeavyWord {
  const { number } = job
  try {
    return { kind: 'done', number, data: computed(job) }
  } catch (error) {
    if (!isBreakwaterError(error)) return { kind: 'failed', number, message: (error as Error).stack ?? String(error) }
    const { code, message, values, fix } = error
    return { kind: 'refused', number, code, message, values, fix }
  }
}

function computed(job: HeavyJob): unknown {
  switch (job.kind) {
    case 'arena':
      return arena(arenaQuestion(job.words))
    case 'incident':
      return runIncident(job.id, job.options)
    case 'stress':
      return answerOf(job.asked as StressBody, job.feedback)
  }
}
