/** The full scan of isolated positions in WebAssembly SIMD: the same screen, the same hits, two positions per instruction. */
import { assert } from '../../model/index.ts'
import { type IsolatedScreen, isolatedScreen, screenOver } from '../screen/isolated.ts'
import { wasmInstance } from './instance.ts'
import { screenModule } from './screen-module.ts'

type Scan = (base: number, slope: number, hits: number, x: number, count: number) => number

/** A screen scanned by WebAssembly, or `undefined` where it is not to be had. Throws RangeError when memory for the columns is not. */
export function wasmIsolatedScreen(capacity: number): IsolatedScreen | undefined {
  assert(Number.isInteger(capacity) && capacity > 0, 'a screen holds at least one position')
  const places = Math.ceil(capacity / 16) * 16
  const instance = wasmInstance(screenModule, places * 20)
  if (!instance) return undefined
  const { buffer, exports } = instance
  const scan = exports['isolated'] as Scan
  const slopeAt = places * 8
  const hitsAt = places * 16
  return screenOver({
    base: new Float64Array(buffer, 0, places),
    slope: new Float64Array(buffer, slopeAt, places),
    hits: new Int32Array(buffer, hitsAt, capacity),
    scan: (x, count) => scan(0, slopeAt, hitsAt, x, count),
  })
}

/** The fastest screen to be had here. */
export function fastestIsolatedScreen(capacity: number): IsolatedScreen {
  return wasmIsolatedScreen(capacity) ?? isolatedScreen(capacity)
}
