/** The tape: a page of the past, then what the stream brings, four times a second at most; nothing is lost when the stream breaks. */
import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup, type Signal, untrack } from 'solid-js'
import { parseFilter, passes } from '../../../lib/analytics/index.ts'
import type { WireEvent } from '../../../lib/api/index.ts'
import type { MarketEvent } from '../../../lib/model/index.ts'
import type { Params } from '../state/view.ts'
import { ask, type Failure, isFailure } from './api.ts'
import type { Live } from './live.ts'
import { eventRows, type GapRow, mergeRows, type Row, streamedGapRows, withdrawals, withdrawRows } from './rows.ts'

/** Number updates per second are at most 1000 / this. */
const TICK_MS = 250
const PAGE = '200'
const CATCH_UP_PAGE = '1000'
/** Rows kept in the page. */
const MOST = 20_000
const MOST_GAPS = 500
/** How often the newest page is compared with the rows, ms. */
const RECONCILE_MS = 15_000
/** An event may be told this much later than its venue's own time. */
const LATE_MS = 600_000

/** What the tape needs. */
export type TapeOptions = {
  readonly live: Live
  readonly words: () => Params
  readonly moving: Accessor<boolean>
  readonly paused: Accessor<boolean>
}

/** The rows and what is being done about them. */
export type Tape = {
  readonly rows: Accessor<readonly Row[]>
  readonly told: Accessor<readonly GapRow[]>
  /** Events that wait because the tape is paused. */
  readonly waiting: Accessor<number>
  readonly state: Accessor<'loading' | 'ready' | 'failed'>
  readonly failure: Accessor<Failure | undefined>
  /** There are older rows in this window. */
  readonly hasMore: Accessor<boolean>
  /** Rows were let go at the old end. */
  readonly full: Accessor<boolean>
  /** Events fetched so far after the stream broke; `undefined` while nothing is missing. */
  readonly catchingUp: Accessor<number | undefined>
  readonly more: () => Promise<void>
  readonly again: () => void
  readonly flush: () => void
}

type State = {
  readonly options: TapeOptions
  readonly rows: Signal<readonly Row[]>
  readonly told: Signal<readonly GapRow[]>
  readonly waiting: Signal<number>
  readonly phase: Signal<'loading' | 'ready' | 'failed'>
  readonly failure: Signal<Failure | undefined>
  readonly next: Signal<string | undefined>
  readonly catching: Signal<number | undefined>
  buffer: WireEvent[]
  running: AbortController
  /** The newest page was asked for before the stream began: what came between is fetched once both are there. */
  early: boolean
  /** One catching up at a time; another is wanted after it. */
  catchAgain: boolean
}

/** Opens the tape of a view. */
export function createTape(options: TapeOptions): Tape {
  const { live, words, moving, paused } = options
  const state: State = {
    options,
    rows: createSignal<readonly Row[]>([]),
    told: createSignal<readonly GapRow[]>([]),
    waiting: createSignal(0),
    phase: createSignal<'loading' | 'ready' | 'failed'>('loading'),
    failure: createSignal<Failure | undefined>(undefined),
    next: createSignal<string | undefined>(undefined),
    catching: createSignal<number | undefined>(undefined),
    buffer: [],
    running: new AbortController(),
    early: false,
    catchAgain: false,
  }
  const question = createMemo(() => JSON.stringify(words()))
  createEffect(on(question, () => void begin(state)))
  const filter = createMemo(() => readFilter(words()))
  live.listen({
    onEvents: (events) => {
      const where = filter()
      if (!moving() || !where) return
      state.buffer.push(...events.filter((event) => event.type === 'retraction' || passes(event as MarketEvent, where)))
      if (paused()) state.waiting[1](state.buffer.length)
    },
    onGaps: (gaps) => {
      if (moving()) state.told[1]((present) => [...streamedGapRows(gaps), ...present].slice(0, MOST_GAPS))
    },
    onMissed: (topic) => {
      if (topic === 'liquidations' && moving()) void catchUp(state)
    },
    onBegin: (topic) => {
      if (topic === 'liquidations' && moving()) void joinStream(state)
    },
  })
  const timer = setInterval(() => {
    if (!paused() && state.phase[0]() === 'ready') flush(state)
  }, TICK_MS)
  const looking = setInterval(() => {
    if (!moving() || paused() || document.hidden) return
    if (state.phase[0]() === 'ready') void reconcile(state)
    else if (state.phase[0]() === 'failed') void catchUp(state)
  }, RECONCILE_MS)
  onCleanup(() => {
    clearInterval(timer)
    clearInterval(looking)
    state.running.abort()
  })
  return {
    rows: state.rows[0],
    told: state.told[0],
    waiting: state.waiting[0],
    state: state.phase[0],
    failure: state.failure[0],
    catchingUp: state.catching[0],
    hasMore: () => state.next[0]() !== undefined,
    full: () => state.rows[0]().length >= MOST,
    more: () => more(state),
    again: () => void begin(state),
    flush: () => flush(state),
  }
}

