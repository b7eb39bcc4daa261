import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

type Build = {
  readonly compileWasm: (name: string) => Promise<Uint8Array>
  readonly moduleText: (name: string, bytes: Uint8Array) => string
}

it.each(['histogram', 'screen'])('%s-module.ts is what its source compiles to', async (name) => {
  const build = (await import(new URL('../../../scripts/build-wasm.mjs', import.meta.url).href)) as Build
  const text = readFileSync(new URL(`./${name}-module.ts`, import.meta.url), 'utf8')
  expect(text).toBe(build.moduleText(name, await build.compileWasm(name)))
})
