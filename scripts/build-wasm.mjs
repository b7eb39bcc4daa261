// Compiles the AssemblyScript sources of lib/kernels/wasm and writes each module as base64 into a TypeScript file beside it.
// `node scripts/build-wasm.mjs` writes; `compileWasm(name)` only compiles, so that a test can hold the checked-in bytes against the source.
import { readFileSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const FOLDER = new URL('../lib/kernels/wasm/', import.meta.url)
const MODULES = ['histogram', 'screen']

/** The bytes of one module. The sources are named `.as`, because they are no TypeScript, and shown to the compiler as `.ts`. */
export async function compileWasm(name) {
  let binary
  const messages = []
  const { error } = await asc.main(
    [
      `${name}.ts`,
      '--outFile',
      `${name}.wasm`,
      '-O3',
      '--runtime',
      'stub',
      '--importMemory',
      '--noAssert',
      '--enable',
      'simd',
    ],
    {
      stdout: { write: (text) => messages.push(String(text)) },
      stderr: { write: (text) => messages.push(String(text)) },
      readFile: (path) => (path === `${name}.ts` ? readFileSync(new URL(`${name}.as`, FOLDER), 'utf8') : null),
      writeFile: (path, contents) => {
        if (path === `${name}.wasm`) binary = contents
      },
      listFiles: () => [],
    },
  )
  if (error || binary === undefined) throw new Error(`${name}.as does not compile: ${messages.join('')}`)
  return binary
}

/** The TypeScript file that carries a module. */
export function moduleText(name, bytes) {
  const words = Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,110}/g)
  const lines = words.map((word) => `  '${word}',`).join('\n')
  return `/** Compiled from ${name}.as by scripts/build-wasm.mjs: change the source, not this file. */

/** The ${bytes.length} bytes of the WebAssembly module, in base64. */
export const ${name}Module = [
${lines}
].join('')
`
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of MODULES) {
    const bytes = await compileWasm(name)
    writeFileSync(new URL(`${name}-module.ts`, FOLDER), moduleText(name, bytes))
    process.stdout.write(`lib/kernels/wasm/${name}-module.ts: ${bytes.length} bytes\n`)
  }
}
