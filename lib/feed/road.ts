/**
 * The one road: recording → decoder → stamp → batch. Live, replay and demo all take it, and it knows nothing but the recording:
 * the same recording gives the same events with the same ids, whatever the chunking and wherever the reading began.
 */
import { join } from 'node:path'
import type { Fact, Instrument, MarketEvent, Receipt, Rejected, Source, UnixMs } from '../model/index.ts'
import type { Decoded, Decoder, Refused, Venue } from '../venues/index.ts'
import type { Batch } from './feed.ts'
import { readInstruments } from './instruments.ts'
import { formatPosition, headBefore, recordingPath, START, type Stretch } from './recording.ts'
import { type FrameRecord, isFrame, type NoteRecord } from './segment.ts'
import { stamp } from './stamp.ts'

/** Whose recording it is and how its events are labelled. */
export type RoadOptions = {
  readonly dataDir: string
  readonly venue: Venue
  /** The `venue` of the events; differs from `venue.id` for simulated sessions (`sim:okx`). */
  readonly venueId?: string | undefined
  readonly stream: string
  readonly source: Source
}

/** A batch and how many frames it was made of. */
export type RoadBatch = Batch & { readonly frames: number; readonly lastFrame: UnixMs | undefined }

/** Turns stretches of one stream, in order, into batches. Never throws on what a frame says. */
export type Road = { take(stretches: readonly Stretch[]): Promise<RoadBatch> }

type State = {
  readonly folder: string
  readonly file: string
  readonly instruments: Map<string, Instrument>
  readonly decoder: Decoder
  list: string | undefined
  channels: readonly string[]
  primed: boolean
}
type Collected = { events: MarketEvent[]; rejected: Rejected[]; frames: number; lastFrame: UnixMs | undefined }

/** The name of a stream in batches and checkpoints. */
export function streamName(venue: string, stream: string): string {
  return `${venue}/${stream}`
}

/** Opens the road for one stream. */
export function openRoad(options: RoadOptions): Road {
  const { dataDir, venue, venueId = venue.id, stream } = options
  const instruments = new Map<string, Instrument>()
  const file = recordingPath(venueId, stream)
  const state: State = {
    folder: join(dataDir, file),
    file: file.replaceAll('\\', '/'),
    instruments,
    decoder: venue.decoder({ instruments }),
    list: undefined,
    channels: ['liquidations'],
    primed: false,
  }
  return { take: (stretches) => take({ ...options, venueId }, state, stretches) }
}

type Named = RoadOptions & { readonly venueId: string }

async function take(options: Named, state: State, stretches: readonly Stretch[]): Promise<RoadBatch> {
  const found: Collected = { events: [], rejected: [], frames: 0, lastFrame: undefined }
  let end = stretches[0]?.position ?? START
  for (const stretch of stretches) {
    end = stretch.next
    const place: Receipt = { file: state.file, segment: stretch.segment, offset: stretch.position.offset }
    if (stretch.damage) {
      const { from, to, bytes } = stretch.damage
      const why = `the recording is damaged: ${bytes} bytes of ${stretch.segment} are no sound block`
      addGaps(options, found, { channels: state.channels, from, to, why }, to, place)
      continue
    }
    if (!state.primed) await applyHead(options, state, await headBefore(state.folder, stretch.position))
    state.primed = true
    let index = stretch.position.index
    for (const entry of stretch.entries) {
      const receipt = { ...place, index: index++ }
      if (isFrame(entry)) decodeFrame(options, state.decoder, found, entry, receipt)
      else if (entry.note === 'stream') await applyHead(options, state, entry)
      else if (entry.note === 'gap') addGaps(options, found, entry, entry.received, receipt)
    }
  }
  return { ...found, stream: streamName(options.venueId, options.stream), position: formatPosition(end) }
}

async function applyHead(
  { dataDir, venueId }: Named,
  state: State,
  head: (NoteRecord & { note: 'stream' }) | undefined,
): Promise<void> {
  if (!head) return
  state.channels = head.channels
  if (head.instruments === undefined || head.instruments === state.list) return
  const list = await readInstruments(dataDir, venueId, head.instruments)
  state.list = head.instruments
  state.instruments.clear()
  for (const instrument of list) state.instruments.set(instrument.symbol, instrument)
}

function decodeFrame(options: Named, decoder: Decoder, found: Collected, frame: FrameRecord, receipt: Receipt): void {
  const { venueId, source } = options
  const { received, text } = frame
  found.frames++
  found.lastFrame = received
  for (const item of decodeSafely(decoder, frame)) {
    if (item.type === 'refused') {
      const { reason, part } = item
      found.rejected.push({ venue: venueId, received, code: 'undecoded', reason, raw: part ?? text, receipt })
    } else found.events.push(stamp(venueId, source, item, received, receipt))
  }
}

function decodeSafely(decoder: Decoder, frame: FrameRecord): readonly (Decoded | Refused)[] {
  try {
    return decoder({ received: frame.received, text: frame.text })
  } catch (error) {
    // A decoder must not throw; if one does, the frame is kept as refused and the road goes on.
    return [{ type: 'refused', reason: `the decoder failed: ${(error as Error).message}` }]
  }
}

type GapFacts = { channels: readonly string[]; from: UnixMs; to: UnixMs; why: string }

function addGaps(options: Named, found: Collected, gap: GapFacts, received: UnixMs, receipt: Receipt): void {
  const { channels, from, to, why } = gap
  for (const channel of channels) {
    const fact: Fact = { type: 'gap', channel, from, to, why }
    const key = `gap|${options.stream}|${channel}|${from}|${to}`
    found.events.push(stamp(options.venueId, options.source, { ...fact, key, time: from }, received, receipt))
  }
}
