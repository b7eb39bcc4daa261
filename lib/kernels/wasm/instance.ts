/** WebAssembly where it exists, at once and without waiting: a module from its base64, on a memory of a given size. */
import { bytesOfBase64 } from './base64.ts'

/** What is used of WebAssembly (https://webassembly.github.io/spec/js-api/): Node, browsers and workers have it under this name. */
type Wasm = {
  readonly validate: (bytes: Uint8Array) => boolean
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> }
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
}

const PAGE_BYTES = 65_536
const compiled = new Map<string, object>()

/** A running module and its memory. */
export type WasmInstance = { readonly exports: Readonly<Record<string, unknown>>; readonly buffer: ArrayBuffer }

/**
 * Starts a module with `bytes` of memory of its own. `undefined` where there is no WebAssembly with 128-bit SIMD (browsers before 2021–2023)
 * or the page's content security policy forbids it (it needs `wasm-unsafe-eval`): the TypeScript kernels do the same work there.
 */
export function wasmInstance(base64: string, bytes: number): WasmInstance | undefined {
  const wasm = (globalThis as { readonly WebAssembly?: Wasm }).WebAssembly
  const module = wasm && moduleOf(wasm, base64)
  if (!wasm || !module) return undefined
  const memory = new wasm.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE_BYTES)) })
  return { exports: new wasm.Instance(module, { env: { memory } }).exports, buffer: memory.buffer }
}

function moduleOf(wasm: Wasm, base64: string): object | undefined {
  const before = compiled.get(base64)
  if (before) return before
  const bytes = bytesOfBase64(base64)
  if (!wasm.validate(bytes)) return undefined
  try {
    const module = new wasm.Module(bytes)
    compiled.set(base64, module)
    return module
  } catch {
    return undefined
  }
}
