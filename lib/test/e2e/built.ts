/** The built terminal: made again when a source of it is newer. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { WEB_ROOT } from './world.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const SOURCES = [
  'web/src',
  'web/index.html',
  'web/vite.config.ts',
  'lib/model',
  'lib/analytics',
  'lib/venues',
  'lib/mechanisms',
  'lib/kernels',
  'lib/sim',
]

/** Builds the terminal if it is not there or older than what it is made of. */
export function buildTerminal(): void {
  const made = newest(join(WEB_ROOT, 'index.html'))
  if (made > 0 && SOURCES.every((source) => newest(join(ROOT, source)) <= made)) return
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js')
  execFileSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: join(ROOT, 'web'), stdio: 'pipe' })
}

/** What a browser loads, bytes after gzip: before the first page stands, and for each page that computes when it is first opened. */
export type Weights = { readonly first: number; readonly pages: Readonly<Record<string, number>> }

/** Weighs the built terminal. */
export function terminalWeights(): Weights {
  const page = readFileSync(join(WEB_ROOT, 'index.html'), 'utf8')
  const first = new Set(
    [...page.matchAll(/assets\/([\w.-]+\.(?:js|css))/g)].flatMap(([, name]) => withImports(name as string)),
  )
  const assets = readdirSync(join(WEB_ROOT, 'assets'))
  const lazy = assets.filter((name) => name.endsWith('.js') && !first.has(name))
  const pages = lazy.map((name): readonly [string, number] => {
    const styles = assets.filter((other) => other.endsWith('.css') && stemOf(other) === stemOf(name))
    const files = new Set([...withImports(name), ...styles].filter((one) => !first.has(one)))
    return [stemOf(name), weightOf([...files].map(inAssets))]
  })
  return {
    first: weightOf([join(WEB_ROOT, 'index.html'), ...[...first].map(inAssets)]),
    pages: Object.fromEntries(pages),
  }
}

/** A file and everything that it cannot run without. */
function withImports(name: string, seen: string[] = []): readonly string[] {
  if (seen.includes(name)) return seen
  seen.push(name)
  if (!name.endsWith('.js')) return seen
  const text = readFileSync(inAssets(name), 'utf8')
  for (const [, next] of text.matchAll(/\bimport\s*(?:[\w*{][^"'()]*?from\s*)?["']\.\/([^"']+)["']/g))
    withImports(next as string, seen)
  return seen
}

const stemOf = (name: string) => name.replace(/-.{8}\.\w+$/, '')

const weightOf = (files: readonly string[]) => files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0)

function inAssets(name: string): string {
  return join(WEB_ROOT, 'assets', name)
}

/** When the newest file below a path was changed; 0 where there is none. */
function newest(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return 0
  if (!stats.isDirectory()) return /\.test\.ts$/.test(path) ? 0 : stats.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}
