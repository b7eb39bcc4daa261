/** Our own recordings of raw frames, from another data directory, on the road that live frames take. */
import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { breakwaterError } from '../../model/index.ts'
import { venues } from '../../venues/index.ts'
import type { Batch } from '../feed.ts'
import { listSegments, listStreams, parsePosition, recordingPath } from '../recording.ts'
import { replay } from '../replay.ts'
import type { Chunk, Importer } from './importer.ts'

/** Imports a data directory (or its `recordings` folder) as `recorded`; frames of `sim:` venues stay simulated. The folder is only read. */
export const recordingImporter: Importer = {
  id: 'breakwater-recording',
  what: 'a data directory with recordings of raw frames',
  claims: ({ isFolder, entries, path }) => isFolder && (entries.includes('recordings') || path.endsWith('/recordings')),
  read: async function* (path, context) {
    const dataDir = path.endsWith('/recordings') ? dirname(resolve(path)) : path
    const streams = await listStreams(dataDir)
    if (streams.length === 0) throw breakwaterError('bad-file', `${path} holds no recordings`, { path })
    const sizes = await sizesOf(dataDir, streams)
    const total = [...sizes.values()].flatMap((segments) => [...segments.values()]).reduce((sum, size) => sum + size, 0)
    const positions = new Map<string, string>(
      Object.entries(JSON.parse(context.from ?? '{}') as { [stream: string]: string }),
    )
    const lane = handover()
    const running = replay({
      dataDir,
      venues,
      speed: 0,
      source: 'recorded',
      from: (stream) => positions.get(stream),
      onBatch: lane.put,
    })
    running.then(lane.end, lane.fail)
    for await (const batch of lane.taken) {
      positions.set(batch.stream, batch.position)
      yield {
        events: batch.events,
        rejected: batch.rejected,
        position: JSON.stringify(Object.fromEntries(positions)),
        done: doneOf(sizes, positions),
        total,
      } satisfies Chunk
    }
  },
}

type Sizes = Map<string, Map<number, number>>

async function sizesOf(dataDir: string, streams: readonly { venue: string; stream: string }[]): Promise<Sizes> {
  const sizes: Sizes = new Map()
  for (const { venue, stream } of streams) {
    const folder = join(dataDir, recordingPath(venue, stream))
    const segments = await listSegments(folder)
    const pairs = segments.map(async ({ number, name }) => [number, (await stat(join(folder, name))).size] as const)
    sizes.set(`${venue}/${stream}`, new Map(await Promise.all(pairs)))
  }
  return sizes
}

/** Bytes of all streams before their positions. */
function doneOf(sizes: Sizes, positions: ReadonlyMap<string, string>): number {
  let done = 0
  for (const [stream, position] of positions) {
    const { segment, offset } = parsePosition(position)
    for (const [number, size] of sizes.get(stream) ?? [])
      done += number < segment ? size : number === segment ? offset : 0
  }
  return done
}

/** Batches pushed by one side and taken by the other, one at a time: the pusher waits until its batch has been dealt with. */
function handover() {
  let offer: { batch: Batch; done: () => void } | undefined
  let ended = false
  let failure: unknown
  let wake: () => void = () => undefined
  async function* taken(): AsyncGenerator<Batch> {
    for (;;) {
      if (failure !== undefined) throw failure
      if (offer) {
        const { batch, done } = offer
        offer = undefined
        yield batch
        done()
      } else if (ended) return
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  }
  return {
    put: (batch: Batch) =>
      new Promise<void>((done) => {
        offer = { batch, done }
        wake()
      }),
    end: () => {
      ended = true
      wake()
    },
    fail: (error: unknown) => {
      failure = error
      wake()
    },
    taken: taken(),
  }
}
