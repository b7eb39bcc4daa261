/** The one question answered over a plain list of events: the definition that every store engine is tested against. */
import type { MarketEvent, UnixMs } from '../model/index.ts'
import { DAY, HOUR, MINUTE } from '../model/index.ts'
import { type Dimensions, dimensionsOf, passes } from './dimensions.ts'
import { addUsd, type ExactSum, exactSum, usdOf } from './exact-sum.ts'
import type { Aggregate, AggregateRow, GroupKey } from './question.ts'

type Group = {
  keys: (string | number)[]
  events: number
  unpriced: number
  usd: ExactSum
  long: { events: number; usd: ExactSum }
  short: { events: number; usd: ExactSum }
  accounts: Set<string>
  accountEvents: number
  largest: { id: string; usd: number } | undefined
  first: number
  last: number
}

/** Answers the question over `events`; rows sorted by their keys. Without events there are no rows. Dollars add up in millionths, exactly. */
export function aggregateEvents(events: Iterable<MarketEvent>, question: Aggregate): readonly AggregateRow[] {
  const groups = new Map<string, Group>()
  for (const event of events) {
    const of = dimensionsOf(event)
    if (!of.counted || !passes(event, question.where)) continue
    const keys = question.by.map((key) => keyOf(key, event.time, of))
    const name = JSON.stringify(keys)
    const group = groups.get(name) ?? emptyGroup(keys)
    groups.set(name, group)
    addTo(group, event, of)
  }
  return [...groups.values()].sort((a, b) => compareKeys(a.keys, b.keys)).map((group) => rowOf(group, question.by))
}

/** Orders group keys: numbers ascending, text by code unit. */
export function compareKeys(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (let i = 0; i < a.length; i++) {
    const left = a[i] as string | number
    const right = b[i] as string | number
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

/** The value of one group key for an event of that time and those dimensions. */
function keyOf(key: GroupKey, time: UnixMs, of: Dimensions): string | number {
  if (key === 'minute') return time - (time % MINUTE)
  if (key === 'hour') return time - (time % HOUR)
  if (key === 'day') return time - (time % DAY)
  return of[key]
}

function emptyGroup(keys: (string | number)[]): Group {
  return {
    keys,
    events: 0,
    unpriced: 0,
    usd: exactSum(),
    long: { events: 0, usd: exactSum() },
    short: { events: 0, usd: exactSum() },
    accounts: new Set(),
    accountEvents: 0,
    largest: undefined,
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
  }
}

function addTo(group: Group, event: MarketEvent, of: Dimensions): void {
  const side = of.side === 'unknown' ? undefined : group[of.side]
  group.events++
  if (side) side.events++
  if (of.usd === undefined) group.unpriced++
  else {
    addUsd(group.usd, of.usd)
    if (side) addUsd(side.usd, of.usd)
    const best = group.largest
    if (best === undefined || of.usd > best.usd || (of.usd === best.usd && event.id < best.id))
      group.largest = { id: event.id, usd: of.usd }
  }
  if (of.account !== '') {
    group.accounts.add(of.account)
    group.accountEvents++
  }
  group.first = Math.min(group.first, event.time)
  group.last = Math.max(group.last, event.time)
}

function rowOf(group: Group, by: readonly GroupKey[]): AggregateRow {
  return {
    keys: Object.fromEntries(by.map((key, index) => [key, group.keys[index]])),
    events: group.events,
    usd: usdOf(group.usd),
    unpriced: group.unpriced,
    longEvents: group.long.events,
    longUsd: usdOf(group.long.usd),
    shortEvents: group.short.events,
    shortUsd: usdOf(group.short.usd),
    accounts: group.accounts.size,
    accountEvents: group.accountEvents,
    largest: group.largest,
    first: group.first as UnixMs,
    last: group.last as UnixMs,
  }
}
