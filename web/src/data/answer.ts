/** An answer on the screen: loading, there, stale or failed; asked again when the question changes, time passes or events come. */
import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup, untrack } from 'solid-js'
import type { Answers } from '../../../lib/api/index.ts'
import type { Params } from '../state/view.ts'
import { ask, type Failure, isFailure, type Route, urlOf } from './api.ts'
import { takeTurns } from './latest.ts'

/** What a widget shows. `stale`: the last answer is kept although a newer one could not be had. */
export type Shown<A> = {
  readonly answer: A | undefined
  readonly failure: Failure | undefined
  readonly loading: boolean
  readonly stale: boolean
  /** When the answer came, ms. */
  readonly at: number
}

/** An answer and the way to ask again. */
export type Asked<A> = {
  readonly shown: Accessor<Shown<A>>
  readonly again: () => void
  readonly url: Accessor<string>
}

/** How an answer stays fresh. */
export type Freshness = {
  /** Asked again so often, ms, while `live` is true and the page is visible. */
  readonly everyMs?: number
  readonly live?: Accessor<boolean>
}

/** How long the answer to another question stays on the screen while the new one is on its way: no flicker, no lie. */
const GRACE_MS = 150

/** A slow server is asked less often: at most this part of the time is spent waiting for it. */
const LOAD = 0.2
/** A server that failed is asked again after at least so long, ms. */
const REST_AFTER_FAILURE_MS = 2_000

const [pending, setPending] = createSignal(0)
/** How many questions are on their way. */
export const questionsPending = pending

/** Asks whenever the question changes; `undefined` asks nothing. */
export function createAnswer<R extends Route>(
  route: R,
  params: () => Params | undefined,
  { everyMs, live }: Freshness = {},
): Asked<Answers[R]> {
  const [shown, setShown] = createSignal<Shown<Answers[R]>>(WAITING)
  const turns = takeTurns()
  let rest = 0
  let answered = ''
  const url = createMemo(() => {
    const words = params()
    return words === undefined ? '' : urlOf(route, words)
  })

  const load = async () => {
    const words = untrack(params)
    const question = untrack(url)
    if (words === undefined) {
      turns.stop()
      return setShown(IDLE)
    }
    const turn = turns.begin()
    const began = Date.now()
    const fresh = question !== answered
    const clear = fresh ? setTimeout(() => turn.counts() && setShown(WAITING), GRACE_MS) : undefined
    setPending((count) => count + 1)
    try {
      const answer = await ask(route, words, turn.signal)
      rest = Date.now() + (Date.now() - began) / LOAD
      if (!turn.counts()) return undefined
      answered = question
      setShown({ answer, failure: undefined, loading: false, stale: false, at: Date.now() })
    } catch (error) {
      rest = Date.now() + REST_AFTER_FAILURE_MS
      if (turn.counts()) setShown((last) => failed(fresh ? WAITING : last, error))
    } finally {
      clearTimeout(clear)
      setPending((count) => count - 1)
      turn.done()
    }
    return undefined
  }

  createEffect(on(url, () => void load()))
  if (everyMs !== undefined) {
    const timer = setInterval(() => {
      const due = (live?.() ?? true) || shown().failure !== undefined
      if (due && !document.hidden && !turns.busy() && Date.now() >= rest) void load()
    }, everyMs)
    onCleanup(() => clearInterval(timer))
  }
  onCleanup(turns.stop)
  return { shown, again: () => void load(), url }
}

function failed<A>(last: Shown<A>, error: unknown): Shown<A> {
  const failure = isFailure(error)
    ? error
    : { title: 'the page failed', detail: String(error), fix: 'Reload the page.', status: 0 }
  return { ...last, failure, loading: false, stale: last.answer !== undefined }
}

const WAITING = { answer: undefined, failure: undefined, loading: true, stale: false, at: 0 } as const
const IDLE = { ...WAITING, loading: false } as const
