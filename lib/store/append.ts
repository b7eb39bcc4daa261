/**
 * One append over SQL. The order of its steps is what makes it survive a crash anywhere:
 * look-up of what is there → one insert of what is new → tombstones (what was withdrawn) → deletion of what was withdrawn.
 * An insert of one batch is one part on disk, whole or absent. What a crash left undone after it is done at the next opening.
 */
import { HOUR, type MarketEvent } from '../model/index.ts'
import type { SqlEngine } from './engine.ts'
import { EVENT_COLUMNS } from './rows.ts'
import { localName } from './schema.ts'
import { nearTimes, tabLine, text, textList, tokenOf } from './sql.ts'
import type { Appended } from './store.ts'

/** Ids looked up by one query. */
const LOOKUP = 20_000

/**
 * What the only writer of a store knows without asking: which ids are withdrawn, and a time after which nothing is stored.
 * Stores that others write to as well have none.
 */
export type Known = { readonly withdrawn: Set<string>; last: number }

/** Reads what the only writer of a store may keep in mind. */
export async function knownOf(engine: SqlEngine): Promise<Known> {
  const tombstones = await engine.rows<{ of: string }>('SELECT DISTINCT of FROM tombstones')
  const [newest] = await engine.rows<{ last: number; n: number }>(
    'SELECT toUnixTimestamp64Milli(max(time)) AS last, count() AS n FROM events',
  )
  return { withdrawn: new Set(tombstones.map(({ of }) => of)), last: newest?.n ? newest.last : -1 }
}

/** Stores what is new of a batch; `lines` are its rows, made before its turn came. Calls must not overlap: the look-up of one must see the insert of the other. */
export async function appendEvents(
  engine: SqlEngine,
  events: readonly MarketEvent[],
  lines: readonly string[],
  known?: Known | undefined,
): Promise<Appended> {
  if (events.length === 0) return { stored: 0, duplicates: 0, retracted: 0 }
  const withdrawals = events.flatMap((event) => (event.type === 'retraction' ? [event] : []))
  const [existing, withdrawn] = await Promise.all([
    existingIds(engine, events, known?.last ?? Number.POSITIVE_INFINITY),
    known?.withdrawn ?? withdrawnIds(engine, events),
  ])
  const here = new Set(withdrawals.map(({ of }) => of))
  // Before the insert: should its outcome stay unknown, the next batch must look.
  if (known) for (const { time } of events) known.last = Math.max(known.last, time)
  const { fresh, duplicates, suppressed } = sift(events, existing, (id) => withdrawn.has(id) || here.has(id))
  if (fresh.length > 0) {
    const text = fresh.map((index) => lines[index]).join('\n')
    const ids = fresh.map((index) => events[index]?.id).join('\n')
    await engine.insert('events', EVENT_COLUMNS, text, tokenOf(ids))
  }
  const removed = withdrawals.length === 0 ? 0 : await withdraw(engine, withdrawals)
  for (const id of here) known?.withdrawn.add(id)
  return { stored: fresh.length, duplicates, retracted: suppressed + removed }
}

function sift(events: readonly MarketEvent[], existing: ReadonlySet<string>, withdrawn: (id: string) => boolean) {
  const seen = new Set(existing)
  /** Places in the batch. */
  const fresh: number[] = []
  let duplicates = 0
  let suppressed = 0
  for (const [index, { id }] of events.entries()) {
    if (withdrawn(id)) suppressed++
    else if (seen.has(id)) duplicates++
    else {
      seen.add(id)
      fresh.push(index)
    }
  }
  return { fresh, duplicates, suppressed }
}

/**
 * Which of the ids are stored. An event with a time of the venue's own is looked for within an hour of that time: the time belongs
 * to the event, so the same id has the same time. One stamped with the time of receipt is looked for everywhere.
 */
async function existingIds(engine: SqlEngine, events: readonly MarketEvent[], last: number): Promise<Set<string>> {
  const found = new Set<string>()
  const timed = events.filter((event) => event.timeKind === undefined && event.time <= last)
  const untimed = events.filter((event) => event.timeKind !== undefined)
  for (const [part, padded] of [
    [timed, true],
    [untimed, false],
  ] as const) {
    for (let start = 0; start < part.length; start += LOOKUP) {
      const some = part.slice(start, start + LOOKUP)
      const near = padded
        ? `(${nearTimes(
            some.map(({ time }) => time),
            HOUR,
          )}) AND `
        : ''
      const ids = textList(some.map(({ id }) => id))
      for (const row of await engine.rows<{ id: string }>(`SELECT id FROM events WHERE ${near}id IN ${ids}`))
        found.add(row.id)
    }
  }
  return found
}

async function withdrawnIds(engine: SqlEngine, events: readonly MarketEvent[]): Promise<Set<string>> {
  const found = new Set<string>()
  for (let start = 0; start < events.length; start += LOOKUP) {
    const ids = textList(events.slice(start, start + LOOKUP).map(({ id }) => id))
    const rows = await engine.rows<{ of: string }>(`SELECT of FROM tombstones WHERE of IN ${ids}`)
    for (const { of } of rows) found.add(of)
  }
  return found
}

/** Makes retractions that are stored take effect, now and for whatever arrives later; returns how many events they removed. */
async function withdraw(engine: SqlEngine, retractions: readonly { of: string; id: string }[]): Promise<number> {
  const lines = retractions.map(({ of, id }) => tabLine([of, id])).join('\n')
  await engine.insert('tombstones', ['of', 'id'], lines, tokenOf(lines))
  const ids = [...new Set(retractions.map(({ of }) => of))]
  const [there] = await engine.rows<{ n: number }>(`SELECT uniqExact(id) AS n FROM events WHERE id IN ${textList(ids)}`)
  // A replica that came back late may lack what the others have: a cluster is told in any case.
  if (there?.n || engine.cluster !== undefined) await removeEvents(engine, ids)
  return there?.n ?? 0
}

/** Deletes events by id, from every sum too. */
async function removeEvents(engine: SqlEngine, ids: readonly string[]): Promise<void> {
  const list = ids.map(text).join(', ')
  const events = localName('events', engine)
  await engine.everywhere(`ALTER TABLE ${events} DELETE WHERE id IN (${list}) SETTINGS mutations_sync = 1`, 'any')
}

/** Finishes what a crash (or a node that was down) left undone: retractions without a tombstone, withdrawn events that still stand. */
export async function finishRetractions(engine: SqlEngine): Promise<void> {
  const open = await engine.rows<{ of: string; id: string }>(
    `SELECT id, JSONExtractString(rest, 'of') AS of FROM events WHERE type = 'retraction' AND id NOT IN (SELECT id FROM tombstones)`,
  )
  if (open.length > 0) await withdraw(engine, open)
  const everyReplica =
    engine.cluster === undefined
      ? 'events'
      : `clusterAllReplicas(${text(engine.cluster)}, currentDatabase(), ${localName('events', engine)})`
  const left = await engine.rows<{ id: string }>(
    `SELECT DISTINCT id FROM ${everyReplica} WHERE id IN (SELECT of FROM tombstones)${engine.cluster === undefined ? '' : ' SETTINGS skip_unavailable_shards = 1'}`,
  )
  for (let start = 0; start < left.length; start += LOOKUP)
    await removeEvents(
      engine,
      left.slice(start, start + LOOKUP).map(({ id }) => id),
    )
}
