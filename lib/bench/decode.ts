/** Frames decoded per second, venue by venue, against `JSON.parse` alone of the same frames in the same run: the bound of any decoder. */
import { HOUR, type UnixMs } from '../model/index.ts'
import { DEMO_VENUES, demoInstruments, demoSession, receivedAt } from '../sim/index.ts'
import { type Raw, venue, venues } from '../venues/index.ts'
import type { BenchRow } from './row.ts'

const FROM = Date.UTC(2026, 9, 1) as UnixMs
const ROUNDS = 7

type Frame = Raw & { readonly venue: string }

/** Decodes three hours of the demo, crash included. One row per venue, and one for all frames in their order of receipt. */
export async function benchDecode(): Promise<BenchRow[]> {
  const inOrder: Frame[] = []
  for (const item of demoSession({ seed: 7, from: FROM, crashAfterMs: HOUR })) {
    if (receivedAt(item) > FROM + 3 * HOUR) break
    if (item.kind !== 'frame') continue
    inOrder.push({ venue: item.venue, received: item.received, text: item.text })
  }
  const spoken = DEMO_VENUES.filter((id) => venues.has(id))
  return [
    ...spoken.map((id) =>
      decodeFrames(
        id,
        inOrder.filter((item) => item.venue === id),
      ),
    ),
    decodeFrames('all venues, as received', inOrder),
  ]
}

function decodeFrames(name: string, frames: readonly Frame[]): BenchRow {
  const ids = [...new Set(frames.map((frame) => frame.venue))]
  const decoders = new Map(ids.map((id) => [id, venue(id).decoder({ instruments: demoInstruments(id) })]))
  let events = 0
  const decoded = fastest(() => {
    events = 0
    for (const frame of frames) events += decoders.get(frame.venue)?.(frame).length ?? 0
  })
  let parsed = 0
  const bound = fastest(() => {
    for (const frame of frames) parsed += JSON.parse(frame.text) ? 1 : 0
  })
  if (parsed !== frames.length * ROUNDS) throw new Error('a frame of the demo is no JSON')
  return {
    workload: `decode ${name}`,
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
