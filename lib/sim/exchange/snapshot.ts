/** The whole state as bytes, and back: what follows is the same as had it not been interrupted. */
import { breakwaterError, canonical } from '../../model/index.ts'
import { EVENT_WORDS, type State } from './state.ts'

const MAGIC = 'breakwater-exchange-1'

type Head = {
  readonly magic: string
  readonly profile: string
  readonly markets: readonly string[]
  readonly time: number
  readonly events: number
  readonly total: number
  readonly partials: readonly (readonly [number, number])[]
  readonly funds: State['funds']
  readonly lengths: readonly number[]
}

function arraysOf(state: State): readonly (Float64Array | Int32Array)[] {
  return [
    state.reserved,
    state.deposited,
    ...state.markets.flatMap(({ floats, links, free, freeCount, margins, reserves, low, high, now }) => [
      floats,
      links,
      free,
      freeCount,
      margins,
      reserves,
      low,
      high,
      now,
    ]),
  ]
}

function bytesOf(array: Float64Array | Int32Array | Uint8Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

/** Everything that changes, with the events since the last clearing. Same state, same bytes. */
export function takeSnapshot(state: State): Uint8Array {
  const events = state.events.slice(0, state.eventCount * EVENT_WORDS)
  const parts = [...arraysOf(state).map(bytesOf), bytesOf(events), ...state.markets.map(({ book }) => book.snapshot())]
  const head: Head = {
    magic: MAGIC,
    profile: state.profile.id,
    markets: state.markets.map(({ rules }) => rules.symbol),
    time: state.time,
    events: state.eventCount,
    total: state.eventTotal,
    partials: [...state.partials],
    funds: state.funds,
    lengths: parts.map(({ byteLength }) => byteLength),
  }
  const text = new TextEncoder().encode(canonical(head))
  const bytes = new Uint8Array(4 + text.length + parts.reduce((sum, part) => sum + part.byteLength, 0))
  new DataView(bytes.buffer).setUint32(0, text.length)
  bytes.set(text, 4)
  let at = 4 + text.length
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  return bytes
}

/** Puts a snapshot in place of what is here. Throws `bad-file`, and changes nothing, when it is none of an exchange of these options. */
export function restoreSnapshot(state: State, bytes: Uint8Array): void {
  const head = headOf(bytes)
  const arrays = arraysOf(state)
  const same =
    head.magic === MAGIC &&
    head.profile === state.profile.id &&
    head.markets.join() === state.markets.map(({ rules }) => rules.symbol).join() &&
    arrays.every((array, at) => array.byteLength === head.lengths[at]) &&
    head.lengths.length === arrays.length + 1 + state.markets.length
  const begin = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  if (!same || bytes.byteLength !== begin + head.lengths.reduce((sum, length) => sum + length, 0))
    throw breakwaterError('bad-file', 'the snapshot is none of an exchange with these markets and accounts')
  const parts: Uint8Array[] = []
  let at = begin
  for (const length of head.lengths) {
    parts.push(bytes.slice(at, at + length))
    at += length
  }
  state.markets.forEach(({ book }, market) => {
    book.restore(parts[arrays.length + 1 + market] as Uint8Array)
  })
  arrays.forEach((array, part) => {
    bytesOf(array).set(parts[part] as Uint8Array)
  })
  const events = parts[arrays.length] as Uint8Array
  state.events = new Float64Array(Math.max(1024, head.events) * EVENT_WORDS)
  bytesOf(state.events).set(events)
  state.eventCount = head.events
  state.eventTotal = head.total
  state.time = head.time
  state.partials.clear()
  for (const [account, time] of head.partials) state.partials.set(account, time)
  head.funds.forEach((fund, currency) => {
    state.funds[currency] = fund
  })
}

function headOf(bytes: Uint8Array): Head {
  try {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
    return JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Head
  } catch {
    throw breakwaterError('bad-file', 'the bytes are no snapshot of an exchange', { bytes: bytes.byteLength })
  }
}
