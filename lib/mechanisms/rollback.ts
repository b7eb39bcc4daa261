/** Undoing an action that reverts half-way, as a contract's whole call is undone: keep what it may touch, put it back when it throws. */

/** Puts back what was kept. */
export type Restore = () => void

/** Keeps the fields of plain records, one level deep. */
export function keepFields(...records: readonly object[]): Restore {
  const kept = records.map((record) => ({ ...record }))
  return () =>
    records.forEach((record, at) => {
      for (const key of Object.keys(record))
        if (!(key in (kept[at] ?? {}))) delete (record as Record<string, unknown>)[key]
      Object.assign(record, kept[at])
    })
}

/** Keeps some entries of a map, records one level deep, and that the others were not there. */
export function keepEntries<V>(map: Map<string, V>, keys: Iterable<string>): Restore {
  const kept = [...keys].map((key) => {
    const value = map.get(key)
    return [key, map.has(key), typeof value === 'object' && value !== null ? { ...value } : value] as const
  })
  return () => {
    for (const [key, was, value] of kept)
      if (was) map.set(key, value as V)
      else map.delete(key)
  }
}

/** Keeps the items of a list. */
export function keepItems<T>(list: T[]): Restore {
  const kept = [...list]
  return () => void list.splice(0, list.length, ...kept)
}

/** Runs something; when it throws, puts everything back and throws on. */
export function orAsBefore<T>(keeps: readonly Restore[], run: () => T): T {
  try {
    return run()
  } catch (error) {
    for (const restore of keeps) restore()
    throw error
  }
}
