/**
 * GMX v2's one event for everything: `EventLog1` carries seven lists of named values (addresses, unsigned and signed numbers,
 * flags, words, bytes, texts), and each value's name as text.
 * https://github.com/gmx-io/gmx-synthetics/blob/main/contracts/event/EventUtils.sol
 */
import { addressAt, boolAt, type Data, lengthAt, stringAt, tailAt, uintAt } from './abi.ts'

/** `EventLog1(address msgSender, string eventName, string indexed eventNameHash, bytes32 indexed topic1, EventUtils.EventLogData eventData)` */
export const EVENT_LOG_1 = '0x137a44067c8961cd7e1d876f4754a5a3a75989b4552f1843fc69c3b372def160'

const WORD = 32
/** Places of the lists that are read, among the seven. */
const ADDRESSES = 0
const UINTS = 1
const BOOLS = 3
/** An event has some twenty values; a longer list is broken data, not an event. */
const MOST_ITEMS = 200

/** Named values of one event. */
export type EventItems = {
  readonly addresses: ReadonlyMap<string, string>
  readonly uints: ReadonlyMap<string, bigint>
  readonly flags: ReadonlyMap<string, boolean>
}

/** The name of the event, or `undefined` when the data holds none. */
export function eventNameOf(data: Data): string | undefined {
  const at = tailAt(data, WORD, 0)
  return at === undefined ? undefined : stringAt(data, at)
}

/** The named values of the event, or `undefined` when the data is broken. */
export function eventItemsOf(data: Data): EventItems | undefined {
  const lists = tailAt(data, 2 * WORD, 0)
  if (lists === undefined) return undefined
  const addresses = itemsOf(data, lists, ADDRESSES, addressAt)
  const uints = itemsOf(data, lists, UINTS, uintAt)
  const flags = itemsOf(data, lists, BOOLS, boolAt)
  return addresses && uints && flags ? { addresses, uints, flags } : undefined
}

/** One list: its tuple holds the single values first and the lists of values second; only the single ones are read. */
function itemsOf<T>(
  data: Data,
  lists: number,
  which: number,
  read: (data: Data, at: number) => T | undefined,
): ReadonlyMap<string, T> | undefined {
  const pair = tailAt(data, lists + which * WORD, lists)
  const singles = pair === undefined ? undefined : tailAt(data, pair, pair)
  const length = singles === undefined ? undefined : lengthAt(data, singles)
  if (singles === undefined || length === undefined || length > MOST_ITEMS) return undefined
  const first = singles + WORD
  const items = new Map<string, T>()
  for (let index = 0; index < length; index++) {
    const item = tailAt(data, first + index * WORD, first)
    const nameAt = item === undefined ? undefined : tailAt(data, item, item)
    const name = nameAt === undefined ? undefined : stringAt(data, nameAt)
    const value = item === undefined ? undefined : read(data, item + WORD)
    if (name === undefined || value === undefined) return undefined
    items.set(name, value)
  }
  return items
}
