import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MarketEvent, UnixMs } from '../model/index.ts'
import { tinyFrame, tinyVenue } from '../test/tiny-venue.ts'
import { openRecorder, type RecordFile } from './record.ts'
import { listSegments, readFrame, readRecording, recordingPath, type Stretch } from './recording.ts'
import { forgetSegments, repair } from './repair.ts'
import { openRoad } from './road.ts'
import { type Entry, isFrame } from './segment.ts'
import { openStream } from './stream.ts'

let dataDir: string
let now = 1_760_000_000_000
const clock = { now: () => now as UnixMs }
const shared = () => ({ dataDir, venue: 'tiny', stream: 'liquidations', channels: ['liquidations'], clock })
const folder = () => join(dataDir, recordingPath('tiny', 'liquidations'))
const frame = (n: number): Entry => ({
  received: (1_760_000_000_000 + n) as UnixMs,
  connection: '1',
  text: tinyFrame([`e${n}`, 1_760_000_000_000 + n, 'long', 1, 100 + n]),
})

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'breakwater-record-'))
  now = 1_760_000_000_000
})
afterEach(() => rm(dataDir, { recursive: true }))

async function recordBlocks(blocks: number, perBlock: number): Promise<void> {
  const recorder = await openRecorder(shared())
  for (let block = 0; block < blocks; block++) {
    for (let i = 0; i < perBlock; i++) void recorder.append(frame(block * perBlock + i))
    await recorder.flush()
  }
  await recorder.close()
}

async function readAll(): Promise<Stretch[]> {
  const found: Stretch[] = []
  for await (const stretch of readRecording(folder())) found.push(stretch)
  return found
}
const texts = (stretches: readonly Stretch[]) =>
  stretches.flatMap(({ entries }) => entries.filter(isFrame).map(({ text }) => text))
const expected = (count: number) => Array.from({ length: count }, (_, n) => (frame(n) as { text: string }).text)

async function road(stretches: readonly Stretch[]): Promise<readonly MarketEvent[]> {
  const taken = await openRoad({ dataDir, venue: tinyVenue(), stream: 'liquidations', source: 'live' }).take(stretches)
  return taken.events
}

describe('a recording', () => {
  it('keeps every frame in order, finds each by its receipt, and is readable as gzip', async () => {
    await recordBlocks(3, 4)
    const stretches = await readAll()
    expect(texts(stretches)).toEqual(expected(12))
    const events = await road(stretches)
    expect(events).toHaveLength(12)
    for (const [n, event] of events.entries()) expect(await readFrame(dataDir, event.receipt!)).toBe(expected(12)[n])
    const [segment] = await listSegments(folder())
    const plain = gunzipSync(await readFile(join(folder(), segment!.name))).toString('utf8')
    expect(plain.trim().split('\n')).toHaveLength(13)
  })

  it('resumes from every position with the same events', async () => {
    await recordBlocks(3, 4)
    const stretches = await readAll()
    const all = (await road(stretches)).map(({ id }) => id)
    for (const stretch of stretches) {
      for (let index = 0; index <= stretch.entries.length; index++) {
        const rest: Stretch[] = []
        for await (const next of readRecording(folder(), { ...stretch.position, index })) rest.push(next)
        const ids = (await road(rest)).map(({ id }) => id)
        expect(ids).toEqual(ids.length === 0 ? [] : all.slice(-ids.length))
        const before = stretches.filter(({ next }) => next.offset <= stretch.position.offset)
        const frames = texts(before).length + stretch.entries.slice(0, index).filter(isFrame).length
        expect(ids).toHaveLength(12 - frames)
      }
    }
  })

  it('is repaired after a cut at every byte of its last block, and loses nothing before it', async () => {
    const recorder = await openRecorder(shared())
    for (const n of [0, 1, 2]) {
      void recorder.append(frame(n))
      await recorder.flush()
    }
    const path = join(folder(), (await listSegments(folder()))[0]!.name)
    const whole = await readFile(path)
    await recorder.close()
    const last = (await readAll()).at(-1)!.position.offset
    for (let cut = last; cut < whole.length; cut++) {
      await writeFile(path, whole.subarray(0, cut))
      expect(texts(await readAll())).toEqual(expected(2))
      const report = await repair(folder())
      expect(report).toMatchObject({ repaired: 1, bytesCut: cut - last, framesKept: 2 })
      expect(texts(await readAll())).toEqual(expected(2))
      expect(await repair(folder())).toMatchObject({ repaired: 0, bytesCut: 0 })
    }
  })

  it('never takes a flipped bit for data: the block is refused and becomes a gap', async () => {
    await recordBlocks(3, 2)
    const stretches = await readAll()
    const path = join(folder(), (await listSegments(folder()))[0]!.name)
    const whole = await readFile(path)
    const middle = stretches[1]!
    for (let byte = middle.position.offset; byte < middle.next.offset; byte++) {
      const flipped = Buffer.from(whole)
      flipped[byte]! ^= 1 << (byte % 8)
      await writeFile(path, flipped)
      const found = await readAll()
      expect(texts(found)).toEqual([...expected(2), ...expected(6).slice(4)])
      const gaps = (await road(found)).filter(({ type }) => type === 'gap')
      expect(gaps).toMatchObject([{ channel: 'liquidations', from: 1_760_000_000_001, to: 1_760_000_000_004 }])
      const resumed: Stretch[] = []
      for await (const stretch of readRecording(folder(), middle.position)) resumed.push(stretch)
      expect((await road(resumed))[0]?.id).toBe(gaps[0]?.id)
    }
  })

  it('reports a lost end of a segment that is not the last', async () => {
    await recordBlocks(2, 2)
    const path = join(folder(), (await listSegments(folder()))[0]!.name)
    const { next } = (await readAll()).at(-1)!
    await truncate(path, next.offset - 5)
    now += 60_000
    const second = await openRecorder(shared())
    expect(second.repaired).toMatchObject({ repaired: 1, framesKept: 2 })
    await second.append(frame(9))
    await second.close()
    expect(await listSegments(folder())).toHaveLength(2)
    expect(texts(await readAll())).toEqual([...expected(2), (frame(9) as { text: string }).text])
  })

  it('seals segments by size and by age, names the instrument list at each head, and forgets what is old', async () => {
    const recorder = await openRecorder({ ...shared(), segmentBytes: 1, segmentMs: 1000 })
    recorder.setInstruments('list-a')
    for (const n of [0, 1, 2, 3]) {
      now += 5000
      await recorder.append(frame(n))
    }
    recorder.setInstruments('list-b')
    await recorder.append(frame(4))
    await recorder.close()
    const heads = (await readAll()).map(({ entries }) => entries[0]).filter((e) => e && !isFrame(e))
    expect(heads.map((head) => (head as { instruments?: string }).instruments)).toEqual([
      ...Array(4).fill('list-a'),
      'list-b',
    ])
    const segments = await listSegments(folder())
    expect(await forgetSegments(folder(), segments[3]!.started, 99)).toBe(2)
    expect(await forgetSegments(folder(), (now + 1e9) as UnixMs, segments[3]!.number)).toBe(1)
    expect((await readdir(folder())).length).toBe(2)
  })
})

