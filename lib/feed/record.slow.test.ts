import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canonical, type MarketEvent, prng } from '../model/index.ts'
import { tinyVenue } from '../test/tiny-venue.ts'
import { readRecording, recordingPath } from './recording.ts'
import { catchUp, replay } from './replay.ts'
import { isFrame } from './segment.ts'

const CHILD = resolve(import.meta.dirname, '../test/recording-child.ts')
const venues = new Map([['tiny', tinyVenue()]])
let dataDir: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'breakwater-crash-'))
})
afterAll(() => rm(dataDir, { recursive: true }))

/** Runs the child until it has acknowledged `count` frames, kills it, and answers the last number it acknowledged. */
async function recordUntilKilled(first: number, count: number): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', CHILD, dataDir, String(first)])
  let last = first - 1
  let rest = ''
  let errors = ''
  child.stderr?.on('data', (data) => {
    errors += data
  })
  child.stdout?.on('data', (data) => {
    const lines = (rest + data).split('\n')
    rest = lines.pop() ?? ''
    if (lines.length > 0) last = Number(lines.at(-1))
    if (last - first >= count) child.kill('SIGKILL')
  })
  const signal = await new Promise((done) => child.on('close', (_code, by) => done(by)))
  expect(signal, errors).toBe('SIGKILL')
  return last
}

async function recordedNumbers(): Promise<number[]> {
  const numbers: number[] = []
  for await (const { entries, damage } of readRecording(join(dataDir, recordingPath('tiny', 'liquidations')))) {
    expect(damage).toBeUndefined()
    for (const entry of entries) if (isFrame(entry)) numbers.push(Number(JSON.parse(entry.text).rows[0][0].slice(1)))
  }
  return numbers
}

const hashOf = (events: Iterable<MarketEvent>) =>
  createHash('sha256')
    .update(canonical([...events].sort((a, b) => (a.id < b.id ? -1 : 1))))
    .digest('hex')

describe('a process that is killed while it records', () => {
  it('ten times: every acknowledged frame is there once, the tail is repaired, and a replay gives the same events', async () => {
    const chance = prng('kill').fork('moments')
    const store = new Map<string, MarketEvent>()
    let checkpoint: string | undefined
    let first = 0
    for (let round = 0; round < 10; round++) {
      const acknowledged = await recordUntilKilled(first, 1 + chance.int(4000))
      const caught = await catchUp({
        dataDir,
        venues,
        checkpoint: async () => checkpoint,
        onBatch: async ({ events, position }) => {
          for (const event of events) {
            expect(store.has(event.id)).toBe(false)
            store.set(event.id, event)
          }
          checkpoint = position
        },
      })
      expect(caught.repairs.get('tiny/liquidations')?.repaired).toBeLessThanOrEqual(1)
      const numbers = await recordedNumbers()
      // In order, without a hole and without a repetition, at least as far as was acknowledged.
      expect(numbers).toEqual(numbers.map((_, n) => n))
      expect(numbers.length).toBeGreaterThan(acknowledged)
      first = numbers.length
    }
    for (const batchEntries of [1, 37, 100_000]) {
      const replayed: MarketEvent[] = []
      await replay({
        ...{ dataDir, venues, speed: 0, source: 'live' as const, batchEntries },
        onBatch: async ({ events }) => {
          replayed.push(...events)
        },
      })
      expect(replayed).toHaveLength(first)
      expect(hashOf(replayed)).toBe(hashOf(store.values()))
    }
  })
})
