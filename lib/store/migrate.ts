/** Brings a store to this build's schema, version by version, and refuses one that is newer than the build. */
import { breakwaterError } from '../model/index.ts'
import type { SqlEngine } from './engine.ts'
import { META_TABLE, MIGRATIONS, type Migration } from './schema.ts'

/** The version a store is at; 0 for an empty one. */
export async function schemaVersion(engine: SqlEngine): Promise<number> {
  const [row] = await engine.rows<{ version: number }>('SELECT max(version) AS version FROM schema_versions')
  return row?.version ?? 0
}

/**
 * Applies the migrations that are missing and returns the version reached. Each step can be repeated: a crash between a step and
 * its entry in `schema_versions` repeats it at the next start. Refuses `store-unsupported` when the store was written by a newer build.
 */
export async function migrate(engine: SqlEngine, migrations: readonly Migration[] = MIGRATIONS): Promise<number> {
  await engine.everywhere(META_TABLE, 'any')
  const target = migrations.at(-1)?.version ?? 0
  const found = await schemaVersion(engine)
  if (found > target)
    throw breakwaterError(
      'store-unsupported',
      `the store has schema version ${found}, this build knows versions up to ${target}`,
      { found, target },
      { fix: 'Use the newer Breakwater that wrote it, or a fresh --data directory.' },
    )
  for (const { version, about, statements } of migrations) {
    if (version <= found) continue
    for (const statement of statements({ cluster: engine.cluster })) await engine.everywhere(statement, 'all')
    await engine.everywhere(`INSERT INTO schema_versions (version, about) VALUES (${version}, '${about}')`, 'all')
  }
  return target
}
