/** The wire format: one event as one line of JSON, integers beyond 2^53 as decimal text, and back without loss. */
import { breakwaterError } from './errors.ts'
import { FACT_TYPES, type MarketEvent } from './event.ts'
import { unixMs } from './units.ts'

/** One line of JSON: `atoms` as decimal text, `undefined` left out, `id` and `time` first. */
export function toWire(event: MarketEvent): string {
  const { id, time, ...rest } = event
  return JSON.stringify({ id, time, ...rest }, bigintAsText)
}

/** The event of one line made by {@link toWire}. Refuses (`bad-frame`) text that is none. */
export function fromWire(line: string): MarketEvent {
  let value: unknown
  try {
    value = JSON.parse(line, atomsAsBigint)
  } catch (cause) {
    throw breakwaterError('bad-frame', 'the line is not JSON', { line: line.slice(0, 120) }, { cause })
  }
  const record = value as Partial<MarketEvent> | null
  const sound =
    typeof record === 'object' &&
    record !== null &&
    typeof record.id === 'string' &&
    typeof record.venue === 'string' &&
    typeof record.time === 'number' &&
    unixMs(record.time) !== undefined &&
    typeof record.received === 'number' &&
    (record.source === 'live' || record.source === 'recorded' || record.source === 'simulated') &&
    FACT_TYPES.includes(record.type as MarketEvent['type'])
  if (!sound) throw breakwaterError('bad-frame', 'the line is no Breakwater event', { line: line.slice(0, 120) })
  return record as MarketEvent
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

function atomsAsBigint(key: string, value: unknown): unknown {
  return key === 'atoms' && typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : value
}
