/** Instrument lists on disk, by content: recordings name the list they were decoded with, and the newest one serves when a venue cannot be reached. */
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { breakwaterError, canonical, type Instrument, type UnixMs } from '../model/index.ts'
import { INSTRUMENTS, recordingPath } from './recording.ts'

/** Keeps a list and returns the name of its file; the same list keeps one file, whose time says when it was last confirmed. */
export async function saveInstruments(
  dataDir: string,
  venue: string,
  list: readonly Instrument[],
  confirmed: UnixMs,
): Promise<string> {
  const folder = join(dataDir, recordingPath(venue), INSTRUMENTS)
  await mkdir(folder, { recursive: true })
  const sorted = [...list].sort((a, b) => (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : 0))
  const text = canonical(sorted)
  const name = `${createHash('sha256').update(text).digest('hex').slice(0, 24)}.json.gz`
  const path = join(folder, name)
  const exists = await stat(path).then(
    () => true,
    () => false,
  )
  if (!exists) {
    const file = await open(`${path}.new`, 'w')
    await file.writeFile(gzipSync(text))
    await file.sync()
    await file.close()
    await rename(`${path}.new`, path)
  }
  await utimes(path, confirmed / 1000, confirmed / 1000)
  return name
}

/** Reads a list by its name. Refuses (`data-directory-damaged`) when the file is gone or unreadable: the recording cannot be decoded as it was. */
export async function readInstruments(dataDir: string, venue: string, name: string): Promise<readonly Instrument[]> {
  const path = join(dataDir, recordingPath(venue), INSTRUMENTS, name)
  try {
    return JSON.parse(gunzipSync(await readFile(path)).toString('utf8')) as Instrument[]
  } catch (cause) {
    throw breakwaterError(
      'data-directory-damaged',
      `the instrument list ${name} of ${venue} cannot be read`,
      { path },
      { cause },
    )
  }
}

/** The list that was confirmed last, or `undefined` when there is none. */
export async function newestInstruments(
  dataDir: string,
  venue: string,
): Promise<{ readonly name: string; readonly list: readonly Instrument[]; readonly confirmed: UnixMs } | undefined> {
  const folder = join(dataDir, recordingPath(venue), INSTRUMENTS)
  const names = await readdir(folder).catch(() => [])
  let newest: { name: string; confirmed: UnixMs } | undefined
  for (const name of names.filter((each) => each.endsWith('.json.gz')).sort()) {
    const confirmed = Math.round((await stat(join(folder, name))).mtimeMs) as UnixMs
    if (!newest || confirmed > newest.confirmed) newest = { name, confirmed }
  }
  return newest && { ...newest, list: await readInstruments(dataDir, venue, newest.name) }
}
