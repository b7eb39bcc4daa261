/** The worker of the cascade lab: runs the fan in chunks, tells each, and drops what was asked before as soon as something newer is asked. */
import { isBreakwaterError } from '../../../lib/model/index.ts'
import { type CascadeWords, readCascade } from '../state/cascade.ts'
import { type CascadeBook, demoBook, parseBook } from './cascade-book.ts'
import { type Fan, fanRun } from './cascade-paths.ts'

/** A question; `text` is the pasted list of an own book. Without words it only stops what runs. */
export type FanQuestion = {
  readonly id: number
  readonly words?: CascadeWords
  readonly coin?: string
  readonly text?: string
}
/** An answer: the fan so far, the last of them `done`, or what is wrong. */
export type FanAnswer = { readonly id: number; readonly ms: number } & (
  | { readonly fan: Fan; readonly done: boolean }
  | { readonly problem: string }
)

/** Paths between two looks at what was asked meanwhile. */
const CHUNK = 250

let asked = 0
let cached: { key: string; book: CascadeBook } | undefined

addEventListener('message', ({ data }: MessageEvent<FanQuestion>) => {
  asked = data.id
  if (data.words) void run(data)
})

async function run({ id, words, coin = '', text = '' }: FanQuestion): Promise<void> {
  const began = performance.now()
  const tell = (answer: { fan: Fan; done: boolean } | { problem: string }) =>
    postMessage({ id, ms: performance.now() - began, ...answer } satisfies FanAnswer)
  try {
    const input = readCascade(words as CascadeWords)
    const fan = fanRun(bookOf(input.book, input.seed, text), input, coin)
    if (!fan) return tell({ problem: `no positions of ${coin}` })
    while (asked === id && !fan.done()) {
      const next = fan.next(CHUNK)
      tell({ fan: next, done: fan.done() })
      await new Promise((resolve) => setTimeout(resolve))
    }
  } catch (error) {
    if (!isBreakwaterError(error)) throw error
    tell({ problem: `${error.message}. ${error.fix}` })
  }
}

function bookOf(kind: 'demo' | 'own', seed: string, text: string): CascadeBook {
  const key = kind === 'demo' ? `demo/${seed}` : `own/${text}`
  if (cached?.key !== key) cached = { key, book: kind === 'demo' ? demoBook(seed) : parseBook(text) }
  return cached.book
}
