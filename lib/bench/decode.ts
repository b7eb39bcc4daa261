/** Frames decoded per second, venue by venue, against `JSON.parse` alone of the same frames in the same run: the bound of any decoder. */
import { HOUR, type UnixMs } from '../model/index.ts'
import { DEMO_VENUES, demoInstruments, demoSession, receivedAt } from '../sim/index.ts'
import { type Raw, venue, venues } from '../venues/index.ts'
import type { BenchRow } from './row.ts'

const FROM = Date.UTC(2026, 9, 1) as UnixMs
const ROUNDS = 7

/** Decodes three hours of the demo, crash included. One row per venue, and one for all frames in their order of receipt. */
export async function benchDecode(): Promise<BenchRow[]> {
  const byVenue = new Map<string, Raw[]>()
  for (const item of demoSession({ seed: 7, from: FROM, crashAfterMs: HOUR })) {
    if (receivedAt(item) > FROM + 3 * HOUR) break
    if (item.kind !== 'frame') continue
    const frames = byVenue.get(item.venue) ?? []
    frames.push({ received: item.received, text: item.text })
    byVenue.set(item.venue, frames)
  }
  return DEMO_VENUES.filter((id) => venues.has(id)).map((id) => decodeOne(id, byVenue.get(id) ?? []))
}

function decodeOne(id: string, frames: readonly Raw[]): BenchRow {
  const decode = venue(id).decoder({ instruments: demoInstruments(id) })
  let events = 0
  const decoded = fastest(() => {
    events = 0
    for (const frame of frames) events += decode(frame).length
  })
  let parsed = 0
  const bound = fastest(() => {
    for (const frame of frames) parsed += JSON.parse(frame.text) ? 1 : 0
  })
  if (parsed !== frames.length * ROUNDS) throw new Error('a frame of the demo is no JSON')
  return {
    workload: `decode ${id}`,
    value: events / decoded,
    unit: 'events/s',
    against: 'JSON.parse alone (1 = as fast)',
    ratio: bound / decoded,
  }
}

/** Seconds of the fastest round: the one that the rest of the machine disturbed least. */
function fastest(run: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now()
    run()
    best = Math.min(best, (performance.now() - began) / 1000)
  }
  return best
}
