/** The worker of the arena: runs column by column, tells each and how far it is; it is ended by whoever started it. */
import { isBreakwaterError } from '../../../lib/model/index.ts'
import {
  type Arena,
  type ArenaRow,
  type ArenaWords,
  arenaOf,
  arenaQuestion,
  arenaRows,
} from '../../../lib/sim/index.ts'

/** What the worker tells. `column` counts from 0. */
export type ArenaTold =
  | { readonly kind: 'progress'; readonly column: number; readonly part: number }
  | { readonly kind: 'row'; readonly row: ArenaRow }
  | { readonly kind: 'done'; readonly arena: Arena; readonly ms: number }
  | { readonly kind: 'problem'; readonly problem: string }

/** Steps between two words about progress. */
const STRIDE = 24

addEventListener('message', ({ data }: MessageEvent<ArenaWords>) => run(data))

const tell = (told: ArenaTold) => postMessage(told)

function run(words: ArenaWords): void {
  const began = performance.now()
  try {
    const question = arenaQuestion(words)
    const rows: ArenaRow[] = []
    for (const row of arenaRows(question, (column, step, steps) => {
      if (step % STRIDE === 0) tell({ kind: 'progress', column, part: step / steps })
      return true
    })) {
      rows.push(row)
      tell({ kind: 'row', row })
    }
    tell({ kind: 'done', arena: arenaOf(question, rows), ms: performance.now() - began })
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    tell({ kind: 'problem', problem: `${error.message}. ${error.fix}` })
  }
}
