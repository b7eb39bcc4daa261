import { describe, expect, it } from 'vitest'
import type { MarketEvent } from '../model/index.ts'
import { memoryStore } from './memory.ts'
import { everyEvent, randomBatches } from './sample.ts'
import type { Store } from './store.ts'
import { batchingWriter } from './writer.ts'

/** A store whose appends wait until they are let go, and the sizes of the batches it was given. */
function gated() {
  const store = memoryStore()
  const sizes: number[] = []
  const gates: (() => void)[] = []
  const append: Store['append'] = async (events) => {
    sizes.push(events.length)
    await new Promise<void>((resolve) => gates.push(resolve))
    return store.append(events)
  }
  const letGo = async () => {
    while (gates.length === 0) await new Promise((resolve) => setImmediate(resolve))
    gates.shift()?.()
  }
  return { store, append, sizes, letGo }
}

const some = (venue: string, count: number): MarketEvent[] => everyEvent(venue).slice(0, count)

describe('the batching writer', () => {
  it('answers every append when its batch is stored, many appends in few batches', async () => {
    const store = memoryStore()
    const sizes: number[] = []
    const append: Store['append'] = (events) => {
      sizes.push(events.length)
      return store.append(events)
    }
    const writer = batchingWriter({ append }, { maxRows: 50, maxWaitMs: 5 })
    const batches = randomBatches('writer', 300, ['w'])
    await Promise.all(batches.flat().map((event) => writer.append([event])))
    expect(sizes.length).toBeLessThan(20)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50)
    const plain = memoryStore()
    for (const batch of batches) await plain.append(batch)
    expect(await store.contentHash()).toBe(await plain.contentHash())
    await writer.close()
  })

  it('does not acknowledge before the store does', async () => {
    const { store, append, letGo } = gated()
    const writer = batchingWriter({ append }, { maxRows: 2 })
    let done = false
    const first = writer.append(some('a', 2)).then(() => {
      done = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(done).toBe(false)
    expect(writer.queued()).toBe(2)
    await letGo()
    await first
    expect((await store.facts()).events).toBe(2)
    expect(writer.queued()).toBe(0)
  })

  it('holds callers back when the queue is full, and refuses what does not fit', async () => {
    const { append, letGo } = gated()
    const writer = batchingWriter({ append }, { maxRows: 4, maxQueued: 4 })
    const first = writer.append(some('a', 4))
    let ready = false
    const waiting = writer.ready().then(() => {
      ready = true
    })
    await expect(writer.append(some('b', 1))).rejects.toMatchObject({ code: 'overloaded', retryable: true })
    expect(ready).toBe(false)
    await letGo()
    await waiting
    await first
    const second = writer.append(some('b', 1))
    const flushed = writer.flush()
    await letGo()
    await Promise.all([second, flushed])
  })

  it('rejects the appends of a batch that failed, and only those', async () => {
    let broken = true
    const store = memoryStore()
    const append: Store['append'] = (events) => (broken ? Promise.reject(new Error('full')) : store.append(events))
    const writer = batchingWriter({ append }, { maxRows: 1 })
    await expect(writer.append(some('a', 1))).rejects.toThrow('full')
    broken = false
    await expect(writer.append(some('a', 1))).resolves.toMatchObject({ stored: 1 })
    await writer.close()
    await expect(writer.append(some('a', 1))).rejects.toMatchObject({ code: 'store-closed' })
  })
})
