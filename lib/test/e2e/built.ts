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
]

/** Builds the terminal if it is not there or older than what it is made of. */
export function buildTerminal(): void {
  const made = newest(join(WEB_ROOT, 'index.html'))
  if (made > 0 && SOURCES.every((source) => newest(join(ROOT, source)) <= made)) return
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js')
  execFileSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: join(ROOT, 'web'), stdio: 'pipe' })
}

/** What a browser loads for the whole terminal, bytes after gzip. */
export function terminalBytes(): number {
  const files = [join(WEB_ROOT, 'index.html'), ...readdirSync(join(WEB_ROOT, 'assets')).map(inAssets)]
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0)
}

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