/** A disk that fails when told to. */
function failingDisk(): { broken: 'write' | 'sync' | undefined; openFile: (path: string) => Promise<RecordFile> } {
  const disk = {
    broken: undefined as 'write' | 'sync' | undefined,
    openFile: async (path: string): Promise<RecordFile> => {
      const file = await open(path, 'wx')
      const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      return {
        write: async (bytes, offset, length, position) => {
          if (disk.broken !== 'write') return file.write(bytes, offset, length, position)
          await file.write(bytes, offset, Math.floor(length / 2), position)
          throw full
        },
        datasync: async () => {
          if (disk.broken === 'sync') throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })
          await file.datasync()
        },
        truncate: (length) => file.truncate(length),
        close: () => file.close(),
      }
    },
  }
  return disk
}

describe('a disk that refuses', () => {
  for (const [broken, code] of [
    ['write', 'disk-full'],
    ['sync', 'store-failed'],
  ] as const) {
    it(`${code}: nothing is acknowledged, drops are counted and become a gap, recording goes on by itself`, async () => {
      const disk = failingDisk()
      const troubles: (string | undefined)[] = []
      let recovered: () => void = () => undefined
      const recovery = new Promise<void>((resolve) => {
        recovered = resolve
      })
      const onTrouble = (error: { code: string } | undefined) => {
        troubles.push(error?.code)
        if (!error) recovered()
      }
      const recorder = await openRecorder({ ...shared(), openFile: disk.openFile, retryMs: 1, onTrouble })
      await recorder.append(frame(0))
      disk.broken = broken
      await expect(recorder.append(frame(1))).rejects.toMatchObject({ code })
      await expect(recorder.append(frame(2))).rejects.toMatchObject({ code })
      expect(recorder.dropped().frames).toBe(2)
      now += 500
      disk.broken = undefined
      await recovery
      await recorder.append(frame(3))
      await recorder.close()
      expect(recorder.dropped()).toEqual({ frames: 2, why: undefined })
      expect(troubles).toEqual([code, undefined])
      const stretches = await readAll()
      expect(texts(stretches)).toEqual([expected(1)[0], (frame(3) as { text: string }).text])
      const gaps = (await road(stretches)).filter(({ type }) => type === 'gap')
      expect(gaps).toMatchObject([{ from: 1_760_000_000_000, to: 1_760_000_000_500 }])
    })
  }
})

describe('a slow taker', () => {
  it('does not grow memory: what does not fit is read back from the recording, once and in order', async () => {
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const taken: string[] = []
    let failures = 2
    const stream = await openStream({
      dataDir,
      venue: tinyVenue(),
      stream: 'liquidations',
      channels: ['liquidations'],
      source: 'live',
      clock,
      queueEntries: 10,
      batchEntries: 7,
      timers: {
        after: (_ms, run) => {
          setImmediate(run)
          return () => undefined
        },
      },
      onBatch: async ({ events }) => {
        await held
        if (failures-- > 0) throw new Error('the store is away')
        taken.push(...events.map((event) => event.id))
      },
    })
    for (let n = 0; n < 200; n++) {
      const entry = frame(n) as { text: string; received: UnixMs }
      await stream.frame('1', entry.text, entry.received)
    }
    release()
    await stream.stop('done')
    const all = (await road(await readAll())).map(({ id }) => id)
    expect(taken).toEqual(all)
    expect(taken).toHaveLength(200)
  })
})
