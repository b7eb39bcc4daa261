/** `breakwater import <path>`: files in, events stored once, refusals kept; resumable, and the same again changes nothing. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Presets, SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { detect, type ImportTask, importerNamed, readMapping, tableImporter } from '../feed/index.ts'
import { type Log, silent, type UnixMs } from '../model/index.ts'
import { openStore, type Store } from '../store/index.ts'
import { type CommonOptions, configOf, stderrLog, withCommon } from './config.ts'
import { printJson, printLines, table } from './print.ts'

/** What one file gave. `duplicates` were in the store already, or stand twice in the file. */
export type Imported = {
  readonly path: string
  readonly as: string
  readonly events: number
  readonly stored: number
  readonly duplicates: number
  readonly rejected: number
  readonly resumedFrom: string | undefined
}

/** Adds the command. */
export function addImport(program: Command): void {
  withCommon(program.command('import').argument('<path>', 'file or folder'))
    .description('read recordings, archives and tables into the store')
    .option('--as <format>', 'the importer to use instead of detecting it (see docs/importing.md)')
    .option('--map <file>', 'a mapping file that says which column is what')
    .option('--again', 'start from the beginning even after an interrupted run')
    .action(async (path: string, options: CommonOptions & { as?: string; map?: string; again?: boolean }) => {
      const forced = options.map
        ? tableImporter(await readMapping(options.map))
        : options.as
          ? importerNamed(options.as)
          : undefined
      const { tasks, passedOver } = await detect(resolve(path), forced)
      const store = await openStore(configOf(options))
      try {
        const results: Imported[] = []
        const log = stderrLog(options.verbose)
        for (const task of tasks)
          results.push(await importFile(store, task, options.again === true, barOf(options.json), log))
        report(results, passedOver, options.json === true)
      } finally {
        await store.close()
      }
    })
}

/** Imports one file into a store: each chunk is acknowledged before its position is remembered. */
export async function importFile(
  store: Store,
  { path, importer }: ImportTask,
  again: boolean,
  progress?: Progress,
  log: Log = silent,
): Promise<Imported> {
  const facts = await stat(path)
  const stream = `import:${importer.id}:${path}`
  const version = `${facts.size}-${Math.floor(facts.mtimeMs)}`
  const remembered = again ? undefined : await store.checkpoint(stream)
  const from = remembered?.startsWith(`${version}:`) ? remembered.slice(version.length + 1) : undefined
  let [events, stored, duplicates, rejected] = [0, 0, 0, 0]
  for await (const chunk of importer.read(path, { received: Date.now() as UnixMs, from: from || undefined })) {
    const appended = await store.append(chunk.events)
    if (chunk.rejected.length > 0) await store.reject(chunk.rejected)
    await store.setCheckpoints([{ stream, position: `${version}:${chunk.position}` }])
    events += chunk.events.length
    stored += appended.stored
    duplicates += appended.duplicates
    rejected += chunk.rejected.length
    log('debug', 'a stretch is stored', { path, position: chunk.position, stored, duplicates, rejected })
    progress?.(path, chunk.done, chunk.total, events)
  }
  // Finished: the next run reads from the start again, and finds everything there.
  await store.setCheckpoints([{ stream, position: `${version}:` }])
  progress?.(path, 1, 1, events)
  return { path, as: importer.id, events, stored, duplicates, rejected, resumedFrom: from || undefined }
}

type Progress = (path: string, done: number, total: number, events: number) => void

/** A bar on stderr for people; nothing where stderr is no terminal or JSON is asked for. */
function barOf(json: boolean | undefined): Progress | undefined {
  if (json || !process.stderr.isTTY) return undefined
  const bar = new SingleBar(
    { format: '{bar} {percentage}% | {events} events | {file}', clearOnComplete: true, etaBuffer: 50 },
    Presets.rect,
  )
  let current = ''
  return (path, done, total, events) => {
    if (path !== current) {
      current = path
      bar.start(total, 0, { events: 0, file: path })
    }
    bar.update(done, { events })
    if (done >= total) {
      bar.stop()
      current = ''
    }
  }
}

function report(results: readonly Imported[], passedOver: readonly string[], json: boolean): void {
  if (json) {
    printJson({ files: results, passedOver })
    return
  }
  const rows = results.map((result) => [
    result.path.split('/').slice(-2).join('/'),
    result.as,
    String(result.events),
    String(result.stored),
    String(result.duplicates),
    String(result.rejected),
  ])
  printLines(table(['file', 'as', 'events', 'stored', 'already there', 'refused'], rows, [2, 3, 4, 5]))
  if (passedOver.length > 0) printLines([`not read: ${passedOver.join(', ')}`])
  if (results.some((result) => result.rejected > 0))
    printLines(['Refused records are kept with their reasons: `breakwater coverage --rejected`.'])
}
