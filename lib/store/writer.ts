/** Many small appends as few acknowledged ones: an insert costs milliseconds whether it carries one row or five thousand. */
import { breakwaterError, type MarketEvent } from '../model/index.ts'
import type { Appended, Store } from './store.ts'

/** When a batch is written: `maxRows` gathered, or `maxWaitMs` after its first row; `maxQueued` rows may wait before callers do. */
export type WriterOptions = {
  readonly maxRows?: number | undefined
  readonly maxWaitMs?: number | undefined
  readonly maxQueued?: number | undefined
}

/** Batches handed to the store at once: it writes them in order, and prepares the second while the first is written. */
const AT_ONCE = 2

/** Gathers appends. */
export type BatchingWriter = {
  /** Resolves when the events are durable (with what became of the batch they travelled in); rejects when they could not be stored. */
  append(events: readonly MarketEvent[]): Promise<Appended>
  /** Resolves at once while the queue has room, else when it has again: await it before reading more input. */
  ready(): Promise<void>
  /** Writes what is waiting and resolves when all of it is durable. */
  flush(): Promise<void>
  /** Rows accepted and not yet durable. */
  queued(): number
  close(): Promise<void>
}

type Waiting = {
  readonly events: readonly MarketEvent[]
  readonly resolve: (done: Appended) => void
  readonly reject: (cause: unknown) => void
}

/** Makes a writer: 5 000 rows or 250 ms per batch, at most 100 000 rows waiting; beyond that `append` refuses `overloaded`. */
export function batchingWriter(store: Pick<Store, 'append'>, options: WriterOptions = {}): BatchingWriter {
  const { maxRows = 5_000, maxWaitMs = 250, maxQueued = 100_000 } = options
  let waiting: Waiting[] = []
  let rows = 0
  let inFlight = 0
  let timer: NodeJS.Timeout | undefined
  const writing = new Set<Promise<void>>()
  let closed = false
  let thirsty: (() => void)[] = []
  const hasRoom = () => rows + inFlight < maxQueued
  const writeOne = async () => {
    const { batch, events } = takeBatch(waiting, maxRows)
    waiting = waiting.slice(batch.length)
    rows -= events.length
    inFlight += events.length
    try {
      const done = await store.append(events)
      for (const one of batch) one.resolve(done)
    } catch (cause) {
      for (const one of batch) one.reject(cause)
    }
    inFlight -= events.length
    if (!hasRoom()) return
    for (const wake of thirsty) wake()
    thirsty = []
  }
  const start = () => {
    clearTimeout(timer)
    timer = undefined
    while (waiting.length > 0 && writing.size < AT_ONCE) {
      const one = writeOne().finally(() => {
        writing.delete(one)
        // What came meanwhile has waited long enough.
        if (waiting.length > 0) start()
      })
      writing.add(one)
    }
  }
  const drain = async () => {
    while (waiting.length > 0 || writing.size > 0) {
      start()
      await Promise.race(writing)
    }
  }
  return {
    append: (events) => {
      if (closed) return Promise.reject(breakwaterError('store-closed', 'the writer is closed'))
      const taken = rows + inFlight
      // One append larger than the queue is taken when nothing else waits: it could never fit otherwise.
      if (taken > 0 && taken + events.length > maxQueued)
        return Promise.reject(breakwaterError('overloaded', `${taken} events wait to be stored`, { maxQueued }))
      const durable = new Promise<Appended>((resolve, reject) => waiting.push({ events, resolve, reject }))
      rows += events.length
      if (rows >= maxRows) start()
      else if (timer === undefined && writing.size === 0) timer = setTimeout(start, maxWaitMs)
      return durable
    },
    ready: () => (hasRoom() ? Promise.resolve() : new Promise((resolve) => thirsty.push(resolve))),
    flush: drain,
    queued: () => rows + inFlight,
    close: async () => {
      closed = true
      await drain()
    },
  }
}

/** The first appends that fit into one batch, at least one of them. */
function takeBatch(waiting: readonly Waiting[], maxRows: number) {
  const batch: Waiting[] = []
  const events: MarketEvent[] = []
  for (const one of waiting) {
    if (batch.length > 0 && events.length + one.events.length > maxRows) break
    batch.push(one)
    for (const event of one.events) events.push(event)
  }
  return { batch, events }
}
