import { describe, expect, it } from 'vitest'
import { prng } from '../../model/index.ts'
import type { IsolatedScreen } from '../screen/isolated.ts'
import { type SlackLine, slackLine } from '../screen/line.ts'
import { plainScan } from '../screen/plain.ts'
import { bytesOfBase64 } from './base64.ts'
import { wasmInstance } from './instance.ts'
import { fastestIsolatedScreen, wasmIsolatedScreen } from './isolated.ts'

const BRACKETS = [{ rate: 0.004, deduction: 0 }]

/** Random lines, a third of them exactly on the boundary at the first price; some places empty. */
function fill(screen: IsolatedScreen, seed: string): (SlackLine | undefined)[] {
  const chance = prng(seed)
  return Array.from({ length: screen.capacity }, (_, id) => {
    if (chance.next() < 0.1) return undefined
    const size = chance.normal()
    const entry = 60_000 * (0.9 + 0.2 * chance.next())
    const line = slackLine({ size, entry, margin: (Math.abs(size) * entry) / (1 + chance.int(20)) }, BRACKETS)
    const placed = chance.next() < 0.33 ? { base: -60_000 * line.slope, slope: line.slope } : line
    screen.set(id, placed)
    return placed
  })
}

describe('the scan of isolated positions in WebAssembly', () => {
  it.each([1, 2, 15, 16, 17, 31, 32, 47, 1000])('agrees with the plain twin exactly, with %i places', (capacity) => {
    const screen = wasmIsolatedScreen(capacity) as IsolatedScreen
    const lines = fill(screen, `wasm ${capacity}`)
    const chance = prng(`wasm prices ${capacity}`)
    for (const mark of [60_000, ...Array.from({ length: 200 }, () => 60_000 * (1 + 0.1 * chance.normal()))]) {
      const id = chance.int(capacity)
      screen.remove(id)
      lines[id] = undefined
      const count = screen.scan(mark)
      expect([...screen.hits.subarray(0, count)]).toEqual(plainScan(lines, mark))
    }
  })

  it('finds all when all are below zero, and writes no number beyond the last', () => {
    const screen = fastestIsolatedScreen(100)
    for (let id = 0; id < 100; id++) screen.set(id, { base: -1, slope: 0 })
    expect(screen.scan(1)).toBe(100)
    expect([...screen.hits]).toEqual(Array.from({ length: 100 }, (_, id) => id))
  })

  it('does without where there is none', () => {
    expect(wasmInstance('AGFzbQEAAAB/', 1)).toBeUndefined()
  })

  it('reads base64 as others do', () => {
    for (let length = 0; length < 40; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + length) & 0xff)
      expect([...bytesOfBase64(Buffer.from(bytes).toString('base64'))]).toEqual([...bytes])
    }
    expect(() => bytesOfBase64('AA-A')).toThrow(RangeError)
  })
})
