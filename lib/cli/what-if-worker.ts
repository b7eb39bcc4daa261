/** A worker of what-ifs: reads what is asked about, and answers, or gives the figures of a grid point by point, until it is finished or told to stop. */
import { parentPort, workerData } from 'node:worker_threads'
import { givenBooks, simulatedBooks } from '../analytics/index.ts'
import {
  gridFigures,
  type StressFigure,
  type StressGiven,
  type StressParams,
  type WhatIf,
  whatIf,
} from '../api/index.ts'
import { isBreakwaterError } from '../model/index.ts'
import { parsePositions, type Scenario, type ScenarioChange, type ScenarioFiles } from '../sim/index.ts'
import type { Refused } from './cascade-worker.ts'

/** What a what-if is asked of, as plain data: what cannot be sent is read by the worker. */
export type WhatIfSource =
  | { readonly kind: 'demo'; readonly seed: string | undefined }
  | {
      readonly kind: 'loans'
      readonly text: string
      readonly assets: string | undefined
      readonly protocol: string | undefined
    }
  | { readonly kind: 'positions'; readonly text: string }
  | { readonly kind: 'scenario'; readonly scenario: Scenario; readonly files: ScenarioFiles }

/** A what-if in words, or the points of its grid. `stop`: one word, 0 goes on. */
export type WhatIfJob = {
  readonly kind: 'what-if'
  readonly source: WhatIfSource
  readonly params: StressParams
  readonly points?: readonly (readonly ScenarioChange[])[] | undefined
  readonly stop: SharedArrayBuffer
}

/** What it says: how far it is, what came out, or what was wrong with the question. */
export type WhatIfWord =
  | { readonly kind: 'at'; readonly what: string; readonly done: number; readonly of: number }
  | { readonly kind: 'answered'; readonly answer: WhatIf }
  | { readonly kind: 'row'; readonly figures: readonly StressFigure[] }
  | { readonly kind: 'rows-end' }
  | Refused

/** Reads what is asked about. Throws as its reading does. */
export function givenOf(source: WhatIfSource): StressGiven {
  switch (source.kind) {
    case 'demo':
      return { kind: 'loans', books: simulatedBooks(source.seed) }
    case 'loans':
      return { kind: 'loans', books: givenBooks(source.text, source.assets, source.protocol) }
    case 'positions':
      return { kind: 'positions', list: parsePositions(source.text) }
    case 'scenario':
      return source
  }
}

const job = workerData as WhatIfJob | undefined
if (parentPort && job?.kind === 'what-if')
  parentPort.postMessage(answered(job, (word) => parentPort?.postMessage(word)))

function answered({ source, params, points, stop }: WhatIfJob, say: (word: WhatIfWord) => void): WhatIfWord {
  const stopped = new Int32Array(stop)
  const goOn = () => Atomics.load(stopped, 0) === 0
  try {
    const given = givenOf(source)
    if (!points) {
      const at = (what: string, done: number, of: number) => {
        // A bar needs no more than two hundred of them.
        if (done % Math.max(1, Math.floor(of / 200)) === 0) say({ kind: 'at', what, done, of })
      }
      return { kind: 'answered', answer: whatIf(given, params, { goOn, at }) }
    }
    for (const point of points) {
      const figures = gridFigures(given, params, point, { goOn })
      // A point that was stopped while it ran is none.
      if (!goOn()) break
      say({ kind: 'row', figures })
    }
    return { kind: 'rows-end' }
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    const { code, message, values, fix } = error
    return { kind: 'refused', code, message, values, fix }
  }
}
