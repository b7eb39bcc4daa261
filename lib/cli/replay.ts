/** `breakwater replay`: recordings down the road again, to the tape at any speed, or into a store to check that it gives the same. */
import type { Command } from 'commander'
import { parseInstant } from '../analytics/index.ts'
import { type Batch, replay } from '../feed/index.ts'
import { isLiquidation, type MarketEvent, toWire, type UnixMs } from '../model/index.ts'
import { memoryStore, openStore, type Store } from '../store/index.ts'
import { venues } from '../venues/index.ts'
import { type CommonOptions, configOf, numberFrom, stderrLog, withCommon } from './config.ts'
import { printJson, printLines } from './print.ts'
import { tapeLine } from './tape.ts'

type ReplayOptions = CommonOptions & {
  speed: number
  into?: string
  hash?: boolean
  from?: string
  to?: string
  demo?: boolean
}

/** Adds the command. */
export function addReplay(program: Command): void {
  withCommon(program.command('replay'))
    .description(
      'replay the recordings of a data directory: as a tape, into another store (--into DIR), or only for its content hash (--hash)',
    )
    .option('--speed <n>', '0 as fast as possible, 1 as it happened, N times as fast', numberFrom(0), 0)
    .option('--into <dir>', 'store the events in this data directory')
    .option('--hash', 'print the content hash of what the recording gives; equal to the hash of the store it filled')
    .option('--from <time>', 'only events from here on')
    .option('--to <time>', 'only events before')
    .option('--demo', 'the recordings of the demo')
    .action(run)
}

async function run(options: ReplayOptions): Promise<void> {
  const { data } = configOf(options)
  const aborted = new AbortController()
  process.once('SIGINT', () => aborted.abort())
  const store =
    options.into !== undefined ? await openStore({ data: options.into }) : options.hash ? memoryStore() : undefined
  const now = Date.now() as UnixMs
  const from = options.from === undefined ? 0 : parseInstant(options.from, now)
  const to = options.to === undefined ? Number.POSITIVE_INFINITY : parseInstant(options.to, now)
  const inside = (event: MarketEvent) => event.time >= from && event.time < to
  try {
    const progress = await replay({
      dataDir: data,
      venues,
      speed: options.speed,
      source: 'recorded',
      signal: aborted.signal,
      log: stderrLog(options.verbose),
      onBatch: (batch) => (store ? keep(store, batch, inside) : show(batch, inside, options.json === true)),
    })
    const hash = store && (await store.contentHash())
    if (store && options.json) printJson({ ...progress, hash })
    else if (store)
      printLines([
        `${progress.frames} frames of ${progress.streams} streams: ${progress.events} events, ${progress.rejected} refused`,
        `content hash ${hash}`,
      ])
  } finally {
    await store?.close()
  }
}

async function keep(store: Store, { events, rejected }: Batch, inside: (event: MarketEvent) => boolean): Promise<void> {
  await store.append(events.filter(inside))
  if (rejected.length > 0) await store.reject(rejected)
}

async function show({ events }: Batch, inside: (event: MarketEvent) => boolean, json: boolean): Promise<void> {
  for (const event of events) {
    if (!inside(event) || (!isLiquidation(event) && event.type !== 'gap')) continue
    process.stdout.write(`${json ? toWire(event) : tapeLine(event)}\n`)
  }
}
