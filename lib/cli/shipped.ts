/** The table of real daily figures that ships with the package, so that the record book is not empty on a fresh machine. */
import { readFile } from 'node:fs/promises'
import { breakwaterError } from '../model/index.ts'
import type { ShippedRecord } from '../store/index.ts'

let loaded: Promise<readonly ShippedRecord[]> | undefined

/** Reads the table once. It lies beside the compiled program as beside the sources. */
export function shippedDays(): Promise<readonly ShippedRecord[]> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<readonly ShippedRecord[]> {
  for (const place of ['../data/daily.json', '../../data/daily.json']) {
    const text = await readFile(new URL(place, import.meta.url), 'utf8').catch(() => undefined)
    if (text !== undefined) return (JSON.parse(text) as { records: readonly ShippedRecord[] }).records
  }
  throw breakwaterError(
    'bad-file',
    'the table of daily figures is missing from the package',
    {},
    { fix: 'Install the package again.' },
  )
}
