/** One topic of events: it numbers them, batches them, serialises each batch once per filter, and looks after slow clients. */
import { type Clock, toWire } from '../../model/index.ts'
import type { StreamTopic } from '../types.ts'
import { type Item, type Ring, ring } from './ring.ts'
import { type Facet, facetOf, type GapEvent, type Sieve, type TapeEvent } from './subscription.ts'

/** Where messages go: one WebSocket or one server-sent event response. */
export type Sink = {
  /** Bytes handed over but not yet taken by the network. */
  buffered(): number
  /** `seq`: up to where the client is informed once it has read this; `undefined` leaves it where it was. */
  send(message: Buffer, topic: StreamTopic, seq: number | undefined): void
}

/** Limits of the stream. Bytes count JSON characters. */
export type StreamLimits = {
  /** Time between batches, ms; it grows to twice this when flushing is costly. */
  readonly flushMs: number
  /** Items and characters remembered per topic, for resuming. */
  readonly ringItems: number
  readonly ringCharacters: number
  /** A client with more than this waiting is slow: it gets nothing until it has read. */
  readonly highWater: number
  /** How much a slow client gets when it has read again: the newest; the older ones are dropped and told. */
  readonly catchUpCharacters: number
  readonly maxClients: number
  readonly pingMs: number
}

/** One client's place in a lane. */
type Reader = {
  readonly sink: Sink
  readonly sieve: Sieve
  /** Everything up to here was sent, filtered out, or told as dropped. */
  covered: number
  /** Up to where the client knows. */
  told: number
  /** Events after `covered` that pass its filter. */
  waiting: number
  /** It asked for the past: give it all, oldest first. */
  resuming: boolean
}

/** A topic of events. */
export type Lane = {
  push(event: TapeEvent | GapEvent): void
  /** Sends what is due. True when somebody is still behind. */
  flush(): boolean
  subscribe(sink: Sink, sieve: Sieve, resume: number | undefined): void
  unsubscribe(sink: Sink): boolean
  /** Tells readers whose filter let nothing pass how far they are, so that they can resume from there. */
  beat(): void
  newest(): number
  dropped(): number
}

type State = {
  readonly topic: StreamTopic
  readonly limits: StreamLimits
  readonly clock: Clock
  readonly memory: Ring<Facet>
  readonly readers: Map<Sink, Reader>
  /** Up to where batches have been made. */
  flushed: number
  dropped: number
}

/** A lane whose first event gets the number `start + 1`. */
export function lane(topic: StreamTopic, start: number, limits: StreamLimits, clock: Clock): Lane {
  const memory = ring<Facet>(start, { items: limits.ringItems, characters: limits.ringCharacters })
  const state: State = { topic, limits, clock, memory, readers: new Map(), flushed: start, dropped: 0 }
  return {
    push: (event) => memory.push(toWire(event), facetOf(event)),
    flush: () => flush(state),
    subscribe: (sink, sieve, resume) => subscribe(state, sink, sieve, resume),
    unsubscribe: (sink) => state.readers.delete(sink),
    beat: () => beat(state),
    newest: () => memory.newest(),
    dropped: () => state.dropped,
  }
}

type Batch = { readonly message: Buffer | undefined; readonly matches: number }

function flush(state: State): boolean {
  const { memory, readers, limits } = state
  const from = state.flushed
  const upTo = memory.newest()
  const batches = new Map<string, Batch>()
  let behind = false
  for (const reader of readers.values()) {
    const batch = batches.get(reader.sieve.key) ?? makeBatch(state, reader.sieve, from, upTo)
    batches.set(reader.sieve.key, batch)
    const upToDate = reader.covered === from && !reader.resuming
    if (upToDate && (batch.matches === 0 || reader.sink.buffered() <= limits.highWater)) {
      if (batch.message) tell(state, reader, batch.message, upTo)
      reader.covered = upTo
      continue
    }
    reader.waiting += batch.matches
    catchUp(state, reader, upTo)
    behind ||= reader.covered < upTo
  }
  state.flushed = upTo
  return behind
}

function makeBatch(state: State, sieve: Sieve, from: number, upTo: number): Batch {
  const texts: string[] = []
  for (const item of state.memory.between(from, upTo)) if (sieve.passes(item.value)) texts.push(item.text)
  return { matches: texts.length, message: texts.length ? message(state, upTo, texts) : undefined }
}

