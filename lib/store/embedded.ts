/** ClickHouse as a library in this process (chdb, https://github.com/chdb-io/chdb-node): the default store, under a data directory. */
import { join } from 'node:path'
import type { Session } from 'chdb'
import { breakwaterError, isBreakwaterError } from '../model/index.ts'
import type { SqlEngine } from './engine.ts'
import { lockDirectory } from './lock.ts'
import { migrate } from './migrate.ts'
import { SETTINGS } from './settings.ts'
import { sqlStore } from './sql-store.ts'
import type { Store } from './store.ts'

/** One session answers one query at a time: one writes, the others read. Queries run on libuv's threads, off the event loop. */
const READERS = 2
const DATABASE = 'breakwater'

/**
 * Opens (or makes) the store under `directory`. Refuses `data-directory-locked` while another process has it, `store-unsupported`
 * where the native library does not exist, `disk-full`, and `data-directory-damaged` when the engine cannot read it.
 */
export async function embeddedStore(directory: string, options: { lockUrl?: string | undefined } = {}): Promise<Store> {
  const chdb = await loadLibrary()
  const unlock = lockDirectory(directory, options.lockUrl)
  try {
    const engine = openEngine(chdb, join(directory, 'store'), unlock)
    try {
      await migrate(engine)
      return await sqlStore(engine)
    } catch (cause) {
      await engine.close()
      throw cause
    }
  } catch (cause) {
    unlock()
    throw cause
  }
}

async function loadLibrary(): Promise<typeof import('chdb')> {
  try {
    return await import('chdb')
  } catch (cause) {
    throw breakwaterError(
      'store-unsupported',
      `the embedded store has no library for ${process.platform}-${process.arch}`,
      { platform: process.platform, arch: process.arch },
      { cause },
    )
  }
}

function openEngine(chdb: typeof import('chdb'), path: string, unlock: () => void): SqlEngine {
  const sessions: Session[] = []
  try {
    for (let i = 0; i <= READERS; i++) {
      const session = new chdb.Session(path)
      sessions.push(session)
      if (i === 0) session.query(`CREATE DATABASE IF NOT EXISTS ${DATABASE}`)
      session.query(`USE ${DATABASE}`)
      for (const [name, value] of Object.entries(SETTINGS)) session.query(`SET ${name} = ${value}`)
    }
  } catch (cause) {
    for (const session of sessions) session.close()
    throw damaged(path, cause)
  }
  const [writer, ...readers] = sessions as [Session, ...Session[]]
  let turn = 0
  const running = new Set<Promise<unknown>>()
  const tracked = async <T>(work: Promise<T>): Promise<T> => {
    running.add(work)
    try {
      return await work
    } catch (cause) {
      throw failed(cause)
    } finally {
      running.delete(work)
    }
  }
  return {
    name: 'embedded',
    cluster: undefined,
    rows: async <R>(sql: string, params?: Readonly<Record<string, string | number>>) => {
      const reader = readers[turn++ % readers.length] as Session
      const options = { format: 'JSONEachRow' }
      const result = await tracked(
        params ? reader.queryBindAsync(sql, params, options) : reader.queryAsync(sql, options),
      )
      return parseRows<R>(result.text())
    },
    everywhere: async (sql) => {
      await tracked(writer.queryAsync(sql))
    },
    insert: async (table, columns, lines) => {
      await tracked(writer.insert({ table, columns, values: Buffer.from(lines), format: 'TabSeparated' }))
    },
    close: async () => {
      await Promise.allSettled(running)
      for (const session of sessions) session.close()
      await chdb.drainPending()
      unlock()
    },
  }
}

/** Rows of a JSONEachRow answer. */
export function parseRows<R>(text: string): R[] {
  const lines = text.trimEnd()
  return lines === '' ? [] : (JSON.parse(`[${lines.replaceAll('\n', ',')}]`) as R[])
}

function failed(cause: unknown) {
  if (isBreakwaterError(cause)) return cause
  const said = cause instanceof Error ? cause.message : String(cause)
  if (/NOT_ENOUGH_SPACE|No space left|Cannot reserve/i.test(said))
    return breakwaterError(
      'disk-full',
      'the disk of the data directory is full',
      { said: said.slice(0, 400) },
      { cause },
    )
  return breakwaterError(
    'store-failed',
    `the embedded store refused: ${said.slice(0, 400)}`,
    { said: said.slice(0, 400) },
    { cause },
  )
}

function damaged(path: string, cause: unknown) {
  const error = failed(cause)
  if (error.code === 'disk-full') return error
  const said = cause instanceof Error ? cause.message : String(cause)
  if (/only one active data directory per process/.test(said))
    return breakwaterError(
      'store-unsupported',
      `this process has another embedded store open, ${path} would be a second one`,
      { path },
      { cause, fix: 'Close the other store first; the engine serves one data directory per process.' },
    )
  return breakwaterError(
    'data-directory-damaged',
    `the store under ${path} cannot be opened: ${said.slice(0, 300)}`,
    { path },
    { cause },
  )
}
