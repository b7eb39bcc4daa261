/** One process per data directory: a lock file that names its owner, and is taken over when the owner is dead. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { breakwaterError } from '../model/index.ts'

/** Who holds a data directory. `started` distinguishes a process from a later one with the same pid. */
export type LockOwner = { readonly pid: number; readonly started: string; readonly url?: string | undefined }

/** Takes the directory (made if missing) and returns how to give it back. Refuses `data-directory-locked` while its owner lives. */
export function lockDirectory(directory: string, url?: string): () => void {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'breakwater.lock')
  const mine: LockOwner = { pid: process.pid, started: startOf(process.pid) ?? '', ...(url ? { url } : {}) }
  for (;;) {
    try {
      const handle = openSync(file, 'wx')
      writeSync(handle, `${JSON.stringify(mine)}\n`)
      fsyncSync(handle)
      closeSync(handle)
      return () => rmSync(file, { force: true })
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    }
    const owner = ownerOf(file)
    if (owner !== undefined && lives(owner)) throw locked(directory, owner)
    rmSync(file, { force: true })
  }
}

/** The owner written in a lock file; `undefined` when the file is gone or was cut off by a crash. */
function ownerOf(file: string): LockOwner | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LockOwner
  } catch {
    return undefined
  }
}

function lives(owner: LockOwner): boolean {
  try {
    process.kill(owner.pid, 0)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const started = startOf(owner.pid)
  return started === undefined || owner.started === '' || started === owner.started
}

/** When a process was started, as the kernel counts; `undefined` where that cannot be read (no /proc). */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function locked(directory: string, { pid, url }: LockOwner) {
  const ask = url ? `, or ask it over its API at ${url}` : ''
  return breakwaterError(
    'data-directory-locked',
    `the data directory ${directory} belongs to process ${pid}`,
    { directory, pid, url },
    { fix: `Stop process ${pid}${ask}, or use another directory with --data DIR.` },
  )
}