function add({ rows: [, setRows] }: State, events: readonly WireEvent[]): void {
  setRows((present) => withdrawRows(mergeRows(present, eventRows(events), MOST), withdrawals(events)))
}

function flush(state: State): void {
  if (state.buffer.length === 0) return
  const events = state.buffer
  state.buffer = []
  state.waiting[1](0)
  add(state, events)
}

function fail(state: State, error: unknown): void {
  state.failure[1](
    isFailure(error) ? error : { title: 'failed', detail: String(error), fix: 'Reload the page.', status: 0 },
  )
  state.phase[1]('failed')
}

/** Starts over: the newest page of the past. What the stream brings meanwhile waits, and is merged by id. */
async function begin(state: State): Promise<void> {
  state.running.abort()
  state.running = new AbortController()
  const { signal } = state.running
  state.buffer = []
  state.waiting[1](0)
  state.rows[1]([])
  state.next[1](undefined)
  state.catching[1](undefined)
  state.phase[1]('loading')
  state.early = !state.options.live.begun('liquidations')
  state.catchAgain = false
  try {
    const { data } = await ask('/v1/liquidations', { ...untrack(state.options.words), limit: PAGE }, signal)
    if (signal.aborted) return
    add(state, data.events)
    state.next[1](data.next)
    state.failure[1](undefined)
    state.phase[1]('ready')
  } catch (error) {
    if (!signal.aborted) fail(state, error)
    return
  }
  if (untrack(state.options.moving)) await joinStream(state)
}

/** Once the stream has begun and the newest page is there: fetches what came between the two, if the page was asked for first. */
async function joinStream(state: State): Promise<void> {
  if (!state.early || state.phase[0]() !== 'ready' || !state.options.live.begun('liquidations')) return
  state.early = false
  await catchUp(state)
}

/** The next older page. */
async function more(state: State): Promise<void> {
  const cursor = state.next[0]()
  if (cursor === undefined || state.rows[0]().length >= MOST) return
  const { signal } = state.running
  state.next[1](undefined)
  try {
    const { data } = await ask('/v1/liquidations', { ...untrack(state.options.words), limit: PAGE, cursor }, signal)
    if (signal.aborted) return
    add(state, data.events)
    state.next[1](data.next)
  } catch (error) {
    if (signal.aborted) return
    state.next[1](cursor)
    fail(state, error)
  }
}

/** Fetches everything since shortly before the newest row, oldest first, page by page; one catching up at a time. */
async function catchUp(state: State): Promise<void> {
  if (state.catching[0]() !== undefined) {
    state.catchAgain = true
    return
  }
  const newest = state.rows[0]()[0]?.time
  if (newest === undefined) return begin(state)
  const { signal } = state.running
  state.catching[1](0)
  try {
    await catchFrom(state, newest - LATE_MS, signal)
    if (signal.aborted) return
    state.failure[1](undefined)
    state.phase[1]('ready')
  } catch (error) {
    if (!signal.aborted) fail(state, error)
    return
  } finally {
    // A tape that has started over counts anew.
    if (!signal.aborted) state.catching[1](undefined)
  }
  if (!state.catchAgain) return
  state.catchAgain = false
  await catchUp(state)
}

async function catchFrom(state: State, since: number, signal: AbortSignal): Promise<void> {
  const { window: _window, at: _at, ...filter } = untrack(state.options.words)
  const from = new Date(since).toISOString()
  let cursor: string | undefined
  do {
    const params = { ...filter, from, order: 'asc', limit: CATCH_UP_PAGE, cursor }
    const { data } = await ask('/v1/liquidations', params, signal)
    if (signal.aborted) return
    add(state, data.events)
    state.catching[1]((count) => (count ?? 0) + data.events.length)
    cursor = data.next
  } while (cursor !== undefined)
}

/** The stream tells what is new; what was stored late (a recording that is caught up) is found by looking at the newest page now and then. */
async function reconcile(state: State): Promise<void> {
  const { signal } = state.running
  try {
    const { data } = await ask('/v1/liquidations', { ...untrack(state.options.words), limit: PAGE }, signal)
    if (signal.aborted || state.options.paused()) return
    flush(state)
    const known = new Set(state.rows[0]().map(({ id }) => id))
    // Not one row in common: between these and ours there may be more, so the tape starts over.
    if (data.events.length > 0 && known.size > 0 && !data.events.some(({ id }) => known.has(id))) return begin(state)
    add(state, data.events)
  } catch {
    // The stream's own state says that the server is away; the next look is soon.
  }
}

/** The filter that the words mean; `undefined` where they mean nothing (the API says what is wrong with them). */
function readFilter(words: Params) {
  const { window: _window, at: _at, ...rest } = words
  try {
    return parseFilter(rest)
  } catch {
    return undefined
  }
}