/** Serves a reader that is behind, as far as its connection takes it. */
function catchUp(state: State, reader: Reader, upTo: number): void {
  while (reader.covered < upTo && reader.sink.buffered() <= state.limits.highWater) {
    const { chosen, lost, reached } = reader.resuming ? oldestOf(state, reader, upTo) : newestOf(state, reader, upTo)
    if (lost > 0) tellDropped(state, reader, lost, (chosen[0]?.seq ?? upTo + 1) - 1)
    if (chosen.length) {
      const texts = chosen.map((item) => item.text)
      tell(state, reader, message(state, reached, texts), reached)
    }
    reader.waiting = Math.max(0, reader.waiting - lost - chosen.length)
    reader.covered = reached
  }
  if (reader.covered >= upTo) reader.resuming = false
}

type Choice = { readonly chosen: readonly Item<unknown>[]; readonly lost: number; readonly reached: number }

/** For one that asked for the past: the oldest events that wait, a piece at a time; only what left the memory is lost. */
function oldestOf(state: State, reader: Reader, upTo: number): Choice {
  const { memory, limits } = state
  const chosen: Item<unknown>[] = []
  let characters = 0
  for (const item of memory.between(reader.covered, upTo)) {
    if (!reader.sieve.passes(item.value)) continue
    chosen.push(item)
    characters += item.text.length
    if (characters > limits.catchUpCharacters) break
  }
  const full = characters > limits.catchUpCharacters
  const lost = reader.covered < memory.oldest() - 1 ? reader.waiting - countWaiting(state, reader, upTo) : 0
  return { chosen, lost, reached: full ? (chosen.at(-1)?.seq ?? upTo) : upTo }
}

/** For a slow one: the newest events that wait; the older ones are lost to it. */
function newestOf(state: State, reader: Reader, upTo: number): Choice {
  const pending = [...state.memory.between(reader.covered, upTo)].filter((item) => reader.sieve.passes(item.value))
  let first = pending.length
  let characters = 0
  while (first > 0) {
    characters += pending[first - 1]?.text.length ?? 0
    if (characters > state.limits.catchUpCharacters && first < pending.length) break
    first--
  }
  const chosen = pending.slice(first)
  return { chosen, lost: reader.waiting - chosen.length, reached: upTo }
}

function countWaiting(state: State, reader: Reader, upTo: number): number {
  let present = 0
  for (const item of state.memory.between(reader.covered, upTo)) if (reader.sieve.passes(item.value)) present++
  return present
}

function subscribe(state: State, sink: Sink, sieve: Sieve, resume: number | undefined): void {
  const { memory, topic } = state
  const inMemory = resume !== undefined && resume >= memory.oldest() - 1 && resume <= memory.newest()
  const start = inMemory ? Math.min(resume, state.flushed) : state.flushed
  const reader: Reader = { sink, sieve, covered: start, told: start, waiting: 0, resuming: start < state.flushed }
  if (reader.resuming) reader.waiting = countWaiting(state, reader, state.flushed)
  state.readers.set(sink, reader)
  if (resume !== undefined && !inMemory) control(sink, topic, { topic, reset: true, seq: start }, start)
  control(sink, topic, { topic, subscribed: true, seq: start }, start)
  if (reader.resuming) catchUp(state, reader, state.flushed)
}

function beat(state: State): void {
  const made = new Map<number, Buffer>()
  for (const reader of state.readers.values()) {
    if (reader.told === reader.covered || reader.sink.buffered() > state.limits.highWater) continue
    const empty = made.get(reader.covered) ?? message(state, reader.covered, [])
    made.set(reader.covered, empty)
    tell(state, reader, empty, reader.covered)
  }
}

function tell(state: State, reader: Reader, payload: Buffer, seq: number): void {
  reader.sink.send(payload, state.topic, seq)
  reader.told = seq
}

function tellDropped(state: State, reader: Reader, dropped: number, to: number): void {
  state.dropped += dropped
  control(reader.sink, state.topic, { topic: state.topic, dropped, from: reader.covered + 1, to }, undefined)
}

function message(state: State, seq: number, texts: readonly string[]): Buffer {
  return Buffer.from(`{"topic":"${state.topic}","seq":${seq},"sent":${state.clock.now()},"data":[${texts.join(',')}]}`)
}

function control(sink: Sink, topic: StreamTopic, value: object, seq: number | undefined): void {
  sink.send(Buffer.from(JSON.stringify(value)), topic, seq)
}
