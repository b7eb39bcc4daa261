/**
 * How long positions are below their line: from the step at which one is first seen below it, before anybody acts, to the first step at whose end it is
 * above it again, or gone, with everything settled that was taken from it. Each mechanism has its own line; while one of its feeds is silent nobody can
 * be seen to be back.
 */
import type { Room } from './room.ts'

/** Spells below the line of all rooms. Steps. */
export type DueClock = {
  /** Looks before anybody acts. */
  readonly look: (room: Room, step: number) => void
  /** Looks when everybody has; `unsafe`: targets that are liquidatable now. */
  readonly settle: (room: Room, step: number, unsafe: readonly string[]) => void
  /** Lengths of the spells that ended, 0 within one step. */
  readonly recoveries: number[]
  /** Positions that were ever below their line, by room. */
  readonly breached: () => ReadonlyMap<string, number>
  /** How many still are. */
  readonly left: () => number
}

/** A clock at its start. */
export function dueClock(): DueClock {
  const since = new Map<string, Map<string, number>>()
  const ever = new Map<string, Set<string>>()
  const recoveries: number[] = []
  const note = (room: Room, step: number, due: ReadonlySet<string>) => {
    const [own, all] = [since.get(room.id) ?? new Map<string, number>(), ever.get(room.id) ?? new Set<string>()]
    for (const position of due) {
      if (!own.has(position)) own.set(position, step)
      all.add(position)
    }
    since.set(room.id, own)
    ever.set(room.id, all)
    return own
  }
  return {
    look: (room, step) => void note(room, step, room.due(room.unsafe())),
    settle(room, step, unsafe) {
      const due = room.due(unsafe)
      const own = note(room, step, due)
      if (room.blind()) return
      for (const [position, from] of own) {
        if (due.has(position)) continue
        recoveries.push(step - from)
        own.delete(position)
      }
    },
    recoveries,
    breached: () => new Map([...ever].map(([room, positions]) => [room, positions.size] as const)),
    left: () => [...since.values()].reduce((sum, own) => sum + own.size, 0),
  }
}
