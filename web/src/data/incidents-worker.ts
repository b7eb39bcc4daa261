/** The worker of the incidents: first the run beside the record, then with what other rules would have changed; it is ended by whoever started it. */
import { isBreakwaterError } from '../../../lib/model/index.ts'
import { type IncidentRun, incidentSteps, runIncident } from '../../../lib/sim/index.ts'

/** A question. `files`: texts of data files by their name in the incident. */
export type IncidentAsked = {
  readonly id: string
  readonly change: Readonly<Record<string, string>>
  readonly seed: string
  readonly files: ReadonlyMap<string, string>
}

/** What the worker tells. */
export type IncidentTold =
  | { readonly kind: 'run'; readonly run: IncidentRun; readonly whole: boolean; readonly ms: number }
  | { readonly kind: 'progress'; readonly part: number }
  | { readonly kind: 'problem'; readonly problem: string }

addEventListener('message', ({ data }: MessageEvent<IncidentAsked>) => answer(data))

const tell = (told: IncidentTold) => postMessage(told)

function answer({ id, change, seed, files }: IncidentAsked): void {
  const began = performance.now()
  const ms = () => performance.now() - began
  try {
    const options = { change, seed, files }
    tell({ kind: 'run', run: runIncident(id, { ...options, counterfactuals: false }), whole: false, ms: ms() })
    const steps = incidentSteps(id, options)
    for (;;) {
      const { done, value } = steps.next()
      if (done) {
        tell({ kind: 'run', run: value, whole: true, ms: ms() })
        return
      }
      tell({ kind: 'progress', part: value.done / value.of })
    }
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    tell({ kind: 'problem', problem: `${error.message}. ${error.fix}` })
  }
}
