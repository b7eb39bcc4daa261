/** A worker thread of a file beside the caller, whether sources are run as they are (by tsx or the tests) or compiled. */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

/** Starts `name`, a module beside the one whose `import.meta.url` is given. */
export function startThread(beside: string, name: string, workerData?: unknown): Worker {
  const isSource = beside.endsWith('.ts')
  const file = new URL(`./${name}.${isSource ? 'ts' : 'js'}`, beside)
  if (!isSource) return new Worker(file, { workerData })
  // A worker of Node 20 does not inherit the loader of TypeScript: it asks for it by itself.
  const loader = pathToFileURL(
    createRequire(import.meta.url)
      .resolve('tsx/esm/api')
      .replace(/cjs$/, 'mjs'),
  ).href
  const [from, entry] = [loader, file.href].map((one) => JSON.stringify(one))
  const start = `import(${from}).then(({ register }) => (register(), import(${entry})))`
  return new Worker(start, { eval: true, workerData })
}
