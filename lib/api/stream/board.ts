/** The `status` topic: a state, not a series of events. Whoever is slow gets the newest one only, and misses nothing by it. */
import { type Clock, canonical } from '../../model/index.ts'
import type { Sink } from './lane.ts'

/** One state that many watch. */
export type Board = {
  /** Puts the state up when it changed; true when it did. */
  update(state: unknown): boolean
  /** Sends the newest state to those who lack it. True when somebody still lacks it. */
  flush(): boolean
  /** A client that resumes from the newest number is not told the same again. */
  subscribe(sink: Sink, resume: number | undefined): void
  unsubscribe(sink: Sink): boolean
  newest(): number
}

/** A board whose first state gets the number `start + 1`. */
export function board(start: number, highWater: number, clock: Clock): Board {
  const covered = new Map<Sink, number>()
  let seq = start
  let text = ''
  let message = Buffer.alloc(0)
  const flush = () => {
    let behind = false
    for (const [sink, told] of covered) {
      if (told === seq) continue
      if (sink.buffered() > highWater) {
        behind = true
        continue
      }
      sink.send(message, 'status', seq)
      covered.set(sink, seq)
    }
    return behind
  }
  return {
    flush,
    update: (state) => {
      const next = canonical(state)
      if (next === text) return false
      text = next
      seq++
      message = Buffer.from(`{"topic":"status","seq":${seq},"sent":${clock.now()},"data":${text}}`)
      return true
    },
    subscribe: (sink, resume) => {
      const known = resume === seq ? seq : start
      sink.send(Buffer.from(JSON.stringify({ topic: 'status', subscribed: true, seq: known })), 'status', known)
      covered.set(sink, known)
    },
    unsubscribe: (sink) => covered.delete(sink),
    newest: () => seq,
  }
}
