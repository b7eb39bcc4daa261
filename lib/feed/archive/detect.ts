/** Which importer a path is for: by its first bytes, or by name with `--as`. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { breakwaterError } from '../../model/index.ts'
import { aaveV2 } from './aave-v2.ts'
import { binanceForceorder } from './binance-forceorder.ts'
import { binanceSnapshot } from './binance-snapshot.ts'
import { breakwaterEvents } from './breakwater-events.ts'
import { hyperliquidFills } from './hyperliquid-fills.ts'
import type { Candidate, Importer } from './importer.ts'
import { headOf } from './open.ts'
import { recordingImporter } from './recording-importer.ts'
import { tardis } from './tardis.ts'

/** Every importer by its id. A table with a mapping file has no id of its own: `--map` chooses it. */
export const importers: ReadonlyMap<string, Importer> = new Map(
  [aaveV2, binanceForceorder, binanceSnapshot, breakwaterEvents, hyperliquidFills, recordingImporter, tardis].map(
    (importer) => [importer.id, importer],
  ),
)

/** One thing to import. */
export type ImportTask = { readonly path: string; readonly importer: Importer }

/**
 * What to import at a path: the folder as a whole when an importer claims it, else every file that one claims.
 * `as` forces an importer. Refuses (`unknown-format`) when nothing is claimed, listing what was looked at.
 */
export async function detect(path: string, as?: Importer): Promise<{ tasks: ImportTask[]; passedOver: string[] }> {
  const facts = await stat(path).catch((cause) => {
    throw breakwaterError('not-found', `there is nothing at ${path}`, { path }, { cause })
  })
  if (as) return { tasks: [{ path, importer: as }], passedOver: [] }
  const whole = await claimant(path, facts.isDirectory())
  if (whole) return { tasks: [{ path, importer: whole }], passedOver: [] }
  const tasks: ImportTask[] = []
  const passedOver: string[] = []
  if (facts.isDirectory()) {
    for (const entry of (await readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!entry.isFile()) continue
      const file = join(path, entry.name)
      const importer = await claimant(file, false)
      if (importer) tasks.push({ path: file, importer })
      else passedOver.push(entry.name)
    }
  } else passedOver.push(basename(path))
  if (tasks.length > 0) return { tasks, passedOver }
  throw breakwaterError(
    'unknown-format',
    `no importer knows ${path} (looked at ${passedOver.slice(0, 5).join(', ') || 'an empty folder'})`,
    { path },
    {
      fix: `Name the format with --as (${[...importers.keys()].join(', ')}), or describe the columns with --map FILE (see docs/importing.md).`,
    },
  )
}

/** The importer of a name. Refuses (`unknown-format`) with the names there are. */
export function importerNamed(id: string): Importer {
  const found = importers.get(id)
  if (found) return found
  throw breakwaterError(
    'unknown-format',
    `there is no importer '${id}'`,
    { id },
    { fix: `Use one of ${[...importers.keys()].join(', ')}.` },
  )
}

async function claimant(path: string, isFolder: boolean): Promise<Importer | undefined> {
  const candidate: Candidate = {
    path,
    isFolder,
    entries: isFolder ? await readdir(path) : [],
    head: isFolder ? '' : await headOf(path),
  }
  const claims = [...importers.values()].filter((importer) => importer.claims(candidate))
  if (claims.length <= 1) return claims[0]
  throw breakwaterError(
    'unknown-format',
    `${claims.map(({ id }) => id).join(' and ')} both know ${path}`,
    { path },
    { fix: 'Choose one with --as.' },
  )
}
